"""Does the grade of an 8-bit model hang on the processor? f01's small net in 8 bits, as run here and in exact integers.

Processors without VNNI add two products in 16 bits, where a large sum is cut; those with it, and `reduce_range`, don't.
"""

from __future__ import annotations

import contextlib
import logging
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from rich.table import Table

from course import key, units

SEEDS = 3


def run(quick: bool, progress: Callable[[str], None]) -> dict:
    """Nets from several seeds, each in 8 bits and in 7: accuracy here and in exact integers, labels that differ."""
    from course.units.f01_shrink_ensemble import compress

    unit = units.load("f01")
    data = unit.public_data(key.OPEN)
    X, y = data["X_train"].astype(np.float32), data["y_train"]
    rows, truth = data["X_public"].astype(np.float32), data["y_public"]
    records = []
    with tempfile.TemporaryDirectory(prefix="course-") as scratch:
        plain, small = Path(scratch) / "plain.onnx", Path(scratch) / "small.onnx"
        for seed in range(1 if quick else SEEDS):
            progress(f"net {seed + 1}")
            compress.small_net(X, y, str(plain), seed=seed)
            for bits in (8, 7):
                _quantise(plain, small, bits)
                here, exact = _labels(small.read_bytes(), rows), _labels(_exact(small), rows)
                records.append(
                    {
                        "seed": seed,
                        "bits": bits,
                        "here": float((here == truth).mean()),
                        "exact": float((exact == truth).mean()),
                        "differ": float((here != exact).mean()),
                    }
                )
    return {"vnni": vnni(), "rows": len(rows), "nets": records}


def vnni() -> bool:
    """Has this processor the instructions that multiply 8 bits without saturating? (Linux on x86 says so.)"""
    with contextlib.suppress(OSError):
        return "vnni" in Path("/proc/cpuinfo").read_text(encoding="utf-8")
    return False


def _quantise(plain: Path, small: Path, bits: int) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    logging.getLogger().setLevel(logging.ERROR)
    quantize_dynamic(plain, small, weight_type=QuantType.QInt8, reduce_range=bits == 7)


def _exact(path: Path) -> bytes:
    """The same graph with its products of integers in float64, which holds every such sum."""
    import onnx
    from onnx import TensorProto, helper

    model = onnx.load(path)
    nodes = []
    for node in model.graph.node:
        if node.op_type != "MatMulInteger":
            nodes.append(node)
            continue
        wide = []
        for name, zero in zip(node.input[:2], node.input[2:], strict=True):
            parts = [f"{node.name}_{one}_wide" for one in (name, zero)]
            cast = {"to": TensorProto.DOUBLE}
            nodes += [helper.make_node("Cast", [a], [b], **cast) for a, b in zip((name, zero), parts, strict=True)]
            nodes.append(helper.make_node("Sub", parts, [f"{parts[0]}_less"]))
            wide.append(f"{parts[0]}_less")
        product = f"{node.output[0]}_wide"
        nodes.append(helper.make_node("MatMul", wide, [product]))
        nodes.append(helper.make_node("Cast", [product], [node.output[0]], to=TensorProto.INT32))
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return model.SerializeToString()


def _labels(content: bytes, rows: np.ndarray) -> np.ndarray:
    import onnxruntime

    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    return np.concatenate([session.run(None, {"pixels": rows[k : k + 1]})[0] for k in range(len(rows))])


def table(result: dict) -> Table:
    """The records as a table."""
    made = Table("Net", "Bits", "Accuracy here", "In exact integers", "Labels that differ")
    for one in result["nets"]:
        shares = (f"{one[name]:.2%}" for name in ("here", "exact", "differ"))
        made.add_row(str(one["seed"]), str(one["bits"]), *shares)
    made.caption = (
        f"{result['rows']:,} scans, one at a time, on a processor {'with' if result['vnni'] else 'without'} VNNI"
    )
    return made


def markdown(result: dict) -> str:
    """The same for the handbook."""
    head = (
        "| Net | Bits | Accuracy there | In exact integers | Labels that differ |\n| ---: | ---: | ---: | ---: | ---: |"
    )
    rows = [
        f"| {one['seed']} | {one['bits']} | {one['here']:.2%} | {one['exact']:.2%} | {one['differ']:.2%} |"
        for one in result["nets"]
    ]
    where = f"{result['rows']:,} scans, one at a time, on a processor {'with' if result['vnni'] else 'without'} VNNI."
    return "\n".join([where, "", head, *rows])
