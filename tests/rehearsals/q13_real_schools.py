"""q13 rehearsed: what must pass, what must fail, and where.

Functions here are cells: only their bodies are used, as the text of `audit.py` or as what follows it. Parameters
name what a body takes from the reference's text before it.
"""

from __future__ import annotations

from course.grading.authoring.rehearse import Rehearsal


def draws():
    """Draws with unequal chances, and the difference estimator; a small net in numpy."""
    import numpy as np

    def table(listings):
        school = listings["school"]
        count = int(school.max()) + 1
        total = {name: np.bincount(school, values, count) for name, values in listings.items()}
        spellings = np.bincount(school, minlength=count).clip(1)
        members = total["members"].clip(1)
        oldest, years = np.zeros(count), np.zeros(count)
        np.maximum.at(oldest, school, listings["age"])
        np.maximum.at(years, school, listings["years"])
        shares = [total[name] / members for name in ("linked", "mail")]
        logs = [np.log1p(one) for one in (members, years, oldest, total["linked"], total["mail"], spellings)]
        flags = [np.minimum(total[name], 1) for name in ("place", "site", "foreign")]
        return np.stack([*shares, *logs, *flags, total["odd"] / spellings], axis=1)

    class Audit:
        def __init__(self, listings, seed):
            with np.load("model.npz") as net:
                hidden = np.maximum((table(listings) - net["middle"]) / net["spread"] @ net["w1"] + net["b1"], 0)
                self.logit = (hidden @ net["w2"] + net["b2"])[:, 0] - net["base"]
            self.score = np.full(len(self.logit), 0.05)
            for _ in range(60):
                self.score = self.at(self.score.mean())
            doubt = np.sqrt(self.score * (1 - self.score)) + 1e-9
            self.chance = 0.8 * doubt / doubt.sum() + 0.2 / len(doubt)
            self.drawn = np.random.default_rng(seed).choice(len(doubt), 500, p=self.chance / self.chance.sum())
            first = np.unique(self.drawn, return_index=True)[1]
            self.order = self.drawn[np.sort(first)]
            self.evening = 0

        def at(self, share):
            share = np.clip(share, 5e-4, 0.9)
            return 1 / (1 + np.exp(-np.clip(self.logit + np.log(share / (1 - share)), -30, 30)))

        def ask(self, answers):
            self.evening += 1
            desk, called = answers["school"][~answers["call"]], answers["school"][answers["call"]]
            open_ = [one for one in self.order[: len(desk)] if one not in set(called.tolist())]
            unknown = set(desk[answers["said"][~answers["call"]] == 2].tolist())
            calls = [int(one) for one in open_ if one in unknown]
            left = 300 - len(desk) - 4 * len(called) - 4 * len(calls)
            new = 0 if self.evening == 12 else left // 5
            return {"desk": self.order[len(desk) : len(desk) + new], "call": calls}

        def known(self, answers):
            sure = answers["said"] < 2
            return dict(zip(answers["school"][sure].tolist(), answers["said"][sure].tolist(), strict=True))

        def found(self, answers):
            known, count = self.known(answers), 0
            while count < len(self.drawn) and int(self.drawn[count]) in known:
                count += 1
            if count < 2:
                return float(self.score.mean()), 0.0
            rows = self.drawn[:count]
            none = np.array([known[int(one)] == 0 for one in rows])
            terms = self.score.mean() + (none - self.score[rows]) / (self.chance[rows] * len(self.score))
            share = float(np.clip(terms.mean(), 5e-4, 1 - 5e-4))
            # What the score leaves open, and what a sample without a surprise hides.
            variance = terms.var(ddof=1) / count + self.score.mean() / len(self.score)
            return share, share * (1 - share) / variance

        def share(self, answers):
            share, n = self.found(answers)
            if n < 1:
                return (0.0, 1.0)
            z = 1.645
            middle, half = share + z * z / 2 / n, z * np.sqrt(share * (1 - share) / n + (z / 2 / n) ** 2)
            low, high = (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)
            return (max(1 - high, 0.0), min(1 - low, 1.0))

        def delist(self, answers):
            gone = self.at(self.found(answers)[0]) >= 0.96
            for one, said in self.known(answers).items():
                gone[one] = said == 0
            return np.flatnonzero(gone).tolist()


