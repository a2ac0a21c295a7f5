"""The migrator: up, down and up again, two at once, half-failed, ahead of this code, changed after the fact."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from duologue.storage.migrate import MIGRATIONS, MigrationError, Migrator, read
from duologue.storage.postgres import StoreUnreachable

SCHEMA = """
SELECT format('column %s.%s %s null=%s default=%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull,
    pg_get_expr(d.adbin, d.adrelid)) AS line
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
UNION ALL SELECT format('options %s %s', relname, reloptions) FROM pg_class WHERE relnamespace = 'public'::regnamespace
UNION ALL SELECT format('index %s', indexdef) FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT format('constraint %s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT format('routine %s', oid::regprocedure) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
ORDER BY line
"""


async def schema(dsn: str) -> list[str]:
    """Return the database's schema, one line per column, index, constraint and routine."""
    connection = await asyncpg.connect(dsn)
    try:
        return [row["line"] for row in await connection.fetch(SCHEMA)]
    finally:
        await connection.close()


def write(folder: Path, number: int, up: str, down: str = "SELECT 1", *, oldest_code: int = 1) -> None:
    """Write a migration of one statement."""
    (folder / f"{number:04}_step.up.sql").write_text(f"-- A step. oldest-code: {oldest_code}\n{up};\n")
    (folder / f"{number:04}_step.down.sql").write_text(f"{down};\n")


async def test_up_down_and_up_again_gives_the_same_schema(empty_database: str) -> None:
    """Undoing every migration leaves nothing but the migrator's own table, and redoing them the very same schema."""
    migrator = Migrator(empty_database)
    titles = [migration.title for migration in read(MIGRATIONS)]
    assert await migrator.up() == titles
    first = await schema(empty_database)
    assert any("index" in line and "idx_messages_conversation" in line for line in first)
    assert await migrator.down(len(titles)) == titles[::-1]
    assert {line.split()[1].split(".")[0] for line in await schema(empty_database) if line.startswith("column")} == {
        "schema_migrations"
    }
    assert await migrator.up() == titles
    assert await schema(empty_database) == first


async def test_down_undoes_the_newest_only(empty_database: str, tmp_path: Path) -> None:
    """One step back by default."""
    write(tmp_path, 1, "CREATE TABLE one ()", "DROP TABLE one")
    write(tmp_path, 2, "CREATE TABLE two ()", "DROP TABLE two")
    migrator = Migrator(empty_database, folder=tmp_path)
    await migrator.up()
    assert await migrator.down() == ["0002_step"]
    assert [(step.version, step.applied_at is not None) for step in await migrator.status()] == [(1, True), (2, False)]


async def test_up_a_second_time_does_nothing(empty_database: str) -> None:
    """What is applied is left alone."""
    await Migrator(empty_database).up()
    assert await Migrator(empty_database).up() == []


async def test_two_nodes_that_start_together_share_the_work(empty_database: str, tmp_path: Path) -> None:
    """Each migration is applied once, and neither node fails, though the first takes longer than one lock is waited for."""
    write(tmp_path, 1, "CREATE TABLE one (n int); SELECT pg_sleep(0.3)")
    write(tmp_path, 2, "INSERT INTO one VALUES (1)")
    nodes = [Migrator(empty_database, folder=tmp_path, pause=0.1) for _ in range(4)]
    applied = await asyncio.gather(*(node.up() for node in nodes))
    assert sorted(title for titles in applied for title in titles) == ["0001_step", "0002_step"]
    connection = await asyncpg.connect(empty_database)
    assert await connection.fetchval("SELECT count(*) FROM one") == 1
    await connection.close()


async def test_a_lock_that_is_never_given_back_ends_in_a_sentence(empty_database: str, tmp_path: Path) -> None:
    """The migrator does not wait for ever."""
    write(tmp_path, 1, "CREATE TABLE one ()")
    write(tmp_path, 2, "ALTER TABLE one ADD COLUMN n int")
    await Migrator(empty_database, folder=tmp_path).up()
    await Migrator(empty_database, folder=tmp_path).down()
    holder = await asyncpg.connect(empty_database)
    async with holder.transaction():
        await holder.execute("LOCK TABLE one")
        with pytest.raises(MigrationError, match="waits for locks"):
            await Migrator(empty_database, folder=tmp_path, patience=0.2, pause=0.1).up()
    await holder.close()


async def test_a_migration_that_fails_half_way_leaves_nothing(empty_database: str, tmp_path: Path) -> None:
    """Earlier migrations stay, the failed one is gone whole, and the error names it."""
    write(tmp_path, 1, "CREATE TABLE one ()")
    write(tmp_path, 2, "CREATE TABLE two (); SELECT 1 / 0")
    with pytest.raises(MigrationError, match="0002_step failed and left nothing: division by zero"):
        await Migrator(empty_database, folder=tmp_path).up()
    lines = await schema(empty_database)
    assert any("one" in line for line in lines)
    assert not any("two" in line for line in lines)
    assert [step.applied_at is not None for step in await Migrator(empty_database, folder=tmp_path).status()] == [
        True,
        False,
    ]


async def test_a_changed_migration_is_refused(empty_database: str, tmp_path: Path) -> None:
    """A file that was edited after it was applied stops everything."""
    write(tmp_path, 1, "CREATE TABLE one ()")
    await Migrator(empty_database, folder=tmp_path).up()
    write(tmp_path, 1, "CREATE TABLE one (n int)")
    for work in (Migrator(empty_database, folder=tmp_path).up, Migrator(empty_database, folder=tmp_path).check):
        with pytest.raises(MigrationError, match="0001_step was changed after it was applied"):
            await work()


async def test_a_newer_schema_is_accepted_unless_it_excludes_this_code(empty_database: str, tmp_path: Path) -> None:
    """An older node runs on a newer schema as long as that says it may."""
    older, newer = tmp_path / "older", tmp_path / "newer"
    older.mkdir()
    newer.mkdir()
    write(older, 1, "CREATE TABLE one ()")
    for number, oldest_code in ((1, 1), (2, 1), (3, 2)):
        write(newer, number, f"CREATE TABLE {('one', 'two', 'three')[number - 1]} ()", oldest_code=oldest_code)
    (newer / "0003_step.up.sql").rename(tmp_path / "later.sql")
    await Migrator(empty_database, folder=newer).up()
    node = Migrator(empty_database, folder=older)
    await node.check()
    assert await node.up() == []
    assert [(step.version, step.known) for step in await node.status()] == [(1, True), (2, False)]
    with pytest.raises(MigrationError, match="come from newer code"):
        await node.down()
    (tmp_path / "later.sql").rename(newer / "0003_step.up.sql")
    await Migrator(empty_database, folder=newer).up()
    for work in (node.check, node.up):
        with pytest.raises(MigrationError, match="needs code of version 2 or newer; this is version 1"):
            await work()
    await Migrator(empty_database, folder=newer).check(2)


async def test_pending_migrations_are_named(empty_database: str) -> None:
    """What `--no-migrate` says of a database that was never migrated."""
    with pytest.raises(
        MigrationError, match="lacks 0001_initial, 0002_audit, 0003_attachments; run `duologue migrate up`"
    ):
        await Migrator(empty_database).check()


@pytest.mark.parametrize("name", ["0001_Big.up.sql", "1_small.up.sql", "0002_gap.up.sql"])
def test_names_are_lawful(tmp_path: Path, name: str) -> None:
    """Migrations count 0001, 0002 and so on, in lower case."""
    (tmp_path / name).write_text("-- oldest-code: 1\n")
    (tmp_path / name.replace(".up.", ".down.")).write_text("")
    with pytest.raises(MigrationError):
        read(tmp_path)


@pytest.mark.parametrize(("up", "down"), [("-- no oldest code", True), ("-- oldest-code: 1", False)])
def test_each_migration_names_its_oldest_code_and_can_be_undone(tmp_path: Path, up: str, down: bool) -> None:  # noqa: FBT001
    """A file without either is refused before anything is applied."""
    (tmp_path / "0001_step.up.sql").write_text(up)
    if down:
        (tmp_path / "0001_step.down.sql").write_text("")
    with pytest.raises(MigrationError, match="oldest-code"):
        read(tmp_path)


async def test_a_database_that_is_down_gives_a_sentence() -> None:
    """Host, port and name, and no password."""
    with pytest.raises(StoreUnreachable, match=r"The database chat at 127\.0\.0\.1:1 cannot be reached") as raised:
        await Migrator("postgresql://somebody:secret@127.0.0.1:1/chat").up()
    assert "secret" not in str(raised.value)
