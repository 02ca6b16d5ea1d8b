"""Where other people's code runs: bubblewrap, no network, no home, nothing of the course but its code.

A sandbox sees the Python installation, the package `course`, fonts and what it is given to read. Everything that it may
write to is memory of a limited size. From outside a guard watches it: time, tasks (processes and threads), memory.

`program` starts a program on a copy of a folder and takes one message of bytes from it (a notebook, the test cells);
`command` is what stands before any other program (a model, a learner's functions).
"""

from __future__ import annotations

from course.sandbox.bubble import HERE, INSIDE, command, nests, problem, python_environment, require
from course.sandbox.groups import in_words as account
from course.sandbox.groups import known as counted
from course.sandbox.guard import Guard, guarded
from course.sandbox.processes import kill, start, stop_all
from course.sandbox.programs import Stopped, program
from course.sandbox.scratch import home, scratch
from course.sandbox.tables import cpu_s, delay_s, held, program_of, size, tree

__all__ = [
    "HERE", "INSIDE", "Guard", "Stopped", "account", "command", "counted", "cpu_s", "delay_s", "guarded", "held",
    "home", "kill", "nests", "problem", "program", "program_of", "python_environment", "require", "scratch", "size",
    "start", "stop_all", "tree",
]  # fmt: skip
