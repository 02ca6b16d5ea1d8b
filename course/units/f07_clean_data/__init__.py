"""f07: clean the data. People type as they please and exports break the rest; what may a model be trained on?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from course.contract.artifacts.modules import ModuleSpec, Ship, clauses
from course.contract.cost.throughput import throughput
from course.contract.processes import expect
from course.contract.processes.calls import CallError, Module, Shipped
from course.contract.terms.estimates import Estimate
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import Measurement, Term
from course.key import Key
from course.units.base import ModuleUnit

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from course.units.f07_clean_data.world import Sheet

#: How far a number may be off, in cm and kg.
OFF = 0.1
NUMBERS, DATES = ("height", "weight", "step"), ("born", "signed_up", "exported")


@dataclass(frozen=True)
class Cleaned:
    """What `clean` returned, checked: both tables sorted by `row`, each row number at most once in both together."""

    good: pd.DataFrame
    bad: pd.DataFrame


class CleanData(ModuleUnit):
    """A raw table in; the rows that may be trained on, and the others with what is wrong with them, out."""

    name = "f07-clean-data"
    title = "Clean the data"
    brief = "The step model got worse. Clean up the sign-up data, will you?"
    module = ModuleSpec("clean.py", {"clean": "clean(frame) -> (frame, quarantine)"}, seconds=5.0)
    also = ("baseline.py",)

    estimates: Mapping[str, Estimate] = {
        "microseconds_a_row": Estimate(
            "How long may one row take if 40 million rows must be clean within 15 minutes on one core?",
            "µs a row", 22, 23,
            "15 x 60 s / 40e6 rows = 22.5 µs",
        ),
        "loop_minutes": Estimate(
            "How long does a loop over the rows of a frame take for the export, at 75 µs a row?", "minutes", 48, 52,
            "40e6 x 75 µs = 3,000 s = 50 minutes",
        ),
        "memory_gb": Estimate(
            "How much memory do the export's 9 text columns take as Python strings of 60 bytes and a pointer of 8?",
            "GB", 23, 26,
            "40e6 x 9 x 68 bytes = 24.5 GB",
        ),
        "metres_lost": Estimate(
            "A runner of 5 feet 10 is stored as 5 feet 1. How much shorter does the app say her 10 km are?",
            "m", 1_270, 1_300,
            "step length is proportional to height: 9 of 70 inches are missing, 12.9 % of 10,000 m",
        ),
        "tall_customers": Estimate(
            "If heights were exactly normal, how many of 40 million customers would a rule of three standard "
            "deviations throw out?", "customers", 100_000, 125_000,
            "0.27 % of a normal distribution lies beyond three standard deviations: 108,000",
        ),
    }  # fmt: skip

    hints: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "estimates": (
            "Three are rows times something for each row. Write the units beside every number before you multiply.",
            "Step length is a share of height, so the distance is off by the same share as the height. Work in inches.",
            "Beyond three standard deviations lie 0.27 % of a normal distribution, both sides together.",
        ),
        "baseline": (
            '`pd.to_numeric` and `pd.to_datetime` with `errors="coerce"` make what they can\'t read missing.',
            "What `dropna` takes out goes into quarantine as `missing`, what `drop_duplicates` does as `duplicate`.",
            "Every row has a number of its own, so leave `row` out of the columns in which rows are compared.",
        ),
        "artifact": (
            "One step at a time: texts in lower case without blanks, then one function for each column that reads it, "
            "then one kind for each row, and repeats last, among the rows that are still good.",
            "Heights: one regular expression with a named group for each number and each unit, `str.extract`, and then "
            "arithmetic on whole columns. Never turn the text into a number first: 5.10 and 5.1 are different people.",
            "Cleaning twice must change nothing, so every reader must take what it has written itself: heights as "
            "floats in cm, dates as dates. Turn a column into text first, or look at its dtype.",
            "`np.select` with the conditions in the order of the list gives every row the first kind that applies.",
            "Sort the good rows by `row`, look for addresses that also have a row in `test`, take their `train` rows "
            "out, and then use `duplicated`.",
        ),
    }

    terms = (
        Term(
            "estimates", "Estimates in range", "of 5", 5, "higher", 10, "Work the estimates out again.",
            floor=0, digits=0,
        ),
        Term(
            "baseline", "Baseline's faults found", "F1 over kinds", 0.005, "higher", 4,
            "The baseline must put into quarantine what it drops, as `missing` or `duplicate`.", band=0.005, digits=3,
        ),
        Term(
            "interface", "Returns what the contract says", "of 4 checks", 4, "higher", 4,
            "Read the columns, the types and the vocabulary again.", floor=0, digits=0,
        ),
        Term(
            "untouched", "Leaves the caller's table alone", "of 1", 1, "higher", 2,
            "Work on a copy: the caller still needs the table as it came.", digits=0,
        ),
        Term(
            "quality", "Faults found, by kind", "F1 over kinds", 0.97, "higher", 12,
            "Compare your quarantine with the public one, kind by kind.", floor=0.50, band=0.01, digits=3,
        ),
        Term(
            "kept", "Good rows kept", "% of good rows", 0.99, "higher", 4,
            "Good rows are lost: look at which, and why.", floor=0.95, band=0.005, scale=100,
        ),
        Term(
            "right", "Good rows with every value right", "% of good rows", 0.97, "higher", 7,
            "Compare your values with the public ones, column by column.", floor=0.40, band=0.01, scale=100,
        ),
        Term(
            "model", "R² of the step model, against clean data", "%", 0.98, "higher", 7,
            "A few wrong heights bend the model: look at the rows far from its line.", floor=0.50, band=0.01, scale=100,
        ),
        Term(
            "throughput", "Cost of a row", "x plain pandas", 5.0, "lower", 12,
            "Don't build an object for each row: read whole columns, or each different text once.", digits=2,
            production=True,
        ),
        Term(
            "again", "Rows changed by cleaning twice", "rows", 0, "lower", 4,
            "Clean what you have cleaned: every reader must take what it wrote.", digits=0,
        ),
        Term(
            "order", "Rows changed by another order", "rows", 0, "lower", 4,
            "Shuffle the rows: what is kept, and how, must not depend on what comes first.", digits=0,
        ),
        Term(
            "writing", "Rows right, other ways of writing", "% of rows", 0.95, "higher", 4,
            "The contract names more ways of writing, and more that stands for nothing, than the public table shows.",
            floor=0.75, band=0.02, scale=100, hidden=True,
        ),
        Term(
            "alone", "Rows right, one at a time", "% of rows", 0.97, "higher", 3,
            "A row is judged by the contract, not by its neighbours, the order of columns or the index.",
            floor=0.80, band=0.02, scale=100, hidden=True,
        ),
        Term(
            "others", "Rows right, other crowds", "% of rows", 0.98, "higher", 3,
            "Other crowds write and err at other rates; a rule that looks at the whole table moves with them.",
            floor=0.85, band=0.02, scale=100, hidden=True,
        ),
    )  # fmt: skip

    def public_data(self, key: Key) -> dict[str, np.ndarray]:
        """The raw public table, what it must become, and people measured in the lab: see `world.packed`."""
        return dict(_public(self, key))

    def _answers(self, key: Key) -> tuple[tuple[list, list], tuple[list, list]]:
        """Real answers (heights, sexes) for the public table and for the private one."""
        from course.units.f07_clean_data import world

        heights, sexes = world.reported()
        order = key.rng(self.name, "split").permutation(len(heights))
        return tuple(([heights[k] for k in part], [sexes[k] for k in part]) for part in (order[:450], order[450:]))  # type: ignore[return-value]

    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """The public table."""
        from course.units.f07_clean_data import world

        found = world.Sheet(*(world.unpacked(data, name) for name in ("raw", "good", "bad")))
        return Holdout("public", truth={"sheet": found, "lab": world.unpacked(data, "lab")})

    def private_holdout(self, key: Key) -> Holdout:
        """Another table of the same world, and three that differ from it as the contract allows."""
        return _private(self, key)

    @clauses("quality")
    def find(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Mean F1 of the quarantine over the kinds."""
        with ship.open() as shipped:
            return {"quality": self._quality(ask(shipped, holdout.truth["sheet"].raw).bad, holdout.truth["sheet"])}

    def _quality(self, bad: pd.DataFrame, sheet: Sheet) -> Measurement:
        from course.units.f07_clean_data import world

        scores = world.f1(bad, sheet.bad)
        worst = min(scores, key=scores.__getitem__)
        note = "" if scores[worst] > 0.97 else f"Worst kind: `{worst}`."
        return Measurement(sum(scores.values()) / len(scores), note)

    @clauses("throughput")
    def speed(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Cost of a row against plain pandas."""
        from course.units.f07_clean_data import world

        raw = holdout.truth["sheet"].raw
        yardstick = Module("yardstick.py", (Path(__file__).parent / "yardstick.py").read_bytes(), {})
        found = throughput(
            ship.module,
            yardstick,
            "clean",
            lambda draws: [(world.timed(raw, draws),)],
            self.term("throughput").budget,
            seed=holdout.seed,
        )
        micros = found.us_per_row / world.TIMED_ROWS
        return {
            "throughput": Measurement(found.ratio, found.note, found.verdict, f"{micros:.1f} µs a row on this machine")
        }

    @clauses("interface", "untouched", "kept", "right", "model", "again", "order", "writing", "alone", "others")
    def work(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """What came through and what it is good for; what holds for every table; tables that differ."""
        truth, sheet = holdout.truth, holdout.truth["sheet"]
        answer = cache(lambda shipped: shipped.call("clean", sheet.raw))

        def good(shipped: Shipped) -> pd.DataFrame:
            return checked(answer(shipped), sheet.raw).good

        jobs = {
            "interface": lambda shipped: _interface(ship, shipped, sheet.raw.head(300)),
            "untouched": lambda shipped: Measurement(float(shipped.leaves_alone("clean", sheet.raw.head(300)))),
            "kept": lambda shipped: Measurement(float(sheet.good["row"].isin(good(shipped)["row"]).mean())),
            "right": lambda shipped: _right(good(shipped), sheet),
            "model": lambda shipped: _model(good(shipped), holdout),
            "again": lambda shipped: _again(shipped, answer(shipped), sheet.raw),
            "order": lambda shipped: _order(shipped, answer(shipped), sheet.raw, holdout.seed),
        }
        if "writing" in truth:
            jobs |= {
                "writing": lambda shipped: _verdicts(shipped, truth["writing"]),
                "alone": lambda shipped: _one_by_one(shipped, truth["alone"]),
                "others": lambda shipped: _verdicts(shipped, *truth["others"]),
            }
        return _apart(ship, jobs)


@lru_cache(maxsize=32)
def _public(unit: CleanData, key: Key) -> dict[str, np.ndarray]:
    from course.units.f07_clean_data import world

    at = world.world(key.rng(unit.name, "world"))
    found = world.sheet(1_500, at, key.rng(unit.name, "public"), unit._answers(key)[0])
    return world.packed(found, world.lab(400, at, key.rng(unit.name, "public lab")))


@lru_cache(maxsize=32)
def _private(unit: CleanData, key: Key) -> Holdout:
    from course.units.f07_clean_data import world

    at = world.world(key.rng(unit.name, "world"))
    answers = unit._answers(key)[1]
    rng = key.rng(unit.name, "slices")
    truth = {
        "sheet": world.sheet(1_700, at, key.rng(unit.name, "private"), answers),
        "lab": world.lab(400, at, key.rng(unit.name, "private lab")),
        "writing": world.sheet(400, world.other_writing(at, rng), rng),
        "alone": world.sheet(20, world.other_writing(at, rng, 0.2), rng),
        "others": [world.sheet(250, other, rng) for other in world.other_crowds(at, rng)],
    }
    return Holdout("private", truth=truth, seed=int(key.rng(unit.name, "timing").integers(2**31)))


def _apart(ship: Ship, jobs: Mapping[str, Callable[[Shipped], Measurement]]) -> dict[str, Measurement]:
    """Each job's measurement; one that fails breaks its own clause, and the others go on."""
    found: dict[str, Measurement] = {}
    while len(found) < len(jobs):
        with ship.open() as shipped:
            for name in [name for name in jobs if name not in found]:
                try:
                    found[name] = jobs[name](shipped)
                except CallError as error:
                    found[name] = Measurement(None, str(error), "broken")
                    if not _alive(shipped):
                        break
                except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError) as error:
                    odd = f"What `clean` returned can't be judged ({type(error).__name__}); read its contract again."
                    found[name] = Measurement(None, odd, "broken")
    return found


