"""The student version: what `nbgrader generate_assignment` writes to release/."""

from __future__ import annotations

import io

from nbconvert.exporters import NotebookExporter

from course import key
from course.contract.terms.holdout import PUBLIC_FILE
from course.key import Key
from course.units import load
from course.units.base import Unit


class ReleaseExporter(NotebookExporter):
    """Adds the unit's public data as a file where an instructor's key is in use: a student's machine needs no key."""

    def from_notebook_node(self, nb, resources=None, **kwargs):
        """Export a notebook; nbgrader writes what is in resources["outputs"] beside it."""
        output, resources = super().from_notebook_node(nb, resources=resources, **kwargs)
        secret = key.current()
        if not secret.open:
            unit = load(resources["nbgrader"]["assignment"])
            resources.setdefault("outputs", {})[PUBLIC_FILE] = public_bytes(unit, secret)
        return output, resources


def public_bytes(unit: Unit, secret: Key) -> bytes:
    """The unit's public arrays under `secret`, as the bytes of an .npz file."""
    import numpy as np

    out = io.BytesIO()
    np.savez_compressed(out, **unit.public_data(secret))
    return out.getvalue()
