"""f07 rehearsed: what must pass, what must fail, and where.

Functions here are cells: only their bodies are used, as the text of `clean.py` or as what follows it. Parameters
name what a body takes from the reference's text before it.
"""

from __future__ import annotations

from course.grading.authoring.rehearse import Rehearsal


def distinct_texts():
    """No pandas text functions: every different text of a column is read once by plain Python, then looked up."""
    import datetime as dt
    import re

    import numpy as np
    import pandas as pd

    SEXES = {"f": "female", "female": "female", "woman": "female", "m": "male", "male": "male", "man": "male"}
    STAND_INS = {"", "-", "?", "n/a", "none", "null", "nan", "nat"}
    TO_CM = {"cm": 1.0, "mm": 0.1, "m": 100.0, "": 0.0, "in": 2.54}
    INCHES = re.compile(r"\s*(?:''|\"|inches|inch|in)$")
    FOOT = re.compile(r"\s*(?:'|feet|foot|ft)\s*(?:and\s+)?")
    BARE = ((1.2, 2.2, 100.0), (48, 87, 2.54), (120, 220, 1.0), (1200, 2200, 0.1))

    def number(text):
        return float(text.replace(",", ".")) if re.fullmatch(r"\d+(?:[.,]\d+)?", text) else None

    def stands_in(text):
        try:
            return text in STAND_INS or float(text.replace(",", ".")) in (0, 999, -1)
        except ValueError:
            return False

    def feet_and_inches(text):
        """(feet, inches) of a text that says both, else None."""
        parts = FOOT.split(text, maxsplit=1)
        if len(parts) == 1:
            if found := re.fullmatch(r"(\d)(?:\s*[.,]\s*(\d\d?)|\s+(?:and\s+)?(.+))", text):
                parts = [found[1], found[2] or found[3]]
            elif re.fullmatch(r"\d", text):
                parts = [text, "0"]
            else:
                return None
        feet, inches = parts[0], number(INCHES.sub("", parts[1]) or "0")
        return (int(feet), inches) if feet in tuple("4567") and inches is not None else None

    def centimetres(text):
        text = text.translate(str.maketrans("’′”″", "''\"\""))
        if both := feet_and_inches(text):
            cm = (both[0] * 12 + both[1]) * 2.54 if both[1] < 12 else np.nan
        elif found := re.fullmatch(r"([12])\s*m\s*(\d\d)", text):
            cm = float(found[1] + found[2])
        else:
            bare = INCHES.sub(" in", text)
            found = re.fullmatch(r"([\d.,]+)\s*(cm|mm|m|in|)", bare)
            value = number(found[1]) if found else None
            if value is None:
                return np.nan
            cm = value * (TO_CM[found[2]] or next((scale for low, high, scale in BARE if low <= value <= high), np.nan))
        return cm if 120 <= cm <= 220 else np.nan

    def kilograms(text):
        found = re.fullmatch(r"([\d.,]+)\s*(kg|lbs?|pounds?|)", text)
        kg = number(found[1]) if found else None
        kg = np.nan if kg is None else kg * (1 if found[2] in ("kg", "") else 0.45359237)
        return kg if 30 <= kg <= 250 else np.nan

    def length(text):
        value = number(text.lstrip("-"))
        return np.nan if value is None else value

    def day(text):
        if re.fullmatch(r"\d\d\.\d\d\.\d{4}", text):
            text = f"{text[6:]}-{text[3:5]}-{text[:2]}"
        try:
            return dt.date.fromisoformat(text).toordinal() if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else np.nan
        except ValueError:
            return np.nan

    class Texts:
        """A column as its different texts, and where each stands."""

        def __init__(self, column):
            self.codes, found = pd.factorize(pd.Series(column).astype("str"), use_na_sentinel=False)
            self.texts = [str(text).strip().lower() for text in found]

        def read(self, function):
            return (
                np.array([function(text) for text in self.texts] or [0])[self.codes]
                if len(self.codes)
                else np.array([])
            )

    def clean(frame):
        height, weight = frame["height"].to_numpy(object), frame["weight"].to_numpy(object)
        at = np.flatnonzero(Texts(height).read(lambda text: bool(re.search(r"\d\s*(?:kg|lbs?|pounds?)$", text))))
        height, weight = height.copy(), weight.copy()
        height[at], weight[at] = weight[at], height[at]
        columns = {
            name: Texts(frame[name]) for name in ("part", "email", "sex", "born", "signed_up", "exported", "step")
        }
        columns |= {"height": Texts(height), "weight": Texts(weight)}
        cm = columns["height"].read(centimetres).astype(float)
        days = {name: columns[name].read(day).astype(float) for name in ("born", "signed_up", "exported")}
        raw_step = columns["step"].read(length).astype(float)
        step = np.select(
            [np.abs(k * raw_step / cm - 0.45) <= 0.15 for k in (1, 2.54)], [raw_step, 2.54 * raw_step], np.nan
        )
        gone = {name: columns[name].read(stands_in).astype(bool) for name in ("height", "step", "born", "signed_up")}
        for name in ("born", "signed_up"):
            gone[name] |= columns[name].read(lambda text: text in ("1900-01-01", "0000-00-00")).astype(bool)
        age = days["signed_up"] - days["born"]
        timely = (age >= 5_844) & (age <= 36_525) & (days["signed_up"] <= days["exported"])
        conditions = [np.logical_or.reduce(list(gone.values())), np.isnan(cm), ~timely, np.isnan(step)]
        kind = np.select(conditions, ["missing", "height", "time", "label"], "").astype(object)

        part = columns["part"].read(str).astype(object)
        email = columns["email"].read(lambda text: re.sub(r"\+[^@]*@", "@", text)).astype(object)
        rows = frame["row"].to_numpy()
        first = {}
        order = np.lexsort((rows, part == "train"))
        for place in order[kind[order] == ""]:
            holder = first.setdefault(email[place], place)
            if holder != place:
                kind[place] = "leak" if part[holder] == "test" and part[place] == "train" else "duplicate"
        stays = kind == ""
        epoch = dt.date(1970, 1, 1).toordinal()
        good = {
            "row": rows,
            "part": part,
            "email": email,
            "sex": columns["sex"].read(lambda t: SEXES.get(t, "unstated")),
            "height": cm,
            "weight": columns["weight"].read(kilograms).astype(float),
        }
        good = {name: values[stays] for name, values in good.items()}
        good |= {name: (values[stays] - epoch).astype("M8[D]").astype("M8[s]") for name, values in days.items()}
        table = pd.DataFrame({**good, "step": step[stays]})
        table = table.astype({name: "str" for name in ("part", "email", "sex")})
        return table, pd.DataFrame({"row": rows[~stays], "kind": kind[~stays]})


