"""`measure`: a submission's files and a hold-out in, a Report out.

The visible check, the hidden tests, the command line and the rehearsals all come through here; they differ only in the
hold-out that they pass and in how they show the Report.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from course.contract.estimates import read_estimates
from course.contract.gate import Model, ModelSpec, Refused, read
from course.contract.report import Measurement, Report, Term, settle

if TYPE_CHECKING:
    import numpy as np

    from course.contract.holdout import Holdout
    from course.units.base import Unit

Progress = Callable[[str], None]
#: Clauses that the contract measures for any model; a unit's own `evaluate` measures the others.
PRODUCTION = ("latency", "size", "memory", "operators")
BASELINE = "baseline.onnx"


def measure(
    unit: Unit, folder: Path, holdout: Holdout, *, progress: Progress | None = None, exact: bool = False
) -> Report:
    """Measure the files in `folder` against the unit's contract, on `holdout`.

    Parameters
    ----------
    folder : the files that were handed in (`unit.files`); each may be missing.
    holdout : public or private. Hidden terms are measured only on a private one.
    progress : called with a few words before each step that takes time.
    exact : give values on a private hold-out as measured, not in bands: for the course's own studies only.

    Returns
    -------
    Report with a clause for every term, whatever was handed in: what can't be measured says why in one sentence.
    """
    tell = progress or (lambda words: None)
    private = holdout.name == "private"
    terms = [term for term in unit.terms if private or not term.hidden]
    found: dict[str, Measurement] = {"estimates": _estimates(unit, folder)}
    if any(term.name == "baseline" for term in terms):
        tell("running the baseline")
        found["baseline"] = _baseline(unit, folder, holdout)
    about_the_model = [term.name for term in terms if term.name not in ("estimates", "baseline")]
    found |= measure_model(unit, folder / unit.model.file, holdout, about_the_model, tell)
    return Report(
        unit=unit.name,
        holdout=holdout.name,
        clauses=tuple(
            settle(term, found.get(term.name, Measurement(None)), rounded=private and not exact) for term in terms
        ),
        landmarks=tuple(unit.landmarks()),
        to_come=sum(term.hidden for term in unit.terms) if not private else 0,
    )


def _estimates(unit: Unit, folder: Path) -> Measurement:
    answers = read_estimates(unit.estimates, folder)
    if all(answer is None for answer in answers.values()):
        return Measurement(None, "Answer the questions and run the cell: no estimate was handed in.")
    wrong = [name for name, answer in answers.items() if answer is None or not unit.estimates[name].accepts(answer)]
    note = ""
    if wrong:
        first = wrong[0]
        got = "nothing" if answers[first] is None else f"{answers[first]:,.6g} {unit.estimates[first].unit}"
        note = f"Work `{first}` out again (you said {got}); {len(wrong)} of {len(answers)} are not in range."
    return Measurement(float(len(answers) - len(wrong)), note)


def measure_model(unit: Unit, path: Path, holdout: Holdout, names: list[str], tell: Progress) -> dict[str, Measurement]:
    """What the clauses called `names` find about one model file."""
    try:
        model = read(path, unit.model)
    except FileNotFoundError:
        missing = Measurement(None, f"There is no {path.name} yet: build it and save it under that name.")
        return dict.fromkeys(names, missing)
    except Refused as refusal:
        refused = Measurement(None, str(refusal), "broken")
        return dict.fromkeys(names, refused)
    found = {
        "size": Measurement(float(model.size)),
        "operators": Measurement(float(model.operators)),
    }
    try:
        if "interface" in names:
            tell("checking inputs and outputs")
            found["interface"] = _interface(model, unit.model, holdout)
        tell("running the hold-out")
        found |= _judged(unit, model, unit.model, holdout)
        if "memory" in names:
            tell("measuring memory")
            found["memory"] = _memory(model, holdout)
        if "latency" in names:
            tell("measuring latency")
            found["latency"] = _latency(model, holdout, unit.term("latency"))
    except _runner_error() as error:
        stopped = Measurement(None, str(error), "broken")
        return {name: found.get(name, stopped) for name in names}
    return found


def _runner_error() -> type[Exception]:
    from course.contract.runner import RunnerError

    return RunnerError


def _baseline(unit: Unit, folder: Path, holdout: Holdout) -> Measurement:
    spec = ModelSpec(unit.model.inputs, unit.model.outputs, unit.model.most_bytes, BASELINE)
    try:
        model = read(folder / BASELINE, spec)
        return _judged(unit, model, spec, holdout, probes=("rows",))["quality"]
    except FileNotFoundError:
        return Measurement(None, f"There is no {BASELINE} yet: save the plain model under that name.")
    except (Refused, _runner_error()) as error:
        return Measurement(None, str(error), "broken")


def _judged(unit: Unit, model: Model, spec: ModelSpec, holdout: Holdout, probes: tuple[str, ...] = ()) -> dict:
    """Run the model on the hold-out's probes and let the unit judge the answers."""
    from course.contract.runner import predict

    names = list(probes or holdout.probes)
    results = predict(model.content, [holdout.probes[name].inputs for name in names])
    answers = {}
    for name, arrays in zip(names, results, strict=True):
        problem = _problem(arrays, spec, len(holdout.probes[name]))
        if problem:
            return dict.fromkeys((term.name for term in unit.terms), Measurement(None, problem, "broken"))
        answers[name] = dict(zip(spec.outputs, arrays, strict=True))
    return unit.evaluate(answers, holdout)


