"""What is measured of a model: quality, what it costs, whether it serves as the contract says."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from course.contract.artifacts.gate import Model, ModelSpec, Refused, read
from course.contract.processes.runner import RunnerError
from course.contract.terms.report import Measurement, Term

if TYPE_CHECKING:
    import numpy as np

    from course.contract.terms.holdout import Holdout, Probe

BASELINE = "baseline.onnx"
ALONE = "A row gets another answer alone than in a batch; treat every row by itself."
#: What onnxruntime's dynamic quantisation puts into a graph, and what that does.
DYNAMIC = {"DynamicQuantizeLinear", "DynamicQuantizeMatMul"}
SHARED_SCALE = (
    " Dynamic quantisation rounds on a scale that all rows of a call share: quantise statically (`quantize_static`), "
    "or only the weights."
)
#: CPU seconds for a probe that is run by itself, because the model failed on one of them.
ALONE_S = 20.0
#: Clauses that are measured the same way for any model; a unit's own `evaluate` measures the others.
COMMON = ("interface", "latency", "size", "memory", "operators")


class Judge(Protocol):
    """Who says what a model must be and judges its answers: a unit."""

    model: ModelSpec
    terms: Sequence[Term]

    def term(self, name: str) -> Term:
        """The term of that name."""

    def evaluate(self, answers: Mapping[str, Mapping[str, np.ndarray]], holdout: Holdout) -> dict[str, Measurement]:
        """Probe -> output name -> array, to a measurement for each term of its own."""


def measure_model(
    unit: Judge, path: Path, holdout: Holdout, names: Collection[str], tell: Callable[[str], None]
) -> dict[str, Measurement]:
    """What the clauses called `names` find about one model file."""
    if not names:
        return {}
    try:
        model = read(path, unit.model)
    except FileNotFoundError:
        missing = Measurement(None, f"There is no {path.name} yet: build it and save it under that name.")
        return dict.fromkeys(names, missing)
    except Refused as refusal:
        refused = Measurement(None, str(refusal), "broken")
        return dict.fromkeys(names, refused)
    found = {"size": Measurement(float(model.size)), "operators": Measurement(float(model.operators))}
    try:
        if "interface" in names:
            tell("checking inputs and outputs")
            found["interface"] = interface(model, unit.model, holdout.probes["rows"].inputs)
        if set(names) - set(COMMON):
            tell("running the hold-out")
            found |= _judged(unit, model, unit.model, holdout)
        if "memory" in names:
            tell("measuring memory")
            found["memory"] = memory(model, holdout.timing.inputs, unit.model.batch)
        if "latency" in names:
            tell("measuring latency")
            found["latency"] = latency(
                model, holdout.timing.inputs, unit.term("latency"), holdout.seed, tell, unit.model.batch
            )
    except RunnerError as error:
        stopped = Measurement(None, str(error), "broken")
        return {name: found.get(name, stopped) for name in names}
    return {name: found.get(name, Measurement(None)) for name in names}


def measure_baseline(unit: Judge, folder: Path, holdout: Holdout) -> Measurement:
    """The quality of the plain model that a learner starts from, `baseline.onnx`."""
    spec = dataclasses.replace(unit.model, file=BASELINE)
    try:
        model = read(folder / BASELINE, spec)
        return _judged(unit, model, spec, holdout, probes=("rows",))["quality"]
    except FileNotFoundError:
        return Measurement(None, f"There is no {BASELINE} yet: save the plain model under that name.")
    except (Refused, RunnerError) as error:
        return Measurement(None, str(error), "broken")


def _judged(unit: Judge, model: Model, spec: ModelSpec, holdout: Holdout, probes: tuple[str, ...] = ()) -> dict:
    """Run the model on the hold-out's probes and let the unit judge the answers.

    A probe on which it fails breaks the clause of the same name if there is one, and all of the unit's clauses if not.
    """
    terms = {term.name for term in unit.terms}
    answers, failed = {}, {}
    wanted = {name: holdout.probes[name] for name in probes or holdout.probes}
    for name, found in _run(model, wanted, spec.batch).items():
        problem = found if isinstance(found, str) else flaw(found, spec, len(holdout.probes[name]))
        if not problem:
            answers[name] = dict(zip(spec.outputs, found, strict=True))
        elif name in terms:
            failed[name] = Measurement(None, problem, "broken")
        else:
            return dict.fromkeys(terms, Measurement(None, problem, "broken"))
    return unit.evaluate(answers, holdout) | failed


def _run(model: Model, probes: Mapping[str, Probe], rows: int) -> dict[str, list[np.ndarray] | str]:
    """The model's outputs on each probe, or a sentence why there are none. Raises RunnerError if that is "rows".

    What is judged is what is timed: answers come from calls with so many rows as a call has whose cost is measured.
    """
    from course.contract.processes.runner import predict

    try:
        answers = predict(model.content, [probe.inputs for probe in probes.values()], rows=rows)
        return dict(zip(probes, answers, strict=True))
    except RunnerError:
        if len(probes) == 1:
            raise
    found: dict[str, list[np.ndarray] | str] = {}
    for name, probe in probes.items():
        try:
            found[name] = predict(model.content, [probe.inputs], timeout_s=ALONE_S, rows=rows)[0]
        except RunnerError as error:
            if name == "rows":
                raise
            found[name] = str(error)
    return found


def flaw(arrays: list[np.ndarray], spec: ModelSpec, rows: int) -> str:
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


def interface(model: Model, spec: ModelSpec, inputs: Mapping[str, np.ndarray]) -> Measurement:
    """Does it serve? One row, odd batches, the same answer alone as in a batch, the same answer twice.

    `inputs` has 97 rows or more. What passed, of five checks. Raises RunnerError.
    """
    import numpy as np

    from course.contract.processes.runner import predict

    alone = [{name: values[i : i + 1] for name, values in inputs.items()} for i in range(8)]
    batches = [{name: values[:n] for name, values in inputs.items()} for n in (8, 8, 1, 97)]
    first, again, one, odd, *singles = predict(model.content, batches + alone)
    problems = {}
    for rows, arrays in ((1, one), (8, first), (97, odd)):
        problem = flaw(arrays, spec, rows)
        if problem:
            problems[f"{rows} rows"] = problem
    if not problems:
        if not all(np.array_equal(a, b) for a, b in zip(first, again, strict=True)):
            problems["twice"] = "The same rows gave other answers the second time; take everything random out."
        for index, arrays in enumerate(singles):
            if not all(np.allclose(a[0], b[index], rtol=1e-3, atol=1e-5) for a, b in zip(arrays, first, strict=True)):
                problems["alone"] = ALONE + (SHARED_SCALE if DYNAMIC & set(model.histogram) else "")
                break
    passed = 5 - len(problems) if not any(name.endswith("rows") for name in problems) else 3 - len(problems)
    return Measurement(float(passed), next(iter(problems.values()), ""))


def memory(model: Model, inputs: Mapping[str, np.ndarray], batch: int = 1) -> Measurement:
    """MB that the model adds to a process which loads it and runs it on `inputs`, so many rows a call.

    Raises RunnerError.
    """
    from course.contract.cost.memory import memory

    found = memory(model.content, inputs, batch)
    return Measurement(found.peak_mb, aside=f"loads in {found.load_cpu_s * 1000:,.0f} ms of CPU time")


def latency(
    model: Model,
    inputs: Mapping[str, np.ndarray],
    term: Term,
    seed: int,
    tell: Callable[[str], None] = lambda words: None,
    batch: int = 1,
) -> Measurement:
    """A call's cost against `term`'s budget; `inputs` has 512 rows, or eight batches, or more. Raises RunnerError."""
    from course.contract.cost.latency import latency

    found = latency(
        model.content,
        inputs,
        term.budget,
        batch=batch,
        seed=seed,
        progress=lambda done, of: tell(f"measuring latency, {done} of {of}"),
    )
    aside = f"{_micro(found.us_per_row * batch)} a {'row' if batch == 1 else 'call'} on this machine"
    return Measurement(float(found.ratio), found.note, found.verdict, aside)


def _micro(microseconds: float) -> str:
    if not math.isfinite(microseconds):
        return "too long to tell"
    return f"{microseconds / 1000:,.1f} ms" if microseconds >= 1000 else f"{microseconds:,.1f} µs"
