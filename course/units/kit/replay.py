"""One case played as the judge plays it, step by step: what `unit.replay(...)` shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


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
