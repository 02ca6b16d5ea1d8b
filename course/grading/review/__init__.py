"""A graded class at a glance: `gather` reads what grading left, `terminal` and `page` show it. Nothing here grades."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from course.units.base import Unit


def review(unit: Unit, root: Path, *, html: Path | None, as_json: bool, console: Console) -> None:
    """Print where a class stands in `unit`, and write the page of it to `html` (build/report-UNIT.html by default).

    Raises Problem when nothing was graded yet, or the page can't be written there.
    """
    from course.contract.show.page import write
    from course.grading.review import gather, page, terminal

    with console.status("reading what was graded"):
        found = gather.gather(unit, root)
    file = html or root / "build" / f"report-{unit.name}.html"
    if html is None:
        file.parent.mkdir(exist_ok=True)
    write(file, page.page(found))
    if as_json:
        print(json.dumps(gather.plain(found), indent=1, allow_nan=False))
    else:
        terminal.show(found, console)
    console.print(f"The page with pictures: {file}", markup=False, soft_wrap=True)
