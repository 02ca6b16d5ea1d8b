"""f01: shrink the ensemble. The winner of the competition reads digits well and can't be shipped; what can?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from course.contract.artifacts.gate import ModelSpec, Tensor
from course.contract.terms.holdout import Holdout, Probe
from course.contract.terms.report import Landmark, Measurement
from course.units.base import ModelUnit
from course.units.f01_shrink_ensemble.hints import HINTS
from course.units.kit import contract
from course.units.kit.worlds import Draw

if TYPE_CHECKING:
    import numpy as np


class ShrinkEnsemble(ModelUnit):
    """Scans in, digits out, within a thousandth of the winner's bytes and a hundredth of its time."""

    name, title, brief, example, estimates, terms = contract.beside(__file__)
    model = ModelSpec(
        inputs={"pixels": Tensor("float32", (None, 784))},
        outputs={"digit": Tensor("int64", (None,))},
        most_bytes=40_000_000,  # the members of the winner that people try fit; they are measured and lose
    )
    also = ("baseline.onnx",)

    hints = HINTS

    def release(self, draw: Draw) -> dict[str, np.ndarray]:
        """`X_train` (3500, 784), `X_public` (2000, 784): uint8; `y_train`, `y_public`: int64."""
        from course.units.f01_shrink_ensemble import world

        pixels, labels = world.load()
        rows = world.split(labels, draw("split"))
        scans, digits = world.scans("public", rows["public"], draw("public warp"))
        return {
            "X_train": pixels[rows["train"]].astype("uint8"),
            "y_train": labels[rows["train"]],
            "X_public": scans.astype("uint8"),
            "y_public": digits,
        }

    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """2,000 scans of 500 rows."""
        pixels = data["X_public"].astype("float32")
        probe = Probe({"pixels": pixels})
        return Holdout("public", {"rows": probe}, {"digit": data["y_public"]}, timing=probe)

    def hidden(self, draw: Draw) -> Holdout:
        """3,000 scans of 1,000 other rows; the same scans with a thick pen and off centre."""
        from course.units.f01_shrink_ensemble import world

        rows = world.split(world.load()[1], draw("split"))
        scans, digits = world.scans("private", rows["private"], draw("private warp"))
        thick = scans
        for amount in world.THICK:
            thick = world.thicken(thick, amount)
        probes = {
            "rows": Probe({"pixels": scans}),
            "pen": Probe({"pixels": thick}),
            "shifted": Probe({"pixels": world.off_centre(scans)}),
        }
        return Holdout("private", probes, {"digit": digits}, timing=probes["rows"], seed=draw.seed())

    def evaluate(self, answers: Mapping[str, Mapping[str, np.ndarray]], holdout: Holdout) -> dict[str, Measurement]:
        """Accuracy on each probe, and the recall of the worst-read digit."""
        truth = holdout.truth["digit"]
        right = {probe: given["digit"] == truth for probe, given in answers.items()}
        found = {probe: Measurement(float(hits.mean())) for probe, hits in right.items() if probe != "rows"}
        found["quality"] = Measurement(float(right["rows"].mean()))
        recalls = {digit: float(right["rows"][truth == digit].mean()) for digit in range(10)}
        worst = min(recalls, key=recalls.__getitem__)
        found["digits"] = Measurement(recalls[worst])
        return found

    def landmarks(self) -> Sequence[Landmark]:
        """The baseline and the winner, as `course bench shrink` measured them under the open key."""
        import json
        from pathlib import Path

        records = json.loads((Path(__file__).parent / "measured.json").read_text(encoding="utf-8"))
        names = {"logistic regression": "baseline", "the winner": "winner"}
        return tuple(
            Landmark(names[record["name"]], record["public"], record["bytes"], record["cost"])
            for record in records
            if record["name"] in names
        )


UNIT = ShrinkEnsemble()
