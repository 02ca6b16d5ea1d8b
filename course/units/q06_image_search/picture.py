"""The pictures of q06: prints in a row, and what is found for a query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from course.problem import Problem
from course.units.q06_image_search.world import TOP

if TYPE_CHECKING:
    from course.learning.desk import Desk


def sheet(pixels: np.ndarray, texts: Sequence[str] | None = None, title: str = "") -> None:
    """Draw prints, uint8 (n, 24, 24, 3), six in a row, each over its text."""
    import matplotlib.pyplot as plt

    rows = -(-len(pixels) // 6)
    figure, axes = plt.subplots(rows, 6, figsize=(11, 1.9 * rows), layout="constrained", squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
    for k, (axis, one) in enumerate(zip(axes.flat, pixels, strict=False)):
        axis.imshow(one)
        if texts is not None:
            axis.set_title(_lines(texts[k]), fontsize=7)
    figure.suptitle(title, fontsize=10)
    plt.show()


def answers(unit: Desk, data: Mapping[str, np.ndarray], cases: Sequence[int]) -> None:
    """Draw what is found for some public queries, the print that is meant in a frame; say the ranks in words too."""
    import matplotlib.pyplot as plt

    try:
        every = [unit.replay(case).replay for case in cases]
    except Problem as problem:  # nothing is built yet
        print(problem)
        return
    _, axes = plt.subplots(len(cases), TOP, figsize=(11, 1.35 * len(cases)), layout="constrained", squeeze=False)
    for row, played in zip(axes, every, strict=True):
        for axis, (_, place, fits) in zip(row, played.rows, strict=True):
            axis.imshow(data["gallery"][place])
            axis.set(xticks=[], yticks=[])
            for side in axis.spines.values():
                side.set(visible=fits, linewidth=3, color="black")
        row[0].set_title(played.title, fontsize=8, loc="left")
        ranks = [rank for rank, _, fits in played.rows if fits]
        print(f"{played.title}: " + (f"found, rank {ranks[0]}" if ranks else "not among the ten"))
    plt.show()


def _lines(text: str) -> str:
    words, made = text.split(), [""]
    for word in words:
        if len(made[-1]) + len(word) > 18:
            made.append("")
        made[-1] = f"{made[-1]} {word}".strip()
    return "\n".join(made)
