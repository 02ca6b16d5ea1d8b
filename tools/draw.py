"""Draw the README's picture from what `course bench shrink --json` recorded: f01's models and its budget."""

from __future__ import annotations

import json
from pathlib import Path

from course import units
from course.contract.report import Landmark, Measurement, Report, settle
from course.contract.show.picture import picture

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


if __name__ == "__main__":
    png, words = draw()
    (ROOT / "handbook" / "shrink.png").write_bytes(png)
    print(words)
