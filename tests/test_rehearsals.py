"""Units' rehearsals earn what they should: the reference everything, each trap less where it must.

Three samples are performed of what is proved in full (see proved.py), the reference of the few units whose turn it is.
All rehearsals of all units take hours: `course rehearse`.
"""

from __future__ import annotations

import json
import subprocess
import sys

import proved
import pytest
from conftest import ROOT

from course import units
from course.grading.authoring.rehearse import rehearsals

FULL = proved.in_full(units.names())


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in units.names() if name in {*FULL, *proved.in_turn(units.names())}])
def test_course_rehearse(name):
    command = [sys.executable, "-m", "course", "rehearse", name, "--quick", "--json"]
    command += () if name in FULL else ("--only", "reference")
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    found = json.loads(ran.stdout or "[]")
    assert ran.returncode == 0, [record["problems"] for record in found if record["problems"]] or ran.stderr
    samples = [one.name for one in rehearsals(units.load(name), ROOT) if one.sample]
    assert [record["rehearsal"] for record in found] == (samples if name in FULL else ["reference"])


@pytest.mark.parametrize("name", units.names())
def test_every_unit_rehearses_what_it_must(name):
    unit = units.load(name)
    known = rehearsals(unit, ROOT)
    assert sum(rehearsal.is_reference for rehearsal in known) == 1
    honest = [rehearsal for rehearsal in known if not rehearsal.loses and not rehearsal.is_reference]
    traps = [rehearsal for rehearsal in known if rehearsal.loses]
    assert honest and len(traps) >= 3
    assert any(term.production for term in unit.terms)
    # What a trap merely may lose proves nothing.
    lost = {clause for trap in traps for clause, (_, high) in trap.loses.items() if high < unit.term(clause).worth}
    for trap in traps:
        assert any(high < unit.term(clause).worth for clause, (_, high) in trap.loses.items()), trap.name
    assert lost >= {term.name for term in unit.terms if term.worth and term.name not in ("estimates", "baseline")}
    for trap in traps:
        for clause, (low, high) in trap.loses.items():
            assert 0 <= low <= high <= unit.term(clause).worth
    assert {rehearsal.sample for rehearsal in known} >= {"reference", "alternative", "trap"}
