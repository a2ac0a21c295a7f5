"""The embedded PostgreSQL on real folders, with real processes and real kills (design part 9)."""
# ruff: noqa: ASYNC240, T201 - looking at files is what these tests do, and they print the times they measure

import asyncio
import json
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import psutil
import pytest

from duologue.storage.embedded import EmbeddedError, EmbeddedPostgres, running_dsn
from duologue.storage.embedded.account import choose_account
from duologue.storage.embedded.binaries import find_binaries
from duologue.storage.embedded.postmaster import says_to_serve

OWNER = Path(__file__).with_name("embedded_owner.py")
PATIENCE = 30.0  # seconds, for conditions that come true in one or two
NAMELESS = 12345  # a uid that no account has
PYTHONS = (sys.executable, shutil.which("python3", path="/usr/bin:/usr/local/bin"))
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become others")
linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


class Owner:
    """Another process that owns an embedded PostgreSQL, see embedded_owner.py."""

    def __init__(self, folder: Path, *options: str, prefix: tuple[str, ...] = (), **changes: str) -> None:
        command = [*prefix, sys.executable, str(OWNER), str(folder), *options]
        # Another account could not write the figures of coverage here.
        hidden = "COVERAGE_" if "--uid" in options else "\n"
        environment = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment | changes,
        )

    async def report(self) -> dict[str, Any]:
        """Return what it says after its start."""
        assert self.process.stdout
        line = await asyncio.wait_for(asyncio.to_thread(self.process.stdout.readline), PATIENCE)
        return dict(json.loads(line))

    async def kill(self) -> None:
        """End it without a chance to tidy up."""
        self.process.kill()
        await asyncio.to_thread(self.process.communicate)

    async def finish(self) -> None:
        """Let it stop in order, if it still runs."""
        await asyncio.wait_for(asyncio.to_thread(self.process.communicate), PATIENCE)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder for one PostgreSQL, after which no process may be left in it."""
    path = tmp_path / "postgres"
    yield path
    left = processes_below(tmp_path)
    for process in left:
        process.kill()
    assert not left, "processes were left running"


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder for one PostgreSQL below folders that every account may pass, which tmp_path is not."""
    path = Path(tempfile.mkdtemp(prefix="duologue-test-"))
    path.chmod(0o711)
    yield path / "postgres"
    left = processes_below(path)
    for process in left:
        process.kill()
    shutil.rmtree(path)
    assert not left, "processes were left running"


@pytest.fixture(scope="session")
async def pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as a first start and a stop leave it, to be copied, which is faster than initdb."""
    path = tmp_path_factory.mktemp("pattern") / "postgres"
    server = EmbeddedPostgres(path)
    await server.start()
    await server.stop()
    return path


@pytest.fixture
async def postgres(folder: Path, pattern: Path) -> AsyncIterator[EmbeddedPostgres]:
    """A PostgreSQL that was used before, is not running, and is stopped after the test."""
    await asyncio.to_thread(shutil.copytree, pattern, folder)
    server = EmbeddedPostgres(folder)
    yield server
    await server.stop()


@pytest.fixture
async def owners() -> AsyncIterator[list[Owner]]:
    """The other processes of a test, which end with it."""
    started: list[Owner] = []
    yield started
    for owner in started:
        await owner.finish()


def processes_below(folder: Path) -> list[psutil.Process]:
    """Return every process that stands in this folder or below it."""
    found = []
    for process in psutil.process_iter():
        try:
            if Path(process.cwd()).is_relative_to(folder):
                found.append(process)
        except (psutil.Error, FileNotFoundError):
            continue
    return found


def reachable(program: Path, uid: int) -> bool:
    """Tell whether this account can run the program."""
    try:
        subprocess.run([program, "--version"], user=uid, group=uid, extra_groups=[], capture_output=True, check=True)
    except OSError:
        return False
    return True


async def until(condition: Callable[[], object]) -> None:
    """Wait until the condition holds."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        await asyncio.sleep(0.005)


async def execute(dsn: str, statement: str) -> Any:
    """Run one statement on a connection of its own and return the first value."""
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def remember(dsn: str) -> None:
    """Commit something to find again."""
    connection = await asyncpg.connect(dsn)
    await connection.execute("CREATE TABLE kept (n int); INSERT INTO kept SELECT generate_series(1, 1000)")
    await connection.close()


