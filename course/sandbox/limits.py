"""How much a sandbox may have. Everything reads these here, when it needs them."""

from __future__ import annotations

#: Bytes of what can be written: the working folder of a notebook, /tmp, /dev/shm. All of it is memory.
FOLDER_BYTES, TMP_BYTES, SHM_BYTES = 1_000_000_000, 600_000_000, 100_000_000
#: Tasks (processes and threads) and bytes of memory of everything in a sandbox, and how often a guard looks.
MOST_TASKS, MOST_MEMORY, LOOK_S = 400, 8_000_000_000, 0.1
#: What one socket or pipe may hold unseen, and from how many open files of a sandbox on they are counted.
SOCKET_BYTES, MANY_FILES = 425_984, 100
#: Sandboxes within a sandbox have guards of their own, and those must be the first to see that something is too large.
OUTER_TASKS, OUTER_MEMORY = 10, 1.5
