"""The server under load: started for the run on a free port with a folder of its own, or one that already runs."""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from bench import database
from bench.cpu import Meter
from bench.database import Database

START_PATIENCE = 60
STOP_PATIENCE = 30


@dataclass(frozen=True)
class Target:
    """Who is measured: its address, the secret that signs its tokens, and what can be known of its processes."""

    url: str
    secret: str
    pid: int | None = None
    database: Database | None = None

    def meter(self) -> Meter:
        """Return what reads the CPU and memory of this target."""
        return Meter(self.pid, self.database.postmaster if self.database else None)


@contextlib.contextmanager
def serve() -> Iterator[Target]:
    """Run ``duologue serve`` on the embedded default, with rate limits off, and stop it by SIGTERM.

    Raises:
        RuntimeError: the server did not become ready; the message ends with the last lines of its log.
    """
    folder = Path(tempfile.mkdtemp(prefix="duologue-bench-"))
    port, secret = _free_port(), secrets.token_hex(32)
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [str(Path(sys.executable).with_name("duologue")), "serve", "--host", "127.0.0.1", "--port", str(port)],
            cwd=folder,  # no .env of the checkout applies
            env=_environment(folder / "data", secret),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_ready(process, f"http://127.0.0.1:{port}", folder / "server.log")
        yield Target(f"http://127.0.0.1:{port}", secret, process.pid, database.find(folder / "data"))
    finally:
        _stop(process, folder / "data")
        shutil.rmtree(folder, ignore_errors=True)


def _environment(data: Path, secret: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TZ") if name in os.environ}
    return kept | {
        "DATA_DIR": str(data),
        "JWT_SECRET": secret,
        "RATE_LIMITS": "off",
        "MAX_CONNECTIONS": "20000",
        "MAX_CONNECTIONS_PER_USER": "1000",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{url}/health/ready").status_code == 200:
                return
        time.sleep(0.05)
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
    raise RuntimeError(f"The server was not ready after {START_PATIENCE} s, or ended with {process.poll()}:\n{tail}")


def _stop(process: subprocess.Popen[bytes], data: Path) -> None:
    """Stop the server as an operator would; what outlives it is ended by force, so that nothing is left behind."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    with contextlib.suppress(FileNotFoundError, psutil.NoSuchProcess):
        postmaster = psutil.Process(database.find(data).postmaster)
        postmaster.send_signal(signal.SIGINT)  # fast shutdown
        postmaster.wait(STOP_PATIENCE)
