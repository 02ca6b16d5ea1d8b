"""Back-of-the-envelope numbers: the questions, and the small file in which the answers are handed in."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ESTIMATES = "estimates.json"
#: Bytes of a file that is opened.
MOST_BYTES = 100_000


@dataclass(frozen=True)
class Estimate:
    """One back-of-the-envelope number: the question, its unit, and the range of answers that is accepted."""

    question: str
    unit: str
    low: float
    high: float
    why: str  # the worked calculation, shown with the solution

    def accepts(self, answer: float) -> bool:
        """True if the answer lies in the range."""
        return self.low <= answer <= self.high


def write_estimates(questions: Mapping[str, Estimate], folder: Path, answers: Mapping[str, object]) -> list[str]:
    """Save a learner's estimates in `folder`; returns one sentence for each answer that can't be taken.

    Where no answer is given, those that were saved before stay.
    """
    problems = [f"`{name}` is not one of the questions." for name in answers if name not in questions]
    numbers: dict[str, float | None] = {}
    for name in questions:
        answer = answers.get(name)
        numbers[name] = None
        if answer is None:
            continue
        try:
            number = float(answer)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            problems.append(f"`{name}` must be one number, not {type(answer).__name__}.")
            continue
        if math.isfinite(number):
            numbers[name] = number
        else:
            problems.append(f"`{name}` must be a finite number.")
    if not any(number is not None for number in numbers.values()):
        there = read_estimates(questions, folder)
        if any(number is not None for number in there.values()):  # a stub, run by Validate or Run All
            return [*problems, f"{ESTIMATES} was left as it is: it holds answers, and this cell gives none."]
    (folder / ESTIMATES).write_text(json.dumps(numbers, indent=1) + "\n", encoding="utf-8")
    return problems


def damage(folder: Path) -> str:
    """What is wrong with the file of estimates in `folder`, as a sentence; empty if it is whole, or missing."""
    file = folder / ESTIMATES
    try:
        if file.stat().st_size >= MOST_BYTES:
            return f"{ESTIMATES} is far too large to hold estimates; run the cell that writes it again."
        found = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ""
    except (OSError, ValueError, RecursionError):
        return f"{ESTIMATES} can't be read, it is damaged; run the cell that writes it again."
    return "" if isinstance(found, dict) else f"{ESTIMATES} holds no answers; run the cell that writes it again."


def read_estimates(questions: Mapping[str, Estimate], folder: Path) -> dict[str, float | None]:
    """The estimates in `folder`; an answer that is missing or no finite number is None."""
    try:
        file = folder / ESTIMATES
        found = json.loads(file.read_text(encoding="utf-8")) if file.stat().st_size < MOST_BYTES else {}
    except (OSError, ValueError, RecursionError):
        found = {}
    numbers: dict[str, float | None] = {}
    for name in questions:
        value = found.get(name) if isinstance(found, dict) else None
        good = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300
        numbers[name] = float(value) if good else None
    return numbers
