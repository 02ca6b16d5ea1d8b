"""The pictures of q09: who is looked at, who appeals and who is booked; and what an order has at each place."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from course.units.q09_rental_search import judge, world
from course.units.q09_rental_search.graph import ask

#: Places that are drawn together: clicks at the lower ones are few.
GROUPS = ((1,), (2,), (3, 4), (5, 6, 7, 8), (9, 10, 11, 12, 13, 14, 15, 16), (17, 18, 19, 20, 21, 22, 23, 24))


def column(data: Mapping[str, np.ndarray], part: str, name: str) -> np.ndarray:
    """One column of the homes on the pages of a part ("log" or "shuffled"), (n, m)."""
    return data["homes"][:, world.AT[name] - len(world.SEARCH)][data[f"home_{part}"]]


def clicks_by_place(data: Mapping[str, np.ndarray], part: str, pages: np.ndarray) -> np.ndarray:
    """Clicks for 100 homes at the places of each of `GROUPS`, on the pages that are chosen (bool)."""
    each = 100 * data[f"clicked_{part}"][pages].mean(axis=0)
    return np.array([each[np.array(group) - 1].mean() for group in GROUPS])


def by_photo(data: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """On shuffled pages, for homes by photo (0-3, 3-5, 5-7, 7-9, 9-10): clicks for 100 homes, bookings for 100 clicks,
    and bookings for 10,000 homes.
    """
    group = np.digitize(column(data, "shuffled", "photo"), [3, 5, 7, 9])
    clicked, booked = (
        np.array([data[f"{what}_shuffled"][group == k].sum() for k in range(5)]) for what in ("clicked", "booked")
    )
    homes = np.maximum(np.bincount(group.ravel(), minlength=5), 1)
    return 100 * clicked / homes, 100 * booked / np.maximum(clicked, 1), 1e4 * booked / homes


def looks(data: Mapping[str, np.ndarray]) -> None:
    """Draw clicks by place for desk and phone, where new homes stand, and what photographs bring; say it too."""
    import matplotlib.pyplot as plt

    _, axes = plt.subplots(1, 3, figsize=(12, 3.4), layout="constrained")
    middle = [np.mean(group) for group in GROUPS]
    for name, phone, line, marker in (("desk", 0, "-", "o"), ("phone", 1, "--", "s")):
        for part, fill in (("shuffled", "black"), ("log", "white")):
            seen = clicks_by_place(data, part, data[f"search_{part}"][:, world.AT["phone"]] == phone)
            label = f"{name}, {'shuffled' if part == 'shuffled' else 'former order'}"
            axes[0].loglog(middle, seen, line, marker=marker, markerfacecolor=fill, color="black", label=label)
            print(f"{label:>19}: clicks for 100 homes at places 1, 2, 3-4, 5-8, 9-16, 17-24: " + _listed(seen))
    axes[0].set(title="What is clicked where", xlabel="place", ylabel="clicks for 100 homes")
    axes[0].set(xticks=[1, 3, 10, 24], xticklabels=["1", "3", "10", "24"], yticks=[0.3, 1, 3, 10, 30])
    axes[0].set_yticklabels(["0.3", "1", "3", "10", "30"])
    axes[0].minorticks_off()
    axes[0].legend(fontsize="x-small")
    places = np.arange(1, world.PAGE + 1)
    for part, style in (("log", "-"), ("shuffled", ":")):
        new = 100 * (column(data, part, "days_listed") < world.NEW_DAYS).mean(axis=0)
        label = "former order" if part == "log" else "shuffled"
        axes[1].plot(places, new, style, color="black", label=label)
        print(f"new homes, {label}: {new[:6].mean():.0f} % of places 1-6, {new[-6:].mean():.0f} % of places 19-24")
    axes[1].set(title="Where new homes stand", xlabel="place", ylabel="% of homes there", ylim=(0, None))
    axes[1].legend(fontsize="small")
    clicks, follow, bookings = by_photo(data)
    at, names = np.arange(5), ["0-3", "3-5", "5-7", "7-9", "9-10"]
    axes[2].bar(at - 0.2, clicks, 0.4, color="0.75", edgecolor="black", label="clicks for 100 homes")
    axes[2].bar(at + 0.2, follow, 0.4, color="white", edgecolor="black", hatch="//", label="bookings for 100 clicks")
    axes[2].set(title="What a photograph brings", xlabel="photo", xticks=at, xticklabels=names)
    axes[2].set_ylim(0, 1.4 * max(clicks.max(), follow.max()))
    axes[2].legend(fontsize="small", loc="upper left")
    plt.show()
    print("photo 0-3, 3-5, 5-7, 7-9, 9-10: clicks for 100 homes " + _listed(clicks))
    print("   bookings for 100 clicks " + _listed(follow) + "; bookings for 10,000 homes " + _listed(bookings, 0))


def order(data: Mapping[str, np.ndarray], files: Mapping[str, str]) -> None:
    """For models (name -> file): bookings and new homes at the places that they would give, on the shuffled pages."""
    import matplotlib.pyplot as plt

    found = {name: file for name, file in files.items() if Path(file).is_file()}
    for name, file in files.items():
        if name not in found:
            print(f"There is no {file} yet.")
    if not found:
        return
    X = world.rows(data["homes"], data["search_shuffled"], data["home_shuffled"])
    booked, new = data["booked_shuffled"], column(data, "shuffled", "days_listed") < world.NEW_DAYS
    _, axes = plt.subplots(1, 2, figsize=(11, 3.2), layout="constrained")
    thirds = np.arange(0, world.PAGE, 3)
    for (name, file), style in zip(found.items(), ("--o", "-s", "-.^", ":d"), strict=False):
        ranks = judge.ranks(ask(file, X), len(booked))
        here, fresh = (np.take_along_axis(what, ranks, 1).mean(axis=0).reshape(-1, 3) for what in (booked, new))
        axes[0].plot(thirds + 2, 1e4 * here.mean(axis=1), style, color="black", markerfacecolor="white", label=name)
        axes[1].plot(thirds + 2, 100 * fresh.mean(axis=1), style, color="black", markerfacecolor="white", label=name)
        print(
            f"{name}, places 1-3, 4-6, ..., 22-24: bookings for 10,000 homes {_listed(1e4 * here.mean(axis=1), 0)}; "
            f"% of new homes there: {_listed(100 * fresh.mean(axis=1), 0)}"
        )
    axes[0].axhline(1e4 * booked.mean(), color="0.6", linestyle=":")
    axes[1].axhline(100 * new.mean(), color="0.6", linestyle=":")
    axes[0].set(xlabel="place in the model's order", ylabel="bookings for 10,000 homes", ylim=(0, None))
    axes[1].set(xlabel="place in the model's order", ylabel="% of homes that are new", ylim=(0, None))
    axes[0].legend(fontsize="small")
    plt.show()


def _listed(values: np.ndarray, digits: int = 1) -> str:
    return ", ".join(f"{value:.{digits}f}" for value in values)
