"""f04 rehearsed: what must pass, what must fail, and where.

Functions here are cells: only their bodies are used, as the text of `search.py` or as what follows it. Parameters
name what a body takes from the reference's text before it.
"""

from __future__ import annotations

from course.grading.authoring.rehearse import Rehearsal


def from_past_labs(unit):
    """For each length a linear model, of the better quarter of every past lab: how much lower will it end?"""
    import json
    from pathlib import Path

    import numpy as np

    from course.units.f04_search_budget import world

    weights = {}
    for length in (1, 2, 3, 5, 8, 12, 18, 27, 41, 60):
        rows, falls = [], []
        for lab in world.unpacked(unit.data, "history"):
            ends = ~np.isnan(lab.shown[:, -1])
            logs = np.log(np.maximum(lab.shown[ends, :length], 1e-4))
            now = logs[:, -max(1, length // 4) :].mean(axis=1)
            leads = now <= np.quantile(now, 0.25)
            shape = logs[:, :: max(1, length // 6)] - now[:, None]
            rows.append(np.column_stack([shape, np.ones(len(now))])[leads])
            falls.append((np.log(lab.final[ends]) - now)[leads])
        X, y = np.concatenate(rows), np.concatenate(falls)
        weights[length] = np.linalg.solve(X.T @ X + 3 * np.eye(X.shape[1]), X.T @ y).tolist()
    Path("learned.json").write_text(json.dumps(weights))


def learned():
    """No line through a curve: `learned.json` says how much lower curves of this shape ended in past labs."""
    import json
    from pathlib import Path

    import numpy as np

    SHARE = 0.3
    WEIGHTS = {int(length): weights for length, weights in json.loads(Path("learned.json").read_text()).items()}

    def scores(lab):
        curves = lab["curves"]
        found = np.full(len(curves), np.inf)
        alive = [k for k, curve in enumerate(curves) if curve and curve[-1] == curve[-1]]
        for length in {len(curves[k]) for k in alive} & set(WEIGHTS):
            same = [k for k in alive if len(curves[k]) == length]
            logs = np.log(np.maximum([curves[k] for k in same], 1e-4))
            now = logs[:, -max(1, length // 4) :].mean(axis=1)
            shape, (*weights, shift) = logs[:, :: max(1, length // 6)] - now[:, None], WEIGHTS[length]
            found[same] = now + SHARE * (shape @ np.array(weights) + shift)
        return found

    def plan(lab):
        curves, longest, left = lab["curves"], max(map(len, lab["curves"])), lab["bill"] - lab["spent"]
        later = [length for length in WEIGHTS if length > longest]
        if not later:
            return []
        purse, score = (left / len(later) if longest else left), scores(lab)
        order = [k for k in np.argsort(score).tolist() if score[k] < np.inf] if longest else range(len(curves))
        requests = []
        for k in order:
            steps = later[0] - len(curves[k])
            cost = steps * lab["prices"][k]
            if cost <= purse or (cost <= left and not requests):
                requests.append([k, steps])
                purse, left = purse - cost, left - cost
        return requests

    def pick(lab):
        score = scores(lab)
        lengths = np.where(score < np.inf, [len(curve) for curve in lab["curves"]], 0)
        return int(np.where(2 * lengths >= lengths.max(), score, np.inf).argmin())


def in_order():
    """The list in its order, each to the end."""

    def plan(lab):
        left, requests = lab["bill"], []
        for number, price in enumerate(lab["prices"] if lab["night"] == 0 else ()):
            if lab["steps"] * price > left:
                break
            requests.append([number, lab["steps"]])
            left -= lab["steps"] * price
        return requests

    def pick(lab):
        trained = [k for k, curve in enumerate(lab["curves"]) if curve and curve[-1] == curve[-1]]
        return min(trained, key=lambda k: sum(lab["curves"][k][-5:]), default=0)


def at_random(pick):
    """Random search, with a seed from the lab."""
    import random

    def plan(lab):
        left, requests, numbers = lab["bill"], [], list(range(len(lab["prices"])))
        random.Random(lab["bill"]).shuffle(numbers)
        for number in numbers if lab["night"] == 0 else ():
            cost = lab["steps"] * lab["prices"][number]
            if cost <= left:
                requests.append([number, lab["steps"]])
                left -= cost
        return requests


def equal_shares(alive):
    """The same number of steps for everything, as many as the bill covers; the lowest error is named."""

    def plan(lab):
        steps = min(lab["bill"] // sum(lab["prices"]), lab["steps"])
        return [[k, steps] for k in range(len(lab["prices"]))] if lab["night"] == 0 and steps else []

    def pick(lab):
        known = [k for k, curve in enumerate(lab["curves"]) if alive(curve)]
        return min(known, key=lambda k: lab["curves"][k][-1], default=0)


def one_look(alive, pick):
    """One step for everything, and the leaders to the end at once."""

    def plan(lab):
        curves, left = lab["curves"], lab["bill"] - lab["spent"]
        if lab["night"] == 0:
            return [[k, 1] for k in range(len(curves))] if sum(lab["prices"]) <= left else []
        requests = []
        for k in sorted((k for k, curve in enumerate(curves) if alive(curve)), key=lambda k: curves[k][-1]):
            cost = (lab["steps"] - 1) * lab["prices"][k]
            if len(curves[k]) > 1 or cost > left:
                break
            requests.append([k, lab["steps"] - 1])
            left -= cost
        return requests


def counts_steps(math, alive, promise):
    """The reference, but money is counted in steps of the mean price."""

    def plan(lab):
        curves, steps = lab["curves"], lab["steps"]
        price = sum(lab["prices"]) / len(lab["prices"])
        left, longest = lab["bill"] // price - sum(map(len, curves)), max(map(len, curves))
        if longest == steps:
            return []
        if longest == 0:
            return [[k, 1] for k in range(min(len(curves), int(left)))]
        goal, rounds = math.ceil(1.5 * longest), math.ceil(math.log(steps / longest) / math.log(1.5))
        if goal > 0.8 * steps:
            goal, rounds = steps, 1
        order = sorted((k for k, curve in enumerate(curves) if alive(curve)), key=lambda k: promise(curves[k], steps))
        stay = int(left / rounds / (goal - longest)) or 1
        return [[k, goal - len(curves[k])] for k in order if len(curves[k]) == longest][:stay]


def two_a_night(alive, promise):
    """Every night some steps more for the two that promise most, as a bandit would."""

    def plan(lab):
        curves, steps, left = lab["curves"], lab["steps"], lab["bill"] - lab["spent"]
        if lab["night"] == 0:
            return [[k, 1] for k in range(len(curves))] if sum(lab["prices"]) <= left else []
        requests = []
        for k in sorted((k for k, curve in enumerate(curves) if alive(curve)), key=lambda k: promise(curves[k], steps)):
            cost = min(8, steps - len(curves[k])) * lab["prices"][k]
            if cost and cost <= left and len(requests) < 2:
                requests.append([k, 8])
                left -= cost
        return requests


def votes(mean, promise):
    """What each curve promises, as the mean over eight copies of it with noise."""
    import random

    steady = promise

    def promise(curve, steps):
        draws = random.Random(len(curve))
        copies = [[max(error + draws.gauss(0, 0.005), 1e-4) for error in curve] for _ in range(8)]
        return mean([steady(copy, steps) for copy in copies])


def blind_to_nan():
    """Whatever was trained is as good as any: NaN is not looked for."""

    def alive(curve):
        return bool(curve)

    def mean(values):
        return min(values)  # of [nan, ...] that is nan, and of [..., nan] it is not

    def pick(lab):
        longest = max(map(len, lab["curves"]))
        there = [k for k, curve in enumerate(lab["curves"]) if curve and 2 * len(curve) >= longest]
        return min(there, key=lambda k: mean(lab["curves"][k][-5:]), default=0)


def careless(plan):
    """The reference, with a random start, and money that is taken from the lab's own dict."""
    import random

    careful = plan

    def plan(lab):
        requests = careful(lab)
        if requests and lab["night"] == 0:
            requests.pop(random.randrange(len(requests)))
        lab["spent"] += sum(steps * lab["prices"][k] for k, steps in requests)
        return requests


SEARCH, EARLIER = "write-search", "answer-estimates"
#: A slice is small: what the lists earn there is chance, between nothing and all.
ABOUT_NOTHING = {"slow": (0, 3), "noisy": (0, 3), "crashes": (0, 1), "tight": (0, 2)}
#: Better than random search, and not good.
PARTLY = {"slow": (0, 3), "noisy": (0, 3), "crashes": (0, 2), "tight": (0, 2)}

REHEARSALS = (
    Rehearsal("reference", "the worked solution: gentle halving and a cautious line", sample="reference"),
    Rehearsal(
        "learned",
        "an honest different solution: what curves of this shape still gained in past labs",
        added={EARLIER: from_past_labs},
        replaced={SEARCH: learned},
        sample="alternative",
    ),
    Rehearsal(
        "in-order",
        "a trap: the list in its order, each to the end",
        replaced={SEARCH: in_order},
        loses={"quality": (0, 12), **ABOUT_NOTHING, "tight": (0, 1.5)},
        sample="trap",
    ),
    Rehearsal(
        "at-random",
        "random search within the bill",
        added={SEARCH: at_random},
        loses={"quality": (0, 12), **ABOUT_NOTHING},
    ),
    Rehearsal(
        "equal-shares",
        "the same number of steps for everything",
        added={SEARCH: equal_shares},
        loses={"quality": (0, 0), "slow": (0, 0), "noisy": (0, 1), "crashes": (0, 0), "tight": (0, 2)},
    ),
    Rehearsal(
        "one-look",
        "one step for everything, then the leaders to the end",
        added={SEARCH: one_look},
        loses={"quality": (8, 25), **PARTLY},
    ),
    Rehearsal(
        "counts-steps",
        "money counted in steps of the mean price",
        added={SEARCH: counts_steps},
        loses={"quality": (20, 30), "bill": (0, 0), **PARTLY},
    ),
    Rehearsal(
        "two-a-night",
        "a bandit: every night some steps for two",
        added={SEARCH: two_a_night},
        loses={"quality": (0, 30), "nights": (0, 0), **PARTLY},
    ),
    Rehearsal(
        "votes",
        "promises as a mean over noisy copies of each curve",
        added={SEARCH: votes},
        loses={"throughput": (0, 0)},
    ),
    Rehearsal(
        "blind-to-nan",
        "NaN is not looked for",
        added={SEARCH: blind_to_nan},
        loses={"interface": (3, 3), "quality": (10, 30), **PARTLY, "crashes": (0, 1)},
    ),
    Rehearsal(
        "careless",
        "a random start, and the lab's own dict as a notebook",
        added={SEARCH: careless},
        loses={"interface": (3, 3), "untouched": (0, 0), "throughput": (0, 0)},
    ),
)
