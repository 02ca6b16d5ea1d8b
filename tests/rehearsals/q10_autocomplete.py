"""q10 rehearsed."""

from course.grading.rehearse import Rehearsal

REHEARSALS = (Rehearsal("reference", "the worked solution", sample="reference"),)
