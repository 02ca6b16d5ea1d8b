"""f01: shrink the ensemble. The winner of the competition reads digits well and can't be shipped; what can?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from course.contract.artifacts.gate import ModelSpec, Tensor
from course.contract.terms.estimates import Estimate
from course.contract.terms.holdout import Holdout, Probe
from course.contract.terms.report import Landmark, Measurement, Term
from course.key import Key
from course.units.base import ModelUnit
from course.units.f01_shrink_ensemble.hints import HINTS

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
        Term(
            "estimates", "Estimates in range", "of 5", 5, "higher", 10, "Work the estimates out again.",
            floor=0, digits=0,
        ),
        Term(
            "baseline", "Baseline's accuracy", "% of scans", 0.80, "higher", 4,
            "A plain model on the pixels reaches more; look at its training rows and labels.",
            band=0.01, scale=100,
        ),
        Term(
            "interface", "Serves as the contract says", "of 5 checks", 5, "higher", 6,
            "Read the contract's inputs and outputs again.", floor=0, digits=0,
        ),
        Term(
            "quality", "Accuracy", "% of scans", 0.93, "higher", 30,
            "Look at which scans are misread: do the training rows vary as much as the scans do?",
            floor=0.83, band=0.005, scale=100,
        ),
        Term(
            "latency", "Cost of one scan", "x calibration model", 1.0, "lower", 8,
            "Count the multiplications for one row, and the operators; drop what does not change the answer.", digits=2,
            production=True,
        ),
        Term(
            "size", "Bytes of the file", "kB", 143_000, "lower", 6,
            "Count the weights and the bytes of each; fewer weights, or fewer bytes for each weight.",
            scale=1e-3, digits=0, production=True,
        ),
        Term(
            "memory", "Memory to load and run", "MB", 4.0, "lower", 6,
            "Memory follows from weights and from what a graph keeps between its operators.", production=True,
        ),
        Term(
            "operators", "Operators in the graph", "", 128, "lower", 0, "Export one plain graph.",
            digits=0, production=True,
        ),
        Term(
            "digits", "Recall of the worst digit", "% of its scans", 0.84, "higher", 4,
            "One digit is read much worse than the others; look at a confusion matrix.",
            floor=0.70, band=0.02, scale=100, hidden=True,
        ),
        Term(
            "pen", "Accuracy with a thick pen", "% of scans", 0.90, "higher", 3,
            "Pens differ: train on strokes as thick as the brief says there are.",
            floor=0.75, band=0.01, scale=100, hidden=True,
        ),
        Term(
            "shifted", "Accuracy off centre", "% of scans", 0.87, "higher", 3,
            "Crops are not centred: train on crops as far off as the brief says they are.",
            floor=0.70, band=0.01, scale=100, hidden=True,
        ),
    )  # fmt: skip

    def public_data(self, key: Key) -> dict[str, np.ndarray]:
        """`X_train` (3500, 784), `X_public` (2000, 784): uint8; `y_train`, `y_public`: int64."""
        from course.units.f01_shrink_ensemble import world

        pixels, labels = world.load()
        rows = world.split(labels, key.rng(self.name, "split"))
        scans, digits = self._scans("public", rows["public"], key)
        return {
            "X_train": pixels[rows["train"]].astype("uint8"),
            "y_train": labels[rows["train"]],
            "X_public": scans.astype("uint8"),
            "y_public": digits,
        }

    def _scans(self, name: str, rows: np.ndarray, key: Key) -> tuple[np.ndarray, np.ndarray]:
        import numpy as np

        from course.units.f01_shrink_ensemble import world

        pixels, labels = world.load()
        rows = np.tile(rows, world.COPIES[name])
        return world.warp(pixels[rows], key.rng(self.name, f"{name} warp")), labels[rows]

    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """2,000 scans of 500 rows."""
        pixels = data["X_public"].astype("float32")
        probe = Probe({"pixels": pixels})
        return Holdout("public", {"rows": probe}, {"digit": data["y_public"]}, timing=probe)

    def private_holdout(self, key: Key) -> Holdout:
        """3,000 scans of 1,000 other rows; the same scans with a thick pen and off centre."""
        from course.units.f01_shrink_ensemble import world

        rows = world.split(world.load()[1], key.rng(self.name, "split"))
        scans, digits = self._scans("private", rows["private"], key)
        thick = scans
        for amount in world.THICK:
            thick = world.thicken(thick, amount)
        probes = {
            "rows": Probe({"pixels": scans}),
            "pen": Probe({"pixels": thick}),
            "shifted": Probe({"pixels": world.off_centre(scans)}),
        }
        seed = int(key.rng(self.name, "timing").integers(2**31))
        return Holdout("private", probes, {"digit": digits}, timing=probes["rows"], seed=seed)

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
