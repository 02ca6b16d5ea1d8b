"""f08: one graph. What was trained and what serves prepare columns differently; ship raw columns in, a rate out."""

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
from course.units.f08_one_graph.hints import HINTS

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from course.units.f08_one_graph.training import Pipeline
    from course.units.f08_one_graph.world import World

TEXT, NUMBER = Tensor("object", (None, 1)), Tensor("float32", (None, 1))


class OneGraph(ModelUnit):
    """Requests as they were typed in, the training pipeline's rate out."""

    name = "f08-one-graph"
    title = "One graph"
    brief = "The quotes on the portals are not the ones in the notebook. Which of the two is wrong?"
    model = ModelSpec(
        inputs={
            **dict.fromkeys(("country", "agent", "room", "segment", "arrival", "lead", "total"), TEXT),
            **dict.fromkeys(("nights", "guests"), NUMBER),
        },
        outputs={"rate": NUMBER},
    )
    also = ("baseline.onnx",)

    estimates: Mapping[str, Estimate] = {
        "peak_per_second": Estimate(
            "How many requests a second come in the busiest hour?", "requests a second", 590, 610,
            "18e6 x 0.12 / 3,600 s = 600",
        ),
        "pandas_cores": Estimate(
            "How many cores would the training code keep busy then, at 9 ms a request?", "cores", 5.2, 5.6,
            "600 requests/s x 0.009 s = 5.4 core seconds a second",
        ),
        "euros_a_year": Estimate(
            "What do quotes that are too low cost in a year?", "€ a year", 1_090_000, 1_150_000,
            "1,900 bookings x 1/8 x 1/2 x 4.3 nights x 6 € x 365 days = 1.12 million",
        ),
        "gap_in_millionths": Estimate(
            "How far above 1,200 € is the next number that float32 can hold?", "millionths of a euro", 115, 130,
            "24 bits hold a number between 2^10 and 2^11 in steps of 2^(10 - 23): 1.22e-4 €",
        ),
        "spelling_megabytes": Estimate(
            "How large is a table of all ways to type one agent's name, at 20 bytes each?", "MB", 20, 22,
            "2^16 cases x 4 x 4 blanks = 1,048,576 ways x 20 bytes = 21 MB",
        ),
    }  # fmt: skip

    hints = HINTS
    terms = (
        Term(
            "estimates", "Estimates in range", "of 5", 5, "higher", 10, "Work the estimates out again.",
            floor=0, digits=0,
        ),
        Term(
            "baseline", "Baseline: requests that agree", "% of requests", 0.25, "higher", 4,
            "The baseline must get tidy requests right: compare its columns with the pipeline's, one by one.",
            band=0.01, scale=100,
        ),
        Term(
            "interface", "Serves as the contract says", "of 5 checks", 5, "higher", 6,
            "Read the contract's inputs and outputs again.", floor=0, digits=0,
        ),
        Term(
            "quality", "Requests that agree", "% of requests", 0.995, "higher", 30,
            "Prepare some requests in pandas and in the graph, and compare column by column.",
            floor=0.80, band=0.005, scale=100,
        ),
        Term(
            "latency", "Cost of one request", "x calibration model", 4.2, "lower", 8,
            "Count the operators: what is done for each name can be done for a whole column at once.", digits=2,
            production=True,
        ),
        Term(
            "size", "Bytes of the file", "kB", 80_000, "lower", 6,
            "Keep one key for each name, and bring the text to it.", scale=1e-3, digits=0, production=True,
        ),
        Term(
            "memory", "Memory to load and run", "MB", 2.8, "lower", 6,
            "Tables of text take far more memory than the names in them: keep fewer keys.", production=True,
        ),
        Term(
            "operators", "Operators in the graph", "", 110, "lower", 0, "Treat alike columns together.",
            digits=0, production=True,
        ),
        Term(
            "unseen", "Agree, names nobody has seen", "% of requests", 0.99, "higher", 2,
            "A name that was not kept is `other`, or no segment at all: it is never the first of the list.",
            floor=0.60, band=0.02, scale=100, hidden=True,
        ),
        Term(
            "missing", "Agree, several fields missing", "% of requests", 0.99, "higher", 2,
            "What is missing gets the training rows' median or the value of \"\", however the nothing was typed.",
            floor=0.60, band=0.02, scale=100, hidden=True,
        ),
        Term(
            "numbers", "Agree, numbers in every form", "% of requests", 0.99, "higher", 2,
            "Read the pattern of a number again: what matches it is a number, what does not is missing.",
            floor=0.70, band=0.02, scale=100, hidden=True,
        ),
        Term(
            "tariffs", "Agree, prices just on a tariff", "% of requests", 0.99, "higher", 3,
            "A price just on a tariff must fall on the side that training puts it on: work in the same precision.",
            floor=0.85, band=0.02, scale=100, hidden=True,
        ),
        Term(
            "empty", "Agree, nothing known at all", "% of requests", 1.0, "higher", 1,
            "A request of which nothing is known is answered as well, also where the whole batch is such.",
            scale=100, hidden=True,
        ),
    )  # fmt: skip

    def public_data(self, key: Key) -> dict[str, np.ndarray]:
        """The fitted pipeline (`training.packed`), 1,500 raw requests by column, its `answers`, and `kinds` of mess."""
        return dict(_public(self, key))

    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """1,500 requests."""
        probe = Probe({name: data[name] for name in self.model.inputs})
        return Holdout("public", {"rows": probe}, {"rate": {"rows": data["answers"]}, "kinds": data["kinds"]}, probe)

    def private_holdout(self, key: Key) -> Holdout:
        """3,000 other requests, and what the contract says that they may be, in batches of its own."""
        return _private(self, key)

    def evaluate(self, answers: Mapping[str, Mapping[str, np.ndarray]], holdout: Holdout) -> dict[str, Measurement]:
        """The share of requests on each probe whose rate is the pipeline's to half a cent."""
        import numpy as np

        from course.units.f08_one_graph import world

        off = {probe: np.abs(given["rate"] - holdout.truth["rate"][probe])[:, 0] for probe, given in answers.items()}
        agree = {probe: far <= world.CENT for probe, far in off.items()}
        found = {probe: Measurement(float(good.mean())) for probe, good in agree.items() if probe != "rows"}
        share, note, aside = float(agree["rows"].mean()), "", ""
        if share < self.term("quality").budget:
            kinds = dict(zip(world.KINDS, holdout.truth["kinds"].T, strict=True))
            shares = {kind: agree["rows"][has].mean() for kind, has in kinds.items()}
            worst = min(shares, key=shares.__getitem__)
            note = f"Fewest agree among requests with {worst}."
        if holdout.name == "public":  # exact numbers on hidden requests would be an oracle
            aside = f"{off['rows'].mean():,.2f} € a night off on average"
            note = note and f"{note[:-1]}: {shares[worst]:.0%}."
        found["quality"] = Measurement(share, note, aside=aside)
        return found