def drop_and_dedupe():
    """The baseline, shipped."""
    import pandas as pd

    def clean(frame):
        """Read what reads by itself, drop what does not, drop repeated rows."""
        table = frame.copy()
        for name in ("height", "weight", "step"):
            table[name] = pd.to_numeric(table[name], errors="coerce")
        for name in ("born", "signed_up", "exported"):
            table[name] = pd.to_datetime(table[name], format="%Y-%m-%d", errors="coerce")
        whole = table.dropna(subset=["height", "step", "born", "signed_up", "exported"])
        kept = whole.drop_duplicates(subset=[name for name in table if name != "row"])
        gone = {"missing": table.index.difference(whole.index), "duplicate": whole.index.difference(kept.index)}
        quarantine = pd.concat(
            [pd.DataFrame({"row": table.loc[rows, "row"], "kind": kind}) for kind, rows in gone.items()]
        )
        return kept, quarantine


def z_scores(pd, np, numbers, heights, steps):
    """Scales by threshold, and whatever lies three standard deviations out is an error."""
    careful = heights

    def likely(column):
        return column.where(((column - column.mean()) / column.std()).abs() < 3)

    def heights(column):
        alone = numbers(column)
        guess = alone * np.select([alone < 3, alone < 8, alone < 90], [100, 30.48, 2.54], 1.0)
        return likely(guess.fillna(careful(column)))

    def steps(column, height):
        return likely(numbers(column).abs())


