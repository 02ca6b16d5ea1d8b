"""What a submission is measured on."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np


#: The file with a unit's public data beside a notebook, where a key is in use.
PUBLIC_FILE = "public.npz"


@dataclass(frozen=True)
class Probe:
    """Inputs that a model is run on, by input name; first axis = row. Labels never leave the trusted process."""

    inputs: Mapping[str, np.ndarray]

    def __len__(self) -> int:
        return len(next(iter(self.inputs.values())))


@dataclass(frozen=True)
class Holdout:
    """A hold-out: what a submission is asked, what is needed to judge the answers, and a seed for what is drawn.

    A model is run on `probes` by name, of which `probes["rows"]` is the hold-out itself and others are slices and
    stresses; `timing` is a pool of fresh rows for latency. What a unit with functions asks and knows is its own, in
    `truth`.
    """

    name: str  # "public" or "private"
    probes: Mapping[str, Probe] = field(default_factory=dict)
    truth: Mapping[str, Any] = field(default_factory=dict, repr=False)
    timing: Probe | None = field(default=None, repr=False)
    seed: int = field(default=0, repr=False)


def write(holdout: Holdout, file: Path) -> None:
    """Put a hold-out into a file that only this account can read."""
    file.touch(mode=0o600)
    file.write_bytes(pickle.dumps(holdout, protocol=5))


def read(file: Path) -> Holdout:
    """The hold-out that `write` put into a file. Only for files of the grader's own: reading runs what they say."""
    return pickle.loads(file.read_bytes())
