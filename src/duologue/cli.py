"""The command `duologue`: every subcommand on one page, errors as sentences. What they do is done elsewhere.

Exit codes: 0 done, 1 refused or found at fault, 2 wrong usage, 69 the database cannot be used (EX_UNAVAILABLE), 78 the
configuration is wrong (EX_CONFIG).
"""

import argparse
import os
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from getpass import getpass
from pathlib import Path
from typing import Any, BinaryIO

import uvloop

from duologue import app
from duologue.app.admin import Acts, acts
from duologue.app.housekeeping import compare
from duologue.app.operator import Operator
from duologue.config import Config, ConfigError
from duologue.core.admin import Known
from duologue.core.erasure import Fate
from duologue.core.errors import ChatError, Unavailable
from duologue.storage import checks
from duologue.storage.embedded import EmbeddedError, EmbeddedPostgres, running_dsn
from duologue.storage.migrate import MigrationError, Migrator
from duologue.storage.postgres import Postgres, StoreUnreachable
from duologue.storage.seed import PASSWORD, Seeded

EX_UNAVAILABLE = 69
EX_CONFIG = 78

Command = Callable[[Config, argparse.Namespace], Coroutine[Any, Any, int]]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    arguments = _parser().parse_args(argv)
    try:
        config = _config(arguments)
        code: int = uvloop.run(arguments.command(config, arguments))
    except ConfigError as error:
        return _complain(str(error), EX_CONFIG)
    except (StoreUnreachable, EmbeddedError) as error:
        return _complain(str(error), EX_UNAVAILABLE)
    except (MigrationError, app.StartError) as error:
        return _complain(str(error), 1)
    except ChatError as error:
        return _complain(f"{error.message}.", EX_UNAVAILABLE if error.code == "UNAVAILABLE" else 1)
    except KeyboardInterrupt:
        return 130
    return code


def _complain(sentence: str, code: int) -> int:
    print(f"duologue: {sentence}", file=sys.stderr)
    return code


def _config(arguments: argparse.Namespace) -> Config:
    flags = {"HOST": arguments.host, "PORT": arguments.port, "DATA_DIR": arguments.data}
    given = {name: value for name, value in flags.items() if value is not None}
    env_file = Path(".env")
    return Config.load(os.environ, env_file if env_file.is_file() else None, given)


@asynccontextmanager
async def _dsn(config: Config) -> AsyncIterator[str]:
    """The database of this configuration: the given one, the embedded one that runs, or it started for this command."""
    dsn = config.database_url or running_dsn(config.data_dir / app.POSTGRES_FOLDER)
    if dsn is not None:
        yield dsn
        return
    embedded = EmbeddedPostgres(config.data_dir / app.POSTGRES_FOLDER)
    try:
        yield await embedded.start()
    finally:
        await embedded.stop()


@asynccontextmanager
async def _store(config: Config) -> AsyncIterator[Postgres]:
    """An open pool on a schema that this code may work on; only `serve` and `migrate` change one."""
    async with _dsn(config) as dsn:
        if config.database_url is None:  # the embedded one is nobody else's
            await Migrator(dsn).up()
        await Migrator(dsn).check()
        store = Postgres(dsn, size=4)
        await store.open()
        try:
            yield store
        finally:
            await store.close()


@asynccontextmanager
async def _operator(config: Config) -> AsyncIterator[Operator]:
    async with _store(config) as store:
        yield Operator(config, store)


@asynccontextmanager
async def _acts(config: Config) -> AsyncIterator[Acts]:
    async with _store(config) as store, acts(store, config) as acting:
        yield acting


# -- commands -----------------------------------------------------------------------------------------------------------


async def _serve(config: Config, arguments: argparse.Namespace) -> int:
    if arguments.workers != 1:
        return _complain("--workers: more than one worker needs Redis, which this version does not have.", EX_CONFIG)

    async def ready(url: str) -> None:
        if arguments.demo:
            async with _operator(config) as operator:
                _tell_demo(url, await operator.seed(), is_standalone=operator.is_standalone)
        tell_of_client(config, app.CLIENT_FOLDER)
        print(f"Duologue is ready on {url}", flush=True)

    return await app.serve(config, migrate=not arguments.no_migrate, ready=ready)


