"""Time is taken from outside, and what is timed is judged: modules that behave otherwise when they think it is taken.

Each does some twenty times the work of the yardstick, with a budget of twice: it must not be said to keep it.
"""

from __future__ import annotations

import functools

from course.contract.cost.throughput import throughput
from course.contract.processes import calls
from course.contract.terms.report import EARNS
from course.grading.probes import HELD, Probe

YARDSTICK = calls.Module("yardstick.py", b"def answer(n):\n    return sum(range(2_000)) and n\n", {})
BUDGET, CALLS = 2.0, 30
WORK = "def work(n):\n    return sum(range(40_000)) and n\n"
MODULES = {
    "clocks that stand still": "import time\nfor name in ('perf_counter', 'monotonic', 'time', 'process_time',"
                               " 'perf_counter_ns', 'thread_time'):\n    setattr(time, name, lambda: 0)\n"
                               "def answer(n): return work(n)",
    "another answer each time": "import random\ndef answer(n): return random.random()",
    "the number of the call": "count = 0\ndef answer(n):\n    global count\n    count += 1\n    return count",
    "work in a helper": "import os\nask, asked = os.pipe()\ntell, told = os.pipe()\nif os.fork() == 0:\n"
                        "    os.close(asked)\n"
                        "    while os.read(ask, 1): work(1); os.write(told, b'x')\n    os._exit(0)\n"
                        "os.close(ask)\n"
                        "def answer(n):\n    os.write(asked, b'x')\n    os.read(tell, 1)\n    return n",
    "work in a thread": "import threading\ndef answer(n):\n    thread = threading.Thread(target=work, args=(n,))\n"
                        "    thread.start()\n    thread.join()\n    return n",
    "plain slowness": "def answer(n): return work(n)",
}  # fmt: skip


def kept(bench, source):
    """Is a budget said to be kept that is not?"""
    module = calls.Module("answer.py", (WORK + source).encode(), {})
    try:
        found = throughput(
            module, YARDSTICK, "answer", lambda rng: [(n,) for n in rng.normal(size=CALLS).tolist()], BUDGET, seed=1
        )
    except calls.CallError:
        return HELD
    return f"{found.ratio:.2g} times was said to be {found.verdict}" if found.verdict in EARNS else HELD


PROBES = tuple(
    Probe("timing", name, "look", functools.partial(kept, source=source), shows="each time" in name or "number" in name)
    for name, source in MODULES.items()
)
