"""What the tests need beyond wheels: Debian packages, installed when root, azurite and the packages of web/ from npm; else named.

    python3 scripts/system.py            install what is missing, if root
    python3 scripts/system.py --report   only say what is missing: the last line of `make test`

With CI=true something missing is an error. Nothing here starts a service, makes a database cluster or fetches signatures of viruses.
"""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import azurite
import web

# Debian package -> the file that shows it is there. `make serve` needs none of them.
NEEDED = {
    # The oldest PostgreSQL we promise; 16 and 18 come with a wheel. DUOLOGUE_TEST_PG15 names another bin folder.
    "postgresql-15": Path(os.environ.get("DUOLOGUE_TEST_PG15") or "/usr/lib/postgresql/15/bin") / "postgres",
    # The virus scanner that operators have. The tests give it a signature of their own.
    "clamav-daemon": Path("/usr/sbin/clamd"),
    # The browsers of the web client's tests. These names say where else one is.
    "chromium": Path(os.environ.get("DUOLOGUE_TEST_CHROMIUM") or "/usr/bin/chromium"),
    "firefox-esr": Path(os.environ.get("DUOLOGUE_TEST_FIREFOX") or "/usr/bin/firefox-esr"),
}
AZURITE = "azurite"


def missing() -> list[str]:
    """Return the Debian packages whose file is absent."""
    return [package for package, file in NEEDED.items() if not file.exists()]


def shortfall() -> str:
    """Return the sentence that names all that is missing; empty if nothing is."""
    said = [f"{', '.join(missing())} (install with apt-get as root)"] if missing() else []
    lacking = [
        name
        for name, is_there in ((AZURITE, azurite.is_there()), ("packages of web/", web.is_installed()))
        if not is_there
    ]
    said += [f"{' and '.join(lacking)} (needs a registry of npm)"] if lacking else []
    return f"Missing, so their tests are skipped: {', '.join(said)}.\n" if said else ""


def can_install() -> bool:
    """Say whether packages can be added: root, on Debian or a child of it."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(packages: list[str]) -> None:
    """Install Debian packages without a question and without starting anything.

    Raises:
        subprocess.CalledProcessError: apt-get could not.
    """
    _want_no_cluster()
    # A third-party source that fails to update must not stop us: whether the install works is what counts.
    _apt_get("update")
    with _no_service():
        _apt_get(
            "install", "--yes", "--no-install-recommends", "-o", "Dpkg::Options::=--force-confold", *packages
        ).check_returncode()


def _apt_get(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        ["apt-get", "--quiet", "--quiet", *arguments],
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive", "UCF_FORCE_CONFFOLD": "1"},
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,  # standard output is for the answer of a script, such as the path of uv
        check=False,
    )


def _want_no_cluster() -> None:
    # postgresql-common makes and starts a cluster unless told before it arrives; where it is, its owner has decided.
    folder = Path("/etc/postgresql-common")
    if not folder.exists():
        folder.mkdir(mode=0o755)
        (folder / "createcluster.conf").write_text("create_main_cluster = false\n")


@contextlib.contextmanager
def _no_service() -> Iterator[None]:
    """Keep packages from starting what they bring, the way Debian offers; where there is a policy its owner has decided."""
    policy = Path("/usr/sbin/policy-rc.d")
    if policy.exists():
        yield
        return
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)
    try:
        yield
    finally:
        policy.unlink(missing_ok=True)


def main(arguments: list[str]) -> int:
    """Install or report; returns the exit code."""
    if "--report" not in arguments:
        _complete()
    sentence = shortfall()
    sys.stderr.write(sentence)
    return 1 if sentence and os.environ.get("CI") == "true" else 0


def _complete() -> None:
    """Install what can be; what cannot is named later."""
    try:
        if missing() and can_install():
            sys.stderr.write(f"Installing {', '.join(missing())} for the tests ...\n")
            install(missing())
    except (OSError, subprocess.SubprocessError) as error:
        sys.stderr.write(f"{error}\n")
    try:
        if not azurite.is_there():
            sys.stderr.write(f"Installing {AZURITE} for the tests ...\n")
            azurite.install()
        with web.alone():
            web.install()
    except (OSError, web.WebError) as error:
        sys.stderr.write(f"{error}\n")
    except subprocess.SubprocessError as error:
        sys.stderr.write(f"npm failed: {type(error).__name__}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
