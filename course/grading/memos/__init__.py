"""Rubric, middling memo and worked memo of a unit side by side, for those who mark. For instructors alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from course.units.base import Unit


def show(units: Sequence[Unit], console: Console, *, html: Path | None, as_json: bool) -> None:
    """Print the memos of units, or write them to a page. Raises Problem where they are missing, or the page's place."""
    from course.contract.show.page import write
    from course.grading.memos import gather, page, terminal

    found = [gather.gather(unit) for unit in units]
    if html:
        write(html, page.page(found))
        console.print(f"The page to print: {html}", markup=False, soft_wrap=True)
    if as_json:
        print(json.dumps([asdict(one) for one in found], indent=1, ensure_ascii=False))
    elif not html:
        for one in found:
            terminal.show(one, console)
