"""A unit's contract as it is written down: `contract.toml` beside its module, which reads from top to bottom.

    name, title, brief, example
    [about]             story, objectives, builds_on, minutes, data (see `about`)
    [estimates.NAME]    question, unit, low, high, why
    [terms.NAME]        a standard term (see `terms`) with the few numbers that differ, or one of the unit's own

A term of the unit's own has the fields of `Term`; `at_least` or `at_most` is its budget, and `of = "parcels"` makes it
a share, shown in percent of them. A standard term takes what its function takes, and any field of `Term` besides.
"""

from __future__ import annotations

import dataclasses
import inspect
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from course.contract.terms.estimates import Estimate
from course.contract.terms.report import Term
from course.problem import Problem
from course.units.kit import terms
from course.units.kit.about import About, about

FILE = "contract.toml"
_STANDARD = (
    "estimates", "baseline", "interface", "untouched", "size", "latency", "memory", "operators", "throughput", "state",
    "restart",
)  # fmt: skip
_FIELDS = {field.name for field in dataclasses.fields(Term)} - {"name"}


class Contract(NamedTuple):
    """What a unit asks, before anything is measured."""

    name: str
    title: str
    brief: str
    example: str
    estimates: Mapping[str, Estimate]
    terms: tuple[Term, ...]


class ContractProblem(Problem):
    """A contract that can't be read; the message says where."""


def beside(module: str) -> Contract:
    """The contract that lies beside a module's `__file__`. Raises ContractProblem."""
    return _read(Path(module).with_name(FILE))


def about_beside(module: str) -> About | None:
    """What the contract beside a module's `__file__` says of the unit, None if nothing. Raises ContractProblem."""
    file = Path(module).parent / FILE
    if not module or not file.is_file():  # a unit may state its contract in Python
        return None
    try:
        said = _said(file).get("about")
        return None if said is None else about(said)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ContractProblem(f"{file} can't be read as a contract: {error}.") from None


def _said(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


@cache
def _read(file: Path) -> Contract:
    try:
        said = _said(file)
        estimates = {name: Estimate(**values) for name, values in said["estimates"].items()}
        made = tuple(_term(name, dict(values), len(estimates)) for name, values in said["terms"].items())
        return Contract(said["name"], said["title"], said["brief"], said.get("example", ""), estimates, made)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ContractProblem(f"{file} can't be read as a contract: {error}.") from None


def _term(name: str, said: dict[str, Any], estimates: int) -> Term:
    for key, better in (("at_least", "higher"), ("at_most", "lower")):
        if key in said:
            said |= {"budget": said.pop(key), "better": better}
    if name not in _STANDARD:
        if "of" in said:
            said = {"unit": f"% of {said.pop('of')}", "scale": 100, **said}
        return Term(name, **said)
    if name == "estimates":
        said["count"] = estimates
    function = getattr(terms, name)
    takes = set(inspect.signature(function).parameters) & said.keys()
    more = {key: value for key, value in said.items() if key not in takes}
    if unknown := more.keys() - _FIELDS:
        raise TypeError(f"{name} takes no {', '.join(sorted(unknown))}")
    return dataclasses.replace(function(**{key: said[key] for key in takes}), **more)
