"""Debian's clamd with one signature of our own: the test virus of EICAR, wherever it stands. No other signature is fetched."""

import os
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.blobs.daemon import EICAR

CLAMD = Path("/usr/sbin/clamd")
LIMIT = 4 << 20  # bytes of a stream


class Clamd(NamedTuple):
    """Where one listens, as CLAMAV_URL has it."""

    unix: str
    tcp: str


@contextmanager
def clamd() -> Iterator[Clamd]:
    """Run one until it has loaded its signature; skipped where there is none, except in CI."""
    if not CLAMD.exists() and not os.environ.get("CI"):
        pytest.skip("clamd is not installed; scripts/system.py installs Debian's clamav-daemon")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="clamd-") as name:  # short enough for the name of a socket
        command = [str(CLAMD), f"--config-file={settings(Path(name), port)}"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
            try:
                until_it_listens(process)
                yield Clamd(f"unix://{name}/clamd.ctl", f"tcp://127.0.0.1:{port}")
            finally:
                process.kill()


def settings(folder: Path, port: int) -> Path:
    """Write signature and settings; a signature file has a name, a kind of file, a place in it and bytes."""
    (folder / "own.ndb").write_text(f"Duologue.Test:0:*:{EICAR.hex()}\n")
    said = {
        "DatabaseDirectory": folder,
        "Foreground": "yes",
        "LocalSocket": folder / "clamd.ctl",
        "StreamMaxLength": LIMIT,
        "TCPAddr": "127.0.0.1",
        "TCPSocket": port,
        "TemporaryDirectory": folder,
    }
    file = folder / "clamd.conf"
    file.write_text("".join(f"{name} {value}\n" for name, value in said.items()))
    return file


def until_it_listens(process: subprocess.Popen[str]) -> None:
    """It tells its limits once it has loaded all and listens."""
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        if line.startswith("Self checking"):
            return
        said.append(line)
    raise AssertionError(f"clamd ended with {process.wait()}: {''.join(said[-3:])}")
