"""f08: one graph. What was trained and what serves prepare columns differently; ship raw columns in, a rate out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from course.contract.artifacts.gate import ModelSpec, Tensor
from course.contract.terms.estimates import Estimate
from course.contract.terms.holdout import Holdout, Probe
from course.contract.terms.report import Measurement, Term
from course.units.base import ModelUnit
from course.units.f08_one_graph.hints import HINTS
from course.units.kit import terms
from course.units.kit.worlds import Draw

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from course.units.f08_one_graph.training import Pipeline
    from course.units.f08_one_graph.world import World

TEXT, NUMBER = Tensor("object", (None, 1)), Tensor("float32", (None, 1))


def _agree(name: str, title: str, budget: float, floor: float, worth: float, of: str, advice: str) -> Term:
    """Agreement on a batch of nothing but one kind of request."""
    said = f"What *quality* measures, of a batch of requests {of}."
    return terms.share(
        name, title, "requests", budget, worth, advice, floor=floor, band=0.02, hidden=True, definition=said
    )


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
        terms.estimates(5),
        terms.baseline(
            "Baseline: requests that agree", "% of requests", 0.25,
            "The baseline must get tidy requests right: compare its columns with the pipeline's, one by one.",
            band=0.01, scale=100,
        ),
        terms.interface(5),
        terms.share(
            "quality", "Requests that agree", "requests", 0.995, 30,
            "Prepare some requests in pandas and in the graph, and compare column by column.",
            floor=0.80, band=0.005,
            definition="Requests with |your rate - `pipeline.predict`'s rate| <= 0.005 euros, over all requests, "
            "pooled.",
        ),
        terms.latency(
            4.2, "Cost of one request",
            "Count the operators: what is done for each name can be done for a whole column at once.",
        ),
        terms.size(80_000, "Keep one key for each name, and bring the text to it."),
        terms.memory(2.8, "Tables of text take far more memory than the names in them: keep fewer keys."),
        terms.operators(110, "Treat alike columns together."),
        _agree(
            "unseen", "Agree, names nobody has seen", 0.99, 0.60, 2, "with many names that have no entry",
            "A name that was not kept is `other`, or no segment at all: it is never the first of the list.",
        ),
        _agree(
            "missing", "Agree, several fields missing", 0.99, 0.60, 2, "with a third of all fields empty",
            "What is missing gets the training rows' median or the value of \"\", however the nothing was typed.",
        ),
        _agree(
            "numbers", "Agree, numbers in every form", 0.99, 0.70, 2, "with numbers typed in every form that there is",
            "Read the pattern of a number again: what matches it is a number, what does not is missing.",
        ),
        _agree(
            "tariffs", "Agree, prices just on a tariff", 0.99, 0.85, 3, "whose price for a night is just on a tariff",
            "A price just on a tariff must fall on the side that training puts it on: work in the same precision.",
        ),
        terms.share(
            "empty", "Agree, nothing known at all", "requests", 1.0, 1,
            "A request of which nothing is known is answered as well, also where the whole batch is such.",
            hidden=True,
            definition="What *quality* measures, of a batch of requests of which nothing at all is known. All or none.",
        ),
    )  # fmt: skip
    example = (
        'A request has country " PRT ", agent "N/A", lead "+14", total "1,240.50", nights 3 and guests NaN. It is '
        'taken for country `prt` and agent ""; "+14" is no number, so lead is the median, as guests is; a night '
        "costs 1,240.5 / 3 = 413.5 euros in float64. If `pipeline.predict` says 83.127 then, 83.131 agrees (off by "
        '0.004) and 83.133 does not (0.006). Where 79.90 is a tariff, "239.70" for 3 nights lies below it: 239.7 / 3 '
        "is 79.89999999999999 in float64."
    )

    def release(self, draw: Draw) -> dict[str, np.ndarray]:
        """The fitted pipeline (`training.packed`), 1,500 raw requests by column, its `answers`, and `kinds` of mess."""
        from course.units.f08_one_graph import training, world

        at, pipeline, parts = _fitted(draw)
        frame, kinds = world.batch(parts["public"], at, draw("public"))
        return {
            **training.packed(pipeline),
            **world.arrays(frame),
            "answers": pipeline.predict(frame),
            "kinds": kinds,
        }

    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """1,500 requests."""
        probe = Probe({name: data[name] for name in self.model.inputs})
        return Holdout("public", {"rows": probe}, {"rate": {"rows": data["answers"]}, "kinds": data["kinds"]}, probe)

    def hidden(self, draw: Draw) -> Holdout:
        """3,000 other requests, and what the contract says that they may be, in batches of its own."""
        from course.units.f08_one_graph import world

        at, pipeline, parts = _fitted(draw)
        rows = parts["private"]
        frame, kinds = world.batch(rows.iloc[: world.PRIVATE], at, draw("private"))
        frames = {"rows": frame, **world.slices(rows.iloc[world.PRIVATE :], at, draw("slices"))}
        probes = {name: Probe(world.arrays(one)) for name, one in frames.items()}
        truth = {"rate": {name: pipeline.predict(one) for name, one in frames.items()}, "kinds": kinds}
        return Holdout("private", probes, truth, probes["rows"], draw.seed())

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


@lru_cache(maxsize=2)
def _fitted(draw: Draw) -> tuple[World, Pipeline, dict[str, pd.DataFrame]]:
    from course.units.f08_one_graph import training, world

    at, parts = world.world(draw("world")), world.split(draw("split"))
    frame, _ = world.requests(parts["train"], at, draw("train"), new=0.0)
    return at, training.fit(frame, parts["train"]["rate"].to_numpy(), at.tariffs, at.least), parts


UNIT = OneGraph()
