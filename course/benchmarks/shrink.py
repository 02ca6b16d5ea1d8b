"""f01's models side by side: accuracy on both hold-outs, bytes, and the cost of a scan (open key)."""

from __future__ import annotations

import pickle
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
from rich.table import Table

from course import key
from course.contract.artifacts.gate import read
from course.contract.cost.latency import latency
from course.contract.processes.runner import predict
from course.grading.authoring import rehearse
from course.grading.authoring.release import public_bytes
from course.grading.places import root
from course.units import load
from course.units.f01_shrink_ensemble import compress, world
from course.units.f01_shrink_ensemble.winner import winner

#: name -> rehearsal and the file of it that is measured.
REHEARSED = {
    "logistic regression": ("reference", "baseline.onnx"),
    "reference": ("reference", "model.onnx"),
    "fixed filters": ("fixed-filters", "model.onnx"),
    "RBF machine, redrawn rows": ("strong-member", "model.onnx"),
}


def run(quick: bool, progress: Callable[[str], None]) -> list[dict]:
    """One record a model: name, public and private accuracy, bytes, cost (calibration models), microseconds."""
    unit, where = load("f01"), root()
    data = unit.public_data(key.OPEN)
    X, y = data["X_train"].astype(np.float32), data["y_train"]
    public, private = unit.public_holdout(data), unit.private_holdout(key.OPEN)
    known = {rehearsal.name: rehearsal for rehearsal in rehearse.rehearsals(unit, where)}
    records = []

    def accuracy(content: bytes, holdout) -> float:
        answer = predict(content, [holdout.probes["rows"].inputs])[0][0]
        return float((answer == holdout.truth["digit"]).mean())

    def note(name: str, content: bytes) -> None:
        progress(name)
        found = latency(content, public.timing.inputs, unit.term("latency").budget, seed=0)
        records.append(
            {
                "name": name,
                "public": accuracy(content, public),
                "private": accuracy(content, private),
                "bytes": len(content),
                "cost": found.ratio,
                "us": found.us_per_row,
            }
        )

    with tempfile.TemporaryDirectory(prefix="course-") as scratch:
        folder = Path(scratch)
        for name, (rehearsal, file) in REHEARSED.items():
            if quick and name.startswith("RBF"):
                continue
            progress(f"building {name}")
            rehearse.build(unit, known[rehearsal], public_bytes(unit, key.OPEN), where, folder)
            note(name, (folder / file).read_bytes())
        progress("the winner (under a minute where it is not in the cache)")
        big = winner(X, y, progress)
        small = {name: folder / f"{name}.onnx" for name in ("small net", "pruned 80 %", "int8", "distilled")}
        compress.small_net(X, y, str(small["small net"]))
        compress.prune(str(small["small net"]), str(small["pruned 80 %"]), share=0.8)
        compress.quantise(str(small["small net"]), str(small["int8"]))
        compress.distil(X, big.proba_train, str(small["distilled"]))
        for name, file in small.items():
            note(f"{name} (desk rows)", read(file, unit.model).content)
        if not quick:
            records.append(_whole_winner(big, (X, y), public, private, progress))
    return records


def _whole_winner(big, desk, public, private, progress: Callable[[str], None]) -> dict:
    """The winner's members converted one by one: bytes and costs add up; the accuracy is the fitted members' average.

    What is converted is not quite the winner: neighbours weighted by distance answer otherwise (see `unit.parity`).
    "members" are what it costs as scikit-learn has it, as the lesson shows it.
    """
    from skl2onnx import to_onnx

    rows = private.probes["rows"].inputs["pixels"]
    record = {
        "name": "the winner",
        "public": _right(big, public.probes["rows"].inputs["pixels"], public.truth["digit"]),
        "private": _right(big, rows, private.truth["digit"]),
        "bytes": 0,
        "cost": 0.0,
        "us": 0.0,
    }
    progress("measuring the winner's members")
    record["members"] = _members(big, public.probes["rows"].inputs["pixels"], public.truth["digit"])
    progress("asking the winner about its own training rows, moved")
    record["own rows, off centre"] = _right(big, world.off_centre(desk[0]), desk[1])
    pixels, labels = world.load()
    rows_of_desk = world.split(labels, key.OPEN.rng("f01-shrink-ensemble", "split"))["private"]
    record["desk"] = _right(big, pixels[rows_of_desk], labels[rows_of_desk])
    for name, member in big.members.items():
        progress(f"converting and timing the winner: {name}")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # SVC's probabilities are going
            graph = to_onnx(member, rows[:1], options={id(member): {"zipmap": False}}, target_opset=17)
        content = graph.SerializeToString()
        found = latency(content, {graph.graph.input[0].name: rows[:512] / np.float32(255)}, 1.0, seed=0)
        record["bytes"] += len(content)
        record["cost"] += found.ratio
        record["us"] += found.us_per_row
    return record


def _right(big, pixels: np.ndarray, digits: np.ndarray) -> float:
    return float((big.predict_proba(pixels).argmax(axis=1) == digits).mean())


def _members(big, X: np.ndarray, y: np.ndarray) -> dict[str, tuple[float, float, float]]:
    """Accuracy, bytes and microseconds a scan: of every member, and of all together."""
    facts = {}
    for name, member in big.members.items():
        accuracy = float((member.predict_proba(X / np.float32(255)).argmax(axis=1) == y).mean())
        facts[name] = (accuracy, float(len(pickle.dumps(member))), _alone(member, X))
    total = np.sum([fact[1:] for fact in facts.values()], axis=0)
    return facts | {"the winner": (_right(big, X, y), float(total[0]), float(total[1]))}


def _alone(member, X: np.ndarray, rows: int = 12) -> float:
    """Microseconds for one scan by itself: the least of several, because other work only adds."""
    if hasattr(member, "n_jobs"):
        member.set_params(n_jobs=1)
    times = []
    for row in X[:rows] / np.float32(255):
        start = time.perf_counter()
        member.predict_proba(row[None])
        times.append(time.perf_counter() - start)
    return float(np.min(times) * 1e6)


def table(result: list[dict]) -> Table:
    """The records as a table, against the winner."""
    made = Table("Model", "Public", "Private", "kB", "Cost of a scan", "µs here", title="f01, open key")
    for record in sorted(result, key=lambda record: -record["private"]):
        made.add_row(
            record["name"],
            f"{record['public']:.1%}",
            f"{record['private']:.1%}",
            f"{record['bytes'] / 1000:,.0f}",
            f"{record['cost']:,.2f}",
            f"{record['us']:,.0f}",
        )
        if "own rows, off centre" in record:
            made.caption = (
                f"The winner reads {record['desk']:.1%} of the desk's own hold-out rows, and "
                f"{record['own rows, off centre']:.1%} of its own training rows moved by {world.STEP} pixels."
            )
    return made
