"""Small units for tests of the core: a decision function, and an object that keeps a state."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from course.contract.artifacts.modules import ModuleSpec, clauses
from course.contract.cost.throughput import throughput
from course.contract.processes import calls, expect
from course.contract.terms.estimates import Estimate
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import Measurement, Term
from course.units.base import ModuleUnit


def _term(name, worth, budget, better="higher", **more):
    return Term(name, f"The {name}", "", budget, better, worth, f"Look at the {name}.", **more)


class Toy(ModuleUnit):
    """What both share: numbers from the key, one estimate."""

    estimates: ClassVar = {"two": Estimate("What is 1 + 1?", "", 2, 2, "1 + 1 = 2")}
    also = ("baseline.py",)

    def public_data(self, key):
        """Forty numbers."""
        return {"numbers": key.rng(self.name, "public").normal(size=40)}

    def public_holdout(self, data):
        """The same numbers."""
        return Holdout("public", truth={"numbers": data["numbers"]}, seed=1)

    def private_holdout(self, key):
        """Forty others."""
        return Holdout("private", truth={"numbers": key.rng(self.name, "private").normal(size=40)}, seed=2)


class Sign(Toy):
    """Is a number positive?"""

    name = "f98-sign"
    title = "Sign"
    brief = "Tell positive numbers from others."
    module = ModuleSpec("policy.py", {"choose": "choose(number) -> 'up' or 'down'"}, seconds=2)
    terms = (
        _term("estimates", 10, 1, floor=0),
        _term("baseline", 4, 0.3),
        _term("alone", 6, 1),
        _term("quality", 30, 1.0, floor=0.5),
        _term("throughput", 10, 4.0, "lower", digits=2),
        _term("size", 10, 2000, "lower"),
        _term("large", 10, 1.0, hidden=True),
    )

    @clauses("quality")
    def sides(self, ship, holdout):
        """The share of right answers."""
        with ship.open() as shipped:
            numbers = [float(number) for number in holdout.truth["numbers"]]
            given = shipped.map("choose", [(number,) for number in numbers])
        words = [expect.one_of(word, ("up", "down"), "choose", (n,)) for word, n in zip(given, numbers, strict=True)]
        right = [word == ("up" if n > 0 else "down") for word, n in zip(words, numbers, strict=True)]
        return {"quality": Measurement(float(np.mean(right)))}

    @clauses("large")
    def huge(self, ship, holdout):
        """A very large number is one, too."""
        with ship.open() as shipped:
            return {"large": Measurement(float(shipped.call("choose", 1e200) == "up"))}

    @clauses("alone")
    def alone(self, ship, holdout):
        """The arguments stay as they are."""
        with ship.open() as shipped:
            return {"alone": Measurement(float(shipped.leaves_alone("choose", 1.5)))}

    @clauses("throughput")
    def speed(self, ship, holdout):
        """Against a function that does some work."""
        yardstick = calls.Module("yardstick.py", b"def choose(number):\n    return sum(range(300)) and 'up'\n", {})
        found = throughput(
            ship.module, yardstick, "choose", lambda rng: [(x,) for x in rng.normal(size=200).tolist()],
            self.term("throughput").budget, seed=holdout.seed,
        )  # fmt: skip
        return {"throughput": Measurement(found.ratio, found.note, found.verdict)}


class Counter(Toy):
    """Counts, and goes on counting after a restart."""

    name = "f99-counter"
    title = "Counter"
    brief = "Count, and survive a restart."
    module = ModuleSpec("counter.py", {"Counter": "Counter(start)"})
    terms = (
        _term("estimates", 10, 1, floor=0),
        _term("quality", 30, 1.0, floor=0.0),
        _term("state", 20, 16, "lower"),
    )

    @clauses("quality", "state")
    def count(self, ship, holdout):
        """Half of the numbers are added in one process, half in another that got the state of the first."""
        numbers = [float(number) for number in holdout.truth["numbers"]]
        with ship.open() as shipped:
            first = shipped.make("Counter", 0.0)
            first.map("add", [(number,) for number in numbers[:20]])
            state = expect.instance(first.call("state"), bytes, "state")
        with ship.open() as shipped:
            second = shipped.make("Counter", 0.0)
            second.call("restore", state)
            total = expect.number(second.map("add", [(number,) for number in numbers[20:]])[-1], "add")
        return {
            "quality": Measurement(float(abs(total - sum(numbers)) < 1e-9)),
            "state": Measurement(float(len(state))),
        }


SIGN, COUNTER = Sign(), Counter()
GOOD = {
    "policy.py": "def choose(number):\n    return 'up' if number > 0 else 'down'\n",
    "baseline.py": "def choose(number):\n    return 'up'\n",
    "counter.py": """
import struct


class Counter:
    def __init__(self, start):
        self.total = start

    def add(self, number):
        self.total += number
        return self.total

    def state(self):
        return struct.pack("d", self.total)

    def restore(self, state):
        (self.total,) = struct.unpack("d", state)
""",
}


def hand_in(folder, unit, **changed):
    """Write a good submission's files, some of them changed (`policy_py="..."`), and return the folder."""
    from course.contract.terms.estimates import write_estimates

    for name in unit.files:
        text = changed.get(name.replace(".", "_"), GOOD.get(name))
        if text is not None:
            (folder / name).write_text(text, encoding="utf-8")
    write_estimates(unit.estimates, folder, {"two": 2})
    return folder
