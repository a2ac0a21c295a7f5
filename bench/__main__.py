"""``python -m bench``: runs profiles and prints one JSON line for each; ends with 1 when a run was not sound.

PROFILE (dm, paced, idle, files, web, reference, ceiling), W, KEYS and FULL come from the environment, as ``make`` passes them, or as
``NAME=value``. FULL=1 runs everything, idle with 10,000 sockets. By default each profile gets a fresh server.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import uvloop
from picows import WSError

from bench import database, dm, files, idle, paced, reference, web
from bench.server import Target, serve

NAMES = ("PROFILE", "W", "KEYS", "FULL")
IDLE_SOCKETS, IDLE_SOCKETS_FULL = 2_000, 10_000
Outcome = tuple[dict[str, Any], list[str]]


def main() -> int:
    """Run what was asked for and return the exit code."""
    options, values = _arguments()
    idle.allow_files(IDLE_SOCKETS_FULL if values["FULL"] else IDLE_SOCKETS)
    profiles = ["dm", "reference", "paced", "idle", "files", "web"] if values["FULL"] else [values["PROFILE"] or "dm"]
    try:
        unsound = sum(not _sound(profile, options, values) for profile in profiles)
    except (RuntimeError, OSError, WSError, httpx.HTTPError) as error:
        print(f"The run broke off: {error}", file=sys.stderr)
        return 1
    return 1 if unsound else 0


def _sound(profile: str, options: argparse.Namespace, values: dict[str, str]) -> bool:
    """Run one profile against a server of its own, print its figures, and return whether nothing went wrong."""
    sound = True
    with _target(options, profile) as target:
        for figures, failures in _runs(profile, target, values):
            print(json.dumps(figures), flush=True)
            for failure in failures:
                print(f"{profile}: {failure}", file=sys.stderr, flush=True)
            sound = sound and not failures
    return sound


def _runs(profile: str, target: Target, values: dict[str, str]) -> Iterator[Outcome]:
    keys = bool(values["KEYS"])
    if profile in {"dm", "ceiling"}:
        for w in [int(values["W"])] if values["W"] else [1, 8]:
            figures, failures = uvloop.run(dm.run(target, w, keys=keys))
            yield figures | {"profile": profile}, failures
    elif profile == "reference":
        for connections in (1, 8):
            yield uvloop.run(reference.run(target, connections))
    elif profile == "paced":
        yield uvloop.run(paced.run(target))
    elif profile == "files":
        yield uvloop.run(files.run(target))
    elif profile == "web":
        yield uvloop.run(web.run(target))
    else:
        yield uvloop.run(idle.run(target, IDLE_SOCKETS_FULL if values["FULL"] else IDLE_SOCKETS))


@contextlib.contextmanager
def _target(options: argparse.Namespace, profile: str) -> Iterator[Target]:
    if profile == "ceiling":
        with _standin() as target:
            yield target
    elif options.url:
        found = database.find(options.data) if options.data else None
        yield Target(options.url.rstrip("/"), os.environ["JWT_SECRET"], options.pid, found)
    else:
        with serve() as target:
            yield target


@contextlib.contextmanager
def _standin() -> Iterator[Target]:
    with subprocess.Popen([sys.executable, "-m", "bench.standin"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Target(process.stdout.readline().strip(), "s" * 32, process.pid)
        finally:
            process.terminate()


def _arguments() -> tuple[argparse.Namespace, dict[str, str]]:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--url", help="load this server, signing with the JWT_SECRET of the environment")
    parser.add_argument("--pid", type=int, help="its process, for CPU and memory")
    parser.add_argument("--data", type=Path, help="its DATA_DIR, for the figures of the embedded PostgreSQL")
    parser.add_argument("values", nargs="*", metavar="NAME=value", help=f"one of {', '.join(NAMES)}")
    options = parser.parse_args()
    values = {name: os.environ.get(name, "") for name in NAMES}
    for given in options.values:
        name, _, value = given.partition("=")
        if name not in NAMES:
            parser.error(f"{name} is none of {', '.join(NAMES)}")
        values[name] = value
    if values["PROFILE"] not in {"", "dm", "paced", "idle", "files", "web", "reference", "ceiling"}:
        parser.error(f"there is no profile {values['PROFILE']}")
    if values["W"] and not (values["W"].isdigit() and int(values["W"])):
        parser.error("W is a whole number from 1")
    if options.url and "JWT_SECRET" not in os.environ:
        parser.error("--url needs the server's JWT_SECRET in the environment, to sign tokens")
    return options, values


if __name__ == "__main__":
    sys.exit(main())
