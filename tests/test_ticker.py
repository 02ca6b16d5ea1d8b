"""How far a long step is: a bar in a terminal and in a notebook, lines or nothing in a pipe."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from course.learning import ticker

PROGRAM = """
from course.learning.ticker import ticker
with ticker({arguments}) as tell:
    for number in (1, 2, 3):
        tell(f"training, {{number}} of 3")
print("done")
"""


def run(arguments="", **more):
    return subprocess.run([sys.executable, "-c", PROGRAM.format(arguments=arguments)], stdout=subprocess.PIPE, **more)


def test_in_a_pipe_nothing_or_lines():
    assert run(stderr=subprocess.PIPE, text=True).stdout == "done\n"
    said = run("lines=True", stderr=subprocess.PIPE, text=True)
    assert said.stdout == "training, 1 of 3\ntraining, 2 of 3\ntraining, 3 of 3\ndone\n" and said.stderr == ""


@pytest.mark.skipif(os.name != "posix", reason="a terminal of POSIX")
def test_in_a_terminal_a_bar_that_is_gone_in_the_end():
    import pty

    ours, theirs = pty.openpty()
    try:
        ran = run(stderr=theirs, text=True, env=os.environ | {"TERM": "xterm", "COLUMNS": "80"})
        shown = os.read(ours, 100_000).decode()
    finally:
        os.close(theirs), os.close(ours)
    assert ran.stdout == "done\n"
    assert "training, 3 of 3" in shown and "━" in shown and "\x1b[2K" in shown  # drawn, and wiped out


class Display:
    """Stands for what IPython hands out: notes every drawing."""

    def __init__(self):
        self.drawn = []

    def __call__(self, bundle, raw, display_id):
        assert raw and display_id
        self.drawn.append(bundle)
        return self

    def update(self, bundle, raw):
        self.drawn.append(bundle)


def test_in_a_notebook_the_bar_is_filled_by_k_of_n_and_left_empty(monkeypatch):
    display = Display()
    monkeypatch.setattr("IPython.display.display", display)
    monkeypatch.setattr(ticker, "in_notebook", lambda: True)
    monkeypatch.setattr(ticker, "EVERY_S", 0)
    with ticker.ticker() as tell:
        tell("running the <hold-out>")
        tell("training, 2 of 5")
    first, second, last = display.drawn
    assert "<progress></progress> running the &lt;hold-out&gt;" in first["text/html"]
    assert '<progress value="2" max="5">' in second["text/html"] and second["text/plain"].startswith(
        "training, 2 of 5 ("
    )
    assert last == {"text/html": "", "text/plain": ""}


def test_the_same_words_are_not_drawn_too_often_and_other_words_at_once(monkeypatch):
    display = Display()
    monkeypatch.setattr("IPython.display.display", display)
    monkeypatch.setattr(ticker, "in_notebook", lambda: True)
    monkeypatch.setattr(ticker, "EVERY_S", 1e9)
    with ticker.ticker() as tell:
        for words in ("a, 1 of 9", "a, 2 of 9", "b, 1 of 9", "b, 2 of 9"):
            tell(words)
    assert [bundle["text/plain"][:9] for bundle in display.drawn[:-1]] == ["a, 1 of 9", "b, 1 of 9"]


def test_nothing_is_drawn_where_nothing_is_told(monkeypatch):
    display = Display()
    monkeypatch.setattr("IPython.display.display", display)
    monkeypatch.setattr(ticker, "in_notebook", lambda: True)
    with ticker.ticker():
        pass
    assert display.drawn == []
