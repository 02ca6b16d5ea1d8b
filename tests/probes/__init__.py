"""The probes, by channel. tests/test_probes.py runs them."""

from __future__ import annotations

from probes import calls, cells, files, gate, identity, limits, markup, reaching, separation, timing

PROBES = (
    *separation.PROBES, *cells.PROBES, *reaching.PROBES, *limits.PROBES, *identity.PROBES, *files.PROBES,
    *gate.PROBES, *calls.PROBES, *timing.PROBES, *markup.PROBES,
)  # fmt: skip