def _fitted(unit: OneGraph, key: Key) -> tuple[World, Pipeline, dict[str, pd.DataFrame]]:
    from course.units.f08_one_graph import training, world

    at, parts = world.world(key.rng(unit.name, "world")), world.split(key.rng(unit.name, "split"))
    frame, _ = world.requests(parts["train"], at, key.rng(unit.name, "train"), new=0.0)
    return at, training.fit(frame, parts["train"]["rate"].to_numpy(), at.tariffs, at.least), parts


@lru_cache(maxsize=8)
def _public(unit: OneGraph, key: Key) -> dict[str, np.ndarray]:
    from course.units.f08_one_graph import training, world

    at, pipeline, parts = _fitted(unit, key)
    frame, kinds = world.batch(parts["public"], at, key.rng(unit.name, "public"))
    return {
        **training.packed(pipeline),
        **world.arrays(frame),
        "answers": pipeline.predict(frame),
        "kinds": kinds,
    }


@lru_cache(maxsize=8)
def _private(unit: OneGraph, key: Key) -> Holdout:
    from course.units.f08_one_graph import world

    at, pipeline, parts = _fitted(unit, key)
    frame, kinds = world.batch(parts["private"].iloc[: world.PRIVATE], at, key.rng(unit.name, "private"))
    frames = {"rows": frame, **world.slices(parts["private"].iloc[world.PRIVATE :], at, key.rng(unit.name, "slices"))}
    probes = {name: Probe(world.arrays(one)) for name, one in frames.items()}
    truth = {"rate": {name: pipeline.predict(one) for name, one in frames.items()}, "kinds": kinds}
    seed = int(key.rng(unit.name, "timing").integers(2**31))
    return Holdout("private", probes, truth, probes["rows"], seed)


UNIT = OneGraph()
