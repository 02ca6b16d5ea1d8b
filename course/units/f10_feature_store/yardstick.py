"""What a lookup costs at the least: plain Python over the readings of the entities that are asked for."""

import math


class Store:
    """Readings by entity and name, in lists; nothing is ever forgotten but what is too old when it is taken in."""

    def __init__(self, definitions):
        self.definitions = definitions
        self.longest = {}
        for one in definitions:
            self.longest[one["reading"]] = max(self.longest.get(one["reading"], 0), one["seconds"])
        self.readings = {}

    def ingest(self, events, now):
        """Keep the newest revision of what some feature may still want."""
        for event in events:
            if event["event_time"] > now - self.longest[event["reading"]]:
                known = self.readings.setdefault((event["entity"], event["reading"]), {})
                if event["revision"] >= known.get(event["id"], (0, -1))[1]:
                    known[event["id"]] = event["event_time"], event["revision"], event["id"], event["value"]

    def lookup(self, request):
        """One number for each definition."""
        time, found = request["time"], []
        for one in self.definitions:
            oldest = time - one["seconds"]
            known = self.readings.get((request[one["of"]], one["reading"]), {})
            window = [row for row in known.values() if oldest < row[0] <= time and row[3] == row[3]]
            values = [row[3] for row in window]
            if one["how"] == "count":
                found.append(float(len(values)))
            elif not values:
                found.append(math.nan)
            elif one["how"] == "last":
                found.append(max(window, key=lambda row: (row[0], row[2]))[3])
            elif one["how"] == "max":
                found.append(max(values))
            else:
                total = math.fsum(values)
                found.append(total / len(values) if one["how"] == "mean" else total)
        return found