def small_net(np, unit, past):
    """The net of `draws`, as arrays."""
    from sklearn.neural_network import MLPClassifier

    audit = unit.load("audit.py")
    X = np.concatenate([audit.table(one.listings) for one in past])
    y = np.concatenate([~one.real for one in past])
    middle, spread = X.mean(axis=0), X.std(axis=0) + 1e-9
    net = MLPClassifier((24,), alpha=1e-3, batch_size=500, max_iter=25, random_state=0)
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        net.fit((X - middle) / spread, y)
    (w1, w2), (b1, b2) = net.coefs_, net.intercepts_
    base = np.log(y.mean() / (1 - y.mean()))
    np.savez("model.npz", middle=middle, spread=spread, w1=w1, b1=b1, w2=w2, b2=b2, base=base)


def plain_wald(Audit, np, Z):
    """A plain sample, settled, and p ± 1.645 s."""

    class Audit(Audit):
        def __init__(self, listings, seed):
            super().__init__(listings, seed)
            self.order = np.random.default_rng(seed).permutation(self.size)

        def share(self, answers):
            said = answers["said"][answers["said"] != 2]
            p = (said == 1).mean() if len(said) else 0.5
            half = Z * np.sqrt(p * (1 - p) / max(len(said), 1))
            return max(float(p - half), 0.0), min(float(p + half), 1.0)


def plain_desk(Audit, np, Z):
    """A plain sample of 300 at the desk; what it can't tell is left out."""

    class Audit(Audit):
        def __init__(self, listings, seed):
            super().__init__(listings, seed)
            self.order = np.random.default_rng(seed).permutation(self.size)

        def ask(self, answers):
            return {"desk": self.order[:300] if not len(answers["school"]) else [], "call": []}

        def share(self, answers):
            said = answers["said"][answers["said"] != 2]
            n, k = max(len(said), 1), (said == 1).sum()
            middle, half = (k + Z * Z / 2) / (n + Z * Z), Z / (n + Z * Z) * np.sqrt(k * (n - k) / n + Z * Z / 4)
            return max(float(middle - half), 0.0), min(float(middle + half), 1.0)


def leaves_out(Audit):
    """The reference, without a call: what the desk can't tell is left out."""

    class Audit(Audit):
        def ask(self, answers):
            return {"desk": self.order[:300] if not len(answers["school"]) else [], "call": []}


def dark_is_fake(Audit):
    """The reference, without a call: what the desk can't tell is none."""

    class Audit(Audit):
        def ask(self, answers):
            return {"desk": self.order[:300] if not len(answers["school"]) else [], "call": []}

        def estimate(self, answers):
            said = answers["said"].copy()
            said[said == 2] = 0
            return super().estimate({**answers, "said": said})


def classify_and_count(Audit, np, given, Z):
    """The mean of the scores, with the error that they say they have."""

    class Audit(Audit):
        def share(self, answers):
            score = given(self.likelihood, np.clip(self.weight @ self.guess, 1e-4, 0.9))
            half = Z * np.sqrt((score * (1 - score)).sum()) / self.size
            p = 1 - score.mean()
            return max(float(p - half), 0.0), min(float(p + half), 1.0)


def most_suspicious(Audit, np, Z):
    """Checks go to the highest scores, and are counted."""

    class Audit(Audit):
        def __init__(self, listings, seed):
            super().__init__(listings, seed)
            self.order = np.argsort(-self.likelihood, kind="stable")

        def share(self, answers):
            said = answers["said"][answers["said"] != 2]
            n, k = max(len(said), 1), (said == 1).sum()
            middle, half = (k + Z * Z / 2) / (n + Z * Z), Z / (n + Z * Z) * np.sqrt(k * (n - k) / n + Z * Z / 4)
            return max(float(middle - half), 0.0), min(float(middle + half), 1.0)


def no_weights(Audit, np, STRATA):
    """A sample by strata, counted as if it were plain."""

    class Audit(Audit):
        def share(self, answers):
            stratum = self.stratum[answers["school"][answers["said"] != 2]]
            kept, n = self.weight, np.bincount(stratum, minlength=STRATA)
            self.weight = n / max(n.sum(), 1)
            found = super().share(answers)
            self.weight = kept
            return found


