"""f10 rehearsed: what must pass, what must fail, and where.

Functions here are cells: only their bodies are used, as the text of `store.py` or as what follows it. Parameters
name what a body takes from the reference's text before it.
"""

from __future__ import annotations

from course.grading.authoring.rehearse import Rehearsal


def two_engines():
    """No replay: sorted arrays offline, sorted lists and bisection online, and one function for what is in a window."""
    import bisect
    import pickle

    import numpy as np
    import pandas as pd

    def fold(how, window):
        """A feature from (event_time, id, value) in that order, the only order in which anything is added."""
        if how == "count":
            return float(len(window))
        if not window:
            return float("nan")
        if how == "last":
            return window[-1][2]
        if how == "max":
            return max(value for *_, value in window)
        total = 0.0
        for *_, value in window:
            total += value
        return total if how == "sum" else total / len(window)

    def offline(definitions, events, requests):
        order = events.sort_values(["event_time", "id", "revision"])
        groups = {
            key: [rows[name].to_numpy() for name in ("event_time", "id", "value", "arrived")]
            for key, rows in order.groupby(["entity", "reading"])
        }
        times = requests["time"].to_numpy()
        table = {}
        for one in definitions:
            column = table[one["feature"]] = np.empty(len(requests))
            for row, (time, entity) in enumerate(zip(times, requests[one["of"]], strict=True)):
                window = []
                if (entity, one["reading"]) in groups:
                    when, ids, values, arrived = groups[entity, one["reading"]]
                    low, high = np.searchsorted(when, [time - one["seconds"], time], side="right")
                    there = np.flatnonzero(arrived[low:high] <= time) + low
                    newest = {ids[k]: k for k in there}  # in the order of revisions: the highest stays
                    window = [(when[k], number, float(values[k])) for number, k in newest.items()]
                    window = [report for report in window if report[2] == report[2]]
                column[row] = fold(one["how"], window)
        return pd.DataFrame(table)

    class Store:
        def __init__(self, definitions):
            self.definitions = list(definitions)
            self.longest = max(one["seconds"] for one in definitions)
            self.wanted = {one["reading"] for one in definitions}
            self.order = {}  # (entity, reading) -> sorted [(event_time, id)]
            self.newest = {}  # id -> (revision, value)

        def ingest(self, events, now):
            for event in events:
                if event["reading"] in self.wanted and event["event_time"] > now - self.longest:
                    known = self.newest.get(event["id"])
                    if known is None:
                        ordered = self.order.setdefault((event["entity"], event["reading"]), [])
                        bisect.insort(ordered, (event["event_time"], event["id"]))
                    if known is None or known[0] < event["revision"]:
                        self.newest[event["id"]] = event["revision"], event["value"]
            for key in list(self.order):
                ordered = self.order[key]
                gone = bisect.bisect_right(ordered, (now - self.longest, float("inf")))
                for _, number in ordered[:gone]:
                    del self.newest[number]
                del ordered[:gone]
                if not ordered:
                    del self.order[key]

        def lookup(self, request):
            time, found = request["time"], []
            for one in self.definitions:
                ordered = self.order.get((request[one["of"]], one["reading"]), ())
                low = bisect.bisect_right(ordered, (time - one["seconds"], float("inf")))
                high = bisect.bisect_right(ordered, (time, float("inf")))
                window = [(when, number, self.newest[number][1]) for when, number in ordered[low:high]]
                found.append(fold(one["how"], [report for report in window if report[2] == report[2]]))
            return found

        def state(self):
            return pickle.dumps((self.order, self.newest))

        @classmethod
        def restore(cls, definitions, state):
            store = cls(definitions)
            store.order, store.newest = pickle.loads(state)
            return store


def event_time(offline):
    """Offline everything is known when it happens."""
    as_known = offline

    def offline(definitions, events, requests):
        return as_known(definitions, events.assign(arrived=events["event_time"]), requests)