async def recalls(dsn: str) -> bool:
    """Tell whether what `remember` committed is there."""
    return bool(await execute(dsn, "SELECT count(*) = 1000 FROM kept"))


async def test_an_empty_folder_becomes_a_database_within_five_seconds(folder: Path) -> None:
    """From nothing to the first answer takes less than the budget of the whole server (design part 7)."""
    postgres = EmbeddedPostgres(folder)
    before = time.perf_counter()
    dsn = await postgres.start()
    seconds = time.perf_counter() - before
    print(f"empty folder to ready: {seconds:.2f} s")
    assert seconds < 5
    assert await execute(dsn, "SELECT current_user || '@' || current_database()") == "duologue@duologue"
    assert await execute(dsn, "SELECT lower('ÄÖÉ')") == "äöé"
    assert await execute(dsn, "SHOW data_checksums") == "on"
    await postgres.stop()


async def test_the_product_is_no_superuser(postgres: EmbeddedPostgres) -> None:
    """The role of the DSN cannot reach the operating system, as on a hosted PostgreSQL."""
    dsn = await postgres.start()
    assert await execute(dsn, "SHOW is_superuser") == "off"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await execute(dsn, "COPY (SELECT 1) TO PROGRAM 'cat'")


async def test_data_survives_a_restart(postgres: EmbeddedPostgres, folder: Path) -> None:
    """What was committed is there after stop and start, by this object or a new one, under the same DSN."""
    dsn = await postgres.start()
    await remember(dsn)
    await postgres.stop()
    assert await postgres.start() == dsn
    assert await recalls(dsn)
    await postgres.stop()
    other = EmbeddedPostgres(folder)
    assert await other.start() == dsn
    assert await recalls(dsn)
    await other.stop()


async def test_version_16_runs_as_well(folder: Path) -> None:
    """The older binaries of the wheel serve the tests of one more supported version, with the same case rules."""
    postgres = EmbeddedPostgres(folder, major=16)
    dsn = await postgres.start()
    assert await execute(dsn, "SELECT current_setting('server_version_num')::int / 10000") == 16
    assert await execute(dsn, "SELECT lower('ÄÖÉ')") == "äöé"
    await postgres.stop()


async def test_starting_twice_changes_nothing(postgres: EmbeddedPostgres) -> None:
    """A second start of a running server answers the same DSN of the same process."""
    dsn = await postgres.start()
    pid = postgres.pid
    assert await postgres.start() == dsn
    assert postgres.pid == pid


@linux
async def test_stopping_leaves_no_process_and_frees_the_folder(folder: Path) -> None:
    """Even with a session in the middle of a transaction nothing of PostgreSQL outlives stop."""
    postgres = EmbeddedPostgres(folder)
    session = await asyncpg.connect(await postgres.start())
    await session.execute("BEGIN; CREATE TABLE unfinished (n int)")
    assert len(processes_below(folder)) > 3
    before = time.perf_counter()
    await postgres.stop()
    print(f"stop: {time.perf_counter() - before:.2f} s")
    assert processes_below(folder) == []
    assert postgres.pid is None
    assert not (folder / "data" / "postmaster.pid").exists()
    session.terminate()
    other = EmbeddedPostgres(folder)
    await other.start()
    await other.stop()


async def test_stopping_what_never_started_does_nothing(folder: Path) -> None:
    """Stop is safe at any time, and twice."""
    postgres = EmbeddedPostgres(folder)
    await postgres.stop()
    await postgres.stop()
    assert not folder.exists()


@linux
async def test_a_server_that_does_not_obey_is_killed(folder: Path) -> None:
    """Stop gets rid even of a PostgreSQL that no longer reacts, and the data is whole afterwards."""
    postgres = EmbeddedPostgres(folder, stop_timeout=0.1)
    dsn = await postgres.start()
    await remember(dsn)
    assert postgres.pid
    os.kill(postgres.pid, signal.SIGSTOP)
    await postgres.stop()
    assert processes_below(folder) == []
    assert await recalls(await postgres.start())
    await postgres.stop()


async def test_a_killed_postgres_recovers_at_the_next_start(postgres: EmbeddedPostgres) -> None:
    """After SIGKILL of the postmaster a start waits for its children and for recovery; nothing committed is lost."""
    dsn = await postgres.start()
    await remember(dsn)
    pid = postgres.pid
    assert pid
    os.kill(pid, signal.SIGKILL)
    await until(lambda: postgres.pid is None)
    assert await postgres.start() == dsn
    assert postgres.pid not in (None, pid)
    assert await recalls(dsn)


