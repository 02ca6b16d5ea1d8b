"""What a sandbox forbids its programs to ask the kernel for, as a filter that bubblewrap installs (seccomp, BPF).

Denied is what no notebook or model needs and what gets past the other limits: memory that belongs to no process and no
file (`memfd_create`, System V segments, queues and semaphores), which a guard could not see; interfaces of the kernel
with a record of holes (io_uring, bpf, userfaultfd, keyrings, perf); and whatever tells one sandbox what another does
with a file that both may read (leases, notifications, who holds a lock). A denied call fails as in a kernel that does
not have it.

Locks on files succeed and lock nothing: a lock on a shared file would be seen from every sandbox that can read it, and
files of one's own are in one sandbox only. (SQLite, which IPython's history is kept in, could not do without.)
"""

from __future__ import annotations

import errno
import platform
import struct

#: By machine: the kernel's number of its calling convention; numbers of the calls that are denied (shmget, semget,
#: msgget, add_key, request_key, keyctl, perf_event_open, memfd_create, bpf, userfaultfd, io_uring_setup, memfd_secret,
#: inotify_init1, fanotify_init, mincore, and on x86-64 inotify_init); those of flock and fcntl.
_CALLS = {
    "x86_64": (0xC000003E, (29, 64, 68, 248, 249, 250, 298, 319, 321, 323, 425, 447, 294, 300, 27, 253), 73, 72),
    "aarch64": (0xC00000B7, (194, 190, 186, 217, 218, 219, 241, 279, 280, 282, 425, 447, 26, 262, 232), 32, 25),
}
#: Commands of fcntl: F_SETLK, F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW; F_GETLK, F_OFD_GETLK, F_SETLEASE, F_NOTIFY.
_LOCKS, _TELLING = (6, 7, 37, 38), (5, 36, 1024, 1026)
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _DENY, _NOTHING = 0x7FFF0000, 0x00050000 | errno.ENOSYS, 0x00050000
#: Where the number of a call, its calling convention and its second argument (on little-endian machines) stand.
_NUMBER, _CONVENTION, _SECOND = 0, 4, 24
#: From here on are calls of x32, a second convention of x86-64, which would be a way round.
_X32 = 0x40000000


def program() -> bytes:
    """The filter for this machine as an array of `struct sock_filter`; empty for a machine that isn't known."""
    if platform.machine() not in _CALLS:
        return b""
    convention, denied, flock, fcntl = _CALLS[platform.machine()]
    code = [(_LOAD, 0, 0, _CONVENTION), (_EQUAL, 1, 0, convention), (_RETURN, 0, 0, _DENY)]
    code += [(_LOAD, 0, 0, _NUMBER), (_AT_LEAST, 0, 1, _X32), (_RETURN, 0, 0, _DENY)]
    code += _answers(denied, _DENY) + _answers((flock,), _NOTHING)
    inner = [(_LOAD, 0, 0, _SECOND), *_answers(_LOCKS, _NOTHING), *_answers(_TELLING, _DENY)]
    code += [(_EQUAL, 0, len(inner), fcntl), *inner, (_RETURN, 0, 0, _ALLOW)]
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in code)


def _answers(numbers: tuple[int, ...], answer: int) -> list[tuple[int, int, int, int]]:
    """If what is loaded is one of the numbers, this is the answer."""
    return [step for number in numbers for step in ((_EQUAL, 0, 1, number), (_RETURN, 0, 0, answer))]
