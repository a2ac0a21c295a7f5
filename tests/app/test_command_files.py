"""`duologue check` and `erase` where there are files, run as their user runs them."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.app.test_command import Command
from tests.factories import Make
from tests.shelf import Shelf, a_file

from duologue.storage.postgres import Postgres


@pytest.fixture
def duologue(tmp_path: Path, database: str) -> Command:
    """Give the command on a migrated database."""
    return Command(tmp_path, database)


@pytest.fixture
def shelf(postgres: Postgres, tmp_path: Path) -> Shelf:
    """Give the store of the command's default settings."""
    return Shelf(postgres, tmp_path / "data" / "files")


async def test_the_check_compares_the_store_with_the_records(duologue: Command, shelf: Shelf, make: Make) -> None:
    """Blobs without a file are a note, files without a blob a fault, both with ids; nothing is removed."""
    ann = await make.user("ann")
    file = await shelf.take_in(ann.id, at=datetime(2026, 1, 1, tzinfo=UTC))
    sound = await duologue("check")
    await shelf.store(stray := a_file())
    for key in stray.keys:
        os.utime(shelf.folder / key, (0, 0))
    noted = await duologue("check")
    await shelf.blobs.delete([file.key])
    lost = await duologue("check")

    assert (sound.code, noted.code, lost.code) == (0, 0, 1), (sound, noted, lost)
    assert "ok          0 of 1          files that are not whole in the store" in sound.said
    assert "note        2 of 4          blobs in the store that belong to no file" in noted.said
    assert str(stray.id) in noted.said
    assert "FAULT       1 of 1          files that are not whole in the store" in lost.said
    assert str(file.id) in lost.said
    assert len(await shelf.keys()) == 3


async def test_a_store_that_does_not_answer_is_said_so(duologue: Command) -> None:
    """69, after what the database alone could tell; the key in the URL is not repeated."""
    url = "s3://AKEY:ASECRET@bucket?region=nowhere&endpoint=http%3A%2F%2F127.0.0.1%3A9"
    checked = await duologue("check", STORAGE_URL=url)
    assert checked.code == 69
    assert "messages whose conversation does not know them" in checked.said
    assert "the store of files does not answer" in checked.complained
    assert "ASECRET" not in checked.said + checked.complained


async def test_commands_that_remove_no_file_make_no_folder(duologue: Command, make: Make, tmp_path: Path) -> None:
    """They work where nothing may be written."""
    await make.user("ann")
    for arguments in (("check",), ("user", "show", "ann"), ("export", "ann"), ("erase", "ann", "--yes")):
        assert (await duologue(*arguments)).code == 0
    assert not (tmp_path / "data").exists()


async def test_erasing_on_the_command_line_removes_files(duologue: Command, shelf: Shelf, make: Make) -> None:
    """From the store that the settings name."""
    ann = await make.user("ann")
    await shelf.take_in(ann.id, b"12345")
    shown = await duologue("user", "show", "ann")
    erased = await duologue("erase", "ann", "--yes")
    assert "1 files  5 bytes" in shown.said
    assert erased.code == 0, erased.complained
    assert await shelf.keys() == set()
    assert await shelf.ids() == set()