@linux
async def test_a_hung_child_of_a_dead_postmaster_does_not_stop_the_start(
    postgres: EmbeddedPostgres, folder: Path
) -> None:
    """A backend that never notices the death of its postmaster is removed, as it would hold the shared memory."""
    dsn = await postgres.start()
    session = await asyncpg.connect(dsn)
    backend = await session.fetchval("SELECT pg_backend_pid()")
    os.kill(backend, signal.SIGSTOP)
    assert postgres.pid
    os.kill(postgres.pid, signal.SIGKILL)
    await until(lambda: postgres.pid is None)
    await postgres.start()
    assert backend not in [process.pid for process in processes_below(folder)]
    session.terminate()


async def test_a_postgres_that_dies_is_started_again(postgres: EmbeddedPostgres) -> None:
    """Supervision brings a killed PostgreSQL back under the same DSN, and ends with stop."""
    dsn = await postgres.start()
    watch = asyncio.create_task(postgres.supervise())
    pid = postgres.pid
    assert pid
    os.kill(pid, signal.SIGKILL)
    await until(lambda: postgres.pid not in (None, pid))
    assert await postgres.start() == dsn
    await postgres.stop()
    await asyncio.wait_for(watch, PATIENCE)
    assert postgres.pid is None


async def test_a_second_server_on_the_folder_is_refused(
    postgres: EmbeddedPostgres, folder: Path, owners: list[Owner]
) -> None:
    """Whoever comes second gets a sentence that names the holder, at once, and the first keeps serving."""
    dsn = await postgres.start()
    session = await asyncpg.connect(dsn)
    pid = postgres.pid
    before = time.perf_counter()
    with pytest.raises(EmbeddedError, match=f"already in use by process {os.getpid()}.*DATA_DIR"):
        await EmbeddedPostgres(folder).start()
    assert time.perf_counter() - before < 1
    owners.append(Owner(folder))
    assert f"already in use by process {os.getpid()}" in (await owners[0].report())["refused"]
    assert postgres.pid == pid
    assert await session.fetchval("SELECT 1") == 1
    await session.close()


@linux
async def test_the_next_start_takes_up_what_a_killed_server_left(folder: Path, owners: list[Owner]) -> None:
    """After kill -9 of the owner its PostgreSQL runs on; the next start adopts that very process, and stops it."""
    owners.append(Owner(folder))
    found = await owners[0].report()
    await remember(found["dsn"])
    await owners[0].kill()
    assert psutil.pid_exists(found["pid"])
    assert running_dsn(folder) == found["dsn"]
    postgres = EmbeddedPostgres(folder)
    before = time.perf_counter()
    assert await postgres.start() == found["dsn"]
    print(f"adoption: {time.perf_counter() - before:.2f} s")
    assert postgres.pid == found["pid"]
    assert await recalls(found["dsn"])
    await postgres.stop()
    assert processes_below(folder) == []
    assert running_dsn(folder) is None


@linux
async def test_a_server_that_refuses_us_is_stopped(folder: Path, owners: list[Owner]) -> None:
    """What was left behind with other settings cannot be taken up; the sentence says so, and the next start is fine."""
    owners.append(Owner(folder))
    found = await owners[0].report()
    (folder / "data" / "pg_hba.conf").write_text("local all all reject\n")
    await execute(found["dsn"].replace("duologue", "postgres"), "SELECT pg_reload_conf()")
    await owners[0].kill()
    postgres = EmbeddedPostgres(folder)
    with pytest.raises(EmbeddedError, match=r"refused us.*start again"):
        await postgres.start()
    assert processes_below(folder) == []
    assert await postgres.start() == found["dsn"]
    await postgres.stop()


@linux
async def test_a_server_that_shuts_down_meanwhile_is_replaced(folder: Path, owners: list[Owner]) -> None:
    """If what a killed owner left is just shutting down, the start waits for its end and launches anew."""
    owners.append(Owner(folder))
    found = await owners[0].report()
    session = await asyncpg.connect(found["dsn"])
    await owners[0].kill()
    os.kill(found["pid"], signal.SIGTERM)  # smart shutdown: it waits for our session, and lets nobody else in
    postgres = EmbeddedPostgres(folder)
    starting = asyncio.create_task(postgres.start())
    await until(lambda: postgres.pid == found["pid"])
    await session.close()
    await starting
    assert postgres.pid not in (None, found["pid"])
    await postgres.stop()


