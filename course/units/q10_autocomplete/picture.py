"""The pictures of q10: who wrote what how often, how messages are typed, and what keystrokes cost."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from course.problem import Problem
from course.units.q10_autocomplete.judge import gained
from course.units.q10_autocomplete.world import STATIONS, Secret, words

if TYPE_CHECKING:
    from course.learning.desk import Desk

RUNS = 3


def people(past: Sequence[tuple[str, int]], told: Sequence[Secret]) -> None:
    """Draw every word by how many stations wrote it and how often; and last words of secrets as crosses."""
    import matplotlib.pyplot as plt
    import numpy as np

    uses, who = Counter(), defaultdict(set)
    for text, station in past:
        for word in words(text):
            uses[word] += 1
            who[word].add(station)
    common = list(uses)
    spread = np.exp(np.random.default_rng(0).normal(0, 0.06, (2, len(common))))  # dots lie on each other otherwise
    across, up = np.array([[len(who[word]), uses[word]] for word in common]).T * spread
    last = [words(secret.words)[-1] for secret in told]
    _, axis = plt.subplots(figsize=(8, 4.2), layout="constrained")
    axis.plot(across, up, ".", color="0.75", markersize=3, label="a word")
    axis.plot([len(who[w]) for w in last], [uses[w] for w in last], "x", color="black", label="last word of a secret")
    axis.axvline(STATIONS - 0.5, color="black", ls=":", label="three stations")
    axis.set(xscale="log", yscale="log", xlabel="stations that wrote it", ylabel="times that it was written")
    axis.legend(loc="lower right")
    plt.show()
    often = sum(uses[word] >= 10 for word in common if len(who[word]) < STATIONS)
    rare = sum(len(who[word]) < STATIONS for word in common)
    print(f"{rare:,} of {len(common):,} words have fewer than three stations; {often} of those came ten times or more")


def taps(unit: Desk, files: Mapping[str, str], messages: Sequence[str]) -> None:
    """Print how messages are typed: what was tapped in brackets, all else letter by letter."""
    for name, suggest in _loaded(unit, files):
        print(f"{name}:")
        for message in messages:
            parts, at, strokes = [], 0, 0
            while at < len(message):
                most = max((gained(message, at, one) for one in suggest(message[:at])), default=0)
                step = most if most > 1 else 1
                parts.append(f"[{message[at : at + step]}]" if most > 1 else message[at])
                at, strokes = at + step, strokes + 1
            print(f"  {strokes:3} of {len(message):3}  {''.join(parts)}")


def costs(unit: Desk, files: Mapping[str, str], messages: Sequence[str]) -> None:
    """Draw and say what each keystroke costs, cheapest first."""
    import matplotlib.pyplot as plt
    import numpy as np

    known = list(_loaded(unit, files))
    if not known:
        return
    texts = [message[:k] for message in messages for k in range(len(message))]
    _, axis = plt.subplots(figsize=(8, 3.4), layout="constrained")
    for (name, suggest), style in zip(known, ("--", "-", ":"), strict=False):
        least = np.full(len(texts), np.inf)
        for _ in range(RUNS):
            for k, text in enumerate(texts):
                start = time.perf_counter()
                suggest(text)
                least[k] = min(least[k], time.perf_counter() - start)
        line = 1e6 * np.sort(least)
        axis.plot(100 * np.arange(len(line)) / len(line), line, style, color="black", label=name)
        middle, slow = line[len(line) // 2], line[int(0.99 * len(line))]
        print(
            f"{name}: half of the keystrokes take less than {middle:,.0f} µs, one in a hundred more than {slow:,.0f} µs"
        )
    axis.axvline(99, color="0.6", ls=":")
    axis.set(yscale="log", xlabel="% of keystrokes, cheapest first", ylabel="µs on this machine")
    axis.legend(loc="upper left")
    plt.show()


def _loaded(unit: Desk, files: Mapping[str, str]) -> Iterator[tuple[str, Callable[[str], Sequence[str]]]]:
    """Functions of files that can be loaded; says what is wrong with the others."""
    for name, file in files.items():
        try:
            module = unit.load(file)
        except Problem as problem:
            print(problem)
            continue
        if hasattr(module, "suggest"):
            yield name, module.suggest
        else:
            print(f"There is no suggest in {file} yet.")