def _alive(shipped: Shipped) -> bool:
    try:
        shipped.exchange(shipped.request(None, "", []), "clean")
    except CallError:
        return False
    return True


def ask(shipped: Shipped, raw: pd.DataFrame) -> Cleaned:
    """`clean(raw)`, checked as far as judging needs it. Raises CallError."""
    return checked(shipped.call("clean", raw), raw)


def checked(value: object, raw: pd.DataFrame) -> Cleaned:
    """Both tables with their columns, sorted by `row`; every row number is known and there once. Raises CallError."""
    from course.units.f07_clean_data import world

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
    import numpy as np
    import pandas as pd

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


def _right(good: pd.DataFrame, sheet: Sheet) -> Measurement:
    import numpy as np

    agree = same(good.set_index("row").reindex(sheet.good["row"]), sheet.good.set_index("row"), OFF)
    wrong = {name: int((~hits).sum()) for name, hits in agree.items()}
    worst = max(wrong, key=wrong.__getitem__)
    note = f"Most often wrong or lost: `{worst}`." if wrong[worst] > 0.03 * len(sheet.good) else ""
    return Measurement(float(np.logical_and.reduce(list(agree.values())).mean()), note)


def _model(good: pd.DataFrame, holdout: Holdout) -> Measurement:
    import numpy as np

    from course.units.f07_clean_data import world

    sheet, lab = holdout.truth["sheet"], holdout.truth["lab"]
    _typed(good, "the public table" if holdout.name == "public" else "a table")
    rows = good[good["part"] == "train"]
    if len(rows) < 30:
        return Measurement(None, "A model needs at least 30 rows of `train`; fewer were kept.", "broken")
    if not np.isfinite(world.features(rows)).all() or not np.isfinite(rows["step"]).all():
        return Measurement(None, "The kept rows have a `height`, a date or a `step` that is missing.", "broken")
    return Measurement(max(world.r2(good, lab), 0.0) / world.r2(sheet.good, lab))


