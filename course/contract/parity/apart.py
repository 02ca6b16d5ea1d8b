"""How far apart two answers are, what float32 may cost, and rows in words."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from course.problem import readable

#: What float32 may cost: a probability may be this far off, another number this share of itself and of how much the
#: answers vary. A fault of a converter is tens to thousands of times larger.
PROBABILITY, SHARE, SPREAD = 1e-3, 1e-3, 1e-3


def joined(parts: list[Any]) -> Any:
    """Rows of several kinds, one behind the other."""
    if len(parts) == 1:
        return parts[0]
    if hasattr(parts[0], "iloc"):
        import pandas as pd

        return pd.concat(parts)
    return np.concatenate(parts)


def spread(values: np.ndarray) -> float:
    """How much the numbers of an answer vary: their standard deviation, 0 for labels."""
    finite = values[np.isfinite(values)] if values.dtype.kind == "f" else values[:0]
    return float(finite.std()) if finite.size else 0.0


def apart(what: str, mine: np.ndarray, theirs: np.ndarray, spread: float) -> tuple[np.ndarray, np.ndarray]:
    """How far apart answers (n, k) are, for each row, and which rows count as answered differently."""
    if mine.dtype.kind not in "iufb" or theirs.dtype.kind not in "iufb":
        differs = (mine.astype(str) != theirs.astype(str)).any(axis=1)
        return differs.astype(float), differs
    mine, theirs = mine.astype(np.float64), theirs.astype(np.float64)
    with np.errstate(invalid="ignore"):
        far = np.abs(mine - theirs)
    same = (mine == theirs) | (np.isnan(mine) & np.isnan(theirs))
    far = np.where(same, 0.0, np.where(np.isnan(far), np.inf, far))
    if what == "label":
        allowed: Any = 0.0
    elif what == "probability":
        allowed = PROBABILITY
    else:
        allowed = SHARE * np.abs(np.nan_to_num(mine)) + SPREAD * spread
    return far.max(axis=1, initial=0.0), (far > allowed).any(axis=1)


def most(what: str, far: np.ndarray, differs: np.ndarray) -> float:
    """The largest difference that counts; NaN for labels."""
    return float(far[differs].max()) if what != "label" and differs.any() else math.nan


def missing(rows: Any) -> np.ndarray:
    """Which rows have a missing value, bool (n,)."""
    if hasattr(rows, "iloc"):
        return rows.isna().to_numpy().any(axis=1)
    if rows.dtype == object:
        return np.array([any(one is None or one != one for one in np.ravel(row)) for row in rows], bool)
    return np.isnan(rows).reshape(len(rows), -1).any(axis=1) if rows.dtype.kind == "f" else np.zeros(len(rows), bool)


def shown(rows: Any, at: int, most: int = 6) -> str:
    """A row in a few words: its first values."""
    if hasattr(rows, "iloc"):
        values = [f"{name}={_word(value)}" for name, value in rows.iloc[at].items()]
    else:
        values = [_word(value) for value in np.ravel(rows[at])]
    return ", ".join(values[:most]) + (f", and {len(values) - most} more" if len(values) > most else "")


def said(answer: Any, most: int = 4) -> str:
    """An answer in a few words."""
    values = [_word(value) for value in np.ravel(answer)]
    return ", ".join(values[:most]) + (", ..." if len(values) > most else "")


def _word(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float | np.floating) else readable(str(value), 40)
