"""q16: birthdays. On which day was somebody born, told from what others write, and not told of those who object?"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from course.contract.artifacts.modules import ModuleSpec, Ship, clauses, read
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import Measurement
from course.problem import Problem
from course.units.base import ModuleUnit
from course.units.kit import contract, judges
from course.units.kit.replay import Replay
from course.units.kit.worlds import Draw
from course.units.q16_birthdays.hints import HINTS

if TYPE_CHECKING:
    import numpy as np

    from course.units.q16_birthdays.world import Members, World

#: Members whose days are known, of the public check, and that are hidden; of these, born on 29 February.
KNOWN, PUBLIC, PRIVATE, LEAPERS = 5_000, 3_000, 8_000, 200


class Birthdays(ModuleUnit):
    """A log in, week by week; a distribution over the days of the year out, and whom to greet when."""

    name, title, brief, example, estimates, terms = contract.beside(__file__)
    module = ModuleSpec(
        "birthdays.py", {"Birthdays": "class Birthdays", "prior": "prior() -> 366 probabilities"},
        beside=("tables.npz", "rules.npz"), seconds=30.0,
    )  # fmt: skip
    also = ("baseline.py",)
    hints: ClassVar[Mapping[str, tuple[str, ...]]] = HINTS

    def release(self, draw: Draw) -> dict[str, np.ndarray]:
        """A registry of births, members whose days are known, and others; see `world.released` and `world.packed`."""
        from course.units.q16_birthdays import world

        at = _world(draw)
        parts = {name: world.packed(_members(draw, name), name) for name in ("known", "public")}
        return world.released(at) | parts["known"] | parts["public"]

    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """3,000 members."""
        from course.units.q16_birthdays import world

        return Holdout("public", truth={"members": world.unpacked(data, "public")}, seed=1)

    def hidden(self, draw: Draw) -> Holdout:
        """8,000 others of the same world, and 200 who were born on 29 February."""
        truth = {"members": _members(draw, "private"), "births": _world(draw).births}
        return Holdout("private", truth=truth, seed=draw.seed())

    @clauses("quality", "coverage", "greetings", "state", "prior", "leap", "both", "jokes")
    def tell(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Two years with restarts, then a question about everybody."""
        from course.units.q16_birthdays import judge

        told = _told(ship, holdout)
        private = holdout.name == "private"
        count = len(told.of) - (LEAPERS if private else 0)
        usual = told.asked[told.asked < count]
        measured = {
            "quality": Measurement(float(told.gains(usual).mean())),
            "coverage": Measurement(told.off(usual)),
            "greetings": Measurement(told.value(usual)),
            "state": Measurement(max(map(len, told.states)) / len(told.of)),
        }
        if private:
            rows = told.of.rows
            shared = rows["also"] >= 0
            named = {*rows["about"][shared].tolist(), *rows["also"][shared].tolist()}
            slices = {
                "leap": told.asked[told.asked >= count],
                "both": [one for one in usual.tolist() if one in named],
                "jokes": usual[told.of.pranked[usual]],
            }
            measured["prior"] = Measurement(judge.lost(told.prior, holdout.truth["births"]))
            measured |= {name: Measurement(float(told.gains(some).mean())) for name, some in slices.items()}
        return measured

    @clauses("bare")
    def leave_out(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Those who object get the bare prior, and nothing depends on what their rows hold."""
        from course.units.q16_birthdays import judge

        said = judge.unread(ship, _told(ship, holdout), holdout.seed)
        return {"bare": Measurement(float(not said), said)}

    @clauses("interface")
    def serve(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Six promises of the contract."""
        from course.units.q16_birthdays.promises import PROMISES

        return {"interface": judges.promises(ship, PROMISES, holdout.truth["members"])}

    @clauses("throughput")
    def cost(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Eight weeks from a state, and 400 members."""
        from course.units.q16_birthdays import judge

        asks = judge.Asks(ship, holdout.truth["members"])
        found = judges.cost(
            self.term("throughput"), ship.module, judges.yardstick(__file__), asks.play, asks.fresh, holdout,
            what="for eight weeks and 400 members", check=asks.check,
        )  # fmt: skip
        return {"throughput": found}

    def replay(self, folder: Path, holdout: Holdout, case: int) -> Replay:
        """Twelve members from that number on: what is told of them after two years, and what is true."""
        from course.units.q16_birthdays import judge

        of = holdout.truth["members"]
        if not 0 <= case < len(of):
            raise Problem(f"There are members 0 to {len(of) - 1}; {case} is none of them.")
        return judge.replayed(read(folder, self.module), of, holdout.seed, case)


def _told(ship: Ship, holdout: Holdout) -> object:
    from course.units.q16_birthdays import judge

    return judge.lived(ship, holdout.truth["members"], holdout.seed)


@lru_cache(maxsize=8)
def _world(draw: Draw) -> World:
    from course.units.q16_birthdays import world

    return world.world(draw("world"))


@lru_cache(maxsize=8)
def _members(draw: Draw, part: str) -> Members:
    from course.units.q16_birthdays import world

    count = {"known": KNOWN, "public": PUBLIC, "private": PRIVATE}[part]
    leapers = LEAPERS if part == "private" else 0
    return world.members(_world(draw), draw(part), count, known=part == "known", leapers=leapers)


UNIT = Birthdays()
