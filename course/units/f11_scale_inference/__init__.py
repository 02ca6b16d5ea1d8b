"""f11: scale inference. One reader of digits, a traffic curve, a p99: two models, a cache, and who works when."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

from course.contract.artifacts.gate import Refused
from course.contract.artifacts.modules import ModuleSpec, Ship, clauses
from course.contract.processes.calls import CallError
from course.contract.processes.runner import RunnerError
from course.contract.terms.estimates import Estimate
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import Measurement, Term
from course.key import Key
from course.units.base import ModuleUnit
from course.units.f11_scale_inference.hints import HINTS

if TYPE_CHECKING:
    import numpy as np

#: Measured costs may be wrong by this share, and on a machine that was not fair by that one: what is over a budget only
#: because of it is too close to call.
SLACK, UNFAIR_SLACK = 0.1, 0.5
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
        Term(
            "estimates", "Estimates in range", "of 5", 5, "higher", 10, "Work the estimates out again.",
            floor=0, digits=0,
        ),
        Term(
            "baseline", "Baseline's accuracy", "% of crops", 0.87, "higher", 4,
            "A linear model of the pixels reads more than that; look at its labels and its scale.",
            band=0.01, scale=100,
        ),
        Term(
            "interface", "Serves as the contract says", "of 6 checks", 6, "higher", 6,
            "Read what the three functions take and return again.", floor=0, digits=0,
        ),
        Term(
            "quality", "Accuracy", "% of crops", 0.984, "higher", 30,
            "Which crops are misread: those the large model reads wrong too, or those it never saw?",
            floor=0.978, band=0.002, scale=100,
        ),
        Term(
            "p99", "99 of 100 answers within, in the worst hour", "ms", 400, "lower", 7,
            "In which hour? Where workers are busy, add one; where they are not, something waits to be filled.",
            band=10, digits=0, production=True,
        ),
        Term(
            "bill", "Workers for a million requests", "worker hours", 1.75, "lower", 7,
            "What does a new crop cost, and how many are new? Then follow the forecast.",
            band=0.05, digits=2, production=True,
        ),
        Term(
            "size", "Bytes of policy and models", "kB", 2_000_000, "lower", 3,
            "Count the weights of the large model, and the bytes of each.", scale=1e-3, digits=0, production=True,
        ),
        Term(
            "memory", "Memory of models and cache", "MB", 12.0, "lower", 3,
            "How long is a cached answer of use? Multiply with new crops a second, and with the bytes of an entry.",
            production=True,
        ),
        Term(
            "wrong", "Answers from the cache that are not the crop's own", "in 1,000", 0.0, "lower", 4,
            "Two different crops must never be filed under the same key.",
            scale=1000, digits=1, band=0.0001, hidden=True,
        ),
        Term(
            "crowd", "99 of 100 answers within, while a crowd pays", "ms", 600, "lower", 3,
            "How busy are your workers in the busiest hour, and what if there is half as much again?",
            floor=2_000, band=50, digits=0, hidden=True,
        ),
        Term(
            "handwritten", "Accuracy on handwriting", "% of crops", 0.89, "higher", 3,
            "Handwriting is what the small model doesn't read: does it know when?",
            floor=0.86, band=0.01, scale=100, hidden=True,
        ),
    )  # fmt: skip

    def public_data(self, key: Key) -> dict[str, np.ndarray]:
        """Training crops (12,000, 196) uint8 and their digits, a forecast (24,), and requests of three hours."""
        return dict(_public(self, key))

    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """Three hours of a day."""
        from course.units.f11_scale_inference import world

        return Holdout("public", truth={"forecast": data["forecast"], "hours": world.unpacked(data)})

    def private_holdout(self, key: Key) -> Holdout:
        """Three hours of another day, other handwriting; a crowd, and corrected photos."""
        return _private(self, key)

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
        waits = self.waiting(ship, holdout, holdout.truth["hours"])
        found = self.judged("p99", lambda costs, factor: max(waits(costs, factor).values()), ship, holdout)
        if holdout.name == "public" and found.value is not None:
            said = waits(self.costs(ship, holdout), 1.0)
            found = replace(found, aside=", ".join(f"{name} {ms:,.0f} ms" for name, ms in said.items()))
        return {"p99": found}

    @clauses("crowd")
    def rushed(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """The busiest hour, with half as many bills again for some seconds."""
        if "crowd" not in holdout.truth:
            return {}
        waits = self.waiting(ship, holdout, [holdout.truth["crowd"]])
        return {"crowd": self.judged("crowd", lambda *how: max(waits(*how).values()), ship, holdout)}

    @clauses("bill")
    def pay(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Workers of a whole day."""
        from course.units.f11_scale_inference import fleet, judge

        forecast = holdout.truth["forecast"].tolist()

        def bill(costs: dict, factor: float) -> float:
            costs = {step: {n: ms * factor for n, ms in some.items()} for step, some in costs.items()}
            return fleet.bill(judge.plan(ship, forecast, costs), forecast)

        return {"bill": self.judged("bill", bill, ship, holdout)}

    def waiting(self, ship: Ship, holdout: Holdout, hours: list) -> Callable[[dict, float], dict[str, float]]:
        """p99 in each of the hours (ms), from costs and a factor for what batches take."""
        import numpy as np

        from course.units.f11_scale_inference import fleet, judge

        keys = [judge.cache_keys(ship, hour.pixels) for hour in hours]
        found = judge.answers(ship, np.concatenate([hour.pixels for hour in hours]))
        flags = np.split(found.escalated, np.cumsum([len(hour.pixels) for hour in hours])[:-1])

        def waits(costs: dict, factor: float) -> dict[str, float]:
            plan = judge.plan(ship, holdout.truth["forecast"].tolist(), costs)
            return {
                hour.name: fleet.p99(hour, fleet.serve(hour, plan, costs, names, some, factor))
                for hour, names, some in zip(hours, keys, flags, strict=True)
            }

        return waits

    def costs(self, ship: Ship, holdout: Holdout) -> dict:
        """What batches of both models take, measured once."""
        from course.units.f11_scale_inference import judge

        return judge.costs(ship, holdout)[0]

    def judged(self, name: str, ask: Callable[[dict, float], float], ship: Ship, holdout: Holdout) -> Measurement:
        """What follows from measured costs, with a verdict that allows for how well they can be measured.

        `ask` gives the value from costs, and from a factor for what batches take. It is broken only if it is over the
        budget by costs that were measured twice, the lesser of each counting, and with batches that take a tenth less.
        Where the machine was not fair the second time they are measured once more; if it was not fair then either, what
        is broken must be so with batches that take half as long.
        """
        from course.units.f11_scale_inference import judge

        term = self.term(name)
        costs, _ = judge.costs(ship, holdout)
        value = ask(costs, 1.0)
        if term.keeps(value):
            return Measurement(value)
        costs, unfair = judge.costs(ship, holdout, 2)
        if unfair:
            costs, unfair = judge.costs(ship, holdout, 3)
        value, slack = ask(costs, 1.0), UNFAIR_SLACK if unfair else SLACK
        if term.keeps(value) or not term.keeps(ask(costs, 1.0 - slack)):
            return Measurement(value)
        why = (
            unfair or f"It would be kept if batches took {SLACK:.0%} less, and they can't be measured better than that"
        )
        return Measurement(value, f"{why}: too close to call, which counts as kept.", "too close to call")

    @clauses("memory")
    def keep(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """What both models add to a process, and a full cache."""
        import numpy as np

        from course.contract.artifacts import models
        from course.units.f11_scale_inference import fleet, judge

        pixels = holdout.truth["hours"][0].pixels
        rows = {"pixels": pixels[:64].astype(np.float32)}
        both = sum(models.memory(ship.model(spec), rows).value for spec in (judge.SMALL, judge.LARGE))
        plan = judge.plan(ship, holdout.truth["forecast"].tolist(), self.costs(ship, holdout))
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
        """Six promises of the contract, each tried by itself."""
        from course.units.f11_scale_inference import judge

        crops, forecast = holdout.truth["hours"][-1].pixels[: judge.TRIED], holdout.truth["forecast"].tolist()
        notes = []
        for check in (
            lambda: judge.check_model(ship, judge.SMALL, crops),
            lambda: judge.check_model(ship, judge.LARGE, crops),
            lambda: judge.check_plans(ship, forecast),
            lambda: judge.check_escalate(ship, crops),
            lambda: judge.check_keys(ship, crops),
            lambda: judge.check_twice(ship, crops, forecast),
        ):
            try:
                check()
            except (CallError, RunnerError, Refused) as error:
                notes.append(str(error))
        return {"interface": Measurement(6.0 - len(notes), notes[0] if notes else "")}


@lru_cache(maxsize=4)
def _public(unit: ScaleInference, key: Key) -> dict[str, np.ndarray]:
    import numpy as np

    from course.units.f11_scale_inference import world

    rows, rng = world.split(key.rng(unit.name, "split")), key.rng(unit.name, "public")
    given, taken = (world.photos(purpose, rows[purpose], rng) for purpose in ("train", "public"))
    day = world.forecast(rng)
    made = {"X_train": given.pixels(np.arange(len(given)), rng), "y_train": given.digits}
    return made | world.packed(day, world.hours(day, taken, rng))


@lru_cache(maxsize=4)
def _private(unit: ScaleInference, key: Key) -> Holdout:
    from course.units.f11_scale_inference import world

    rng = key.rng(unit.name, "private")
    taken = world.photos("private", world.split(key.rng(unit.name, "split"))["private"], rng)
    day = world.forecast(rng)
    busiest, start = int(day.argmax()), (world.COUNTED_S - world.CROWD_S) / 2
    crowd = (start, start + world.CROWD_S)
    truth = {
        "forecast": day,
        "hours": world.hours(day, taken, rng),
        "crowd": world.hour("crowd", busiest, day[busiest], taken, rng, crowd),
        "corrected": world.corrected(taken, PAIRS, rng),
    }
    return Holdout("private", truth=truth, seed=int(key.rng(unit.name, "timing").integers(2**31)))


UNIT = ScaleInference()