@linux
async def test_a_start_that_runs_out_of_time_leaves_recovery_at_work(folder: Path, owners: list[Owner]) -> None:
    """A recovery longer than the patience is not thrown away: the sentence says so, and the next start takes it up."""
    owners.append(Owner(folder, "--start-timeout", "0"))
    assert "still recovering after 0 s" in (await owners[0].report())["refused"]
    await until(lambda: running_dsn(folder))
    left = {process.pid for process in processes_below(folder)}
    postgres = EmbeddedPostgres(folder)
    await postgres.start()
    assert postgres.pid in left
    await postgres.stop()


@pytest.mark.parametrize("torn", ["{pid}\n/elsewhere\n1\n5432\n/tmp\n\n  1 1\nready\n", "", "not a pid\n"])
async def test_a_stale_pid_file_does_not_stop_the_start(postgres: EmbeddedPostgres, folder: Path, torn: str) -> None:
    """After a power cut the pid in postmaster.pid may be anybody's by now, or the file empty or torn."""
    dsn = await postgres.start()
    await remember(dsn)
    await postgres.stop()
    (folder / "data" / "postmaster.pid").write_text(torn.format(pid=os.getpid()))
    assert running_dsn(folder) is None
    await postgres.start()
    assert await recalls(dsn)


def test_a_process_is_known_by_its_command_line_where_nothing_else_shows() -> None:
    """Only a postmaster of exactly this data folder counts."""
    data = Path("/srv/my data")
    assert says_to_serve(b"/opt/bin/postgres -D /srv/my data \n", data)
    assert not says_to_serve(b"/opt/bin/postgres -D /srv/my data2", data)
    assert not says_to_serve(b"vi /srv/my data", data)
    assert not says_to_serve(b"", data)


async def test_initdb_cut_short_does_not_spoil_the_folder(folder: Path, owners: list[Owner]) -> None:
    """A process killed in the middle of initdb leaves a folder that the next start uses as if it were new."""
    owners.append(Owner(folder))
    await until(lambda: list(folder.glob("initdb-*/global")))
    await owners[0].kill()
    assert not (folder / "data").exists()
    postgres = EmbeddedPostgres(folder)
    assert await execute(await postgres.start(), "SELECT 1") == 1
    await postgres.stop()
    await until(lambda: not processes_below(folder))  # the orphaned initdb comes to its end
    await postgres.start()
    await postgres.stop()
    assert list(folder.glob("initdb-*")) == []


@linux
async def test_a_cancelled_start_leaves_nothing_behind(folder: Path) -> None:
    """Ctrl-C during initdb ends it, and the folder is free and usable."""
    postgres = EmbeddedPostgres(folder)
    starting = asyncio.create_task(postgres.start())
    await until(lambda: list(folder.glob("initdb-*/global")))
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    await until(lambda: not processes_below(folder))
    other = EmbeddedPostgres(folder)
    await other.start()
    await other.stop()


@pytest.mark.parametrize("name", ["x" * 120, 'it\'s \\ a "näme", 100% so'])
async def test_a_path_unfit_for_a_socket_works(tmp_path: Path, name: str) -> None:
    """Too long a path, or one that a DSN cannot carry: the socket moves to a private temporary folder until stop."""
    postgres = EmbeddedPostgres(tmp_path / name / "postgres")
    dsn = await postgres.start()
    assert await execute(dsn, "SELECT 1") == 1
    place = Path(await execute(dsn, "SHOW unix_socket_directories"))
    found = Path(str(place).strip('"'))
    assert found.parent == Path(tempfile.gettempdir())
    assert stat.S_IMODE(found.stat().st_mode) == 0o700
    await postgres.stop()
    assert not found.exists()
    assert await postgres.start() == dsn
    await postgres.stop()


async def test_a_temporary_folder_with_a_long_path_is_passed_over(tmp_path: Path, owners: list[Owner]) -> None:
    """Where even the temporary folder is too deep for a socket, /tmp has a place."""
    deep = tmp_path / ("x" * 120)
    deep.mkdir()
    owners.append(Owner(deep / "postgres", TMPDIR=str(deep)))
    assert "host=/tmp/duologue-" in (await owners[0].report())["dsn"]