def row_by_row():
    """Right in everything, and a row object for each row."""
    import datetime as dt
    import re

    import pandas as pd

    COLUMNS = ["row", "part", "email", "sex", "height", "weight", "born", "signed_up", "exported", "step"]
    STAND_INS = {"", "-", "?", "n/a", "none", "null", "nan"}
    SEXES = {"f": "female", "female": "female", "woman": "female", "m": "male", "male": "male", "man": "male"}
    FEET = re.compile(
        r"([4-7])\s*(?:(?:'|ft|feet|foot|\s)\s*(?:and\s+)?(\d+(?:[.,]\d+)?)\s*(?:''|\"|inches|inch|in)?|[.,]\s*(\d\d?)|(?:'|ft|feet|foot))?"
    )
    METRES = re.compile(r"([12])\s*m\s*(\d\d)")
    ONE = re.compile(r"(\d+(?:[.,]\d+)?)\s*(cm|mm|m|''|\"|inches|inch|in)?")
    WEIGHT = re.compile(r"(\d+(?:[.,]\d+)?)\s*(kg|lbs?|pounds?)?")
    SCALE = {"cm": 1.0, "mm": 0.1, "m": 100.0, "''": 2.54, '"': 2.54, "inches": 2.54, "inch": 2.54, "in": 2.54}
    BARE = ((1.2, 2.2, 100.0), (48, 87, 2.54), (120, 220, 1.0), (1200, 2200, 0.1))

    def number(text):
        try:
            return float(text.replace(",", "."))
        except ValueError:
            return None

    def stands_in(text):
        return text in STAND_INS or number(text) in (0.0, 999.0, -1.0)

    def height_of(text):
        text = text.replace("’", "'").replace("′", "'").replace("”", '"').replace("″", '"')
        cm = None
        if found := FEET.fullmatch(text):
            inches = number(found[2] or found[3] or "0")
            cm = (int(found[1]) * 12 + inches) * 2.54 if inches < 12 else None
        elif found := METRES.fullmatch(text):
            cm = float(found[1] + found[2])
        elif found := ONE.fullmatch(text):
            value = number(found[1])
            scale = SCALE[found[2]] if found[2] else next((s for a, b, s in BARE if a <= value <= b), None)
            cm = value * scale if scale else None
        return cm if cm is not None and 120 <= cm <= 220 else None

    def weight_of(text):
        found = WEIGHT.fullmatch(text)
        kg = number(found[1]) * (0.45359237 if (found[2] or "kg") != "kg" else 1) if found else None
        return kg if kg is not None and 30 <= kg <= 250 else None

    def date_of(value):
        if isinstance(value, pd.Timestamp):
            return value.to_pydatetime()
        text = str(value).strip()
        try:
            if re.fullmatch(r"\d\d\.\d\d\.\d{4}", text):
                text = f"{text[6:]}-{text[3:5]}-{text[:2]}"
            return dt.datetime.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else None
        except ValueError:
            return None

    def judge(row):
        raw = {c: str(row[c]).strip().lower() for c in COLUMNS}
        if re.fullmatch(r".*\d\s*(?:kg|lbs?|pounds?)", raw["height"]):
            raw["height"], raw["weight"] = raw["weight"], raw["height"]
        one = {"row": int(row["row"]), "part": raw["part"], "email": re.sub(r"\+[^@]*@", "@", raw["email"])}
        one["sex"] = SEXES.get(raw["sex"], "unstated")
        one["height"], one["weight"] = height_of(raw["height"]), weight_of(raw["weight"])
        one |= {c: date_of(row[c]) for c in ("born", "signed_up", "exported")}
        step = number(raw["step"])
        step = abs(step) if step is not None else None
        one["step"] = None
        if step and one["height"]:
            one["step"] = next((s for s in (step, step * 2.54) if 0.3 <= s / one["height"] <= 0.6), None)
        if (
            stands_in(raw["height"])
            or stands_in(raw["step"])
            or any(stands_in(raw[c]) or raw[c] in ("1900-01-01", "0000-00-00") for c in ("born", "signed_up"))
        ):
            return one, "missing"
        if one["height"] is None:
            return one, "height"
        born, signed = one["born"], one["signed_up"]
        if not born or not signed or signed > one["exported"] or not 5844 <= (signed - born).days <= 36525:
            return one, "time"
        return one, "" if one["step"] else "label"

    def clean(frame):
        judged = [judge(row) for _, row in frame.iterrows()]
        good = sorted((one for one, kind in judged if not kind), key=lambda one: (one["part"] != "test", one["row"]))
        bad = [{"row": one["row"], "kind": kind} for one, kind in judged if kind]
        first, kept = {}, []
        for one in good:
            if one["email"] not in first:
                first[one["email"]] = one["part"]
                kept.append(one)
            else:
                leak = first[one["email"]] == "test" and one["part"] == "train"
                bad.append({"row": one["row"], "kind": "leak" if leak else "duplicate"})
        out = pd.DataFrame(kept, columns=COLUMNS)
        for c in ("born", "signed_up", "exported"):
            out[c] = pd.to_datetime(out[c])
        return out.astype({"row": "int64", "height": float, "weight": float, "step": float}), pd.DataFrame(
            bad, columns=["row", "kind"]
        )


def public_only(NUMBER, FOOT):
    """What the public table shows, and no more of the contract."""
    HEIGHT = (  # noqa: F841
        rf"^(?:([4-7])(?:(?:\s*(?:'|feet|ft)\s*|\s+)(?:and\s+)?({NUMBER})\s*(?:''|\"|inches)?|\s*'|\s*[.,]\s*(\d\d?))?"
        rf"|(no)(metres)|({NUMBER})\s*(cm|m|''|\")?)$"
    )


