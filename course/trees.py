"""Fitted trees of scikit-learn as operators of a graph: exact at every split, missing values and categories included.

Converters lose the way of a missing value and the splits by categories. `TreeEnsemble` of ai.onnx.ml 5 has both, in a
third of the bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

import numpy as np
from onnx import numpy_helper

#: A node: which column, the split, members (None where a number is compared), the ends where it is true and where it
#: is not, and whether a missing value goes where it is true. An end is the number of a node, or a float: a leaf.
Node = tuple[int, float, "np.ndarray | None", "int | float", "int | float", bool]
LEQ, MEMBER = 0, 6


class Graph(Protocol):
    """What operators are appended to: `course.graph.Graph`."""

    def add(self, operator: str, *inputs: str | np.ndarray, outputs: int = 1, **attributes: Any) -> Any:
        """Append an operator; the name of its result."""


def append(graph: Graph, value: str, model: Any) -> str:
    """Append a fitted model to a graph, behind the features `value`, float32 [N, k]; the name of its answer.

    That is float32 [N, 1] for a regressor and [N, classes], probabilities, for a classifier. Models: one tree, random
    forests, extra trees, histogram gradient boosting. Raises TypeError for another.
    """
    name = type(model).__name__
    if name.startswith("HistGradientBoosting"):
        return _boosted(graph, value, model)
    if hasattr(model, "tree_"):
        return _votes(graph, value, model, [model])
    if hasattr(model, "estimators_") and name.startswith(("RandomForest", "ExtraTrees")):
        return _votes(graph, value, model, list(model.estimators_))
    raise TypeError(
        f"{name} can't be written by hand: DecisionTree, ExtraTree, RandomForest, ExtraTrees, HistGradientBoosting can."
    )


def _votes(graph: Graph, value: str, model: Any, trees: list[Any]) -> str:
    """The mean of trees: of two classes the second is summed up, of more each has its own copy of every tree."""
    classes = model.n_classes_ if hasattr(model, "classes_") else 0
    targets = [1] if classes == 2 else list(range(classes or 1))
    made = [
        (place, list(_of_tree(one.tree_, column, len(trees)))) for place, column in enumerate(targets) for one in trees
    ]
    found = _ensemble(graph, value, made, len(targets))
    return _two(graph, found) if classes == 2 else found


def _of_tree(tree: Any, column: int, trees: int) -> Iterator[Node]:
    values = tree.value[:, 0, column] / trees
    inner = np.flatnonzero(tree.children_left >= 0)
    place = {int(node): number for number, node in enumerate(inner)}

    def end(node: int) -> int | float:
        return place[node] if node in place else float(values[node])

    if not len(inner):
        yield 0, 0.0, None, float(values[0]), float(values[0]), False
    for node in inner:
        yield (
            int(tree.feature[node]), _below(tree.threshold[node]), None, end(int(tree.children_left[node])),
            end(int(tree.children_right[node])), bool(tree.missing_go_to_left[node]),
        )  # fmt: skip


def _below(threshold: float) -> float:
    """The largest float32 that is no larger: a float32 compared with it falls as it does compared with the float64."""
    near = np.float32(threshold)
    return float(near if near <= threshold else np.nextafter(near, np.float32(-np.inf)))


def _boosted(graph: Graph, value: str, model: Any) -> str:
    columns, categories = _columns(model)
    made = [
        (target, list(_of_predictor(one.nodes, one.raw_left_cat_bitsets, columns, categories)))
        for stage in model._predictors
        for target, one in enumerate(stage)
    ]
    start = np.asarray(model._baseline_prediction, np.float32).reshape(1, -1)
    found = graph.add("Add", _ensemble(graph, value, made, start.size), start)
    if not hasattr(model, "classes_"):
        return graph.add("Exp", found) if model.loss in ("poisson", "gamma") else found
    return graph.add("Softmax", found, axis=1) if start.size > 1 else _two(graph, graph.add("Sigmoid", found))


def _columns(model: Any) -> tuple[Callable[[int], int], dict[int, np.ndarray]]:
    """Where a feature of the trees stands among the given columns, and the values of those that are categories.

    Boosting on categories puts these first, and numbers their values.
    """
    known = model.is_categorical_
    if known is None or not known.any():
        return lambda feature: feature, {}
    order = [*np.flatnonzero(known), *np.flatnonzero(~known)]
    encoder = model._preprocessor.named_transformers_["encoder"]
    return lambda feature: int(order[feature]), dict(enumerate(encoder.categories_))


def _of_predictor(
    nodes: np.ndarray, left_sets: np.ndarray, columns: Callable[[int], int], categories: dict[int, np.ndarray]
) -> Iterator[Node]:
    inner = np.flatnonzero(nodes["is_leaf"] == 0)
    place = {int(node): number for number, node in enumerate(inner)}

    def end(node: int) -> int | float:
        return place[node] if node in place else float(nodes["value"][node])

    if not len(inner):
        yield 0, 0.0, None, end(0), end(0), False
    for node in nodes[inner]:
        feature, left, right = int(node["feature_idx"]), end(int(node["left"])), end(int(node["right"]))
        missing_left = bool(node["missing_go_to_left"])
        if not node["is_categorical"]:
            yield columns(feature), _below(node["num_threshold"]), None, left, right, missing_left
            continue
        known = np.asarray(categories[feature], float)
        numbers = np.arange(len(known))
        bits = left_sets[node["bitset_idx"]]
        goes_left = (bits[numbers // 32] >> (numbers % 32).astype(np.uint32)) & 1 == 1
        there = ~np.isnan(known)
        # What is unknown goes where missing values go: to the side that the set does not name.
        if missing_left:
            yield columns(feature), 0.0, known[~goes_left & there], right, left, False
        else:
            yield columns(feature), 0.0, known[goes_left & there], left, right, False


def _ensemble(graph: Graph, value: str, trees: Iterable[tuple[int, list[Node]]], targets: int) -> str:
    """All trees, (target, nodes), in one operator that sums up the leaves: float32 [N, targets]."""
    fields: dict[str, list] = {
        name: []
        for name in (
            "nodes_featureids", "nodes_truenodeids", "nodes_falsenodeids", "nodes_trueleafs", "nodes_falseleafs",
            "nodes_missing_value_tracks_true", "tree_roots", "leaf_targetids",
        )
    }  # fmt: skip
    modes, splits, weights, members = [], [], [], []
    for target, nodes in trees:
        first = len(modes)
        fields["tree_roots"].append(first)
        for feature, split, inside, *ends, missing in nodes:
            if inside is not None:
                members += [*inside, np.nan]
            modes.append(LEQ if inside is None else MEMBER)
            splits.append(split)
            fields["nodes_featureids"].append(feature)
            fields["nodes_missing_value_tracks_true"].append(int(missing))
            for side, end in zip(("true", "false"), ends, strict=True):
                leaf = isinstance(end, float)
                fields[f"nodes_{side}leafs"].append(int(leaf))
                fields[f"nodes_{side}nodeids"].append(len(weights) if leaf else first + end)
                if leaf:
                    weights.append(end)
                    fields["leaf_targetids"].append(target)
    tensors = {"nodes_splits": splits, "leaf_weights": weights}
    if members:
        tensors["membership_values"] = members
    given = {name: numpy_helper.from_array(np.array(one, np.float32), name) for name, one in tensors.items()}
    given["nodes_modes"] = numpy_helper.from_array(np.array(modes, np.uint8), "nodes_modes")
    return graph.add("TreeEnsemble", value, n_targets=targets, aggregate_function=1, **given, **fields)


def _two(graph: Graph, second: str) -> str:
    """Probabilities of two classes from that of the second, [N, 1]."""
    return graph.add("Concat", graph.add("Sub", np.float32(1), second), second, axis=1)
