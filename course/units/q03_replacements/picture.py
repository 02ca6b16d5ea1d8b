"""The pictures of q03: what real tills know of a habit, what is bought together, and what a model suggests."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import numpy as np

from course.units.q03_replacements import judge, world

#: A habit: so many trips for a kind at least, and the same item on such a share of them.
TRIPS, SHARE = 6, 0.5


def habits() -> dict[str, float]:
    """In the package's own baskets: how often a habit is followed, and whether its item was sold to somebody else.

    `trips`, `other` (share of trips on which another item of the kind is bought), `sold` (share of these on which some
    other household bought the usual item in the same store and week) and `sold_usual` (the same of all other trips).
    """
    lines, pair, place = world.lines(), ["household_id", "kind"], ["store_id", "week", "item"]
    trips = lines.groupby([*pair, "basket_id"])[["store_id", "week"]].first().reset_index()
    often = lines.groupby([*pair, "item"])["basket_id"].nunique().rename("often").reset_index()
    usual = often.sort_values([*pair, "often", "item"]).drop_duplicates(pair, keep="last")
    usual = usual.merge(trips.groupby(pair).size().rename("many").reset_index(), on=pair)
    usual = usual[(usual["many"] >= TRIPS) & (usual["often"] >= SHARE * usual["many"])]
    trips = trips.merge(usual, on=pair)
    took = set(zip(lines["basket_id"], lines["item"], strict=True))
    followed = np.array([one in took for one in zip(trips["basket_id"], trips["item"], strict=True)])
    own = lines.drop_duplicates([*place, "household_id"])[[*place, "household_id"]].assign(mine=1)
    buyers = own.groupby(place)["mine"].sum().rename("buyers").reset_index()
    trips = trips.merge(buyers, on=place, how="left").merge(own, on=[*place, "household_id"], how="left")
    sold = (trips["buyers"].fillna(0) - trips["mine"].fillna(0)).to_numpy() > 0
    return {
        "trips": len(trips),
        "other": float((~followed).mean()),
        "sold": float(sold[~followed].mean()),
        "sold_usual": float(sold[followed].mean()),
    }


def real_habits() -> None:
    """Print and draw what the package's own baskets say of habits."""
    import matplotlib.pyplot as plt

    found = habits()
    there = found["sold"] / found["sold_usual"]
    print(
        f"{found['trips']:,} real trips of households with a habit: on {found['other']:.0%} another item of the kind."
    )
    print(f"On {found['sold']:.1%} of those the same store sold the usual item to somebody else in that week;")
    print(f"where the habit was followed, on {found['sold_usual']:.1%}. So it was there on some {there:.0%} of them.")
    _, axis = plt.subplots(figsize=(6.5, 2.2), layout="constrained")
    shares = [100 * found["sold_usual"], 100 * found["sold"]]
    axis.barh(["took the usual item", "took another one"], shares, color="white", edgecolor="black", hatch="//")
    axis.set(xlabel="% of trips: somebody else bought the usual item there that week")
    plt.show()


def together(data: Mapping[str, np.ndarray]) -> None:
    """Print and draw what lists of things that are bought together are made of, and what they catch."""
    import matplotlib.pyplot as plt

    items = len(data["kind"])
    pairs = np.unique(data["basket"].astype(np.int64) * items + data["item"])
    both = np.zeros((items, items))
    order, where = np.divmod(pairs, items)
    ends = np.flatnonzero(np.r_[True, np.diff(order) > 0, True])
    for a, b in pairwise(ends):
        both[np.ix_(where[a:b], where[a:b])] += 1
    alone = np.diag(both).copy()
    lift = both / np.sqrt(np.outer(alone, alone) + 1)
    np.fill_diagonal(lift, -1)
    missing, shelf = data["item_public"], data["shelf"][data["store_public"], data["week_public"]]
    popular = np.where(data["kind"][:, None] == data["kind"], alone + 1, 0)
    np.fill_diagonal(popular, -1)
    names = {"bought together most, for its share": lift, "bought together, of the kind": lift + (popular > 0) * 2,
             "bought most, of the kind": popular}  # fmt: skip
    shares = []
    for name, scores in names.items():
        five = np.argsort(-np.where(shelf > 0, scores[missing], -2), axis=1, kind="stable")[:, :5]
        kind = (data["kind"][five] == data["kind"][missing][:, None]).mean()
        caught = (five == data["took_public"][:, None]).any(axis=1).mean() / float(data["best_public"])
        shares.append((100 * kind, 100 * caught))
        print(
            f"{name}: {kind:.0%} of the suggestions are of the kind; they catch {caught:.0%} of what the best lists do"
        )
    _, axis = plt.subplots(figsize=(8, 2.4), layout="constrained")
    for k, (label, hatch) in enumerate((("of the kind", ""), ("caught", "///"))):
        at = np.arange(len(names)) + 0.36 * (k - 0.5)
        axis.barh(at, [one[k] for one in shares], 0.34, label=label, color="white", edgecolor="black", hatch=hatch)
    axis.set(yticks=range(len(names)), yticklabels=list(names), xlabel="%")
    axis.invert_yaxis()
    axis.legend(fontsize="small")
    plt.show()


def name(data: Mapping[str, np.ndarray], item: int) -> str:
    """An item in words: its maker, size and price."""
    if not 0 <= item < len(data["kind"]):
        return "nothing"
    maker = "own brand" if data["own"][item] else f"maker {data['maker'][item]}"
    size = "" if np.isnan(data["size"][item]) else f", size {data['size'][item]:g}"
    return f"{item} ({maker}{size}, ${data['price'][item]:.2f})"


def lists(data: Mapping[str, np.ndarray], requests: tuple[int, ...] = (0, 1, 2), file: str = "model.onnx") -> None:
    """Print what a model suggests for some public requests, and what was taken."""
    import onnxruntime

    if not Path(file).is_file():
        print(f"There is no {file} yet.")
        return
    if wrong := [one for one in requests if not 0 <= one < len(data["item_public"])]:
        print(f"There are requests 0 to {len(data['item_public']) - 1:,}; {wrong[0]} is none of them.")
        return
    rows = np.array(requests)
    missing = data["item_public"][rows]
    shelf = data["shelf"][data["store_public"][rows], data["week_public"][rows]]
    shelf[np.arange(len(rows)), missing] = 0
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
        given = {"item": missing, "basket": data["basket_public"][rows], "shelf": shelf}
        five = session.run(["items"], given)[0].reshape(len(rows), 5)
    except Exception as error:  # onnxruntime's exceptions share no base class
        print(f"{file} does not answer: {' '.join(str(error).split())[:150]}")
        return
    good = judge.honest(five, missing, shelf)
    for row, item in enumerate(missing.tolist()):
        print(f"{str(data['kinds'][data['kind'][item]]).capitalize()}: {name(data, item)} is missing.")
        for one, can in zip(five[row].tolist(), good[row].tolist(), strict=True):
            kind = (
                "" if not 0 <= one < len(data["kind"]) or data["kind"][one] == data["kind"][item] else ", another kind"
            )
            mark = "*" if one == data["took_public"][rows[row]] else " "
            print(f"  {mark} {name(data, one)}{kind}{'' if can else ': can not be had'}")
        print(f"    They took {name(data, int(data['took_public'][rows[row]]))}.")
