"""f11: scale inference. One reader of digits, a traffic curve, a p99: two models, a cache, and who works when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from course.contract.artifacts.modules import ModuleSpec, Ship, clauses, read
from course.contract.terms.estimates import Estimate
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import Measurement, Term
from course.problem import Problem
from course.units.base import ModuleUnit
from course.units.f11_scale_inference.hints import HINTS
from course.units.kit import terms
from course.units.kit.replay import Replay
from course.units.kit.worlds import Draw

if TYPE_CHECKING:
    import numpy as np

#: Corrected photos of a hold-out.
PAIRS = 1_000


class ScaleInference(ModuleUnit):
    """A policy and its two models, judged by digits read, waiting at p99, workers and memory."""

    name = "f11-scale-inference"
    title = "Scale inference"
    brief = "It works on one laptop. On Saturday, all restaurants of the country use it."
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

    estimates: Mapping[str, Estimate] = {
        "misses": Estimate(
            "How many crops a second are new in the busiest minute?", "crops a second", 600, 640,
            "1,600 / 2.6 = 615",
        ),
        "workers_large": Estimate(
            "How many workers are busy then, if all new crops go to a large model that takes 18 ms each?",
            "workers", 10.8, 11.5,
            "615 x 0.018 s = 11.1 seconds of work a second",
        ),
        "workers_cascade": Estimate(
            "How many, if the small model takes 4.5 ms for each of them and the large one sees an eighth?",
            "workers", 4.0, 4.35,
            "615 x (0.0045 + 0.018 / 8) s = 4.15",
        ),
        "fill_ms": Estimate(
            "How long does the first crop wait until 64 have come, at four in the morning?", "ms", 2_500, 2_900,
            "60 / 2.6 = 23 new ones a second; 63 more take 2.7 s",
        ),
        "times_longer": Estimate(
            "How many times longer is the mean wait in the queue at 95 % than at 60 %?", "times", 12.3, 13.0,
            "0.95 / 0.05 = 19, 0.6 / 0.4 = 1.5; 19 / 1.5 = 12.7",
        ),
    }  # fmt: skip

    terms = (
        terms.estimates(5),
        terms.baseline(
            "Baseline's accuracy", "% of crops", 0.87, band=0.01, scale=100,
            advice="A linear model of the pixels reads more than that; look at its labels and its scale.",
        ),
        terms.interface(6, advice="Read what the three functions take and return again."),
        terms.share(
            "quality", "Accuracy", "crops", 0.984, 30,
            "Which crops are misread: those the large model reads wrong too, or those it never saw?",
            floor=0.978, band=0.002,
            definition="Of the different crops of all hours, each counted once, the share whose digit is right: the "
            "large model's most probable one where `escalate` says True, the small model's elsewhere.",
        ),
        Term(
            "p99", "99 of 100 answers within, in the worst hour", "ms", 400, "lower", 7,
            "In which hour? Where workers are busy, add one; where they are not, something waits to be filled.",
            band=10, digits=0, production=True,
            definition="The 99th percentile of milliseconds until an answer, over the requests of an hour once the "
            "cache has filled (cached answers included): from the queue, with your plan, keys, flags and the measured "
            "costs of both models; the worst of three hours.",
        ),
        Term(
            "bill", "Workers for a million requests", "worker hours", 1.75, "lower", 7,
            "What does a new crop cost, and how many are new? Then follow the forecast.",
            band=0.05, digits=2, production=True,
            definition="The sum of the plan's 24 `workers` / (the sum of the 24 forecast rates x 3,600 / 10^6).",
        ),
        terms.size(
            2_000_000, "Count the weights of the large model, and the bytes of each.", worth=3,
            title="Bytes of policy and models",
        ),
        terms.memory(
            12.0, worth=3, title="Memory of models and cache",
            advice="How long is a cached answer of use? Multiply with new crops a second, and with the bytes of an "
            "entry.",
            definition="What each model adds to the peak of a process (1 MB = 1,000,000 bytes), both summed, and "
            "`cache_entries` x (60 + bytes of the longest key) of a full cache.",
        ),
        Term(
            "wrong", "Answers from the cache that are not the crop's own", "in 1,000", 0.0, "lower", 4,
            "Two different crops must never be filed under the same key.",
            scale=1000, digits=1, band=0.0001, hidden=True,
            definition="Of an hour's crops and of photos that are much alike, the share whose key an earlier one has "
            "for which the cascade's own answer is another.",
        ),
        Term(
            "crowd", "99 of 100 answers within, while a crowd pays", "ms", 600, "lower", 3,
            "How busy are your workers in the busiest hour, and what if there is half as much again?",
            floor=2_000, band=50, digits=0, hidden=True,
            definition="The same percentile, in a busiest hour in which more requests come for some seconds than were "
            "forecast.",
        ),
        terms.share(
            "handwritten", "Accuracy on handwriting", "crops", 0.89, 3,
            "Handwriting is what the small model doesn't read: does it know when?",
            floor=0.86, band=0.01, hidden=True,
            definition="The same share as *accuracy*, of handwritten crops alone.",
        ),
    )  # fmt: skip
    example = (
        "With costs of 24, 36 and 80 ms for 1, 8 and 64 crops of the small model, a batch of 4 takes it 24 + (36 - 24) "
        "x 3 / 7 = 29.1 ms. A worker is free, `small_batch` is 8, `small_wait_ms` 0: three crops of a bill that come "
        "at once are one batch of 24 + 12 x 2 / 7 = 27.4 ms. Two are not escalated and answered then; the third waits "
        "for a free worker and the large model, 45 ms alone: 72.4 ms. Whoever asks for it 50 ms later waits for the "
        "same answer, 22.4 ms. A plan with 8 workers all day costs 192 worker hours; if 60 million requests are "
        "forecast for the day, that is 192 / 60 = 3.2."
    )

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
