"""`duologue check` finds what the schema does not forbid, and nothing where nothing is wrong."""

import msgspec
import pytest
from tests.factories import Make
from tests.shelf import a_file

from duologue.storage import checks
from duologue.storage.attachments import AttachmentStore
from duologue.storage.postgres import Postgres

BREAKS = {
    "orphaned_messages": "UPDATE messages SET conversation_id = gen_random_uuid()",
    "orphaned_links": """INSERT INTO links (id, conversation_id, message_id, sender_id, url, created_at)
        SELECT gen_random_uuid(), conversation_id, gen_random_uuid(), sender_id, 'https://a.b', created_at FROM messages""",
    "incomplete_conversations": "DELETE FROM conversation_participants",
    "wrong_previews": "UPDATE conversations SET last_message_id = gen_random_uuid()",
    "wrong_unread_counts": "UPDATE conversation_participants SET unread_count = unread_count + 1",
    "orphaned_files": "UPDATE attachments SET message_id = gen_random_uuid() WHERE message_id IS NOT NULL",
    "wrong_media": "UPDATE messages SET media = jsonb_set(media, '{0,id}', to_jsonb(gen_random_uuid())) WHERE media IS NOT NULL",
    "wrong_storage_use": "UPDATE storage_use SET bytes = bytes + 1",
    "users_without_position": "DELETE FROM positions",
    "wrong_totals": "UPDATE positions SET unread_total = unread_total + 1",
    "broken_logs": "UPDATE positions SET head = head + 1 WHERE head > 0",
}


# More of the same, each a way of its own to be wrong.
OTHERS = {
    "files that their message does not show": ("orphaned_files", "UPDATE messages SET media = '[]'"),
    "files without a message's files": ("orphaned_files", "UPDATE messages SET media = NULL"),
    "files of somebody else's message": ("orphaned_files", "UPDATE attachments SET owner_id = gen_random_uuid()"),
    "files with another time": (
        "orphaned_files",
        "UPDATE attachments SET sent_at = now() WHERE message_id IS NOT NULL",
    ),
    "a file that is gone": ("wrong_media", "DELETE FROM attachments WHERE message_id IS NOT NULL"),
    "a file of another message": (
        "wrong_media",
        "UPDATE attachments SET message_id = gen_random_uuid() WHERE message_id IS NOT NULL",
    ),
    "a user of whom nothing is noted": ("wrong_storage_use", "DELETE FROM storage_use"),
    "a note of files that are gone": ("wrong_storage_use", "DELETE FROM attachments"),
}

# A message shows a file, which is its own.
SHOW = "UPDATE messages SET media = $2::jsonb WHERE id = $1"
CLAIM = """UPDATE attachments AS a SET conversation_id = m.conversation_id, message_id = m.id, sent_at = m.created_at, place = a.id
    FROM messages AS m WHERE m.id = $1 AND a.id = $2"""


@pytest.fixture
async def sound(make: Make, postgres: Postgres) -> Postgres:
    """Give a database with one unread message, one that carries a file, one file never sent, and one fact."""
    one, two = await make.user(), await make.user()
    chat = await make.conversation(one, two)
    await make.message(chat, one)
    message_id, file = await make.message(chat, one, None, kind="image"), a_file()
    await AttachmentStore(postgres).add(one.id, [file, a_file()])
    await postgres.execute(SHOW, message_id, msgspec.json.encode([file.attachment]).decode())
    await postgres.execute(CLAIM, message_id, file.id)
    await postgres.execute("UPDATE positions SET head = 1 WHERE user_id = $1", one.id)
    await postgres.execute(
        "INSERT INTO user_events (user_id, position, kind, created_at) VALUES ($1, 1, 3, now())",
        one.id,
    )
    return postgres


async def test_a_sound_database_has_no_findings(sound: Postgres) -> None:
    """Every check looked at something and found nothing."""
    found = await checks.check(sound)

    assert {finding.name: finding.faults for finding in found} == dict.fromkeys(checks.SENTENCES, 0)
    assert all(finding.looked_at for finding in found if finding.name != "orphaned_links")


@pytest.mark.parametrize(("name", "damage"), BREAKS.items())
async def test_each_check_finds_its_own_fault(sound: Postgres, name: str, damage: str) -> None:
    """Damage done by hand is found, with an example."""
    await sound.execute(damage)

    found = {finding.name: finding for finding in await checks.check(sound)}

    assert found[name].faults >= 1
    assert found[name].examples


@pytest.mark.parametrize("way", OTHERS)
async def test_files_and_messages_that_do_not_fit_are_found(sound: Postgres, way: str) -> None:
    """Whatever does not fit: message, owner, time, what is shown, what is noted."""
    name, damage = OTHERS[way]
    await sound.execute(damage)

    found = {finding.name: finding for finding in await checks.check(sound)}

    assert found[name].faults == 1


async def test_users_with_files_are_recounted_in_chunks(make: Make, postgres: Postgres) -> None:
    """Five users, two of whom nothing is noted of, two at a time: each once."""
    people = [await make.user() for _ in range(5)]
    for person in people:
        await AttachmentStore(postgres).add(person.id, [a_file(), a_file()])
    await postgres.execute("DELETE FROM storage_use WHERE owner_id = ANY($1)", [people[1].id, people[4].id])

    found = {finding.name: finding for finding in await checks.check(postgres, chunk=2)}

    assert (found["wrong_storage_use"].looked_at, found["wrong_storage_use"].faults) == (5, 2)
    assert set(found["wrong_storage_use"].examples) == {people[1].id, people[4].id}


async def test_the_chunks_meet_every_row_once(make: Make, postgres: Postgres) -> None:
    """More rows than a chunk holds are all looked at."""
    for _ in range(5):
        await make.user()

    found = {finding.name: finding for finding in await checks.check(postgres, chunk=2)}

    assert found["users_without_position"].looked_at == 5


async def test_a_new_epoch_names_the_log_anew(postgres: Postgres) -> None:
    """Clients that know the old name start over."""
    before = await postgres.fetchval("SELECT epoch FROM instance")

    drawn = await checks.new_epoch(postgres)

    assert drawn == await postgres.fetchval("SELECT epoch FROM instance") != before