def shortcuts(pd, texts, heights, clean):
    """Numbers before texts are understood, and repeats before faults."""
    careful, by_rules = heights, clean

    def heights(column):
        alone = pd.to_numeric(column, errors="coerce")
        return careful(column.where(alone.isna(), alone.astype("str")))

    def clean(frame):
        rows = pd.DataFrame({name: texts(frame[name]) for name in ("part", "email")}).assign(
            row=frame["row"].to_numpy()
        )
        rows["email"] = rows["email"].str.replace(r"\+[^@]*@", "@", regex=True)
        rows = rows.sort_values("row").sort_values("part", kind="stable")
        twice = rows.duplicated("email")
        leak = rows["part"].eq("train") & rows["email"].isin(rows.loc[rows["part"] == "test", "email"])
        good, bad = by_rules(frame[~frame["row"].isin(rows.loc[twice, "row"])])
        first = pd.DataFrame({"row": rows["row"], "kind": leak.map({True: "leak", False: "duplicate"})})[twice]
        return good, pd.concat([bad, first], ignore_index=True)


def careless(clean):
    """Trims the caller's own table, and texts alone."""
    by_rules = clean

    def clean(frame):
        for name in ("part", "email", "sex", "height", "weight", "step"):
            frame[name] = frame[name].str.strip()
        return by_rules(frame)


def first_come(clean):
    """Of a person's rows the one that stands first in the table stays, whatever its number."""
    by_number = clean

    def clean(frame):
        rows = frame["row"].to_numpy()
        good, bad = by_number(frame.assign(row=range(len(frame))))
        return good.assign(row=rows[good["row"]]), bad.assign(row=rows[bad["row"]])


def for_a_file(clean):
    """Dates as a CSV file would have them."""
    as_dates = clean

    def clean(frame):
        good, bad = as_dates(frame)
        for name in ("born", "signed_up", "exported"):
            good[name] = good[name].dt.strftime("%Y-%m-%d")
        return good, bad


HIDDEN = {"writing": (0, 1), "alone": (0, 1), "others": (0, 1)}

REHEARSALS = (
    Rehearsal("reference", "the worked solution: whole columns, one expression for heights", sample="reference"),
    Rehearsal(
        "distinct-texts",
        "an honest different solution: each different text is read once",
        replaced={"write-clean": distinct_texts},
        sample="alternative",
    ),
    Rehearsal(
        "drop-and-dedupe",
        "a trap: what does not read is dropped, and equal rows",
        replaced={"write-clean": drop_and_dedupe},
        loses={
            "interface": (0, 4),
            "quality": (0, 0),
            "kept": (0, 0),
            "right": (0, 0),
            "model": (0, 3),
            "order": (0, 4),
            **HIDDEN,
        },
        sample="trap",
    ),
    Rehearsal(
        "z-scores",
        "outliers by standard deviations of the table",
        added={"write-clean": z_scores},
        loses={
            "quality": (0, 11.9),
            "kept": (0, 4),
            "right": (0, 6.9),
            "model": (0, 6.9),
            "again": (0, 0),
            **HIDDEN,
            "writing": (0, 3.5),
        },
    ),
    Rehearsal(
        "row-by-row",
        "right, with a loop over rows",
        replaced={"write-clean": row_by_row},
        loses={"throughput": (0, 0)},
    ),
    Rehearsal(
        "public-only",
        "reads what the public table shows",
        added={"write-clean": public_only},
        loses={"writing": (0, 2.5), "alone": (0, 3)},
    ),
    Rehearsal(
        "shortcuts",
        "numbers too early, repeats too early",
        added={"write-clean": shortcuts},
        loses={"quality": (6, 11.9), "kept": (0, 3.9), "right": (5, 7), "others": (0, 1.5), "writing": (2, 4)},
    ),
    Rehearsal(
        "careless",
        "right, but it changes the caller's table and takes nothing but texts",
        added={"write-clean": careless},
        loses={"untouched": (0, 0), "again": (0, 0)},
    ),
    Rehearsal(
        "first-come",
        "a trap: right while rows come in the order of their numbers",
        added={"write-clean": first_come},
        loses={
            "quality": (0, 11.9),
            "kept": (0, 3.9),
            "right": (0, 7),
            "order": (0, 0),
            "writing": (0, 4),
            "others": (0, 2.9),
        },
    ),
    Rehearsal(
        "for-a-file",
        "a trap: right, with dates as texts",
        added={"write-clean": for_a_file},
        loses={"interface": (3, 3), "model": (0, 0)},
    ),
)
