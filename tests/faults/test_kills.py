"""The real command is killed, stopped, paused and started where it must not start, while people talk.

What was acknowledged is there once; every client is told every fact once, in order; everything comes back by itself.
"""

import asyncio
import os
import random
import re
import shutil
import signal
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import httpx
import pytest
from tests.conftest import run
from tests.faults.crowd import EAGER, Crowd, Witness, until
from tests.faults.process import PATIENCE, Ended, Service, free_port, service

from duologue.client import SessionState, SocketOptions
from duologue.storage.embedded import EmbeddedPostgres, running_dsn

if TYPE_CHECKING:
    from tests.live.people import Hand

PORTION = 240  # messages said between two faults
KILLS = [2, pytest.param(10, marks=pytest.mark.faults)]


@asynccontextmanager
async def operator(dsn: str) -> AsyncIterator["Hand"]:
    """A connection of the operator's own."""
    connection = await asyncpg.connect(dsn)
    try:
        yield connection
    finally:
        await connection.close()


def dsn_of(service: Service) -> str:
    """Where the embedded PostgreSQL of a service answers."""
    dsn = running_dsn(service.folder / "postgres")
    assert dsn is not None
    return dsn


async def found_whole(service: Service, crowd: Crowd) -> None:
    """Hold everything against everything, and let `duologue check` recount."""
    async with operator(dsn_of(service)) as connection:
        await crowd.check(connection)
    checked = await service.run("check")
    assert (checked.code, checked.err) == (0, "")


