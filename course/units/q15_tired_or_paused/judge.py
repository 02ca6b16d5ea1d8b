"""Nights put to a module, and what its chances and actions are worth."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from course.contract.artifacts.modules import Ship
from course.contract.processes import plain
from course.contract.processes.calls import CallError, Remote, mismatch
from course.units.kit.replay import Replay
from course.units.q15_tired_or_paused.world import ACTIONS, NOTHING, RARE, Night

#: Of a night's pairs, how many may be sent something; bins of a calibration; where logarithms end.
QUOTA, BINS, CLIP = 1 / 3, 10, 1e-3
#: Nights that are asked again without what is told later; runs that were timed and are played again.
AGAIN, ONCE_MORE = 4, 6


@dataclass(frozen=True)
class Answered:
    """A night with what a module said: chances to return (n,), actions (n,)."""

    of: Night
    chance: np.ndarray
    action: np.ndarray


def answered(remote: Remote, night: Night) -> Answered:
    """Ask about one night. Raises CallError."""
    size = len(night)
    value = remote.call("predict", night.history, night.now)
    chance = _numbers(value, "predict", size, "fi", f"an array of {size} chances, each from 0 to 1")
    if not np.all((chance >= 0) & (chance <= 1)):
        raise CallError(mismatch("predict", ["history", night.now], value, "chances from 0 to 1"))
    value = remote.call("act", night.history, night.now)
    words = f"an array of {size} whole numbers, each 0, 1 or 2"
    action = _numbers(value, "act", size, "iu", words)
    if not np.isin(action, range(len(ACTIONS))).all():
        raise CallError(mismatch("act", ["history", night.now], value, words))
    return Answered(night, chance.astype(float), action.astype(int))


def _numbers(value: object, name: str, size: int, kinds: str, words: str) -> np.ndarray:
    if isinstance(value, list | tuple) and all(type(one) in (int, float) for one in value):
        value = np.array(value, dtype=None if value else ("i8" if kinds == "iu" else "f8"))
    if not isinstance(value, np.ndarray) or value.shape != (size,) or value.dtype.kind not in kinds:
        raise CallError(mismatch(name, ["history", "now"], value, words))
    return value


def every(ship: Ship, nights: Sequence[Night]) -> list[Answered]:
    """Each night by a process of its own. Raises CallError."""
    found = []
    for night in nights:
        with ship.open() as shipped:
            found.append(answered(shipped, night))
    return found


def unmoved(ship: Ship, found: Sequence[Answered], seed: int) -> float:
    """Share of pairs whose answers stay the same without what is told later, in some of the nights.

    Raises CallError.
    """
    same = []
    for at in np.random.default_rng([seed, 15]).permutation(len(found))[:AGAIN].tolist():
        with ship.open() as shipped:
            again = answered(shipped, found[at].of.known())
        same.append((np.abs(again.chance - found[at].chance) < 1e-6) & (again.action == found[at].action))
    return float(np.concatenate(same).mean())


@dataclass(frozen=True)
class Rows:
    """Pairs of many nights: what was said, and what is true of them if nothing is done, each with a weight.

    `true` is the chance where it is known; where it is not, whether there was a return, of those who were sent nothing
    in the trial, weighed by one over how likely that was (Horvitz and Thompson, 1952).
    """

    said: np.ndarray
    true: np.ndarray
    weight: np.ndarray
    silent: np.ndarray
    rare: np.ndarray
    exact: bool

    def only(self, keep: np.ndarray) -> Rows:
        """Some of them."""
        parts = (getattr(self, name)[keep] for name in ("said", "true", "weight", "silent", "rare"))
        return Rows(*parts, self.exact)


def rows(found: Sequence[Answered]) -> Rows:
    """All pairs of all nights."""
    silent, gap = (np.concatenate(parts) for parts in zip(*(one.of.silence() for one in found), strict=True))
    said, none = (np.concatenate([get(one) for one in found]) for get in (_said, _none))
    exact = not np.isnan(none).any()
    true = none if exact else np.concatenate([one.of.back for one in found]).astype(float)
    weight = np.ones(len(said))
    if not exact:
        sent = np.concatenate([one.of.action for one in found]) != NOTHING
        weight = np.where(sent, 0, 1 / np.concatenate([one.of.propensity[:, NOTHING] for one in found]))
    every = Rows(said, true, weight, silent, gap >= RARE, exact)
    return every.only(weight > 0)


def _said(one: Answered) -> np.ndarray:
    return one.chance


def _none(one: Answered) -> np.ndarray:
    return one.of.chance[:, NOTHING]


def skill(of: Rows) -> tuple[float, float]:
    """One less the log loss over that of the same chance for all; its standard error where outcomes are chance."""
    said = np.clip(of.said, CLIP, 1 - CLIP)
    loss = -(of.true * np.log(said) + (1 - of.true) * np.log(1 - said))
    mean = float(np.average(of.true, weights=of.weight))
    plain = -(of.true * np.log(mean) + (1 - of.true) * np.log(1 - mean))
    ratio = float((of.weight @ loss) / (of.weight @ plain))
    error = 0.0 if of.exact else float(np.sqrt(np.square(of.weight * (loss - ratio * plain)).sum()))
    return 1 - ratio, error / float(of.weight @ plain)


def calibration(of: Rows, bins: int = BINS) -> float:
    """Root mean square, over bins of equally many pairs by what was said, of what was said less what is true.

    Where outcomes are chance, what chance alone would add is taken off. Equal chances stay in the order given.
    """
    total = 0.0
    for some in np.array_split(np.argsort(of.said, kind="stable"), bins):
        weight = of.weight[some] / of.weight[some].sum()
        off = float(weight @ (of.said[some] - of.true[some]))
        mean = float(weight @ of.true[some])
        chance = 0.0 if of.exact else float(np.square(weight).sum()) * mean * (1 - mean)
        total += off * off - chance
    return float(np.sqrt(max(total / bins, 0.0)))


def gains(night: Night, prices: np.ndarray) -> np.ndarray:
    """€ that each action brings a pair of a night beyond doing nothing, by the true chances: (n, 3)."""
    return prices[0] * (night.chance - night.chance[:, :1]) - np.array([0, *prices[1:]])


def best(nights: Sequence[Night], prices: np.ndarray) -> float:
    """€ a pair that the best actions within the quota would bring, for who knows all chances."""
    total = 0.0
    for night in nights:
        most = np.sort(gains(night, prices).max(axis=1))[::-1]
        total += float(most[: int(QUOTA * len(most))].sum())
    return total / sum(map(len, nights))


def value(found: Sequence[Answered], prices: np.ndarray) -> tuple[float, float]:
    """€ a pair that the actions bring beyond doing nothing, and its standard error where outcomes are chance."""
    cost, parts = np.array([0, *prices[1:]]), []
    for one in found:
        night, at = one.of, np.arange(len(one.of))
        if not np.isnan(night.chance).any():
            parts.append(gains(night, prices)[at, one.action])
            continue
        # What the trial shows: of who was sent the same, less of who was sent nothing, each by how likely that was.
        share = night.propensity
        mine = (night.action == one.action) / share[at, one.action] * (prices[0] * night.back - cost[one.action])
        parts.append(mine - (night.action == NOTHING) / share[:, NOTHING] * prices[0] * night.back)
    each = np.concatenate(parts)
    return float(each.mean()), float(each.std() / np.sqrt(len(each)))


def busiest(found: Sequence[Answered]) -> float:
    """The largest share of a night's pairs that is sent something."""
    return max(float((one.action != NOTHING).mean()) for one in found)


