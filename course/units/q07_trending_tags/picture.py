"""The pictures of q07: four kinds of busy tags, and what lists had in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from course.problem import Problem
from course.units.q07_trending_tags.judge import MOST, judged
from course.units.q07_trending_tags.world import DAY, HOUR, MANY, QUIET, TIMES, WEEK, K, Stream, Truth

if TYPE_CHECKING:
    from course.learning.desk import Desk

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def week(stream: Stream, truth: Truth) -> None:
    """Draw the last week of a tag that is busy daily, weekly, once, and by the hand of a spammer."""
    import matplotlib.pyplot as plt

    _, axes = plt.subplots(2, 2, figsize=(12, 6), sharex=True, layout="constrained")
    days = np.arange(WEEK) / DAY
    for axis, (title, tag) in zip(axes.flat, _examples(stream, truth).items(), strict=True):
        row = np.flatnonzero(truth.tags == tag)
        now, usual = (part[row[0]] if len(row) else np.zeros(WEEK) for part in (truth.now, truth.usual))
        if title == "A spammer":
            now = _accounts(stream, tag)
            axis.plot(days, _posts(stream, tag), color="0.6", label="posts in an hour")
        axis.fill_between(days, 0, usual, color="0.8", label="usual")
        axis.plot(days, np.maximum(TIMES * usual, MANY), ":", color="black", label="from here on it trends")
        axis.plot(days, now, color="black", label="accounts in an hour")
        axis.set(title=title, xticks=range(7), xticklabels=DAYS, yscale="symlog", ylim=(0, 2_000))
        axis.set_yticks([0, 1, 10, 100, 1_000], ["0", "1", "10", "100", "1,000"])
    handles, labels = axes[1, 1].get_legend_handles_labels()
    axes[0, 0].figure.legend(handles, labels, loc="outside lower center", ncols=4)
    plt.show()


def lists(unit: Desk, stream: Stream, truth: Truth, files: Mapping[str, str]) -> None:
    """Draw what the lists of modules (name -> file) had in them in the last week, and say it; or what is wrong."""
    import matplotlib.pyplot as plt

    made = {}
    for name, file in files.items():
        try:
            module = unit.load(file)
        except Problem as problem:
            print(problem)
            continue
        if hasattr(module, "Trends"):
            made[name] = _run(module.Trends, stream)
        else:
            print(f"There is no Trends in {file} yet.")
    if not made:
        return
    _, axes = plt.subplots(
        len(made), 1, figsize=(12, 2.4 * len(made)), sharex=True, sharey=True, squeeze=False, layout="constrained"
    )
    for axis, (name, some) in zip(axes[:, 0], made.items(), strict=True):
        found = judged(stream, truth, some)
        wrong = np.bincount([at for at, _ in found.wrong], minlength=WEEK)
        right = _right(truth, some)
        days = np.arange(WEEK) / DAY
        axis.fill_between(days, 0, right, step="post", color="black", label="trends")
        axis.fill_between(days, 0, -wrong, step="post", color="0.65", label="does not")
        axis.set(title=name, ylabel="entries", ylim=(-K, K), xticks=range(7), xticklabels=DAYS)
        axis.axhline(0, color="black", lw=0.5)
        every = [wait for waits in found.waits.values() for wait in waits]
        print(
            f"{name}: {found.right:,} entries trend and {len(found.wrong):,} don't; "
            f"{round(found.share() * len(every))} of {len(every)} bursts were found in time; "
            f"{len(found.spam)} of {found.spammers} spammers were listed"
        )
    axes[0, 0].legend(loc="upper right", ncols=2)
    plt.show()


def _examples(stream: Stream, truth: Truth) -> dict[str, int]:
    """Tags that show one thing each."""
    most, mean = truth.usual.max(axis=1), truth.usual.mean(axis=1)
    by_day = truth.usual.reshape(-1, 7, DAY).max(axis=2)
    daily = np.where(by_day.min(axis=1) > MANY, most / np.maximum(mean, 1), 0)
    weekly = np.where(most > 2 * MANY, most / np.maximum(mean, 1), 0)
    burst = np.where(np.isin(truth.tags, list(stream.kinds)) & truth.trends.any(axis=1), truth.now.max(axis=1), 0)
    spam = stream.spam[stream.spam_ends > QUIET * WEEK]
    loud = spam[np.argmax([_posts(stream, tag).max() for tag in spam])]
    chosen = [truth.tags[one.argmax()] for one in (daily, weekly, burst)]
    titles = ("Every day", "Once a week", "A burst", "A spammer")
    return dict(zip(titles, map(int, [*chosen, loud]), strict=True))


def _posts(stream: Stream, tag: int) -> np.ndarray:
    """Posts with a tag in the hour up to each batch of the last week."""
    start = QUIET * WEEK - HOUR
    rows = slice(stream.ends[start - 1], None)
    when = np.searchsorted(stream.ends, np.flatnonzero(stream.tags[rows] == tag) + rows.start, side="right") - start
    sums = np.bincount(when, minlength=WEEK + HOUR).cumsum()
    return sums[HOUR:] - sums[:-HOUR]


def _accounts(stream: Stream, tag: int) -> np.ndarray:
    """Accounts with a tag in the hour up to each batch of the last week."""
    found = []
    for at in range(QUIET * WEEK, len(stream)):
        rows = slice(stream.ends[at - HOUR], stream.ends[at])
        found.append(len(np.unique(stream.accounts[rows][stream.tags[rows] == tag])))
    return np.array(found)


def _right(truth: Truth, some: list[list[int]]) -> np.ndarray:
    """How many entries of each list trend."""
    place = {tag: row for row, tag in enumerate(truth.tags.tolist())}
    return np.array([sum(truth.trends[place[tag], at] for tag in tags if tag in place) for at, tags in enumerate(some)])


def _run(kind: type, stream: Stream) -> list[list[int]]:
    """Lists after each batch of the last week, with a restart each midnight, once there are `state` and `restore`."""
    counter, made = kind(), []
    for at in range(len(stream)):
        if at and at % DAY == 0 and hasattr(kind, "state") and hasattr(kind, "restore"):
            kept = counter.state()
            counter = kind.restore(kept) if len(kept) <= MOST else kind()
        counter.update(stream.batch(at))
        if at >= QUIET * WEEK:
            made.append(list(counter.top(K)))
    return made
