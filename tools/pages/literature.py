"""What a lesson says of where it comes from, with a search for each title."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote_plus

from pages.order import SiteProblem

HEAD = "### Where this comes from"
#: A title stands in italics or between quotation marks; one word in italics is the name of a package.
_TITLE = re.compile(r'(?:\*([^*]+ [^*]+)\*|"([^"]+ [^"]+)")')
SEARCH = "https://scholar.google.com/scholar?q="


def literature(lesson: Path) -> list[str]:
    """The list under that head of a lesson, an entry each, in Markdown. Raises SiteProblem if there is none."""
    text = lesson.read_text(encoding="utf-8")
    _, head, after = text.partition(f"# {HEAD}\n")
    cell = [line[1:].strip() for line in after.split("\n# %%")[0].splitlines() if line.startswith("#")]
    entries = [part for part in re.split(r"(?:^|\s)- ", " ".join(cell)) if part.strip()]
    if not head or not entries:
        raise SiteProblem(f"{lesson.parent.name} doesn't say where it comes from: add '{HEAD}' to its lesson's end.")
    return [_linked(" ".join(entry.split())) for entry in entries]


def _linked(entry: str) -> str:
    """An entry whose titles lead to a search for them: addresses of papers move, titles don't."""

    def link(found: re.Match) -> str:
        title = (found[1] or found[2]).strip(" ,")
        return f"[*{title}*]({SEARCH}{quote_plus(chr(34) + title + chr(34))})"

    return _TITLE.sub(link, entry)
