"""Run the test cells: the course's own text, on the files that a submission left. No student's code is near it.

`run` is called by the grader. The module itself is the program, in a sandbox of its own where the machine can make one
within another (see `sandbox.nests`): it reads files that a student made, and knows the private hold-out.
    python -m course.grading.execution.trusted      (hands out a parcel: outputs by cell, and the report)
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import linecache
import os
import shutil
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path

from course import sandbox
from course.grading.submissions import parcel
from course.learning.work import PRIVATE
from course.problem import Problem

REPORT = "report.json"
PARCEL_BYTES = 100_000_000
#: Seconds that the test cells of one submission may take in all.
SECONDS = 900.0


def run(
    cells: Sequence[tuple[str, str]], files: Mapping[str, bytes], holdout: Path, cache: Path
) -> tuple[dict[str, list], dict[str, bytes]]:
    """Outputs of setup and test cells by cell id, run on `files` by name; and the report, if they wrote one.

    Parameters
    ----------
    cells : (id, text) of each.
    holdout : file with the private hold-out. It is made outside, once for all submissions, so no key comes in here.

    Raises Problem where the run itself failed: that is never the submission's fault.
    """
    with sandbox.scratch() as given:
        (given / "files").mkdir()
        for name, content in files.items():
            (given / "files" / name).write_bytes(content)
        (given / "cells.json").write_text(json.dumps(list(cells)), encoding="utf-8")
        within = sandbox.nests()
        environment = {PRIVATE: str(holdout), "COURSE_CACHE": str(cache)}
        try:
            message = sandbox.program(
                [sys.executable, "-P", "-m", "course.grading.execution.trusted"],
                given,
                seconds=SECONDS,
                most_bytes=PARCEL_BYTES,
                read={cache: str(cache), holdout: str(holdout)},
                environment=environment | ({sandbox.INSIDE: "1"} if within else {}),
                within=within,
                isolated=within,
            )
            data, made = parcel.opened(message)
        except (sandbox.Stopped, ValueError) as error:
            raise Problem(f"the test cells did not come to their end: {error}") from None
        return data["outputs"], made


# --- the program --------------------------------------------------------------------------------------------------


def main() -> None:
    """Run the cells in this folder, and hand out what came of them."""
    out = parcel.take_over_output()
    given = Path(os.environ.pop("COURSE_INPUT"))
    shutil.copytree(given / "files", ".", dirs_exist_ok=True)
    names: dict[str, object] = {"__name__": "__main__"}
    outputs = {}
    for cell, source in json.loads((given / "cells.json").read_text(encoding="utf-8")):
        outputs[cell] = execute(source, f"<cell {cell}>", names)
    report = Path(REPORT)
    parcel.send(out, {"outputs": outputs}, {REPORT: report.read_bytes()} if report.is_file() else {})


def execute(source: str, place: str, names: dict[str, object]) -> list[dict]:
    """Run one cell as a notebook does: what it printed, the value of a last expression, or the error that ended it."""
    printed, outputs = io.StringIO(), []
    linecache.cache[place] = (len(source), None, source.splitlines(True), place)
    try:
        tree = ast.parse(source, place)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        with contextlib.redirect_stdout(printed):
            exec(compile(tree, place, "exec"), names)
            value = eval(compile(ast.Expression(last.value), place, "eval"), names) if last else None
        if value is not None:
            data = {"text/plain": repr(value)}
            if hasattr(value, "_repr_html_"):
                data["text/html"] = value._repr_html_()
            outputs.append({"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": None})
    except Exception as error:
        lines = traceback.format_exc().splitlines()
        name, said = type(error).__name__, str(error)
        outputs.append({"output_type": "error", "ename": name, "evalue": said, "traceback": lines})
    if printed.getvalue():
        outputs.insert(0, {"output_type": "stream", "name": "stdout", "text": printed.getvalue()})
    return outputs


if __name__ == "__main__":
    main()
