"""The TypeScript side from Python's: builds the web client into the package, and runs npm's scripts, each with what it needs.

    .venv/bin/python scripts/web.py build            into src/duologue/web, if its sources changed
    .venv/bin/python scripts/web.py build --or-not   the same, but what fails is only said: the server goes without
    .venv/bin/python scripts/web.py current          exits with 0 if what is built is of the sources that are here
    .venv/bin/python scripts/web.py check|fix        `npm run check`, `npm run fix`, in web/
    .venv/bin/python scripts/web.py test             build, then `npm test`
    .venv/bin/python scripts/web.py faults           `npm run faults`: what takes long

Packages come from the registry that npm is set up for here, as `web/package-lock.json` says, and no script of a package is run. They
are fetched when what is installed is not what the lock says. A build replaces the one before it as a whole, or not at all.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import node

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "web"
BUILT = WEB / "app" / "dist"  # where Vite leaves it
HOME = ROOT / "src" / "duologue" / "web"
STAMP = ".built"
LOCKFILE = WEB / "package-lock.json"
INSTALLED = WEB / "node_modules" / ".package-lock.json"  # npm's own note of what it has installed
# What a build is made of, below web/.
SOURCES = ("package.json", "package-lock.json", "tsconfig.base.json", "app", "packages")
MADE = {"node_modules", "dist", ".tsbuild", "tests"}
SECONDS = 600
# What npm says when there is no registry for it: none at all, one behind a wall, one that it may not ask.
UNREACHABLE = re.compile(
    r"ENOTFOUND|ECONN|TIMEDOUT|EAI_AGAIN|UNREACH|SOCKETTIMEOUT|network|CERT|E40[137]|E5\d\d", re.IGNORECASE
)


class WebError(Exception):
    """It cannot be done; the text says why, in a sentence."""


class Unreachable(WebError):
    """Packages are needed, and there is nowhere to get them."""


def digest() -> str:
    """Return one hash of everything that decides what is built."""
    whole = hashlib.sha256(Path(__file__).read_bytes() + Path(node.__file__).read_bytes())
    for file in sorted(_sources()):
        whole.update(f"{file.relative_to(WEB)}\n".encode())
        whole.update(file.read_bytes())
    return whole.hexdigest()


def _sources() -> Iterator[Path]:
    for name in SOURCES:
        found = WEB / name
        yield from (
            [found]
            if found.is_file()
            else (
                file
                for file in found.rglob("*")
                if file.is_file()
                and file.suffix not in {".tsbuildinfo", ".md"}
                and file.name != "LICENSE"  # that of a package that was packed
                and not MADE & set(file.relative_to(WEB).parts)
            )
        )


def is_current() -> bool:
    """Say whether the client that is there is that of the sources."""
    stamp = HOME / STAMP
    return stamp.is_file() and stamp.read_text() == digest()


def is_installed() -> bool:
    """Say whether the packages are there as the lock says, whoever installed them; those of other machines need not be."""
    try:
        wanted, found = (json.loads(file.read_text())["packages"] for file in (LOCKFILE, INSTALLED))
    except (FileNotFoundError, ValueError):  # npm was stopped while it wrote
        return False
    needed = {name for name, package in wanted.items() if name and not package.get("optional")}
    return needed <= found.keys() and all(wanted.get(name) == package for name, package in found.items())


def install() -> None:
    """Fetch the packages unless they are there.

    Raises:
        WebError: npm could not.
        FileNotFoundError: there is no Node.
    """
    if not is_installed():
        sys.stderr.write("Fetching the packages of the web client from npm ...\n")
        _npm("ci", "--ignore-scripts", *node.QUIET)


def build() -> None:
    """Build the client unless it is current.

    Raises:
        WebError: npm or the build failed.
        FileNotFoundError: there is no Node.
    """
    if is_current():
        return
    sys.stderr.write(f"Building the web client with {node.find().why} ...\n")
    install()
    now = digest()
    shutil.rmtree(BUILT, ignore_errors=True)
    _npm("run", "--silent", "build", "--workspace", "@duologue/app")
    if not (BUILT / "index.html").is_file():
        raise WebError("The build has no index.html.")
    coming, going = (HOME.with_name(f".web.{name}") for name in ("coming", "going"))
    for folder in (coming, going):
        shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(BUILT, coming)
    (coming / STAMP).write_text(now)
    if HOME.exists():
        HOME.rename(going)
    coming.rename(HOME)
    shutil.rmtree(going, ignore_errors=True)


def _npm(*arguments: str) -> None:
    """Run npm in web/ and say on failure what it said last."""
    found, fetches = node.find(), arguments[0] == "ci"
    try:
        done = subprocess.run(
            [*found.npm, *arguments],
            cwd=WEB,
            env=found.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise (Unreachable if fetches else WebError)(f"npm {arguments[0]} took more than {SECONDS} s") from None
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()
        if fetches and UNREACHABLE.search(done.stderr):
            raise Unreachable("The registry of npm cannot be reached from here.")
        raise WebError("\n".join([f"npm {arguments[0]} ended with {done.returncode}:", *said[-15:]]))


@contextmanager
def alone() -> Iterator[None]:
    """Hold off others who build at the same time."""
    with (WEB / "package.json").open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def run(script: str) -> int:
    """Run a script of web/package.json and return its exit code.

    Raises:
        WebError: what it needs cannot be had.
        FileNotFoundError: there is no Node.
    """
    with alone():
        install()
        if script == "test":
            build()  # tests in browsers follow
    found = node.find()
    more = {"DUOLOGUE_PYTHON": sys.executable}  # tests start servers
    command = [*found.npm, "run", "--silent", script]
    return subprocess.run(
        command, cwd=WEB, env=found.environment(**more), stdin=subprocess.DEVNULL, check=False
    ).returncode


def _build_or_not(arguments: list[str]) -> int:
    try:
        with alone():
            build()
    except (WebError, OSError) as error:
        stays = "the one built before stays" if HOME.exists() else "there is none: the server is an API alone"
        sys.stderr.write(f"The web client was not built, {stays}. {error}\n")
        return 0 if "--or-not" in arguments else 1
    return 0


def main(arguments: list[str]) -> int:
    """Build or run; returns the exit code. Without a registry checks and tests are left out, but with CI=true that is an error."""
    if arguments[:1] == ["build"]:
        return _build_or_not(arguments)
    if arguments == ["current"]:
        return 0 if is_current() else 1
    if len(arguments) != 1 or arguments[0] not in {"check", "fix", "test", "faults"}:
        sys.stderr.write(__doc__ or "")
        return 2
    try:
        return run(arguments[0])
    except Unreachable as error:
        sys.stderr.write(f"Left out: `npm run {arguments[0]}` of the TypeScript side. {error}\n")
        return 1 if os.environ.get("CI") == "true" else 0
    except (WebError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
