"""`measure`: a submission's files and a hold-out in, a Report out.

The visible check, the hidden tests, the command line and the rehearsals all come through here; they differ only in the
hold-out that they pass, in the clauses that they ask for and in how they show the Report.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from course.contract.terms.estimates import Estimate, damage, read_estimates
from course.contract.terms.report import Landmark, Measurement, Report, Term, settle

if TYPE_CHECKING:
    from course.contract.terms.holdout import Holdout

Progress = Callable[[str], None]
#: Bytes of one file beyond which its content is not even looked at.
MOST_BYTES = 50_000_000


class Contract(Protocol):
    """What is measured against: a unit."""

    name: str
    terms: Sequence[Term]
    estimates: Mapping[str, Estimate]

    @property
    def files(self) -> tuple[str, ...]:
        """Every file that a submission consists of."""

    def examine(
        self, folder: Path, holdout: Holdout, wanted: Collection[str], tell: Progress
    ) -> dict[str, Measurement]:
        """A measurement for each wanted clause but the estimates."""

    def landmarks(self) -> Sequence[Landmark]:
        """Known models for the picture."""


def measure(
    unit: Contract,
    folder: Path,
    holdout: Holdout,
    *,
    progress: Progress | None = None,
    exact: bool = False,
    wanted: Collection[str] | None = None,
) -> Report:
    """Measure the files in `folder` against the unit's contract, on `holdout`.

    Parameters
    ----------
    folder : the files that were handed in (`unit.files`); each may be missing.
    holdout : public or private. Hidden terms are measured only on a private one.
    progress : called with a few words before each step that takes time.
    exact : give values on a private hold-out as measured, not in bands: for the course's own studies only.
    wanted : names of the clauses to measure; all of them if it is None.

    Returns
    -------
    Report with a clause for every term that was wanted, whatever was handed in: what can't be measured says why in one
    sentence.
    """
    tell = progress or (lambda words: None)
    private = holdout.name == "private"
    terms = [t for t in unit.terms if (private or not t.hidden) and (wanted is None or t.name in wanted)]
    names = [term.name for term in terms]
    found = unit.examine(folder, holdout, [name for name in names if name != "estimates"], tell)
    if "estimates" in names:
        found = {"estimates": _estimates(unit, folder), **found}
    return Report(
        unit=unit.name,
        holdout=holdout.name,
        clauses=tuple(
            settle(term, found.get(term.name, Measurement(None)), rounded=private and not exact) for term in terms
        ),
        landmarks=tuple(unit.landmarks()),
        to_come=sum(term.hidden for term in unit.terms) if not private else 0,
    )


def _estimates(unit: Contract, folder: Path) -> Measurement:
    if problem := damage(folder):
        return Measurement(None, problem, "broken")
    answers = read_estimates(unit.estimates, folder)
    if all(answer is None for answer in answers.values()):
        return Measurement(None, "Answer the questions and run the cell: no estimate was handed in.")
    open_ = [name for name, answer in answers.items() if answer is None]
    given = {name: answer for name, answer in answers.items() if answer is not None}
    wrong = [name for name, answer in given.items() if not unit.estimates[name].accepts(answer)]
    notes = []
    if wrong:
        got = f"{given[wrong[0]]:,.6g} {unit.estimates[wrong[0]].unit}".strip()
        notes.append(
            f"Work `{wrong[0]}` out again (you said {got}); {len(wrong)} of {len(answers)} "
            f"{'are' if len(wrong) > 1 else 'is'} not in range."
        )
    if open_:
        notes.append(f"Not answered yet, with one number each: {', '.join(f'`{name}`' for name in open_)}.")
    return Measurement(float(len(given) - len(wrong)), " ".join(notes))


def artifact_digest(unit: Contract, folder: Path, names: Collection[str] | None = None) -> str:
    """A digest of every file that is measured (or only of those named): equal digests mean an equal Report."""
    digest = hashlib.sha256()
    files = unit.files if names is None else names
    for name in dict.fromkeys((*files, *(f"{name}.refused" for name in files))):
        path = folder / name
        digest.update(f"\0{name}\0".encode())
        if path.is_symlink() or not path.is_file():
            continue
        if path.stat().st_size > MOST_BYTES:
            digest.update(str(path.stat().st_size).encode())
            continue
        digest.update(path.read_bytes())
    return digest.hexdigest()
