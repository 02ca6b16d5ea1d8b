"""The attack corpus: hostile submissions by theme. tests/test_attacks.py runs them."""

from __future__ import annotations

from attacks import bombs, calls, cells, files, kernel, markup, onnx_files, reading, shadows, writing

CORPUS = (
    *cells.ATTACKS, *files.ATTACKS, *kernel.ATTACKS, *shadows.ATTACKS, *reading.ATTACKS,
    *writing.ATTACKS, *bombs.ATTACKS, *calls.ATTACKS, *onnx_files.ATTACKS, *markup.ATTACKS,
)  # fmt: skip
