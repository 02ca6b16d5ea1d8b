"""What came back from a learner's function, checked: the value if it is as the contract says, else one sentence.

All raise `calls.CallError`, in the form "Called ..., got ..., expected ...".
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from course.contract.processes.calls import CallError, mismatch, shown

if TYPE_CHECKING:
    import pandas as pd


def number(value: Any, name: str, args: Sequence[Any] = (), low: float = -math.inf, high: float = math.inf) -> float:
    """A finite number between `low` and `high` (a bool is none)."""
    good = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300
    if not good or not low <= value <= high:
        bounds = "" if (low, high) == (-math.inf, math.inf) else f" between {low:g} and {high:g}"
        raise CallError(mismatch(name, args, value, f"a finite number{bounds}"))
    return float(value)


def one_of(value: Any, allowed: Collection[Any], name: str, args: Sequence[Any] = ()) -> Any:
    """One of the allowed values, of the same type."""
    if not any(type(value) is type(known) and value == known for known in allowed):
        raise CallError(mismatch(name, args, value, f"one of {shown(list(allowed))}"))
    return value


def instance(value: Any, kind: type, name: str, args: Sequence[Any] = ()) -> Any:
    """A value of the type `kind` (str, bytes, dict, ...)."""
    if type(value) is not kind:
        raise CallError(mismatch(name, args, value, f"a {kind.__name__}"))
    return value


def sequence(value: Any, length: int, name: str, args: Sequence[Any] = ()) -> list:
    """A list, tuple or one-dimensional array of `length` items, as a list."""
    listed = value.tolist() if hasattr(value, "tolist") else value
    if not isinstance(listed, list | tuple) or len(listed) != length:
        raise CallError(mismatch(name, args, value, f"{length:,} values in a list or an array"))
    return list(listed)


def table(value: Any, columns: Collection[str], name: str, args: Sequence[Any] = ()) -> pd.DataFrame:
    """A pandas DataFrame with at least these columns, each once."""
    import pandas as pd

    if not isinstance(value, pd.DataFrame):
        raise CallError(mismatch(name, args, value, "a DataFrame"))
    names = list(value.columns)
    missing = [column for column in columns if names.count(column) != 1]
    if missing:
        raise CallError(mismatch(name, args, names, f"a DataFrame with the column {missing[0]!r} once"))
    return value
