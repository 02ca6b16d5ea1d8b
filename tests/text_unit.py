"""A small unit for tests: what they ship is a text file with numbers, so that a check takes no time."""

from __future__ import annotations

from types import MappingProxyType

from course.contract.terms.estimates import Estimate
from course.contract.terms.holdout import Holdout, Probe
from course.contract.terms.report import Measurement, Term
from course.units.base import Unit

HINTS = tuple(f"Hint the {number}." for number in ("first", "second", "third"))


class TextUnit(Unit):
    """Ships text.txt: quality, state and a check of the interface, a number a line; base.txt is its baseline."""

    name = "f90-text"
    title = "A text"
    brief = "Write numbers into a file."
    also = ("base.txt",)
    estimates = MappingProxyType({"answer": Estimate("What is the answer?", "apples", 41, 43, "6 x 7 = 42")})
    hints = dict.fromkeys(("estimates", "baseline", "artifact"), HINTS)
    terms = (
        Term("estimates", "Estimates in range", "of 1", 1, "higher", 10, "Work it out again.", floor=0, digits=0),
        Term("baseline", "Baseline's accuracy", "%", 0.5, "higher", 4, "Guess less.", scale=100),
        Term("interface", "Serves", "of 1 checks", 1, "higher", 6, "Called f(2), got 5, expected 4.", digits=0),
        Term("quality", "Accuracy", "%", 0.9, "higher", 30, "Look at the rows.", floor=0.5, scale=100),
        Term("state", "Bytes of its state", "kB", 1000, "lower", 20, "Keep less.", scale=1e-3, production=True),
        Term("slice", "Accuracy of the worst", "%", 0.8, "higher", 10, "One is worse.", hidden=True),
    )

    measured = 0  # how often something was measured, over all such units

    @property
    def artifact(self):
        return "text.txt"

    def public_data(self, key):
        return {}

    def public_holdout(self, data):
        return Holdout("public", {}, {}, Probe({}))

    def private_holdout(self, key):
        return Holdout("private", {}, {}, Probe({}))

    def examine(self, folder, holdout, wanted, tell):
        TextUnit.measured += bool(wanted)
        tell("measuring, 1 of 2")
        found = {}
        if "baseline" in wanted:
            found["baseline"] = self._number(folder / "base.txt", 0)
        for row, name in enumerate(("quality", "state", "interface")):
            if name in wanted:
                found[name] = self._number(folder / "text.txt", row)
        return found

    def _number(self, file, row):
        try:
            return Measurement(float(file.read_text().split()[row]))
        except FileNotFoundError:
            return Measurement(None, f"There is no {file.name} yet: write it.")
        except (ValueError, IndexError):
            return Measurement(None, f"{file.name} has no number in line {row + 1}.", "broken")


def named(name="f90-text", title="A text"):
    """A unit of another name."""
    return type("TextUnit", (TextUnit,), {"name": name, "title": title, "__module__": __name__})()


GOOD, POOR, FAT = "0.95 500 1", "0.7 500 1", "0.95 3000 1"
