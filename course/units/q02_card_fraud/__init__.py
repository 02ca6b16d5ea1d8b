"""q02: card fraud. Seven reviews a day, labels a month late, and somebody who reads your mind."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from course.contract.artifacts.gate import ModelSpec, Tensor
from course.contract.processes.calls import CallError
from course.contract.terms.holdout import Holdout, Probe
from course.contract.terms.report import Measurement
from course.problem import Problem
from course.units.base import ModelUnit
from course.units.kit import contract
from course.units.kit.replay import Replay
from course.units.kit.worlds import Draw
from course.units.q02_card_fraud.hints import HINTS

if TYPE_CHECKING:
    import numpy as np

    from course.units.q02_card_fraud.world import Payments

#: Desks of the shadow month, of the month in which the model is judged, in the outage, and on busy days.
DESKS = {"shadow": 2, "live": 5, "outage": 3, "busy": 2}


class CardFraud(ModelUnit):
    """Payments in, a probability and a decision out, judged by what seven reviews a day save."""

    name, title, brief, example, estimates, terms = contract.beside(__file__)
    model = ModelSpec(
        inputs={"payments": Tensor("float32", (None, 22))},
        outputs={"probability": Tensor("float32", (None,)), "review": Tensor("int64", (None,))},
        most_bytes=40_000_000,  # large forests are measured, and lose
    )
    also = ("baseline.onnx",)

    hints = HINTS

    def release(self, draw: Draw) -> dict[str, np.ndarray]:
        """The exported table and the shadow month, in order of time.

        `X_table`, `X_shadow` float32 (N, 22); `day_...` int64; `fraud_table` bool, as known at the export, and
        `dispute_day_table` float32, NaN where nobody complained; `fraud_shadow` bool, complete; `desk_shadow` int64.
        """
        import numpy as np

        from course.units.q02_card_fraud import world

        at, rng = world.world(draw("world")), draw("table")
        table = world.region(rng, at, 0, world.DAYS, {at.busy: float(rng.uniform(*world.BUSY))})
        X, label = world.exported(rng, table, world.DAYS)
        shadow = world.month(draw("shadow"), at, world.SHADOW, DESKS["shadow"])
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

    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """The shadow month of two regions."""
        probe = Probe({"payments": data["X_shadow"]})
        truth = {"rows": {"day": data["day_shadow"], "desk": data["desk_shadow"], "fraud": data["fraud_shadow"]}}
        return Holdout("public", {"rows": probe}, truth, Probe({"payments": data["X_shadow"][:1024]}))

    def hidden(self, draw: Draw) -> Holdout:
        """A month of five other regions; the first three without the history store; busy days of two more."""
        from course.units.q02_card_fraud import world

        at = world.world(draw("world"))
        live = world.month(draw("live"), at, world.LIVE, DESKS["live"])
        down = live.only(live.desk < DESKS["outage"])
        busy = world.busy_days(draw("busy"), at, world.LIVE, DESKS["busy"])
        seen = {"rows": live.X, "outage": world.outage(down.X), "busy": busy.X}
        probes = {name: Probe({"payments": X}) for name, X in seen.items()}
        truth = {name: _truth(paid) for name, paid in {"rows": live, "outage": down, "busy": busy}.items()}
        return Holdout("private", probes, truth, Probe({"payments": live.X[:1024]}), draw.seed())

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
            note = "It flags less than one payment a day: its price is too high, or it waits for what no till knows."
        aside = f"{flagged:.1f} flags a day" if holdout.name == "public" else ""
        found["quality"] = Measurement(found["quality"].value, note, aside=aside)
        young = X[:, world.AT["card_age"]] < world.NEW_CARD
        found["new"] = Measurement(judge.share(X, **truth, review=given["review"], only=young))
        found["promise"] = Measurement(min(judge.factor(given["probability"], truth["fraud"]), 1_000.0))
        return found

    def replay(self, folder: Path, holdout: Holdout, case: int) -> Replay:
        """The month of the desk of that number, day by day."""
        from course.contract.artifacts.gate import read
        from course.contract.artifacts.models import flaw
        from course.contract.processes.runner import predict
        from course.units.q02_card_fraud import judge

        rows, truth = holdout.probes["rows"], holdout.truth["rows"]
        desks = int(truth["desk"].max()) + 1
        if not 0 <= case < desks:
            raise Problem(f"There are desks 0 to {desks - 1}; {case} is none of them.")
        (found,) = predict(read(folder / self.artifact, self.model).content, [rows.inputs])
        given = dict(zip(self.model.outputs, found, strict=True))
        problem = flaw(found, self.model, len(rows)) or _flaw(given)
        if problem:
            raise CallError(problem)
        return judge.replayed(rows.inputs["payments"], **truth, review=given["review"], of=case)


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


UNIT = CardFraud()
