"""Standard judges: what a unit asks of a module beside its own question.

@clauses("interface")
def serve(self, ship, holdout):
    return {"interface": judges.promises(ship, [_empty, _twice], holdout.truth["season"])}
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from course.contract.artifacts.modules import Ship, broken, clauses
from course.contract.cost.side import Play
from course.contract.cost.throughput import Check, Fresh, Start, itself, throughput
from course.contract.processes import expect, plain
from course.contract.processes.calls import CallError, Module, Remote, Shipped
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import EARNS, Measurement, Term

#: Called with the ship, a served module and what the unit gives besides; raises CallError where a promise is broken.
Promise = Callable[..., None]
Answers = TypeVar("Answers")


def promises(ship: Ship, checks: Sequence[Promise], *given: Any) -> Measurement:
    """How many promises of a contract are kept, each tried by itself; the note is about the first that is not.

    What fails may have ended the process, so the promises after it get a new one.
    """
    waiting, notes = list(checks), []
    while waiting and len(notes) <= len(checks):  # more: it can't even be opened
        try:
            with ship.open() as shipped:
                while waiting:
                    waiting.pop(0)(ship, shipped, *given)
        except CallError as error:
            notes.append(str(error))
    return Measurement(float(len(checks) - min(len(notes), len(checks))), notes[0] if notes else "")


def single(name: str, judge: Callable[[Ship, Holdout, str], Measurement]) -> Callable:
    """A unit's method that measures one clause by itself: `judge` is called with the ship, the hold-out and its name.

    Where several clauses ask the same of different parts, what fails in one leaves the others alone.
    """

    @clauses(name)
    def judged(unit: Any, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        return {name: judge(ship, holdout, name)}

    return judged


def apart(ship: Ship, jobs: Mapping[str, Callable[[], Measurement]]) -> dict[str, Measurement]:
    """What each clause's job measures; one that fails breaks its own clause, and the others go on."""
    found = {}
    for name, job in jobs.items():
        try:
            found[name] = job()
        except Exception as error:
            found[name] = broken(error, ship)
    return found


def untouched(*asked: tuple[Remote, str, tuple]) -> Measurement:
    """1 if none of these calls (of what, the function's name, its arguments) changes its arguments, else 0."""
    return Measurement(float(all(remote.leaves_alone(name, *args) for remote, name, args in asked)))


def twice(ship: Ship, shipped: Shipped, ask: Callable[[Shipped], Any], what: str) -> None:
    """`ask` must get the same from a second process. Raises CallError."""
    with ship.open() as other:
        if plain.dumps(ask(shipped)) != plain.dumps(ask(other)):
            raise CallError(f"{what} in a second process; it must not.")


def yardstick(file: str) -> Module:
    """The yardstick.py beside a unit's own `__file__`: what a learner's function is compared with."""
    return Module("yardstick.py", Path(file).with_name("yardstick.py").read_bytes(), {})


def cost(
    term: Term,
    ship: Module,
    beside: Module,
    play: str | Play,
    fresh: Fresh,
    holdout: Holdout,
    *,
    what: str,
    start: Start = itself,
    remembers: bool = False,
    check: Check | None = None,
) -> Measurement:
    """What a call of a function (by its name), or a case that is played, costs beside the yardstick: `term`'s verdict.

    `fresh` draws the arguments of one exchange, a tuple for each call, about as much work each time; `what` is one call
    in words ("a batch"). The others are as in `throughput`; `check` judges what is timed. Raises CallError.
    """
    found = throughput(
        ship, beside, play, fresh, term.budget, seed=holdout.seed, start=start, remembers=remembers, check=check
    )  # fmt: skip
    note = found.note or ("" if found.verdict in EARNS else term.advice)
    return Measurement(found.ratio, note, found.verdict, f"{_time(found.us_per_row)} {what} on this machine")


@dataclass
class Watched:
    """How many answers were right while they were timed: at least as many as elsewhere, or timing says nothing."""

    right: float = 0.0
    count: int = 0

    def add(self, right: float, count: int) -> None:
        """So many of so many answers were right."""
        self.right, self.count = self.right + right, self.count + count

    def compare(self, elsewhere: float, off: float = 0.05) -> None:
        """Raise CallError if the share that was right lies more than `off` below the share elsewhere."""
        share = self.right / max(self.count, 1)
        if share < elsewhere - off:
            raise CallError(
                f"While it was timed, {share:.0%} of the answers were right, and elsewhere {elsewhere:.0%}: what is "
                "timed is judged."
            )


def _time(microseconds: float) -> str:
    if microseconds >= 10_000:
        return f"{microseconds / 1000:,.0f} ms"
    return f"{microseconds:,.0f} µs" if microseconds >= 100 else f"{microseconds:,.1f} µs"


@dataclass(frozen=True)
class Stateful:
    """A class of the contract whose objects go on after a restart from what `state()` gave, and from nothing else.

    `args` are what it is made with, and what its class method `restore` takes before the state; a state larger than
    `most` bytes is lost, as it would be where it has to be kept.
    """

    name: str
    args: tuple = ()
    most: int = 2**26

    def make(self, shipped: Shipped) -> Remote:
        """A new object over there. Raises CallError."""
        return shipped.make(self.name, *self.args)

    def restore(self, shipped: Shipped, kept: bytes) -> Remote:
        """An object over there that goes on from a state. Raises CallError."""
        return shipped.make(f"{self.name}.restore", *self.args, kept)

    def state(self, remote: Remote) -> bytes:
        """The state of an object over there. Raises CallError."""
        return expect.instance(remote.call("state"), bytes, f"{self.name}.state")


@dataclass(frozen=True)
class Lived:
    """What came of an object that was restarted between its parts: answers, states, states that were too large."""

    answers: list
    states: list[bytes]
    lost: int

    @property
    def largest(self) -> int:
        """Bytes of the largest state."""
        return max(map(len, self.states), default=0)


def lived(ship: Ship, kind: Stateful, parts: Iterable[Callable[[Remote], Answers]], kept: bytes | None = None) -> Lived:
    """Each part is played by an object in a process of its own, which goes on from the state before. Raises CallError.

    The state is asked for after each part; `kept` is the one to begin with, if there is one. An object of which a state
    was too large begins from nothing.
    """
    answers, states, lost = [], [], 0
    for part in parts:
        with ship.open() as shipped:
            remote = kind.make(shipped) if kept is None else kind.restore(shipped, kept)
            answers.append(part(remote))
            kept = kind.state(remote)
        states.append(kept)
        if len(kept) > kind.most:
            kept, lost = None, lost + 1
    return Lived(answers, states, lost)
