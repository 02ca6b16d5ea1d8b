"""f06 rehearsed: what must pass, what must fail, and where.

Functions here are cells: only their bodies are used. Those of `write-metrics` are modules, so what replaces one stands
alone. The two halves of the unit share no clause but "interface" and "untouched", so one rehearsal may fall into a trap
of each.
"""

from __future__ import annotations

from course.grading.authoring.rehearse import Rehearsal


def from_retention(past, rankers, np):
    """Weights from the retention of past rankers themselves, by ridge regression on their means."""
    import json

    names = ["clicks", "quick_backs", "hides", "shares", "finished"]
    tables = list(past.tables(1_000))
    usual = past.sessions["visits_before"].astype(float) + 1.6
    means = np.array([table[names].sum() / usual[table.index].sum() for table in tables])
    z = (means - means.mean(axis=0)) / means.std(axis=0)
    fitted = np.linalg.solve(z.T @ z + 0.1 * np.eye(len(names)), z.T @ (past.retention - past.retention.mean()))
    with open("weights.json", "w") as file:
        json.dump({"names": names, "weights": (fitted / means.std(axis=0)).tolist()}, file)


def ridge_and_snips():
    """The other honest way: weights from retention; SNIPS with clipped weights, widened by what clipping may hide."""
    import json
    from pathlib import Path

    import numpy as np

    LEARNED = json.loads(Path(__file__).with_name("weights.json").read_text())

    def columns():
        return ["visits_before", *LEARNED["names"]]

    def metric(sessions):
        per_visit = (
            sessions[LEARNED["names"]].sum().to_numpy(float) / (sessions["visits_before"].astype(float) + 1.6).sum()
        )
        return float(per_visit @ np.array(LEARNED["weights"]))

    def offline_value(log, policy):
        raw = policy[np.arange(len(log)), log["item"].to_numpy(int)] / log["propensity"].to_numpy()
        weight = np.minimum(raw, 20)
        reward = log["reward"].to_numpy(float)
        if not weight.any():
            return reward.mean(), 0.0, 1.0
        value = np.average(reward, weights=weight)
        influence = weight * (reward - value) / weight.mean()
        hidden = max(1 - weight.mean(), 0) * value
        half = 1.96 * influence.std() / len(log) ** 0.5 + 0.3 * hidden
        return value, value - half, value + half


def click_rate_and_naive_mean(np):
    """Clicks; and the log's own mean for any policy."""

    def columns():
        return ["shown", "clicks"]

    def metric(sessions):
        return float(sessions["clicks"].sum() / sessions["shown"].sum().clip(1))

    def offline_value(log, policy):
        value = log["reward"].mean()
        half = 1.96 * log["reward"].std() / len(log) ** 0.5
        return value, value - half, value + half


def dwell_and_hard_clip(np):
    """Time spent; and weights cut at 10 with nothing to make up for it."""

    def columns():
        return ["dwell_s"]

    def metric(sessions):
        return float(sessions["dwell_s"].mean())

    def offline_value(log, policy):
        weight = policy[np.arange(len(log)), log["item"].to_numpy(int)] / log["propensity"].to_numpy()
        each = np.minimum(weight, 10) * log["reward"].to_numpy(float)
        value, half = each.mean(), 1.96 * each.std() / len(each) ** 0.5
        return value, value - half, value + half


def the_baseline():
    """The baseline, shipped: who came back, and unclipped IPS."""
    import numpy as np

    def columns():
        return ["gap_h"]

    def metric(sessions):
        return float((sessions["gap_h"] < 168).mean())

    def offline_value(log, policy):
        chosen = policy[np.arange(len(log)), log["item"].to_numpy(int)]
        each = chosen / log["propensity"].to_numpy() * log["reward"].to_numpy(float)
        value, error = each.mean(), each.std() / len(each) ** 0.5
        return float(value), float(value - 1.96 * error), float(value + 1.96 * error)


def everything(past, rankers, np):
    """Weights for every column there is."""
    import json

    names = list(rankers.WIDTHS)
    means = np.array([table[names].mean() for table in past.tables(1_000)])
    z = (means - means.mean(axis=0)) / means.std(axis=0)
    fitted = np.linalg.solve(z.T @ z + np.eye(len(names)), z.T @ (past.retention - past.retention.mean()))
    learned = {"weights": dict(zip(names, (fitted / means.std(axis=0)).tolist(), strict=True)), "usual": [1.0, 0.0]}
    with open("weights.json", "w") as file:
        json.dump(learned, file)