def counts_entries(Audit, np, STRATA):
    """The share of entries, not of schools."""

    class Audit(Audit):
        def __init__(self, listings, seed):
            super().__init__(listings, seed)
            self.spellings = np.bincount(listings["school"], minlength=self.size)

        def share(self, answers):
            kept = self.weight
            self.weight = np.bincount(self.stratum, self.spellings, STRATA) / self.spellings.sum()
            found = super().share(answers)
            self.weight = kept
            return found


def half_a_fake(Audit, np, STRATA):
    """Half a fake in each stratum before anything is known (Jeffreys), whatever its size."""

    class Audit(Audit):
        def share(self, answers):
            settled = answers["said"] != 2
            stratum = self.stratum[answers["school"][settled]]
            n = np.bincount(stratum, minlength=STRATA)
            none = np.bincount(stratum, answers["said"][settled] == 0, STRATA)
            draws = np.random.default_rng(0).beta(none + 0.5, n - none + 0.5, (2000, STRATA)) @ self.weight
            low, high = np.quantile(1 - draws, [0.05, 0.95])
            return float(low), float(high)


def calls_only(Audit, np, Z):
    """A plain sample of seventy-five schools, all by a call."""

    class Audit(Audit):
        def __init__(self, listings, seed):
            super().__init__(listings, seed)
            self.order = np.random.default_rng(seed).permutation(self.size)

        def ask(self, answers):
            return {"desk": [], "call": self.order[:75] if not len(answers["school"]) else []}

        def share(self, answers):
            n, k = max(len(answers["said"]), 1), (answers["said"] == 1).sum()
            middle, half = (k + Z * Z / 2) / (n + Z * Z), Z / (n + Z * Z) * np.sqrt(k * (n - k) / n + Z * Z / 4)
            return max(float(middle - half), 0.0), min(float(middle + half), 1.0)


def no_bounds(Audit):
    """An interval that always holds."""

    class Audit(Audit):
        def share(self, answers):
            return 0.0, 1.0


def one_line(Audit, np, given):
    """Scores for the share of the past directories, and the line from which 96 % are none in those, everywhere."""

    class Audit(Audit):
        def delist(self, answers):
            none = given(self.likelihood, 0.07) >= 0.75
            settled = answers["said"] != 2
            none[answers["school"][settled]] = answers["said"][settled] == 0
            return np.flatnonzero(none)


def rather_none(Audit):
    """Whatever is rather none than a school."""
    LINE = 0.5  # noqa: F841


def tiny_and_new(Audit, np):
    """What nearly nobody lists, and nobody for long, goes as well."""

    class Audit(Audit):
        def __init__(self, listings, seed):
            super().__init__(listings, seed)
            age = np.zeros(self.size)
            np.maximum.at(age, listings["school"], listings["age"])
            self.gone = (np.bincount(listings["school"], listings["members"], self.size) < 4) & (age < 3)

        def delist(self, answers):
            return np.union1d(super().delist(answers), np.flatnonzero(self.gone))


def only_what_was_checked(Audit, np):
    """What a check found to be none goes, and nothing else."""

    class Audit(Audit):
        def delist(self, answers):
            return np.unique(answers["school"][answers["said"] == 0])


def overspends(Audit, np):
    """Two hundred at the desk on the first day, and every call that follows."""

    class Audit(Audit):
        def ask(self, answers):
            desk = ~answers["call"]
            dark = np.setdiff1d(answers["school"][desk & (answers["said"] == 2)], answers["school"][~desk])
            return {"desk": self.order[:210] if not desk.any() else [], "call": dark}


def school_by_school(Audit, np, features, model):
    """Scores asked for one school after another."""

    def likelihood(listings):
        rows, name = features(listings), model().get_inputs()[0].name
        score = np.zeros(0)
        for row in rows:
            score = np.append(score, model().run(None, {name: row[None]})[-1][0, 1])
        score = np.clip(score.astype(float), 1e-6, 1 - 1e-6)
        with np.load("model.npz") as past:
            share = float(past["share"])
        return score / (1 - score) * (1 - share) / share


def many_trees(X, y):
    """More and larger trees, for a little more recall."""
    import onnx
    from skl2onnx import to_onnx
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(
        max_iter=400, learning_rate=0.05, max_leaf_nodes=31, l2_regularization=1.0, early_stopping=False, random_state=0
    ).fit(X, y)
    onnx.save(to_onnx(model, X[:1], options={"zipmap": False}, target_opset=17), "model.onnx")


