"""Asking a policy and its models: what comes back is checked, and asked for only once."""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from course.contract.artifacts import models
from course.contract.artifacts.gate import ModelSpec, Tensor
from course.contract.artifacts.modules import Ship
from course.contract.cost import canary
from course.contract.cost.latency import WAIT_S
from course.contract.processes import expect
from course.contract.processes.calls import CallError, Shipped, mismatch, shown
from course.contract.processes.runner import predict
from course.contract.terms.holdout import Holdout
from course.units.f11_scale_inference import fleet

INPUTS, OUTPUTS = {"pixels": Tensor("float32", (None, 196))}, {"probabilities": Tensor("float32", (None, 10))}
SMALL = ModelSpec(INPUTS, OUTPUTS, file="small.onnx")
LARGE = ModelSpec(INPUTS, OUTPUTS, file="large.onnx")
#: Most workers in an hour, and bytes of a key; least and most of each other setting of a plan.
MOST_WORKERS, MOST_KEY = 64, 256
SETTINGS = {
    "small_batch": (1, fleet.SIZES[-1]),
    "small_wait_ms": (0, 5_000),
    "large_batch": (1, fleet.SIZES[-1]),
    "large_wait_ms": (0, 5_000),
    "cache_entries": (0, 1_000_000),
}
#: Sizes of the batches in which crops are read: a model must not be another one where it is timed.
BATCHES = (*fleet.SIZES, *fleet.SIZES[-1:] * 3)
#: Crops that costs are measured on.
TIMED = 4_096
#: What was asked last, by what it depends on: several clauses ask the same.
_KEPT: OrderedDict[str, Any] = OrderedDict()
MOST_KEPT = 32


@dataclass(frozen=True)
class Answers:
    """What the cascade says about some crops: the digit, and whether the large model was asked."""

    digit: np.ndarray
    escalated: np.ndarray


def kept(what: str, on: Iterable[bytes], make: Callable[[], Any]) -> Any:
    """What `make` gives, made once for `what` on these bytes."""
    digest = hashlib.sha256(what.encode())
    for part in on:
        digest.update(len(part).to_bytes(8, "big") + part)
    name = digest.hexdigest()
    if name not in _KEPT:
        _KEPT[name] = make()
        while len(_KEPT) > MOST_KEPT:
            _KEPT.popitem(last=False)
    return _KEPT[name]


def _files(ship: Ship) -> list[bytes]:
    return [ship.module.content, *(ship.module.beside.get(spec.file, b"") for spec in (SMALL, LARGE))]


def answers(ship: Ship, crops: np.ndarray) -> Answers:
    """The cascade on crops, uint8 (n, 196). Raises CallError, Refused, RunnerError."""
    return kept("answers", [*_files(ship), crops.tobytes()], lambda: _answers(ship, crops))


def _answers(ship: Ship, crops: np.ndarray) -> Answers:
    pixels = crops.astype(np.float32)
    first = probabilities(ship, SMALL, pixels)
    with ship.open() as shipped:
        flags = escalate(shipped, first)
    digit = first.argmax(axis=1)
    if flags.any():
        digit[flags] = probabilities(ship, LARGE, pixels[flags]).argmax(axis=1)
    return Answers(digit, flags)


def probabilities(ship: Ship, spec: ModelSpec, pixels: np.ndarray) -> np.ndarray:
    """What a model says, float32 (n, 10), in batches of all sizes that are timed.

    Raises Refused, RunnerError, CallError for what is not as it should be.
    """
    model, ends = ship.model(spec), np.cumsum(np.resize(BATCHES, len(pixels)))
    parts = np.split(pixels, ends[ends < len(pixels)])
    said = predict(model.content, [{"pixels": part} for part in parts])
    for arrays, part in zip(said, parts, strict=True):
        if problem := models.flaw(arrays, spec, len(part)):
            raise CallError(f"{spec.file}: {problem}")
    return np.concatenate([arrays[0] for arrays in said])


