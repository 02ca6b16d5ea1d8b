"""Rubric, middling memo and worked memo of a unit side by side, for those who mark. For instructors alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from course.problem import Problem

if TYPE_CHECKING:
    from rich.console import Console

    from course.units.base import Unit


def show(units: Sequence[Unit], console: Console, *, html: Path | None, as_json: bool) -> None:
    """Print the memos of units, or write them to a page. Raises Problem where they are missing, or the page's place."""
    from course.grading.memos import gather, page, terminal

    found = [gather.gather(unit) for unit in units]
    if html:
        _write(html, page.page(found))
        console.print(f"The page to print: {html}", markup=False, soft_wrap=True)
    if as_json:
        print(json.dumps([asdict(one) for one in found], indent=1, ensure_ascii=False))
    elif not html:
        for one in found:
            terminal.show(one, console)


def _write(file: Path, text: str) -> None:
    if file.suffix.lower() not in (".html", ".htm"):
        raise Problem(f"{file} is not the name of a page: give --html a file that ends in .html.")
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Problem(f"The page can't be written to {file} ({error.strerror}); give --html another place.") from None
