"""The pictures of q17: how sure pairs of letters are, and what a model takes for what."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from course.units.q17_language_id import world

_ROWS = 16_384
#: Edges of the bars: how probable the best language is, and how much there is to read.
SURE, LETTERS = (0.5, 0.9, 0.99, 0.999), (15, 20, 30)


def pairs(data: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Naive Bayes on pairs of characters: the answer (n,) to each public window and its probability (n,)."""
    languages = len(data["languages"])
    counts = np.full((languages, _ROWS), 0.1)
    texts = str(data["texts_train"]).split("\n")
    for place in range(languages):
        written = " ".join(texts[k] for k in np.flatnonzero(data["y_train"] == place))
        counts[place] += np.bincount(_rows(np.array([ord(one) for one in written])), minlength=_ROWS)
    table = np.log(counts / counts.sum(axis=1, keepdims=True)).T
    codes = data["codes_public"].astype(np.int64)
    rows, there = _rows(codes), codes[:, 1:] > 0
    scores = np.zeros((len(codes), languages))
    for k in range(rows.shape[1]):
        scores += table[rows[:, k]] * there[:, k, None]
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    return scores.argmax(axis=1), 1 / odds.sum(axis=1)


def _rows(codes: np.ndarray) -> np.ndarray:
    return (codes[..., :-1] * 31 + codes[..., 1:]) % _ROWS


def sure(data: Mapping[str, np.ndarray]) -> None:
    """Draw how sure `pairs` is where it is right, where it is wrong and of strangers, and what length does.

    What is drawn is printed as well.
    """
    import matplotlib.pyplot as plt

    said, probability = pairs(data)
    truth, known = data["y_public"], data["y_public"] < len(data["languages"])
    right = said == truth
    groups = {"known, read right": known & right, "known, read wrong": known & ~right, "strangers": ~known}
    names = ["0 to 50 %", "to 90 %", "to 99 %", "to 99.9 %", "above"]
    _, axes = plt.subplots(1, 2, figsize=(10.5, 3.2), layout="constrained", width_ratios=(3, 2))
    for k, ((name, rows), hatch) in enumerate(zip(groups.items(), ("", "///", "xxx"), strict=True)):
        shares = 100 * np.bincount(np.digitize(probability[rows], SURE), minlength=5) / rows.sum()
        at = np.arange(5) + 0.27 * (k - 1)
        axes[0].bar(at, shares, 0.25, label=name, color="white", edgecolor="black", hatch=hatch)
        print(f"{name}: {shares[-1]:.0f} % have a best language with a probability above 99.9 %")
    axes[0].set(xticks=range(5), xticklabels=names, xlabel="probability of the best language", ylabel="% of the group")
    axes[0].legend(fontsize="small")
    read = np.array([world.letters("".join(map(chr, row[row > 0]))) for row in data["codes_public"]])
    where = np.digitize(read, LETTERS)
    shares = [100 * right[known & (where == k)].mean() for k in range(len(LETTERS) + 1)]
    lengths = [f"{a} to {b - 1}" for a, b in zip((world.LEAST, *LETTERS), LETTERS, strict=False)] + ["more"]
    axes[1].plot(lengths, shares, "o-", color="black")
    axes[1].set(xlabel="letters in the window", ylabel="% read right", ylim=(0, 100))
    plt.show()
    print("known, read right by letters: " + ", ".join(f"{a}: {b:.0f} %" for a, b in zip(lengths, shares, strict=True)))


def mistakes(data: Mapping[str, np.ndarray], file: str = "model.onnx") -> None:
    """Print which languages a model takes for which on the public windows, and what it makes of strangers."""
    import onnxruntime

    if not Path(file).is_file():
        print(f"There is no {file} yet.")
        return
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
        said = session.run(["language"], {"codes": data["codes_public"]})[0].ravel()
    except Exception as error:  # onnxruntime's exceptions share no base class
        print(f"{file} does not answer: {' '.join(str(error).split())[:150]}")
        return
    listed = [world.names()[code] for code in data["languages"].tolist()]
    names, truth = np.array([*listed, "unknown"]), data["y_public"]
    said = np.clip(said, 0, len(listed))
    print("Known languages, most frequent mistakes:")
    taken = np.zeros((len(names), len(names)), int)
    np.add.at(taken, (truth, said), 1)
    off = taken.copy()
    np.fill_diagonal(off, 0)
    off[-1] = off[:, -1] = 0
    for a, b in zip(*np.unravel_index(np.argsort(-off, axis=None)[:8], off.shape), strict=True):
        print(f"  {names[a]} read as {names[b]}: {off[a, b]} of {taken[a].sum()}")
    print(f"  refused: {taken[:-1, -1].sum()} of {taken[:-1].sum():,}")
    print("Strangers:")
    for code in np.unique(data["language_public"][truth == len(listed)]):
        given = said[data["language_public"] == code]
        most = np.bincount(given[given < len(listed)], minlength=len(listed))
        read = f", else mostly {names[most.argmax()]}" if most.any() else ""
        print(f"  {world.names()[str(code)]}: {(given == len(listed)).mean():.0%} unknown{read}")
