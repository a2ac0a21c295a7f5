"""Find a working uv, or fetch one into `.uv/`; prints its path.

    python3 scripts/bootstrap.py

Only the standard library is used, and nothing outside `.uv/` changes, except in the last resort below. What is
fetched must match a hash in `scripts/bootstrap.lock`. The ways, in order:

1. uv on PATH, or the one fetched before;
2. pip of this interpreter, with `--target`: needs no venv, and an externally managed Python (PEP 668) allows it;
3. the pip wheel that ensurepip or the distribution keeps beside Python, run without installing it;
4. any other pip on PATH: the wheel of uv fits every Python;
5. no pip at all: the wheel itself, from the index that the environment or pip's configuration names;
6. no pip, no index named, but root on Debian: the package python3-pip.

Making the virtual environment is not its business: see `scripts/install.py`.
"""

import configparser
import functools
import hashlib
import html.parser
import io
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import system

ROOT = Path(__file__).resolve().parent.parent
PRIVATE = ROOT / ".uv"
LOCK = ROOT / "scripts" / "bootstrap.lock"
OLDEST = (0, 7)  # the first that compiles a dependency group


class NoUvError(Exception):
    """Every way failed; the text says what to do."""


def find_uv() -> Path:
    """Return the path of a uv that runs, fetching it if need be."""
    if uv := _present():
        return uv
    sys.stderr.write("uv is missing: fetching it into .uv ...\n")
    failures: list[str] = []
    for name, fetch in _ways():
        try:
            fetch()
        except (OSError, ValueError, KeyError, subprocess.CalledProcessError) as error:
            failures.append(f"{name}: {error}")
            continue
        if uv := _present():
            return uv
        failures.append(f"{name}: what it installed does not run")
    tried = "".join(f"\n  - {failure}" for failure in failures)
    advice = "Install uv, or pip for this Python (Debian: python3-pip), or set PIP_INDEX_URL, and run make again."
    raise NoUvError(f"uv is missing and could not be fetched. {advice}{tried}")


def _present() -> Path | None:
    for candidate in (shutil.which("uv"), PRIVATE / "bin" / "uv"):
        if candidate and _is_new_enough(Path(candidate)):
            return Path(candidate)
    return None


def _is_new_enough(uv: Path) -> bool:
    """Say whether it runs: a shim may be on PATH for another Python and fail."""
    try:
        told = subprocess.run([uv, "--version"], capture_output=True, text=True, check=True, timeout=60).stdout
    except (OSError, subprocess.SubprocessError):
        return False
    found = re.match(r"uv (\d+)\.(\d+)", told)
    return found is not None and (int(found[1]), int(found[2])) >= OLDEST


def _ways() -> Iterator[tuple[str, Callable[[], None]]]:
    yield "pip of this Python", functools.partial(_with_pip, sys.executable, "-m", "pip")
    for wheel in _pip_wheels():
        yield f"the wheel {wheel.name}", functools.partial(_with_pip, sys.executable, f"{wheel}/pip")
    for name in ("pip3", "pip"):
        if pip := shutil.which(name):
            yield pip, functools.partial(_with_pip, pip)
    if index := _named_index():
        yield "the index that pip is configured for", functools.partial(_from_index, index)
    if system.can_install():
        yield "the Debian package python3-pip", _with_debian


def _with_pip(*pip: str) -> None:
    # The user's own pip settings stay in force (index, proxy, certificates), but for the two that forbid --target.
    options = ["--quiet", "--no-input", "--no-deps", "--upgrade", "--only-binary", ":all:", "--require-hashes"]
    done = subprocess.run(
        [*pip, "install", *options, "--target", PRIVATE, "--requirement", LOCK],
        env={**os.environ, "PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        told = done.stderr.strip().splitlines() or [f"ended with {done.returncode}"]
        raise OSError(next((line for line in told if line.startswith("ERROR")), told[-1]))


def _with_debian() -> None:
    system.install(["python3-pip"])
    _with_pip("/usr/bin/python3", "-m", "pip")


def _pip_wheels() -> list[Path]:
    """List the pip wheels kept on this machine, newest last name first."""
    stdlib = Path(sysconfig.get_path("stdlib"))
    kept = [stdlib / "ensurepip" / "_bundled", Path("/usr/share/python-wheels")]
    if folder := sysconfig.get_config_var("WHEEL_PKG_DIR"):
        kept.append(Path(folder))
    return sorted({wheel for folder in kept for wheel in folder.glob("pip-*.whl")}, reverse=True)


def _named_index() -> str | None:
    """Return the package index (PEP 503) of the environment or of pip's configuration; None leaves it unnamed."""
    for variable in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"):
        if value := os.environ.get(variable):
            return re.sub(r"^[\w-]+=", "", value)  # uv allows name=address
    home = Path.home()
    files = [home / ".config/pip/pip.conf", home / ".pip/pip.conf", Path("/etc/pip.conf")]
    if named := os.environ.get("PIP_CONFIG_FILE"):
        files.insert(0, Path(named))
    for file in files:
        parser = configparser.RawConfigParser()
        parser.read(file)
        for section in ("install", "global"):
            if value := parser.get(section, "index-url", fallback=None):
                return value
    return None


def _from_index(index: str) -> None:
    """Take the wheel of the locked version that fits this machine and unpack uv from it."""
    pinned = re.search(r"^uv==(\S+)", LOCK.read_text(), re.MULTILINE)
    hashes = set(re.findall(r"sha256:([0-9a-f]{64})", LOCK.read_text()))
    if not pinned:
        raise ValueError(f"{LOCK.name} pins no uv")
    page = f"{index.rstrip('/')}/uv/"
    for link in _links(page):
        name = urllib.parse.unquote(link.partition("#")[0].rpartition("/")[2])
        if name.startswith(f"uv-{pinned[1]}-") and _fits(name):
            wheel = _read(link)
            if hashlib.sha256(wheel).hexdigest() not in hashes:
                raise ValueError(f"{name} does not match {LOCK.name}")
            _unpack(wheel, f"uv-{pinned[1]}.data/scripts/uv")
            return
    raise ValueError(f"no wheel of uv {pinned[1]} for this machine")


def _links(page: str) -> list[str]:
    found: list[str] = []

    class Anchors(html.parser.HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            target = dict(attrs).get("href")
            if tag == "a" and target:
                found.append(urllib.parse.urljoin(page, target))

    Anchors().feed(_read(page).decode())
    return found


def _read(address: str) -> bytes:
    if urllib.parse.urlsplit(address).scheme not in {"http", "https"}:
        raise ValueError("the index must be http or https")
    request = urllib.request.Request(address, headers={"Accept": "text/html, application/octet-stream"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        body: bytes = answer.read()
        return body


def _fits(wheel: str) -> bool:
    """Say whether a wheel named `uv-<version>-py3-none-<platform tags>.whl` runs here."""
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())
    if sys.platform == "darwin":
        family, ends = "macosx", {"aarch64": "arm64"}.get(machine, machine)
    else:
        family, ends = "manylinux" if platform.libc_ver()[0] == "glibc" else "musllinux", machine
    tags = wheel.removesuffix(".whl").rpartition("-")[2].split(".")
    return wheel.endswith(".whl") and any(tag.startswith(family) and tag.endswith(f"_{ends}") for tag in tags)


def _unpack(wheel: bytes, member: str) -> None:
    target = PRIVATE / "bin" / "uv"
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        target.write_bytes(archive.read(member))
    target.chmod(0o755)


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{find_uv()}\n")
    except NoUvError as error:
        sys.exit(str(error))
