"""q02: card fraud. Seven reviews a day, labels a month late, and somebody who reads your mind."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from course.contract.artifacts.gate import ModelSpec, Tensor
from course.contract.terms.estimates import Estimate
from course.contract.terms.holdout import Holdout, Probe
from course.contract.terms.report import Measurement, Term
from course.key import Key
from course.units.base import ModelUnit
from course.units.q02_card_fraud.hints import HINTS

if TYPE_CHECKING:
    import numpy as np

    from course.units.q02_card_fraud.world import Payments

#: Desks of the shadow month, of the month in which the model is judged, in the outage, and on busy days.
DESKS = {"shadow": 2, "live": 5, "outage": 3, "busy": 2}


class CardFraud(ModelUnit):
    """Payments in, a probability and a decision out, judged by what seven reviews a day save."""

    name = "q02-card-fraud"
    title = "Card fraud"
    brief = "How would you build a system that detects fraudulent card payments?"
    model = ModelSpec(
        inputs={"payments": Tensor("float32", (None, 22))},
        outputs={"probability": Tensor("float32", (None,)), "review": Tensor("int64", (None,))},
        most_bytes=40_000_000,  # large forests are measured, and lose
    )
    also = ("baseline.onnx",)

    estimates: Mapping[str, Estimate] = {
        "least_percent": Estimate(
            "From which probability on does a look at a payment of €60 pay?", "%", 12.0, 12.6,
            "60 p - 5 (1 - p) - 3 > 0, so p > 8 / 65 = 12.3 %",
        ),
        "alarms_a_day": Estimate(
            "How many payments a day does a model flag that finds 90 % of all frauds and is right about 99 % of "
            "honest payments?", "payments a day", 12.3, 13.1,
            "1,000 x 0.3 % x 0.9 + 1,000 x 99.7 % x 0.01 = 2.7 + 9.97 = 12.7",
        ),
        "known_percent": Estimate(
            "Of frauds that were done 21 days before the export, which share does the table know?", "%", 21, 26,
            "normal distribution function of (ln 21 - ln 30) / 0.5 = -0.71: 23.8 %",
        ),
        "balanced_percent": Estimate(
            "A model that was trained on as many frauds as honest payments says 60 %. What is the probability?",
            "%", 0.42, 0.47,
            "odds of 1.5 x 0.003 / 0.997 = 0.0045, so 0.45 %",
        ),
        "noise_percent": Estimate(
            "How far does the 95 % interval of the number of frauds in a month reach to each side?", "% of it", 20, 23,
            "1,000 x 28 x 0.3 % = 84 frauds; 1.96 / sqrt(84) = 21 %",
        ),
    }  # fmt: skip

    hints = HINTS
    terms = (
        Term(
            "estimates", "Estimates in range", "of 5", 5, "higher", 10, "Work the estimates out again.",
            floor=0, digits=0,
        ),
        Term(
            "baseline", "Baseline: money saved", "% of what can be", 0.10, "higher", 4,
            "Flag what is worth a look: the probability times the amount, less what a look costs.", band=0.01,
            scale=100,
        ),
        Term(
            "interface", "Serves as the contract says", "of 5 checks", 5, "higher", 6,
            "Read the contract's inputs and outputs again.", floor=0, digits=0,
        ),
        Term(
            "quality", "Money saved", "% of what can be", 0.56, "higher", 30,
            "Replay the desk on the shadow month: which seven a day does it look at, and which frauds come after them?",
            floor=0.25, band=0.01, scale=100,
        ),
        Term(
            "latency", "Cost of one payment", "x calibration model", 1.8, "lower", 8,
            "Fewer and smaller trees: the card holder is waiting at the till.", digits=2, production=True,
        ),
        Term(
            "size", "Bytes of the file", "kB", 250_000, "lower", 6,
            "Count trees times leaves; does each of them earn its bytes?", scale=1e-3, digits=0, production=True,
        ),
        Term(
            "memory", "Memory to load and run", "MB", 4.0, "lower", 6,
            "Memory follows from the number of nodes in all trees.", production=True,
        ),
        Term(
            "operators", "Operators in the graph", "", 150, "lower", 0, "Export one plain graph.", digits=0,
            production=True,
        ),
        Term(
            "new", "Money saved on new cards", "% of what can be", 0.65, "higher", 2,
            "Cards in their first two weeks have little history: what is known of them all the same?",
            floor=0.25, band=0.02, scale=100, hidden=True,
        ),
        Term(
            "busy", "Money saved on busy days", "% of what can be", 0.36, "higher", 3,
            "On a busy day the desk still does seven: a flag must be worth more then. A column tells the day.",
            floor=0.10, band=0.02, scale=100, hidden=True,
        ),
        Term(
            "outage", "Money saved without the history store", "% of what can be", 0.40, "higher", 3,
            "With the store down every payment has NaN where history was. Show your model what that looks like.",
            floor=0.15, band=0.02, scale=100, hidden=True,
        ),
        Term(
            "promise", "Frauds promised against frauds found", "times off", 1.4, "lower", 2,
            "Add the probabilities up over a month whose labels are complete: is that the number of its frauds?",
            floor=2.4, band=0.1, digits=2, hidden=True,
        ),
    )  # fmt: skip

    def public_data(self, key: Key) -> dict[str, np.ndarray]:
        """The exported table and the shadow month, in order of time.

        `X_table`, `X_shadow` float32 (N, 22); `day_...` int64; `fraud_table` bool, as known at the export, and
        `dispute_day_table` float32, NaN where nobody complained; `fraud_shadow` bool, complete; `desk_shadow` int64.
        """
        return dict(_public(self, key))

    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """The shadow month of two regions."""
        probe = Probe({"payments": data["X_shadow"]})
        truth = {"rows": {"day": data["day_shadow"], "desk": data["desk_shadow"], "fraud": data["fraud_shadow"]}}
        return Holdout("public", {"rows": probe}, truth, Probe({"payments": data["X_shadow"][:1024]}))

    def private_holdout(self, key: Key) -> Holdout:
        """A month of five other regions; the first three without the history store; busy days of two more."""
        return _private(self, key)

    def evaluate(self, answers: Mapping[str, Mapping[str, np.ndarray]], holdout: Holdout) -> dict[str, Measurement]:
        """Euros saved on each probe as a share of what can be, and how many frauds the probabilities promise."""
        import numpy as np

        from course.units.q02_card_fraud import judge, world

        found = {}
        for probe, given in answers.items():
            problem = _flaw(given)
            if problem and probe == "rows":
                mine = [term.name for term in self.terms if term.name == "quality" or term.hidden]
                return dict.fromkeys(mine, Measurement(None, problem, "broken"))
            X, truth = holdout.probes[probe].inputs["payments"], holdout.truth[probe]
            name = "quality" if probe == "rows" else probe
            if problem:
                found[name] = Measurement(None, problem, "broken")
                continue
            found[name] = Measurement(judge.share(X, **truth, review=given["review"]))
        X, truth, given = holdout.probes["rows"].inputs["payments"], holdout.truth["rows"], answers["rows"]
        days = len(np.unique(truth["desk"] * 100_000 + truth["day"]))
        flagged = given["review"].sum() / days
        note = ""
        if flagged > 1.5 * world.REVIEWS:
            note = f"It flags more than the {world.REVIEWS} a day that a desk can look at; what comes late is not seen."
        elif flagged < 1:
            note = "It flags less than one payment a day: the desk has time for more."
        aside = f"{flagged:.1f} flags a day" if holdout.name == "public" else ""
        found["quality"] = Measurement(found["quality"].value, note, aside=aside)
        young = X[:, world.AT["card_age"]] < world.NEW_CARD
        found["new"] = Measurement(judge.share(X, **truth, review=given["review"], only=young))
        found["promise"] = Measurement(min(judge.factor(given["probability"], truth["fraud"]), 1_000.0))
        return found


def _flaw(given: Mapping[str, np.ndarray]) -> str:
    """What is wrong with a model's answers, beyond their types and shapes; empty if nothing is."""
    probability, review = given["probability"], given["review"]
    if (probability < 0).any() or (probability > 1).any():
        return "The output 'probability' leaves 0 to 1; end in a Sigmoid, or take the classifier's probabilities."
    if ((review != 0) & (review != 1)).any():
        return "The output 'review' must be 1 (look at this payment) or 0; compare with your threshold in the graph."
    return ""