def _interface(ship: Ship, shipped: Shipped, raw: pd.DataFrame) -> Measurement:
    """Tables of the right kind, each row once, also for an empty table, and the same in another process."""

    def twice() -> None:
        with ship.open() as other:
            if differing(ask(shipped, raw), ask(other, raw)):
                raise CallError("`clean` gave another answer for the same table in another process; it must not.")

    passed, notes = 0, []
    for check in (_types, _complete, _empty, lambda *_: twice()):
        try:
            check(shipped, raw)
            passed += 1
        except CallError as error:
            notes.append(str(error))
    return Measurement(float(passed), notes[0] if notes else "")


def _again(shipped: Shipped, first: object, raw: pd.DataFrame) -> Measurement:
    before = checked(first, raw)
    after = ask(shipped, first[0])
    return Measurement(float(differing(Cleaned(before.good, before.bad.head(0)), after)))


def _order(shipped: Shipped, first: object, raw: pd.DataFrame, seed: int) -> Measurement:
    other = ask(shipped, raw.sample(frac=1, random_state=seed))
    return Measurement(float(differing(checked(first, raw), other)))


def differing(one: Cleaned, other: Cleaned) -> int:
    """Rows that two cleanings do not treat the same."""
    import numpy as np

    kinds = [dict(zip(found.bad["row"], found.bad["kind"], strict=True)) for found in (one, other)]
    kinds = [k | dict.fromkeys(found.good["row"].tolist(), "") for k, found in zip(kinds, (one, other), strict=True)]
    differ = {row for row in kinds[0].keys() | kinds[1].keys() if kinds[0].get(row) != kinds[1].get(row)}
    both = one.good["row"][one.good["row"].isin(other.good["row"])]
    left, right = (found.good.set_index("row").loc[both] for found in (one, other))
    agree = np.logical_and.reduce(list(same(left, right, 0.0).values())) if len(both) else np.ones(0, bool)
    return len(differ | set(both[~agree]))


