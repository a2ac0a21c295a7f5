"""`duologue export`, `erase` and the verbs of `user`, run as their user runs them."""

import json
import stat
from pathlib import Path

import pytest
from tests.app.test_command import Command


@pytest.fixture
async def duologue(tmp_path: Path, database: str) -> Command:
    """Give the command on a database with the demo world."""
    command = Command(tmp_path, database)
    await command("seed")
    return command


async def test_a_user_is_shut_out_and_let_in_again(duologue: Command) -> None:
    """Each verb says who it was and how they stand; nobody is a sentence and exit 1, no name is exit 2."""
    out, shown, back = [await duologue("user", verb, "amara") for verb in ("deactivate", "show", "reactivate")]
    nobody, unnamed = await duologue("user", "deactivate", "nobody"), await duologue("user", "deactivate")

    assert [outcome.code for outcome in (out, shown, back)] == [0, 0, 0]
    assert [outcome.said.split()[1:] for outcome in (out, shown, back)] == [
        ["amara", "deactivated", "0", "files", "0", "bytes"],
        ["amara", "deactivated", "0", "files", "0", "bytes"],
        ["amara", "active", "0", "files", "0", "bytes"],
    ]
    assert (nobody.code, nobody.complained) == (1, "duologue: User not found.\n")
    assert unnamed.code == 2


async def test_a_copy_goes_to_standard_output_or_into_a_file_of_ones_own(duologue: Command, tmp_path: Path) -> None:
    """The same lines; nobody else may read the file."""
    said, written = await duologue("export", "amara"), await duologue("export", "amara", "--output", "copy.jsonl")

    lines = [json.loads(line) for line in said.said.splitlines()]
    assert (lines[0]["username"], lines[-1]) == ("amara", {"kind": "end", "records": len(lines) - 1})
    assert written.code == 0
    file = tmp_path / "copy.jsonl"
    assert file.read_text().splitlines() == said.said.splitlines()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_erasing_asks_first_and_leaves_a_sound_database(duologue: Command) -> None:
    """Without a terminal and without --yes nothing happens; with it the user is gone, and `check` finds nothing at fault."""
    refused = await duologue("erase", "amara")
    before = await duologue("user", "show", "amara")
    erased = await duologue("erase", "amara", "--messages", "remove", "--yes")
    after, checked = await duologue("user", "show", "amara"), await duologue("check")

    assert (refused.code, refused.complained) == (1, "duologue: nothing was erased; --yes asks no question.\n")
    assert before.code == 0
    assert erased.code == 0, erased.complained
    assert erased.said.split()[1].startswith("deleted-")
    assert erased.said.split()[2] == "erased"
    assert after.code == 1
    assert checked.code == 0, checked.said
