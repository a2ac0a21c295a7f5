"""`duologue check`: recounts instead of trust, table by table in chunks, and the log's new name.

The schema keeps no foreign keys on the hot tables (docs/decisions); what they would have refused is looked for here.
"""

import secrets
from dataclasses import dataclass
from uuid import UUID

from duologue.storage.postgres import Postgres
from duologue.storage.sql import load

_SQL = load("checks")
CHUNK = 1_000  # rows in one statement

# Every check with the sentence that an operator reads.
SENTENCES = {
    "orphaned_messages": "messages whose conversation does not know them",
    "orphaned_links": "links whose message is gone",
    "incomplete_conversations": "conversations without exactly their two participants",
    "wrong_previews": "conversations whose preview is not their newest message",
    "wrong_unread_counts": "conversations with a wrong unread count",
    "orphaned_files": "files whose message is gone or does not show them",
    "wrong_media": "messages that show files which are not theirs",
    "wrong_storage_use": "users whose files take something else than is noted",
    "users_without_position": "users without a position row",
    "wrong_totals": "users with a wrong unread total",
    "broken_logs": "users whose log of facts has holes",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's result: rows looked at, rows at fault, and the first ids of those. A note is no fault: it goes by itself."""

    name: str
    sentence: str
    looked_at: int
    faults: int
    examples: tuple[UUID, ...]
    is_note: bool = False


async def check(store: Postgres, *, chunk: int = CHUNK) -> list[Finding]:
    """Run every check; raises `Unavailable`."""
    return [await _check(store, name, chunk) for name in SENTENCES]


async def _check(store: Postgres, name: str, chunk: int) -> Finding:
    last, looked_at, found = UUID(int=0), 0, list[UUID]()
    while rows := await store.fetch(_SQL[name], last, chunk):
        last = rows[-1]["id"]
        looked_at += len(rows)
        found += [row["id"] for row in rows if row["fault"]]
    return Finding(name, SENTENCES[name], looked_at, len(found), tuple(found[:5]))


async def new_epoch(store: Postgres) -> str:
    """Draw a new name for the log, as after a restore by hand: clients with positions of the old one start over."""
    epoch = secrets.token_hex(16)
    await store.execute(_SQL["new_epoch"], epoch)
    return epoch
