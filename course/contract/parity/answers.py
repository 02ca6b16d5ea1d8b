"""What a model and a file answer to the same rows, and which answer of the one is which of the other."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from course.contract.parity.apart import joined
from course.problem import Problem, readable

#: What onnxruntime calls the types of inputs, in numpy's words.
_TYPES = {"float": np.float32, "double": np.float64, "string": object, "bool": bool, "int64": np.int64}


class File:
    """An ONNX model that answers rows: `outputs` has the names of what it says."""

    def __init__(self, content: bytes, outputs: tuple[str, ...] = ()):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4  # errors are raised
        options.intra_op_num_threads = 1
        try:
            self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's exceptions have no common class
            raise Problem(f"onnxruntime can't load the file: {_first(error)}") from None
        self._inputs = {one.name: (_dtype(one.type), len(one.shape or [])) for one in self._session.get_inputs()}
        known = [one.name for one in self._session.get_outputs()]
        self.outputs = tuple(name for name in known if not outputs or name in outputs)
        if not self.outputs:
            raise Problem(f"the file has no output called {', '.join(outputs)}; it has {', '.join(known)}.")

    def same(self, rows: Any) -> Any:
        """The rows as the file can be told them: numbers of another width are rounded, for the model as well."""
        dtype, _ = next(iter(self._inputs.values()))
        if hasattr(rows, "iloc"):
            if len(self._inputs) == 1 and dtype is not object:
                return rows.astype(dtype)
            numbers = {name: kind for name, (kind, _) in self._inputs.items() if name in rows and kind is not object}
            return rows.astype(numbers)
        rows = np.asarray(rows)
        return rows.astype(dtype) if dtype is not object else rows.astype(object)

    def ask(self, rows: Any) -> dict[str, np.ndarray]:
        """The answers by the names of the outputs. Raises Problem with onnxruntime's words."""
        if len(self._inputs) == 1:
            (name, (dtype, dimensions)), *_ = self._inputs.items()
            whole = rows.to_numpy() if hasattr(rows, "iloc") else np.asarray(rows)
            given = {name: _formed(whole, dtype, dimensions)}
        elif not hasattr(rows, "iloc"):
            raise Problem(
                f"the file has the inputs {', '.join(self._inputs)}: give rows as a DataFrame with these columns."
            )
        elif missing := set(self._inputs) - set(rows.columns):
            raise Problem(f"the rows have no column {', '.join(sorted(missing))}, which the file asks for.")
        else:
            given = {name: _formed(rows[name].to_numpy(), *kind) for name, kind in self._inputs.items()}
        try:
            found = self._session.run(list(self.outputs), given)
        except Exception as error:
            raise Problem(f"the file can't answer these rows: {_first(error)}") from None
        return {name: _array(one) for name, one in zip(self.outputs, found, strict=True)}


def _dtype(kind: str) -> type:
    name = kind[len("tensor(") : -1] if kind.startswith("tensor(") else kind
    return _TYPES.get(name) or np.dtype(name).type


def _formed(values: np.ndarray, dtype: type, dimensions: int) -> np.ndarray:
    if dtype is object:
        values = np.array([one if isinstance(one, str) else _text(one) for one in values.ravel()], object).reshape(
            values.shape
        )
    values = values.astype(dtype)
    return values.reshape(len(values), -1) if dimensions == 2 else values.ravel() if dimensions == 1 else values


def _text(value: Any) -> str:
    """A missing text as pandas and numpy write it: a graph has no text that is missing."""
    return "nan" if value is None or value != value else str(value)


