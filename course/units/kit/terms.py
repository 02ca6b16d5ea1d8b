"""Standard terms: promises that many contracts make, with the few numbers that differ.

Each function gives a `Term` whose definition says what is counted, over what, and how it is put together. Contracts
name them by the function's name (see `contract`).
"""

from __future__ import annotations

from typing import Any

from course.contract.terms.report import Term

MODEL = "Read the contract's inputs and outputs again."
#: What all ratios of costs have in common.
_IN_TURNS = (
    "Both run in turns, in processes of their own, on one thread; an exchange costs the lesser of wall time and CPU "
    "time, and the figure is the median of ratios. A verdict needs evidence: see how latency is judged."
)


def estimates(count: int) -> Term:
    """So many estimates, each in its range or not."""
    return Term(
        "estimates", "Estimates in range", f"of {count}", count, "higher", 10, "Work the estimates out again.",
        floor=0, digits=0, definition="Of the questions under *Estimates*, how many answers lie in the range that the "
        "brief's own numbers give. Each counts alike.",
    )  # fmt: skip


def baseline(title: str, unit: str, budget: float, advice: str, *, better: str = "higher", **shown: Any) -> Term:
    """The plain start: measured as `quality` is, on the baseline's file, and all or nothing."""
    shown.setdefault("definition", "What *quality* measures, of the baseline's file. All points or none.")
    return Term("baseline", title, unit, budget, better, 4, advice, **shown)


def interface(checks: int, worth: float = 6, advice: str = MODEL, title: str = "Serves as the contract says") -> Term:
    """So many promises about arguments and answers, each tried by itself."""
    said = (
        "Five checks, each passed or not: one row, eight and 97 of them have outputs of the promised types and "
        "shapes without NaN; the same rows get the same answers twice; a row gets the answer alone that it gets in a "
        "batch."
        if advice == MODEL
        else "Promises of the contract about arguments and answers, odd and empty ones included, each tried by itself "
        "in a process that has seen nothing else fail: how many are kept."
    )
    return Term(
        "interface", title, f"of {checks} checks", checks, "higher", worth, advice, floor=0, digits=0, definition=said
    )


def untouched(advice: str, worth: float = 2, title: str = "Leaves what it is given alone") -> Term:
    """Arguments are as they were before."""
    said = "Arguments are compared with what they were before the calls, all the way down. All points or none."
    return Term("untouched", title, "of 1", 1, "higher", worth, advice, digits=0, definition=said)


def size(budget: float, advice: str, worth: float = 6, title: str = "Bytes of the file", digits: int = 0) -> Term:
    """Bytes of everything that is shipped, shown in kB."""
    said = "Bytes of the artifact as it is handed in, with every file that it reads from its folder (1 kB = 1,000)."
    return Term(
        "size", title, "kB", budget, "lower", worth, advice, scale=1e-3, digits=digits, production=True,
        definition=said,
    )  # fmt: skip


def latency(budget: float, title: str, advice: str, worth: float = 8, digits: int = 2, **more: Any) -> Term:
    """What one call of a model costs, as a ratio to the calibration model."""
    more.setdefault(
        "definition",
        "What one call costs on rows that nobody has seen, as a multiple of what one row costs the calibration model "
        "(a logistic regression, 100 boosted trees and a small net). Both run in turns in one fresh process, on one "
        "thread; the figure is the mean over rows, and the median of many such comparisons.",
    )
    unit = more.pop("unit", "x calibration model")
    return Term("latency", title, unit, budget, "lower", worth, advice, digits=digits, production=True, **more)


def memory(budget: float, advice: str, worth: float = 6, title: str = "Memory to load and run", **more: Any) -> Term:
    """What a model adds to a process at its peak, in MB."""
    more.setdefault(
        "definition",
        "What loading the model and running it on 64 rows (or a call's rows, where those are more) adds to the peak of "
        "a process that has onnxruntime loaded already; pages of files don't count (1 MB = 1,000,000 bytes).",
    )
    return Term("memory", title, "MB", budget, "lower", worth, advice, production=True, **more)


def operators(budget: float, advice: str = "Export one plain graph.") -> Term:
    """Nodes of the graph: no points, but a limit of what is looked at."""
    said = "Nodes of the graph, as the gate reads it."
    return Term(
        "operators", "Operators in the graph", "", budget, "lower", 0, advice, digits=0, production=True,
        definition=said,
    )  # fmt: skip


def throughput(
    budget: float, title: str, beside: str, advice: str, worth: float = 6, digits: int = 1, definition: str = ""
) -> Term:
    """What a call of a function costs, as a ratio to a yardstick function on the same arguments."""
    said = definition or f"What it costs, as a multiple of {beside} on the same arguments. {_IN_TURNS}"
    return Term(
        "throughput", title, f"x {beside}", budget, "lower", worth, advice, digits=digits, production=True,
        definition=said,
    )  # fmt: skip


def state(budget: float, title: str, advice: str, worth: float, definition: str = "") -> Term:
    """Bytes of what is kept over a restart."""
    said = definition or "The largest `bytes` that the object gives for its state, at any moment when it is asked."
    return Term(
        "state", title, "bytes", budget, "lower", worth, advice, digits=0, production=True, definition=said
    )  # fmt: skip


def restart(of: str, title: str, advice: str, worth: float, band: float | None = None, digits: int = 0) -> Term:
    """The same answers after a restart from the state alone, as a share of all that were compared."""
    said = (
        f"The same questions are put to an object that goes on and to one that was made anew from its state, in "
        f"another process: the share of {of} that are equal."
    )
    return Term(
        "restart", title, f"% of {of}", 1.0, "higher", worth, advice, band=band, scale=100, digits=digits,
        definition=said,
    )  # fmt: skip
