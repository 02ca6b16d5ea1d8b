"""A desk at work: its records, the router's scores and the hosted model's answers become one answer for each letter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from course.contract.processes.calls import mismatch, shown
from course.contract.terms.report import Measurement
from course.units.f05_divide_and_conquer.clock import FORM
from course.units.f05_divide_and_conquer.prices import closed, euros
from course.units.f05_divide_and_conquer.world import ASK, FIELDS, ROUTER, TEAMS, Days

if TYPE_CHECKING:
    import numpy as np

#: What rules do exactly, by the clause that judges it.
CLAUSES = {"redaction": ("text",), "orders": ("orders",), "dates": ("reply_by",), "closed": ("automatic", "copy_of")}
#: What a field holds, in words.
SHAPES = {
    "text": "a text",
    "orders": "a list of order numbers as text",
    "automatic": "True or False",
    "copy_of": "the number of a letter, or None",
    "reply_by": "a time as in '2026-05-04 09:30'",
    "team": "a team, 'router' or 'ask'",
    "urgent": "True, False, 'router' or 'ask'",
}


@dataclass
class Served:
    """What was said in the end about each letter, by field; what was asked (place, field); what no field can hold."""

    said: dict[str, list] = field(default_factory=lambda: {name: [] for name in FIELDS})
    asked: list[tuple[int, str]] = field(default_factory=list)
    odd: dict[str, str] = field(default_factory=dict)

    @property
    def questions(self) -> int:
        """How often the hosted model was asked."""
        return len(self.asked)

    def closed(self, k: int) -> bool:
        """Whether nobody is to answer a letter."""
        return closed({name: self.said[name][k] for name in ("automatic", "copy_of")})

    def bill(self, days: Days) -> dict[str, float]:
        """€ for 1,000 letters, by what they are for."""
        return {what: 1000 * some / len(days) for what, some in euros(days, self.said, self.questions).items()}

    def accuracy(self, days: Days) -> float:
        """Share of the letters that wait for an answer which reach the right team."""
        reach = [
            self.said["team"][k] == days.right["team"][k] and not self.closed(k)
            for k in range(len(days))
            if days.waits(k)
        ]
        return sum(reach) / len(reach)

    def mistakes(self, days: Days, fields: Sequence[str], show: bool) -> Measurement:
        """Letters with a mistake in one of the fields; the first is shown where letters are public."""
        wrong = [(k, name) for k in range(len(days)) for name in fields if self.said[name][k] != days.right[name][k]]
        note = next((self.odd[name] for name in fields if name in self.odd), "")
        if wrong and show and not note:
            k, name = wrong[0]
            note = f"Letter {days.tickets[k]['id']}, {self.mistake(days, k, name)}."
        return Measurement(float(len({k for k, _ in wrong})), note)

    def mistake(self, days: Days, k: int, name: str) -> str:
        """What was said in a field of the letter at place k, and what is right."""
        got, right = self.said[name][k], days.right[name][k]
        if name == "text" and isinstance(got, str):
            got, right = apart(got, right)
        return f"`{name}`: got {shown(got)}, expected {shown(right)}"


def apart(one: str, other: str) -> tuple[str, str]:
    """The parts of two texts in which they begin to differ."""
    at = next((k for k, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    here = slice(max(at - 16, 0), at + 32)
    return one[here], other[here]


def fits(name: str, value: Any) -> bool:
    """Whether a field can hold a value."""
    if name == "orders":
        return isinstance(value, list) and all(type(one) is str for one in value)
    if name == "copy_of":
        return value is None or type(value) is int
    if name == "team":
        return type(value) is str and value in (*TEAMS, ROUTER)
    if name in ("automatic", "urgent"):
        return type(value) is bool or (name == "urgent" and type(value) is str and value == ROUTER)
    if type(value) is not str or name == "text":
        return type(value) is str
    try:
        return bool(datetime.strptime(value, FORM))
    except ValueError:
        return False


def through(
    days: Days,
    records: Sequence[Mapping[str, Any]],
    score: Callable[[list[int]], np.ndarray],
    decide: Callable[[np.ndarray], Sequence[Sequence]],
) -> Served:
    """What becomes of letters.

    Parameters
    ----------
    records : what `read` made of each.
    score : the router's scores of the letters with these places.
    decide : for each row of scores a team and whether it is urgent, either of which may be `ASK`.
    """
    found = Served()

    def settled(k: int, name: str, value: Any) -> Any:
        if type(value) is str and value == ASK:
            found.asked.append((k, name))
            return days.hosted[name][k]
        if name not in records[k]:
            found.odd.setdefault(name, f"A record has no `{name}`: it must be {SHAPES[name]}.")
        elif not fits(name, value):
            found.odd.setdefault(name, mismatch("read", ["..."], value, f"{SHAPES[name]} as `{name}`"))
        else:
            return value
        return -1 if name == "copy_of" else None

    for k, record in enumerate(records):
        for name in FIELDS:
            found.said[name].append(settled(k, name, record.get(name)))
    left = [
        k
        for k in range(len(records))
        if ROUTER in (found.said["team"][k], found.said["urgent"][k]) and not found.closed(k)
    ]
    for k, pair in zip(left, decide(score(left)) if left else (), strict=True):
        for name, value in zip(("team", "urgent"), pair, strict=True):
            if found.said[name][k] == ROUTER:
                found.said[name][k] = settled(k, name, value)
    return found


def play(module: ModuleType, days: Days, tables: Mapping[str, Any], router: Path) -> Served:
    """A desk whose module is at hand, and whose router lies in a file that may be missing."""

    def score(rows: list[int]) -> np.ndarray:
        import onnxruntime

        session = onnxruntime.InferenceSession(str(router), providers=["CPUExecutionProvider"])
        return session.run(None, {"features": features[rows]})[0]

    records, features = module.read(days.tickets, tables)
    return through(days, records, score, module.decide)
