"""q15 rehearsed: what must pass, what must fail, and where.

Functions here are cells: only their bodies are used, as the text of `viewers.py`, of the training cell, or as what
follows them. Parameters name what a body takes from the reference's text before it.
"""

# ruff: noqa: F841
from __future__ import annotations

from course.grading.authoring.rehearse import Rehearsal


def weekly():
    """A small net, and effects that differ between two weeks and what follows, week by week."""
    import numpy as np

    WEEKS = 5

    def table(history, night):
        """A row a pair: what is known of it by its night."""
        rows, of = history["plays"], history["pairs"]
        n = len(of["genre"])
        night = np.full(n, night) if np.ndim(night) == 0 else night
        heard = rows["told"] <= night[rows["pair"]]
        own, else_ = heard & (rows["what"] == 1), heard & (rows["what"] == 0)
        who, when, share = rows["pair"][own], rows["day"][own], rows["done"][own] / 100
        seen = np.bincount(who, minlength=n)
        latest, oldest = night - 75, night + 0
        np.maximum.at(latest, who, when)
        np.minimum.at(oldest, who, when)
        quiet = night - latest
        pace = (latest - oldest).clip(0) / (seen - 1).clip(1) + 0.5
        late = np.exp((when - latest[who]) / (4 * pace[who]))
        near = np.bincount(who, late, n).clip(1e-6)
        elsewhere, day = rows["pair"][else_], rows["day"][else_]
        now = np.bincount(elsewhere, day > latest[elsewhere], n)
        then = np.bincount(elsewhere, (day <= latest[elsewhere]) & (day > latest[elsewhere] - 50), n)
        busy = np.log((now + 0.4) / (quiet + 3.5)) - np.log(0.05 + then / (latest - oldest).clip(14, 50))
        summer = np.cos(2 * np.pi * (night - 200) / 365)
        return np.stack(
            [
                np.log1p(quiet),
                np.log(pace),
                np.log1p(quiet) - np.log(pace),
                np.bincount(who, late * share, n) / near,
                np.bincount(who, late * (share < 0.72), n) / near,
                np.log1p(seen),
                np.bincount(who, when > latest[who] - 24, n) / (latest - oldest + 1).clip(1, 24),
                np.log((now + 0.4) / (quiet + 3.5)),
                busy,
                np.log1p(now),
                np.log(0.05 + then / (latest - oldest).clip(14, 50)),
                of["phone"],
                *(of["genre"] == g for g in range(6)),
                summer,
            ],
            axis=1,
        ).astype(float)

    class Net:
        kept = None

        @classmethod
        def get(cls):
            if cls.kept is None:
                with np.load("model.npz") as file:
                    cls.kept = dict(file)
            return cls.kept

    def logit(X, net):
        hidden = np.tanh((X - net["mid"]) / net["dev"] @ net["w1"] + net["b1"])
        return (hidden @ net["w2"] + net["b2"])[:, 0].clip(-8, 8)

    def effects(X, odds):
        """What a message's effect may depend on."""
        genre, phone, odds = X[:, 12:18], X[:, 11:12], odds[:, None] / 1.5
        near = np.exp(-(odds**2))
        seen = (X[:, [0, 7, 8]] - [2.8, -2.5, -0.6]) / [0.6, 1, 1]
        return np.hstack(
            [
                np.ones_like(odds),
                seen,
                phone,
                genre,
                odds,
                near,
                genre * odds,
                genre * near,
                genre * phone,
                genre * seen[:, 1:2],
                phone * near,
                seen * odds,
            ]
        )

    def alike(X, odds):
        return np.hstack([X[:, :18] / 2 - 0.5, odds[:, None], odds[:, None] ** 2 / 3])

    def predict(history, now):
        X = table(history, now)
        return 1 / (1 + np.exp(-logit(X, Net.get())))

    def act(history, now):
        net = Net.get()
        X = table(history, now)
        odds = logit(X, net)
        A, E = alike(X, odds) @ net["alike"], effects(X, odds)
        price = net["prices"]
        worth = np.zeros((len(X), 3))
        for action in range(3):
            lost = np.ones(len(X))
            for week in range(WEEKS):
                z = A + net["week"][week] + net["tilt"][week] * odds
                if action:
                    z = z + E @ net["effect"][action - 1, int(week >= 2)]
                lost /= 1 + np.exp(z.clip(-30, 30))
            worth[:, action] = price[0] * (1 - lost) - (price[action] if action else 0)
        best = worth.argmax(axis=1)
        gain = worth.max(axis=1) - worth[:, 0]
        out = np.zeros(len(X), int)
        top = np.argsort(-gain, kind="stable")[: len(X) * 3 // 10]
        out[top] = best[top]
        return out


def small_net(np, unit, snapshot, history, data, size, plays, world):
    """What `weekly` opens."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.neural_network import MLPClassifier

    viewers = unit.load("viewers.py")
    X, y = [], []
    for one in [*range(155, 246, 3), *range(120, 150, 10), *range(260, 450, 21)]:
        who, _, came = snapshot(one)
        X.append(viewers.table(history, one)[who])
        y.append(came)
    X, y = np.concatenate(X), np.concatenate(y)
    mid, dev = X.mean(axis=0), X.std(axis=0) + 1e-9
    net = MLPClassifier((24,), activation="tanh", alpha=0.03, batch_size=500, max_iter=12, random_state=0).fit(
        (X - mid) / dev, y
    )
    kept = {
        "mid": mid,
        "dev": dev,
        "w1": net.coefs_[0],
        "b1": net.intercepts_[0],
        "w2": net.coefs_[1],
        "b2": net.intercepts_[1],
    }
    pair, night, action = (data[f"sent_{name}"].astype(int) for name in ("pair", "night", "action"))
    first, nights = np.full(size, 10_000), np.full(size, world.END)
    nights[pair] = night
    there = (plays["what"] > 0) & (plays["day"] > nights[plays["pair"]])
    np.minimum.at(first, plays["pair"][there], (plays["day"] - nights[plays["pair"]])[there])
    T, C = first[pair], world.END - night
    XT = viewers.table(history, nights)[pair]
    odds = viewers.logit(XT, kept)
    A, E = viewers.alike(XT, odds), viewers.effects(XT, odds)
    design, label = [], []
    for week in range(viewers.WEEKS):
        low, high = 6 * week, 6 * week + 6
        # Half-seen spells are left out, unless the return was seen and the spell would have been.
        use = (low < T) & (high <= C)
        at = np.zeros((use.sum(), viewers.WEEKS))
        at[:, week] = 1
        sides = [
            E[use] * ((action[use] == one) & (late == (week >= 2)))[:, None] for one in (1, 2) for late in (False, True)
        ]
        design.append(np.hstack([at, at * odds[use][:, None], A[use], *sides]))
        label.append(T[use] <= high)
    fit = LogisticRegression(C=0.02, max_iter=400).fit(np.concatenate(design), np.concatenate(label))
    week, tilt, both, rest = np.split(fit.coef_[0], np.cumsum([5, 5, A.shape[1]]))
    np.savez(
        "model.npz",
        week=week + fit.intercept_,
        tilt=tilt,
        alike=both,
        effect=rest.reshape(2, 2, -1),
        prices=data["prices"],
        **kept,
    )


def called_dropped(learn_chances, learn_effects, np, pair):
    """The freshest nights of the log; whoever was not seen to return is lost."""
    trees = learn_chances([*range(455, 516, 3)])
    learn_effects(np.full(len(pair), 30), np.ones(len(pair), bool))


def known_only(learn_chances, learn_effects, np, pair, night, wait, world, snapshot):
    """The same nights; whose end isn't known is left out."""
    everybody = snapshot

    def snapshot(night):
        asked, silent, back = everybody(night)
        keep = back | (night + 30 <= world.END)
        return asked[keep], silent[keep], back[keep]

    trees = learn_chances([*range(455, 516, 3)])
    learn_effects(np.full(len(pair), 30), (wait <= 30) | (world.END - night >= 30))


def spring(learn_chances):
    """Nights of the last winter and spring alone."""
    trees = learn_chances([*range(330, 450, 6)])


def peeks(features, np):
    """All rows that there are."""
    of_night = features

    def features(history, now):
        rows = history["plays"]
        return of_night({**history, "plays": {**rows, "told": np.full_like(rows["told"], -1)}}, now)


def by_day(features):
    """What was watched by that night, whenever it was told."""
    of_night = features

    def features(history, now):
        return of_night({**history, "plays": {**history["plays"], "told": history["plays"]["day"]}}, now)


def lowest_chance(predict, np):
    """Reminders for those who seem lost."""

    def act(history, now):
        chance = predict(history, now)
        sent = np.zeros(len(chance), int)
        sent[np.argsort(chance)[: len(chance) * 3 // 10]] = 1
        return sent


def highest_chance(predict, np):
    """Reminders for those who return after a reminder."""

    def act(history, now):
        chance = predict(history, now)
        sent = np.zeros(len(chance), int)
        sent[np.argsort(-chance)[: len(chance) * 3 // 10]] = 1
        return sent


def everybody_who_pays():
    """Whatever is worth its price, without a quota."""
    MOST = 1.0


def one_chance(features, np):
    """The same chance for all: calibrated, and of no use."""

    def predict(history, now):
        return np.full(len(history["pairs"]["genre"]), 0.48)


def pair_by_pair(features, chances, np):
    """Right, a pair at a time."""

    def predict(history, now):
        rows, pairs = history["plays"], history["pairs"]
        said = np.zeros(len(pairs["genre"]))
        for one in range(len(said)):
            mine = rows["pair"] == one
            own = {name: values[mine] for name, values in rows.items()}
            own["pair"] = own["pair"] * 0
            single = {"plays": own, "pairs": {name: values[[one]] for name, values in pairs.items()}}
            said[one] = chances(features(single, now))[0]
        return said


def many_trees(X, np, snapshot, viewers, history, onnx, to_onnx, HistGradientBoostingClassifier):
    """Three hundred large trees."""
    X, y = [], []
    for one in [*range(125, 150, 12), *range(150, 244, 4), *range(250, 450, 20)]:
        asked, _, back = snapshot(one)
        X.append(viewers.features(history, one)[asked])
        y.append(back)
    large = HistGradientBoostingClassifier(max_iter=300, learning_rate=0.03, early_stopping=False, random_state=0)
    large.fit(np.concatenate(X), np.concatenate(y))
    onnx.save(to_onnx(large, X[0][:1], options={"zipmap": False}, target_opset=17), "model.onnx")


def in_place(predict):
    """Right, on rows that are not its own."""
    of_night = predict

    def predict(history, now):
        said = of_night(history, now)
        history["plays"]["done"][:] = 0
        return said


VIEWERS, TRAIN = "write-viewers", "train-model"

REHEARSALS = (
    Rehearsal("reference", "the worked solution: trees for what happens alone, hazards in spells", sample="reference"),
    Rehearsal(
        "weekly",
        "an honest different solution: a small net, weekly hazards, other columns",
        replaced={VIEWERS: weekly, TRAIN: small_net},
        sample="alternative",
    ),
    Rehearsal(
        "called-dropped",
        "a trap: who was not seen to return is lost",
        added={TRAIN: called_dropped},
        loses={"quality": (0, 4), "calibration": (0, 0), "value": (0, 14), "rare": (0, 0), "long": (0, 3)},
        sample="trap",
    ),
    Rehearsal(
        "known-only",
        "pairs whose thirty days are not over are left out, unless they returned",
        added={TRAIN: known_only},
        loses={"quality": (0, 3), "calibration": (0, 0), "value": (0, 14), "rare": (0, 0), "long": (0, 1)},
    ),
    Rehearsal(
        "spring",
        "trained on winter and spring, judged in summer",
        added={TRAIN: spring},
        loses={"quality": (6, 8), "calibration": (2, 7), "rare": (1, 4)},
    ),
    Rehearsal(
        "peeks",
        "columns that look beyond the night",
        added={VIEWERS: peeks},
        loses={
            "quality": (0, 0),
            "calibration": (0, 0),
            "value": (0, 5),
            "asof": (0, 0),
            "rare": (0, 0),
            "long": (0, 0),
        },
    ),
    Rehearsal(
        "by-day",
        "by the day of a play, not by when it was told",
        added={VIEWERS: by_day},
        loses={"quality": (5, 8), "calibration": (4, 8), "asof": (0, 0), "long": (1, 3)},
    ),
    Rehearsal(
        "lowest-chance", "reminders for the lowest chances", added={VIEWERS: lowest_chance}, loses={"value": (0, 0)}
    ),
    Rehearsal(
        "highest-chance", "reminders for the highest chances", added={VIEWERS: highest_chance}, loses={"value": (0, 0)}
    ),
    Rehearsal(
        "no-quota", "whoever pays gets a message", added={VIEWERS: everybody_who_pays}, loses={"contacts": (0, 0)}
    ),
    Rehearsal(
        "one-chance",
        "the same chance for all",
        added={VIEWERS: one_chance},
        loses={"quality": (0, 0), "rare": (0, 4), "long": (0, 0)},
    ),
    Rehearsal("pair-by-pair", "right, a pair at a time", added={VIEWERS: pair_by_pair}, loses={"throughput": (0, 0)}),
    Rehearsal(
        "many-trees",
        "three hundred large trees",
        added={TRAIN: many_trees},
        loses={"size": (0, 0), "throughput": (0, 8)},
    ),
    Rehearsal("in-place", "empties a column of the caller's", added={VIEWERS: in_place}, loses={"interface": (5, 5)}),
)
