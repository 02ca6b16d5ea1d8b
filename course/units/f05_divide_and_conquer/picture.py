"""Pictures of f05: what desks cost, by what it is for; and how far chances can be believed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from course.units.f05_divide_and_conquer.prices import PRICES

if TYPE_CHECKING:
    import numpy as np

    from course.units.f05_divide_and_conquer.service import Served
    from course.units.f05_divide_and_conquer.world import Days

#: Parts of a bill that are drawn together, and how they are hatched.
PARTS = {
    "questions": ("question",),
    "leaked or spoilt": ("leaked", "spoilt"),
    "orders": ("order",),
    "closed or open wrongly": ("looped", "lost", "twice"),
    "broken promises": ("promise",),
    "wrong team": ("team",),
    "urgent or not": ("missed", "hurried"),
}
HATCHES = ("", "//", "..", "xx", "\\\\", "--", "oo")


def bills(desks: Mapping[str, Served], days: Days) -> None:
    """Draw what each desk costs for 1,000 letters, and say it in words."""
    import matplotlib.pyplot as plt

    figure, axis = plt.subplots(figsize=(10, 0.8 + 0.7 * len(desks)), layout="constrained")
    greys = [str(0.95 - 0.12 * k) for k in range(len(PARTS))]
    for place, (name, served) in enumerate(desks.items()):
        bill, left = served.bill(days), 0.0
        for (part, some), grey, hatch in zip(PARTS.items(), greys, HATCHES, strict=True):
            euros = sum(bill[what] for what in some)
            label = part if not place else None
            axis.barh(place, euros, left=left, color=grey, edgecolor="black", hatch=hatch, linewidth=0.6, label=label)
            left += euros
        axis.annotate(f"€{left:,.0f}", (left, place), xytext=(5, 0), textcoords="offset points", va="center")
        said = ", ".join(f"€{bill[what]:,.0f} {what}" for what in PRICES if bill[what] >= 0.5)
        print(f"{name}: €{left:,.0f} for 1,000 letters ({said})")
    axis.set_yticks(range(len(desks)), list(desks))
    axis.invert_yaxis()
    axis.margins(x=0.1)
    axis.set(xlabel="€ for 1,000 letters", title="What it is for")
    figure.legend(loc="outside lower center", ncols=4, frameon=False)
    plt.show()


def trust(chances: np.ndarray, right: np.ndarray, bins: int = 8) -> None:
    """Draw how often something was so, against how likely it was said to be; the same number of letters in each dot."""
    import matplotlib.pyplot as plt
    import numpy as np

    order = np.argsort(chances)
    said, was = ([float(part.mean()) for part in np.array_split(some[order], bins)] for some in (chances, right))
    _, axis = plt.subplots(figsize=(4.2, 4.2))
    axis.plot([0, 1], [0, 1], color="0.7", linewidth=1)
    axis.plot(said, was, "ko-")
    axis.set(xlabel="the router says", ylabel="it was so", xlim=(0, 1.02), ylim=(0, 1.02), title="Can it be believed?")
    print("said: " + ", ".join(f"{one:.0%}" for one in said) + "\nwas:  " + ", ".join(f"{one:.0%}" for one in was))
    plt.show()
