"""The pictures of f08: which side of a tariff a price falls on, and which requests a graph gets right."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from course.units.f08_one_graph import world

NIGHTS = np.arange(2, 22)


def sides(tariff: float) -> dict[str, np.ndarray]:
    """Steps of each precision by which total / nights lies above the tariff, for `NIGHTS` nights at that tariff."""
    totals = [float(f"{tariff * n:.2f}") for n in NIGHTS]
    found = {}
    for kind in (np.float64, np.float32):
        nightly = np.array(totals, kind) / NIGHTS.astype(kind)
        found[np.dtype(kind).name] = np.round((nightly - kind(tariff)) / np.spacing(kind(tariff)))
    return found


def boundary(tariff: float) -> None:
    """Draw `sides`, and say in words where the precisions differ."""
    import matplotlib.pyplot as plt

    found = sides(tariff)
    _, axes = plt.subplots(1, 2, figsize=(10, 2.8), sharey=True, layout="constrained")
    for axis, (name, steps) in zip(axes, found.items(), strict=True):
        below = steps < 0
        axis.axhline(0, color="0.6")
        axis.scatter(NIGHTS[~below], steps[~below], marker="o", color="black", label="in the band")
        axis.scatter(NIGHTS[below], steps[below], marker="v", facecolor="white", edgecolor="black", label="below it")
        axis.set(title=f"{name}: stays at {tariff:.2f} € a night", xlabel="nights", xticks=NIGHTS[::2])
    axes[0].set(ylabel="total / nights - tariff,\nin the last digit", ylim=(-1.8, 1.8), yticks=[-1, 0, 1])
    axes[1].legend(fontsize="small", loc="upper right")
    plt.show()
    for name, steps in found.items():
        print(f"{name} says 'below the tariff' for {_listed(NIGHTS[steps < 0])}")


def _listed(nights: np.ndarray) -> str:
    return f"{', '.join(map(str, nights))} nights" if len(nights) else "no stay"


def agreement(data: Mapping[str, np.ndarray], files: Mapping[str, str]) -> None:
    """For each kind of request, the share that each graph (name -> file) gets right: bars and a table."""
    import matplotlib.pyplot as plt
    import pandas as pd

    kinds = {"tidy": ~data["kinds"].any(axis=1), **dict(zip(world.KINDS, data["kinds"].T, strict=True))}
    shares = {}
    for name, file in files.items():
        try:
            agree = np.abs(asked(file, data) - data["answers"])[:, 0] <= world.CENT
        except Exception as error:  # onnxruntime's exceptions share no base class
            print(f"{name} does not answer: {' '.join(str(error).split())[:150]}")
            continue
        shares[name] = {f"{kind} ({has.sum():,})": 100 * agree[has].mean() for kind, has in kinds.items()}
    if not shares:
        return
    table = pd.DataFrame(shares)
    hatches = ("", "///", "...", "xxx")
    axis = table.plot.barh(figsize=(9, 0.6 + 0.7 * len(table)), color="white", edgecolor="black", width=0.8)
    for bars, hatch in zip(axis.containers, hatches, strict=False):
        for bar in bars:
            bar.set_hatch(hatch)
    axis.invert_yaxis()
    axis.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    axis.set(xlabel="% of requests that agree", xlim=(0, 100))
    plt.tight_layout()
    plt.show()
    print(table.round(0).astype(int).to_string())


def asked(file: str, data: Mapping[str, np.ndarray]) -> np.ndarray:
    """Rates that a graph gives for requests by column."""
    import onnxruntime

    if not Path(file).is_file():
        raise FileNotFoundError(f"there is no {file} yet")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    names = [one.name for one in session.get_inputs()]
    feed = {name: data[name].astype(object) if data[name].dtype.kind == "U" else data[name] for name in names}
    return session.run(["rate"], feed)[0]
