"""A unit's page, from its contract, its lesson and what its reference reached."""

from __future__ import annotations

import re
from pathlib import Path

from course.contract.terms.report import Term
from course.learning.promised import MEMO, asked
from course.learning.promised import About as Clause
from course.units.base import Unit
from pages.drawing import reached
from pages.glossary import Glossary
from pages.literature import literature
from pages.order import Order, hours, ships, short


def page(name: str, order: Order, glossary: Glossary, root: Path) -> str:
    """The page's Markdown."""
    unit = order.units[name]
    about, seen = unit.about, set()

    def linked(text: str) -> str:
        return glossary.link(plain(text), seen)

    terms = sorted(unit.terms, key=lambda term: term.hidden)
    picture = reached({term.name: term for term in unit.terms}, unit.par())
    lines = [
        f"# {short(name)} {unit.title}",
        f"> *{unit.brief}*\n",
        linked(about.story) + "\n",
        f"- **You ship** {ships(unit)}",
        f"- **Time** some {hours(about.total)}: {about.plan}",
        f"- **Builds on** {_links(order, about.builds_on) or 'no other unit'}",
        f"- **All that comes before** {_links(order, order.before(name)) or 'nothing'}",
        f"- **Needed by** {_links(order, order.needed_by(name)) or 'no unit so far'}",
        f"- **Begin** with `course start {short(name)}`, or in `release/{name}/`: [how](../learners.md#the-first-hour)",
        "\n## Afterwards you can",
        *(f"- {linked(one)}" for one in about.objectives),
        "\n## What you hand in",
        *(f"- `{file}`, {plain(what)}" for file, what in unit.handed_in.items()),
        "\nHow: [handing in](../learners.md#handing-in).",
        "\n## The contract",
        _contract(unit, terms),
        *(f"### {plain(term.title)}\n{_clause(term, linked)}\n" for term in terms),
        *(["## An example", plain(unit.example) + "\n"] if unit.example else []),
        "## Estimates",
        "Each is one number, worked out from the brief. Their answers are in the worked solution.\n",
        *(f"1. {linked(one.question)} (in {one.unit})" for one in unit.estimates.values()),
        *(
            ["\n## What the reference reaches", picture, "\n*The public hold-out; the line is what is asked.*"]
            * bool(picture)
        ),
        "\n## Where this comes from",
        *(f"- {entry}" for entry in literature(root / "source" / name / "lesson.py")),
        "\n## Data",
        *(
            f"- {one}"
            for one in about.data or ("All of it is made by the unit itself, from the key: there is no other data.",)
        ),
        "\n[Licences of everything](../data.md).",
    ]
    return "\n".join(lines) + "\n"


def table(order: Order) -> str:
    """All units: what they are about, what they take, what they build on."""
    rows = ["| Unit | The question | You ship | Minutes | Builds on |", "| --- | --- | --- | --- | --- |"]
    for name, unit in order.units.items():
        cells = (
            f"[{short(name)} {unit.title}](units/{name}.md)", f"*{unit.brief}*", f"{ships(unit)}",
            f"{unit.about.total}", ", ".join(f"[{short(one)}](units/{one}.md)" for one in unit.about.builds_on) or "–",
        )  # fmt: skip
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def _links(order: Order, names: tuple[str, ...]) -> str:
    return ", ".join(f"[{short(name)} {order.units[name].title}]({name}.md)" for name in names)


def _contract(unit: Unit, terms: list[Term]) -> str:
    """What is asked, in a table: a row a clause."""
    rows = ["| Clause | Asked for | Points |", "| --- | --- | --- |"]
    for term in terms:
        title = plain(term.title)
        place = f"[{title}](#{anchor(title)})"
        hidden = " (measured at grading)" if term.hidden else ""
        rows.append(f"| {place}{hidden} | {plain(asked(term))} | {f'{term.worth:g}' if term.worth else 'no'} |")
    rows.append(f"| Design memo | marked by hand, with its rubric | {MEMO} |")
    rows.append(f"| **Together** | | **{sum(term.worth for term in terms) + MEMO:g}** |\n")
    return "\n".join(rows)


def _clause(term: Term, linked) -> str:
    return "\n\n".join(linked(text) for text in Clause(term).paragraphs)


def anchor(title: str) -> str:
    """The anchor that MyST gives a heading, as GitHub does."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def plain(text: str) -> str:
    """A text of a contract as Markdown: signs that would become markup are kept as they are; code stays code."""
    parts = re.split(r"(`[^`]*`)", " ".join(text.split()))
    return "".join(part if at % 2 else re.sub(r"([<|])", r"\\\1", part) for at, part in enumerate(parts))
