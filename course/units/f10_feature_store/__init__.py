"""f10: a feature store. What was known at that time, and is it what the service will be told at its time?"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from course.contract.artifacts.modules import ModuleSpec, Ship, clauses
from course.contract.cost.throughput import throughput
from course.contract.processes import expect
from course.contract.processes.calls import CallError, Module, Remote, Shipped, mismatch
from course.contract.terms.estimates import Estimate
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import EARNS, Measurement, Term
from course.key import Key
from course.units.base import ModuleUnit

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from course.units.f10_feature_store.world import Season

#: How far a value may be off, absolutely and relatively, where it is compared with the truth.
OFF = 1e-6
#: What no feature can be.
MOST = 1e30
#: Seconds of the log that a store has taken in before a burst of lookups, and before small trials; their rows.
STOCK, SHORT, TRIED = 36 * 3_600, 3 * 3_600, 60


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

    estimates: Mapping[str, Estimate] = {
        "lookups_per_second": Estimate(
            "How many lookups a second come in the busiest hour?", "lookups/s", 130, 140,
            "30,000 flights x 180 lookups = 5.4e6 a day; 9 % of them in 3,600 s: 135",
        ),
        "state_megabytes": Estimate(
            "How much does a store hold that keeps live reports only?", "MB", 2.8, 3.3,
            "6,000 aircraft x 2 + 60 airports x (60 x 2 + 3 x 6) = 20,280 reports of 150 bytes",
        ),
        "history_gigabytes": Estimate(
            "How much does one hold after a year that keeps everything?", "GB", 9.7, 10.5,
            "(30,000 x 6 + 60 x 24 x 3) x 365 = 67e6 deliveries of 150 bytes",
        ),
        "replay_minutes": Estimate(
            "How long is a restart that plays the year's log again, at 10 µs a delivery?", "minutes", 10.8, 11.6,
            "67.3e6 x 10 µs = 673 s; 3 MB of state are read in a moment",
        ),
        "leaky_percent": Estimate(
            "In which share of training rows does a join on event time put into a mean of 8 reports at least one that"
            " was not there?", "% of rows", 42, 46,
            "1 - 0.93^8 = 44 %: the complement of all eight having arrived",
        ),
    }  # fmt: skip

    hints: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "estimates": (
            "Write each unit beside its number: flights a day, lookups a flight, bytes a report. What cancels?",
            "Live is what some window still reaches: for an airport, reports an hour times hours of the window.",
            "For the last one, ask the opposite: how likely is it that all eight reports had arrived?",
        ),
        "baseline": (
            '`pandas.merge_asof(requests, reports, left_on="time", right_on="event_time", by=...)` finds for each '
            "request the last report of its entity before it. Both tables must be sorted by their times.",
            'Rename the request\'s column `one["of"]` to `entity` before you merge; leave out reports without value.',
            "`offline` returns a DataFrame with a column of floats for each definition's `feature`. The store needs "
            "one dict, (entity, reading) to the value that came last; `lookup` returns a list with one float for each "
            'definition, `float("nan")` where there is none.',
        ),
        "artifact": (
            "Write the online store first, and let the contract's four steps be four lines of `lookup`. Then ask "
            "yourself what `offline` is, if the log is sorted by `arrived`.",
            "Keep readings in a dict by (entity, reading), and in it a dict by `id` to (event_time, revision, value). "
            "A delivery goes in if its id is new or its revision is higher; that settles repeats, corrections, and "
            "what comes in the wrong order. A withdrawn report stays, with its NaN, until it is too old.",
            "Too old is older than the longest window that reads this reading, before `now` of the last `ingest`: "
            "later lookups can't reach it. Sweep now and then, and before `state()`.",
            "Exactly equal needs one order of addition, or a sum that has none: `math.fsum`. One function that takes "
            "the readings of a window and returns the feature, called by both sides, can't disagree with itself.",
            "`offline`: a new Store; requests in the order of their times; before each, ingest what arrived until it; "
            "put the answers back into the requests' order; a DataFrame with the features' names as columns, floats.",
            "`state()` can be `json.dumps([now, [[entity, reading, [[id, event_time, revision, value], ...]], ...]])"
            ".encode()` (JSON's keys are texts, so write the ids as items), and `restore` reads it back.",
        ),
    }

    terms = (
        Term(
            "estimates", "Estimates in range", "of 5", 5, "higher", 10, "Work the estimates out again.",
            floor=0, digits=0,
        ),
        Term(
            "baseline", "Baseline's values that are right", "% of values", 0.15, "higher", 4,
            "The last report before the request is often the right one; look at what yours returns.",
            band=0.05, scale=100, digits=0,
        ),
        Term(
            "interface", "Serves as the contract says", "of 4 checks", 4, "higher", 4,
            "Read what `offline` and `Store` take and return again.", floor=0, digits=0,
        ),
        Term(
            "untouched", "Leaves what it is given alone", "of 1", 1, "higher", 2,
            "Tables, lists and dicts that are passed in belong to the caller: work on copies.", digits=0,
        ),
        Term(
            "quality", "Values right, worse of offline and online", "% of values", 0.995, "higher", 14,
            "Take one request whose values are wrong and write down what had arrived by then.",
            floor=0.60, band=0.005, scale=100,
        ),
        Term(
            "parity", "Requests with the same values offline and online", "% of requests", 1.0, "higher", 8,
            "Compare both sides bit by bit: one definition, one order of addition.", floor=0.90, band=0.01, scale=100,
        ),
        Term(
            "model", "Skill of your model in service, against the best", "%", 0.95, "higher", 8,
            "The model was trained on something that it is not told in service.", floor=0.85, band=0.01, scale=100,
        ),
        Term(
            "throughput", "Cost of a lookup", "x a plain loop", 4.0, "lower", 10,
            "Go straight to the entities that are asked for; never through all reports.", digits=2, production=True,
        ),
        Term(
            "state", "State for each live entity", "bytes", 400, "lower", 6,
            "What can no later lookup reach any more? Forget it, and what you keep about it.", digits=0,
            production=True,
        ),
        Term(
            "restart", "Same answers after restarts", "% of lookups", 1.0, "higher", 4,
            "Put everything that later answers depend on into the state: revisions and withdrawn reports too.",
            band=0.01, scale=100,
        ),
        Term(
            "poisoned", "Answers changed by a poisoned future", "requests", 0, "lower", 4,
            "What had not arrived at a request's time must not matter for it, whatever it says.", band=10, digits=0,
        ),
        Term(
            "others", "Values right, another team's features", "% of values", 0.99, "higher", 3,
            "Everything about a feature is in its definition: which reading, of what, how, and how far back.",
            floor=0.85, band=0.01, scale=100, hidden=True,
        ),
        Term(
            "storm", "Values right, days of outages", "% of values", 0.99, "higher", 3,
            "Deliveries come late, twice and in any order: only `id`, `revision` and the two times say what counts.",
            floor=0.85, band=0.01, scale=100, hidden=True,
        ),
    )  # fmt: skip

    def public_data(self, key: Key) -> dict[str, np.ndarray]:
        """The public season's tables column by column, `late`, `train`, and the `definitions` as JSON."""
        return dict(_public(self, key))

    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """The public season."""
        from course.units.f10_feature_store import world

        return Holdout("public", truth={"season": world.unpacked(data)})

    def private_holdout(self, key: Key) -> Holdout:
        """Other weeks of the same world; the same weeks with other features, and with many outages."""
        return _private(self, key)

    @clauses("quality", "parity", "model")
    def know(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Both sides against the truth, against each other, and what a model makes of them."""
        season = holdout.truth["season"]
        with ship.open() as shipped:
            table = offline(shipped, season, season.events, season.requests)
        with ship.open() as shipped:  # a process that has never seen what is still to come
            online, shares = _both(shipped, season, table)
        share, public = min(float(one.mean()) for one in shares.values()), holdout.name == "public"
        same = identical(table[~season.train], online).all(axis=1)
        return {
            "quality": Measurement(share, aside=_sides(season, shares) if public else ""),
            "parity": Measurement(float(same.mean())),
            "model": _model(table, online, season, public),
        }

    @clauses("interface")
    def serve(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Four promises of the contract, each tried by itself."""
        checks, notes = [_rows, _numbers, _nothing, _twice], []
        while checks:  # what fails may have ended the process: the others get a new one
            with ship.open() as shipped:
                try:
                    while checks:
                        checks.pop(0)(ship, shipped, holdout.truth["season"])
                except CallError as error:
                    notes.append(str(error))
        return {"interface": Measurement(4.0 - len(notes), notes[0] if notes else "")}

    @clauses("untouched")
    def leave(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Tables, messages and requests are as they were."""
        season = holdout.truth["season"]
        events, requests = season.events.head(1_500), season.requests.head(TRIED).iloc[::-1]
        messages, one = season.messages[:1_500], requests.to_dict("records")[0]
        now = messages[-1]["arrived"]
        with ship.open() as shipped:
            store = new(shipped, season)
            alone = (
                shipped.leaves_alone("offline", list(season.definitions), events, requests)
                and shipped.leaves_alone("Store", list(season.definitions))
                and store.leaves_alone("ingest", messages, now)
                and store.leaves_alone("lookup", one | {"time": now})
            )
        return {"untouched": Measurement(float(alone))}

    @clauses("throughput")
    def speed(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Cost of a lookup against a plain loop over the entity's own readings."""
        season = holdout.truth["season"]
        yardstick = Module("yardstick.py", (Path(__file__).parent / "yardstick.py").read_bytes(), {})
        found = throughput(
            ship.module,
            yardstick,
            "lookup",
            lambda draws: [(one,) for one in season.burst(draws).to_dict("records")],
            self.term("throughput").budget,
            seed=holdout.seed,
            start=lambda shipped: stocked(shipped, season),
        )
        note = found.note or ("" if found.verdict in EARNS else self.term("throughput").advice)
        aside = f"{found.us_per_row:.1f} µs a lookup on this machine"
        return {"throughput": Measurement(found.ratio, note, found.verdict, aside)}

    @clauses("state", "restart")
    def come_back(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """The last flights by a store that goes on, and by one that is restarted twice, at busy times; its states."""
        import numpy as np
        import pandas as pd

        from course.units.f10_feature_store import world

        season = holdout.truth["season"]
        requests, cuts = season.requests[~season.train], (season.cut - world.DAY, season.cut)
        part = np.searchsorted(cuts, requests["time"])
        first, second, third = (requests[part == k] for k in range(3))
        states = []
        with ship.open() as shipped:
            store = new(shipped, season)
            stream(store, season, first, until=cuts[0])
            states.append(state(store))
            wanted = stream(store, season, pd.concat([second, third]), since=cuts[0])
        with ship.open() as shipped:
            store = restored(shipped, season, states[0])
            found = [stream(store, season, second, since=cuts[0], until=cuts[1])]
            states.append(state(store))
        with ship.open() as shipped:
            found.append(stream(restored(shipped, season, states[1]), season, third, since=cuts[1]))
        same = float(identical(np.vstack(found), wanted).all(axis=1).mean())
        each = max(len(kept) / season.live_entities(cut) for kept, cut in zip(states, cuts, strict=True))
        if same < 1:
            lost = f"After restarts {1 - same:.1%} of the answers were others: such a state is not weighed."
            return {"state": Measurement(None, lost, "broken"), "restart": Measurement(same)}
        return {"state": Measurement(each), "restart": Measurement(same)}

    @clauses("poisoned")
    def poison(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """The same requests with logs that differ in nothing but what had not arrived, each in its own process."""
        import numpy as np

        from course.units.f10_feature_store import world

        season = holdout.truth["season"]
        draws = np.random.default_rng([holdout.seed, 5000])
        asked, logs = [], []
        for part in (0.5, 0.9):
            now = int(season.requests["time"].quantile(part))
            asked.append(season.requests[season.requests["time"].between(now - 8 * world.HOUR, now)])
            logs.append(world.poisoned(season.events, now, draws))
        answers = []
        for some in zip(*logs, strict=True):
            with ship.open() as shipped:
                tables = [offline(shipped, season, log, rows) for log, rows in zip(some, asked, strict=True)]
                answers.append(np.vstack(tables))
        return {"poisoned": Measurement(float((~identical(*answers).all(axis=1)).sum()))}

    @clauses("others", "storm")
    def stress(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Another team's features, and many outages: both sides, the worse counts."""
        found = {}
        for name in ("others", "storm"):
            if season := holdout.truth.get(name):
                try:
                    with ship.open() as shipped:
                        table = offline(shipped, season, season.events, season.requests)
                    with ship.open() as shipped:
                        shares = _both(shipped, season, table)[1]
                    found[name] = Measurement(min(float(share.mean()) for share in shares.values()))
                except CallError as error:
                    found[name] = Measurement(None, str(error), "broken")
        return found


@lru_cache(maxsize=32)
def _public(unit: FeatureStore, key: Key) -> dict[str, np.ndarray]:
    from course.units.f10_feature_store import world

    at = world.world(key.rng(unit.name, "world"))
    return world.packed(world.season(at.days[0], at, key.rng(unit.name, "public")))


@lru_cache(maxsize=32)
def _private(unit: FeatureStore, key: Key) -> Holdout:
    from course.units.f10_feature_store import world

    at, rng = world.world(key.rng(unit.name, "world")), key.rng(unit.name, "slices")
    truth = {
        "season": world.season(at.days[1], at, key.rng(unit.name, "private")),
        "others": world.season(at.days[1] + 1, at, rng, days=3, served=1, definitions=world.other_definitions(rng)),
        "storm": world.season(at.days[1] + 2, world.stormy(at), rng, days=2, served=1, storm=True),
    }
    return Holdout("private", truth=truth, seed=int(key.rng(unit.name, "timing").integers(2**31)))


def offline(shipped: Shipped, season: Season, events: pd.DataFrame, requests: pd.DataFrame) -> np.ndarray:
    """The table for these requests, checked, as floats (requests, definitions). Raises CallError."""
    import numpy as np

    args = (f"{len(season.definitions)} definitions", f"{len(events):,} events", f"{len(requests):,} requests")
    names = [one["feature"] for one in season.definitions]
    value = expect.table(shipped.call("offline", list(season.definitions), events, requests), names, "offline", args)
    if len(value) != len(requests):
        raise CallError(mismatch("offline", args, f"{len(value):,} rows", f"{len(requests):,}: one for each request"))
    for name in names:
        if value[name].dtype.kind not in "fiu":
            raise CallError(
                mismatch("offline", args, f"`{name}` as {value[name].dtype}", "floats, NaN where nothing is")
            )
    made = value[names].to_numpy(float)
    if not (np.isnan(made) | (np.abs(made) < MOST)).all():
        raise CallError(mismatch("offline", args, "an infinite value", "finite numbers or NaN"))
    return made


def lookups(store: Remote, season: Season, requests: pd.DataFrame) -> np.ndarray:
    """What a store answers to these requests, checked, as floats (requests, definitions). Raises CallError."""
    import numpy as np

    asked = requests.to_dict("records")
    answers = store.map("lookup", [(one,) for one in asked])
    count = len(season.definitions)
    for value, one in zip(answers, asked, strict=True):
        for number in expect.sequence(value, count, "Store.lookup", [one]):
            if type(number) not in (int, float) or not (number != number or abs(number) < MOST):
                raise CallError(mismatch("Store.lookup", [one], number, "finite numbers or NaN"))
    return np.array(answers, dtype=float).reshape(len(asked), count)


def stream(store: Remote, season: Season, requests: pd.DataFrame, **when: int) -> np.ndarray:
    """What a store over there answers to requests in the order of their times; see `world.played`. Raises CallError.

    A store is never sent anything that arrives after the lookups that it answers: that takes an exchange for each time.
    """
    from course.units.f10_feature_store import world

    return world.played(
        season,
        requests,
        lambda messages, now: store.call("ingest", messages, now),
        lambda rows: lookups(store, season, rows),
        **when,
    )


def stocked(shipped: Shipped, season: Season, seconds: int = STOCK) -> Remote:
    """A store that has taken in what arrived in so many seconds until the season's `cut`."""
    store, cut = new(shipped, season), season.cut
    for low, high in ((cut - seconds, cut - seconds // 2), (cut - seconds // 2, cut)):
        store.call("ingest", [one for one in season.messages if low < one["arrived"] <= high], high)
    return store


def new(shipped: Shipped, season: Season) -> Remote:
    """An empty store over there."""
    return shipped.make("Store", list(season.definitions))


def restored(shipped: Shipped, season: Season, kept: bytes) -> Remote:
    """A store over there that goes on from a state."""
    return shipped.make("Store.restore", list(season.definitions), kept)


def state(store: Remote) -> bytes:
    """The state of a store. Raises CallError."""
    return expect.instance(store.call("state"), bytes, "Store.state")


def right(found: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Which values are as they should be."""
    import numpy as np

    return np.isclose(found, truth, rtol=OFF, atol=OFF, equal_nan=True)


def identical(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Which values are the same number, or both NaN."""
    import numpy as np

    return (one == other) | (np.isnan(one) & np.isnan(other))


def _both(shipped: Shipped, season: Season, table: np.ndarray) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Online answers to what is served, and which share of each feature is right on both sides.

    Online this counts a stream of requests and a burst of lookups, to a store that was filled as it is where lookups
    are timed.
    """
    import numpy as np

    served = ~season.train
    online = stream(new(shipped, season), season, season.requests[served])
    burst = lookups(stocked(shipped, season), season, season.burst())
    hits = np.vstack([right(online, season.truth[served]), right(burst, season.burst_truth(STOCK))])
    return online, {"offline": right(table, season.truth).mean(axis=0), "online": hits.mean(axis=0)}


def _sides(season: Season, shares: Mapping[str, np.ndarray]) -> str:
    """Both sides in words, with the feature that is worst where not all is right."""
    said = []
    for side, share in shares.items():
        worst = season.definitions[int(share.argmin())]["feature"]
        said.append(f"{share.mean():.1%} {side}" + (f", worst `{worst}`" if share.min() < 1 else ""))
    return "; ".join(said)


def _model(table: np.ndarray, online: np.ndarray, season: Season, public: bool) -> Measurement:
    from course.units.f10_feature_store import world

    train, served = season.train, ~season.train

    def skill(asked: np.ndarray) -> float:
        return world.skill(table[train], season.late[train], asked, season.late[served])

    live = skill(online)
    return Measurement(live / season.best_skill, aside=f"Brier skill {live:.2f} in service" if public else "")


def _rows(ship: Ship, shipped: Shipped, season: Season) -> None:
    events, requests = season.events.head(2_000), season.requests.head(TRIED)
    plain = offline(shipped, season, events, requests)
    other = requests.assign(note="x").iloc[::-1, ::-1].set_axis(range(7, 7 + len(requests)))
    if not identical(plain, offline(shipped, season, events.assign(note="x").iloc[::-1], other)[::-1]).all():
        raise CallError("`offline` gave other values when rows and columns came in another order; rows stay in order.")
    value = shipped.call("offline", list(season.definitions), events, requests)
    names = [one["feature"] for one in season.definitions]
    if list(value.columns) != names or any(kind.kind != "f" for kind in value.dtypes):
        kinds = sorted({str(kind) for kind in value.dtypes})
        raise CallError(
            f"Called `offline`: got the columns {list(value.columns)} as {kinds}, expected {names} as floats."
        )


def _numbers(ship: Ship, shipped: Shipped, season: Season) -> None:
    """Plain floats, of nobody too."""
    store = stocked(shipped, season, SHORT)
    nobody = season.burst().head(3).assign(origin="nowhere", plane="nobody", alternate="nowhere")
    for value in store.map(
        "lookup", [(one,) for one in [*season.burst().to_dict("records"), *nobody.to_dict("records")]]
    ):
        if not isinstance(value, list) or any(type(number) is not float for number in value):
            raise CallError(mismatch("Store.lookup", ["..."], value, "a list of floats, one for each definition"))
    _empty(lookups(store, season, nobody), season, "Store.lookup` for an unknown aircraft at an unknown airport")


def _nothing(ship: Ship, shipped: Shipped, season: Season) -> None:
    """No requests; no events."""
    offline(shipped, season, season.events, season.requests.head(0))
    _empty(offline(shipped, season, season.events.head(0), season.requests.head(3)), season, "offline` without events")
    store = new(shipped, season)
    store.call("ingest", [], season.cut)
    _empty(lookups(store, season, season.burst().head(3)), season, "Store.lookup` before any event")


def _empty(found: np.ndarray, season: Season, title: str) -> None:
    import numpy as np

    wanted = np.array([0.0 if one["how"] == "count" else np.nan for one in season.definitions])
    if not identical(found, np.tile(wanted, (len(found), 1))).all():
        raise CallError(f"Called `{title}: got {found[0].tolist()}, expected NaN, and 0 for a count.")


def _twice(ship: Ship, shipped: Shipped, season: Season) -> None:
    events, requests = season.events.head(2_000), season.requests.head(TRIED)
    with ship.open() as other:
        tables = [offline(one, season, events, requests) for one in (shipped, other)]
        answers = [lookups(stocked(one, season, SHORT), season, season.burst()) for one in (shipped, other)]
    for name, (one, again) in {"offline": tables, "Store.lookup": answers}.items():
        if not identical(one, again).all():
            raise CallError(f"`{name}` gave other values in a second process; it must not.")


UNIT = FeatureStore()
