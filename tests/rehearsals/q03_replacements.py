"""q03 rehearsed."""

from __future__ import annotations

from course.grading.authoring.rehearse import Rehearsal

REHEARSALS = (Rehearsal("reference", "the worked solution", sample="reference"),)
