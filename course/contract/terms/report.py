"""What a contract asks (`Term`), what was found (`Clause`), and all of it together (`Report`).

Plain data: no numpy, no notebook, no unit. A Report survives a round trip through JSON unchanged.
"""

from __future__ import annotations

import dataclasses
import json
import math
from dataclasses import dataclass, field
from typing import Literal

#: "not measured": too little evidence for any of the others, which is nobody's fault; it is measured again.
Verdict = Literal["kept", "too close to call", "broken", "not measured", "not attempted"]
#: Verdicts that earn a clause's full points. What stays too close to call goes in the learner's favour.
EARNS = ("kept", "too close to call")


@dataclass(frozen=True)
class Term:
    """One promise of a contract, before anything is measured.

    `worth` full points are earned at `budget` or better. With a `floor`, credit falls linearly from the budget
    to 0 points at the floor; without one the term is all or nothing. A value that is published for a private
    hold-out is rounded to `band`, because exact scores on a fixed hold-out can be used as an oracle.
    """

    name: str
    title: str
    unit: str
    budget: float
    better: Literal["lower", "higher"]
    worth: float
    advice: str
    floor: float | None = None
    band: float | None = None
    scale: float = 1.0  # shown value = value * scale (1000 bytes shown as kB, shares as %)
    digits: int = 1
    hidden: bool = False  # measured only on the private hold-out
    production: bool = False  # a cost in production: a reference must stay well inside the budget
    definition: str = ""  # what is counted, over what, pooled or averaged; a formula where one is shorter

    def show(self, value: float) -> str:
        """`value` in the term's unit, as text."""
        return _shown(self, value)

    def keeps(self, value: float) -> bool:
        """True if `value` is within the budget."""
        return value <= self.budget if self.better == "lower" else value >= self.budget

    def credit(self, value: float) -> float:
        """Points between 0 and `worth`, in steps of a tenth, that `value` earns."""
        if math.isnan(value):
            return 0.0
        if self.keeps(value):
            return self.worth
        if self.floor is None:
            return 0.0
        share = (value - self.floor) / (self.budget - self.floor)
        return round(self.worth * min(max(0.0, share), 1.0), 1)


def _shown(about: Term | Clause, value: float) -> str:
    return f"{value * about.scale:,.{about.digits}f} {about.unit}".strip()


@dataclass(frozen=True)
class Measurement:
    """One measured value. `verdict` is given only where comparing with the budget is not enough (latency)."""

    value: float | None
    note: str = ""
    verdict: Verdict | None = None
    aside: str = ""  # the same value in other words, e.g. microseconds on this machine


@dataclass(frozen=True)
class Clause:
    """One term with what was found for it."""

    name: str
    title: str
    unit: str
    value: float | None
    budget: float
    floor: float | None
    better: Literal["lower", "higher"]
    verdict: Verdict
    points: float
    worth: float
    shown: str
    asked: str
    advice: str = ""
    aside: str = ""
    scale: float = 1.0
    digits: int = 1

    def show(self, value: float) -> str:
        """`value` in the clause's unit, as text."""
        return _shown(self, value)

    @property
    def share(self) -> float | None:
        """How much of a budget is used, or how far from floor to target the value is; None if unmeasured.

        1.0 is exactly at the budget. For a budget above 1 is broken; for a target (better="higher") below 1 is.
        """
        if self.value is None:
            return None
        floor = self.floor if self.better == "higher" and self.floor is not None else 0.0
        return (self.value - floor) / (self.budget - floor) if self.budget != floor else None

    @property
    def distance(self) -> str:
        """The share in words."""
        if self.value is None:
            return "not measured"
        if self.share is None:  # nothing at all is allowed
            return "as asked for" if self.verdict in EARNS else "over the budget"
        if self.better == "lower":
            return f"{self.share:.0%} of the budget" if self.share < 2 else f"{self.share:,.1f} times the budget"
        return f"{max(self.share, 0):.0%} of the way to the target" if self.share < 1 else "target reached"


