"""Become an unprivileged account in a user namespace of its own, then run a command. A script, not to be imported.

Run as `python -I -S namespace.py UID GID COMMAND...`. PostgreSQL refuses to run as root. In here the account that
started it (root, as a rule) is called UID, so PostgreSQL agrees, while outside every file and process stays with that
account: nothing changes owner, and a home that is closed to others stays reachable.

It stands alone, because a namespace can only be entered by a process with one thread, which the server is not; and it
needs no `unshare` program. Exit status REFUSED: the kernel or a container does not allow it.
"""

import ctypes
import os
import sys

CLONE_NEWUSER = 0x10000000
REFUSED = 97


def enter(uid: int, gid: int) -> None:
    """Map the own account, and only that, to `uid` and `gid` in a new user namespace (user_namespaces(7)).

    Raises:
        OSError: it is not allowed here.
    """
    outer_uid, outer_gid = os.geteuid(), os.getegid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    # A process may map its own ids without privileges; for the group only after giving up setgroups.
    for name, line in (
        ("setgroups", "deny"),
        ("uid_map", f"{uid} {outer_uid} 1"),
        ("gid_map", f"{gid} {outer_gid} 1"),
    ):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:  # noqa: PTH123 - pathlib costs start time
            file.write(line)


def main() -> None:
    """Enter the namespace and become the command; the process id stays."""
    try:
        enter(int(sys.argv[1]), int(sys.argv[2]))
    except (OSError, AttributeError) as error:  # not every system has unshare(2)
        sys.stderr.write(f"{error}\n")
        sys.exit(REFUSED)
    os.execv(sys.argv[3], sys.argv[3:])  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main()
