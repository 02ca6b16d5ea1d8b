"""What `course interview` does: hold an interview in this terminal, and show the scorecard as it is wanted."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from course.learning import workspace
from course.learning.interview.room import Room
from course.learning.interview.terminal import hold
from course.problem import Problem

if TYPE_CHECKING:
    from course.units.base import Unit


def visit(unit: Unit, *, again: bool, show: bool, html: Path | None, as_json: bool) -> None:
    """Hold it (or only show the last one), then print the scorecard, write the page. Raises Problem."""
    try:
        folder = workspace.find(unit)
    except Problem:  # nothing was started yet: an interview needs no folder
        folder = None
    if show:
        room = Room.last(unit, folder)
        card = room.card()
        if not as_json:
            print(card)
    else:
        room = Room(unit, folder, again=again)
        ended = hold(room, _read_aside, _say_aside) if as_json else hold(room)
        card = room.card()
        if not ended and not as_json and not html:
            return
    if as_json:
        print(json.dumps(card.plain(), indent=1, ensure_ascii=False))
    if html:
        from course.contract.show.page import document, write

        write(html, document(f"Interview: {unit.title}", card._repr_html_()))
        print(f"Written: {html}", file=sys.stderr)
    for note in dict.fromkeys(room.interview.notes):
        print(note, file=sys.stderr)


def _say_aside(words: str) -> None:
    """What is said where standard output is for JSON."""
    print(words, file=sys.stderr)


def _read_aside(prompt: str) -> str:
    print(prompt, end="", file=sys.stderr, flush=True)
    return input()