@pytest.mark.timeout(600)
@pytest.mark.parametrize("kills", KILLS)
async def test_kill_9_of_the_server_loses_nothing_and_doubles_nothing(kills: int, serving: Service) -> None:
    """Killed under load, started again on the same folder: the PostgreSQL that still runs is taken up, clients go on."""
    dice = random.Random(kills)  # noqa: S311 - when it is killed is no secret
    postmaster = serving.postmaster
    async with await Crowd.of(serving.url, pairs=3) as crowd:
        for _ in range(kills):
            crowd.allow(PORTION)
            await crowd.hears(crowd.acknowledged + dice.randrange(PORTION // 8, PORTION // 2))
            serving.kill()
            assert await serving.ended() == -signal.SIGKILL
            await serving.start()
            assert serving.postmaster == postmaster
        crowd.allow(PORTION)
        await crowd.finished()
        await found_whole(serving, crowd)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("kills", [1, pytest.param(5, marks=pytest.mark.faults)])
async def test_kill_9_of_the_embedded_postgresql_is_survived_without_a_restart(kills: int, serving: Service) -> None:
    """The server starts PostgreSQL again at once; nothing acknowledged is lost or doubled."""
    async with httpx.AsyncClient() as http, await Crowd.of(serving.url, pairs=3) as crowd:
        for _ in range(kills):
            crowd.allow(PORTION)
            await crowd.hears(crowd.acknowledged + PORTION // 4)
            postmaster = serving.postmaster
            assert postmaster is not None
            os.kill(postmaster, signal.SIGKILL)
            await until(partial(has_another, serving, postmaster), "PostgreSQL is started again", PATIENCE)
            await becomes(serving, http, 200)
        crowd.allow(PORTION)
        await crowd.finished()
        assert serving.is_running
        await found_whole(serving, crowd)


def has_another(server: Service, postmaster: int) -> bool:
    """Whether a new PostgreSQL has taken the place of this one."""
    return server.postmaster not in {None, postmaster}


async def becomes(server: Service, http: httpx.AsyncClient, status: int) -> None:
    """Wait until `/health/ready` answers this."""
    found: int | None = None
    try:
        async with asyncio.timeout(PATIENCE):
            while found != status:
                found = await server.readiness(http)
                await asyncio.sleep(0.005)
    except TimeoutError:
        raise AssertionError(f"/health/ready stays {found}, not {status}") from None


@pytest.mark.faults
@pytest.mark.timeout(600)
async def test_kill_9_of_an_external_postgresql_is_survived_without_a_restart() -> None:
    """Not ready for as long as it is down; sends wait in the clients, and go on when somebody starts it again."""
    folder = Path(tempfile.mkdtemp(prefix="duologue-"))
    postgres = EmbeddedPostgres(folder)
    try:
        dsn = await postgres.start()
        async with service(DATABASE_URL=dsn) as server, httpx.AsyncClient() as http:
            await server.start()
            async with await Crowd.of(server.url, pairs=3) as crowd:
                for _ in range(2):
                    crowd.allow(PORTION)
                    await crowd.hears(crowd.acknowledged + PORTION // 4)
                    assert postgres.pid is not None
                    os.kill(postgres.pid, signal.SIGKILL)
                    await becomes(server, http, 503)
                    assert await postgres.start() == dsn
                    await becomes(server, http, 200)
                await crowd.finished()
                async with operator(dsn) as connection:
                    await crowd.check(connection)
            checked = await server.run("check")
            assert (checked.code, checked.err) == (0, "")
    finally:
        await postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.timeout(300)
async def test_sigterm_drains_and_leaves_nothing_behind(serving: Service) -> None:
    """Sockets are closed with 1001 and when to come back, the exit code is 0, no process stays, and the next start goes on."""
    async with await Crowd.of(serving.url, pairs=2) as crowd, Witness(serving.url) as witness:
        crowd.allow(PORTION)
        await crowd.hears(PORTION // 4)
        await until(lambda: len(witness.acknowledged) > 20, "the witness is answered")
        serving.kill(signal.SIGTERM)
        assert await serving.ended() == 0
        assert serving.processes() == []
        closed = await witness.closed()
        assert closed.code == 1001
        assert re.fullmatch(r"retry=\d+", closed.reason)

        await serving.start()
        await crowd.finished()
        async with operator(dsn_of(serving)) as connection:
            await crowd.check(connection)
            rows = await connection.fetch("SELECT id FROM messages WHERE content LIKE 'witness %'")
            assert set(witness.acknowledged) <= {str(row["id"]) for row in rows}


@pytest.mark.faults
@pytest.mark.timeout(300)
async def test_a_server_that_stood_still_is_left_and_found_again(serving: Service) -> None:
    """SIGSTOP for as long as it takes all clients to notice; after SIGCONT what still lay in old sockets is not done twice."""
    options = replace(EAGER, socket=SocketOptions(open_timeout=1.0, ping_interval=0.5, ping_timeout=1.0))
    async with await Crowd.of(serving.url, pairs=3, options=options) as crowd:
        for _ in range(3):
            crowd.allow(PORTION)
            await crowd.hears(crowd.acknowledged + PORTION // 4)
            serving.kill(signal.SIGSTOP)
            await crowd.state(SessionState.CONNECTING, SessionState.WAITING)
            serving.kill(signal.SIGCONT)
            await crowd.state(SessionState.OPEN, SessionState.POLLING)
        await crowd.finished()
        await found_whole(serving, crowd)


# -- starts that must not be --------------------------------------------------------------------------------------------


async def test_a_second_serve_on_the_same_folder_is_refused_and_harms_nobody(serving: Service) -> None:
    """Exit code 69 and a sentence that names the folder; the first one goes on as if nothing was."""
    postmaster = serving.postmaster
    async with await Crowd.of(serving.url, pairs=1) as crowd:
        crowd.allow(100)
        await crowd.hears(10)
        second = await serving.run("serve", PORT=str(free_port()))
        assert (second.code, second.out) == (69, "")
        assert sentence(second).startswith(
            f"The data folder {serving.folder}/postgres is already in use by process {serving.pid}."
        )
        assert serving.postmaster == postmaster
        await crowd.finished()
        await found_whole(serving, crowd)


async def test_a_database_that_is_down_at_the_start_is_told_in_a_sentence() -> None:
    """Exit code 69; the sentence names the place and not the password."""
    async with service() as server:
        port = free_port()
        ended = await server.run("serve", DATABASE_URL=f"postgresql://someone:hidden@127.0.0.1:{port}/chat")
        assert (ended.code, ended.out) == (69, "")
        assert sentence(ended).startswith(f"The database chat at 127.0.0.1:{port} cannot be reached")
        assert "hidden" not in ended.err


async def test_a_port_that_is_taken_is_told_in_a_sentence(database: str) -> None:
    """Exit code 1."""
    async with service(DATABASE_URL=database) as server:
        with socket.create_server(("127.0.0.1", server.port)):
            ended = await server.run("serve")
        assert (ended.code, ended.out) == (1, "")
        assert sentence(ended).startswith(f"127.0.0.1:{server.port} cannot be listened on")


async def test_a_schema_that_excludes_this_code_is_told_in_a_sentence(database: str) -> None:
    """Exit code 1; the schema stays as it is."""
    async with service(DATABASE_URL=database) as server:
        last = "SELECT max(version) + 1, 'of_tomorrow', 'unknown', 900 FROM schema_migrations"
        await run(database, f"INSERT INTO schema_migrations (version, name, checksum, oldest_code) {last}")
        ended = await server.run("serve")
        assert (ended.code, ended.out) == (1, "")
        assert sentence(ended).startswith("The schema needs code of version 900 or newer")


def sentence(ended: Ended) -> str:
    """The one line that a command said on standard error, besides its logs."""
    said = [line for line in ended.err.splitlines() if line.startswith("duologue: ")]
    assert len(said) == 1, ended.err
    assert "Traceback" not in ended.err
    return said[0].removeprefix("duologue: ")
