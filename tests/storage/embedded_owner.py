"""A process that owns an embedded PostgreSQL, for tests that kill it, doubt it or run it as somebody else.

It prints one line of JSON, `{"dsn", "pid"}` or `{"refused"}`, and stops when its input ends.
"""
# ruff: noqa: T201 - printing is how it reports

import argparse
import asyncio
import codecs
import ctypes
import importlib
import json
import os
import platform
import resource
import struct
import sys
from pathlib import Path

from duologue.storage.embedded import EmbeddedError, EmbeddedPostgres

UNSHARE = {"x86_64": 272, "aarch64": 97}  # number of the system call
PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2
LOAD, JUMP_EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, EPERM = 0x7FFF0000, 0x00050001


def refuse_namespaces() -> None:
    """Make unshare(2) fail with EPERM from here on, as the default seccomp profile of Docker does."""
    steps = [
        (LOAD, 0, 0, 0),  # the number of the system call
        (JUMP_EQUAL, 0, 1, UNSHARE[platform.machine()]),
        (RETURN, 0, 0, EPERM),
        (RETURN, 0, 0, ALLOW),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = ctypes.create_string_buffer(struct.pack("HL", len(steps), ctypes.addressof(code)))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "seccomp")


async def own(folder: Path, start_timeout: float) -> None:
    """Start, report, wait for the end of the input, stop."""
    postgres = EmbeddedPostgres(folder, start_timeout=start_timeout)
    try:
        dsn = await postgres.start()
    except EmbeddedError as error:
        print(json.dumps({"refused": str(error)}), flush=True)
        return
    print(json.dumps({"dsn": dsn, "pid": postgres.pid}), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await postgres.stop()


def preload() -> None:
    """Load what Python loads late, since the account to come may not be able to read this Python's folder."""
    importlib.import_module("concurrent.futures.thread")
    for encoding in ("ascii", "latin-1", "idna"):
        codecs.lookup(encoding)


def main() -> None:
    """Become who is asked for, then own."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--uid", type=int)
    parser.add_argument("--python")
    parser.add_argument("--refuse-namespaces", action="store_true")
    parser.add_argument("--largest-file", type=int, help="bytes")
    parser.add_argument("--start-timeout", type=float, default=60.0)
    options = parser.parse_args()
    if options.refuse_namespaces:
        refuse_namespaces()
    if options.largest_file:
        resource.setrlimit(resource.RLIMIT_FSIZE, (options.largest_file, options.largest_file))
    if options.python:
        sys.executable = options.python
    if options.uid is not None:
        preload()
        os.setgroups([])
        os.setgid(options.uid)
        os.setuid(options.uid)
    asyncio.run(own(options.folder, options.start_timeout))


if __name__ == "__main__":
    main()
