"""How far a long step is: a bar in a notebook or a terminal, plain lines or nothing in a pipe.

Words such as "training, 2 of 5" fill the bar to two fifths; other words leave it open-ended.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from html import escape

#: Seconds between two drawings of the same words with other numbers.
EVERY_S = 0.2
_SHARE = re.compile(r"\b(\d+) of (\d+)\b")


def in_notebook() -> bool:
    """True in a Jupyter kernel (JupyterLab, VS Code, nbconvert)."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and hasattr(shell, "kernel")


def echoes() -> bool:
    """True where the value of an expression is shown by itself: a notebook, IPython, the interactive prompt."""
    ipython = sys.modules.get("IPython")
    return bool(ipython and ipython.get_ipython()) or hasattr(sys, "ps1")


@contextlib.contextmanager
def ticker(*, lines: bool = False) -> Iterator[Callable[[str], None]]:
    """A function that takes words, for the length of a `with`.

    Parameters
    ----------
    lines : print the words one below the other where no bar can be drawn (a pipe, a file); else they are dropped there.
    """
    if in_notebook():
        bar = _NotebookBar()
        try:
            yield bar
        finally:
            bar.clear()
    elif os.isatty(2):
        with _terminal_bar() as tell:
            yield tell
    else:
        yield (lambda words: print(words, flush=True)) if lines else (lambda words: None)


class _NotebookBar:
    """One output that is drawn over again, without widgets, so that it works in every front end."""

    def __init__(self) -> None:
        self._handle = None
        self._start = self._drawn = time.monotonic()
        self._words = ""

    def __call__(self, words: str) -> None:
        now, plain = time.monotonic(), re.sub(r"\d", "", words)
        if plain == self._words and now - self._drawn < EVERY_S:
            return
        self._words, self._drawn = plain, now
        found = _SHARE.search(words)
        of = f' value="{found[1]}" max="{found[2]}"' if found else ""
        said = f"{words} ({now - self._start:.0f} s so far)"
        html = f'<label style="font-family:system-ui,sans-serif"><progress{of}></progress> {escape(said)}</label>'
        self._show({"text/html": html, "text/plain": said})

    def clear(self) -> None:
        if self._handle is not None:
            self._show({"text/html": "", "text/plain": ""})
            self._handle = None

    def _show(self, bundle: dict[str, str]) -> None:
        from IPython.display import display

        if self._handle is None:
            self._handle = display(bundle, raw=True, display_id=True)
        else:
            self._handle.update(bundle, raw=True)


@contextlib.contextmanager
def _terminal_bar() -> Iterator[Callable[[str], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    # A handle of its own: what is measured has its standard error turned away meanwhile.
    with os.fdopen(os.dup(2), "w", encoding="utf-8", errors="replace") as out:
        columns = (TextColumn("{task.description}"), BarColumn(bar_width=30), TimeElapsedColumn())
        with Progress(*columns, console=Console(file=out), transient=True, redirect_stderr=False) as bar:
            task = bar.add_task("", total=None)

            def tell(words: str) -> None:
                found = _SHARE.search(words)
                done, total = (int(found[1]), int(found[2])) if found else (0, None)
                bar.update(task, description=words, completed=done, total=total)

            yield tell
