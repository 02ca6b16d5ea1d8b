"""q26: triangle, circle or square. Twenty kilobytes that know a shape, whichever way the paper lies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from course.contract.artifacts.gate import ModelSpec, Tensor
from course.contract.terms.estimates import Estimate
from course.contract.terms.holdout import Holdout, Probe
from course.contract.terms.report import Measurement
from course.units.base import ModelUnit
from course.units.kit import terms
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

    name = "q26-shapes"
    title = "Triangle, circle or square"
    brief = "Tell me whether a child has drawn a triangle, a circle or a square."
    model = ModelSpec(
        inputs={"pixels": Tensor("float32", (None, 1024))},
        outputs={"shape": Tensor("int64", (None,))},
        most_bytes=20_000_000,  # whoever keeps all drawings is measured, and loses
    )
    also = ("baseline.onnx",)

    estimates: Mapping[str, Estimate] = {
        "pixel_net_kb": Estimate(
            "How many kB does a net with 64 hidden units on all pixels take, in four bytes a number?", "kB", 258, 268,
            "(1,024 x 64 + 64 + 64 x 3 + 3) x 4 bytes = 263 kB",
        ),
        "filters_ms": Estimate(
            "How long do eight filters of 5 x 5 take at every pixel, at 2 million multiplications a second?",
            "ms", 98, 107,
            "8 x 25 x 1,024 = 204,800 multiplications / 2,000,000 a second = 102 ms",
        ),
        "wrong_twice": Estimate(
            "How often a month is a child told something wrong twice in a row, at 12 drawings on each of 30 days, 92 "
            "% of them read right?", "times", 2.0, 2.4,
            "11 pairs of neighbours a day x 0.08 x 0.08 x 30 days = 2.1",
        ),
        "half_width": Estimate(
            "92 % of 1,200 drawings are read right. How far does the 95 % interval reach to each side?",
            "points", 1.45, 1.62,
            "1.96 x sqrt(0.92 x 0.08 / 1,200) = 1.53 points",
        ),
        "luckless_percent": Estimate(
            "Each of twelve groups of 100 drawings is truly read right with 90 %. How likely is it that at least one "
            "group shows 84 or fewer?", "%", 35, 42,
            "P(at most 84 of 100) = 0.040 for one group; 1 - (1 - 0.040)^12 = 38.7 %",
        ),
    }  # fmt: skip

    hints = HINTS
    terms = (
        terms.estimates(5),
        terms.baseline(
            "Baseline's accuracy", "% of drawings", 0.38,
            "A linear model on the pixels beats guessing; look at its training rows and labels.", band=0.01, scale=100,
        ),
        terms.interface(5),
        terms.share(
            "quality", "Accuracy", "drawings", 0.92, 30,
            "Turn the paper in your mind: what does your model see then, and what has not changed?",
            floor=0.60, band=0.005,
            definition="Drawings whose shape is right, over all drawings of the hold-out, pooled; each shape with each "
            "pen has as many.",
        ),
        terms.latency(
            5.0, "Cost of one drawing",
            "Count operators and the pixels that each of them touches; ask once, not in many ways.", digits=1,
        ),
        terms.size(
            20_000, "Count the weights and the bytes of each; most are where pixels or maps meet the first layer.",
            digits=1,
        ),
        terms.memory(1.6, "Memory follows from weights and from what a graph keeps between its operators."),
        terms.operators(160),
        terms.share(
            "chalk", "Accuracy with a new pen", "drawings", 0.87, 4,
            "The brief names a pen that nobody has drawn with yet. What will be different? Can you make some of it?",
            floor=0.55, band=0.01, hidden=True,
            definition="What *quality* measures, of drawings with the pen that nobody has drawn with yet.",
        ),
        terms.share(
            "worst", "Accuracy of the worst shape and pen", "its drawings", 0.65, 3,
            "One shape in one pen is read much worse than the rest; look at pens apart.",
            floor=0.35, band=0.02, hidden=True,
            definition="For each of the twelve pairs of a shape and a pen, the share of its drawings that are read "
            "right; the least of the twelve.",
        ),
        terms.share(
            "turned", "Read right whichever way the paper lies", "drawings", 0.76, 3,
            "A drawing on its side, or seen in a mirror, is the same drawing; make sure that your model thinks so.",
            floor=0.35, band=0.02, hidden=True,
            definition="Of some drawings, the share that is read right in all eight ways to lay a square sheet.",
        ),
    )  # fmt: skip
    example = (
        "`pixels` float32 [4, 1024] holds a triangle, two circles and a square. Right is `shape` int64 [4] = [0, 1, 1, "
        "2]. [0, 1, 2, 2] is right about 3 of 4 drawings, so accuracy is 75 %; were they all in crayon, circles in "
        "crayon would be the worst group of those three, with 50 %."
    )

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
