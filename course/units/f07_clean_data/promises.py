"""Four promises of the contract, each tried by itself. All raise CallError where they are broken."""

from __future__ import annotations

import pandas as pd

from course.contract.artifacts.modules import Ship
from course.contract.processes.calls import CallError, Shipped
from course.units.f07_clean_data.judge import ask, typed
from course.units.kit import judges


def _types(ship: Ship, shipped: Shipped, raw: pd.DataFrame) -> None:
    typed(ask(shipped, raw).good, f"{len(raw)} rows")


def _complete(ship: Ship, shipped: Shipped, raw: pd.DataFrame) -> None:
    found = ask(shipped, raw)
    if len(found.good) + len(found.bad) < len(raw):
        raise CallError(
            f"Called `clean({len(raw)} rows)`: got {len(found.good)} good rows and {len(found.bad)} in quarantine, "
            "expected every row in one of the two tables."
        )


def _empty(ship: Ship, shipped: Shipped, raw: pd.DataFrame) -> None:
    found = ask(shipped, raw.head(0))
    if len(found.good) or len(found.bad):
        raise CallError("Called `clean` on a table without rows: got rows, expected two tables without any.")


def _twice(ship: Ship, shipped: Shipped, raw: pd.DataFrame) -> None:
    def cleaned(one: Shipped) -> list:
        found = ask(one, raw)
        return [found.good, found.bad]

    judges.twice(ship, shipped, cleaned, "`clean` gave another answer for the same table")


PROMISES = (_types, _complete, _empty, _twice)
