"""The loop of a worker process: limits first, then one job after another from standard input until it ends.

A worker trusts no file: it has no secret in its environment, a bound on memory, CPU time and what it writes, and is replaced after
whatever went wrong. What a family does with a file stands in `images.py`, `av.py` and `inspection/`; the mains are
`worker_images.py`, `worker_av.py` and `worker_documents.py`.
"""

import errno
import os
import resource
import struct
import sys
from collections.abc import Callable
from typing import BinaryIO

import msgspec

from duologue.blobs.jobs import Job, Limits, Outcome
from duologue.blobs.verdicts import Hostile, Unreadable

Work = Callable[[Job, Limits], Outcome]

NICENESS = 10  # messages go before pictures
LENGTH = struct.Struct("!I")
_FULL = Outcome(verdict="full", reason="disk")
_OUR_SIDE = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: Outcome(verdict="hostile", reason="written"),
    errno.ENOMEM: Outcome(verdict="hostile", reason="memory"),
}


def run(work: Work) -> None:
    """Work until standard input ends. The limits are the first message."""
    replies = _take_output()
    source = sys.stdin.buffer
    limits = msgspec.msgpack.decode(_read(source), type=Limits)
    _confine(limits)
    decoder = msgspec.msgpack.Decoder(Job)
    while message := _read(source):
        _allow_cpu(limits.cpu)
        answer = msgspec.msgpack.encode(_attempt(work, decoder.decode(message), limits))
        replies.write(LENGTH.pack(len(answer)) + answer)
        replies.flush()


def _attempt(work: Work, job: Job, limits: Limits) -> Outcome:
    """One job; whatever a decoder raises is the file's fault, but a full disk."""
    try:
        return work(job, limits)
    except Hostile as refused:
        return Outcome(verdict="hostile", reason=str(refused))
    except (MemoryError, RecursionError):
        return Outcome(verdict="hostile", reason="memory")
    except Unreadable as refused:
        return Outcome(verdict="unreadable", reason=str(refused))
    except Exception as error:  # noqa: BLE001 -- decoders raise anything at all for broken files
        return _OUR_SIDE.get(getattr(error, "errno", None) or 0, Outcome(verdict="unreadable", reason="unreadable"))


def _take_output() -> BinaryIO:
    """Keep standard output for replies: what a library prints goes where errors go."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return replies


def _read(source: BinaryIO) -> bytes:
    """The next message; empty at the end."""
    head = source.read(LENGTH.size)
    return source.read(LENGTH.unpack(head)[0]) if len(head) == LENGTH.size else b""


def _confine(limits: Limits) -> None:
    """Bounds for the whole process; it cannot raise them again but for CPU time."""
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.written, limits.written))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    os.umask(0o077)
    os.nice(NICENESS)


def _allow_cpu(seconds: int) -> None:
    """So many seconds more, counted from now: the kernel ends the process after that."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + seconds + 1, resource.RLIM_INFINITY))
