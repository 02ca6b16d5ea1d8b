"""q07: trending tags. What is everybody suddenly talking about, told from 64 KiB of memory?"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from course.contract.artifacts.modules import ModuleSpec, Ship, clauses, read
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import Measurement
from course.problem import Problem
from course.units.base import ModuleUnit
from course.units.kit import contract, judges
from course.units.kit.replay import Replay
from course.units.kit.worlds import Draw
from course.units.q07_trending_tags.hints import HINTS

if TYPE_CHECKING:
    import numpy as np

    from course.units.q07_trending_tags.judge import Found
    from course.units.q07_trending_tags.world import Stream

#: Bursts of each kind in the weeks before and in the week that is judged; spammers of a week.
BEFORE = {"rare": 12, "known": 8, "newborn": 10}
LAST = {"rare": 12, "known": 14, "newborn": 12}
SLICES = {"small": 12, "crowd": 9}
SPAMMERS = 14


class TrendingTags(ModuleUnit):
    """Posts in, quarter by quarter; ten tags out, or fewer."""

    name, title, brief, example, estimates, terms = contract.beside(__file__)
    module = ModuleSpec("trends.py", {"Trends": "class Trends"}, seconds=20.0)
    also = ("baseline.py",)
    hints: ClassVar[Mapping[str, tuple[str, ...]]] = HINTS

    def release(self, draw: Draw) -> dict[str, np.ndarray]:
        """Four weeks of posts, which tags burst, and which are a spammer's; see `world.packed`."""
        from course.units.q07_trending_tags import world

        return world.packed(_stream(draw, "public"))

    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """Four weeks, of which the last is judged."""
        from course.units.q07_trending_tags import world

        stream = world.unpacked(data)
        return Holdout("public", truth={"stream": stream, "truth": world.truth(stream)})

    def hidden(self, draw: Draw) -> Holdout:
        """Four other weeks of the same region; in the last one small bursts as well, and one evening with many."""
        from course.units.q07_trending_tags import world

        stream = _stream(draw, "private")
        return Holdout("private", truth={"stream": stream, "truth": world.truth(stream)}, seed=draw.seed())

    @clauses("quality", "everyday", "delay", "spam", "state", "small", "crowd", "newborn")
    def watch(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Four weeks with a restart each night, and a list after each batch of the last one."""
        from course.units.q07_trending_tags import judge

        lived = judge.watched(ship, holdout.truth["stream"], holdout.seed)
        lists = [one for day in lived.answers for one in day]
        found = judge.judged(holdout.truth["stream"], holdout.truth["truth"], lists)
        note = ""
        if lived.lost:
            note = f"On {lived.lost} nights the state was larger than 64 KiB, and the counter began from nothing."
        measured = {
            "quality": Measurement(found.quality, note, aside=_in_parts(found) if holdout.name == "public" else ""),
            "everyday": Measurement(found.wrong_share, note),
            "delay": Measurement(found.wait, note),
            "spam": Measurement(found.spam_share),
            "state": Measurement(float(lived.largest)),
        }
        if holdout.name == "private":
            measured |= {kind: Measurement(found.share(kind), note) for kind in (*SLICES, "newborn")}
        return measured

    @clauses("interface")
    def serve(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Six promises of the contract."""
        from course.units.q07_trending_tags.promises import PROMISES

        return {"interface": judges.promises(ship, PROMISES, holdout.truth["stream"].batches(0, 192))}

    @clauses("restart")
    def come_back(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Lists of one counter, and of others that go on in another process from where it was."""
        from course.units.q07_trending_tags import judge

        found = judge.came_back(ship, holdout.truth["stream"], holdout.truth["truth"])
        pairs = [pair for one in found for pair in zip(one.lists, one.again, strict=True)]
        if not any(one for one, _ in pairs):
            return {"restart": Measurement(None, "No list had any tag to compare.", "broken")}
        return {"restart": Measurement(sum(one == other for one, other in pairs) / len(pairs))}

    @clauses("throughput")
    def cost(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Restarts as they are judged, then batch and list, batch and list; what is listed is judged as well."""
        from course.units.q07_trending_tags.timed import Restarts

        some = Restarts(ship, holdout.truth["stream"], holdout.truth["truth"])
        found = judges.cost(
            self.term("throughput"), ship.module, judges.yardstick(__file__), some.play, some.fresh, holdout,
            what="for six hours", check=some.check,
        )  # fmt: skip
        return {"throughput": found}

    def replay(self, folder: Path, holdout: Holdout, case: int) -> Replay:
        """Day `case` (0 to 6) of the last week, quarter by quarter."""
        from course.units.q07_trending_tags import judge

        if not 0 <= case < 7:
            raise Problem(f"There are days 0 (Monday) to 6 of the last week; {case} is none of them.")
        truth = holdout.truth
        return judge.replayed(read(folder, self.module), truth["stream"], truth["truth"], holdout.seed, case)


@lru_cache(maxsize=4)
def _stream(draw: Draw, which: str) -> Stream:
    from course.units.q07_trending_tags import world

    at, rng = world.world(draw("world")), draw(which)
    bursts, spam = [], []
    for week in range(world.WEEKS):
        judged = week == world.QUIET
        counts = LAST | (SLICES if which == "private" else {}) if judged else BEFORE
        bursts += world.bursts(at, rng, counts, week)
        spam += world.spams(at, rng, SPAMMERS, week)
    return world.stream(at, rng, bursts, spam)


def _in_parts(found: Found) -> str:
    entries = found.right + len(found.wrong)
    every = [wait for waits in found.waits.values() for wait in waits]
    return f"{found.right:,} of {entries:,} entries, {round(found.share() * len(every))} of {len(every)} bursts"


UNIT = TrendingTags()
