"""Parity: does a file answer what the fitted model answers, on the same rows, and if not, why?

`compare` runs both and names the likely cause from a table of known cases; `converted` converts with skl2onnx and
refuses what answers differently. It knows estimators, operators and rows, no unit.
"""

from course.contract.parity.compare import Parity, compare
from course.contract.parity.convert import Differs, converted

__all__ = ["Differs", "Parity", "compare", "converted"]
