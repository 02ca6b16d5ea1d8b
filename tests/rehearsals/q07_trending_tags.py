"""q07 rehearsed: what must pass, what must fail, and where.

Functions here are cells: only their bodies are used, as the text of `trends.py` or as what follows it. Parameters
name what a body takes from the reference's text before it.
"""

from __future__ import annotations

from course.grading.rehearse import Rehearsal

REHEARSALS = (
    Rehearsal("reference", "the worked solution: sketches for the hour, profiles for the week", sample="reference"),
)
