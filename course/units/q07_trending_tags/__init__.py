"""q07: trending tags. What is everybody suddenly talking about, told from 64 KiB of memory?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from course.contract.artifacts.modules import ModuleSpec, Ship, clauses
from course.contract.cost.throughput import throughput
from course.contract.processes import expect
from course.contract.processes.calls import CallError, Module, Remote, Shipped, mismatch
from course.contract.terms.estimates import Estimate
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import EARNS, Measurement, Term
from course.key import Key
from course.units.base import ModuleUnit
from course.units.q07_trending_tags.hints import HINTS

if TYPE_CHECKING:
    import numpy as np

    from course.units.q07_trending_tags.judge import Found
    from course.units.q07_trending_tags.world import Stream, Truth

#: Bursts of each kind in the weeks before and in the week that is judged; spammers of a week.
BEFORE = {"rare": 12, "known": 8, "newborn": 10}
LAST = {"rare": 12, "known": 14, "newborn": 12}
SLICES = {"small": 12, "crowd": 9}
SPAMMERS = 14
#: Bytes of a state that is kept over night.
MOST = 65_536
#: Restarts in another process, all while something trends with so few accounts; batches for which both are asked.
RESTARTS, BARELY, ASKED = 4, 70, 24
#: Batches in an exchange that is timed.
TIMED = 192


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
        Term(
            "estimates", "Estimates in range", "of 5", 5, "higher", 10, "Work the estimates out again.",
            floor=0, digits=0,
        ),
        Term(
            "baseline", "Baseline's lists", "% of entries and bursts", 0.20, "higher", 4,
            "List tags with forty accounts in the last hour, and four times as many as in the hour before.",
            band=0.05, scale=100, digits=0,
        ),
        Term(
            "interface", "Serves as the contract says", "of 6 checks", 6, "higher", 6,
            "Read what `Trends` takes and returns again.", floor=0, digits=0,
        ),
        Term(
            "quality", "Entries that trend and bursts found, together", "%", 0.95, "higher", 12,
            "Which entries are wrong: habits, spam, or tags that hardly anybody used? Each has a remedy of its own.",
            floor=0.60, band=0.02, scale=100, digits=0,
        ),
        Term(
            "everyday", "Entries that do not trend", "% of entries", 0.04, "lower", 6,
            "Compare with the same hour of the same weekday, for every tag that has such an hour.",
            floor=0.30, band=0.01, scale=100,
        ),
        Term(
            "delay", "From trending to being listed", "minutes", 9, "lower", 6,
            "The last hour ends now, not at the last full hour. And what can hide a burst from you?",
            floor=24, band=2,
        ),
        Term(
            "spam", "Spammers whose tag was listed", "% of spammers", 0.10, "lower", 6,
            "Count accounts, not posts; and the same account only once an hour.",
            floor=0.4, band=0.05, scale=100, digits=0,
        ),
        Term(
            "state", "Bytes of the state, at most in four weeks", "bytes", MOST, "lower", 8,
            "Which tags can have a usual week that matters? Keep that of no other.", digits=0, production=True,
        ),
        Term(
            "throughput", "Cost of a batch and a list", "x sorting and counting it", 12.0, "lower", 6,
            "Treat a batch as arrays: a loop over its posts costs more than all else.", production=True,
        ),
        Term(
            "restart", "Same lists after a restart", "% of lists", 1.0, "higher", 6,
            "What does the next `update` or `top` read that `state` does not hold?",
            band=0.1, scale=100, digits=0,
        ),
        Term(
            "small", "Small bursts found in time", "% of bursts", 0.70, "higher", 4,
            "Forty accounts are enough, if a tag has usually less than ten.",
            floor=0.30, band=0.1, scale=100, digits=0, hidden=True,
        ),
        Term(
            "crowd", "Bursts of one evening found in time", "% of bursts", 0.70, "higher", 3,
            "There may be ten at once. What runs out first?",
            floor=0.30, band=0.1, scale=100, digits=0, hidden=True,
        ),
        Term(
            "newborn", "Bursts of new tags found in time", "% of bursts", 0.70, "higher", 3,
            "What has never been seen has no usual week. What does that say of it?",
            floor=0.30, band=0.1, scale=100, digits=0, hidden=True,
        ),
    )  # fmt: skip

    def public_data(self, key: Key) -> dict[str, np.ndarray]:
        """Four weeks of posts, which tags burst, and which are a spammer's; see `world.packed`."""
        from course.units.q07_trending_tags import world

        return world.packed(_stream(self, key, "public"))

    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """Four weeks, of which the last is judged."""
        from course.units.q07_trending_tags import world

        stream = world.unpacked(data)
        return Holdout("public", truth={"stream": stream, "truth": world.truth(stream)})

    def private_holdout(self, key: Key) -> Holdout:
        """Four other weeks of the same region; in the last one small bursts as well, and one evening with many."""
        from course.units.q07_trending_tags import world

        stream = _stream(self, key, "private")
        seed = int(key.rng(self.name, "timing").integers(2**31))
        return Holdout("private", truth={"stream": stream, "truth": world.truth(stream)}, seed=seed)

    @clauses("quality", "everyday", "delay", "spam", "state", "small", "crowd", "newborn")
    def watch(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Four weeks with a restart each night, and a list after each batch of the last one."""
        from course.units.q07_trending_tags.judge import judged

        seen = watched(ship, holdout.truth["stream"])
        found = judged(holdout.truth["stream"], holdout.truth["truth"], seen.lists)
        note = ""
        if seen.lost:
            note = f"On {seen.lost} nights the state was larger than 64 KiB, and the counter began from nothing."
        measured = {
            "quality": Measurement(found.quality, note, aside=_in_parts(found) if holdout.name == "public" else ""),
            "everyday": Measurement(found.wrong_share, note),
            "delay": Measurement(found.wait, note),
            "spam": Measurement(found.spam_share),
            "state": Measurement(float(seen.largest)),
        }
        if holdout.name == "private":
            measured |= {kind: Measurement(found.share(kind), note) for kind in (*SLICES, "newborn")}
        return measured

    @clauses("interface")
    def serve(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Six promises of the contract, each tried by itself."""
        checks, notes = [_lists, _empty, _odd, _alone, _twice, _comes_back], []
        batches = holdout.truth["stream"].batches(0, 192)
        while checks:  # what fails may have ended the process: the others get a new one
            with ship.open() as shipped:
                try:
                    while checks:
                        checks.pop(0)(ship, shipped, batches)
                except CallError as error:
                    notes.append(str(error))
        return {"interface": Measurement(6.0 - len(notes), notes[0] if notes else "")}

    @clauses("restart")
    def come_back(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Lists of one counter, and of others that go on in another process from where it was."""
        from course.units.q07_trending_tags.world import QUIET, WEEK

        stream, start = holdout.truth["stream"], QUIET * WEEK
        cuts = [start + at for at in _busy(holdout.truth["truth"])]
        lists, kept = {}, {}
        with ship.open() as shipped:
            counter = shipped.make("Trends")
            for day in range(0, start, WEEK // 7):
                counter.map("update", [(one,) for one in stream.batches(day, day + WEEK // 7)])
            for at in range(start, cuts[-1] + ASKED):
                if at in cuts:
                    kept[at] = state(counter)
                lists[at] = after(counter, stream.batch(at))
        pairs = []
        with ship.open() as shipped:
            for cut, content in kept.items():
                counter = shipped.make("Trends.restore", content)
                pairs += [(lists[at], after(counter, stream.batch(at))) for at in range(cut, cut + ASKED)]
        if not any(one for one, _ in pairs):
            return {"restart": Measurement(None, "No list had any tag to compare.", "broken")}
        return {"restart": Measurement(sum(one == other for one, other in pairs) / len(pairs))}

    @clauses("throughput")
    def cost(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Batch and list, batch and list, on days of the stream with their posts in another order."""
        from course.units.q07_trending_tags.world import DAY

        stream = holdout.truth["stream"]

        def days(draws: np.random.Generator) -> Sequence[tuple]:
            at = int(draws.integers((len(stream) - TIMED) // DAY + 1)) * DAY
            return [(_shuffled(one, draws),) for one in stream.batches(at, at + TIMED)]

        found = throughput(
            _stepping(ship.module),
            _stepping(Module("yardstick.py", (Path(__file__).parent / "yardstick.py").read_bytes(), {})),
            "step",
            days,
            self.term("throughput").budget,
            seed=holdout.seed,
            start=lambda shipped: shipped.make("Trends"),
            remembers=True,
        )
        note = found.note or ("" if found.verdict in EARNS else self.term("throughput").advice)
        aside = f"{found.us_per_row:.0f} µs a batch on this machine"
        return {"throughput": Measurement(found.ratio, note, found.verdict, aside)}


@dataclass(frozen=True)
class Watched:
    """What a counter listed after each batch of the last week, its largest state, nights on which it was too large."""

    lists: list[list[int]]
    largest: int
    lost: int


def watched(ship: Ship, stream: Stream) -> Watched:
    """A counter through four weeks, restored each midnight from its own state. Raises CallError."""
    from course.units.q07_trending_tags.world import DAY, QUIET, WEEK

    lists, largest, lost = [], 0, 0
    with ship.open() as shipped:
        counter = shipped.make("Trends")
        for start in range(0, len(stream), DAY):
            if start:
                kept = state(counter)
                largest, lost = max(largest, len(kept)), lost + (len(kept) > MOST)
                counter = shipped.make("Trends.restore", kept) if len(kept) <= MOST else shipped.make("Trends")
            batches = stream.batches(start, start + DAY)
            if start < QUIET * WEEK:
                counter.map("update", [(one,) for one in batches])
            else:
                lists += [after(counter, one) for one in batches]
    return Watched(lists, largest, lost)


def after(counter: Remote, batch: Mapping[str, Any]) -> list[int]:
    """Tags that are listed after one more batch. Raises CallError."""
    from course.units.q07_trending_tags.world import K

    counter.call("update", batch)
    return listed(counter, K)


def listed(counter: Remote, k: int) -> list[int]:
    """What `top(k)` returns, checked. Raises CallError."""
    value = counter.call("top", k)
    some = value.tolist() if hasattr(value, "tolist") else value
    good = isinstance(some, list | tuple) and len(some) <= k and all(type(one) is int for one in some)
    if not good or len(set(some)) < len(some):
        raise CallError(mismatch("Trends.top", [k], value, f"a list of at most {k} different tags, whole numbers"))
    return list(some)


def state(counter: Remote) -> bytes:
    """The state of a counter. Raises CallError."""
    return expect.instance(counter.call("state"), bytes, "Trends.state")


@lru_cache(maxsize=4)
def _stream(unit: TrendingTags, key: Key, which: str) -> Stream:
    from course.units.q07_trending_tags import world

    at, rng = world.world(key.rng(unit.name, "world")), key.rng(unit.name, which)
    bursts, spam = [], []
    for week in range(world.WEEKS):
        judged = week == world.QUIET
        counts = LAST | (SLICES if which == "private" else {}) if judged else BEFORE
        bursts += world.bursts(at, rng, counts, week)
        spam += world.spams(at, rng, SPAMMERS, week)
    return world.stream(at, rng, bursts, spam)


def _busy(truth: Truth) -> list[int]:
    """Batches, far from each other and none at a full hour, in which a tag trends that they alone would not show."""
    found: list[int] = []
    some = truth.trends & (truth.now < BARELY)
    for at in range(2, some.shape[1] - ASKED):
        if at % 4 and (not found or at > found[-1] + ASKED) and (truth.trends[:, at - 1] & some[:, at]).any():
            found.append(at)
    return found[:RESTARTS]


def _in_parts(found: Found) -> str:
    entries = found.right + len(found.wrong)
    every = [wait for waits in found.waits.values() for wait in waits]
    return f"{found.right:,} of {entries:,} entries, {round(found.share() * len(every))} of {len(every)} bursts"


def _stepping(module: Module) -> Module:
    """The same module, whose Trends can be told a batch and asked for its list in one call."""
    line = b"\n\nTrends.step = lambda self, batch: (self.update(batch), self.top(10))[1]\n"
    return Module(module.file, module.content + line, module.beside)


def _shuffled(batch: Mapping[str, Any], draws: np.random.Generator) -> dict[str, Any]:
    """The same posts in another order."""
    order = draws.permutation(len(batch["tags"]))
    return {"time": batch["time"], "tags": batch["tags"][order], "accounts": batch["accounts"][order]}


def _lists(ship: Ship, shipped: Shipped, batches: list) -> None:
    """Lists of several lengths; the shorter is the beginning of the longer."""
    counter, came = shipped.make("Trends"), set()
    for at, batch in enumerate(batches):
        counter.call("update", batch)
        came |= set(batch["tags"].tolist())
        if at % 8 == 7:
            long, short = listed(counter, 10), listed(counter, 3)
            if not set(long) <= came:
                raise CallError(mismatch("Trends.top", [10], long, "tags that have been in a batch"))
            if long[:3] != short:
                raise CallError(mismatch("Trends.top", [3], short, f"the first of what `top(10)` returned, {long[:3]}"))
            listed(counter, 1)
            listed(counter, 50)


def _empty(ship: Ship, shipped: Shipped, batches: list) -> None:
    """Before the first batch, and hours without a post."""
    counter = shipped.make("Trends")
    if first := listed(counter, 10):
        raise CallError(mismatch("Trends.top", [10], first, "an empty list, as there was no batch yet"))
    for batch in batches[:12]:
        after(counter, {"time": batch["time"], "tags": batch["tags"][:0], "accounts": batch["accounts"][:0]})


def _odd(ship: Ship, shipped: Shipped, batches: list) -> None:
    """Any whole numbers; one post; a stream that begins in the middle of the week."""
    import numpy as np

    counter = shipped.make("Trends")
    for at, tag in enumerate((0, 1, 2**32 - 1, 2**53 + 1, 2**63 - 1)):
        rows = 1 + 50 * (at % 2)
        batch = {"time": 6_000 + 15 * at, "tags": np.full(rows, tag), "accounts": np.arange(rows) * 2**40 + tag % 7}
        after(counter, batch)


def _alone(ship: Ship, shipped: Shipped, batches: list) -> None:
    counter = shipped.make("Trends")
    if not all(counter.leaves_alone("update", one) for one in batches[:24]):
        raise CallError("A batch was changed: it belongs to the caller, so work on a copy.")


def _twice(ship: Ship, shipped: Shipped, batches: list) -> None:
    with ship.open() as other:
        said = []
        for one in (shipped, other):
            counter = one.make("Trends")
            said.append([after(counter, batch) for batch in batches])
    if said[0] != said[1]:
        raise CallError("The same batches gave other lists in a second process; they must not.")


def _comes_back(ship: Ship, shipped: Shipped, batches: list) -> None:
    """New, and after some hours."""
    counter = shipped.make("Trends.restore", state(shipped.make("Trends")))
    for batch in batches[:50]:
        after(counter, batch)
    counter = shipped.make("Trends.restore", state(counter))
    for batch in batches[50:60]:
        after(counter, batch)


UNIT = TrendingTags()
