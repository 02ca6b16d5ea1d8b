"""Converting with skl2onnx, and refusing what answers differently."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from course.contract.cost.calibration import ML_OPSET, OPSET
from course.contract.parity.compare import compare
from course.problem import Problem, readable

if TYPE_CHECKING:
    import onnx


class Differs(Problem):
    """A conversion answers differently: the message says on how many rows, why, and what to do."""


def converted(
    model: Any, rows: Any, *, opset: int = OPSET, outputs: tuple[str, ...] = (), options: dict | None = None
) -> onnx.ModelProto:
    """A fitted estimator as an ONNX model that answers `rows` as the estimator does.

    Parameters
    ----------
    rows : float32 (n, k), some hundred that the model will meet; see `compare`.
    opset : version of ONNX's own operators.
    outputs : the outputs that will be used; others may differ. All of them by default.
    options : skl2onnx's; probabilities of classifiers are arrays by default.

    Raises Differs with the likely cause, and Problem where there is no converter.
    """
    from skl2onnx import to_onnx

    versions = {"": opset, "ai.onnx.ml": ML_OPSET}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            try:
                made = to_onnx(
                    model, rows[:1], options=options or {id(model): {"zipmap": False}}, target_opset=versions
                )
            except NameError:  # a converter that knows no such option
                made = to_onnx(model, rows[:1], options=options, target_opset=versions)
        except Exception as error:  # the converters' exceptions have no common class
            said = readable(str(error), 160)
            raise Problem(f"skl2onnx can't convert this {type(model).__name__}: {said}") from error
    found = compare(
        model, made.SerializeToString(), rows, outputs=outputs, name=f"the converted {type(model).__name__}"
    )
    if not found.kept:
        raise Differs(found.sentence)
    return made
