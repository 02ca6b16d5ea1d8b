"""The figures on the page *How latency is judged*: everything between two marks is made from records."""

from __future__ import annotations

import json
from collections.abc import Sequence

from course.benchmarks import verdicts
from course.benchmarks.latency import picture, sheets
from course.benchmarks.latency.study import Record

START, END = "<!-- made by python -m course.benchmarks.latency -->", "<!-- end of what is made -->"


def made(text: str, records: Sequence[Record]) -> tuple[str, bytes]:
    """The page's text with its figures made anew, and the picture as PNG. Raises ValueError if a mark is missing."""
    before, start, rest = text.partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        raise ValueError("the page has lost the marks between which its figures stand")
    png, alt = picture.draw(records)
    return f"{before}{START}\n{figures(records, alt)}\n{END}{after}", png


def figures(records: Sequence[Record], alt: str) -> str:
    """The part of the page that is made."""
    kept = json.loads(verdicts.KEPT.read_text(encoding="utf-8"))
    parts = [
        "\n".join(f"- {sentence}" for sentence in (*sheets.in_short(records), *verdicts.in_short(kept))),
        f"![{alt}](latency.png)",
        *(
            f"**{sheet.title}**\n\n{sheet.markdown()}"
            for sheet in (
                sheets.beside(records),
                sheets.by_load(records),
                sheets.by_model(records),
                verdicts.sheet(kept),
            )
        ),
    ]
    return "\n" + "\n\n".join(parts) + "\n"
