"""What a lookup costs at the least: a plain loop over the reports of the entities that are asked for.

It knows nothing of revisions and repeats, so it is no solution.
"""

import math


class Store:
    """Reports by entity and reading, in lists."""

    def __init__(self, definitions):
        self.definitions = definitions
        self.longest = {}
        for one in definitions:
            self.longest[one["reading"]] = max(self.longest.get(one["reading"], 0), one["seconds"])
        self.reports = {}

    def ingest(self, events, now):
        """Keep what some feature may still want."""
        for event in events:
            reading = event["reading"]
            if reading in self.longest and event["value"] == event["value"]:
                self.reports.setdefault((event["entity"], reading), []).append((event["event_time"], event["value"]))
        for (entity, reading), known in self.reports.items():
            oldest = now - self.longest[reading]
            self.reports[entity, reading] = [report for report in known if report[0] > oldest]

    def lookup(self, request):
        """One number for each definition."""
        time, found = request["time"], []
        for one in self.definitions:
            oldest, how = time - one["seconds"], one["how"]
            known = self.reports.get((request[one["of"]], one["reading"]), ())
            values = [value for when, value in known if oldest < when <= time]
            if how == "count":
                found.append(float(len(values)))
            elif not values:
                found.append(math.nan)
            elif how == "last":
                found.append(values[-1])
            elif how == "max":
                found.append(max(values))
            else:
                found.append(sum(values) / (len(values) if how == "mean" else 1))
        return found