async def test_a_temporary_folder_that_others_can_enter_is_not_used(tmp_path: Path) -> None:
    """Somebody who made the socket's folder before us would own what we talk to, so the start is refused."""
    postgres = EmbeddedPostgres(tmp_path / ("x" * 120) / "postgres")
    dsn = await postgres.start()
    await postgres.stop()
    place = Path(dsn.split("host=")[1].split("&")[0])
    place.mkdir()
    place.chmod(0o777)
    with pytest.raises(EmbeddedError, match="closed to all others"):
        await postgres.start()
    place.rmdir()


async def test_data_of_another_version_is_refused(folder: Path) -> None:
    """The sentence names both versions, and the data stays untouched."""
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "PG_VERSION").write_text("17\n")
    with pytest.raises(EmbeddedError, match="written by PostgreSQL 17, and this is PostgreSQL 18"):
        await EmbeddedPostgres(folder).start()
    assert [path.name for path in (folder / "data").iterdir()] == ["PG_VERSION"]


async def test_a_folder_of_something_else_is_refused(folder: Path) -> None:
    """Files that are no database are neither used nor removed."""
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "letters.txt").write_text("dear")
    with pytest.raises(EmbeddedError, match="no PostgreSQL data"):
        await EmbeddedPostgres(folder).start()
    assert (folder / "data" / "letters.txt").read_text() == "dear"


async def test_damaged_data_gives_postgres_own_words(postgres: EmbeddedPostgres, folder: Path) -> None:
    """What PostgreSQL cannot read ends the start with its reason, and no process is left."""
    await postgres.start()
    await postgres.stop()
    control = folder / "data" / "global" / "pg_control"
    whole = control.read_bytes()
    control.write_bytes(whole[:100])  # refused before there is a log
    with pytest.raises(EmbeddedError, match=r"did not start.*could not read file .*pg_control"):
        await postgres.start()
    control.write_bytes(whole)
    for path in (folder / "data" / "pg_wal").iterdir():
        if path.is_file():
            path.unlink()
    with pytest.raises(EmbeddedError, match=r"did not start.*could not locate a valid checkpoint record"):
        await postgres.start()  # refused when it was already answering that it starts
    assert postgres.pid is None


async def test_a_full_disk_gives_postgres_own_words(folder: Path, owners: list[Owner]) -> None:
    """When initdb cannot write, its reason is told, and nothing half made is left."""
    owners.append(Owner(folder, "--largest-file", "100000"))
    assert "cannot set up a database" in (await owners[0].report())["refused"]
    assert [path.name for path in folder.iterdir()] == ["lock"]


async def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    """A path through a file is a sentence, not a traceback."""
    (tmp_path / "file").write_text("")
    with pytest.raises(EmbeddedError, match=r"cannot be used: Not a directory.*DATA_DIR"):
        await EmbeddedPostgres(tmp_path / "file" / "postgres").start()


async def test_an_unknown_version_is_refused(folder: Path) -> None:
    """Only what the wheel holds can be asked for."""
    with pytest.raises(EmbeddedError, match="no embedded PostgreSQL 9"):
        await EmbeddedPostgres(folder, major=9).start()


async def test_no_value_of_a_statement_reaches_the_log(postgres: EmbeddedPostgres, folder: Path) -> None:
    """Constraint errors, failed casts and syntax errors carry message texts; the log holds none of them."""
    connection = await asyncpg.connect(await postgres.start())
    await connection.execute("CREATE TABLE said (body text UNIQUE CHECK (length(body) < 20))")
    await connection.execute("INSERT INTO said VALUES ('secret')")
    for statement in (
        "INSERT INTO said VALUES ('secret')",
        "INSERT INTO said VALUES ('secret but far too long')",
        "SELECT CAST('secret' AS uuid)",
        "SELECT secret FROM said",
        "DO $$ BEGIN RAISE WARNING 'secret'; END $$",
    ):
        try:
            await connection.execute(statement)
        except asyncpg.PostgresError:
            continue
    with pytest.raises(asyncpg.PostgresError):
        await connection.fetchval("SELECT $1::text::int", "secret")
    await connection.close()
    await postgres.stop()
    log = "".join(path.read_text() for path in (*(folder / "log").iterdir(), folder / "start.log"))
    assert "database system is ready" in log
    assert "secret" not in log