def tell_of_client(config: Config, folder: Path) -> None:
    """Say that there is no web client, where one is wanted."""
    if config.web_client == "on" and not (folder / "index.html").is_file():
        print("There is no web client here, so / leads to /docs; `make web` builds it.", file=sys.stderr)


def _tell_demo(url: str, seeded: Seeded, *, is_standalone: bool) -> None:
    print(f"Demo: {len(seeded.usernames)} people, {seeded.conversations} conversations, {seeded.messages} messages.")
    if is_standalone:
        print(f"Sign in as {seeded.usernames[0]} or {seeded.usernames[1]} with the password {PASSWORD}:")
        body = f'{{"username": "{seeded.usernames[0]}", "password": "{PASSWORD}"}}'
        print(f"  curl -s {url}/api/v1/auth/login -H 'Content-Type: application/json' -d '{body}'")
    else:
        print(f"A token for one of them: duologue token {seeded.usernames[0]}")


async def _seed(config: Config, _: argparse.Namespace) -> int:
    async with _operator(config) as operator:
        seeded = await operator.seed()
    verb = "Seeded" if seeded.changed else "There already:"
    print(f"{verb} {len(seeded.usernames)} people, {seeded.conversations} conversations, {seeded.messages} messages.")
    return 0


async def _user(config: Config, arguments: argparse.Namespace) -> int:
    if arguments.action == "list":
        return await _list_users(config)
    if not arguments.username:
        return _complain(f"user {arguments.action}: which user?", 2)
    if arguments.action == "add":
        async with _operator(config) as operator:
            password = arguments.password or getpass(f"Password for {arguments.username}: ")
            user = await operator.add_user(arguments.username, password)
        print(f"{user.id}  {user.username}")
        return 0
    async with _acts(config) as acting:
        act = {"show": acting.known, "deactivate": acting.deactivate, "reactivate": acting.reactivate}
        _show(await act[arguments.action](arguments.username))
    return 0


async def _list_users(config: Config) -> int:
    async with _operator(config) as operator:
        async for listed in operator.users():
            kind = "password" if listed.has_password else listed.external_id or "platform"
            print(f"{listed.user.id}  {listed.user.username:<32} {listed.user.state:<12} {kind}")
    return 0


def _show(known: Known) -> None:
    use = f"  {known.use.files} files  {known.use.bytes} bytes" if known.use else ""
    print(f"{known.user.id}  {known.user.username}  {known.user.state}{use}")


async def _export(config: Config, arguments: argparse.Namespace) -> int:
    async with _acts(config) as acting:
        chunks = await acting.export(arguments.user)
        with _output(arguments.output) as output:
            async for chunk in chunks:
                output.write(chunk)
    return 0


@contextmanager
def _output(path: str | None) -> Iterator[BinaryIO]:
    """Standard output, or a file that only its owner reads."""
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:  # noqa: PTH123  opened so
        yield file


async def _erase(config: Config, arguments: argparse.Namespace) -> int:
    async with _acts(config) as acting:
        known = await acting.known(arguments.user)
        if not arguments.yes and not _agreed(known, arguments.messages):
            return _complain("nothing was erased; --yes asks no question.", 1)
        await acting.erase(known.user.id, Fate(arguments.messages))
        _show(await acting.known(str(known.user.id)))
    return 0


def _agreed(known: Known, messages: str) -> bool:
    """The username, typed by somebody who sees what goes."""
    if not sys.stdin.isatty():
        return False
    texts = "their messages go" if messages == Fate.REMOVE else "their partners keep the messages"
    print(f"{known.user.username} ({known.user.id}) will be erased for ever; {texts}.")
    return input("Type the username to go on: ") == known.user.username


async def _token(config: Config, arguments: argparse.Namespace) -> int:
    async with _operator(config) as operator:
        print(await operator.token(arguments.user, arguments.username))
    return 0


async def _migrate(config: Config, arguments: argparse.Namespace) -> int:
    async with _dsn(config) as dsn:
        migrator = Migrator(dsn)
        if arguments.direction == "status":
            for step in await migrator.status():
                state = f"applied {step.applied_at:%Y-%m-%d %H:%M}" if step.applied_at else "pending"
                print(f"{step.version:04} {step.name:<40} {state}{'' if step.known else ', of newer code'}")
            return 0
        done = await (migrator.up() if arguments.direction == "up" else migrator.down(arguments.count))
    for title in done:
        print(f"{arguments.direction}: {title}")
    print("Nothing to do." if not done else f"{len(done)} done.")
    return 0


