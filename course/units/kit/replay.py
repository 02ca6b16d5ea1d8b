"""One case played as the judge plays it, step by step: what `unit.replay(...)` shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from course.problem import Problem

if TYPE_CHECKING:
    import pandas as pd

Case = TypeVar("Case")


@dataclass(frozen=True)
class Replay:
    """What happened in one case: a row a step, with `columns` as heads; `said` sums it up in a sentence or two."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]]
    said: str = ""

    def frame(self) -> pd.DataFrame:
        """The rows as a table to work with."""
        import pandas as pd

        return pd.DataFrame([list(row) for row in self.rows], columns=list(self.columns))


def case(cases: Sequence[Case], number: int, what: str) -> Case:
    """The case of that number; `what` says what cases are ("directories"). Raises Problem where there is none."""
    if not 0 <= number < len(cases):
        raise Problem(f"There are {what} 0 to {len(cases) - 1}; {number} is none of them.")
    return cases[number]
