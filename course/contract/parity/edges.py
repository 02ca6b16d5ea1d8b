"""Rows made from given rows that try the edges: missing values, unseen categories, ties, extremes."""

from __future__ import annotations

from typing import Any

import numpy as np

#: Rows of each kind, and how many different whole numbers a column of categories has at most.
MOST, CATEGORIES = 48, 64


def edges(rows: Any) -> dict[str, Any]:
    """Rows by the name of what they try, of the type that was given: numbers (n, k), text (n,) or (n, k), a DataFrame.

    Missing values stand only where the rows have some too: a model that never met one has no answer that could be
    right.
    """
    if hasattr(rows, "iloc"):
        return _of_frame(rows)
    rows = np.asarray(rows)
    some = rows[:: max(len(rows) // MOST, 1)][:MOST]
    if rows.dtype.kind != "f":
        return _of_text(rows, some) if rows.dtype == object and rows.ndim == 2 else {}
    finite = np.where(np.isfinite(rows), rows, np.nan)
    gone = np.flatnonzero(np.isnan(rows).any(axis=0))
    made: dict[str, Any] = {}
    if len(gone):
        one, all_gone = some.copy(), some.copy()
        one[np.arange(len(one)), gone[np.arange(len(one)) % len(gone)]] = np.nan
        all_gone[:, gone] = np.nan
        made["missing values"] = np.concatenate([one, all_gone[: MOST // 4]])
    kinds = [k for k in range(rows.shape[1]) if _is_category(finite[:, k])]
    if kinds:
        unseen = some.copy()
        at = np.arange(len(unseen)), np.array(kinds)[np.arange(len(unseen)) % len(kinds)]
        unseen[at] = np.nanmax(finite, axis=0)[at[1]] + 1
        made["unseen categories"] = unseen
    full = [k for k in range(rows.shape[1]) if not np.isnan(finite[:, k]).all()]
    middle = np.zeros(rows.shape[1], rows.dtype)
    middle[full] = np.nanquantile(finite[:, full], 0.5, axis=0, method="lower")
    made["ties"] = np.stack([np.zeros_like(middle), middle, np.full_like(middle, middle.max())])
    made["extremes"] = np.concatenate([some[: MOST // 2] * rows.dtype.type(2), _corners(finite, middle)])
    return made


def _corners(finite: np.ndarray, middle: np.ndarray) -> np.ndarray:
    """Every column at its least and at its greatest, all others in the middle; wide tables get the first few."""
    columns = [k for k in range(finite.shape[1]) if not np.isnan(finite[:, k]).all()][: MOST // 4]
    made = np.repeat(middle[None], 2 * len(columns), axis=0)
    for place, column in enumerate(columns):
        made[2 * place, column] = np.nanmin(finite[:, column])
        made[2 * place + 1, column] = np.nanmax(finite[:, column])
    return made


def _is_category(column: np.ndarray) -> bool:
    known = column[~np.isnan(column)]
    return len(known) > 0 and bool((known == np.rint(known)).all()) and 2 < len(np.unique(known)) <= CATEGORIES


def _of_text(rows: np.ndarray, some: np.ndarray) -> dict[str, np.ndarray]:
    unseen = some.copy()
    unseen[np.arange(len(unseen)), np.arange(len(unseen)) % rows.shape[1]] = "unseen before"
    return {"unseen categories": unseen}


def _of_frame(rows: Any) -> dict[str, Any]:
    """A frame's columns one by one: some without their value where they ever are, texts with one that nobody saw."""
    some = rows.iloc[:: max(len(rows) // MOST, 1)][:MOST]
    made: dict[str, Any] = {}
    gone = [name for name in rows if rows[name].isna().any()]
    if gone:
        missing = some.copy()
        for place, name in enumerate(gone):
            missing.iloc[place :: len(gone), missing.columns.get_loc(name)] = np.nan
        made["missing values"] = missing
    texts = [name for name in rows if rows[name].dtype.kind not in "fiub"]
    if texts:
        unseen = some.copy()
        for place, name in enumerate(texts):
            unseen.iloc[place :: len(texts), unseen.columns.get_loc(name)] = "unseen before"
        made["unseen categories"] = unseen
    return made