def played(remote: Remote, many: Sequence[tuple[Night]]) -> list:
    """Nights, and what is said about them."""
    found = [answered(remote, night) for (night,) in many]
    return [[one.chance, one.action] for one in found]


def same_again(ship: Ship, timed: Sequence[tuple[Sequence[tuple], list]]) -> None:
    """Some nights that were timed, nobody knows which, get the same answers elsewhere. Raises CallError."""
    chosen = sorted(secrets.SystemRandom().sample(range(len(timed)), min(ONCE_MORE, len(timed))))
    with ship.open() as shipped:
        for many, answers in (timed[at] for at in chosen):
            if plain.dumps(played(shipped, many)) != plain.dumps(answers):
                raise CallError("A night got other answers while it was timed: they must be the same always.")


def replayed(remote: Remote, night: Night, number: int) -> Replay:
    """A night, pair by pair: what was known, said and done, and what the trial did and saw. Raises CallError."""
    found = answered(remote, night)
    silent, gap = night.silence()
    table = [
        (k, int(silent[k]), round(float(gap[k]), 1), round(float(found.chance[k]), 3), ACTIONS[found.action[k]],
         ACTIONS[night.action[k]], bool(night.back[k]))
        for k in range(len(night))
    ]  # fmt: skip
    heads = ("pair", "days silent", "days between plays", "chance said", "your action", "the trial's", "came back")
    sent = float((found.action != NOTHING).mean())
    said = f"You send something to {sent:.0%} of {len(night)} pairs, and expect {found.chance.mean():.0%} to return."
    return Replay(f"Night {number}, after day {night.now}", heads, table, said)
