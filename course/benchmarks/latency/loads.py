"""What else the machine does while a model is graded: bounded, by our own child processes only.

This file is also the program of these children: `python loads.py WHAT`. They end when they are told to, when their
parent is gone, and after `LIMIT_S` in any case.
"""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator

LIMIT_S = 900.0
#: A stream of this many bytes fits into no cache of a laptop.
STREAM_BYTES = 96 * 2**20
#: Load -> what its children do. A second grader needs no child: there, two gradings run at a time.
CHILDREN = {
    "idle": [],
    "busy": ["spin", "spin"],
    "memory": ["stream"],
    "bursty": ["burst", "burst"],
    "second grader": [],
}


@contextlib.contextmanager
def load(name: str) -> Iterator[None]:
    """Put the machine under the load called `name`; over when the context ends, whatever ends it."""
    children = []
    try:
        for what in CHILDREN[name]:
            command = [sys.executable, "-I", __file__, what]
            children.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE))
        for child in children:
            child.stdout.readline()
        yield
    finally:
        for child in children:
            child.kill()
        for child in children:
            child.wait()
            child.stdout.close()


def main(what: str) -> None:
    """Keep one CPU busy in the way that `what` says: spin, stream or burst."""
    stream = None
    if what == "stream":
        import numpy as np

        stream = np.zeros(STREAM_BYTES, np.uint8)
    parent, end = os.getppid(), time.monotonic() + LIMIT_S
    print("ready", flush=True)
    while os.getppid() == parent and time.monotonic() < end:
        if stream is not None:
            stream += 1
        else:
            _spin(random.uniform(0.01, 0.3))
        if what == "burst":
            time.sleep(random.uniform(0.01, 0.3))


def _spin(seconds: float) -> None:
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


if __name__ == "__main__":
    main(sys.argv[1])
