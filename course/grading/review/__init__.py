"""A graded class at a glance: `gather` reads what grading left, `terminal` and `page` show it. Nothing here grades."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from course.problem import Problem

if TYPE_CHECKING:
    from rich.console import Console

    from course.units.base import Unit


def review(unit: Unit, root: Path, *, html: Path | None, as_json: bool, console: Console) -> None:
    """Print where a class stands in `unit`, and write the page of it to `html` (build/report-UNIT.html by default).

    Raises Problem when nothing was graded yet, or the page can't be written there.
    """
    from course.grading.review import gather, page, terminal

    with console.status("reading what was graded"):
        found = gather.gather(unit, root)
    file = html or root / "build" / f"report-{unit.name}.html"
    _write(file, page.page(found), make_folder=html is None)
    if as_json:
        print(json.dumps(gather.plain(found), indent=1, allow_nan=False))
    else:
        terminal.show(found, console)
    console.print(f"The page with pictures: {file}", markup=False, soft_wrap=True)


def _write(file: Path, text: str, *, make_folder: bool) -> None:
    if file.suffix.lower() not in (".html", ".htm"):
        raise Problem(f"{file} is not the name of a page: give --html a file that ends in .html.")
    if make_folder:
        file.parent.mkdir(exist_ok=True)
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Problem(f"The page can't be written to {file} ({error.strerror}); give --html another place.") from None
