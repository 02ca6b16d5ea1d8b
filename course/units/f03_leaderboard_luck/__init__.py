"""f03: luck on a leaderboard. Thousands of submissions, one hold-out: the winner won by chance, or by asking."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from course.contract.artifacts.modules import ModuleSpec, Ship, clauses
from course.contract.cost.throughput import throughput
from course.contract.processes import expect
from course.contract.processes.calls import CallError, Module, Remote, Shipped
from course.contract.terms.estimates import Estimate
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import EARNS, Measurement, Term
from course.key import Key
from course.units.base import ModuleUnit

if TYPE_CHECKING:
    import numpy as np

    from course.units.f03_leaderboard_luck.world import Season

#: Seasons of a hold-out, and submissions of the attacks.
SEASONS = {"public": 3, "private": 4}
BOOSTING, CLIMBING, FLOOD = 2000, 2500, 1000
#: Share of ones where they are rare; accuracies of what a climb starts from and of two models that arrive late.
RARE, START, LATE = (0.08, 0.14), 0.57, (0.72, 0.80)
#: Submissions in one exchange.
BLOCK = 25
#: Rows of the small hold-out on which the contract is tried out.
SMALL = 900
#: Rows of the hold-out on which a board is timed, submissions of one exchange, those that it has seen before.
TIMED_ROWS, TIMED, BEFORE = 100_000, 40, 300
#: Accuracies of models that are sent to a board of that size first, and how far from the last one its top may be.
STEPS, STEP_ERROR = (0.55, 0.7, 0.85), 0.15
#: How an exception of the learner's code is told.
REJECTED = "failed: ValueError"

YARDSTICK = Module(
    "yardstick.py",
    b"class Leaderboard:\n"
    b"    def __init__(self, labels, seed):\n"
    b"        self.labels = labels\n"
    b"    def submit(self, predictions):\n"
    b"        return (predictions == self.labels).mean()\n",
    {},
)


class LeaderboardLuck(ModuleUnit):
    """Predictions in, the score to show out; attacked and used honestly, restarted, timed."""

    name = "f03-leaderboard-luck"
    title = "Luck on the leaderboard"
    brief = "We run a model competition. Build the leaderboard."
    module = ModuleSpec("leaderboard.py", {"Leaderboard": "class Leaderboard"})
    also = ("baseline.py",)

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
        Term(
            "estimates", "Estimates in range", "of 5", 5, "higher", 10, "Work the estimates out again.",
            floor=0, digits=0,
        ),
        Term(
            "baseline", "Baseline's error", "points", 0.36, "lower", 4,
            "A board that shows every exact score is closer to the truth; look at what yours returns.",
            band=0.02, scale=100,
        ),
        Term(
            "interface", "Serves as the contract says", "of 6 checks", 6, "higher", 6,
            "Read what `Leaderboard` must do again.", floor=0, digits=0,
        ),
        Term(
            "quality", "Error of the top of the board", "points", 0.025, "lower", 20,
            "Count how much each score that you show tells about the labels.",
            floor=0.10, band=0.005, scale=100,
        ),
        Term(
            "gains", "Real steps that were seen", "% of steps", 0.80, "higher", 10,
            "A model that is really better must rise at once: compare it with the leader row by row.",
            floor=0.30, band=0.05, scale=100, digits=0,
        ),
        Term(
            "state", "Bytes of the state", "bytes", 1000, "lower", 8,
            "What must a board remember of the leader to compare the next one with it? A bit a row is enough.",
            digits=0, production=True,
        ),
        Term(
            "restart", "Same scores after a restart", "% of scores", 1.0, "higher", 6,
            "Put everything that later scores depend on into the state.", scale=100, digits=0,
        ),
        Term(
            "throughput", "Cost of one submission", "x computing an accuracy", 30.0, "lower", 6,
            "Count passes over the rows for one submission; the past must not be among them.", digits=1,
            production=True,
        ),
        Term(
            "climbing", "Error after a climb", "points", 0.03, "lower", 4,
            "Somebody changed what did best a little, thousands of times. How likely must a lead by chance be, before "
            "your board believes in it?", floor=0.06, band=0.005, scale=100, hidden=True,
        ),
        Term(
            "rare", "Error after probes, rare ones", "points", 0.03, "lower", 3,
            "Somebody flipped one row at a time, on a hold-out with few ones. What does your board show for that?",
            floor=0.08, band=0.005, scale=100, hidden=True,
        ),
        Term(
            "late", "Error for a late strong model", "points", 0.04, "lower", 3,
            "Good models came after thousands of bad ones. Does your board still listen?",
            floor=0.10, band=0.005, scale=100, hidden=True,
        ),
    )  # fmt: skip

    hints: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "estimates": (
            "A score is a mean of 2,500 coin flips. What is the standard deviation of one flip, and of the mean?",
            "`scipy.stats.norm.ppf(1 - 1/k)` is close to the largest of k normal draws; sqrt(2 ln k) is a bound.",
            "For the vote: by how much does one kept vector lean to the right answer in a row (twice its excess over "
            "one half)? Add 2,500 of them, divide by the standard deviation of their sum, and ask `norm.cdf`.",
            "For the gain: the rows in which both versions are right or both wrong cancel. Only 6 % of rows vary.",
        ),
        "baseline": (
            "One line of arithmetic in `submit`: the share of rows in which predictions and labels agree.",
            "`baseline.py` needs the same class as `leaderboard.py`: `Leaderboard(labels, seed)` with `submit`.",
            "Keep the labels in `__init__`, and let `submit` return an ordinary number: "
            "`float((predictions == self.labels).mean())`.",
        ),
        "artifact": (
            "An attack lives on differences between shown scores. Which submissions need to be shown a score of their "
            "own?",
            "Blum and Hardt's Ladder shows everybody the leader's score until somebody is better by more than chance. "
            "What is chance, for the best of thousands? You computed it in the estimates.",
            "Compare a newcomer with the leader in the rows in which they differ: if it wins g of them and loses l, "
            "then g - l has a standard deviation of about sqrt(g + l).",
            "The state is what `submit` reads next time: the leader's score, and in which rows it was right "
            "(`np.packbits`). If you draw noise, also how much of it was drawn.",
        ),
    }

    def public_data(self, key: Key) -> dict[str, np.ndarray]:
        """`labels` (seasons, rows), `submissions` (seasons, submissions, rows): uint8; `truth` of each; `steps`."""
        import numpy as np

        made = self._seasons(key, "public")
        seed = key.rng(self.name, "public attacks").integers(2**31)
        return {field: np.stack([getattr(one, field) for one in made]) for field in FIELDS} | {"seed": np.array(seed)}

    def _seasons(self, key: Key, which: str) -> list[Season]:
        from course.units.f03_leaderboard_luck import world

        size = world.size(key.rng(self.name, f"{which} size"))
        draws = key.rng(self.name, f"{which} seasons")
        return [world.season(draws, *size) for _ in range(SEASONS[which])]

    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """Three seasons, and the seed of the attacks on them."""
        from course.units.f03_leaderboard_luck.world import Season

        made = [Season(*fields) for fields in zip(*(data[field] for field in FIELDS), strict=True)]
        return Holdout("public", truth={"seasons": made}, seed=int(data["seed"]))

    def private_holdout(self, key: Key) -> Holdout:
        """Four other seasons with other rows, other competitors; and a hold-out on which ones are rare."""
        from course.units.f03_leaderboard_luck import world

        made = self._seasons(key, "private")
        draws = key.rng(self.name, "private rare")
        ones = float(draws.uniform(*RARE))
        rare = world.labels(draws, len(made[0].labels), ones)
        seed = int(key.rng(self.name, "private attacks").integers(2**31))
        return Holdout("private", truth={"seasons": made, "rare": rare, "ones": ones}, seed=seed)

    @clauses("quality", "gains")
    def play(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Each season twice: as it was, and as the boosting attack would have it."""
        import numpy as np

        from course.units.f03_leaderboard_luck import attacks, world

        honest, attacked, seen = [], [], []
        with ship.open() as shipped:
            for number, season in enumerate(holdout.truth["seasons"]):
                rng = np.random.default_rng([holdout.seed, number])
                shown = ask(board(shipped, season.labels, rng))(season.submissions)
                honest.append(np.abs(np.maximum.accumulate(shown) - season.best).mean())
                seen.append(world.seen(season, shown))
                shown = attacks.boosting(
                    ask(board(shipped, season.labels, rng)), len(season.labels), rng, submissions=BOOSTING
                )
                attacked.append(abs(shown.max() - 0.5))
        errors = {"under attack": float(np.mean(attacked)), "in honest play": float(np.mean(honest))}
        worse, term = max(errors, key=errors.__getitem__), self.term("quality")
        public = holdout.name == "public"
        aside = ", ".join(f"{error * 100:.1f} {when}" for when, error in errors.items()) if public else ""
        note = "" if term.keeps(errors[worse]) else f"It is worse {worse}. {term.advice}"
        return {
            "quality": Measurement(errors[worse], note, aside=aside),
            "gains": Measurement(float(np.concatenate(seen).mean())),
        }

    @clauses("interface")
    def serve(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Six promises of the contract, each tried by itself on a small hold-out."""
        import numpy as np

        from course.units.f03_leaderboard_luck import world

        rng = np.random.default_rng([holdout.seed, 1000])
        labels = world.labels(rng, SMALL, 0.5)
        sent = [world.model(rng, labels, accuracy) for accuracy in np.linspace(0.6, 0.9, 12)]
        first, exact = sent[0], float((sent[0] == labels).mean())
        with ship.open() as shipped, ship.open() as other:

            def new(at: Shipped = shipped, given: np.ndarray = labels) -> Remote:
                return at.make("Leaderboard", given, 7)

            def near() -> str:
                low, high = exact - 0.05, exact + 0.05
                expect.number(new().call("submit", first), SUBMIT, [first], low, high)
                return ""

            def kinds() -> str:
                shown = [ask(new())([first.astype(kind)])[0] for kind in ("uint8", "int64", "bool")]
                return "" if len(set(shown)) == 1 else "The same predictions as int64 or bool were shown another score."

            def alone() -> str:
                if not shipped.leaves_alone("Leaderboard", labels, 7) or not new().leaves_alone("submit", first):
                    return "Labels or predictions were changed: they belong to the caller, so work on a copy."
                return ""

            def same() -> str:
                if ask(new())(sent) != ask(new(other))(sent):
                    return "The same submissions were shown other scores in a second process; use the seed."
                return ""

            def rejects() -> str:
                tried = new()
                before = ask(tried)(sent[:6])
                for bad in (first[:-1], np.full(SMALL, 2, np.uint8)):
                    try:
                        tried.call("submit", bad)
                    except CallError as error:
                        if REJECTED in str(error):
                            continue
                        raise
                    return "A submission of another length, or with a 2 in it, was taken; raise ValueError."
                if before + ask(tried)(sent[6:]) != ask(new())(sent):
                    return "After a rejected submission the scores were others than without it."
                return ""

            def comes_back() -> str:
                used = new()
                ask(used)(sent[:6])
                again = shipped.make("Leaderboard.restore", labels, state(used))
                ask(again)(sent[6:])
                return ""

            kept, problems = 0, []
            for check in (near, kinds, alone, same, rejects, comes_back):
                try:
                    problem = check()
                except CallError as error:
                    problem = str(error)
                kept += not problem
                problems += [problem] if problem else []
        return {"interface": Measurement(float(kept), problems[0] if problems else "")}

    @clauses("state", "restart")
    def restart(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Stop in the middle of a season, start again from the state elsewhere, go on; compare with not stopping."""
        import numpy as np

        from course.units.f03_leaderboard_luck import attacks

        season, rng = holdout.truth["seasons"][-1], np.random.default_rng([holdout.seed, 2000])
        half = int(season.steps[2])  # the next submission is a step of real size
        flood = list(attacks.coins(rng, FLOOD, len(season.labels)))
        # Too small a change of the best to take the lead, unless it is forgotten who leads.
        change = max(season.submissions[:half], key=lambda one: (one == season.labels).sum()).copy()
        change[np.flatnonzero(change != season.labels)[:8]] ^= 1
        rest = [*flood[:100], change, *season.submissions[half:]]
        with ship.open() as shipped:
            used = board(shipped, season.labels, rng)
            sizes = []
            for block in (season.submissions[:half], flood):
                ask(used)(block)
                sizes.append(len(state(used)))
            kept = state(used)
            found = {"state": Measurement(float(max(*sizes, len(kept))))}
            on = ask(used)(rest)
        try:
            with ship.open() as shipped:
                after = ask(shipped.make("Leaderboard.restore", season.labels, kept))(rest)
        except CallError as error:
            return found | {"restart": Measurement(None, str(error), "broken")}
        same = float(np.mean(np.array(on) == np.array(after)))
        return found | {"restart": Measurement(same)}

    @clauses("throughput")
    def cost(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """One submission among many, on a board that has seen some; none for a board that shows too little there."""
        import numpy as np

        from course.units.f03_leaderboard_luck import attacks, world

        def fresh(rng: np.random.Generator) -> Sequence[tuple]:
            return [(one,) for one in attacks.coins(rng, TIMED, TIMED_ROWS)]

        def start(shipped: Shipped) -> Remote:
            rng = np.random.default_rng([holdout.seed, 3000])
            (labels,) = attacks.coins(rng, 1, TIMED_ROWS)
            made = shipped.make("Leaderboard", labels, 7)
            for _ in range(BEFORE // TIMED + 1):
                made.map("submit", fresh(rng))
            return made

        with ship.open() as shipped:
            rng = np.random.default_rng([holdout.seed, 4000])
            (labels,) = attacks.coins(rng, 1, TIMED_ROWS)
            shown = ask(shipped.make("Leaderboard", labels, 7))([world.model(rng, labels, known) for known in STEPS])
            if abs(max(shown) - STEPS[-1]) > STEP_ERROR:
                said = f"On {TIMED_ROWS:,} rows it showed {max(shown):.1%} where the best model has {STEPS[-1]:.0%}."
                return {"throughput": Measurement(None, said, "broken")}
        budget = self.term("throughput").budget
        found = throughput(
            ship.module, YARDSTICK, "submit", fresh, budget, seed=holdout.seed, start=start, remembers=True
        )
        note = found.note or ("" if found.verdict in EARNS else self.term("throughput").advice)
        return {
            "throughput": Measurement(
                found.ratio, note, found.verdict, aside=f"{found.us_per_row:.0f} µs a submission on this machine"
            )
        }

    @clauses("climbing", "rare", "late")
    def stress(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Two other attacks, and good models after an attack."""
        import numpy as np

        from course.units.f03_leaderboard_luck import attacks, world

        truth = holdout.truth

        def climbing(shipped: Shipped, rng: np.random.Generator) -> float:
            errors = []
            for season in truth["seasons"][:2]:
                start = world.model(rng, season.labels, START)
                shown = attacks.climbing(ask(board(shipped, season.labels, rng)), start, rng, CLIMBING)
                errors.append(abs(shown.max() - START))
            return float(np.mean(errors))

        def rare(shipped: Shipped, rng: np.random.Generator) -> float:
            start = np.zeros_like(truth["rare"])
            shown = attacks.probing(ask(board(shipped, truth["rare"], rng)), start, rng)
            return abs(float(shown.max()) - (1 - truth["ones"]))

        def late(shipped: Shipped, rng: np.random.Generator) -> float:
            errors = []
            for season in truth["seasons"][:2]:
                asked = ask(board(shipped, season.labels, rng))
                top = attacks.boosting(asked, len(season.labels), rng, FLOOD).max()
                for accuracy in LATE:
                    top = max(top, *asked([world.model(rng, season.labels, accuracy) for _ in range(2)]))
                    errors.append(abs(top - accuracy))
            return float(np.mean(errors))

        found = {}
        for number, (name, game) in enumerate({"climbing": climbing, "rare": rare, "late": late}.items()):
            try:
                with ship.open() as shipped:
                    found[name] = Measurement(game(shipped, np.random.default_rng([holdout.seed, 4000, number])))
            except CallError as error:
                found[name] = Measurement(None, str(error), "broken")
        return found


#: What the public data say of each season.
FIELDS = ("labels", "submissions", "truth", "steps")
SUBMIT = "Leaderboard.submit"


def board(shipped: Shipped, labels: np.ndarray, rng: np.random.Generator) -> Remote:
    """A new board over there."""
    return shipped.make("Leaderboard", labels, int(rng.integers(2**31)))


def ask(remote: Any) -> Callable[[Sequence[np.ndarray]], list[float]]:
    """How an attack submits to a board: some at a time, and every score is checked. Raises CallError."""

    def asked(many: Sequence[np.ndarray]) -> list[float]:
        shown: list[float] = []
        for at in range(0, len(many), BLOCK):
            block = many[at : at + BLOCK]
            given = remote.map("submit", [(one,) for one in block])
            shown += [expect.number(v, SUBMIT, [one], 0, 1) for v, one in zip(given, block, strict=True)]
        return shown

    return asked


def state(remote: Remote) -> bytes:
    """The state of a board. Raises CallError."""
    return expect.instance(remote.call("state"), bytes, "Leaderboard.state")


UNIT = LeaderboardLuck()