def settle(term: Term, found: Measurement, *, rounded: bool = False) -> Clause:
    """The clause that `found` makes of `term`.

    With `rounded`, a value that the term has a band for is published (and credited) as the worse end of its band, but
    what is kept stays within the budget.
    """
    value, verdict = found.value, found.verdict
    if value is not None and not math.isfinite(value):
        value, verdict = None, verdict or "broken"
    if verdict is None:
        verdict = "not attempted" if value is None else "kept" if term.keeps(value) else "broken"
    about = ""
    if rounded and term.band and value is not None:
        about = "about "
        if term.better == "higher":
            value = round(math.floor(value / term.band + 1e-9) * term.band, 12)
            value = max(value, term.budget) if verdict in EARNS else value
        else:
            value = round(math.ceil(value / term.band - 1e-9) * term.band, 12)
            value = min(value, term.budget) if verdict in EARNS else value
    points = term.worth if verdict in EARNS else 0.0
    if verdict == "broken" and value is not None and not term.keeps(value):
        points = term.credit(value)
    sign = "at most" if term.better == "lower" else "at least"
    return Clause(
        name=term.name,
        title=term.title,
        unit=term.unit,
        value=value,
        budget=term.budget,
        floor=term.floor,
        better=term.better,
        verdict=verdict,
        points=points,
        worth=term.worth,
        shown="—" if value is None else about + term.show(value),
        asked=f"{sign} {term.show(term.budget)}",
        advice=found.note or ("" if verdict in EARNS else term.advice),
        aside=found.aside,
        scale=term.scale,
        digits=term.digits,
    )


@dataclass(frozen=True)
class Landmark:
    """A known model on the picture: its name, quality (a share), bytes, and cost a row in calibration units."""

    name: str
    quality: float
    bytes: float
    cost: float


@dataclass(frozen=True)
class Report:
    """Everything that was found about one submission on one hold-out."""

    unit: str
    holdout: str
    clauses: tuple[Clause, ...]
    landmarks: tuple[Landmark, ...] = ()
    to_come: int = 0  # checks that run only at grading
    facts: dict[str, str] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        """True if the clause of that name was measured."""
        return any(clause.name == name for clause in self.clauses)

    def __getitem__(self, name: str) -> Clause:
        for clause in self.clauses:
            if clause.name == name:
                return clause
        raise KeyError(f"{self.unit} has no clause {name!r}; it has: {', '.join(c.name for c in self.clauses)}")

    @property
    def points(self) -> float:
        """Points earned over all clauses."""
        return round(sum(clause.points for clause in self.clauses), 1)

    @property
    def worth(self) -> float:
        """Points that could be earned."""
        return sum(clause.worth for clause in self.clauses)

    @property
    def kept(self) -> bool:
        """True if every clause earns its full points."""
        return all(clause.verdict in EARNS for clause in self.clauses)

    @property
    def you(self) -> Landmark | None:
        """The learner's model as a point of the picture, if it was measured."""
        values = {clause.name: clause.value for clause in self.clauses}
        quality, size, cost = (values.get(name) for name in ("quality", "size", "latency"))
        if quality is None or size is None or cost is None:
            return None
        return Landmark("you", quality, size, cost)

    def to_json(self) -> str:
        """The report as JSON text (NaN-free: an unmeasured value is null)."""
        return json.dumps(dataclasses.asdict(self), indent=1, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Report:
        """The report that `to_json` wrote. Raises ValueError when the text is no report."""
        try:
            data = json.loads(text)
            data["clauses"] = tuple(Clause(**clause) for clause in data["clauses"])
            data["landmarks"] = tuple(Landmark(**landmark) for landmark in data["landmarks"])
            return cls(**data)
        except (TypeError, KeyError, json.JSONDecodeError) as error:
            raise ValueError(f"this is no report of the course: {error}") from None
