"""f03: luck on a leaderboard. Thousands of submissions, one hold-out: the winner won by chance, or by asking."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from course.contract.artifacts.modules import ModuleSpec, Ship, clauses, read
from course.contract.terms.estimates import Estimate
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import Measurement, Term
from course.units.base import ModuleUnit
from course.units.f03_leaderboard_luck.hints import HINTS
from course.units.kit import judges, replay, terms
from course.units.kit.worlds import Draw

if TYPE_CHECKING:
    import numpy as np

    from course.units.f03_leaderboard_luck.world import Season

#: Seasons of a hold-out; share of ones where they are rare.
SEASONS, RARE = {"public": 3, "private": 4}, (0.08, 0.14)
#: What the public data say of each season.
FIELDS = ("labels", "submissions", "truth", "steps")


def _game(ship: Ship, holdout: Holdout, clause: str) -> Measurement:
    """Another attack, or good models after an attack."""
    import numpy as np

    from course.units.f03_leaderboard_luck import judge

    rng = np.random.default_rng([holdout.seed, 4000, list(judge.GAMES).index(clause)])
    return Measurement(judge.GAMES[clause](ship, holdout.truth, rng))


class LeaderboardLuck(ModuleUnit):
    """Predictions in, the score to show out; attacked and used honestly, restarted, timed."""

    name = "f03-leaderboard-luck"
    title = "Luck on the leaderboard"
    brief = "We run a model competition. Build the leaderboard."
    module = ModuleSpec("leaderboard.py", {"Leaderboard": "class Leaderboard"})
    also = ("baseline.py",)
    hints: ClassVar[Mapping[str, tuple[str, ...]]] = HINTS

    estimates: Mapping[str, Estimate] = {
        "luck_points": Estimate(
            "What is the standard deviation of a coin flipper's score on 2,500 rows?", "points", 0.95, 1.05,
            "sqrt(0.5 x 0.5 / 2,500) = 0.01: one point",
        ),
        "luckiest_percent": Estimate(
            "What score do you expect of the luckiest of 5,000 coin flippers on 2,500 rows?", "% of rows", 53.4, 54.2,
            "the largest of 5,000 normal draws is about 3.7 standard deviations up: 50 + 3.7 x 1 = 53.7; the quick "
            "bound sqrt(2 ln 5,000) = 4.1 gives 54.1",
        ),
        "boosted_percent": Estimate(
            "What does a plain board show for the majority vote of those flippers whose scores were above one half?",
            "% of rows", 76, 82,
            "2,500 vectors are kept, each right in 50.8 % of rows (half a normal distribution has its mean at 0.8 "
            "standard deviations); a row's votes lean by 2 x 0.008 x 2,500 = 40 with a standard deviation of "
            "sqrt(2,500) = 50, so the vote is right where a normal draw is above -0.8: 79 %",
        ),
        "gain_points": Estimate(
            "Two versions of a model differ in 6 % of 2,500 rows. By how much must the newer one lead, if of 5,000 "
            "such newcomers that are no better, one or more should pass only in one season of twenty?",
            "points", 1.9, 2.3,
            "the difference of two scores has a standard deviation of sqrt(0.06 / 2,500) = 0.49 points; 0.05 / 5,000 "
            "is one chance in 100,000, 4.26 standard deviations: 2.1 points",
        ),
        "everything_megabytes": Estimate(
            "How much would a board remember that keeps all 5,000 submissions of a season, a bit a row?",
            "MB", 1.5, 1.65,
            "5,000 x 2,500 / 8 = 1.56e6 bytes; the rows that one submission got right are 313 bytes",
        ),
    }  # fmt: skip

    terms = (
        terms.estimates(5),
        terms.baseline(
            "Baseline's error", "points", 0.36, better="lower", band=0.02, scale=100,
            advice="A board that shows every exact score is closer to the truth; look at what yours returns.",
        ),
        terms.interface(6, advice="Read what `Leaderboard` must do again."),
        Term(
            "quality", "Error of the top of the board", "points", 0.025, "lower", 20,
            "Count how much each score that you show tells about the labels.",
            floor=0.10, band=0.005, scale=100,
            definition="The top is the highest score shown so far; the truth is the highest accuracy on new rows of "
            "whatever was submitted so far. In honest play: their distance, the mean over all submissions of a season. "
            "Under the boosting attack: their distance at its end, where the truth is 50 %. Each is averaged over the "
            "seasons; the worse of the two counts.",
        ),
        terms.share(
            "gains", "Real steps that were seen", "steps", 0.80, 10,
            "A model that is really better must rise at once: compare it with the leader row by row.",
            floor=0.30, band=0.05, digits=0,
            definition="Of the submissions that raise the truth by five points or more, all seasons pooled, the share "
            "after which the top rose by half of that within two submissions.",
        ),
        terms.state(
            1000, "Bytes of the state",
            "What must a board remember of the leader to compare the next one with it? A bit a row is enough.", 8,
        ),
        terms.restart(
            "scores", "Same scores after a restart", "Put everything that later scores depend on into the state.", 6
        ),
        terms.throughput(
            30.0, "Cost of one submission", "computing an accuracy",
            "Count passes over the rows for one submission; the past must not be among them.",
        ),
        Term(
            "climbing", "Error after a climb", "points", 0.03, "lower", 4,
            "Somebody changed what did best a little, thousands of times. How likely must a lead by chance be, before "
            "your board believes in it?", floor=0.06, band=0.005, scale=100, hidden=True,
            definition="Distance of the top from the truth, that of what the climb began with, at its end: the mean "
            "over seasons.",
        ),
        Term(
            "rare", "Error after probes, rare ones", "points", 0.03, "lower", 3,
            "Somebody flipped one row at a time, on a hold-out with few ones. What does your board show for that?",
            floor=0.08, band=0.005, scale=100, hidden=True,
            definition="Distance of the top from the truth after one row at a time was flipped, on a hold-out with few "
            "ones.",
        ),
        Term(
            "late", "Error for a late strong model", "points", 0.04, "lower", 3,
            "Good models came after thousands of bad ones. Does your board still listen?",
            floor=0.10, band=0.005, scale=100, hidden=True,
            definition="Distance of the top from the truth after each of some good models that come behind an attack: "
            "the mean over them and over seasons.",
        ),
    )  # fmt: skip
    example = (
        "labels are [1, 0, 1, 1]: submit([1, 0, 0, 1]) has 3 of 4 right, so an exact score is 0.75; [1, 0, 2, 1] "
        "raises ValueError. Three submissions of a season have true accuracies of 54, 56 and 61 % and are shown 0.55, "
        "0.55 and 0.62. The top is 55, 55 and 62 %, the truth 54, 56 and 61 %: the error is the mean of 1, 1 and 1, so "
        "1.0 points. The third raises the truth by 5 points and the top by 7 at once, more than 2.5: seen."
    )

    def release(self, draw: Draw) -> dict[str, np.ndarray]:
        """`labels` (seasons, rows), `submissions` (seasons, submissions, rows): uint8; `truth` of each; `steps`."""
        import numpy as np

        made = _seasons(draw, "public")
        fields = {field: np.stack([getattr(one, field) for one in made]) for field in FIELDS}
        return fields | {"seed": np.array(draw.seed("public attacks"))}

    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """Three seasons, and the seed of the attacks on them."""
        from course.units.f03_leaderboard_luck.world import Season

        made = [Season(*fields) for fields in zip(*(data[field] for field in FIELDS), strict=True)]
        return Holdout("public", truth={"seasons": made}, seed=int(data["seed"]))

    def hidden(self, draw: Draw) -> Holdout:
        """Four other seasons with other rows, other competitors; and a hold-out on which ones are rare."""
        from course.units.f03_leaderboard_luck import world

        made, draws = _seasons(draw, "private"), draw("private rare")
        ones = float(draws.uniform(*RARE))
        rare = world.labels(draws, len(made[0].labels), ones)
        truth = {"seasons": made, "rare": rare, "ones": ones}
        return Holdout("private", truth=truth, seed=draw.seed("private attacks"))

    @clauses("quality", "gains", "state")
    def play(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Each season twice, as it was and as the boosting attack would have it, with a restart in each."""
        import numpy as np

        from course.units.f03_leaderboard_luck import judge, world

        seasons = holdout.truth["seasons"]
        games = [judge.played(ship, season, [holdout.seed, number]) for number, season in enumerate(seasons)]
        both = list(zip(games, seasons, strict=True))
        attacked = [abs(game.attacked.max() - 0.5) for game in games]
        honest = [np.abs(np.maximum.accumulate(game.honest) - season.best).mean() for game, season in both]
        seen = np.concatenate([world.seen(season, game.honest) for game, season in both])
        trouble = next((game.trouble for game in games if game.trouble), "")
        largest = float(max((size for game in games for size in game.sizes), default=0))
        errors = {"under attack": float(np.mean(attacked)), "in honest play": float(np.mean(honest))}
        worse, term = max(errors, key=errors.__getitem__), self.term("quality")
        public = holdout.name == "public"
        aside = ", ".join(f"{error * 100:.1f} {when}" for when, error in errors.items()) if public else ""
        note = "" if term.keeps(errors[worse]) else f"It is worse {worse}. {term.advice}"
        return {
            "quality": Measurement(errors[worse], note, aside=aside),
            "gains": Measurement(float(seen.mean())),
            "state": Measurement(None, trouble, "broken") if trouble else Measurement(largest),
        }

    @clauses("interface")
    def serve(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Six promises of the contract, on a small hold-out."""
        from course.units.f03_leaderboard_luck import promises

        return {"interface": judges.promises(ship, promises.PROMISES, *promises.given(holdout.seed))}

    @clauses("restart")
    def restart(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Stop in the middle of a season, start again from the state elsewhere, go on; compare with not stopping."""
        import numpy as np

        from course.units.f03_leaderboard_luck import judge

        on, after, _ = judge.restarted(ship, holdout.truth["seasons"][-1], [holdout.seed, 2000])
        return {"restart": Measurement(float(np.mean(np.array(on) == np.array(after))))}

    @clauses("throughput")
    def cost(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """One submission among many, on a board of next year's size that has seen some; what it shows is judged."""
        from course.units.f03_leaderboard_luck.judge import Large

        term, ours, large = self.term("throughput"), judges.yardstick(__file__), Large(holdout.seed)
        found = judges.cost(
            term, ship.module, ours, "submit", large.fresh, holdout,
            what="a submission", start=large.start, remembers=True, check=large.check,
        )  # fmt: skip
        return {"throughput": found}

    climbing = judges.single("climbing", _game)
    rare = judges.single("rare", _game)
    late = judges.single("late", _game)

    def replay(self, folder: Path, holdout: Holdout, case: int) -> replay.Replay:
        """Each season as it was, then each under the boosting attack, then the last one with a restart."""
        from course.units.f03_leaderboard_luck import judge

        seasons = holdout.truth["seasons"]
        numbered = [(which, number) for which in ("honest", "attack") for number in range(len(seasons))]
        which, number = replay.case([*numbered, ("restart", len(seasons) - 1)], case, "games")
        ship = read(folder, self.module)
        if which == "restart":
            return judge.replayed_restart(ship, seasons[number], number, [holdout.seed, 2000])
        return judge.replayed(ship, seasons[number], number, [holdout.seed, number], which == "attack")


def _seasons(draw: Draw, which: str) -> list[Season]:
    from course.units.f03_leaderboard_luck import world

    size, draws = world.size(draw(f"{which} size")), draw(f"{which} seasons")
    return [world.season(draws, *size) for _ in range(SEASONS[which])]


UNIT = LeaderboardLuck()
