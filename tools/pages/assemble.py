"""The source of the site: handbook/ and findings/ as they are written, and what is made from the units."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from course import units
from pages import drawing, syllabus, unit
from pages.glossary import Glossary
from pages.order import Order

ROOT = Path(__file__).resolve().parents[2]
#: Where pages of the handbook point to that lie outside of it.
OUTSIDE = {"../findings/": "findings/", "../CONTRIBUTING.md": "contributing.md"}


def assemble(target: Path, *, root: Path = ROOT, repository: str = "") -> Order:
    """Write the source of the site into `target`, which is made anew. Raises SiteProblem."""
    order = Order(units.load(name) for name in units.own())
    glossary = Glossary(root / "handbook" / "glossary.toml", order)
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(root / "handbook", target)
    shutil.copytree(root / "findings", target / "findings")
    shutil.copy(root / "CONTRIBUTING.md", target / "contributing.md")
    for page in target.glob("*.md"):
        text = page.read_text(encoding="utf-8")
        for old, new in OUTSIDE.items():
            text = text.replace(f"]({old}", f"]({new}")
        page.write_text(_filled(text, order, repository), encoding="utf-8")
    (target / "units").mkdir()
    for name in order.units:
        page = unit.page(name, order, glossary, root)
        (target / "units" / f"{name}.md").write_text(page, encoding="utf-8")
    (target / "glossary.md").write_text(glossary.page(), encoding="utf-8")
    (target / "syllabus.md").write_text(syllabus.page(order, root / "handbook" / "syllabus.toml"), encoding="utf-8")
    return order


def _filled(text: str, order: Order, repository: str) -> str:
    """A page with what is made for it in place of `<!-- made: NAME -->`."""
    made = {
        "map": lambda: drawing.world(order),
        "units": lambda: unit.table(order),
        "number": lambda: str(len(order.units)),
        "tree": lambda: _tree(order),
        "pages": lambda: "\n".join(f"units/{name}" for name in order.units),
        "data": lambda: _data(order),
        "try": lambda: _try(repository),
    }
    return re.sub(r"<!-- made: (\w+) -->", lambda at: made[at[1]](), text)


def _tree(order: Order) -> str:
    """What the map shows, in words."""
    lines = []
    for name in order.units:
        wanted = ", ".join(map(syllabus.link, order.builds_on[name])) or "no other unit"
        needed = ", ".join(map(syllabus.link, order.needed_by(name))) or "no unit so far"
        lines.append(f"- {syllabus.link(name, order.units[name].title)} builds on {wanted}; needed by {needed}.")
    return "\n".join(lines)


def _data(order: Order) -> str:
    """Whose rows are read, and by which units."""
    found: dict[str, list[str]] = {}
    for name, one in order.units.items():
        for text in one.about.data:
            found.setdefault(text, []).append(name)
    return "\n".join(f"- {', '.join(map(syllabus.link, names))}: {text}." for text, names in found.items())


def _try(repository: str) -> str:
    """How to try it without a machine of one's own: links where it is known where the course lies."""
    if not repository:
        return (
            "`.devcontainer/` opens in VS Code or Codespaces, `binder/` on any BinderHub: give it the address of your "
            "copy of the course."
        )
    lab = f"https://mybinder.org/v2/gh/{repository}/HEAD?urlpath=lab/tree/my-work"
    return f"[Open it on Binder]({lab}), or [in Codespaces](https://codespaces.new/{repository})."
