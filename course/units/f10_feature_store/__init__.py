"""f10: a feature store. What was known at that time, and is it what the service will be told at its time?"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from course.contract.artifacts.modules import ModuleSpec, Ship, clauses, read
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import EARNS, Measurement
from course.units.base import ModuleUnit
from course.units.f10_feature_store.hints import HINTS
from course.units.kit import contract, judges
from course.units.kit.replay import Replay
from course.units.kit.worlds import Draw

if TYPE_CHECKING:
    import numpy as np

    from course.units.f10_feature_store.world import World


class FeatureStore(ModuleUnit):
    """An event log in; features out: a table for training, and lookups of a store that lives."""

    name, title, brief, example, estimates, terms = contract.beside(__file__)
    module = ModuleSpec(
        "store.py",
        {"offline": "offline(definitions, events, requests) -> table", "Store": "class Store"},
        seconds=10.0,
    )
    also = ("baseline.py",)
    hints: ClassVar[Mapping[str, tuple[str, ...]]] = HINTS

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
