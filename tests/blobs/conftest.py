"""Worker processes and places to write, for the tests of the media pipeline."""

import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from duologue.blobs.jobs import Limits
from duologue.blobs.workers import Workers


@pytest.fixture(scope="session")
async def workers() -> AsyncIterator[Workers]:
    """Two processes with the limits of the product."""
    measured = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE")}
    pool = Workers(2, Limits(), measured)
    yield pool
    await pool.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a file system of two megabytes; needs to be root."""
    folder = tmp_path / "small"
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], check=False, capture_output=True
    )
    if made.returncode:
        pytest.skip("a small file system cannot be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)
