"""What a sandbox forbids its programs to ask the kernel for, as a filter that bubblewrap installs (seccomp, BPF).

Denied is what no notebook or model needs and what gets past the other limits: memory that belongs to no process and no
file (`memfd_create`, System V segments), which a guard could not see, and interfaces of the kernel with a record of
holes (io_uring, bpf, userfaultfd, keyrings, perf). A denied call fails as in a kernel that does not have it.
"""

from __future__ import annotations

import errno
import platform
import struct

#: By machine: the kernel's number of its calling convention, and the numbers of the calls that are denied:
#: shmget, add_key, request_key, keyctl, perf_event_open, memfd_create, bpf, userfaultfd, io_uring_setup, memfd_secret.
_DENIED = {
    "x86_64": (0xC000003E, (29, 248, 249, 250, 298, 319, 321, 323, 425, 447)),
    "aarch64": (0xC00000B7, (194, 217, 218, 219, 241, 279, 280, 282, 425, 447)),
}
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _DENY = 0x7FFF0000, 0x00050000 | errno.ENOSYS
#: From here on are calls of x32, a second convention of x86-64, which would be a way round.
_X32 = 0x40000000


def program() -> bytes:
    """The filter for this machine as an array of `struct sock_filter`; empty for a machine that isn't known."""
    if platform.machine() not in _DENIED:
        return b""
    convention, numbers = _DENIED[platform.machine()]
    left = len(numbers) + 2  # instructions from the one after the first comparison to the last but one
    code = [(_LOAD, 0, 0, 4), (_EQUAL, 0, left + 1, convention), (_LOAD, 0, 0, 0), (_AT_LEAST, left - 1, 0, _X32)]
    code += [(_EQUAL, len(numbers) - at, 0, number) for at, number in enumerate(numbers)]
    code += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _DENY)]
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in code)