def _typed(good: pd.DataFrame, about: str) -> None:
    for name in good.columns:
        kind = good[name].dtype.kind
        wanted = "f" if name in NUMBERS else "M" if name in DATES else "i" if name == "row" else ""
        if wanted and kind != wanted and len(good):
            words = {"f": "floats", "M": "dates (datetime64)", "i": "whole numbers"}[wanted]
            raise CallError(f"Called `clean` on {about}: got `{name}` as {good[name].dtype}, expected {words}.")


def _types(shipped: Shipped, raw: pd.DataFrame) -> None:
    _typed(ask(shipped, raw).good, f"{len(raw)} rows")


def _complete(shipped: Shipped, raw: pd.DataFrame) -> None:
    found = ask(shipped, raw)
    if len(found.good) + len(found.bad) < len(raw):
        raise CallError(
            f"Called `clean({len(raw)} rows)`: got {len(found.good)} good rows and {len(found.bad)} in quarantine, "
            "expected every row in one of the two tables."
        )


def _empty(shipped: Shipped, raw: pd.DataFrame) -> None:
    found = ask(shipped, raw.head(0))
    if len(found.good) or len(found.bad):
        raise CallError("Called `clean` on a table without rows: got rows, expected two tables without any.")


def _verdicts(shipped: Shipped, *sheets: Sheet) -> Measurement:
    """Share of rows that go where they should, with every value right; the worst of several tables."""
    return Measurement(min(share(ask(shipped, sheet.raw), sheet) for sheet in sheets))


