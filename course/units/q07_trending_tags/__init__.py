"""q07: trending tags. What is everybody suddenly talking about, told from 64 KiB of memory?"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from course.contract.artifacts.modules import ModuleSpec, Ship, clauses, read
from course.contract.terms.estimates import Estimate
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import Measurement, Term
from course.problem import Problem
from course.units.base import ModuleUnit
from course.units.kit import judges, terms
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

    name = "q07-trending-tags"
    title = "Trending tags"
    brief = "How would you build a system that shows which tags are trending?"
    module = ModuleSpec("trends.py", {"Trends": "class Trends"}, seconds=20.0)
    also = ("baseline.py",)
    hints: ClassVar[Mapping[str, tuple[str, ...]]] = HINTS

    estimates: Mapping[str, Estimate] = {
        "table_megabytes": Estimate(
            "How large is a table of every tag's usual week?", "MB", 66, 68.5,
            "200,000 tags x 168 hours x 2 bytes = 67.2e6 bytes, a thousand times what there is",
        ),
        "profiles": Estimate(
            "For how many tags can a week be kept?", "tags", 248, 252,
            "(65,536 - 20,480) / (168 + 12) = 250.3",
        ),
        "lost_pairs": Estimate(
            "How many of 1,000 new pairs does the Bloom filter take for known ones?", "of 1,000", 4.5, 5.1,
            "(1 - exp(-4 x 5,000 / 65,536))^4 = 0.263^4 = 0.0048",
        ),
        "ghosts_two": Estimate(
            "How many rare tags an hour look busy in a sketch of two rows of 1,536?", "tags an hour", 1.25, 1.42,
            "1 - (1 - 1/1,536)^40 = 0.0257 share a place in one row; 2,000 x 0.0257^2 = 1.32",
        ),
        "ghosts_four": Estimate(
            "And how many in 1,000 hours, in four rows of 768?", "tags in 1,000 hours", 12, 15.5,
            "1 - (1 - 1/768)^40 = 0.0508; 1,000 x 2,000 x 0.0508^4 = 13.3, a hundredth of it for the same bytes",
        ),
    }  # fmt: skip

    terms = (
        terms.estimates(5),
        terms.baseline(
            "Baseline's lists", "% of entries and bursts", 0.20, band=0.05, scale=100, digits=0,
            advice="List tags with forty accounts in the last hour, and four times as many as in the hour before.",
        ),
        terms.interface(6, advice="Read what `Trends` takes and returns again."),
        Term(
            "quality", "Entries that trend and bursts found, together", "%", 0.95, "higher", 12,
            "Which entries are wrong: habits, spam, or tags that hardly anybody used? Each has a remedy of its own.",
            floor=0.60, band=0.02, scale=100, digits=0,
            definition="The harmonic mean of two shares over the last week: of entries that trend (those that may be "
            "called either and those of spammers don't count), and of bursts that were in a list within their first "
            "hour, one that is at least half right. A burst is a tag that trends for half an hour or longer; pauses of "
            "up to two hours are part of it.",
        ),
        terms.share(
            "everyday", "Entries that do not trend", "entries", 0.04, 6,
            "Compare with the same hour of the same weekday, for every tag that has such an hour.",
            floor=0.30, better="lower", band=0.01,
            definition="Wrong entries / (wrong + right entries), all lists of the last week pooled. Right ones trend; "
            "wrong ones do not and are nobody's spam; what may be called either counts as neither.",
        ),
        Term(
            "delay", "From trending to being listed", "minutes", 9, "lower", 6,
            "The last hour ends now, not at the last full hour. And what can hide a burst from you?",
            floor=24, band=2,
            definition="Minutes from the first batch after which a burst trends to the first list, at least half "
            "right, that has it: 0 if it is there at once, 60 if it is not within the hour. The mean over all bursts.",
        ),
        terms.share(
            "spam", "Spammers whose tag was listed", "spammers", 0.10, 6,
            "Count accounts, not posts; and the same account only once an hour.",
            floor=0.4, better="lower", digits=0, band=0.05,
            definition="Of the spammers of the last week, the share whose tag was in any list while it did not trend.",
        ),
        terms.state(
            65_536, "Bytes of the state, at most in four weeks", worth=8,
            advice="Which tags can have a usual week that matters? Keep that of no other.",
        ),
        terms.throughput(
            12.0, "Cost of a batch and a list", "sorting and counting it",
            "Treat a batch as arrays: a loop over its posts costs more than all else.",
            definition="What it costs to restore a counter, and then to tell it each batch and to ask for its list, "
            "for six hours; as a multiple of sorting each batch with numpy, counting each tag's accounts, and taking "
            "the ten largest counts. Both run in turns, in processes of their own, on one thread; the figure is the "
            "median of ratios, and a verdict needs evidence: see how latency is judged. The lists must be those that "
            "are judged.",
        ),
        terms.restart(
            "lists", "Same lists after a restart", worth=6, band=0.1,
            advice="What does the next `update` or `top` read that `state` does not hold?",
        ),
        *(
            terms.share(
                kind, title, "bursts", 0.70, worth, advice, floor=0.30, digits=0, band=0.1, hidden=True,
                definition=f"Of {which}, the share that was found in time, as *quality* counts it.",
            )
            for kind, title, worth, advice, which in (
                ("small", "Small bursts found in time", 4,
                 "Forty accounts are enough, if a tag has usually less than ten.",
                 "bursts that have hardly more accounts than it takes to trend"),
                ("crowd", "Bursts of one evening found in time", 3,
                 "There may be ten at once. What runs out first?",
                 "the bursts of an evening on which many come at once"),
                ("newborn", "Bursts of new tags found in time", 3,
                 "What has never been seen has no usual week. What does that say of it?",
                 "bursts of tags that nobody had used before"),
            )
        ),
    )  # fmt: skip
    example = (
        "Tag 7 had 6, 9 and 0 accounts in the Tuesday hours up to 20:15 of three weeks: its usual is (6 + 9 + 0) / 3 "
        "= 5. In the four batches up to 20:15 of this Tuesday it has 12, 20, 15 and 13 posts by 48 different accounts: "
        "48 >= 40 and 48 >= 4 x 5, so it trends, and `top(10)` after the batch with `time` 2640 (Tuesday, 20:00) must "
        "hold 7. With 38 accounts it may be called either; with 19 it does not trend."
    )

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

        lived = judge.watched(ship, holdout.truth["stream"])
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
        return judge.replayed(read(folder, self.module), holdout.truth["stream"], holdout.truth["truth"], case)


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
