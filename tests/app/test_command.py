"""The command `duologue`, run as its user runs it: answers on standard output, sentences and exit codes."""

import asyncio
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.conftest import named, run

from duologue.cli import tell_of_client
from duologue.config import Config

SECRET = "a secret of thirty-two bytes at least"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command left behind."""

    code: int
    said: str
    complained: str


class Command:
    """Runs `duologue` in a folder of its own against one database."""

    def __init__(self, folder: Path, dsn: str | None) -> None:
        self._folder = folder
        self._dsn = dsn

    async def __call__(self, *arguments: str, **settings: str) -> Outcome:
        """Run one verb to its end."""
        environ = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
        if self._dsn is not None:
            environ["DATABASE_URL"] = self._dsn
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "duologue", *arguments),
            cwd=self._folder,
            env=environ | settings,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        said, complained = await process.communicate()
        return Outcome(process.returncode or 0, said.decode(), complained.decode())


@pytest.fixture
def duologue(tmp_path: Path, database: str) -> Command:
    """Give the command on a migrated database."""
    return Command(tmp_path, database)


async def test_seed_users_tokens_and_checks_work_beside_each_other(duologue: Command) -> None:
    """Issue 2, command line: seed is deterministic and done once, accounts are added and listed, the check is clean."""
    seeded, again = await duologue("seed"), await duologue("seed")
    added, twice = [await duologue("user", "add", "zoe", "--password", "correct horse") for _ in range(2)]
    listed, token, checked = await duologue("user", "list"), await duologue("token", "zoe"), await duologue("check")

    assert (seeded.code, again.code) == (0, 0)
    assert seeded.said.startswith("Seeded 12 people, 50 conversations")
    assert again.said.startswith("There already: 12 people, 50 conversations")
    assert (added.code, twice.code, twice.complained) == (0, 1, "duologue: Username is taken.\n")
    assert "zoe" in listed.said
    assert "amara" in listed.said
    assert token.said.count(".") == 2
    assert checked.code == 0, checked.said


async def test_the_check_says_what_is_at_fault(duologue: Command, database: str) -> None:
    """Exit 1, a sentence and examples."""
    await duologue("seed")
    await run(database, "UPDATE positions SET unread_total = unread_total + 1")

    checked = await duologue("check")

    assert checked.code == 1
    assert "FAULT      12 of 12         users with a wrong unread total" in checked.said


async def test_migrations_go_down_and_up_and_tell_where_they_are(duologue: Command) -> None:
    """`status` says applied or pending; with nothing pending `up` has nothing to do."""
    nothing, down, status, up = [
        await duologue("migrate", *verb) for verb in (("up",), ("down", "1"), ("status",), ("up",))
    ]

    assert nothing.said == "Nothing to do.\n"
    assert "1 done." in down.said
    assert "pending" in status.said
    assert "1 done." in up.said


async def test_only_serve_and_migrate_change_a_schema(tmp_path: Path, empty_database: str) -> None:
    """A check of a database that is not up to date says so, and leaves it."""
    duologue = Command(tmp_path, empty_database)

    checked, served = await duologue("check"), await duologue("serve", "--no-migrate", "--port", "0")

    assert (checked.code, served.code) == (1, 1)
    assert "migrate" in checked.complained
    assert "migrate" in served.complained
    assert "pending" in (await duologue("migrate", "status")).said


async def test_wrong_settings_stop_everything_with_a_sentence(duologue: Command) -> None:
    """78: what is wrong, and what to change; a secret is never repeated."""
    outcome = await duologue("check", RATE_LIMITS="send=1", PING_INTERVAL="soon", JWT_SECRET="short-one")

    assert outcome.code == 78
    assert all(name in outcome.complained for name in ("RATE_LIMITS", "PING_INTERVAL", "JWT_SECRET"))
    assert "short-one" not in outcome.complained
    assert "Traceback" not in outcome.complained


async def test_config_prints_every_setting_with_its_origin_and_no_secret(duologue: Command) -> None:
    """`duologue config`: name, value, doc, where it comes from."""
    outcome = await duologue("config", PING_INTERVAL="5s", JWT_SECRET=SECRET)

    assert "PING_INTERVAL=5s" in outcome.said
    assert "# environment" in outcome.said
    assert SECRET not in outcome.said
    assert "MAX_CONNECTIONS_PER_USER" in outcome.said


async def test_wrong_usage_is_exit_2(duologue: Command) -> None:
    """The parser says what there is."""
    for verb in ((), ("dance",), ("user", "add")):
        assert (await duologue(*verb)).code == 2


async def test_a_database_that_is_not_there_is_exit_69(tmp_path: Path, server: str) -> None:
    """One sentence with host and name, never a password."""
    for dsn in (named(server, "nobody_made_this"), "postgresql://u:hidden@127.0.0.1:1/x"):
        outcome = await Command(tmp_path, dsn)("check")

        assert outcome.code == 69, outcome.complained
        assert outcome.complained.count("\n") == 1
        assert "hidden" not in outcome.complained


async def test_behind_a_platform_tokens_are_the_platforms(duologue: Command) -> None:
    """A token signed with JWT_SECRET makes its user known; accounts with passwords are refused with a sentence."""
    token = await duologue("token", "customer-7", "--username", "seven", JWT_SECRET=SECRET)
    refused = await duologue("user", "add", "zoe", "--password", "correct horse", JWT_SECRET=SECRET)
    listed = await duologue("user", "list", JWT_SECRET=SECRET)

    assert token.code == 0
    assert refused.code == 1
    assert "stand-alone" in refused.complained
    assert "seven" in listed.said


def test_serving_without_a_built_client_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In one line, beside the answers; nothing where it is there, or not wanted."""
    tell_of_client(Config(), tmp_path)
    assert capsys.readouterr() == ("", "There is no web client here, so / leads to /docs; `make web` builds it.\n")
    tell_of_client(Config(web_client="off"), tmp_path)
    (tmp_path / "index.html").touch()
    tell_of_client(Config(), tmp_path)
    assert capsys.readouterr() == ("", "")
