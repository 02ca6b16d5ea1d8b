"""f03: luck on a leaderboard. Thousands of submissions, one hold-out: the winner won by chance, or by asking."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from course.contract.artifacts.modules import ModuleSpec, Ship, clauses, read
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import Measurement
from course.units.base import ModuleUnit
from course.units.f03_leaderboard_luck.hints import HINTS
from course.units.kit import contract, judges, replay
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

    name, title, brief, example, estimates, terms = contract.beside(__file__)
    module = ModuleSpec("leaderboard.py", {"Leaderboard": "class Leaderboard"})
    also = ("baseline.py",)
    hints: ClassVar[Mapping[str, tuple[str, ...]]] = HINTS

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
