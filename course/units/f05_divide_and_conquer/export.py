"""Layers as `router.onnx`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


def save(layers: Sequence[tuple[np.ndarray, np.ndarray]], file: str | Path) -> None:
    """Save a router of these layers.

    Parameters
    ----------
    layers : (weights (inputs, outputs), shift (outputs,)) of each, with a ReLU between two. The last has 7 outputs:
        log odds of the teams, of which a softmax makes chances, and of being urgent, of which a sigmoid does.
    file : where to.
    """
    import numpy as np

    from course.graph import Graph

    g = Graph({"features": (np.float32, len(layers[0][0]))})
    teams, haste = g.add("Split", g.dense("features", layers), np.array([6, 1]), axis=1, outputs=2)
    chances = g.add("Softmax", teams, axis=1), g.add("Sigmoid", haste)
    g.save(file, scores=g.add("Concat", *chances, axis=1))
