"""Hints of q06, by step: from a nudge to nearly the way."""

HINTS: dict[str, tuple[str, ...]] = {"estimates": ("a","b","c"), "baseline": ("a","b","c"), "artifact": ("a","b","c")}
