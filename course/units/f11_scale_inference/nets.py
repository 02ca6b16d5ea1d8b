"""Networks of scikit-learn as ONNX files that keep the contract: `pixels` in, `probabilities` out."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from course.units.f11_scale_inference.world import SIDE

if TYPE_CHECKING:
    from course.graph import Graph

#: Directions of the edge filters, their width in pixels, and how far apart their strengths are pooled.
DIRECTIONS, WIDTH, STEP = 8, 5, 2
EDGES = DIRECTIONS * (SIDE // STEP) ** 2


def _edge_filters() -> np.ndarray:
    """One filter a direction, float32 (8, 1, 5, 5): how much darker it gets that way; nobody has trained them."""
    axis = np.arange(WIDTH) - WIDTH // 2
    down, right = np.meshgrid(axis, axis, indexing="ij")
    turns = np.arange(DIRECTIONS) * 2 * np.pi / DIRECTIONS
    made = [np.exp(-(down**2 + right**2) / 2) * (np.cos(turn) * right + np.sin(turn) * down) for turn in turns]
    return np.stack([one / (255 * np.abs(one).sum()) for one in made])[:, None].astype(np.float32)


def edge_features(g: Graph, pixels: str = "pixels") -> str:
    """Append what `edges` computes to a graph; the name of the result, float32 [N, 392]."""
    images = g.add("Reshape", pixels, np.array([-1, 1, SIDE, SIDE]))
    strong = g.add("Relu", g.add("Conv", images, _edge_filters(), pads=[WIDTH // 2] * 4))
    pooled = g.add("AveragePool", strong, kernel_shape=[4, 4], strides=[STEP] * 2, pads=[1] * 4)
    return g.add("Reshape", pooled, np.array([0, -1]))


def begin() -> Graph:
    """A graph that has its input alone: `pixels`, float32 [N, 196]."""
    from course.graph import Graph

    return Graph({"pixels": (np.float32, SIDE * SIDE)})


@cache
def house(step: str) -> bytes:
    """A net of the course that nobody has trained, as ONNX: 64 units; those of "large" see edges."""
    rng = np.random.default_rng(11)
    g = begin()
    before, features = (SIDE**2, "pixels") if step == "small" else (EDGES, edge_features(g))
    layers = [(rng.normal(size=sizes) / sizes[0], np.zeros(sizes[1])) for sizes in ((before, 64), (64, 10))]
    return g.model(probabilities=g.add("Softmax", g.dense(features, layers), axis=1)).SerializeToString()


def edges(pixels: np.ndarray) -> np.ndarray:
    """How strong edges of eight directions are, and where: float32 (n, 392) of crops (n, 196)."""
    g = begin()
    return g.look(edge_features(g), pixels)


def write(net: Any, path: str, *, scale: float = 1.0, of_edges: bool = False) -> None:
    """Save a trained network as an ONNX file.

    `net` is an `MLPClassifier` or a `LogisticRegression` of the ten digits, trained on crops divided by `scale`, or on
    their `edges` divided by `scale` where `of_edges` is set; the graph then holds the filters as well.
    """
    if hasattr(net, "coefs_"):
        layers = list(zip(net.coefs_, net.intercepts_, strict=True))
    else:
        layers = [(net.coef_.T, net.intercept_)]
    layers[0] = layers[0][0] / scale, layers[0][1]
    g = begin()
    scores = g.dense(edge_features(g) if of_edges else "pixels", layers)
    g.save(path, probabilities=g.add("Softmax", scores, axis=1))