async def test_logs_do_not_grow_for_ever(postgres: EmbeddedPostgres, folder: Path) -> None:
    """A log from last week and one that is far too long are gone after a start; today's stays."""
    await postgres.start()
    await postgres.stop()
    old, huge, fresh = (folder / "log" / name for name in ("postgres-old.log", "postgres-huge.log", "postgres-new.log"))
    for path in (old, huge, fresh):
        path.write_text("")
    os.utime(old, (0, 0))
    os.truncate(huge, 11 * 1024 * 1024)
    await postgres.start()
    assert (old.exists(), huge.exists(), fresh.exists()) == (False, False, True)


@as_root
@linux
async def test_root_below_a_private_home(tmp_path: Path) -> None:
    """As root, below a folder closed to all others, PostgreSQL runs unprivileged and nothing changes owner."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    postgres = EmbeddedPostgres(home / "data" / "postgres")
    dsn = await postgres.start()
    assert await execute(dsn, "SELECT 1") == 1
    assert postgres.pid
    status = Path(f"/proc/{postgres.pid}/status").read_text()
    assert "CapEff:\t0000000000000000" in status
    assert {path.stat().st_uid for path in home.rglob("*")} == {0}
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    await postgres.stop()


@as_root
@linux
@pytest.mark.parametrize("name", ["root", "daemon", "nobody"])
async def test_only_our_own_account_can_connect(open_folder: Path, name: str) -> None:
    """Even past folders thrown open, the kernel's word on who connects decides.

    `daemon` is what root is called within the namespace, `nobody` what everybody else is.
    """
    postgres = EmbeddedPostgres(open_folder)
    await postgres.start()
    place = open_folder / "socket"
    for path in (open_folder, place, place / ".s.PGSQL.5432"):
        path.chmod(0o777)
    psql = find_binaries(18) / "psql"
    uid = pwd.getpwnam(name).pw_uid
    if not reachable(psql, uid):
        pytest.skip(f"{name} cannot run {psql}")
    for role in ("duologue", "postgres"):
        command = [str(psql), "-XAtc", "SELECT 1", "-h", str(place), "-U", role, role]
        done = await asyncio.to_thread(subprocess.run, command, user=uid, capture_output=True, text=True, check=False)
        if name == "root":
            assert done.stdout == "1\n"
        else:
            assert "Peer authentication failed" in done.stderr
    await postgres.stop()


@as_root
@linux
async def test_where_no_namespace_is_allowed_nobody_runs_it(open_folder: Path, owners: list[Owner]) -> None:
    """As root in a container that refuses user namespaces, the account `nobody` serves, and root alone connects.

    Root may not look into processes of others there; adoption after kill -9 works all the same.
    """
    if not reachable(find_binaries(18) / "postgres", pwd.getpwnam("nobody").pw_uid):
        pytest.skip("nobody cannot run the binaries")
    prefix = ("setpriv", "--bounding-set", "-sys_ptrace")
    owners.append(Owner(open_folder, "--refuse-namespaces", prefix=prefix))
    found = await owners[0].report()
    assert psutil.Process(found["pid"]).username() == "nobody"
    assert {path.name for path in open_folder.iterdir() if path.owner() == "root"} == {"lock", "start.log"}
    assert {path.owner() for path in (open_folder / "data").rglob("*")} == {"nobody"}
    await remember(found["dsn"])
    await owners[0].kill()
    owners.append(Owner(open_folder, "--refuse-namespaces", prefix=prefix))
    assert await owners[1].report() == found
    await owners[1].finish()
    postgres = EmbeddedPostgres(open_folder)  # here a namespace is allowed again; the data keeps its owner
    assert await recalls(await postgres.start())
    assert postgres.pid
    assert psutil.Process(postgres.pid).username() == "nobody"
    await postgres.stop()


@as_root
@linux
async def test_where_nobody_cannot_go_a_sentence_says_so(folder: Path, owners: list[Owner]) -> None:
    """Without a namespace and below a private folder there is no way; the sentence names the folder and another."""
    folder.parent.chmod(0o700)
    owners.append(Owner(folder, "--refuse-namespaces"))
    refused = (await owners[0].report())["refused"]
    assert "account nobody" in refused
    assert "is closed to it" in refused
    assert "/var/lib/duologue" in refused


@as_root
@linux
@pytest.mark.parametrize("uid", [pwd.getpwnam("nobody").pw_uid, NAMELESS])
async def test_an_unprivileged_account_runs_it_itself(open_folder: Path, owners: list[Owner], uid: int) -> None:
    """Not root: the account serves its own data, with a name or without one, and survives its own kill -9."""
    options = ["--uid", str(uid)]
    if uid == NAMELESS:
        python = next((path for path in PYTHONS if path and reachable(Path(path).resolve(), uid)), None)
        if python is None:
            pytest.skip(f"uid {uid} can reach no Python")
        options += ["--python", python]
    os.chown(open_folder.parent, uid, uid)
    owners.append(Owner(open_folder, *options))
    found = await owners[0].report()
    assert psutil.Process(found["pid"]).uids().real == uid
    await owners[0].kill()
    owners.append(Owner(open_folder, *options))
    assert await owners[1].report() == found


@as_root
async def test_an_account_without_name_or_namespace_gets_a_sentence(open_folder: Path, owners: list[Owner]) -> None:
    """PostgreSQL insists on a name; where none can be had, the sentence says what to do."""
    os.chown(open_folder.parent, NAMELESS, NAMELESS)
    python = next((path for path in PYTHONS if path and reachable(Path(path).resolve(), NAMELESS)), None)
    if python is None:
        pytest.skip(f"uid {NAMELESS} can reach no Python")
    owners.append(Owner(open_folder, "--uid", str(NAMELESS), "--refuse-namespaces", "--python", python))
    assert f"uid {NAMELESS} is none" in (await owners[0].report())["refused"]


@as_root
async def test_binaries_out_of_reach_give_a_sentence(open_folder: Path, tmp_path: Path) -> None:
    """Data that belongs to another account needs that account to run PostgreSQL, wherever Duologue is installed."""
    (open_folder / "data").mkdir(parents=True)
    uid = pwd.getpwnam("nobody").pw_uid
    os.chown(open_folder / "data", uid, uid)
    program = tmp_path / "postgres"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    tmp_path.chmod(0o700)
    with pytest.raises(EmbeddedError, match=r"account nobody cannot run .*Permission denied.*Install Duologue"):
        await choose_account(open_folder, open_folder / "data", program)


@as_root
@linux
async def test_root_without_a_namespace_takes_its_data_to_nobody(open_folder: Path, owners: list[Owner]) -> None:
    """Data made within a namespace moves on to a machine that refuses one: `nobody` gets it, with all it holds."""
    if not reachable(find_binaries(18) / "postgres", pwd.getpwnam("nobody").pw_uid):
        pytest.skip("nobody cannot run the binaries")
    postgres = EmbeddedPostgres(open_folder)
    await remember(await postgres.start())
    await postgres.stop()
    assert (open_folder / "data").owner() == "root"
    owners.append(Owner(open_folder, "--refuse-namespaces"))
    assert await recalls((await owners[0].report())["dsn"])
    assert {path.owner() for path in (open_folder / "data").rglob("*")} == {"nobody"}


@as_root
async def test_root_does_not_work_in_a_folder_of_another_account(open_folder: Path) -> None:
    """Its owner could lead root astray with links, so root is sent away."""
    open_folder.mkdir()
    uid = pwd.getpwnam("nobody").pw_uid
    os.chown(open_folder, uid, uid)
    with pytest.raises(EmbeddedError, match="belongs to the account nobody"):
        await EmbeddedPostgres(open_folder).start()
    assert list(open_folder.iterdir()) == []


@as_root
async def test_data_of_another_account_is_refused(open_folder: Path, owners: list[Owner]) -> None:
    """An unprivileged account is told whose the data is, or that it may not look."""
    (open_folder / "data").mkdir(parents=True)
    (open_folder / "data" / "PG_VERSION").write_text("18\n")
    uid = pwd.getpwnam("nobody").pw_uid
    os.chown(open_folder, uid, uid)
    owners.append(Owner(open_folder, "--uid", str(uid)))
    assert "belongs to the account root" in (await owners[0].report())["refused"]
    open_folder.parent.chmod(0o700)
    owners.append(Owner(open_folder, "--uid", str(uid)))
    assert "cannot be used: Permission denied" in (await owners[1].report())["refused"]
