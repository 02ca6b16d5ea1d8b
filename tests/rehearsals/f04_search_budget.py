"""f04 rehearsed: what must pass, what must fail, and where.

Functions here are cells: only their bodies are used, as the text of `search.py` or as what follows it. Parameters
name what a body takes from the reference's text before it.
"""

from __future__ import annotations

from course.grading.rehearse import Rehearsal


def learned():
    """No line through a curve: how much lower curves like this one ended is learned from past labs, length by length."""
    import json
    from pathlib import Path

    import numpy as np

    LENGTHS = [1, 2, 3, 5, 8, 12, 18, 27, 41, 60]
    SHARE = 0.3

    def features(curves):
        """Recent level of curves of one length, and what their shape says; both in logarithms."""
        logs = np.log(np.maximum(curves, 1e-4))
        count = logs.shape[1]
        third, quarter = count // 3, max(1, count // 4)
        now = logs[:, -quarter:].mean(axis=1)
        early, middle = logs[:, : max(1, third)].mean(axis=1), logs[:, third : max(third + 1, count - quarter)].mean(axis=1)
        return now, np.column_stack([np.ones(len(now)), early - middle, middle - now, logs[:, -1] - now])

    def learn(labs):
        """Least squares on the better quarter of each lab, as it stood at that length."""
        weights = {}
        for length in LENGTHS:
            rows, falls = [], []
            for shown, final in labs:
                now, found = features(shown[:, :length])
                leads = now <= np.quantile(now, 0.25)
                rows.append(found[leads])
                falls.append((np.log(final) - now)[leads])
            X, y = np.concatenate(rows), np.concatenate(falls)
            weights[str(length)] = np.linalg.solve(X.T @ X + np.eye(X.shape[1]), X.T @ y).tolist()
        return weights

    def scores(lab):
        curves = lab["curves"]
        found = np.full(len(curves), np.inf)
        alive = [k for k, curve in enumerate(curves) if curve and curve[-1] == curve[-1]]
        for length in {len(curves[k]) for k in alive}:
            same = [k for k in alive if len(curves[k]) == length]
            now, shape = features(np.array([curves[k] for k in same]))
            weights = WEIGHTS[str(max(known for known in LENGTHS if known <= length))]
            found[same] = now + SHARE * shape @ np.array(weights)
        return found

    def plan(lab):
        curves, longest, left = lab["curves"], max(map(len, lab["curves"])), lab["bill"] - lab["spent"]
        later = [length for length in LENGTHS if length > longest]
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
        lengths = np.array([len(curve) for curve in lab["curves"]])
        return int(np.where(2 * lengths >= lengths.max(), scores(lab), np.inf).argmin())

    WEIGHTS = json.loads(Path("learned.json").read_text()) if Path("learned.json").is_file() else {}


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


def one_at_a_time(alive, promise):
    """Every night a few steps more for the one that promises most, as a bandit would."""

    def plan(lab):
        curves, steps, left = lab["curves"], lab["steps"], lab["bill"] - lab["spent"]
        if lab["night"] == 0:
            return [[k, 1] for k in range(len(curves))] if sum(lab["prices"]) <= left else []
        order = sorted((k for k, curve in enumerate(curves) if alive(curve)), key=lambda k: promise(curves[k], steps))
        for k in order[:8]:
            more = min(4, steps - len(curves[k]))
            if more and more * lab["prices"][k] <= left:
                return [[k, more]]
        return []


def full_fit(mean, alive, math):
    """A power law with an asymptote through every curve by an optimiser, started three times, and believed."""
    import numpy as np
    from scipy.optimize import least_squares

    def promise(curve, steps):
        if len(curve) < 4:
            return math.log(max(mean(curve), 1e-4))
        x, y, best = np.arange(1, len(curve) + 1), np.array(curve), None
        for power in (0.3, 0.6, 1.0):
            start = [max(y.min() * 0.8, 1e-4), max(y[0] - y.min(), 1e-3), power]
            found = least_squares(lambda p: p[0] + p[1] * x ** -p[2] - y, start, bounds=([0, 0, 0.05], [1, 1, 3]))
            if best is None or found.cost < best.cost:
                best = found
        a, b, c = best.x
        return math.log(max(a + b * steps**-c, 1e-4))


def blind_to_nan():
    """Whatever was trained is as good as any: NaN is not looked for."""

    def alive(curve):
        return bool(curve)

    def mean(values):
        return min(values)  # of [nan, ...] that is nan, and of [..., nan] it is not

    def pick(lab):
        curves = lab["curves"]
        longest = max(map(len, curves))
        return min((k for k in range(len(curves)) if 2 * len(curves[k]) >= longest), key=lambda k: mean(curves[k][-5:]))


def usual_bill(alive, promise):
    """Four rounds, of sizes that fit the usual bill."""

    def plan(lab):
        curves, count = lab["curves"], len(lab["prices"])
        night = lab["night"]
        if night == 4:
            return []
        goal, stay = ((2, 1.0), (6, 0.35), (20, 0.12), (60, 0.03))[night]
        order = sorted((k for k, curve in enumerate(curves) if alive(curve)), key=lambda k: promise(curves[k], 60))
        order = (order if night else list(range(count)))[: max(int(stay * count), 1)]
        return [[k, goal - len(curves[k])] for k in order if len(curves[k]) < goal]


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


SEARCH, DATA = "write-search", "answer-estimates"
NAIVE = dict.fromkeys(("slow", "noisy", "crashes", "tight"), (0, 0))

REHEARSALS = (
    Rehearsal("reference", "the worked solution: gentle halving and a cautious line", sample="reference"),
    Rehearsal(
        "learned",
        "an honest different solution: what curves like this one still gained in past labs",
        replaced={SEARCH: learned},
        sample="alternative",
    ),
    Rehearsal(
        "in-order",
        "a trap: the list in its order, each to the end",
        replaced={SEARCH: in_order},
        loses={"quality": (0, 6), "slow": (0, 2), "noisy": (0, 2), "crashes": (0, 1), "tight": (0, 1)},
        sample="trap",
    ),
)
