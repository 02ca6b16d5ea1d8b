"""Three ways through the course, from the units: an interview next month, a term of 13 weeks, all of it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from pages.order import Order, SiteProblem, hours, ships, short

WEEKS = 13
#: How many units the way to an interview has.
INTERVIEW = 12
LAST = "f13-capstone"


@dataclass(frozen=True)
class Week:
    """A foundation, and the questions that fit it: of these, one is done."""

    foundation: str
    questions: tuple[str, ...]

    def minutes(self, order: Order) -> int:
        """Minutes of the foundation and of the longest of its questions."""
        longest = max((order.minutes([name]) for name in self.questions), default=0)
        return order.minutes([self.foundation] if self.foundation else []) + longest


def interview(order: Order, file: Path) -> tuple[str, ...]:
    """The units of the first way, in the order of the course.

    Raises SiteProblem if one is no unit, or needs one that isn't among those before it.
    """
    names = tuple(tomllib.loads(file.read_text(encoding="utf-8"))["interview"])
    if len(names) != INTERVIEW or len(set(names)) != INTERVIEW:
        raise SiteProblem(f"{file.name} must name {INTERVIEW} different units for an interview, not {len(names)}.")
    for at, name in enumerate(names):
        if name not in order.units:
            raise SiteProblem(f"{file.name} names {name}, which is no unit.")
        if missing := set(order.builds_on[name]) - set(names[:at]):
            raise SiteProblem(f"{file.name} has {name} before {', '.join(sorted(missing))}, on which it builds.")
    return names


def weeks(order: Order) -> tuple[Week, ...]:
    """A term: a foundation a week, with the questions whose last foundation it is; then the last week."""
    foundations = [name for name in order.units if name[0] == "f" and name != LAST]
    if len(foundations) > WEEKS - 1:
        raise SiteProblem(f"A term has {WEEKS - 1} weeks for foundations, and there are {len(foundations)}.")
    questions = [name for name in order.units if name[0] != "f"]
    last = {name: max((one for one in order.before(name) if one[0] == "f"), default="") for name in questions}
    if alone := [name for name, foundation in last.items() if not foundation]:
        raise SiteProblem(f"{', '.join(alone)} must build on a foundation, or the term has no week for it.")
    found = [Week(name, tuple(one for one in questions if last[one] == name)) for name in foundations]
    end = Week(LAST, ()) if LAST in order.units else Week("", tuple(questions))
    return (*found, end)


def page(order: Order, file: Path) -> str:
    """The page's Markdown."""
    first, term, everything = interview(order, file), weeks(order), tuple(order.units)
    total = sum(week.minutes(order) for week in term)
    lines = [
        "# Three ways through",
        "Minutes are what the steps of a unit are planned for; whoever is new to a step takes longer. Each unit's page",
        "has them step by step. [What f and q mean](learners.md#what-f-and-q-mean).",
        "## An interview next month",
        f"{len(first)} units, {hours(order.minutes(first))}: three a week for four weeks. Everything that a unit",
        "builds on stands before it.\n",
        _table(order, first),
        "## A term",
        f"{len(term)} weeks, {hours(total)} with one question in each week that has some: read the foundation in",
        "class, and let the class choose one of the questions that build on it.\n",
        "| Week | Foundation | Questions that fit, one of them | Hours |",
        "| --- | --- | --- | --- |",
        *(_week(order, number, week) for number, week in enumerate(term, 1)),
        f"| | | **Together** | **{total / 60:.1f}** |",
        "\n## All of it",
        f"{len(everything)} units, {hours(order.minutes(everything))}, in the order of the course: foundations, then",
        "questions.\n",
        _table(order, everything),
    ]
    return "\n".join(lines) + "\n"


def link(name: str, title: str = "") -> str:
    """A link to a unit's page, from a page at the top."""
    return f"[{short(name)}{f' {title}' if title else ''}](units/{name}.md)"


def _week(order: Order, number: int, week: Week) -> str:
    minutes = f"{week.minutes(order) / 60:.1f}"
    if not week.foundation:
        return f"| {number} | *Review* | any question that nobody has done yet | {minutes} |"
    title = order.units[week.foundation].title
    return f"| {number} | {link(week.foundation, title)} | {', '.join(map(link, week.questions)) or '–'} | {minutes} |"


def _table(order: Order, names: tuple[str, ...]) -> str:
    rows = ["| Unit | The question | You ship | Minutes |", "| --- | --- | --- | --- |"]
    for name in names:
        unit = order.units[name]
        rows.append(f"| {link(name, unit.title)} | *{unit.brief}* | {ships(unit)} | {unit.about.total} |")
    rows.append(f"| **Together** | | | **{order.minutes(names)}** |")
    return "\n".join(rows) + "\n"
