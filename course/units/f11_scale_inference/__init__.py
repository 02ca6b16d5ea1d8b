"""f11: scale inference. One reader of digits, a traffic curve, a p99: two models, a cache, and who works when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from course.contract.artifacts.modules import ModuleSpec, Ship, clauses, read
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import Measurement
from course.problem import Problem
from course.units.base import ModuleUnit
from course.units.f11_scale_inference.hints import HINTS
from course.units.kit import contract
from course.units.kit.replay import Replay
from course.units.kit.worlds import Draw

if TYPE_CHECKING:
    import numpy as np

#: Corrected photos of a hold-out.
PAIRS = 1_000


class ScaleInference(ModuleUnit):
    """A policy and its two models, judged by digits read, waiting at p99, workers and memory."""

    name, title, brief, example, estimates, terms = contract.beside(__file__)
    module = ModuleSpec(
        "policy.py",
        {
            "plan": "plan(forecast, costs) -> dict",
            "escalate": "escalate(probabilities) -> flags",
            "cache_keys": "cache_keys(pixels) -> keys",
        },
        beside=("small.onnx", "large.onnx"),
        seconds=20.0,
    )
    also = ("baseline.py",)
    hints: ClassVar[Mapping[str, tuple[str, ...]]] = HINTS

    def release(self, draw: Draw) -> dict[str, np.ndarray]:
        """Training crops (12,000, 196) uint8 and their digits, a forecast (24,), and requests of three hours."""
        import numpy as np

        from course.units.f11_scale_inference import world

        rows, rng = world.split(draw("split")), draw("public")
        given, taken = (world.photos(purpose, rows[purpose], rng) for purpose in ("train", "public"))
        day = world.forecast(rng)
        made = {"X_train": given.pixels(np.arange(len(given)), rng), "y_train": given.digits}
        return made | world.packed(day, world.hours(day, taken, rng))

    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """Three hours of a day."""
        from course.units.f11_scale_inference import world

        return Holdout("public", truth={"forecast": data["forecast"], "hours": world.unpacked(data)})

    def hidden(self, draw: Draw) -> Holdout:
        """Three hours of another day, other handwriting; a crowd, and corrected photos."""
        from course.units.f11_scale_inference import world

        rng = draw("private")
        taken = world.photos("private", world.split(draw("split"))["private"], rng)
        day = world.forecast(rng)
        busiest, start = int(day.argmax()), (world.COUNTED_S - world.CROWD_S) / 2
        crowd = (start, start + world.CROWD_S)
        truth = {
            "forecast": day,
            "hours": world.hours(day, taken, rng),
            "crowd": world.hour("crowd", busiest, day[busiest], taken, rng, crowd),
            "corrected": world.corrected(taken, PAIRS, rng),
        }
        return Holdout("private", truth=truth, seed=draw.seed())

    @clauses("quality", "handwritten")
    def read(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Accuracy of the cascade on all crops that are asked for, each counted once."""
        import numpy as np

        from course.units.f11_scale_inference import judge

        hours = holdout.truth["hours"]
        found = judge.answers(ship, np.concatenate([hour.pixels for hour in hours]))
        right = found.digit == np.concatenate([hour.digits for hour in hours])
        hand = np.concatenate([hour.handwritten for hour in hours])
        aside = f"{found.escalated.mean():.1%} of crops go to the large model" if holdout.name == "public" else ""
        return {
            "quality": Measurement(float(right.mean()), aside=aside),
            "handwritten": Measurement(float(right[hand].mean())),
        }

    @clauses("p99")
    def wait(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Three hours, each by itself."""
        from course.units.f11_scale_inference import judge, waiting

        waits = waiting.waits(ship, holdout, holdout.truth["hours"])
        found = waiting.judged(
            self.term("p99"), lambda costs, factor: max(waits(costs, factor).values()), ship, holdout
        )
        if holdout.name == "public" and found.value is not None:
            said = waits(judge.costs(ship, holdout)[0], 1.0)
            found = replace(found, aside=", ".join(f"{name} {ms:,.0f} ms" for name, ms in said.items()))
        return {"p99": found}

    @clauses("crowd")
    def rushed(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """The busiest hour, with half as many bills again for some seconds."""
        from course.units.f11_scale_inference import waiting

        if "crowd" not in holdout.truth:
            return {}
        waits = waiting.waits(ship, holdout, [holdout.truth["crowd"]])
        return {"crowd": waiting.judged(self.term("crowd"), lambda *how: max(waits(*how).values()), ship, holdout)}

    @clauses("bill")
    def pay(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Workers of a whole day."""
        from course.units.f11_scale_inference import fleet, judge, waiting

        forecast = holdout.truth["forecast"].tolist()

        def bill(costs: dict, factor: float) -> float:
            costs = {step: {n: ms * factor for n, ms in some.items()} for step, some in costs.items()}
            return fleet.bill(judge.plan(ship, forecast, costs), forecast)

        return {"bill": waiting.judged(self.term("bill"), bill, ship, holdout)}

    @clauses("memory")
    def keep(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """What both models add to a process, and a full cache."""
        import numpy as np

        from course.contract.artifacts import models
        from course.units.f11_scale_inference import fleet, judge

        pixels = holdout.truth["hours"][0].pixels
        rows = {"pixels": pixels[:64].astype(np.float32)}
        both = sum(models.memory(ship.model(spec), rows).value for spec in (judge.SMALL, judge.LARGE))
        plan = judge.plan(ship, holdout.truth["forecast"].tolist(), judge.costs(ship, holdout)[0])
        longest = max(len(key or b"") for key in judge.cache_keys(ship, pixels))
        cache = plan["cache_entries"] * (fleet.ENTRY_BYTES + longest) / 1e6
        return {"memory": Measurement(both + cache, aside=f"{both:.1f} MB of models, {cache:.1f} MB of cache")}

    @clauses("wrong")
    def mistaken(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Different crops under one key whose own answers differ: among those of an hour, and corrected photos."""
        import numpy as np

        from course.units.f11_scale_inference import judge

        if "corrected" not in holdout.truth:
            return {}
        crops = np.concatenate([holdout.truth["hours"][-1].pixels, *holdout.truth["corrected"]])
        keys, digits = judge.cache_keys(ship, crops), judge.answers(ship, crops).digit.tolist()
        first: dict[bytes, int] = {}
        wrong = sum(
            first.setdefault(key, digit) != digit for key, digit in zip(keys, digits, strict=True) if key is not None
        )
        return {"wrong": Measurement(wrong / len(crops))}

    @clauses("interface")
    def serve(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Six promises of the contract."""
        from course.units.f11_scale_inference import promises

        return {"interface": promises.kept(ship, holdout)}

    def replay(self, folder: Path, holdout: Holdout, case: int) -> Replay:
        """The hour of that number, second by second."""
        from course.units.f11_scale_inference import waiting

        hours = holdout.truth["hours"]
        if not 0 <= case < len(hours):
            raise Problem(f"There are hours 0 to {len(hours) - 1}; {case} is none of them.")
        return waiting.replayed(read(folder, self.module), holdout, hours[case])


UNIT = ScaleInference()
