"""Grading a class side by side: in threads of this process, or on the workers of any Dask cluster.

A task is one submission, shipped as bytes with the key of its unit alone; a worker needs the same version of the course
and nothing else. Only some tasks are under way at a time, and a result is put where results are kept as soon as it is
there, so the memory of this process does not grow with the class, and a run that is killed has lost nothing that was
done. nbgrader then records what it finds there: one writer, one way through.

Time is measured by the load-proof protocol of `contract.latency`, whatever else a worker is doing.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import queue
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from course import key, sandbox
from course.grading.classes import results
from course.grading.classes.cluster import ClusterProblem, Watch
from course.grading.execution import work
from course.grading.submissions import ingest, submission
from course.grading.submissions.rebuild import rebuild
from course.units.base import Unit

if TYPE_CHECKING:
    from tornado.ioloop import IOLoop

#: Seconds to wait for a scheduler, and for its first worker.
WAIT_S = 30
#: Seconds between two looks whether something is done.
POLL_S = 0.2
#: Called with a student's name, and why the submission was not graded ("" if it was).
Done = Callable[[str, str], None]


@dataclass(frozen=True)
class Workers:
    """Who does the work; how many tasks they do at the same time (a cluster may change); who looks after them."""

    pool: Executor
    threads: Callable[[], int]
    look: Callable[[], None] = lambda: None


def run_all(
    unit: Unit,
    root: Path,
    students: Sequence[str],
    *,
    jobs: int,
    scheduler: str,
    done: Done,
) -> None:
    """Grade the submissions of `students` ahead of nbgrader, as far as their results are not there already.

    Parameters
    ----------
    jobs : threads of this process, if there is no scheduler.
    scheduler : address of a Dask scheduler, such as tcp://10.0.0.1:8786; empty: none.
    done : told about each student.

    Raises ClusterProblem if there is no cluster at that address, or no worker in it.
    """
    secret = key.current()
    sandbox.require(secret)
    template = submission.released(root / "source" / unit.name / f"{unit.name}.ipynb", hidden=True)

    def tasks() -> Iterator[tuple[str, work.Task]]:
        for name in students:
            folder = root / "submitted" / name / unit.name
            try:
                notebook, _ = rebuild(template, folder / f"{unit.name}.ipynb")
                task = work.task(unit, notebook, folder, secret, unit.seconds)
            except Exception as error:  # whatever it is, it must not stop the others; nbgrader will meet it again
                done(name, f"it can't be read ({type(error).__name__}: {error})")
                continue
            if results.has(task.digest):
                done(name, "")
            else:
                yield name, task

    for name in students:  # before any is graded: putting one submission in order may concern another
        ingest.clean(root / "submitted" / name / unit.name)
    with _workers(jobs, scheduler) as workers:
        try:
            again = []
            for name, task, result in _in_turn(workers, tasks()):
                if result.unmeasured:
                    again.append((name, task))  # after the others, when nothing else runs
                    continue
                results.keep(task.digest, result)
                done(name, result.problem)
            for one in again:
                for name, task, result in _in_turn(workers, iter([one])):
                    results.keep(task.digest, result)
                    done(name, result.problem)
        except KeyboardInterrupt:
            sandbox.stop_all()  # threads can't be ended, and the pool waits for them
            raise


def _in_turn(workers: Workers, tasks: Iterator[tuple[str, work.Task]]) -> Iterator[tuple[str, work.Task, work.Result]]:
    """Names, tasks and results as they come, with two tasks a thread under way."""
    names: dict[Future, tuple[str, work.Task]] = {}
    more = True
    while more or names:
        while more and len(names) < 2 * max(workers.threads(), 1):
            found = next(tasks, None)
            more = found is not None
            if found:
                names[workers.pool.submit(work.do, found[1])] = found
        ready = wait(names, timeout=POLL_S, return_when=FIRST_COMPLETED).done
        if not ready:
            workers.look()
        for future in ready:
            name, task = names.pop(future)
            try:
                result = future.result()
            except Exception as error:  # the worker died of it three times, or the course has a fault
                result = work.Result(problem=_said(error))
            yield name, task, result


def _said(error: Exception) -> str:
    if type(error).__name__ == "KilledWorker":  # Dask's
        return "every worker that tried it died; look at the workers' memory, then grade it again"
    return f"the course failed ({type(error).__name__}: {error})"


@contextlib.contextmanager
def _workers(jobs: int, scheduler: str) -> Iterator[Workers]:
    """Threads of this process, or those of a cluster that exists."""
    if not scheduler:
        pool = ThreadPoolExecutor(jobs)
        try:
            yield Workers(pool, lambda: jobs)
        finally:
            pool.shutdown(cancel_futures=True)
        return
    try:
        import dask
        import distributed
    except ModuleNotFoundError:
        raise ClusterProblem("Dask is not installed, which a cluster needs. Install it with: make class") from None

    logging.getLogger("distributed").setLevel(logging.ERROR)
    with warnings.catch_warnings(), dask.config.set({"temporary-directory": str(sandbox.home())}):
        warnings.filterwarnings("ignore", message="Sending large graph")  # a submission may have some megabytes
        try:
            client = distributed.Client(scheduler, timeout=WAIT_S, set_as_default=False, loop=_loop())
        except (OSError, ValueError) as error:
            said = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise ClusterProblem(
                f"There is no Dask scheduler at {scheduler} ({said}). Start one with: dask scheduler"
            ) from None
        with client:
            try:
                client.wait_for_workers(1, timeout=WAIT_S)
            except TimeoutError:
                raise ClusterProblem(
                    f"The scheduler at {scheduler} has no worker. Start one with: dask worker {scheduler}"
                ) from None
            watch = Watch(client)
            with client.get_executor(pure=False) as pool:
                yield Workers(pool, lambda: sum(client.nthreads().values()), watch.look)


@functools.cache
def _loop() -> IOLoop:
    """An event loop in a thread, for all of this process. Dask would start one itself, and fail if that takes 10 s."""
    from tornado.ioloop import IOLoop

    started: queue.SimpleQueue[IOLoop] = queue.SimpleQueue()

    async def run() -> None:
        started.put(IOLoop.current())
        await asyncio.Event().wait()

    threading.Thread(target=asyncio.run, args=(run(),), daemon=True, name="Dask").start()
    return started.get()
