"""`duologue check` finds what the schema does not forbid, and nothing where nothing is wrong."""

import pytest
from tests.factories import Make

from duologue.storage import checks
from duologue.storage.postgres import Postgres

BREAKS = {
    "orphaned_messages": "UPDATE messages SET conversation_id = gen_random_uuid()",
    "orphaned_links": """INSERT INTO links (id, conversation_id, message_id, sender_id, url, created_at)
        SELECT gen_random_uuid(), conversation_id, gen_random_uuid(), sender_id, 'https://a.b', created_at FROM messages""",
    "incomplete_conversations": "DELETE FROM conversation_participants",
    "wrong_previews": "UPDATE conversations SET last_message_id = gen_random_uuid()",
    "wrong_unread_counts": "UPDATE conversation_participants SET unread_count = unread_count + 1",
    "users_without_position": "DELETE FROM positions",
    "wrong_totals": "UPDATE positions SET unread_total = unread_total + 1",
    "broken_logs": "UPDATE positions SET head = head + 1 WHERE head > 0",
}


@pytest.fixture
async def sound(make: Make, postgres: Postgres) -> Postgres:
    """Give a database with one unread message and one fact."""
    one, two = await make.user(), await make.user()
    chat = await make.conversation(one, two)
    await make.message(chat, one)
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