def _truth(paid: Payments) -> dict[str, np.ndarray]:
    return {"day": paid.day, "desk": paid.desk, "fraud": paid.fraud}


@lru_cache(maxsize=4)
def _public(unit: CardFraud, key: Key) -> dict[str, np.ndarray]:
    import numpy as np

    from course.units.q02_card_fraud import world

    at = world.world(key.rng(unit.name, "world"))
    rng = key.rng(unit.name, "table")
    table = world.region(rng, at, 0, world.DAYS, {at.busy: float(rng.uniform(*world.BUSY))})
    X, label = world.exported(rng, table, world.DAYS)
    shadow = world.month(key.rng(unit.name, "shadow"), at, world.SHADOW, DESKS["shadow"])
    return {
        "X_table": X,
        "day_table": table.day,
        "fraud_table": label,
        "dispute_day_table": np.where(label, table.known, np.nan).astype(np.float32),
        "X_shadow": shadow.X,
        "day_shadow": shadow.day,
        "desk_shadow": shadow.desk,
        "fraud_shadow": shadow.fraud,
    }


@lru_cache(maxsize=4)
def _private(unit: CardFraud, key: Key) -> Holdout:
    from course.units.q02_card_fraud import world

    at = world.world(key.rng(unit.name, "world"))
    live = world.month(key.rng(unit.name, "live"), at, world.LIVE, DESKS["live"])
    down = live.only(live.desk < DESKS["outage"])
    busy = world.busy_days(key.rng(unit.name, "busy"), at, world.LIVE, DESKS["busy"])
    seen = {"rows": live.X, "outage": world.outage(down.X), "busy": busy.X}
    probes = {name: Probe({"payments": X}) for name, X in seen.items()}
    truth = {name: _truth(paid) for name, paid in {"rows": live, "outage": down, "busy": busy}.items()}
    seed = int(key.rng(unit.name, "timing").integers(2**31))
    return Holdout("private", probes, truth, Probe({"payments": live.X[:1024]}), seed)


UNIT = CardFraud()