def _array(value: Any) -> np.ndarray:
    """An output as an array: a converter's list of dictionaries, one for each row, has a column for each class."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return np.array([list(one.values()) for one in value])
    return np.asarray(value)


def _first(error: Exception) -> str:
    return readable(str(error).split("] : ")[-1], 160)


class Answers:
    """What a fitted model says of some rows. It may also be a function that returns an array, or arrays by name."""

    def __init__(self, model: Any, rows: Any):
        self._model, self._rows = model, rows
        self._kept: dict[str, np.ndarray | None] = {}
        self._own = None
        if not hasattr(model, "fit") and callable(model):
            found = model(rows)
            self._own = found if isinstance(found, Mapping) else {"": np.asarray(found)}

    def like(self, name: str, answer: np.ndarray) -> tuple[str, np.ndarray] | None:
        """The answer of the model that an output means, and what it is called: a label, probabilities, values.

        None if there is none of that kind. An answer to another number of rows is still the answer that was meant.
        """
        if self._own is not None:
            mine = self._own.get(name, self._own.get("") if len(self._own) == 1 else None)
            return None if mine is None else ("values", np.asarray(mine))
        model = self._model
        classifier = _classifies(model)
        if answer.dtype.kind in "iubOU" and hasattr(model, "predict"):
            return self._of("predict", "label")
        if classifier:
            width = answer.shape[1] if answer.ndim == 2 else 1
            for method, what in (("predict_proba", "probability"), ("decision_function", "values")):
                if (found := self._of(method, what)) is not None:
                    return _columns(found, width)
            return None
        wide = answer.ndim == 2 and answer.shape[1] > 1
        order = ("predict_proba", "decision_function", "transform", "predict")
        for method in order if wide else ("decision_function", "predict", "transform"):
            if (found := self._of(method, "values")) is not None:
                return found
        return None

    def ask(self, told: Mapping[str, np.ndarray]) -> None:
        """Ask the model now for all that these outputs mean. Raises what the model raises."""
        for name, answer in told.items():
            self.like(name, answer)

    def parts(self, kinds: Mapping[str, Any]) -> dict[str, Answers]:
        """The answers to rows of each kind, where these rows are all of them, one kind behind the other."""
        made, start = {}, 0
        for kind, rows in kinds.items():
            part = made[kind] = Answers.__new__(Answers)
            at = slice(start, start + len(rows))
            part._model, part._rows = self._model, rows
            part._kept = {method: None if all_ is None else all_[at] for method, all_ in self._kept.items()}
            part._own = self._own and {name: np.asarray(all_)[at] for name, all_ in self._own.items()}
            start += len(rows)
        return made

    def tied(self, near: float) -> np.ndarray | None:
        """The rows whose best two scores are this close, bool (n,); None where the model has no scores."""
        if self._own is not None or not _classifies(self._model):
            return None
        found = self._of("predict_proba", "") or self._of("decision_function", "")
        if found is None:
            return None
        scores = found[1]
        if scores.ndim == 1:
            return np.abs(scores) <= near
        best = np.sort(scores, axis=1)[:, -2:]
        return best[:, -1] - best[:, 0] <= near

    def _of(self, method: str, what: str) -> tuple[str, np.ndarray] | None:
        if method not in self._kept:
            self._kept[method] = None
            if hasattr(self._model, method):
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    found = getattr(self._model, method)(self._rows)
                if not isinstance(found, list):
                    self._kept[method] = np.asarray(found.toarray() if hasattr(found, "toarray") else found)
        found = self._kept[method]
        return None if found is None else (what, found)


def answered(model: Any, kinds: Mapping[str, Any], told: Mapping[str, np.ndarray]) -> dict[str, Answers]:
    """The model's answers to rows of several kinds, asked in one go; without kinds of rows that it refuses."""
    try:
        whole = Answers(model, joined(list(kinds.values())))
        whole.ask(told)
        return whole.parts(kinds)
    except Exception:  # whatever an estimator raises where it does not take such a row
        found = {}
    for kind, rows in kinds.items():
        with contextlib.suppress(Exception):
            answers = Answers(model, rows)
            answers.ask(told)
            found[kind] = answers
    return found


def _classifies(model: Any) -> bool:
    return hasattr(model, "classes_") and hasattr(model, "predict")


def _columns(found: tuple[str, np.ndarray], width: int) -> tuple[str, np.ndarray] | None:
    """The columns of a classifier's answer that an output of so many columns has: of two classes often the second."""
    what, values = found
    mine = values.shape[1] if values.ndim == 2 else 1
    if mine == width:
        return found
    if width == 1 and mine == 2:
        return what, values[:, 1]
    return None
