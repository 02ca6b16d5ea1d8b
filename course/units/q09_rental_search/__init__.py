"""q09: rental search. Clicks say who stood at the top; bookings say who should."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from course.contract.artifacts.gate import ModelSpec, Tensor
from course.contract.terms.estimates import Estimate
from course.contract.terms.holdout import Holdout, Probe
from course.contract.terms.report import Measurement, Term
from course.units.base import ModelUnit
from course.units.kit import terms
from course.units.kit.worlds import Draw
from course.units.q09_rental_search.hints import HINTS

if TYPE_CHECKING:
    import numpy as np

#: Candidates of the largest search: what one call scores when its cost and memory are measured.
CALL = 1_000
#: Pages of the log and of the shuffled fortnight; searches of the hidden probes.
PAGES = {"log": 12_000, "shuffled": 3_000, "rows": 2_500, "outage": 1_000, "kroner": 1_200, "crowd": 60}


def _booked(name: str, title: str, budget: float, floor: float, worth: float, advice: str, said: str, **more) -> Term:
    more.setdefault("band", 0.01)
    return Term(
        name, title, "% of the best order", budget, "higher", worth, advice,
        floor=floor, scale=100, definition=said, **more,
    )  # fmt: skip


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
        terms.estimates(5),
        terms.baseline(
            "Baseline: bookings in the first ten", "% of the best order", 0.50,
            "All columns, bookings as labels, boosted trees: that much is in the log as it is.", band=0.01, scale=100,
        ),
        terms.interface(5),
        _booked(
            "quality", "Bookings in the first ten", 0.86, 0.70, 30,
            "Who was clicked because of where they stood, and who was clicked and then not booked?",
            "For each search, the sum over places k = 1 to 10 of your order of chance / log2(1 + k), where chance is "
            "the candidate's chance of a booking once it is looked at; summed over all searches, over the same sum of "
            "the best order. On the shuffled pages the bookings that there were stand for chances.",
            band=0.005,
        ),
        terms.latency(
            1.0, "Cost of a call with 1,000 candidates",
            "Fewer and smaller trees: the page waits for all of its candidates.",
            definition="What a call with 1,000 candidates costs, as a multiple of what a call with 1,000 rows costs "
            "the calibration model (a logistic regression, 100 boosted trees and a small net). Both run in "
            "turns in one fresh process, on one thread; the figure is the median of many such comparisons.",
        ),
        terms.size(130_000, "Count trees times leaves; does each of them earn its bytes?"),
        terms.memory(
            2.5, "Memory follows from the nodes of all trees, and from what the graph keeps for each candidate.",
            title="Memory to load and score 1,000 candidates",
        ),
        terms.operators(200),
        _booked(
            "new", "Bookings of new homes in the first ten", 0.75, 0.45, 4,
            "New homes stood at the bottom of the log. Is that where clicks say they belong, or where nobody looked?",
            "What *quality* measures, where only homes listed for less than 30 days count: theirs in your first ten, "
            "over theirs in the first ten of the best order of all homes.",
            hidden=True,
        ),
        _booked(
            "outage", "Bookings in the first ten, nothing remembered", 0.8, 0.65, 2,
            "With the store down every home has NaN where history was. Show your model what that looks like.",
            "What *quality* measures, with the columns of the history store NaN for all homes.",
            hidden=True,
        ),
        _booked(
            "kroner", "Bookings in the first ten, in the new market", 0.83, 0.75, 2,
            "A house for 900 is dear in euros and cheap in kroner, and a column says which.",
            "What *quality* measures, in the market with prices in kroner.",
            hidden=True,
        ),
        _booked(
            "crowd", "Bookings in the first ten of 1,000", 0.68, 0.45, 2,
            "The first ten of a thousand are where your model is surest. What is it surest of?",
            "What *quality* measures, of searches with 1,000 candidates.",
            hidden=True,
        ),
    )  # fmt: skip
    example = (
        "One search, three candidates with chances 0.10, 0.02 and 0.04 of a booking. `score` float32 [3] = [0.3, 0.9, "
        "0.5] puts the second first, then the third, then the first: 0.02 / log2(2) + 0.04 / log2(3) + 0.10 / log2(4) "
        "= 0.0952. The best order has 0.10 + 0.04 / log2(3) + 0.02 / log2(4) = 0.1352, so that is 70.4 % of the best "
        "order."
    )

    def release(self, draw: Draw) -> dict[str, np.ndarray]:
        """The log and the shuffled fortnight.

        `homes` float32 (4500, 15) with the columns HOME and HISTORY of `world`; for each part, "log" and "shuffled":
        `search_...` float32 (n, 5), `home_...` uint16 (n, 24), rows of `homes` in the order of the page, and
        `clicked_...`, `booked_...` bool (n, 24). `best_shuffled` is the lift of the best order of the shuffled pages.
        """
        import numpy as np

        from course.units.q09_rental_search import judge, world

        at = world.world(draw("world"))
        there = world.homes(draw("homes"), at, world.NEW["log"])
        found = {"homes": there.table}
        for part in ("log", "shuffled"):
            made = world.pages(draw(part), at, there, PAGES[part], shuffled=part == "shuffled")
            found |= {
                f"search_{part}": made.search,
                f"home_{part}": made.home.astype(np.uint16),
                f"clicked_{part}": made.clicked,
                f"booked_{part}": made.booked,
            }
        found["best_shuffled"] = np.array(judge.best(made.chance))
        return found

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

    def hidden(self, draw: Draw) -> Holdout:
        """Other homes and searches, with true chances; an outage, a market in kroner, and searches with 1,000 homes."""
        from course.units.q09_rental_search import judge, world

        at, rng = world.world(draw("world")), draw("live")
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
        return Holdout("private", probes, truth, timing=Probe(dict(probes["crowd"].inputs)), seed=draw.seed())

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


UNIT = RentalSearch()
