"""Hints of q03, by step, from a nudge to nearly the way."""

HINTS: dict[str, tuple[str, ...]] = {"estimates": ("a", "b", "c")}
