"""Outputs and markup: script that runs when somebody opens the feedback page."""

from __future__ import annotations

from attacks.honest import find
from course.grading.attacks import Attack

SCRIPT = "<script>window.attacked = 1</script>"
ONERROR = "<img src=x onerror='window.attacked = 1'>"
OPEN = "feedback pages are not sanitised yet"
HTML = f"from IPython.display import HTML, display\ndisplay(HTML({SCRIPT!r}))\ndisplay(HTML({ONERROR!r}))"
JAVASCRIPT = "from IPython.display import Javascript, display\ndisplay(Javascript('window.attacked = 1'))"
SVG = f"from IPython.display import display\ndisplay({{'image/svg+xml': '<svg>{SCRIPT}</svg>'}}, raw=True)"
OUTPUTS = f"{HTML}\n{JAVASCRIPT}\n{SVG}"
TEXT = f"print({SCRIPT + ONERROR!r})\nraise ValueError({SCRIPT + ONERROR!r})"


def memo(data):
    find(data, "memo")["source"] = f"My memo {SCRIPT} {ONERROR} [link](javascript:window.attacked=1)"


def refusal(folder, place):
    """A refusal of one's own in place of the model."""
    (folder / "model.onnx").unlink()
    (folder / "model.onnx.refused").write_text(SCRIPT + ONERROR)


def live(scene):
    """Does the feedback page hold the markup as markup?"""
    page = scene.pages
    found = [
        what for what in (SCRIPT, "<img src=x onerror", "<svg><script>", 'href="javascript:window') if what in page
    ]
    script = page.split("application/javascript", 1)
    if "window.attacked = 1" in page and "<script" in page.split("window.attacked = 1")[0][-80:]:
        found += ["script"] if len(script) > 0 else []
    return f"markup is live in feedback: {found[0]}" if found else ""


def _shown(name, aim, cell, **more):
    return Attack(name, aim, "harm", cell=cell, canary=live, **more)


ATTACKS = (
    _shown("script in outputs", "HTML, JavaScript and pictures that run", OUTPUTS, known=OPEN),
    _shown("markup in text", "printed and raised text with <script>", TEXT),
    Attack("markup in the memo", "script in markdown", "harm", notebook=memo, canary=live, known=OPEN),
    Attack("markup in a refusal", "a note of one's own with <script>", "harm", files=refusal, canary=live, spoils=True,
           plain=False),
)  # fmt: skip
