"""Hints of q17, by step: from a nudge to nearly the way."""

HINTS: dict[str, tuple[str, ...]] = {}
