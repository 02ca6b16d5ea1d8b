"""q21 rehearsed: what must pass, what must fail, and where.

Functions here are cells: only their bodies are used, as the text of `nudge.py` or as what follows it. Parameters
name what a body takes from the reference's text before it.
"""

from __future__ import annotations

from course.grading.authoring.rehearse import Rehearsal


def arms():
    """A linear model of kept purchases within the week for each arm by itself, shrunk; another for what is bought."""
    import json

    import numpy as np

    with open("rules.json", encoding="utf-8") as file:
        SHOP = json.load(file)

    def rows(c):
        due = np.log((c["since"] + 4) / c["gap"]).clip(-2.5, 2)
        made = [
            due, due**2, np.sqrt(c["visits"]), np.nan_to_num(c["opens"], nan=0.44), c["bargains"], c["novel"], c["app"],
            np.sqrt(c["animals"]), np.log(c["basket"]) - 3.5, c["sent_back"], np.log(c["gap"]) - 3.3,
        ]  # fmt: skip
        return np.stack(made, axis=1).astype(float)

    def learn(log):
        lot = log["by_lot"]
        x, nudge, week = rows(log)[lot], log["nudge"][lot], (log["bought"] & (log["days"] <= 7))[lot]
        middle, spread = x.mean(axis=0), x.std(axis=0) + 1e-3
        z = np.column_stack([np.ones(len(x)), (x - middle) / spread])
        y = np.stack([week & ~log["back"][lot], week], axis=1).astype(float)
        ridge = np.diag([0.1] + [60.0] * 11)
        arms = [
            np.linalg.solve(z[nudge == k].T @ z[nudge == k] + ridge, z[nudge == k].T @ y[nudge == k]) for k in range(4)
        ]
        return np.concatenate([middle, spread, np.ravel(arms)]).astype(np.float32).tobytes()

    def choose(model, customers):
        w = np.frombuffer(model, np.float32).astype(float)
        z = np.column_stack([np.ones(len(customers["gap"])), (rows(customers) - w[:11]) / w[11:22]])
        keeps, buys = (z @ w[22:].reshape(4, 12, 2)[:, :, part].T for part in (0, 1))
        days = (keeps - keeps[:, :1]) * 0.6 * (customers["left"][:, None] - 3)
        days *= np.where(customers["nudged"] > 0, 0.6, 1.0)[:, None]
        euros = np.tile(SHOP["euros"], (len(z), 1))
        euros[:, SHOP["voucher"]] += SHOP["off"] * customers["basket"] * buys[:, SHOP["voucher"]].clip(0, 1)
        more = (buys - keeps) - buys * ((buys - keeps)[:, :1] / buys[:, :1].clip(0.05))
        gain = days - 0.8 * euros - 1.3 - 8 * more
        gain[:, 0] = 0
        gain[customers["nudged"] >= SHOP["most"], 1:] = -1
        return gain.argmax(axis=1)


def whole_log(np, learn):
    """The worked solution's regressions, on all rows."""
    by_lot = learn

    def learn(log):
        return by_lot({**log, "by_lot": np.ones(len(log["by_lot"]), bool)})


def fast_counts(np, learn):
    """A purchase is a purchase: what comes back is not looked at."""
    kept = learn

    def learn(log):
        return kept({**log, "back": np.zeros(len(log["back"]), bool)})


def likely_buyers(np, table, plain, chances, PLAIN, MOVES, RULES):
    """Who is likely to buy gets the nudge with which it is likeliest."""

    def choose(model, customers):
        w, z = np.frombuffer(model, np.float32).astype(float), table(customers)
        buy = chances(plain(z), z, w[: PLAIN + 3 * MOVES])
        nudge = 1 + buy[:, 1:].argmax(axis=1)
        go = (buy[:, 0] > 0.3) & (customers["nudged"] < RULES["most"])
        return np.where(go, nudge, 0)