def _problem(arrays: list[np.ndarray], spec: ModelSpec, rows: int) -> str:
    """What is wrong with a model's outputs for `rows` rows; empty if nothing is."""
    import numpy as np

    for (name, want), array in zip(spec.outputs.items(), arrays, strict=True):
        shape = tuple(rows if n is None else n for n in want.shape)
        if array.shape != shape or array.dtype.name != want.dtype:
            got = f"{array.dtype.name}{list(array.shape)}"
            return f"For {rows} rows the output {name!r} is {got}; the contract asks for {want.dtype}{list(shape)}."
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            return f"The output {name!r} holds NaN or infinite values; look for a division by zero or an overflow."
    return ""


def _interface(model: Model, spec: ModelSpec, holdout: Holdout) -> Measurement:
    """Does it serve? One row, odd batches, the same answer alone as in a batch, the same answer twice."""
    import numpy as np

    from course.contract.runner import predict

    inputs = holdout.probes["rows"].inputs
    alone = [{name: values[i : i + 1] for name, values in inputs.items()} for i in range(8)]
    batches = [{name: values[:n] for name, values in inputs.items()} for n in (8, 8, 1, 97)]
    first, again, one, odd, *singles = predict(model.content, batches + alone)
    problems = {}
    for rows, arrays in ((1, one), (8, first), (97, odd)):
        problem = _problem(arrays, spec, rows)
        if problem:
            problems[f"{rows} rows"] = problem
    if not problems:
        if not all(np.array_equal(a, b) for a, b in zip(first, again, strict=True)):
            problems["twice"] = "The same rows gave other answers the second time; take everything random out."
        for index, arrays in enumerate(singles):
            if not all(np.allclose(a[0], b[index], rtol=1e-3, atol=1e-5) for a, b in zip(arrays, first, strict=True)):
                problems["alone"] = "A row gets another answer alone than in a batch; treat every row by itself."
                break
    passed = 5 - len(problems) if not any(name.endswith("rows") for name in problems) else 3 - len(problems)
    return Measurement(float(passed), next(iter(problems.values()), ""))


def _memory(model: Model, holdout: Holdout) -> Measurement:
    from course.contract.memory import memory

    found = memory(model.content, holdout.timing.inputs)
    return Measurement(found.peak_mb, aside=f"loads in {found.load_cpu_s * 1000:,.0f} ms of CPU time")


def _latency(model: Model, holdout: Holdout, term: Term) -> Measurement:
    from course.contract.latency import latency

    found = latency(model.content, holdout.timing.inputs, term.budget, seed=holdout.seed)
    aside = f"{_micro(found.us_per_row)} a row on this machine"
    return Measurement(float(found.ratio), found.note, found.verdict, aside)


def _micro(microseconds: float) -> str:
    if not math.isfinite(microseconds):
        return "too long to tell"
    return f"{microseconds / 1000:,.1f} ms" if microseconds >= 1000 else f"{microseconds:,.1f} µs"


def artifact_digest(unit: Unit, folder: Path) -> str:
    """A digest of every file that is measured: equal digests mean an equal Report."""
    import hashlib

    digest = hashlib.sha256()
    names: Mapping[str, None] = dict.fromkeys((*unit.files, *(f"{name}.refused" for name in unit.files)))
    for name in names:
        path = folder / name
        digest.update(f"\0{name}\0".encode())
        if path.is_symlink() or not path.is_file():
            continue
        if path.stat().st_size > unit.model.most_bytes:
            digest.update(str(path.stat().st_size).encode())
            continue
        digest.update(path.read_bytes())
    return digest.hexdigest()
