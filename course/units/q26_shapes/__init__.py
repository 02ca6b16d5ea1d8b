"""q26: triangle, circle or square. Twenty kilobytes that know a shape, whichever way the paper lies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from course.contract.artifacts.gate import ModelSpec, Tensor
from course.contract.terms.holdout import Holdout, Probe
from course.contract.terms.report import Measurement
from course.units.base import ModelUnit
from course.units.kit import contract
from course.units.kit.worlds import Draw
from course.units.q26_shapes.hints import HINTS

if TYPE_CHECKING:
    import numpy as np

#: Drawings of each shape with each pen, and with chalk.
EACH = {"train": 100, "public": 100, "private": 130, "chalk": 170}
#: Drawings that are laid in eight ways.
TURNED = 200


class Shapes(ModelUnit):
    """Drawings in, shapes out, in the memory of a toy."""

    name, title, brief, example, estimates, terms = contract.beside(__file__)
    model = ModelSpec(
        inputs={"pixels": Tensor("float32", (None, 1024))},
        outputs={"shape": Tensor("int64", (None,))},
        most_bytes=20_000_000,  # whoever keeps all drawings is measured, and loses
    )
    also = ("baseline.onnx",)

    hints = HINTS

    def release(self, draw: Draw) -> dict[str, np.ndarray]:
        """`X_train`, `X_public` (1200, 1024) uint8; `y_...`, the shapes, and `pen_...`, the pens (1200,) int64."""
        from course.units.q26_shapes import world

        found = {}
        for part in ("train", "public"):
            pixels, shapes, pens = world.drawings(world.PENS, EACH[part], draw(part))
            found |= {f"X_{part}": pixels, f"y_{part}": shapes, f"pen_{part}": pens}
        return found

    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """The 1,200 drawings of the other kindergarten."""
        probe = Probe({"pixels": data["X_public"].astype("float32")})
        truth = {"shape": data["y_public"], "pen": data["pen_public"]}
        return Holdout("public", {"rows": probe}, truth, timing=probe)

    def hidden(self, draw: Draw) -> Holdout:
        """1,560 other drawings; 510 in chalk; 200 of the first laid in eight ways."""
        from course.units.q26_shapes import world

        pixels, shapes, pens = world.drawings(world.PENS, EACH["private"], draw("private"))
        chalk, chalked, _ = world.drawings({"chalk": world.CHALK}, EACH["chalk"], draw("chalk"))
        seen = {"rows": pixels, "chalk": chalk, "turned": world.turned(pixels[:TURNED])}
        probes = {name: Probe({"pixels": some.astype("float32")}) for name, some in seen.items()}
        truth = {"shape": shapes, "pen": pens, "chalk": chalked}
        return Holdout("private", probes, truth, timing=probes["rows"], seed=draw.seed())

    def evaluate(self, answers: Mapping[str, Mapping[str, np.ndarray]], holdout: Holdout) -> dict[str, Measurement]:
        """Accuracy on the drawings, of their worst group, and in chalk; right answers that no turn changes."""
        truth = holdout.truth
        right = answers["rows"]["shape"] == truth["shape"]
        groups = [right[(truth["shape"] == shape) & (truth["pen"] == pen)] for shape in range(3) for pen in range(4)]
        found = {
            "quality": Measurement(float(right.mean())),
            "worst": Measurement(min(float(group.mean()) for group in groups)),
        }
        if "chalk" in answers:
            found["chalk"] = Measurement(float((answers["chalk"]["shape"] == truth["chalk"]).mean()))
        if "turned" in answers:
            ways = answers["turned"]["shape"].reshape(8, -1)
            found["turned"] = Measurement(float((ways == truth["shape"][:TURNED]).all(axis=0).mean()))
        return found


UNIT = Shapes()
