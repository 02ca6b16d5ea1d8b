"""The key from which every hidden world is drawn.

Self-learners use the open key, which is public. An instructor makes a private one (`course key new`); it is kept in
a file of mode 0600 outside the checkout, and from then on everything on that account is drawn from it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from course.problem import Problem

if TYPE_CHECKING:
    import numpy as np

COURSE = "under-budget"


class KeyProblem(Problem):
    """The key file can't be used; the message says what to do."""


@dataclass(frozen=True)
class Key:
    """A course key for one term, or what it gives for one unit alone. Its repr never shows the secret."""

    secret: bytes = field(repr=False)
    term: str
    unit: str = ""  # not empty: the key of this unit, from which no other unit's follows

    @property
    def open(self) -> bool:
        """True for the public key of self-learners."""
        return self == OPEN

    def for_unit(self, unit: str) -> Key:
        """The unit's own key: HMAC(course key, course | term | unit). Raises KeyProblem for another unit's key."""
        if self.unit:
            if self.unit != unit:
                raise KeyProblem(f"This is the key of {self.unit} alone; {unit} has another.")
            return self
        return Key(self._hmac(f"{COURSE} | {self.term} | {unit}"), self.term, unit)

    def rng(self, unit: str, purpose: str) -> np.random.Generator:
        """A generator for one purpose of one unit, seeded with 256 bits: HMAC(unit's key, purpose).

        Different purposes ("split", "public", "private labels", ...) give independent streams.
        """
        import numpy as np

        digest = self.for_unit(unit)._hmac(purpose)
        return np.random.Generator(np.random.PCG64(int.from_bytes(digest, "big")))

    def _hmac(self, text: str) -> bytes:
        return hmac.new(self.secret, text.encode(), hashlib.sha256).digest()

    def to_json(self) -> str:
        """What a key file holds."""
        return json.dumps({"secret": self.secret.hex(), "term": self.term, "unit": self.unit})

    def fingerprint(self, length: int = 8) -> str:
        """Characters that tell keys apart and give nothing away: at most 64."""
        return self._hmac(f"fingerprint {self.term}").hex()[:length]


OPEN = Key(b"the open key of the course: everyone may know it", "open")


def path() -> Path:
    """Where an instructor's key is kept: $COURSE_KEY_FILE, else in the user's configuration folder."""
    if os.environ.get("COURSE_KEY_FILE"):
        return Path(os.environ["COURSE_KEY_FILE"])
    home = os.environ.get("XDG_CONFIG_HOME") or (os.environ.get("APPDATA") if os.name == "nt" else None)
    return (Path(home) if home else Path.home() / ".config") / COURSE / "key.json"


def current() -> Key:
    """The instructor's key if there is one on this account, else the open key.

    Raises KeyProblem if the file is there but damaged, or readable by other people.
    """
    file = path()
    try:
        text = file.read_text(encoding="utf-8")
        mode = file.stat().st_mode
    except FileNotFoundError:
        return OPEN
    except OSError as error:
        raise KeyProblem(f"The key file {file} can't be read ({error.strerror}).") from None
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise KeyProblem(f"Other people can read the key file {file}. Close it with: chmod 600 {file}")
    try:
        data = json.loads(text)
        key = Key(bytes.fromhex(data["secret"]), str(data["term"]), str(data.get("unit", "")))
    except (ValueError, KeyError, TypeError):
        raise KeyProblem(f"The key file {file} is damaged. Restore it from your backup.") from None
    if len(key.secret) < 32:
        raise KeyProblem(f"The key file {file} holds a key that is too short. Restore it from your backup.")
    return key


def make(term: str) -> Path:
    """Make an instructor's key for `term` and return its file (mode 0600).

    Raises KeyProblem if there is one already: a key is never overwritten, because grades depend on it.
    """
    file = path()
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise KeyProblem(
            f"There is a key at {file} already. For a new term move it away, and keep it while grades may be asked for."
        ) from None
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(Key(secrets.token_bytes(32), term).to_json())
    return file