def newest_first(offline):
    """Arrival is respected, but the log was compacted to newest revisions before."""
    as_known = offline

    def offline(definitions, events, requests):
        newest = events.sort_values(["id", "revision", "arrived"], ascending=[True, False, True]).drop_duplicates("id")
        return as_known(definitions, newest, requests)


def for_ever(Store):
    """The last value, however old it is."""

    class Patient(Store):
        def __init__(self, definitions):
            super().__init__([{**one, "seconds": 10**9} if one["how"] == "last" else one for one in definitions])

    Store = Patient


def by_delivery(Store):
    """Every delivery is a report of its own: repeats count again, corrections too."""

    class Counting(Store):
        def ingest(self, events, now):
            super().ingest([{**event, "id": f"{event['id']} {event['arrived']}"} for event in events], now)

    Store = Counting


def everything(Store):
    """Right in every answer, and nothing is ever forgotten."""
    import bisect

    class Archive(Store):
        def sweep(self):
            self.swept = self.now

        def ingest(self, events, now):
            keep, self.keep = self.keep, dict.fromkeys(self.keep, 10**10)
            super().ingest(events, now)
            self.keep = keep
            self.order = {}

        def lookup(self, request):
            """The reference's lookup on the window alone, so that it is quick all the same."""
            window, live = {}, self.live
            for reading, seconds in self.keep.items():
                for entity in {request[one["of"]] for one in self.definitions if one["reading"] == reading}:
                    key = (entity, reading)
                    if key in live and key not in self.order:
                        self.order[key] = sorted((report[0], number) for number, report in live[key].items())
                    start = bisect.bisect_right(self.order.get(key, ()), (request["time"] - seconds, 10**20))
                    window[key] = {number: live[key][number] for _, number in self.order.get(key, ())[start:]}
            self.live = window
            found = super().lookup(request)
            self.live = live
            return found

    Store = Archive


def one_list(Store, feature):
    """All live reports in one list, and each feature goes through it. The caller's messages are used up."""

    class Scanning(Store):
        def ingest(self, events, now):
            super().ingest(events, now)
            events.clear()

        def lookup(self, request):
            time, found = request["time"], []
            everything = [
                (key, when, number, value)
                for key, known in self.live.items()
                for number, (when, _, value) in known.items()
            ]
            for one in self.definitions:
                wanted = (request[one["of"]], one["reading"])
                reports = [
                    (when, number, value)
                    for key, when, number, value in everything
                    if key == wanted and time - one["seconds"] < when <= time and value == value
                ]
                found.append(feature(one["how"], reports))
            return found

    Store = Scanning


def public_only(Store):
    """What the public week shows: nobody looks back further than twelve hours, and what comes last is newest."""

    class Short(Store):
        def __init__(self, definitions):
            super().__init__(definitions)
            self.keep = dict.fromkeys(self.keep, 43_200)

        def ingest(self, events, now):
            super().ingest([{**event, "revision": event["arrived"]} for event in events], now)

    Store = Short


