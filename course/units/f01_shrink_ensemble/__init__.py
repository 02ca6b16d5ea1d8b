"""f01: shrink the ensemble. The winner of the competition reads digits well and can't be shipped; what can?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from course.contract.artifacts.gate import ModelSpec, Tensor
from course.contract.terms.estimates import Estimate
from course.contract.terms.holdout import Holdout, Probe
from course.contract.terms.report import Landmark, Measurement
from course.units.base import ModelUnit
from course.units.f01_shrink_ensemble.hints import HINTS
from course.units.kit import terms
from course.units.kit.worlds import Draw

if TYPE_CHECKING:
    import numpy as np


class ShrinkEnsemble(ModelUnit):
    """Scans in, digits out, within a thousandth of the winner's bytes and a hundredth of its time."""

    name = "f01-shrink-ensemble"
    title = "Shrink the winning ensemble"
    brief = "We won the competition. Put the winner on the sorting line."
    model = ModelSpec(
        inputs={"pixels": Tensor("float32", (None, 784))},
        outputs={"digit": Tensor("int64", (None,))},
        most_bytes=40_000_000,  # the members of the winner that people try fit; they are measured and lose
    )
    also = ("baseline.onnx",)

    estimates: Mapping[str, Estimate] = {
        "crops_per_second": Estimate(
            "How many crops a second must one line's controller read?", "crops a second", 475, 485,
            "8 parcels x 5 digits x 12 crops = 480",
        ),
        "microseconds_on_laptop": Estimate(
            "How long may one crop take on your laptop, if reading may use a quarter of one controller core?",
            "µs", 25, 27,
            "0.25 s of core time a second / 480 crops = 521 µs on the controller; a laptop is 20 times faster: 26 µs",
        ),
        "winner_cores": Estimate(
            "How many controller cores would the winner keep busy, at 12 ms a crop on a laptop?", "cores", 110, 118,
            "480 crops/s x 12 ms x 20 = 115 core seconds a second",
        ),
        "winner_update_hours": Estimate(
            "How long does sending the winner's 140 MB to one controller take?", "hours", 4.6, 5.2,
            "140e6 bytes x 8 / 64,000 bit/s = 17,500 s = 4.9 h",
        ),
        "parcels_by_hand": Estimate(
            "How many more parcels a day does a line send to hand sorting at 95 % of digits right, not 96 %?",
            "parcels a day", 22_500, 25_500,
            "0.96^5 - 0.95^5 = 0.0416 of 8 x 3,600 x 20 = 576,000 parcels: 23,950",
        ),
    }  # fmt: skip

    hints = HINTS
    terms = (
        terms.estimates(5),
        terms.baseline(
            "Baseline's accuracy", "% of scans", 0.80,
            "A plain model on the pixels reaches more; look at its training rows and labels.", band=0.01, scale=100,
        ),
        terms.interface(5),
        terms.share(
            "quality", "Accuracy", "scans", 0.93, 30,
            "Look at which scans are misread: do the training rows vary as much as the scans do?",
            floor=0.83, band=0.005,
            definition="Scans whose digit is right, over all scans of the hold-out, pooled.",
        ),
        terms.latency(
            1.0, "Cost of one scan",
            "Count the multiplications for one row, and the operators; drop what does not change the answer.",
        ),
        terms.size(143_000, "Count the weights and the bytes of each; fewer weights, or fewer bytes for each weight."),
        terms.memory(4.0, "Memory follows from weights and from what a graph keeps between its operators."),
        terms.operators(128),
        terms.share(
            "digits", "Recall of the worst digit", "its scans", 0.84, 4,
            "One digit is read much worse than the others; look at a confusion matrix.",
            floor=0.70, band=0.02, hidden=True,
            definition="For each of the ten digits, the share of its scans that are read right; the least of the ten.",
        ),
        terms.share(
            "pen", "Accuracy with a thick pen", "scans", 0.90, 3,
            "Pens differ: train on strokes as thick as the brief says there are.",
            floor=0.75, band=0.01, hidden=True,
            definition="What *quality* measures, of the same scans written with a thicker pen.",
        ),
        terms.share(
            "shifted", "Accuracy off centre", "scans", 0.87, 3,
            "Crops are not centred: train on crops as far off as the brief says they are.",
            floor=0.70, band=0.01, hidden=True,
            definition="What *quality* measures, of the same scans moved away from the centre, as far as the brief "
            "says.",
        ),
    )  # fmt: skip
    example = (
        "`pixels` float32 [3, 784] holds a scan of a 7, of a 1 and of another 7. Right is `digit` int64 [3] = [7, 1, "
        "7]. [7, 7, 7] is right about 2 of 3 scans, so accuracy is 66.7 %; recall is 100 % for the 7 and 0 % for the "
        "1, which is then the worst digit."
    )

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

    def prepare(self, data: Mapping[str, np.ndarray], tell: Callable[[str], None]) -> None:
        """Train the winner, so that no notebook has to."""
        from course.units.f01_shrink_ensemble.winner import winner

        X, X_public = (data[name].astype("float32") for name in ("X_train", "X_public"))
        winner(X, data["y_train"], X_public, data["y_public"], tell)

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
