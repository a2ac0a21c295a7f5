"""The Azure of the tests: azurite from npm, as its lock says, on the Node of `.venv`. `system.py` installs it.

    python3 scripts/azurite.py      write the lock anew after a change of tests/blobs/azurite/package.json

Installed into `.tools/azurite`, whole or not at all. Quick when nothing changed: a stamp holds the digest of what decides the
content. No script of a package is run.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import node

ROOT = Path(__file__).resolve().parent.parent
LOCKED = ROOT / "tests" / "blobs" / "azurite"
FOLDER = ROOT / ".tools" / "azurite"
MAIN = FOLDER / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"
STAMP = FOLDER / ".duologue-installed"
SECONDS = 120  # for all of it; a minute on a slow line


def digest() -> str:
    """Return one hash of everything that decides what the folder holds."""
    files = sorted(file for file in LOCKED.rglob("*") if file.is_file())
    return hashlib.sha256(b"\n".join(file.read_bytes() for file in files)).hexdigest()


def is_there() -> bool:
    """Say whether it is installed as the lock says, with a Node to run it."""
    return node.in_venv() is not None and MAIN.exists() and STAMP.exists() and STAMP.read_text() == digest()


def install() -> None:
    """Fetch it from the npm registry that this machine is set up for.

    Raises:
        OSError: there is no Node, or no room.
        subprocess.SubprocessError: npm could not, or took too long.
    """
    coming = FOLDER.with_name("azurite.coming")
    shutil.rmtree(coming, ignore_errors=True)
    try:
        shutil.copytree(LOCKED, coming)
        _npm(coming, "ci")
        (coming / STAMP.name).write_text(digest())
        shutil.rmtree(FOLDER, ignore_errors=True)
        coming.rename(FOLDER)
    finally:
        shutil.rmtree(coming, ignore_errors=True)


def lock() -> None:
    """Write the lock, without the addresses of the registry it was made with."""
    _npm(LOCKED, "install", "--package-lock-only", "--omit-lockfile-registry-resolved")


def _npm(folder: Path, *arguments: str) -> None:
    wheel = node.in_venv()
    if wheel is None:
        raise FileNotFoundError("Node is not in .venv: run make setup")
    npm = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    subprocess.run(
        [wheel / "bin" / "node", npm, *arguments, "--ignore-scripts", *node.QUIET],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        timeout=SECONDS,
        check=True,
    )


if __name__ == "__main__":
    lock()