def escalate(shipped: Shipped, some: np.ndarray) -> np.ndarray:
    """Which of these crops go to the large model, bool (n,). Raises CallError."""
    said = expect.sequence(shipped.call("escalate", some), len(some), "escalate", ["..."])
    if not all(isinstance(flag, bool) for flag in said):
        other = next(flag for flag in said if not isinstance(flag, bool))
        raise CallError(mismatch("escalate", ["..."], other, "True or False for each row"))
    return np.array(said, bool)


def cache_keys(ship: Ship, crops: np.ndarray) -> list[bytes | None]:
    """The key of each crop. Raises CallError."""

    def ask() -> list[bytes | None]:
        with ship.open() as shipped:
            return keys_of(shipped, crops)

    return kept("keys", [ship.module.content, crops.tobytes()], ask)


def keys_of(shipped: Shipped, crops: np.ndarray) -> list[bytes | None]:
    """The key of each crop, from a process that runs. Raises CallError."""
    said = expect.sequence(shipped.call("cache_keys", crops), len(crops), "cache_keys", ["..."])
    for key in said:
        if key is not None and (type(key) is not bytes or len(key) > MOST_KEY):
            expected = f"bytes, at most {MOST_KEY}, or None for each crop"
            raise CallError(mismatch("cache_keys", ["..."], key, expected))
    return said


def plan(ship: Ship, forecast: Sequence[float], costs: dict) -> dict[str, Any]:
    """The plan for a day. Raises CallError."""

    def ask() -> dict[str, Any]:
        with ship.open() as shipped:
            return plan_of(shipped, forecast, costs)

    return kept("plan", [ship.module.content, repr((list(forecast), costs)).encode()], ask)


def plan_of(shipped: Shipped, forecast: Sequence[float], costs: dict) -> dict[str, Any]:
    """The plan for a day, from a process that runs. Raises CallError."""
    args = ([float(rate) for rate in forecast], costs)
    said = expect.instance(shipped.call("plan", *args), dict, "plan", ["..."])
    missing = [name for name in ("workers", *SETTINGS) if name not in said]
    if missing:
        raise CallError(mismatch("plan", ["..."], list(said), f"a dict with {missing[0]!r}"))
    made: dict[str, Any] = {}
    for name, (low, high) in SETTINGS.items():
        value = expect.number(said[name], f"plan(...)[{name!r}]; plan", ["..."], low, high)
        if not name.endswith("_ms") and value != int(value):
            raise CallError(f"`plan` returned {shown(said[name])} as {name!r}; it must be a whole number.")
        made[name] = value if name.endswith("_ms") else int(value)
    workers = expect.sequence(said["workers"], len(args[0]), "plan", ["..."])
    for value in workers:
        if type(value) is not int or not 1 <= value <= MOST_WORKERS:
            raise CallError(
                f"`plan` returned {shown(value)} as the workers of an hour; each must be a whole number from 1 to "
                f"{MOST_WORKERS}."
            )
    return made | {"workers": workers}


def costs(ship: Ship, holdout: Holdout, times: int = 1) -> tuple[dict, str]:
    """Measured costs of both models, the least of so many times; and why the machine was not fair, else empty."""
    return kept(f"costs {times} {holdout.seed}", _files(ship)[1:], lambda: _costs(ship, holdout, times))


def _costs(ship: Ship, holdout: Holdout, times: int) -> tuple[dict, str]:
    known, unfair = costs(ship, holdout, times - 1) if times > 1 else ({}, "")
    if unfair:
        time.sleep(WAIT_S)
    before = canary.look()
    pixels = holdout.truth["hours"][-1].pixels[:TIMED]
    both = [ship.model(spec).content for spec in (SMALL, LARGE)]
    found = fleet.costs(*both, pixels, seed=holdout.seed + times)
    if known:
        found = {step: {n: min(ms, known[step][n]) for n, ms in some.items()} for step, some in found.items()}
    return found, canary.unfair(before, canary.look())
