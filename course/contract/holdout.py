"""What a submission is measured on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Probe:
    """Inputs that a model is run on, by input name; first axis = row. Labels never leave the trusted process."""

    inputs: Mapping[str, np.ndarray]

    def __len__(self) -> int:
        return len(next(iter(self.inputs.values())))


@dataclass(frozen=True)
class Holdout:
    """A hold-out: probes by name, what is needed to judge the answers, and a pool of fresh rows for timing.

    `probes["rows"]` is the hold-out itself; other probes are slices and stresses.
    """

    name: str  # "public" or "private"
    probes: Mapping[str, Probe]
    truth: Mapping[str, np.ndarray] = field(repr=False)
    timing: Probe = field(repr=False)
    seed: int = field(default=0, repr=False)