async def _config_command(config: Config, _: argparse.Namespace) -> int:
    for setting in config.describe():
        unit = f" [{setting.unit}]" if setting.unit else ""
        print(f"# {setting.doc}{unit}\n# default: {setting.default or '(unset)'}")
        print(f"{setting.name}={setting.value}    # {setting.origin}\n")
    return 0


async def _check(config: Config, arguments: argparse.Namespace) -> int:
    async with _store(config) as store:
        if arguments.new_epoch:
            print(
                f"The log of facts has a new name: {await checks.new_epoch(store)}. Clients will take a fresh snapshot."
            )
            return 0
        is_sound = _tell_findings(await checks.check(store))
        try:
            is_sound &= _tell_findings(await compare(config, store))
        except Unavailable:
            return _complain("the store of files does not answer; what lies there was not looked at.", EX_UNAVAILABLE)
    return 0 if is_sound else 1


def _tell_findings(findings: Sequence[checks.Finding]) -> bool:
    """Print them; True if nothing is at fault."""
    for finding in findings:
        mark = "ok" if not finding.faults else "note" if finding.is_note else "FAULT"
        print(f"{mark:<6} {finding.faults:>6} of {finding.looked_at:<10} {finding.sentence}")
        for example in finding.examples:
            print(f"       {example}")
    return not any(finding.faults and not finding.is_note for finding in findings)


# -- the parser ---------------------------------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--data", metavar="DIR", help="folder of what the server keeps itself (DATA_DIR)")
    common.set_defaults(host=None, port=None)
    parser = argparse.ArgumentParser(prog="duologue", description="Self-hosted direct messaging.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def add(name: str, command: Command, text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, parents=[common], help=text, description=text)
        made.set_defaults(command=command)
        return made

    serve = add("serve", _serve, "run the server")
    serve.add_argument("--host", help="where to listen (HOST)")
    serve.add_argument("--port", help="TCP port (PORT)")
    serve.add_argument("--workers", type=int, default=1, help="processes; more than one needs Redis")
    serve.add_argument("--demo", action="store_true", help="seed people and conversations, and print how to sign in")
    serve.add_argument("--no-migrate", action="store_true", help="refuse a database that is not up to date")
    migrate = add("migrate", _migrate, "bring the schema up or down, or tell where it is")
    migrate.add_argument("direction", nargs="?", choices=("up", "down", "status"), default="up")
    migrate.add_argument("count", nargs="?", type=int, default=1, help="how many to undo (down)")
    add("seed", _seed, "write a demo world: people and what they wrote to each other; once")
    user = add("user", _user, "add an account, list everybody, or show, deactivate and reactivate somebody")
    user.add_argument("action", choices=("add", "list", "show", "deactivate", "reactivate"))
    user.add_argument("username", nargs="?", help="of a user who is there also their id, or the platform's id of them")
    user.add_argument("--password", help="of a new account; asked for when left out")
    export = add("export", _export, "write everything that is kept of a user, as JSON lines")
    export.add_argument("user", help="username, id, or the platform's id")
    export.add_argument("--output", metavar="FILE", help="instead of standard output")
    erase = add("erase", _erase, "erase a user for ever; cut short, the same command again finishes it")
    erase.add_argument("user", help="username, id, or the platform's id")
    erase.add_argument("--messages", choices=tuple(Fate), default=Fate.KEEP, help="what becomes of what they wrote")
    erase.add_argument("--yes", action="store_true", help="do not ask")
    token = add("token", _token, "print an access token for a user")
    token.add_argument("user", help="username or id; behind a platform also any `sub`")
    token.add_argument("--username", help="the username claim, behind a platform")
    add("config", _config_command, "print every setting with its doc, value and origin")
    check = add("check", _check, "recount the database, compare it with the store of files, and look for orphans")
    check.add_argument(
        "--new-epoch", action="store_true", help="name the log anew: every client takes a fresh snapshot"
    )
    return parser
