"""What `clean` returns, checked, and how two tables of the same rows are compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from course.contract.artifacts.modules import Ship
from course.contract.processes import expect
from course.contract.processes.calls import CallError, Shipped
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import Measurement
from course.problem import Problem
from course.units.f07_clean_data import world
from course.units.f07_clean_data.world import Sheet
from course.units.kit.replay import Replay

#: How far a number may be off, in cm and kg.
OFF = 0.1
NUMBERS, DATES = ("height", "weight", "step"), ("born", "signed_up", "exported")
#: Differences that a replay shows, and what it shows of a row that is in the wrong table.
MOST, SHOWN = 200, ("email", "height", "step", "born", "signed_up")


@dataclass(frozen=True)
class Cleaned:
    """What `clean` returned, checked: both tables sorted by `row`, each row number at most once in both together."""

    good: pd.DataFrame
    bad: pd.DataFrame

    def fates(self) -> dict[int, str]:
        """For each row its kind of fault, or "" if it is good."""
        return dict(zip(self.bad["row"], self.bad["kind"], strict=True)) | dict.fromkeys(self.good["row"].tolist(), "")


def ask(shipped: Shipped, raw: pd.DataFrame) -> Cleaned:
    """`clean(raw)`, checked as far as judging needs it. Raises CallError."""
    return checked(shipped.call("clean", raw), raw)


def asked(ship: Ship, raw: pd.DataFrame) -> Cleaned:
    """`clean(raw)` in a process that has seen nothing else. Raises CallError."""
    with ship.open() as shipped:
        return ask(shipped, raw)


def checked(value: object, raw: pd.DataFrame) -> Cleaned:
    """Both tables with their columns, sorted by `row`; every row number is known and there once. Raises CallError."""
    shown = (f"{len(raw):,} rows",)
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise CallError(f"Called `clean({shown[0]})`: got {type(value).__name__}, expected two tables.")
    good = expect.table(value[0], world.COLUMNS, "clean", shown)
    bad = expect.table(value[1], ("row", "kind"), "clean", shown)
    known = set(raw["row"].tolist())
    for table in (good, bad):
        rows = table["row"].tolist()
        strange = next((row for row in rows if type(row) is not int or row not in known), None)
        if strange is not None:
            raise CallError(
                f"Called `clean({shown[0]})`: got a row {strange!r:.40}, expected row numbers of the table."
            )
        if len(set(rows)) < len(rows):
            raise CallError(f"Called `clean({shown[0]})`: got a row number twice in one table, expected it once.")
    if both := set(good["row"].tolist()) & set(bad["row"].tolist()):
        raise CallError(f"Called `clean({shown[0]})`: got row {min(both)} in both tables, expected it in one.")
    kinds = bad["kind"].tolist()
    if strange := [kind for kind in kinds if not isinstance(kind, str) or kind not in world.KINDS]:
        raise CallError(
            f"Called `clean({shown[0]})`: got the kind {strange[0]!r:.40}, expected one of {list(world.KINDS)}."
        )
    good = good[list(world.COLUMNS)].sort_values("row", ignore_index=True)
    return Cleaned(good, bad[["row", "kind"]].sort_values("row", ignore_index=True))


def same(found: pd.DataFrame, wanted: pd.DataFrame, off: float) -> dict[str, np.ndarray]:
    """For each column, where two tables of the same rows agree; numbers may be `off` by that much."""
    agree = {}
    for name in found.columns:
        left, right = found[name], wanted[name]
        if name in NUMBERS:
            left, right = (pd.to_numeric(one, errors="coerce").to_numpy(float) for one in (left, right))
            agree[name] = np.isclose(left, right, rtol=0, atol=off, equal_nan=True)
        else:
            if name in DATES:
                left, right = (pd.to_datetime(one, errors="coerce") for one in (left, right))
            agree[name] = ((left == right) | (left.isna() & right.isna())).to_numpy(bool)
    return agree


def found(bad: pd.DataFrame, sheet: Sheet) -> Measurement:
    """Mean F1 of the quarantine over the kinds."""
    scores = world.f1(bad, sheet.bad)
    worst = min(scores, key=scores.__getitem__)
    note = "" if scores[worst] > 0.97 else f"Worst kind: `{worst}`."
    return Measurement(sum(scores.values()) / len(scores), note)


def right(good: pd.DataFrame, sheet: Sheet) -> Measurement:
    """Share of good rows that are kept with every value right."""
    agree = same(good.set_index("row").reindex(sheet.good["row"]), sheet.good.set_index("row"), OFF)
    wrong = {name: int((~hits).sum()) for name, hits in agree.items()}
    worst = max(wrong, key=wrong.__getitem__)
    note = f"Most often wrong or lost: `{worst}`." if wrong[worst] > 0.03 * len(sheet.good) else ""
    return Measurement(float(np.logical_and.reduce(list(agree.values())).mean()), note)


def model(good: pd.DataFrame, holdout: Holdout) -> Measurement:
    """R² of a model trained on what was kept, divided by that of one trained on what is right. Raises CallError."""
    sheet, lab = holdout.truth["sheet"], holdout.truth["lab"]
    typed(good, "the public table" if holdout.name == "public" else "a table")
    rows = good[good["part"] == "train"]
    if len(rows) < 30:
        return Measurement(None, "A model needs at least 30 rows of `train`; fewer were kept.", "broken")
    if not np.isfinite(world.features(rows)).all() or not np.isfinite(rows["step"]).all():
        return Measurement(None, "The kept rows have a `height`, a date or a `step` that is missing.", "broken")
    return Measurement(max(world.r2(good, lab), 0.0) / world.r2(sheet.good, lab))


def again(ship: Ship, first: object, raw: pd.DataFrame) -> tuple[Cleaned, Cleaned]:
    """What cleaning has made of a cleaned table, in another process, and what it must make. Raises CallError."""
    before = checked(first, raw)
    return asked(ship, first[0]), Cleaned(before.good, before.bad.head(0))  # type: ignore[index]


def order(ship: Ship, first: object, raw: pd.DataFrame, seed: int) -> tuple[Cleaned, Cleaned]:
    """What it makes of the same rows in another order, in another process, and what it must make. Raises CallError."""
    return asked(ship, raw.sample(frac=1, random_state=seed)), checked(first, raw)


def differing(one: Cleaned, other: Cleaned) -> int:
    """Rows that two cleanings do not treat the same."""
    return len({row for row, *_ in differences(one, other, 0.0)})


def differences(one: Cleaned, other: Cleaned, off: float) -> Iterator[tuple]:
    """Row, column (or "kind"), and what either has there, wherever they differ by more than `off`."""
    fates = one.fates(), other.fates()
    for row in sorted(fates[0].keys() | fates[1].keys()):
        if fates[0].get(row) != fates[1].get(row):
            yield (row, "kind", *(fate.get(row, "nowhere") or "kept" for fate in fates))
    both = one.good["row"][one.good["row"].isin(other.good["row"])]
    left, right = (found.good.set_index("row").loc[both] for found in (one, other))
    for name, agree in same(left, right, off).items() if len(both) else ():
        for row in both[~agree]:
            yield row, name, left.at[row, name], right.at[row, name]


def typed(good: pd.DataFrame, about: str) -> None:
    """Raise CallError where a column is of another type than the contract says."""
    for name in good.columns:
        kind = good[name].dtype.kind
        wanted = "f" if name in NUMBERS else "M" if name in DATES else "i" if name == "row" else ""
        if wanted and kind != wanted and len(good):
            words = {"f": "floats", "M": "dates (datetime64)", "i": "whole numbers"}[wanted]
            raise CallError(f"Called `clean` on {about}: got `{name}` as {good[name].dtype}, expected {words}.")


def share(found: Cleaned, sheet: Sheet) -> float:
    """Rows that went where they should, with every value right, as a share of all."""
    kinds = dict(zip(found.bad["row"], found.bad["kind"], strict=True))
    hits = sum(kinds.get(row) == kind for row, kind in zip(sheet.bad["row"], sheet.bad["kind"], strict=True))
    agree = same(found.good.set_index("row").reindex(sheet.good["row"]), sheet.good.set_index("row"), OFF)
    hits += int(np.logical_and.reduce(list(agree.values())).sum())
    return hits / len(sheet.raw)


def worst(shipped: Shipped, *sheets: Sheet) -> Measurement:
    """Share of rows that go where they should, with every value right; the worst table counts. Raises CallError."""
    return Measurement(min(share(ask(shipped, sheet.raw), sheet) for sheet in sheets))


def one_by_one(ship: Ship, sheet: Sheet) -> Measurement:
    """Each row in a table of its own: columns in another order, one more, another index."""
    rng = np.random.default_rng(0)
    names = [*sheet.raw.columns, "note"]
    repeats = sheet.bad["kind"].isin(["duplicate", "leak"])
    judged = set(sheet.good["row"]) | set(sheet.bad["row"][~repeats])  # one row alone repeats nobody
    raw = sheet.raw.assign(note="x")
    batches = [raw.iloc[[k]][list(rng.permutation(names))] for k in range(len(raw)) if raw["row"].iloc[k] in judged]
    with ship.open() as shipped:
        answers = [
            answer
            for k in range(0, len(batches), 10)
            for answer in shipped.map("clean", [(b,) for b in batches[k : k + 10]])
        ]
    parts = [checked(answer, batch) for answer, batch in zip(answers, batches, strict=True)]
    goods = [one.good for one in parts if len(one.good)]
    good = pd.concat(goods, ignore_index=True) if goods else parts[0].good
    bad = pd.concat([one.bad for one in parts], ignore_index=True)
    alone = type(sheet)(raw[raw["row"].isin(judged)], sheet.good, sheet.bad[~repeats])
    return Measurement(share(Cleaned(good, bad), alone))


def replayed(ship: Ship, holdout: Holdout, case: int) -> Replay:
    """What differs: from the truth (0), after cleaning twice (1), in another order (2). Raises Problem, CallError."""
    titles = ("The table, against the contract", "The cleaned table, cleaned again", "The table in another order")
    if not 0 <= case < len(titles):
        raise Problem(f"There are 0 (the table), 1 (cleaned twice) and 2 (another order); {case} is none of them.")
    sheet = holdout.truth["sheet"]
    with ship.open() as shipped:
        first = shipped.call("clean", sheet.raw)
    if case == 0:
        pair = checked(first, sheet.raw), Cleaned(sheet.good, sheet.bad)
    else:
        pair = again(ship, first, sheet.raw) if case == 1 else order(ship, first, sheet.raw, holdout.seed)
    every = list(differences(*pair, 0.0 if case else OFF))
    raw = sheet.raw.set_index("row")
    rows = []
    for row, name, yours, wanted in every[:MOST]:
        told = raw.at[row, name] if name != "kind" else " · ".join(raw.loc[row, list(SHOWN)].astype(str))
        rows.append((int(row), name, told, yours, wanted))
    count, of = len({row for row, *_ in every}), len(sheet.raw)
    said = (
        f"{count:,} of {of:,} rows differ, in {len(every):,} places"
        if every
        else f"All {of:,} rows are as they must be"
    )
    more = f"; the first {MOST} are shown." if len(every) > MOST else "."
    return Replay(titles[case], ("row", "column", "typed", "yours", "expected"), rows, said + more)
