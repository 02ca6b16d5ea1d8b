"""The pictures of q11: words that vectors take for the same, what a threshold lets through, and errors."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from course.units.q11_duplicate_questions.judge import Answer, checked, false_duplicates, recall
from course.units.q11_duplicate_questions.world import Asked


def neighbours(words: Sequence[str], vectors: np.ndarray, among: Sequence[str], asked: Sequence[str]) -> None:
    """Print for each word the three of `among` whose vectors are nearest, with the cosine."""
    place = {word: row for row, word in enumerate(words)}
    among = [word for word in among if word in place]
    table = vectors[[place[word] for word in among]].astype(np.float32)
    for word in asked:
        near = table @ vectors[place[word]].astype(np.float32)
        best = [k for k in np.argsort(-near, kind="stable") if among[k] != word][:3]
        print(f"{word:>12}:  " + "   ".join(f"{among[k]} {near[k]:.2f}" for k in best))


def thresholds(flags: np.ndarray, same: np.ndarray, week: np.ndarray, repeated: np.ndarray) -> None:
    """Draw what each threshold lets through: of flags, and of a week's questions beside their best stored one.

    `flags` and `week` are similarities; `same` and `repeated` are True where the answer is yes.
    """
    import matplotlib.pyplot as plt

    _, axes = plt.subplots(1, 2, figsize=(10, 3.4), sharex=True, layout="constrained")
    lines = np.linspace(0, 1, 201)
    for axis, scores, yes, title in zip(
        axes, (flags, week), (same, repeated), ("flags", "a week, best of 50,000"), strict=True
    ):
        for which, style, name in (
            (yes, "-", "asked before"),
            (~yes, "--", "not the same" if axis is axes[0] else "new"),
        ):
            axis.plot(lines, [100 * (scores[which] >= line).mean() for line in lines], style, color="black", label=name)
        axis.set(title=title, xlabel="threshold on the similarity", ylabel="% that pass")
        axis.legend(loc="lower left")
    plt.show()
    right = [((flags >= line) == same).mean() for line in lines]
    line = lines[int(np.argmax(right))]
    print(
        f"The best threshold for the flags is {line:.2f}: {max(right):.0%} of them are then decided right. "
        f"In the week, {(week[~repeated] >= line).mean():.0%} of the new questions pass it."
    )


def errors(find: Callable, asked: Sequence[Asked], stored: Sequence[str], most: int = 5) -> list[Answer]:
    """Print recall and false duplicates, and some of each kind of error; return the answers."""
    given = [checked(one.text, find(one.text)) for one in asked]
    print(f"recall {recall(asked, given):.1%}, false duplicates {false_duplicates(asked, given):.1%}")
    missed = [one for one, ids in zip(asked, given, strict=True) if one.same >= 0 and one.same not in ids]
    wrong = [(one, ids) for one, ids in zip(asked, given, strict=True) if one.same < 0 and ids]
    for one in missed[:most]:
        print(f"  missed: {one.text}\n      was {one.same}: {stored[one.same]}")
    for one, ids in wrong[:most]:
        print(f"  is new: {one.text}\n     sent to {ids[0]}: {stored[ids[0]]}")
    return given
