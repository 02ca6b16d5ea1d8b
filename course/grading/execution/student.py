"""Run a student's cells: cells and files in, outputs and files out. Nothing of grading is near it.

`run` is called by the grader. The module itself is the program inside the sandbox:
    python -m course.grading.execution.student SECONDS NAME...
    (hands out a parcel: outputs, and the files of these names)
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat

from course import sandbox
from course.contract.terms.holdout import PUBLIC_FILE
from course.grading.submissions import parcel, pictures
from course.grading.submissions.remarks import KEY

#: Bytes of output that are kept of one cell and of a notebook; the rest is dropped with a note.
CELL_BYTES = 500_000
NOTEBOOK_BYTES = 8_000_000
#: What an output counts for at least, and how many of a notebook are kept.
OUTPUT_BYTES, MOST_OUTPUTS = 500, 4_000
#: Bytes of one file, and of all that comes back.
FILE_BYTES, PARCEL_BYTES = 50_000_000, 200_000_000
GRACE = 30.0  # seconds for starting and stopping beyond the notebook's own time


@dataclass
class Run:
    """What came of running cells: outputs by cell id, files by name, and one sentence if it went wrong."""

    outputs: dict[str, list[dict]]
    files: dict[str, bytes]
    note: str = ""


def is_trusted(cell: nbformat.NotebookNode) -> bool:
    """True for cells whose text is the course's and that are run to grade: test cells and the setup."""
    marks = cell.metadata.get("nbgrader", {})
    if cell.cell_type != "code" or marks.get("solution"):
        return False
    return bool(marks.get("grade")) or (bool(marks.get("locked")) and marks.get("grade_id", "").startswith("setup"))


def part(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """The cells that run in the student's own process: code cells without the test cells, and without stubs.

    A stub that nobody touched would only write over a file that was made elsewhere, and handed in.
    """
    code = (cell for cell in notebook.cells if cell.cell_type == "code" and not _is_stub(cell))
    return [cell for cell in code if not (is_trusted(cell) and cell.metadata.nbgrader.get("grade"))]


def _is_stub(cell: nbformat.NotebookNode) -> bool:
    """True for a solution cell with nothing in it but what the release put there."""
    from nbgrader.utils import compute_checksum  # not at the top: this module is also a program that has no use for it

    marks = cell.metadata.get("nbgrader", {})
    if not marks.get("solution"):
        return False
    return cell.metadata.get(KEY) == "stub" or marks.get("checksum") == compute_checksum(cell)


def run(
    cells: Sequence[tuple[str, str]],
    files: Mapping[str, bytes],
    names: tuple[str, ...],
    *,
    seconds: float,
    public: bytes | None = None,
    cache: Path | None = None,
) -> Run:
    """Run code cells beside files.

    Parameters
    ----------
    cells : (id, text) of each.
    files : what lies there, by path.
    names : files to bring back (a unit's `files`).
    seconds : how long the cells may take in all.
    public : the unit's public data, put where the notebook looks for it.
    cache : folder of public artefacts that may be read.

    Cells that are too slow, or kill their kernel, keep what they had saved. If they have to be ended from outside, what
    was handed in with them is kept.
    """
    with sandbox.scratch() as given:
        work = given / "submission"
        work.mkdir()
        for name, content in files.items() if public is None else {**files, PUBLIC_FILE: public}.items():
            if public is None or not name.startswith(f"{PUBLIC_FILE}/"):
                (work / name).parent.mkdir(parents=True, exist_ok=True)
                (work / name).write_bytes(content)
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text, id=name) for name, text in cells])
        nbformat.write(notebook, given / "notebook.ipynb")
        try:
            message = sandbox.program(
                [sys.executable, "-P", "-m", "course.grading.execution.student", str(seconds), *names],
                given,
                seconds=seconds + GRACE,
                most_bytes=PARCEL_BYTES,
                read={cache: str(cache)} if cache else {},
                environment={"COURSE_CACHE": str(cache)} if cache else {},
            )
        except sandbox.Stopped as stopped:
            return Run({}, _files(work, names), f"The notebook was stopped. {stopped}")
        try:
            data, files = parcel.opened(message, 2 * NOTEBOOK_BYTES)
        except ValueError:
            return Run({}, _files(work, names), "The notebook could not be run to its end, and its outputs were lost.")
        outputs, note = _outputs(data)
        return Run(outputs, _expected(files, names), note)


def _expected(files: dict[str, bytes], names: tuple[str, ...]) -> dict[str, bytes]:
    """Of what came back, the files that were asked for (or short notes on them) and are not too large."""
    notes = {f"{name}.refused": 1000 for name in names}
    most = dict.fromkeys(names, FILE_BYTES) | notes
    return {name: content for name, content in files.items() if len(content) <= most.get(name, -1)}


def _outputs(data: dict) -> tuple[dict[str, list[dict]], str]:
    """Outputs by cell id, and the note. It is the student's word: shown inert, never trusted."""
    try:
        json.dumps(data, ensure_ascii=False).encode()  # half a character could not be written again
        cells, left = {}, MOST_OUTPUTS
        for cell_id, outputs in data["outputs"].items():
            outputs, left = outputs[:left], left - len(outputs[:left])
            trial = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", outputs=nbformat.from_dict(outputs))])
            nbformat.validate(trial)
            shown = [_inert(output) for output in trial.cells[0].outputs]
            # A progress bar leaves an output that shows nothing.
            cells[str(cell_id)] = [one for one in shown if one.output_type != "display_data" or any(one.data.values())]
        return cells, "".join(letter if letter.isprintable() else " " for letter in str(data["note"])[:400])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, nbformat.ValidationError):
        return {}, "The notebook's outputs were damaged and are not shown."


