"""q09: rental search. Clicks say who stood at the top; bookings say who should."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from course.contract.artifacts.gate import ModelSpec, Tensor
from course.contract.terms.holdout import Holdout, Probe
from course.contract.terms.report import Measurement
from course.units.base import ModelUnit
from course.units.kit import contract
from course.units.kit.worlds import Draw
from course.units.q09_rental_search.hints import HINTS

if TYPE_CHECKING:
    import numpy as np

#: Candidates of the largest search: what one call scores when its cost and memory are measured.
CALL = 1_000
#: Pages of the log and of the shuffled fortnight; searches of the hidden probes.
PAGES = {"log": 12_000, "shuffled": 3_000, "rows": 2_500, "outage": 1_000, "kroner": 1_200, "crowd": 60}


class RentalSearch(ModelUnit):
    """Candidates of a search in, a score each out, judged by the bookings of the first ten."""

    name, title, brief, example, estimates, terms = contract.beside(__file__)
    model = ModelSpec(
        inputs={"candidates": Tensor("float32", (None, 20))},
        outputs={"score": Tensor("float32", (None,))},
        most_bytes=40_000_000,  # large forests are measured, and lose
        batch=CALL,
    )
    also = ("baseline.onnx",)

    hints = HINTS

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
