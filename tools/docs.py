"""What README doesn't say by hand: f01's picture, as `course bench shrink --json` recorded it, and the units."""

from __future__ import annotations

import json
import re
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


def table() -> str:
    """The units, in Markdown."""
    found = [units.load(name) for name in units.names()]
    rows = [f"| {unit.name} | *{unit.brief}* | `{unit.artifact}` |" for unit in found]
    return "\n".join(["| Unit | The question | You ship |", "| --- | --- | --- |", *rows])


def readme(text: str, words: str) -> str:
    """README with the picture's words and the table made anew. Raises ValueError if it has lost their places."""
    text, pictures = re.subn(r"!\[[^\]]*\]\(handbook/shrink\.png\)", lambda _: f"![{words}](handbook/shrink.png)", text)
    text, tables = re.subn(r"\| Unit \|.*\n(?:\|.*\n)*", lambda _: table() + "\n", text)
    if (pictures, tables) != (1, 1):
        raise ValueError("README has lost the place of its picture or of its table of units")
    return text


if __name__ == "__main__":
    png, words = draw()
    (ROOT / "handbook" / "shrink.png").write_bytes(png)
    file = ROOT / "README.md"
    file.write_text(readme(file.read_text(encoding="utf-8"), words), encoding="utf-8")