def _inert(output: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """An output that can't do anything when an instructor opens it: text and pictures, no markup, no script."""
    kind = output.output_type
    if kind == "stream":
        return nbformat.v4.new_output(
            "stream", name="stderr" if output.name == "stderr" else "stdout", text=output.text
        )
    if kind == "error":
        return nbformat.v4.new_output(
            "error", ename=output.ename, evalue=output.evalue, traceback=[str(line) for line in output.traceback]
        )
    data = {}
    for mime, content in output.get("data", {}).items():
        if mime == "text/plain":
            data[mime] = str(content)
        elif mime in pictures.TYPES:
            picture = base64.b64decode(str(content))
            if pictures.fits(picture):
                data[mime] = base64.b64encode(picture).decode()
            else:
                data.setdefault("text/plain", "[A picture that is damaged or too large to be shown]")
    return nbformat.v4.new_output("display_data", data=data)


def _files(folder: Path, names: tuple[str, ...]) -> dict[str, bytes]:
    """The files that are graded: ordinary ones of bounded size. What is refused leaves a note in its place."""
    from course.contract.artifacts.gate import too_large

    files = {}
    for name in names:
        path = folder / name
        try:
            found = path.lstat()
        except FileNotFoundError:
            note = folder / f"{name}.refused"
            if note.is_file() and not note.is_symlink() and note.stat().st_size < 1000:
                files[note.name] = note.read_bytes()
            continue
        if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1:
            reason = f"{name} is a link or a special file; hand in the model itself, as an ordinary file."
            files[f"{name}.refused"] = reason.encode()
        elif found.st_size > FILE_BYTES:
            files[f"{name}.refused"] = too_large(name, found.st_size, FILE_BYTES).encode()
        else:
            files[name] = path.read_bytes()
    return files


# --- inside the sandbox -----------------------------------------------------------------------------------------


def main(seconds: float, names: tuple[str, ...]) -> None:
    """Execute the notebook in this folder, cell by cell, within `seconds`; hand out what came of it."""
    import time

    from nbclient import NotebookClient
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    out = parcel.take_over_output()
    given = Path(os.environ.pop("COURSE_INPUT"))
    os.environ.pop("MPLBACKEND", None)  # so that the kernel shows figures, as a kernel does
    shutil.copytree(given / "submission", ".", dirs_exist_ok=True)
    _limit(seconds)
    end = time.monotonic() + seconds
    notebook = nbformat.read(given / "notebook.ipynb", as_version=4)
    used: dict[int, int] = {}

    class Client(NotebookClient):
        def process_message(self, msg, cell, cell_index):
            if msg["msg_type"] in ("stream", "display_data", "execute_result", "error", "update_display_data"):
                size = sum(len(json.dumps(part)) for part in msg["content"].values() if part)
                if msg["msg_type"] != "stream":  # streams are put together
                    size = max(size, OUTPUT_BYTES)
                used[cell_index] = used.get(cell_index, 0) + size
                if used[cell_index] > CELL_BYTES or sum(used.values()) > NOTEBOOK_BYTES:
                    dropped = "\n[The rest of this cell's output was dropped: it was too long.]\n"
                    last = cell.outputs[-1] if cell.outputs else None
                    if not last or dropped not in str(last.get("text", "")):
                        cell.outputs.append(nbformat.v4.new_output("stream", name="stdout", text=dropped))
                    return None
            return super().process_message(msg, cell, cell_index)

    with tempfile.TemporaryDirectory(prefix="k") as private:
        from jupyter_client.manager import AsyncKernelManager

        manager = AsyncKernelManager(
            kernel_name="python3", transport="ipc", ip=f"{private}/k", connection_file=f"{private}/k.json"
        )
        manager.kernel_spec.argv.insert(1, "-P")  # an ipykernel_launcher.py of the submission is not what starts
        client = Client(
            notebook, km=manager, allow_errors=True, shutdown_kernel="immediate", interrupt_on_timeout=False
        )
        note = ""
        with client.setup_kernel():
            for index, cell in enumerate(notebook.cells):
                if cell.cell_type != "code":
                    continue
                client.timeout = max(int(end - time.monotonic()), 1)
                try:
                    client.execute_cell(cell, index)
                except CellTimeoutError:
                    note = f"The notebook was stopped in this cell: it did not end within {seconds:.0f} s in all."
                except DeadKernelError:
                    note = "The kernel died in this cell; the cells after it were not run."
                if note:
                    cell.outputs.append(nbformat.v4.new_output("error", ename="Stopped", evalue=note, traceback=[note]))
                    break
            outputs = {cell.id: cell.outputs for cell in notebook.cells if cell.cell_type == "code"}
            parcel.send(out, {"outputs": outputs, "note": note}, _files(Path(), names))


def _limit(seconds: float) -> None:
    """Limits that the kernel inherits: processor seconds, memory, file size, no core file."""
    try:
        import resource
    except ImportError:  # Windows
        return
    for what, most in (
        (resource.RLIMIT_CPU, int(seconds * 4)),
        (resource.RLIMIT_AS, 12 * 1024**3),
        (resource.RLIMIT_FSIZE, 400_000_000),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    main(float(sys.argv[1]), tuple(sys.argv[2:]))