def forests():
    """Boosted trees of days to a kept purchase, for each arm by itself, on the rows by lot."""
    import json
    import pickle

    import numpy as np
    from sklearn.ensemble import HistGradientBoostingRegressor

    with open("rules.json", encoding="utf-8") as file:
        SHOP = json.load(file)
    NAMES = (
        "since", "gap", "orders", "visits", "opens", "bargains", "novel", "app", "animals", "basket", "sent_back",
    )  # fmt: skip

    def rows(columns):
        return np.stack([columns[name] for name in NAMES], axis=1)

    def learn(log):
        x, kept = rows(log), np.where(log["bought"] & ~log["back"], log["days"], 42.0)
        arms = []
        for k in range(4):
            mine = log["by_lot"] & (log["nudge"] == k)
            mine = mine if mine.sum() > 5 else log["by_lot"]
            model = HistGradientBoostingRegressor(
                max_iter=60, learning_rate=0.08, max_leaf_nodes=15, early_stopping=False, random_state=0
            )
            arms.append(model.fit(x[mine], kept[mine]))
        return pickle.dumps(arms)

    def choose(model, customers):
        if not len(customers["gap"]):
            return np.zeros(0, int)
        days = np.stack([arm.predict(rows(customers)) for arm in pickle.loads(model)], axis=1)
        gain = days[:, :1] - days
        gain[:, 1:] -= 1.0
        gain[customers["nudged"] >= SHOP["most"], 1:] = -9
        return gain.argmax(axis=1)


def six_weeks():
    """Right in all but one thing: effects are measured on all 42 days."""
    import json

    import numpy as np

    with open("rules.json", encoding="utf-8") as file:
        SHOP = json.load(file)

    def rows(c):
        due = np.log((c["since"] + 4) / c["gap"]).clip(-2.5, 2)
        made = [
            np.ones(len(due)), due, due**2, np.sqrt(c["visits"]), np.nan_to_num(c["opens"], nan=0.44), c["bargains"],
            c["novel"], c["app"], np.sqrt(c["animals"]), np.log(c["basket"]) - 3.5, c["sent_back"],
            np.log(c["gap"]) - 3.3,
        ]  # fmt: skip
        return np.stack(made, axis=1).astype(float)

    def learn(log):
        lot = log["by_lot"]
        x, nudge = rows(log)[lot], log["nudge"][lot]
        kept = np.where(log["bought"] & ~log["back"], log["days"], 42.0)[lot]
        y = np.stack([kept, (log["bought"] & (log["days"] <= 7))[lot]], axis=1)
        arms = [np.linalg.lstsq(x[nudge == k], y[nudge == k])[0] for k in range(4)]
        return np.ravel(arms).astype(np.float32).tobytes()

    def choose(model, customers):
        found = np.frombuffer(model, np.float32).astype(float).reshape(4, 12, 2)
        days, buys = (rows(customers) @ found[:, :, part].T for part in (0, 1))
        euros = np.tile(SHOP["euros"], (len(days), 1))
        euros[:, SHOP["voucher"]] += SHOP["off"] * customers["basket"] * buys[:, SHOP["voucher"]].clip(0, 1)
        gain = (days[:, :1] - days) * customers["left"][:, None] / 42 - euros - 2.0
        gain[:, 0] = 0
        gain[customers["nudged"] >= SHOP["most"], 1:] = -9
        return gain.argmax(axis=1)


def every_gain():
    """Whatever seems to save anything is sent, whatever it costs."""
    LINE, EURO, RETURN = 0.0, 0.0, 0.0  # noqa: F841


def one_for_all():
    """The baseline, shipped."""
    import json

    import numpy as np

    with open("rules.json", encoding="utf-8") as file:
        SHOP = json.load(file)

    def learn(log):
        kept = np.where(log["bought"] & ~log["back"], log["days"], 42)
        days = [kept[log["by_lot"] & (log["nudge"] == nudge)] for nudge in (1, 2, 3)]
        return bytes([1 + int(np.argmin([one.mean() if len(one) else 42 for one in days]))])

    def choose(model, customers):
        return np.where(customers["nudged"] < SHOP["most"], model[0], 0)


def vouchers(np, RULES):
    """What the number on the wall asked for: a voucher for everybody."""

    def choose(model, customers):
        return np.where(customers["nudged"] < RULES["most"], RULES["voucher"], 0)


def no_count(RULES):
    """Nobody counts how many there were."""
    RULES["most"] = 6


