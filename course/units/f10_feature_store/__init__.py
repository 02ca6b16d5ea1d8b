"""f10: a feature store. What was known at that time, and is it what the service will be told at its time?"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from course.contract.artifacts.modules import ModuleSpec, Ship, clauses, read
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import EARNS, Measurement, Term
from course.units.base import ModuleUnit
from course.units.f10_feature_store.estimates import ESTIMATES
from course.units.f10_feature_store.hints import HINTS
from course.units.kit import judges, terms
from course.units.kit.replay import Replay
from course.units.kit.worlds import Draw

if TYPE_CHECKING:
    import numpy as np

    from course.contract.terms.estimates import Estimate
    from course.units.f10_feature_store.world import World


class FeatureStore(ModuleUnit):
    """An event log in; features out: a table for training, and lookups of a store that lives."""

    name = "f10-feature-store"
    title = "The feature store"
    brief = "The delay model is great in the notebook and useless in production. Build the feature store."
    module = ModuleSpec(
        "store.py",
        {"offline": "offline(definitions, events, requests) -> table", "Store": "class Store"},
        seconds=10.0,
    )
    also = ("baseline.py",)
    hints: ClassVar[Mapping[str, tuple[str, ...]]] = HINTS
    estimates: ClassVar[Mapping[str, Estimate]] = ESTIMATES

    terms = (
        terms.estimates(5),
        terms.baseline(
            "Baseline's values that are right", "% of values", 0.15, band=0.05, scale=100, digits=0,
            advice="The last report before the request is often the right one; look at what yours returns.",
        ),
        terms.interface(4, 4, "Read what `offline` and `Store` take and return again."),
        terms.untouched("Tables, lists and dicts that are passed in belong to the caller: work on copies."),
        terms.share(
            "quality", "Values right, worse of offline and online", "values", 0.995, 14,
            "Take one request whose values are wrong and write down what had arrived by then.",
            floor=0.60, band=0.005,
            definition="Of all values (requests times features), those that are what the contract says: off by at most "
            "10^-6 + 10^-6 x the right value, NaN where NaN is right. Once for the table of all requests, once for the "
            "lookups of those that are served; the worse counts.",
        ),
        terms.share(
            "parity", "Requests with the same values offline and online", "requests", 1.0, 8,
            "Compare both sides bit by bit: one definition, one order of addition.", floor=0.90, band=0.01,
            definition="Of the requests that are served, those in which all features are the same floats, to the last "
            "bit, in the table and in the store's answers. Right or wrong doesn't matter here.",
        ),
        Term(
            "model", "Skill of your model in service, against the best", "%", 0.95, "higher", 8,
            "The model was trained on something that it is not told in service.",
            floor=0.85, band=0.01, scale=100,
            definition="Brier skill on the flights that are served of a forest trained on your table and asked with "
            "your store's answers, divided by that of a forest with the right features on both sides. Skill is 1 - "
            "(mean squared error of the chances) / (that of always saying the trained share).",
        ),
        terms.throughput(
            4.0, "Cost of a lookup", "a plain loop", worth=10, digits=2,
            advice="Go straight to the entities that are asked for; never through all reports.",
        ),
        terms.state(
            400, "State for each live entity",
            "What can no later lookup reach any more? Forget it, and what you keep about it.", 6,
            "Bytes of `state()` divided by the entities about which some report is within the longest window of its "
            "reading: at two times of the last flights, the larger counts. Weighed only if answers after restarts are "
            "all the same.",
        ),
        terms.restart(
            "lookups", "Same answers after restarts",
            "Put everything that later answers depend on into the state: revisions and withdrawn reports too.", 4,
            band=0.01, digits=1,
        ),
        Term(
            "poisoned", "Answers changed by a poisoned future", "requests", 0, "lower", 4,
            "What had not arrived at a request's time must not matter for it, whatever it says.",
            band=10, digits=0,
            definition="Requests to `offline` that get another value when the log differs in nothing but what arrived "
            "after them: nothing at all there, or other values, forged revisions and backdated reports. Each log has a "
            "process of its own.",
        ),
        terms.share(
            "others", "Values right, another team's features", "values", 0.99, 3,
            "Everything about a feature is in its definition: which reading, of what, how, and how far back.",
            floor=0.85, band=0.01, hidden=True,
            definition="What *quality* measures, with other definitions: all five ways, other readings, entities and "
            "windows.",
        ),
        terms.share(
            "storm", "Values right, days of outages", "values", 0.99, 3,
            "Deliveries come late, twice and in any order: only `id`, `revision` and the two times say what counts.",
            floor=0.85, band=0.01, hidden=True,
            definition="What *quality* measures, on days with many outages, repeats and corrections, in any order.",
        ),
    )  # fmt: skip
    example = (
        "`rain` is the sum over 14,400 s at the origin, LGA; a request comes at t = 36,000, so reports about times "
        "after 21,600 and until 36,000 count. Report 1, about 21,600: 0.1, too old. Report 2, about 25,200: 0.3 "
        "arrived at 25,300, revision 1 with 0.2 at 30,000: 0.2 counts. Report 3, about 32,400: 0.05 arrived at "
        "36,300, not known yet. Report 4, about 32,400: 0.1 arrived at 32,500, withdrawn at 33,000 by NaN. The sum "
        "is 0.2, and so are mean, max and last; a count would be 1. `offline` and `lookup` both say 0.2, whatever "
        "arrives after 36,000."
    )

    def release(self, draw: Draw) -> dict[str, np.ndarray]:
        """The public season's tables column by column, `late`, `train`, and the `definitions` as JSON."""
        from course.units.f10_feature_store import world

        at = _world(draw)
        return world.packed(world.season(at.days[0], at, draw("public")))

    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """The public season."""
        from course.units.f10_feature_store import world

        return Holdout("public", truth={"season": world.unpacked(data)})

    def hidden(self, draw: Draw) -> Holdout:
        """Other weeks of the same world; the same weeks with other features, and with many outages."""
        from course.units.f10_feature_store import world

        at, rng = _world(draw), draw("slices")
        truth = {
            "season": world.season(at.days[1], at, draw("private")),
            "others": world.season(at.days[1] + 1, at, rng, days=3, served=1, definitions=world.other_definitions(rng)),
            "storm": world.season(at.days[1] + 2, world.stormy(at), rng, days=2, served=1, storm=True),
        }
        return Holdout("private", truth=truth, seed=draw.seed())

    @clauses("quality", "parity", "model")
    def know(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Both sides against the truth, against each other, and what a model makes of them."""
        from course.units.f10_feature_store import judge

        season, public = holdout.truth["season"], holdout.name == "public"
        table, online, shares = judge.known(ship, season)
        share = min(float(one.mean()) for one in shares.values())
        return {
            "quality": Measurement(share, aside=judge.sides(season, shares) if public else ""),
            "parity": Measurement(float(judge.identical(table[~season.train], online).all(axis=1).mean())),
            "model": judge.model(table, online, season, public),
        }

    @clauses("interface")
    def serve(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Four promises of the contract."""
        from course.units.f10_feature_store.promises import PROMISES

        return {"interface": judges.promises(ship, PROMISES, holdout.truth["season"])}

    @clauses("untouched")
    def leave(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Tables, messages and requests are as they were."""
        from course.units.f10_feature_store import judge

        season = holdout.truth["season"]
        events, requests = season.events.head(1_500), season.requests.head(60).iloc[::-1]
        messages, one = season.messages[:1_500], requests.to_dict("records")[0]
        definitions, now = list(season.definitions), messages[-1]["arrived"]
        with ship.open() as shipped:
            store = judge.store(season).make(shipped)
            asked = (
                (shipped, "offline", (definitions, events, requests)), (shipped, "Store", (definitions,)),
                (store, "ingest", (messages, now)), (store, "lookup", (one | {"time": now},)),
            )  # fmt: skip
            return {"untouched": judges.untouched(*asked)}

    @clauses("throughput")
    def speed(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Cost of a lookup against a plain loop over the entity's own readings."""
        from course.units.f10_feature_store import judge

        season, ours = holdout.truth["season"], judges.yardstick(__file__)
        some = judge.Timed(season)
        found = judges.cost(
            self.term("throughput"), ship.module, ours, "lookup", some.fresh, holdout, what="a lookup",
            start=lambda shipped: judge.stocked(shipped, season), check=some.check,
        )  # fmt: skip
        if found.verdict in EARNS:
            some.compare(ship)
        return {"throughput": found}

    @clauses("state", "restart")
    def come_back(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """The last flights by a store that goes on, and by one that is restarted twice; its states."""
        from course.units.f10_feature_store import judge

        season = holdout.truth["season"]
        found = judge.restarted(ship, season, _rng(holdout, 7))
        if found.same < 1:
            lost = f"After restarts {1 - found.same:.1%} of the answers were others: such a state is not weighed."
            return {"state": Measurement(None, lost, "broken"), "restart": Measurement(found.same)}
        return {"state": Measurement(found.each(season)), "restart": Measurement(found.same)}

    @clauses("poisoned")
    def poison(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """The same requests with logs that differ in nothing but what had not arrived."""
        from course.units.f10_feature_store import judge

        changed = judge.poisoned(ship, holdout.truth["season"], _rng(holdout, 5000))
        return {"poisoned": Measurement(float(changed))}

    @clauses("others", "storm")
    def stress(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Another team's features, and many outages: both sides, the worse counts."""
        from course.units.f10_feature_store import judge

        def judged(name: str) -> Measurement:
            shares = judge.known(ship, holdout.truth[name])[2]
            return Measurement(min(float(share.mean()) for share in shares.values()))

        there = [name for name in ("others", "storm") if name in holdout.truth]
        return judges.apart(ship, {name: partial(judged, name) for name in there})

    def replay(self, folder: Path, holdout: Holdout, case: int) -> Replay:
        """One of the flights that are served: its features in the table, in service, and after restarts."""
        from course.units.f10_feature_store import judge

        return judge.replayed(read(folder, self.module), holdout.truth["season"], _rng(holdout, 7), case)


@lru_cache(maxsize=8)
def _world(draw: Draw) -> World:
    from course.units.f10_feature_store import world

    return world.world(draw("world"))


def _rng(holdout: Holdout, purpose: int) -> np.random.Generator:
    import numpy as np

    return np.random.default_rng([holdout.seed, purpose])


UNIT = FeatureStore()
