"""Looking after a Dask cluster while a class is graded on it: it never waits without a word."""

from __future__ import annotations

import pkgutil
import time
from typing import TYPE_CHECKING

from course.problem import Problem

if TYPE_CHECKING:
    from distributed import Client

#: Seconds between two looks, and how long a cluster may be without any worker.
EVERY_S, PATIENCE_S = 5.0, 30.0
#: What a worker imports before it does a task; a module's name is a text, which can be sent back.
NEEDED = "course.grading.execution.work:__name__"
_GOES_ON = "Nothing is lost: what was graded is kept, and the same command goes on."


class ClusterProblem(Problem):
    """There is no cluster to grade on; the message says what to do."""


class Watch:
    """Raises ClusterProblem when a worker can't grade, or when there has been none for a while."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._known: set[str] = set()
        self._last = self._seen = time.monotonic()
        self._look()

    def look(self) -> None:
        """Look again, if the last look was some seconds ago."""
        if time.monotonic() - self._last >= EVERY_S:
            self._last = time.monotonic()
            self._look()

    def _look(self) -> None:
        there = set(self._client.nthreads())
        if there:
            self._seen = time.monotonic()
        elif time.monotonic() - self._seen > PATIENCE_S:
            raise ClusterProblem(f"No worker is left in the cluster. Start one with: dask worker ADDRESS. {_GOES_ON}")
        new = sorted(there - self._known)
        if new:
            # A function of Python's own: the worker may lack everything else.
            found = self._client.run(pkgutil.resolve_name, NEEDED, workers=new, on_error="return")
            for address, answer in found.items():
                if isinstance(answer, Exception):
                    raise ClusterProblem(
                        f"The course is not installed where the worker at {address} runs ({answer}): set it up there "
                        f"(make setup), or end that worker. {_GOES_ON}"
                    )
            self._known.update(new)