def in_place(Audit):
    """Right, on listings that are not its own."""

    class Audit(Audit):
        def __init__(self, listings, seed):
            super().__init__(listings, seed)
            listings["members"].sort()


AUDIT, TRAIN = "write-audit", "train-model"
WRONG = {"coverage": (0, 0), "quality": (0, 0), "few": (0, 0), "silent": (0, 0)}

REHEARSALS = (
    Rehearsal("reference", "the worked solution: strata, calls, an interval of effective labels", sample="reference"),
    Rehearsal(
        "draws",
        "an honest different solution: unequal chances and the difference estimator, a small net",
        replaced={AUDIT: draws, TRAIN: small_net},
        sample="alternative",
    ),
    Rehearsal(
        "plain-wald",
        "a trap: a plain sample and p ± 1.645 s",
        added={AUDIT: plain_wald},
        loses={"coverage": (4, 8), "quality": (0, 0), "few": (0, 4), "silent": (1, 3)},
        sample="trap",
    ),
    Rehearsal(
        "plain-desk",
        "a plain sample; what the desk can't tell is left out",
        added={AUDIT: plain_desk},
        loses={"coverage": (0, 3), "quality": (0, 0), "silent": (0, 0)},
    ),
    Rehearsal(
        "leaves-out",
        "strata; what the desk can't tell is left out",
        added={AUDIT: leaves_out},
        loses={"coverage": (0, 3), "quality": (0, 8), "few": (0, 4), "silent": (0, 0)},
    ),
    Rehearsal("dark-is-fake", "strata; what the desk can't tell is none", added={AUDIT: dark_is_fake}, loses=WRONG),
    Rehearsal(
        "classify-and-count",
        "the mean of the scores",
        added={AUDIT: classify_and_count},
        loses={"coverage": (0, 1), "quality": (0, 9), "few": (0, 2), "silent": (0, 1)},
    ),
    Rehearsal(
        "most-suspicious",
        "the highest scores, counted",
        added={AUDIT: most_suspicious},
        loses=WRONG | {"precision": (0, 8), "interface": (5, 5)},
    ),
    Rehearsal("no-weights", "strata, counted as a plain sample", added={AUDIT: no_weights}, loses=WRONG),
    Rehearsal(
        "counts-entries",
        "the share of entries",
        added={AUDIT: counts_entries},
        loses=WRONG | {"few": (0, 2)},
    ),
    Rehearsal(
        "half-a-fake",
        "Jeffreys' prior in each stratum",
        added={AUDIT: half_a_fake},
        loses={"coverage": (0, 3), "quality": (0, 1), "few": (0, 1), "silent": (0, 3)},
    ),
    Rehearsal("calls-only", "seventy-five calls", added={AUDIT: calls_only}, loses={"quality": (0, 0)}),
    Rehearsal("no-bounds", "from 0 to 1", added={AUDIT: no_bounds}, loses={"quality": (0, 0)}),
    Rehearsal(
        "one-line",
        "one line for all directories",
        added={AUDIT: one_line},
        loses={"precision": (0, 1), "guard": (0, 3)},
    ),
    Rehearsal(
        "rather-none",
        "from 50 % on it goes",
        added={AUDIT: rather_none},
        loses={"precision": (0, 1), "guard": (0, 2)},
    ),
    Rehearsal(
        "tiny-and-new",
        "tiny and new ones go as well",
        added={AUDIT: tiny_and_new},
        loses={"precision": (0, 0), "guard": (0, 0)},
    ),
    Rehearsal(
        "only-what-was-checked",
        "nobody is taken off unseen",
        added={AUDIT: only_what_was_checked},
        loses={"precision": (0, 0), "recall": (0, 0)},
    ),
    Rehearsal(
        "overspends",
        "no credits kept for calls",
        added={AUDIT: overspends},
        loses={"spent": (0, 0), "coverage": (0, 5), "quality": (0, 8), "few": (2, 4), "silent": (0, 1)},
    ),
    Rehearsal(
        "school-by-school",
        "right, a school at a time",
        added={AUDIT: school_by_school},
        loses={"throughput": (0, 0)},
    ),
    Rehearsal(
        "many-trees",
        "more and larger trees",
        added={TRAIN: many_trees},
        loses={"size": (0, 0), "throughput": (0, 8)},
    ),
    Rehearsal(
        "in-place", "right, on listings that are not its own", added={AUDIT: in_place}, loses={"interface": (5, 5)}
    ),
)
