"""q11 rehearsed: what must pass, what must fail, and where.

Functions here are cells: only their bodies are used, as what replaces a cell or follows it. Parameters name what a body
takes from the text before it.
"""

from __future__ import annotations

from course.grading.authoring.rehearse import Rehearsal

REHEARSALS = (Rehearsal("reference", "the worked solution", sample="reference"),)
