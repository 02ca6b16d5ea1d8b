"""f08: one graph. What was trained and what serves prepare columns differently; ship raw columns in, a rate out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from course.contract.artifacts.gate import ModelSpec, Tensor
from course.contract.terms.holdout import Holdout, Probe
from course.contract.terms.report import Measurement
from course.units.base import ModelUnit
from course.units.f08_one_graph.hints import HINTS
from course.units.kit import contract
from course.units.kit.worlds import Draw

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from course.units.f08_one_graph.training import Pipeline
    from course.units.f08_one_graph.world import World

TEXT, NUMBER = Tensor("object", (None, 1)), Tensor("float32", (None, 1))


class OneGraph(ModelUnit):
    """Requests as they were typed in, the training pipeline's rate out."""

    name, title, brief, example, estimates, terms = contract.beside(__file__)
    model = ModelSpec(
        inputs={
            **dict.fromkeys(("country", "agent", "room", "segment", "arrival", "lead", "total"), TEXT),
            **dict.fromkeys(("nights", "guests"), NUMBER),
        },
        outputs={"rate": NUMBER},
    )
    also = ("baseline.onnx",)

    hints = HINTS

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