def one_by_one(np, choose):
    """Right, a customer at a time."""
    batch = choose

    def choose(model, customers):
        count = len(customers["gap"])
        rows = ({name: values[at : at + 1] for name, values in customers.items()} for at in range(count))
        return np.array([int(batch(model, row)[0]) for row in rows], dtype=int)


def upper_half(np, choose, table):
    """A quota: the upper half by how due they are, of whoever comes together."""
    each = choose

    def choose(model, customers):
        due = table(customers)[:, 1]
        return np.where(due >= np.median(due) if len(due) else due > 0, each(model, customers), 0)


def in_place(np, choose):
    """Right, on columns that are not its own."""
    kept = choose

    def choose(model, customers):
        customers["opens"][np.isnan(customers["opens"])] = 0.44
        return kept(model, customers)


def nobody(np):
    """No nudge, no harm."""

    def choose(model, customers):
        return np.zeros(len(customers["gap"]), int)


NUDGE = "write-nudge"
NOTHING = {"quality": (0, 0), "helped": (0, 0), "new": (0, 0)}

REHEARSALS = (
    Rehearsal("reference", "the worked solution: effects by lot, on the week, and prices", sample="reference"),
    Rehearsal("arms", "an honest different solution: a linear model for each arm", {NUDGE: arms}, sample="alternative"),
    Rehearsal(
        "whole-log",
        "a trap: the worked solution, learned from all rows",
        added={NUDGE: whole_log},
        loses={"quality": (0, 12), "helped": (0, 3), "nudges": (0, 0), "spend": (0, 5), "new": (0, 4)},
        sample="trap",
    ),
    Rehearsal(
        "fast-counts",
        "fast returns are a success",
        added={NUDGE: fast_counts},
        loses={"returns": (0, 7), "quality": (0, 16), "picky": (0, 3), "spend": (0, 5), "new": (0, 4)},
    ),
    Rehearsal(
        "likely-buyers",
        "those who would buy anyway",
        added={NUDGE: likely_buyers},
        loses={"spend": (0, 0), "returns": (0, 0), "picky": (0, 1), "helped": (0, 6), "nudges": (0, 5)}
        | {"quality": (0, 0), "new": (0, 1)},
    ),
    Rehearsal(
        "forests",
        "a first competent attempt: a forest for each arm, on all 42 days, by lot",
        {NUDGE: forests},
        loses={"quality": (0, 6), "helped": (0, 3), "new": (0, 4), "nudges": (0, 5), "spend": (0, 0)}
        | {"state": (0, 0), "throughput": (0, 0), "returns": (0, 8), "picky": (0, 3)},
    ),
    Rehearsal(
        "six-weeks",
        "right but for the days: effects are measured on all 42",
        {NUDGE: six_weeks},
        loses={"quality": (0, 12), "helped": (0, 6), "new": (0, 4)},
    ),
    Rehearsal(
        "every-gain",
        "no line and no price",
        added={NUDGE: every_gain},
        loses={"nudges": (0, 0), "spend": (0, 0), "helped": (0, 6), "returns": (0, 8)},
    ),
    Rehearsal(
        "one-for-all",
        "the baseline, shipped",
        {NUDGE: one_for_all},
        loses={"quality": (0, 5), "helped": (0, 0), "nudges": (0, 0), "spend": (0, 0), "new": (0, 4)},
    ),
    Rehearsal(
        "vouchers",
        "what the number on the wall asked for",
        added={NUDGE: vouchers},
        loses=NOTHING | {"returns": (0, 0), "picky": (0, 0), "nudges": (0, 0), "spend": (0, 0)},
    ),
    Rehearsal("no-count", "nobody counts nudges", added={NUDGE: no_count}, loses={"capped": (0, 2.9)}),
    Rehearsal("one-by-one", "right, a customer at a time", added={NUDGE: one_by_one}, loses={"throughput": (0, 0)}),
    Rehearsal(
        "upper-half",
        "a quota among those who come together",
        added={NUDGE: upper_half},
        loses={"interface": (3, 5), "quality": (0, 12), "new": (0, 4)},
    ),
    Rehearsal("in-place", "right, on columns of others", added={NUDGE: in_place}, loses={"interface": (4, 5)}),
    Rehearsal("nobody", "no nudge, no harm", added={NUDGE: nobody}, loses=NOTHING),
)
