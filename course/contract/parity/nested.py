"""The estimators inside a fitted estimator: steps, columns' transformers, members, whatever is wrapped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def nested(model: Any) -> list[Any]:
    """The model and all estimators inside it, the outermost first, each once."""
    found: dict[int, Any] = {}
    _look(model, found)
    return list(found.values())


def _look(one: Any, found: dict[int, Any]) -> None:
    if id(one) in found or isinstance(one, type) or not hasattr(one, "get_params"):
        return
    found[id(one)] = one
    for value in vars(one).values():
        for inner in _members(value):
            _look(inner, found)


def _members(value: Any, depth: int = 3) -> Iterator[Any]:
    if hasattr(value, "get_params"):
        yield value
    elif depth and isinstance(value, list | tuple):
        for one in value[:16]:  # members of an ensemble are alike
            yield from _members(one, depth - 1)
    elif depth and isinstance(value, Mapping):
        for one in value.values():
            yield from _members(one, depth - 1)
    elif hasattr(value, "estimator") or hasattr(value, "calibrators"):  # a calibrated member is no estimator itself
        for one in vars(value).values():
            yield from _members(one, depth - 1)
