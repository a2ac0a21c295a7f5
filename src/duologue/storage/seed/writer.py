"""Writes the seeded world: everything in one transaction, once. What the world is, is story.py's."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from duologue.core.errors import Conflict
from duologue.core.model import WhoCanMessage
from duologue.core.users import username_key
from duologue.storage.postgres import Postgres
from duologue.storage.seed.people import PEOPLE, id_of
from duologue.storage.seed.story import World, tell
from duologue.storage.sql import load

if TYPE_CHECKING:  # generic in the stubs alone
    from duologue.storage.postgres import Pooled

_SQL = load("seed")


@dataclass(frozen=True, slots=True)
class Seeded:
    """What there is now. `changed` is False when it was there before."""

    usernames: tuple[str, ...]
    conversations: int
    messages: int
    changed: bool


async def seed(postgres: Postgres, *, now: datetime, password_hash: str | None) -> Seeded:
    """Write people, conversations and messages of the last weeks, as if they had happened; if they are there, nothing.

    With a hash of `PASSWORD` the people have accounts. One transaction: nobody sees half a world, and all its rows are new.

    Raises:
        Conflict: somebody else has one of the names.
        Unavailable: the database is away.
    """
    ids = [id_of(username) for username, _ in PEOPLE]
    keys = [username_key(username) for username, _ in PEOPLE]
    async with postgres.acquire() as connection, connection.transaction(isolation="read_committed"):
        await connection.execute(_SQL["take_turn"])
        known = await connection.fetch(_SQL["known"], ids, keys)
        changed = not known
        if known:
            _check_known({row["id"]: row["username"] for row in known})
        else:
            await _write(connection, tell(now), password_hash)
        row = await connection.fetchrow(_SQL["counts"], ids)
    if changed:  # the planner knows nothing of tables that have just been filled
        await postgres.execute(_SQL["analyse"])
    conversations, messages = row or (0, 0)
    return Seeded(tuple(username for username, _ in PEOPLE), conversations, messages, changed)


def _check_known(known: dict[Any, str]) -> None:
    ids = {id_of(username) for username, _ in PEOPLE}
    strangers = sorted(name for user_id, name in known.items() if user_id not in ids)
    if strangers:
        raise Conflict(f"The name {strangers[0]} is taken by somebody else; seed a database without that user")


async def _write(connection: "Pooled", world: World, password_hash: str | None) -> None:
    tables = {**_people(world, password_hash), **_chats(world)}
    for table, (columns, rows) in tables.items():
        await connection.copy_records_to_table(table, records=rows, columns=columns.split())


_Tables = dict[str, tuple[str, list[tuple[Any, ...]]]]


def _people(world: World, password_hash: str | None) -> _Tables:
    began = world.began
    people = [(id_of(name), name, display) for name, display in PEOPLE]
    accounts = [] if password_hash is None else [(user_id, password_hash, began, began) for user_id, _, _ in people]
    return {
        "users": (
            "id username username_key display_name who_can_message last_seen_at created_at updated_at",
            [
                (
                    user_id,
                    username,
                    username_key(username),
                    display,
                    world.settings.get(user_id, WhoCanMessage.EVERYONE),
                    world.last_seen.get(user_id),
                    began,
                    began,
                )
                for user_id, username, display in people
            ],
        ),
        "accounts": ("user_id password_hash created_at password_changed_at", accounts),
        "positions": (
            "user_id head unread_total",
            [(user_id, head, world.totals[user_id]) for user_id, head in world.heads.items()],
        ),
        "follows": ("follower_id followed_id created_at", [(*follow, began) for follow in world.follows]),
        "user_events": ("user_id position kind conversation_id message_id data created_at", list(world.events)),
    }


def _chats(world: World) -> _Tables:
    chats = world.chats
    lasts = [(chat, chat.messages[-1]) for chat in chats]
    return {
        "conversations": (
            "id user1_id user2_id created_at updated_at last_message_id last_message_sender_id last_message_at",
            [
                (chat.id, *chat.users, chat.created_at, chat.updated_at, last.id, last.sender_id, last.created_at)
                for chat, last in lasts
            ],
        ),
        "conversation_participants": (
            "conversation_id user_id unread_count read_to delivered_to",  # what was read was delivered
            [
                (chat.id, user, chat.unread[user], chat.read_to[user], chat.read_to[user])
                for chat in chats
                for user in chat.users
            ],
        ),
        "messages": (
            "id conversation_id sender_id receiver_id type content read_at read_shown created_at updated_at",
            [
                (
                    *(m.id, m.conversation_id, m.sender_id, m.receiver_id, m.type, m.content),
                    *(m.read_at, m.read_shown, m.created_at, m.updated_at),
                )
                for m in world.messages
            ],
        ),
        "links": ("id conversation_id message_id sender_id url created_at", list(world.links)),
        "blocks": ("id blocker_id blocked_id created_at", list(world.blocks)),
    }
