"""The glossary: handbook/glossary.toml as a page, and links to it from the words of unit pages.

[[term]]
name = "propensity"
also = ["propensities"]      other forms that mean it
said = "..."                 two sentences
unit = "f09-prediction-log"  where it bites
link = false                 for a word that means other things as well: unit pages don't link it
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from course.units.kit.about import sentences
from pages.order import Order, SiteProblem

#: What links stay out of: code, links, roles, raw markup.
_KEPT = re.compile(r"(`[^`]*`|\{\w+\}`[^`]*`|\[[^\]]*\]\([^)]*\)|<[^>]+>)")


@dataclass(frozen=True)
class Entry:
    """One term: its forms, two sentences, a unit."""

    name: str
    also: tuple[str, ...]
    said: str
    unit: str
    link: bool = True


class Glossary:
    """All terms. Raises SiteProblem for one that is not said in two sentences, or whose unit is none."""

    def __init__(self, file: Path, order: Order) -> None:
        self.entries = sorted(
            (
                Entry(one["name"], tuple(one.get("also", ())), one["said"].strip(), one["unit"], one.get("link", True))
                for one in tomllib.loads(file.read_text(encoding="utf-8"))["term"]
            ),
            key=lambda entry: entry.name.lower(),
        )
        for entry in self.entries:
            if entry.unit not in order.units:
                raise SiteProblem(f"{file.name}: {entry.name} names {entry.unit}, which is no unit.")
            if len(sentences(entry.said)) != 2:
                raise SiteProblem(f"{file.name}: {entry.name} must be said in two sentences.")
        self._order = order
        forms = {form.lower(): entry for entry in self.entries if entry.link for form in (entry.name, *entry.also)}
        longest = sorted(forms, key=len, reverse=True)
        self._forms = forms
        self._any = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, longest))})(?![\w-])", re.IGNORECASE)

    def page(self) -> str:
        """The page's Markdown."""
        lines = ["# Glossary", "The words of the field as this course uses them, and the unit in which each bites.\n"]
        lines += ["```{glossary}"]
        for entry in self.entries:
            title = self._order.units[entry.unit].title
            said = " ".join(entry.said.split())
            lines += [entry.name, f"  {said} → [{entry.unit.split('-')[0]} {title}](units/{entry.unit}.md)", ""]
        return "\n".join([*lines, "```", ""])

    def link(self, text: str, seen: set[str]) -> str:
        """The text with a link at the first place of each term that is not in `seen`; these are added to it."""

        def linked(found: re.Match) -> str:
            entry = self._forms[found[1].lower()]
            if entry.name in seen:
                return found[0]
            seen.add(entry.name)
            return f"{{term}}`{found[1]} <{entry.name}>`"

        return "".join(part if at % 2 else self._any.sub(linked, part) for at, part in enumerate(_KEPT.split(text)))

    def linked(self, texts: Iterable[str]) -> list[str]:
        """Several texts of one page."""
        seen: set[str] = set()
        return [self.link(text, seen) for text in texts]
