"""What a learner has saved: a fitted estimator, and rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from course.problem import Problem, readable


def fitted(path: Path) -> Any:
    """An estimator that was saved with joblib or pickle: a file of the learner's own, because loading runs it."""
    import joblib

    _there(path)
    try:
        return joblib.load(path)
    except Exception as error:  # whatever a damaged pickle raises
        raise Problem(
            f"{path} can't be loaded ({type(error).__name__}): save the model with joblib.dump, in this environment."
        ) from None


def table(path: Path) -> Any:
    """Rows from .npy or .npz as an array, from .csv as a DataFrame."""
    import numpy as np

    _there(path)
    try:
        if path.suffix == ".csv":
            import pandas as pd

            return pd.read_csv(path)
        found = np.load(path, allow_pickle=False)
        return found if isinstance(found, np.ndarray) else found[found.files[0]]
    except Exception as error:
        raise Problem(f"{path} holds no rows ({readable(str(error), 100)}): save them with numpy.save.") from None


def _there(path: Path) -> None:
    if not path.is_file():
        raise Problem(f"There is no {path}.")