def share(found: Cleaned, sheet: Sheet) -> float:
    """Rows that went where they should, with every value right, as a share of all."""
    import numpy as np

    kinds = dict(zip(found.bad["row"], found.bad["kind"], strict=True))
    hits = sum(kinds.get(row) == kind for row, kind in zip(sheet.bad["row"], sheet.bad["kind"], strict=True))
    agree = same(found.good.set_index("row").reindex(sheet.good["row"]), sheet.good.set_index("row"), OFF)
    hits += int(np.logical_and.reduce(list(agree.values())).sum())
    return hits / len(sheet.raw)


def _one_by_one(shipped: Shipped, sheet: Sheet) -> Measurement:
    """Each row in a table of its own: columns in another order, one more, another index."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(0)
    names = [*sheet.raw.columns, "note"]
    repeats = sheet.bad["kind"].isin(["duplicate", "leak"])
    judged = set(sheet.good["row"]) | set(sheet.bad["row"][~repeats])  # one row alone repeats nobody
    raw = sheet.raw.assign(note="x")
    batches = [raw.iloc[[k]][list(rng.permutation(names))] for k in range(len(raw)) if raw["row"].iloc[k] in judged]
    answers = [
        answer
        for k in range(0, len(batches), 10)
        for answer in shipped.map("clean", [(b,) for b in batches[k : k + 10]])
    ]
    found = [checked(answer, batch) for answer, batch in zip(answers, batches, strict=True)]
    goods = [one.good for one in found if len(one.good)]
    good = pd.concat(goods, ignore_index=True) if goods else found[0].good
    bad = pd.concat([one.bad for one in found], ignore_index=True)
    alone = type(sheet)(raw[raw["row"].isin(judged)], sheet.good, sheet.bad[~repeats])
    return Measurement(share(Cleaned(good, bad), alone))


UNIT = CleanData()
