"""What a unit is for, before anybody opens it: the table `[about]` of its `contract.toml`.

    [about]
    story = "..."                        three sentences: who, what goes wrong, what you do about it
    objectives = ["...", "...", "..."]   three; each goes on from "Afterwards you can"
    builds_on = ["f01-shrink-ensemble"]  units whose skills are used; may be empty
    minutes = { brief = 10, memo = 20, estimates = 10, baseline = 15, build = 35, check = 5 }
    data = ["..."]                       rows of others that it reads, with their makers and licence; may be left out

The lesson's head, the site's pages, map and syllabus are made from it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

#: The steps of every unit, as a sentence names what their minutes are for.
STEPS = {
    "brief": "for the brief",
    "memo": "for the memo",
    "estimates": "for the estimates",
    "baseline": "for the baseline",
    "build": "to build",
    "check": "for the ship check",
}
_FIELDS = ("story", "objectives", "builds_on", "minutes", "data")


@dataclass(frozen=True)
class About:
    """The story, three objectives, the units that it builds on, minutes by step, and whose data it reads."""

    story: str
    objectives: tuple[str, ...]
    builds_on: tuple[str, ...]
    minutes: Mapping[str, int]
    data: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """Minutes of all steps."""
        return sum(self.minutes.values())

    @property
    def plan(self) -> str:
        """What the minutes are for, in half a sentence."""
        return ", ".join(f"{self.minutes[step]} {words}" for step, words in STEPS.items())

    @property
    def head(self) -> str:
        """Markdown for the first cell of the notebook; units lie side by side, so links go one folder up."""
        *first, last = self.objectives
        links = [f"[{name}](../{name}/{name}.ipynb)" for name in self.builds_on]
        lines = [
            f"**Afterwards you can** {'; '.join(first)}; and {last}.",
            f"**Builds on** {', '.join(links)}." if links else "**Builds on** no other unit.",
            f"**Time**: some {self.total} minutes: {self.plan}.",
            "**To be asked first**, as in an interview: `unit.interview()` says the vague line and nothing else, and "
            "counts minutes. The brief below answers before you have asked.",
        ]
        return "\n\n".join(lines)


def about(said: Mapping[str, Any]) -> About:
    """What stands in a contract's `[about]`. Raises ValueError with what is wrong with it."""
    if unknown := said.keys() - set(_FIELDS):
        raise ValueError(f"[about] takes no {', '.join(sorted(unknown))}")
    for name in _FIELDS[:-1]:
        if name not in said:
            raise ValueError(f"[about] has no {name}")
    if not isinstance(said["story"], str) or len(sentences(said["story"])) != 3:
        raise ValueError("story of [about] must be three sentences")
    lists = {name: _texts(said.get(name, ()), name) for name in ("objectives", "builds_on", "data")}
    if len(lists["objectives"]) != 3:
        raise ValueError(f"objectives of [about] must be three, not {len(lists['objectives'])}")
    minutes = said["minutes"]
    if not isinstance(minutes, Mapping) or minutes.keys() != STEPS.keys():
        raise ValueError(f"minutes of [about] must be given for {', '.join(STEPS)}")
    if wrong := [step for step, number in minutes.items() if type(number) is not int or number <= 0]:
        raise ValueError(f"minutes of [about] must be whole numbers over 0: {', '.join(wrong)}")
    return About(said["story"].strip(), **lists, minutes={step: minutes[step] for step in STEPS})


def sentences(text: str) -> list[str]:
    """The sentences of a story: parts that end in a full stop, a question or an exclamation mark before white space."""
    return [part for part in re.split(r"(?<=[.?!])\s+", text.strip()) if part]


def _texts(value: object, name: str) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) and one.strip() for one in value):
        raise ValueError(f"{name} of [about] must be a list of texts")
    return tuple(one.strip() for one in value)
