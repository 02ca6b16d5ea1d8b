"""Outputs and markup: script that runs when somebody opens the feedback page or the formgrader."""

from __future__ import annotations

import importlib.util
from html.parser import HTMLParser
from pathlib import Path

from attacks.honest import find, proto
from course.grading.attacks import Attack

DO = "window.attacked = 1"
SCRIPT = f"<script>{DO}</script>"
ONERROR = f"<img src=x onerror='{DO}'>"
SVG = f"<svg onload='{DO}'><script>{DO}</script></svg>"
OUTPUTS = f"""
from IPython.display import HTML, Javascript, Latex, Markdown, display
for markup in ({SCRIPT!r}, {ONERROR!r}, {SVG!r}, "<iframe srcdoc='<script>parent.attacked = 1</script>'></iframe>"):
    display(HTML(markup))
    display(Markdown(markup))
    display(Latex(markup))
    display({{"image/svg+xml": markup}}, raw=True)
    display({{"text/plain": markup, "image/png": markup}}, raw=True)
    display({{"application/vnd.jupyter.widget-view+json": {{"model_id": markup}}, "text/html": markup}}, raw=True)
display(Javascript({DO!r}))
display({{"text/plain": {SCRIPT!r}, "text/plain{SCRIPT}": "x"}}, raw=True)
"""
TEXT = f"""
import sys
link = "\\x1b]8;;javascript:{DO}\\x07link\\x1b]8;;\\x07"
for markup in ({SCRIPT!r}, {ONERROR!r}, "</pre>" + {SVG!r}, "\\x1b[31m" + {SCRIPT!r}, link):
    print(markup)
    print(markup, file=sys.stderr)
raise type({SCRIPT!r}, (Exception,), {{}})({ONERROR!r} + {SCRIPT!r})
"""
SOURCE = f"# </pre></div></script></style></textarea>{SCRIPT}{ONERROR}\nx = '''{SVG}'''"
MEMO = rf"""My memo {SCRIPT} {ONERROR} {SVG} <!-- {SCRIPT}

[a link](javascript:window.attacked=1) [another](&#106;avascript:window.attacked=1) <javascript:window.attacked=1>
![picture](x" onerror="window.attacked=1) ![picture](javascript:window.attacked=1) [ref][r]

[r]: javascript:window.attacked=1
[s]: <x" onerror="window.attacked=1>

$\href{{javascript:window.attacked=1}}{{x}}$

$$\require{{html}}\style{{background:url(javascript:window.attacked=1)}}{{x}}$$

```{{html}}
{SCRIPT}
```

    {SCRIPT}

`{SCRIPT}` &lt;script&gt;{DO}&lt;/script&gt; \<script>{DO}\</script> <scr<script>ipt>{DO}</scr</script>ipt>
"""


def memo(data):
    find(data, "memo")["source"] = MEMO


def attached(data):
    """Markup in what belongs to cells beside their text."""
    cell = find(data, "memo")
    cell["source"] = "![picture](attachment:x.svg)"
    cell["attachments"] = {"x.svg": {"image/svg+xml": SVG}, SCRIPT: {"text/html": SCRIPT}}
    cell["metadata"]["tags"] = [SCRIPT]
    data["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": {SCRIPT: {"x": SCRIPT}}}}
    data["metadata"]["title"] = data["metadata"]["authors"] = SCRIPT


def refusal(folder, place):
    """A refusal of one's own in place of the model."""
    (folder / "model.onnx").unlink()
    (folder / "model.onnx.refused").write_text(SCRIPT + ONERROR)


def marked_model():
    """A model whose names are markup: the gate's refusal shows them."""
    model = proto()
    model.graph.input[0].name = model.graph.node[0].input[0] = SCRIPT
    model.graph.output[0].name = model.graph.node[1].output[0] = ONERROR
    return model.SerializeToString()


def marked_operator():
    """An operator called <script>."""
    model = proto()
    model.graph.node[0].op_type = SCRIPT
    return model.SerializeToString()


class _Live(HTMLParser):
    """Finds what would run: scripts, handlers and links that hold the corpus's own script."""

    def __init__(self):
        super().__init__()
        self.found, self._script = "", False

    def handle_starttag(self, tag, attrs):
        self._script = tag == "script"
        for name, value in attrs:
            words = "".join((value or "").split()).lower()
            runs = name.startswith("on") or words.startswith("javascript:") or name == "srcdoc"
            if runs and "attacked" in words:
                self.found = f"<{tag} {name}>"

    def handle_endtag(self, tag):
        self._script = False

    def handle_data(self, data):
        if self._script and "attacked" in data:
            self.found = "<script>"


def live(scene):
    """Does anything of the submission run in its feedback page? Read, and opened in a browser where there is one."""
    if not scene.page or not scene.page.is_file():
        return ""
    reader = _Live()
    reader.feed(scene.page.read_text(encoding="utf-8"))
    if reader.found:
        return f"markup is live in feedback: {reader.found}"
    return "script ran in the browser" if ran_in_browser(scene.page) else ""


def ran_in_browser(page):
    """Did the corpus's script run when a page was opened, and everything in it clicked on? False without a browser."""
    spec = importlib.util.spec_from_file_location("lab", Path(__file__).parents[1] / "lab.py")
    lab = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(lab)
    try:
        from playwright.sync_api import sync_playwright

        found = lab.chromium_path()
    except ImportError:
        return False
    if found is None:
        return False
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=lab.CHROMIUM_ARGS)
        try:
            opened = browser.new_context(offline=True).new_page()
            opened.goto(page.as_uri(), wait_until="load")
            return attacked(opened)
        finally:
            browser.close()


def attacked(opened):
    """Has the corpus's script run in a page that is open, or does it when links are followed?"""
    return opened.evaluate("""() => {
        const links = Array.from(document.links).filter(link => link.protocol === 'javascript:');
        links.forEach(link => { link.target = ''; link.click(); });
        return new Promise(done => setTimeout(() => done(window.attacked === 1), 200));
    }""")


def _shown(name, aim, **more):
    return Attack(name, aim, "harm", canary=live, **more)


ATTACKS = (
    _shown("markup in outputs", "HTML, JavaScript and pictures that run", cell=OUTPUTS),
    _shown("markup in text", "printed and raised text with <script>", cell=TEXT),
    _shown("markup in code", "a cell's text that ends the page's own", cell=SOURCE),
    _shown("markup in the memo", "script, links, pictures and formulas in markdown", notebook=memo),
    _shown("markup beside cells", "attachments, widgets, titles and tags", notebook=attached),
    _shown("markup in a refusal", "a note of one's own with <script>", files=refusal, spoils=True, plain=False),
    _shown("markup in a model", "inputs and outputs called <script>", model=marked_model, spoils=True, plain=False),
    _shown("markup in an operator", "an operator called <script>", model=marked_operator, spoils=True, plain=False),
)  # fmt: skip
