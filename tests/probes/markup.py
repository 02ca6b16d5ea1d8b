"""A person's text is text wherever it is shown. The markers are inert: elements of names that nothing knows, bold type.

A marker is live where it has become an element of the page, or an escape that a terminal would obey. The markers of all
places are in one submission, each with a name of its own.
"""

from __future__ import annotations

import csv
import functools
import io
import json
from html.parser import HTMLParser

import nbformat
from nbconvert.exporters import HTMLExporter
from rich.console import Console

from course import sandbox
from course.contract.show import page, terminal
from course.contract.terms.report import Measurement, Report, settle
from course.grading.classes import rows
from course.grading.execution import student
from course.grading.probes import HELD, Probe
from course.grading.submissions import rebuild as reading
from probes.identity import find

BOLD = "\x1b[1m"


def mark(place):
    """The marker of a place."""
    return f"<x-{place}>probe</x-{place}>"


OUTPUTS = f"""
from IPython.display import HTML, Latex, Markdown, display
for kind in (HTML, Markdown, Latex): display(kind({mark("output")!r}))
for mime in ("image/svg+xml", "application/vnd.jupyter.widget-view+json", "text/x-probe"):
    display({{mime: {mark("output")!r}, "text/plain": "a probe"}}, raw=True)
display({{"text/plain": {mark("output")!r}, "image/png": {mark("output")!r}}}, raw=True)
"""
TEXT = f"""
import sys
# </pre></div></style></textarea>{mark("code")}
for stream in (sys.stdout, sys.stderr):
    print({mark("print")!r}, "</pre>" + {mark("print")!r}, {BOLD!r} + {mark("print")!r}, file=stream)
raise type({mark("error")!r}, (Exception,), {{}})({mark("error")!r})
"""
MEMO = f"""My memo {mark("memo")} <!-- {mark("memo")} [a link](probe:x) <probe:x>
![picture](x" x-memo="1) ![picture](attachment:x.svg)

```{{html}}
{mark("memo")}
```

`{mark("memo")}` &lt;x-memo&gt; \\{mark("memo")} $\\text{{{mark("memo")}}}$
"""
PLACES = ("output", "print", "error", "code", "memo", "attachment", "title", "refusal", "file")


class _Live(HTMLParser):
    """Finds elements and attributes of markers, and links of their kind."""

    def __init__(self):
        super().__init__()
        self.found = set()

    def handle_starttag(self, tag, attrs):
        self.found.add(tag)
        self.found |= {name for name, _ in attrs}


def live(text):
    """Names of all elements and attributes of a page."""
    reader = _Live()
    reader.feed(text)
    return reader.found


def everything(folder, data, place):
    """The submission with all markers."""
    find(data, "build-model")["source"] = OUTPUTS
    find(data, "build-baseline")["source"] = TEXT
    cell = find(data, "memo")
    cell["source"] = MEMO
    cell["attachments"] = {"x.svg": {"image/svg+xml": mark("attachment")}}
    cell["metadata"]["tags"] = data["metadata"]["title"] = mark("title")
    (folder / "model.onnx").unlink()
    (folder / "model.onnx.refused").write_text(mark("refusal"))
    (folder / f"{BOLD}{mark('file')[:8]}.txt").symlink_to("nowhere")


def on_page(scene, where):
    """Is the marker live on the feedback page?"""
    return f"<x-{where}> is an element of the page" if f"x-{where}" in live(scene.page) else HELD


def in_log(scene):
    """Would a terminal obey what the log says of a file?"""
    return "control characters in the log" if f"{BOLD}<x-file" in scene.note else HELD


def shown(bench, where):
    """What is taken from a notebook and its outputs, on a page that shows HTML as it is."""
    data = json.loads(bench.lesson.student.read_text(encoding="utf-8"))
    find(data, "memo")["source"] = MEMO.replace("![picture](attachment:x.svg)", "")
    with sandbox.scratch() as folder:
        file = folder / "notebook.ipynb"
        file.write_text(json.dumps(data), encoding="utf-8")
        notebook, _ = reading.rebuild(bench.released, file)
    display = {"output_type": "display_data", "data": {"text/html": mark("output")}, "metadata": {}}
    outputs, _ = student._outputs({"outputs": {"a": [display]}, "note": ""})
    cell = nbformat.v4.new_code_cell("1", outputs=[nbformat.from_dict(output) for output in outputs["a"]])
    notebook.cells.append(cell)
    text, _ = HTMLExporter().from_notebook_node(notebook)
    return f"<x-{where}> is an element of the page" if f"x-{where}" in live(text) else HELD


def _report(bench):
    """A report that repeats what a submission said of itself."""
    said = mark("report") + BOLD
    clauses = [settle(term, Measurement(1.0, said, "broken")) for term in bench.unit.terms]
    return Report(bench.unit.name, "private", tuple(clauses))


def _row(bench, name):
    return rows.Row(name, 1.0, 2.0, 0.0, _report(bench))


def in_a_report(bench):
    """A clause's sentence on the report's page."""
    return "a sentence is markup" if "x-report" in live(page.page(_report(bench))) else HELD


def in_a_terminal(bench):
    """A report and the table of a class in a terminal that knows colours."""
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=300)
    console.print(rows.table(bench.unit, [_row(bench, "[red]zoe[/red]"), _row(bench, f"mallory-{BOLD}x")]))
    if "[red]zoe" not in out.getvalue() or f"-{BOLD}x" in out.getvalue():
        return "a name is obeyed by the terminal"
    terminal.show(_report(bench), console)
    return "a sentence is obeyed by the terminal" if mark("report") + BOLD in out.getvalue() else HELD


def in_a_sheet(bench):
    """The sheet that goes into a spreadsheet: no field of a person's begins like a formula."""
    file = bench.place.root / "sheet.csv"
    rows.write_csv(bench.unit, [_row(bench, name) for name in ("=1+1", "@probe", "+1", "mallory")], file)
    with file.open(newline="", encoding="utf-8") as sheet:
        lines = list(csv.reader(sheet))
    assert len(lines) == 5
    return "a field is a formula" if any(line[0][:1] in ("=", "@", "+") for line in lines) else HELD


PROBES = (
    *(
        Probe("markup", f"feedback: {where}", "class", everything, look=functools.partial(on_page, where=where))
        for where in PLACES[:-1]
    ),
    Probe("markup", "log: a file's name", "class", everything, look=in_log),
    *(
        Probe("markup", f"a page: {where}", "look", functools.partial(shown, where=where), shows=True)
        for where in ("output", "memo")
    ),
    Probe("markup", "report: a sentence", "look", in_a_report),
    Probe("markup", "terminal: a name and a sentence", "look", in_a_terminal),
    Probe("markup", "sheet: names", "look", in_a_sheet),
)
