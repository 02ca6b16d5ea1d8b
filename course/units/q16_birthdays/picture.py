"""The pictures of q16: births over a year, how late what is written comes, and whether 80 % is 80 %."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import numpy as np

from course.units.q16_birthdays import world
from course.units.q16_birthdays.judge import HELD, covered
from course.units.q16_birthdays.world import DAYS, LEAP, NOBODY, Members

NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
#: The first of each month, as numbers of days, and how far around a birthday is looked.
MONTHS = (0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335)
NEAR = 6


def year(counts: np.ndarray, first: int) -> None:
    """Draw births by day, over ten years and in one of them, as multiples of an average day; say it in words too.

    `counts` is (years, 366), of the years from `first` on.
    """
    import matplotlib.pyplot as plt

    days = np.where(np.arange(DAYS) == LEAP, sum(world.leap(first + k) for k in range(len(counts))), len(counts))
    mean = counts.sum(axis=0) / days
    one = counts[-1] / counts[-1].sum() * 365
    _, axis = plt.subplots(figsize=(12, 3.6), layout="constrained")
    axis.plot(one, "-", color="0.75", linewidth=1, label=f"the last year, {first + len(counts) - 1}, alone")
    axis.plot(mean / mean.mean(), "-", color="black", linewidth=1.2, label=f"all {len(counts)} years")
    axis.set(xticks=MONTHS, xticklabels=NAMES, xlim=(0, 365))
    axis.set(ylabel="births, average day = 1", ylim=(0.6, 1.35))
    axis.legend(loc="upper left", ncols=2)
    plt.show()
    weekday = world.weekdays(range(first, first + len(counts)))
    rate = np.array([counts[weekday == day].mean() for day in range(7)])
    high, low = int(mean.argmax()), int(np.delete(mean, LEAP).argmin())
    print(
        f"A picture of births by day: ten years are a smooth wave with notches at holidays, one year is a comb. The "
        f"highest day is number {high} ({mean[high] / mean.mean():.2f} of an average one), the lowest number "
        f"{low + (low >= LEAP)}. Saturdays have {rate[5] / rate[:5].mean():.2f} and Sundays "
        f"{rate[6] / rate[:5].mean():.2f} of the births of a working day."
    )


def lateness(some: Members, dates: Mapping[str, np.ndarray], start: int) -> None:
    """Draw which share of rows about one member comes how many days after the birthday, by how the date was read.

    `dates` has, by name, the date of each row in days since the log began.
    """
    import matplotlib.pyplot as plt

    every = np.concatenate([np.delete(np.arange(DAYS), [] if world.leap(start + k) else [LEAP]) for k in range(-1, 3)])
    before = 366 if world.leap(start - 1) else 365
    born = some.day[some.rows["about"]]
    _, axis = plt.subplots(figsize=(10, 3.4), layout="constrained")
    lags = np.arange(-NEAR, NEAR + 1)
    for number, (name, date) in enumerate(dates.items()):
        share = np.array([(every[date - lag + before] == born).mean() for lag in lags])
        shade, mark = (("black", ""), ("0.7", "//"))[number % 2]
        axis.bar(lags + 0.4 * number - 0.2, share, 0.4, color=shade, hatch=mark, edgecolor="black", label=name)
        print(f"{name}: {share[NEAR]:.0%} of rows on the day, {share[NEAR - 1]:.0%} the day before, "
              f"{share[NEAR + 1]:.0%} the day after")  # fmt: skip
    axis.set(xlabel="days after the birthday", ylabel="share of rows", xticks=lags)
    axis.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axis.legend()
    plt.show()


def honesty(some: Members, answers: Mapping[str, np.ndarray]) -> None:
    """Draw coverage of the 80 % set by number of rows, for several answers (name -> (N, 366)); say it in words too."""
    import matplotlib.pyplot as plt

    asked = np.flatnonzero(some.day != NOBODY)
    edges: Sequence[int] = (0, 3, 5, 7, 9, 12, 16, 1000)
    place = np.digitize(some.named[asked], edges[1:-1])
    _, axis = plt.subplots(figsize=(9, 3.4), layout="constrained")
    axis.axhline(HELD, color="0.6", linestyle=":")
    for number, (name, posterior) in enumerate(answers.items()):
        held = covered(posterior[asked], some.day[asked])
        share = [held[place == one].mean() for one in range(len(edges) - 1)]
        axis.plot(share, "os^D"[number % 4] + "-", color=f"{0.5 * (number % 2)}", label=name)
        print(f"{name}: the 80 % set holds {held.mean():.1%} of days, {min(share):.1%} to {max(share):.1%} by rows")
    names = [f"{low} to {high - 1}" for low, high in itertools.pairwise(edges[:-1])]
    names += [f"{edges[-2]} and more"]
    axis.set(xticks=range(len(names)), xticklabels=names, xlabel="rows that name the member", ylim=(0.4, 1))
    axis.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axis.legend(loc="lower right")
    plt.show()