def everything_and_model_alone(np, WEIGHTS):
    """Every column, and a policy's value by what a model of items predicts."""

    def columns():
        return list(WEIGHTS)

    def metric(sessions):
        return sum(weight * float(sessions[name].mean()) for name, weight in WEIGHTS.items())

    def offline_value(log, policy):
        item, reward = log["item"].to_numpy(int), log["reward"].to_numpy(float)
        count = np.bincount(item, minlength=policy.shape[1])
        mean = (np.bincount(item, reward, minlength=policy.shape[1]) + 20 * reward.mean()) / (count + 20)
        each = policy @ mean
        value, half = each.mean(), 1.96 * each.std() / len(each) ** 0.5
        return value, value - half, value + half


def by_hand_and_tuned(np):
    """Weights that sound right; and clipped IPS, times what makes it right on the public logs."""

    def columns():
        return ["clicks", "quick_backs", "hides"]

    def metric(sessions):
        return float((sessions["clicks"] - 2.0 * sessions["quick_backs"] - 3.0 * sessions["hides"]).mean())

    def offline_value(log, policy):
        weight = policy[np.arange(len(log)), log["item"].to_numpy(int)] / log["propensity"].to_numpy()
        each = 1.18 * np.minimum(weight, 10) * log["reward"].to_numpy(float)
        value, half = each.mean(), 1.96 * each.std() / len(each) ** 0.5
        return value, value - half, value + half


def careless(metric, offline_value):
    """Right, but a column is added to the caller's table, and nobody may be idle."""
    by_rules = metric

    def metric(sessions):
        sessions["kept"] = sessions["clicks"].astype(float) - sessions["quick_backs"]
        return by_rules(sessions) if sessions["kept"].any() else float("nan")


OFF = {"coverage": (0, 0), "far": (0, 0)}

REHEARSALS = (
    Rehearsal("reference", "the worked solution: a surrogate index, a doubly robust estimate", sample="reference"),
    Rehearsal(
        "ridge-and-snips",
        "an honest different solution: weights from retention itself, clipped SNIPS",
        replaced={"learn-weights": from_retention, "write-metrics": ridge_and_snips},
        sample="alternative",
    ),
    Rehearsal(
        "click-rate, naive mean",
        "a trap: clicks per story shown; the log's own mean",
        added={"write-metrics": click_rate_and_naive_mean},
        loses={"quality": (0, 0), "days": (0, 0), "bait": (0, 0), "crowd": (0, 0), **OFF},
        sample="trap",
    ),
    Rehearsal(
        "dwell, hard clip",
        "a trap: time spent; weights cut at 10 and no more",
        added={"write-metrics": dwell_and_hard_clip},
        loses={
            "quality": (0, 3),
            "days": (0, 0),
            "bait": (0, 1.5),
            "crowd": (0, 2),
            "coverage": (0, 6.5),
            "far": (0, 0),
        },
    ),
    Rehearsal(
        "the-baseline",
        "a trap: who came back, which is right and late; IPS unclipped",
        replaced={"learn-weights": the_baseline, "write-metrics": the_baseline},
        loses={"quality": (2, 15), "days": (0, 0), "crowd": (0, 3), "width": (0, 3), "bait": (2, 3)},
    ),
    Rehearsal(
        "everything, model alone",
        "a trap: every column; a policy's value from a model without weights",
        replaced={"learn-weights": everything},
        added={"write-metrics": everything_and_model_alone},
        loses={"bytes": (0, 0), "days": (0, 10), "quality": (10, 15), "crowd": (0, 3), **OFF},
    ),
    Rehearsal(
        "by hand, tuned",
        "a trap: weights that sound right; a factor that makes public logs come out right",
        added={"write-metrics": by_hand_and_tuned},
        loses={"quality": (0, 14.9), "bait": (0, 3), "crowd": (0, 3), "days": (0, 10), "far": (0, 3)},
    ),
    Rehearsal(
        "careless",
        "right, but it writes into the caller's table, and returns NaN where nobody clicked",
        added={"write-metrics": careless},
        loses={"untouched": (0, 0), "interface": (3, 3)},
    ),
)
