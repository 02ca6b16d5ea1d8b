"""What a program in a sandbox hands out: plain data and files as one message of bytes. It is never trusted."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path


def take_over_output() -> int:
    """Keep standard output for the parcel alone: a descriptor to write it to. What else is printed goes nowhere."""
    out = os.dup(1)
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, 1)
    os.close(sink)
    return out


def send(out: int, data: Mapping, files: Mapping[str, bytes]) -> None:
    """Write a parcel: the length of a header, the header (data, names and sizes), the files."""
    header = json.dumps({"data": data, "files": [[name, len(content)] for name, content in files.items()]}).encode()
    with os.fdopen(out, "wb") as pipe:
        pipe.write(len(header).to_bytes(8, "big") + header)
        for content in files.values():
            pipe.write(content)


def opened(message: bytes, most_data: int = 10**8) -> tuple[dict, dict[str, bytes]]:
    """The data and the files of a parcel. Raises ValueError for a message that is none, or has too much data."""
    try:
        end = 8 + int.from_bytes(message[:8], "big")
        if end > most_data:  # as Python's lists and dicts it is some forty times as large
            raise ValueError("too much data")
        header = json.loads(message[8:end].decode())
        data, files = header["data"], {}
        for name, size in header["files"]:
            if not isinstance(name, str) or not isinstance(size, int) or Path(name).name != name or size < 0:
                raise ValueError("no file")
            files[name], end = message[end : end + size], end + size
        if end != len(message) or not isinstance(data, dict):
            raise ValueError("too short or too long")
        return data, files
    except (KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise ValueError(type(error).__name__) from None
