"""q09: rental search. Clicks say who stood at the top; bookings say who should."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from course.contract.artifacts.gate import ModelSpec, Tensor
from course.contract.terms.estimates import Estimate
from course.contract.terms.holdout import Holdout, Probe
from course.contract.terms.report import Measurement, Term
from course.key import Key
from course.units.base import ModelUnit
from course.units.q09_rental_search.hints import HINTS

if TYPE_CHECKING:
    import numpy as np

#: Candidates of the largest search: what one call scores when its cost and memory are measured.
CALL = 1_000
#: Pages of the log and of the shuffled fortnight; searches of the hidden probes.
PAGES = {"log": 12_000, "shuffled": 3_000, "rows": 2_500, "outage": 1_000, "kroner": 1_200, "crowd": 60}


class RentalSearch(ModelUnit):
    """Candidates of a search in, a score each out, judged by the bookings of the first ten."""

    name = "q09-rental-search"
    title = "Rental search"
    brief = "How would you build a system that ranks holiday homes for a search?"
    model = ModelSpec(
        inputs={"candidates": Tensor("float32", (None, 20))},
        outputs={"score": Tensor("float32", (None,))},
        most_bytes=40_000_000,  # large forests are measured, and lose
        batch=CALL,
    )
    also = ("baseline.onnx",)

    estimates: Mapping[str, Estimate] = {
        "stands_for": Estimate(
            "For how many clicks at place 1 does a click at place 20 stand, if looks fall as place^-1.2?",
            "clicks", 36, 37,
            "20^1.2 = 36.4",
        ),
        "top_three_percent": Estimate(
            "Which share of a page's looks go to its first three places, if looks fall as place^-0.7?", "%", 34, 36.2,
            "(1 + 0.616 + 0.463) / (sum of place^-0.7 over 24 places = 5.92) = 35.1 %",
        ),
        "plain_over_postcard": Estimate(
            "How many times as many bookings does the plain house bring as the postcard, looks being equal?",
            "times", 1.95, 2.05,
            "0.12 x 0.10 / (0.30 x 0.02) = 2",
        ),
        "cores": Estimate(
            "How many cores do 90 searches a second take, 1,000 candidates each, at 4 microseconds a candidate and "
            "half of a core in use?", "cores", 0.7, 0.74,
            "90 x 1,000 x 4e-6 s = 0.36 cores, at half use 0.72",
        ),
        "days": Estimate(
            "For how many days must 1 page in 20 of 30,000 a day be shuffled until the 95 % interval of the number of"
            " bookings, 0.2 a page, reaches 4 % to each side?", "days", 7.6, 8.4,
            "(1.96 / 0.04)^2 = 2,401 bookings; 1,500 pages x 0.2 = 300 a day; 8.0 days",
        ),
    }  # fmt: skip

    hints = HINTS
    terms = (
        Term(
            "estimates", "Estimates in range", "of 5", 5, "higher", 10, "Work the estimates out again.",
            floor=0, digits=0,
        ),
        Term(
            "baseline", "Baseline: bookings in the first ten", "% of the best order", 0.50, "higher", 4,
            "All columns, bookings as labels, boosted trees: that much is in the log as it is.", band=0.01, scale=100,
        ),
        Term(
            "interface", "Serves as the contract says", "of 5 checks", 5, "higher", 6,
            "Read the contract's inputs and outputs again.", floor=0, digits=0,
        ),
        Term(
            "quality", "Bookings in the first ten", "% of the best order", 0.86, "higher", 30,
            "Who was clicked because of where they stood, and who was clicked and then not booked?",
            floor=0.70, band=0.005, scale=100,
        ),
        Term(
            "latency", "Cost of a call with 1,000 candidates", "x calibration model", 1.0, "lower", 8,
            "Fewer and smaller trees: the page waits for all of its candidates.", digits=2, production=True,
        ),
        Term(
            "size", "Bytes of the file", "kB", 130_000, "lower", 6,
            "Count trees times leaves; does each of them earn its bytes?", scale=1e-3, digits=0, production=True,
        ),
        Term(
            "memory", "Memory to load and score 1,000 candidates", "MB", 2.5, "lower", 6,
            "Memory follows from the nodes of all trees, and from what the graph keeps for each candidate.",
            production=True,
        ),
        Term(
            "operators", "Operators in the graph", "", 200, "lower", 0, "Export one plain graph.", digits=0,
            production=True,
        ),
        Term(
            "new", "Bookings of new homes in the first ten", "% of the best order", 0.75, "higher", 4,
            "New homes stood at the bottom of the log. Is that where clicks say they belong, or where nobody looked?",
            floor=0.45, band=0.01, scale=100, hidden=True,
        ),
        Term(
            "outage", "Bookings in the first ten, nothing remembered", "% of the best order", 0.8, "higher", 2,
            "With the store down every home has NaN where history was. Show your model what that looks like.",
            floor=0.65, band=0.01, scale=100, hidden=True,
        ),
        Term(
            "kroner", "Bookings in the first ten, in the new market", "% of the best order", 0.83, "higher", 2,
            "A house for 900 is dear in euros and cheap in kroner, and a column says which.",
            floor=0.75, band=0.01, scale=100, hidden=True,
        ),
        Term(
            "crowd", "Bookings in the first ten of 1,000", "% of the best order", 0.68, "higher", 2,
            "The first ten of a thousand are where your model is surest. What is it surest of?",
            floor=0.45, band=0.01, scale=100, hidden=True,
        ),
    )  # fmt: skip

    def public_data(self, key: Key) -> dict[str, np.ndarray]:
        """The log and the shuffled fortnight.

        `homes` float32 (4500, 15) with the columns HOME and HISTORY of `world`; for each part, "log" and "shuffled":
        `search_...` float32 (n, 5), `home_...` uint16 (n, 24), rows of `homes` in the order of the page, and
        `clicked_...`, `booked_...` bool (n, 24). `best_shuffled` is the lift of the best order of the shuffled pages.
        """
        return dict(_public(self, key))

    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """The shuffled pages, with the bookings that there were."""
        import numpy as np

        from course.units.q09_rental_search import world

        # Booked homes stood high: in another order, so that equal scores gain nothing by where they stood.
        n, m = data["home_shuffled"].shape
        order = np.argsort(np.random.default_rng(9).random((n, m)), axis=1)
        home, booked = (np.take_along_axis(data[f"{name}_shuffled"], order, 1) for name in ("home", "booked"))
        probe = Probe({"candidates": world.rows(data["homes"], data["search_shuffled"], home)})
        return Holdout("public", {"rows": probe}, {"rows": (booked, float(data["best_shuffled"]))}, timing=probe)

    def private_holdout(self, key: Key) -> Holdout:
        """Other homes and searches, with true chances; an outage, a market in kroner, and searches with 1,000 homes."""
        return _private(self, key)

    def evaluate(self, answers: Mapping[str, Mapping[str, np.ndarray]], holdout: Holdout) -> dict[str, Measurement]:
        """Bookings in the first ten of each probe over those of the best order, and of new homes alone."""
        from course.units.q09_rental_search import judge, world

        gain, best = ({probe: one[k] for probe, one in holdout.truth.items()} for k in (0, 1))
        found = {}
        for probe, given in answers.items():
            value, error = judge.lift(given["score"], gain[probe])
            name, share, error = "quality" if probe == "rows" else probe, value / best[probe], error / best[probe]
            found[name] = Measurement(share)
            if holdout.name == "public":  # bookings that there happened to be
                close = share < self.term(name).budget <= share + error
                note = "Chance alone may be the difference; at grading it is not there: aim higher." if close else ""
                aside = f"give or take {200 * error:.0f} points by chance"
                found[name] = Measurement(share, note, "too close to call" if close else None, aside)
        score, days = answers["rows"]["score"], holdout.probes["rows"].inputs["candidates"][:, world.AT["days_listed"]]
        if holdout.name == "private":
            new = days.reshape(gain["rows"].shape) < world.NEW_DAYS
            found["new"] = Measurement(judge.lift(score, gain["rows"], new)[0] / judge.best(gain["rows"], new))
        if (score == score[0]).all():
            found["quality"] = replace(found["quality"], note="All candidates get the same score: that is no order.")
        return found


@lru_cache(maxsize=4)
def _public(unit: RentalSearch, key: Key) -> dict[str, np.ndarray]:
    import numpy as np

    from course.units.q09_rental_search import judge, world

    at = world.world(key.rng(unit.name, "world"))
    there = world.homes(key.rng(unit.name, "homes"), at, world.NEW["log"])
    found = {"homes": there.table}
    for part in ("log", "shuffled"):
        made = world.pages(key.rng(unit.name, part), at, there, PAGES[part], shuffled=part == "shuffled")
        found |= {
            f"search_{part}": made.search,
            f"home_{part}": made.home.astype(np.uint16),
            f"clicked_{part}": made.clicked,
            f"booked_{part}": made.booked,
        }
    found["best_shuffled"] = np.array(judge.best(made.chance))
    return found


@lru_cache(maxsize=4)
def _private(unit: RentalSearch, key: Key) -> Holdout:
    from course.units.q09_rental_search import judge, world

    at, rng = world.world(key.rng(unit.name, "world")), key.rng(unit.name, "live")
    usual = world.homes(rng, at, world.NEW["live"])
    north = world.homes(rng, at, world.NEW["live"], (world.KRONER,))
    full = world.homes(rng, at, world.NEW["live"], (1.0,), each=2 * CALL)
    probes, truth = {}, {}
    for name, there in (("rows", usual), ("outage", usual), ("kroner", north), ("crowd", full)):
        size = CALL if name == "crowd" else world.PAGE
        made = world.pages(rng, at, there, PAGES[name], shuffled=True, size=size)
        X = world.rows(there.table, made.search, made.home)
        probes[name] = Probe({"candidates": world.outage(X) if name == "outage" else X})
        truth[name] = (made.chance, judge.best(made.chance))
    seed = int(key.rng(unit.name, "timing").integers(2**31))
    return Holdout("private", probes, truth, timing=Probe(dict(probes["crowd"].inputs)), seed=seed)


UNIT = RentalSearch()
