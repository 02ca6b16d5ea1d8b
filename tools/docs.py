"""What README and handbook don't say by hand: f01's picture, the units, what a learner waits for, what a class costs.

The figures are those that `course bench shrink --json`, `course bench learner --json` and `course bench class --json`
printed into the files that are read here.
"""

from __future__ import annotations

import json
import re
import statistics
import textwrap
from pathlib import Path

from course import units
from course.benchmarks import class_, learner
from course.contract.show.picture import picture
from course.contract.terms.report import Landmark, Measurement, Report, settle

ROOT = Path(__file__).resolve().parents[1]
NAMES = {
    "logistic regression": "baseline",
    "the winner": "winning ensemble",
    "small net (desk rows)": "small net",
    "int8 (desk rows)": "... in int8",
    "distilled (desk rows)": "... distilled",
    "fixed filters": "edge filters, better data",
    "reference": "small net, better data",
}


def draw() -> tuple[bytes, str]:
    """The PNG and its alt text."""
    unit = units.load("f01")
    file = ROOT / "course" / "units" / "f01_shrink_ensemble" / "measured.json"
    records = {record["name"]: record for record in json.loads(file.read_text(encoding="utf-8"))}
    marks = [Landmark(NAMES[n], records[n]["public"], records[n]["bytes"], records[n]["cost"]) for n in NAMES]
    asked = tuple(settle(unit.term(name), Measurement(None)) for name in ("quality", "size", "latency"))
    return picture(Report(unit.name, "public", asked), marks)


def table() -> str:
    """The units, in Markdown."""
    found = [units.load(name) for name in units.names()]
    rows = [f"| {unit.name} | *{unit.brief}* | `{unit.artifact}` |" for unit in found]
    return "\n".join(["| Unit | The question | You ship |", "| --- | --- | --- |", *rows])


def waits() -> str:
    """What a learner waits for, in a paragraph."""
    file = ROOT / "course" / "benchmarks" / "learner.json"
    middle = {name: statistics.median(times) for name, times in json.loads(file.read_text(encoding="utf-8")).items()}
    light = round(middle[learner.YARDSTICK] / middle["course --help"])
    beyond = middle[learner.CHECK] - middle[learner.ARTIFACT]
    return textwrap.fill(
        f"Nobody waits long (medians of `.venv/bin/course bench learner` on two cores): `import course` "
        f"{middle['import course']:.2f} s, `course --help` {middle['course --help']:.2f} s, {light} times less than "
        f"`import sklearn`; `course check f01` {beyond:.1f} s more than the {middle[learner.ARTIFACT]:.1f} s of the "
        f"artifact's own evaluation, and {middle[learner.AGAIN]:.1f} s in all where nothing has changed.",
        138,
    )


def grading(text: str) -> str:
    """handbook/class.md with what a class costs. Raises ValueError if it has lost the place for it."""
    file = ROOT / "course" / "benchmarks" / "class.json"
    made = class_.markdown(json.loads(file.read_text(encoding="utf-8")))
    text, places = re.subn(
        r"(<!-- course bench class -->\n).*(<!-- end -->)",
        lambda at: f"{at[1]}\n{made}\n{at[2]}",
        text,
        flags=re.DOTALL,
    )
    if places != 1:
        raise ValueError("handbook/class.md lost the place of what a class costs")
    return text


def readme(text: str, words: str) -> str:
    """README with its made parts made anew. Raises ValueError if it has lost the place of one."""
    text, pictures = re.subn(r"!\[[^\]]*\]\(handbook/shrink\.png\)", lambda _: f"![{words}](handbook/shrink.png)", text)
    text, tables = re.subn(r"\| Unit \|.*\n(?:\|.*\n)*", lambda _: table() + "\n", text)
    text, waiting = re.subn(r"Nobody waits long(?:.+\n)+", lambda _: waits() + "\n", text)
    if (pictures, tables, waiting) != (1, 1, 1):
        raise ValueError("README lost the place of its picture, of its table of units, or of what a learner waits for")
    return text


if __name__ == "__main__":
    png, words = draw()
    (ROOT / "handbook" / "shrink.png").write_bytes(png)
    file = ROOT / "README.md"
    file.write_text(readme(file.read_text(encoding="utf-8"), words), encoding="utf-8")
    file = ROOT / "handbook" / "class.md"
    file.write_text(grading(file.read_text(encoding="utf-8")), encoding="utf-8")
