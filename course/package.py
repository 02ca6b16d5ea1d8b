"""What the package says of itself, for modules that must not import all of it."""

from __future__ import annotations

from pathlib import Path

VERSION = "0.1.0"
#: The folder of the package.
FOLDER = Path(__file__).resolve().parent
