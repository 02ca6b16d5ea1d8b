"""The training code of f08: raw requests in, a rate in euros a night out. This is what a graph must agree with.

What pandas does to the columns is here; the model behind it takes numbers and is an ONNX file already.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import onnxruntime

#: Columns of a request: texts as they were typed, and two numbers (NaN is missing).
TEXTS = ("country", "agent", "room", "segment", "arrival", "lead", "total")
NUMBERS = ("nights", "guests")
COLUMNS = (*TEXTS, *NUMBERS)
#: Columns that are replaced by a mean rate, and what a value is called that has none of its own.
RATED = ("country", "agent", "room")
OTHER = "other"
#: What stands for nothing, once blanks at the ends are off and letters are small.
NOTHING = ("", "-", "n/a", "null")
NUMBER = r"(\d{1,3}(,\d{3})+|\d+)(\.\d+)?"
TREES = 40
DATE = r"\d{4}-(0[1-9]|1[0-2])-\d{2}"


def tidy(texts: pd.Series) -> pd.Series:
    """Blanks at the ends off, letters small; what stands for nothing becomes ""."""
    texts = texts.str.strip(" ").str.lower()
    return texts.mask(texts.isin(NOTHING), "")


def number(texts: pd.Series) -> pd.Series:
    """float64: what is written like 1240, 1,240 or 1,240.50, with blanks at the ends or without; all else is NaN."""
    texts = texts.str.strip(" ")
    texts = texts.where(texts.str.fullmatch(NUMBER))
    return texts.str.replace(",", "", regex=False).astype("float64")


def month(texts: pd.Series) -> pd.Series:
    """The month, "01" to "12", of a date like 2017-03-25, with blanks at the ends or without; all else is ""."""
    texts = texts.str.strip(" ")
    return texts.where(texts.str.fullmatch(DATE), "").str[5:7]


@dataclass(frozen=True)
class Pipeline:
    """What was learned from the training rows.

    Attributes
    ----------
    means : for each of `RATED` the mean rate of every value that was kept, of "" (nothing) and of `OTHER`, in euros.
    segments : the segments that have a column of their own, in order.
    season : mean rate of each month "01" to "12", and of "" (nothing).
    medians : of `lead` (days), `nightly` (list price of a night), `nights` and `guests`.
    tariffs : list prices at which a band begins, rising, float64.
    model : an ONNX file, "features" float32 (N, 13) to "rate" float32 (N, 1).
    """

    means: Mapping[str, Mapping[str, float]]
    segments: tuple[str, ...]
    season: Mapping[str, float]
    medians: Mapping[str, float]
    tariffs: tuple[float, ...]
    model: bytes = field(repr=False)

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the model's columns, in order."""
        return (*RATED, "season", "lead", "band", "nights", "guests", *(f"is {name}" for name in self.segments))

    def prepare(self, frame: pd.DataFrame) -> np.ndarray:
        """Raw requests to what the model takes, float32 (N, 13)."""
        columns = []
        for name in RATED:
            texts = tidy(frame[name])
            columns.append(texts.map(self.means[name]).fillna(self.means[name][OTHER]))
        columns.append(month(frame["arrival"]).map(self.season))
        columns.append(number(frame["lead"]).fillna(self.medians["lead"]))
        nights = frame["nights"].astype("float64")
        nightly = (number(frame["total"]) / nights).fillna(self.medians["nightly"])
        columns.append(np.digitize(nightly, self.tariffs))
        columns.append(nights.fillna(self.medians["nights"]))
        columns.append(frame["guests"].astype("float64").fillna(self.medians["guests"]))
        segment = tidy(frame["segment"])
        columns += [segment == name for name in self.segments]
        return np.column_stack(columns).astype(np.float32)

    def predict(self, frame: pd.DataFrame) -> np.ndarray:
        """Raw requests, a column for each of `COLUMNS`, to rates in euros a night, float32 (N, 1)."""
        return self._session.run(None, {"features": self.prepare(frame)})[0]

    @cached_property
    def _session(self) -> onnxruntime.InferenceSession:
        import onnxruntime

        return onnxruntime.InferenceSession(self.model, providers=["CPUExecutionProvider"])


def fit(frame: pd.DataFrame, rates: np.ndarray, tariffs: tuple[float, ...], least: int) -> Pipeline:
    """Learn from raw requests and the rates that were agreed; a value in fewer than `least` rows is `OTHER`.

    Tables are rounded to cents and the trees are grown on one thread, so that the same rows give the same pipeline.
    """
    rates = pd.Series(rates, index=frame.index, dtype="float64")
    means = {name: _means(tidy(frame[name]), rates, least) for name in RATED}
    season = {"": round(float(rates.mean()), 2), **rates.groupby(month(frame["arrival"])).mean().round(2).to_dict()}
    counts = tidy(frame["segment"]).value_counts()
    segments = tuple(sorted(name for name, rows in counts.items() if name and rows >= least))
    nights = frame["nights"].astype("float64")
    found = {
        "lead": number(frame["lead"]),
        "nightly": number(frame["total"]) / nights,
        "nights": nights,
        "guests": frame["guests"].astype("float64"),
    }
    medians = {name: round(float(values.median()), 2) for name, values in found.items()}
    plain = Pipeline(means, segments, season, medians, tuple(tariffs), b"")
    return Pipeline(**{**vars(plain), "model": _grown(plain.prepare(frame), rates.to_numpy())})


def _means(texts: pd.Series, rates: pd.Series, least: int) -> dict[str, float]:
    counts = texts.map(texts.value_counts())
    names = texts.where((counts >= least) | (texts == ""), OTHER)
    everything = round(float(rates.mean()), 2)  # for "" and OTHER, where no training row is such
    return {"": everything, OTHER: everything, **rates.groupby(names).mean().round(2).to_dict()}


def _grown(features: np.ndarray, rates: np.ndarray) -> bytes:
    """Boosted trees, as an ONNX file."""
    from skl2onnx import to_onnx
    from sklearn.ensemble import GradientBoostingRegressor

    trees = GradientBoostingRegressor(n_estimators=TREES, max_depth=4, learning_rate=0.2, random_state=0)
    model = to_onnx(trees.fit(features, rates), features[:1], target_opset={"": 20, "ai.onnx.ml": 3})
    for node in model.graph.node:
        node.input[:] = ["features" if name == "X" else name for name in node.input]
        node.output[:] = ["rate" if name == "variable" else name for name in node.output]
    model.graph.input[0].name, model.graph.output[0].name = "features", "rate"
    return model.SerializeToString(deterministic=True)


def packed(pipeline: Pipeline) -> dict[str, np.ndarray]:
    """The pipeline as plain arrays: `pipeline` (text) and `model` (bytes)."""
    plain = {name: value for name, value in asdict(pipeline).items() if name != "model"}
    return {"pipeline": np.array(json.dumps(plain)), "model": np.frombuffer(pipeline.model, np.uint8)}


def load(data: Mapping[str, np.ndarray]) -> Pipeline:
    """The pipeline that `packed` made arrays of."""
    plain = json.loads(str(data["pipeline"]))
    return Pipeline(
        **{name: tuple(value) if isinstance(value, list) else value for name, value in plain.items()},
        model=data["model"].tobytes(),
    )
