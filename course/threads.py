"""One thread for numpy, scikit-learn and onnxruntime, wherever the course is.

Models this small train faster on one thread than on threads that wait for each other, and learner, grader and
benchmark compute the same in the same way.

Each library counts its threads once, when it is loaded or makes a session. So it is told by the environment, which
`import course` fills in first of all; who has set one of these variables keeps what was set.
"""

from __future__ import annotations

import os
import sys

#: OpenMP (scikit-learn), BLAS of numpy and scipy on Linux, macOS and Windows, onnxruntime.
ONE = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "ORT_INTRA_OP_NUM_THREADS": "1",
    "ORT_INTER_OP_NUM_THREADS": "1",
}


def limit() -> None:
    """See to it that libraries use one thread in this process and in those that it starts."""
    for name, number in ONE.items():
        os.environ.setdefault(name, number)
    if "numpy" in sys.modules:  # it was imported before the course, and perhaps others with it
        from threadpoolctl import threadpool_limits

        threadpool_limits(1)
