"""Make `.venv` what the lock says, then the project itself in editable form.

    python3 scripts/install.py

Quick when nothing changed: a stamp in `.venv` holds the digest of all that decides its content. Python itself is
never downloaded. Where uv comes from: `scripts/bootstrap.py`.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import bootstrap

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / ".duologue-installed"
LOCK = ROOT / "requirements.lock"


def digest() -> str:
    """Return one hash of everything that decides what `.venv` holds, its own path included (scripts name it)."""
    whole = hashlib.sha256(f"{ROOT}\n{sys.version}\n".encode())
    for file in (LOCK, ROOT / "pyproject.toml", Path(__file__)):
        whole.update(file.read_bytes())
    return whole.hexdigest()


def is_current() -> bool:
    """Say whether nothing has to be done."""
    return (VENV / "bin" / "python").exists() and STAMP.exists() and STAMP.read_text() == digest()


def install() -> None:
    """Create the environment if need be, then bring it to the lock.

    Raises:
        bootstrap.NoUvError: there is no uv, and no way to get one.
        subprocess.CalledProcessError: uv failed; it has said why.
    """
    uv = bootstrap.find_uv()
    STAMP.unlink(missing_ok=True)
    if not _fits():
        shutil.rmtree(VENV, ignore_errors=True)
        _run(uv, "venv", "--quiet", "--python", sys.executable, str(VENV))
    into = ["--quiet", "--python", str(VENV / "bin" / "python")]
    _run(uv, "pip", "sync", *into, "--require-hashes", str(LOCK))
    # The build backend is in the lock too, so nothing unpinned is fetched to build the project.
    _run(uv, "pip", "install", *into, "--no-deps", "--no-build-isolation", "--editable", str(ROOT))
    STAMP.write_text(digest())


def _fits() -> bool:
    """Say whether `.venv` is of this very Python: one that was upgraded or removed leaves a broken one behind."""
    try:
        command = [str(VENV / "bin" / "python"), "-c", "import sys; sys.stdout.write(sys.version)"]
        told = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    return told.stdout == sys.version


def _run(*command: str | Path) -> None:
    outside = {"VIRTUAL_ENV", "CONDA_PREFIX", "UV_SYSTEM_PYTHON", "UV_PYTHON"}  # an environment we were called from
    kept = {name: value for name, value in os.environ.items() if name not in outside}
    subprocess.run(command, env={**kept, "UV_PYTHON_DOWNLOADS": "never"}, cwd=ROOT, check=True)


def main() -> int:
    """Install unless current; returns the exit code."""
    if is_current():
        return 0
    sys.stderr.write("Setting up .venv (the first time takes a minute) ...\n")
    try:
        install()
    except bootstrap.NoUvError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except subprocess.CalledProcessError as error:
        sys.stderr.write(f"Set-up failed: {' '.join(map(str, error.cmd[:4]))} ... ended with {error.returncode}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