def two_teams(math):
    """The table is made with pandas by one team, and means and sums in service by another as numbers come in."""
    import numpy as np
    import pandas as pd

    def offline(definitions, events, requests):
        groups = dict(list(events.sort_values(["event_time", "id", "revision"]).groupby(["entity", "reading"])))
        groups = {
            key: [rows[name].to_numpy() for name in ("event_time", "id", "value", "arrived")]
            for key, rows in groups.items()
        }
        requests = requests.sort_values("time", kind="stable")
        table = {one["feature"]: np.full(len(requests), np.nan) for one in definitions}
        how = {"max": np.max, "sum": np.sum, "mean": np.mean, "last": lambda values: values[-1], "count": len}
        for one in definitions:
            if one["how"] == "count":
                table[one["feature"]][:] = 0.0
            for row, (time, entity) in enumerate(zip(requests["time"], requests[one["of"]], strict=True)):
                if (entity, one["reading"]) in groups:
                    when, ids, values, arrived = groups[entity, one["reading"]]
                    inside = (when > time - one["seconds"]) & (when <= time) & (arrived <= time)
                    known = pd.Series(values[inside], ids[inside])
                    known = known[~known.index.duplicated(keep="last")].dropna().to_numpy()
                    if len(known):
                        table[one["feature"]][row] = how[one["how"]](known)
        return pd.DataFrame(table)

    def feature(how, reports):
        if how == "count" or not reports:
            return float(len(reports)) if how == "count" else math.nan
        if how == "last":
            return float(max(reports)[2])
        if how == "max":
            return float(max(value for _, _, value in reports))
        mean = 0.0
        for count, (_, _, value) in enumerate(reports, 1):
            mean += (value - mean) / count
        return mean if how == "mean" else mean * len(reports)


def forgets(Store, json):
    """The state is the last report for each entity and reading, as the dashboard shows it."""

    class Brief(Store):
        def state(self):
            self.sweep()
            last = [
                [*key, *max((when, number, r, v) for number, (when, r, v) in known.items())]
                for key, known in self.live.items()
            ]
            return json.dumps([self.now, last]).encode()

        @classmethod
        def restore(cls, definitions, state):
            store = cls(definitions)
            store.now, last = json.loads(state)
            for entity, reading, when, number, revision, value in last:
                store.live[entity, reading] = {number: (when, revision, value)}
            return store

    Store = Brief


STORE = "write-store"
LEAK = {"parity": (0, 0), "model": (0, 0), "poisoned": (0, 0), "others": (0, 1.5), "storm": (0, 0)}

REHEARSALS = (
    Rehearsal("reference", "the worked solution: the log is played back through the store", sample="reference"),
    Rehearsal(
        "two-engines",
        "an honest different solution: sorted arrays offline, bisection online, one order of addition",
        replaced={STORE: two_engines},
        sample="alternative",
    ),
    Rehearsal(
        "event-time",
        "a trap: the table is joined on the time of the event",
        added={STORE: event_time},
        loses={"quality": (0, 4), **LEAK},
        sample="trap",
    ),
    Rehearsal(
        "newest-first",
        "the log is compacted to newest revisions before it is joined",
        added={STORE: newest_first},
        loses={"quality": (0, 8), **LEAK, "storm": (0, 0.5)},
    ),
    Rehearsal(
        "for-ever",
        "no time-to-live",
        added={STORE: for_ever},
        loses={"quality": (8, 13), "model": (0, 8), "state": (0, 0), "others": (0, 2.9), "storm": (0, 2)},
    ),
    Rehearsal(
        "by-delivery",
        "repeats and corrections are counted again",
        added={STORE: by_delivery},
        loses={"quality": (4, 12), "model": (0, 8), "others": (0, 0), "storm": (0, 0)},
    ),
    Rehearsal(
        "everything",
        "right, and it keeps everything",
        added={STORE: everything},
        loses={"state": (0, 0)},
    ),
    Rehearsal(
        "one-list",
        "right, with a scan for each feature; and it empties lists that are not its own",
        added={STORE: one_list},
        loses={"throughput": (0, 0), "untouched": (0, 0)},
    ),
    Rehearsal(
        "public-only",
        "keeps and believes what suffices for the public week",
        added={STORE: public_only},
        loses={"others": (0, 0), "storm": (0, 1.5)},
    ),
    Rehearsal(
        "two-teams",
        "both sides right to many digits, and not the same; rows come in the order of time",
        added={STORE: two_teams},
        loses={"interface": (3, 3), "parity": (0, 0)},
    ),
    Rehearsal(
        "forgets",
        "the state is the last report of everything",
        added={STORE: forgets},
        loses={"state": (0, 0), "restart": (0, 0)},
    ),
)
