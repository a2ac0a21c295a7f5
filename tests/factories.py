"""Rows for tests of storage, written by plain SQL and not by the product, so that the product can be held against them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

from duologue.core.events import Kind
from duologue.core.model import User, WhoCanMessage
from duologue.storage.postgres import Postgres

START = datetime(2026, 1, 1, tzinfo=UTC)

MESSAGE = """
WITH message AS (
    INSERT INTO messages (id, conversation_id, sender_id, receiver_id, type, content, temp_id, read_at, read_shown,
        created_at, updated_at, deleted_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11)
), conversation AS (
    UPDATE conversations SET last_message_id = $1, last_message_sender_id = $3, last_message_at = $10, updated_at = $10
    WHERE id = $2
), receiver AS (
    UPDATE conversation_participants SET unread_count = unread_count + 1
    WHERE conversation_id = $2 AND user_id = $4 AND $8::timestamptz IS NULL AND $11::timestamptz IS NULL
)
UPDATE positions SET unread_total = unread_total + 1
WHERE user_id = $4 AND $8::timestamptz IS NULL AND $11::timestamptz IS NULL
"""
FILE = """
INSERT INTO attachments (id, owner_id, conversation_id, message_id, sent_at, place, kind, name, media_type, size, digest, key, flags,
    state, uploaded_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, 'name', 'type', 7, '', 'key/' || $1::uuid::text, '{}', $8, $5)
"""
MANY_MESSAGES = """
WITH message AS (
    INSERT INTO messages (id, conversation_id, sender_id, receiver_id, content, read_at, created_at, updated_at)
    SELECT overlay($1::uuid::text PLACING lpad(to_hex(n), 12, '0') FROM 25)::uuid, $2, $3, $4, 'message ' || n, $5, at, at
    FROM generate_series($6::integer, $7::integer) n, LATERAL (SELECT $5::timestamptz + n * interval '1 second' AS at) times
    RETURNING id, created_at
), newest AS (SELECT id, created_at FROM message ORDER BY created_at DESC LIMIT 1)
UPDATE conversations c SET last_message_id = newest.id, last_message_sender_id = $3, last_message_at = newest.created_at,
    updated_at = newest.created_at
FROM newest WHERE c.id = $2
"""


@dataclass(frozen=True, slots=True)
class Chat:
    """A conversation and its two users."""

    id: UUID
    one: User
    two: User

    def other(self, user: User) -> User:
        """Return the partner of a user."""
        return self.two if user.id == self.one.id else self.one


class Make:
    """Inserts rows with defaults. Ids and times count upwards: what was made later is newer, a second apart."""

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres
        self._numbers = count(1)

    def id(self) -> UUID:
        """Return the next id."""
        return UUID(int=(0x7000 << 64) + (0x8 << 60) + next(self._numbers))

    def at(self, seconds: float | None = None) -> datetime:
        """Return a time: so many seconds after the start, or the next second nobody had yet."""
        return START + timedelta(seconds=next(self._numbers) if seconds is None else seconds)

    async def user(
        self,
        username: str | None = None,
        *,
        display_name: str | None = None,
        show_last_seen: bool = True,
        last_seen_at: datetime | None = None,
        state: str = "active",
        who_can_message: str = "everyone",
        user_id: UUID | None = None,
    ) -> User:
        """Insert a user with a position row, and return it."""
        user_id = user_id or self.id()
        username = username or f"user{next(self._numbers)}"
        await self._postgres.execute(
            "INSERT INTO users (id, username, username_key, display_name, show_last_seen, last_seen_at, state, who_can_message) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            *(
                user_id,
                username,
                username.casefold(),
                display_name,
                show_last_seen,
                last_seen_at,
                state,
                who_can_message,
            ),
        )
        await self._postgres.execute("INSERT INTO positions (user_id) VALUES ($1)", user_id)
        return User(
            id=user_id,
            username=username,
            display_name=display_name,
            show_last_seen=show_last_seen,
            last_seen_at=last_seen_at,
            who_can_message=WhoCanMessage(who_can_message),
        )

    async def conversation(self, one: User, two: User, *, at: datetime | None = None) -> Chat:
        """Insert an empty conversation with both participants."""
        first, second = sorted((one, two), key=lambda user: user.id)
        chat, at = Chat(self.id(), first, second), at or self.at()
        await self._postgres.execute(
            "INSERT INTO conversations (id, user1_id, user2_id, created_at, updated_at) VALUES ($1, $2, $3, $4, $4)",
            *(chat.id, first.id, second.id, at),
        )
        await self._postgres.execute(
            "INSERT INTO conversation_participants (conversation_id, user_id) VALUES ($1, $2), ($1, $3)",
            *(chat.id, first.id, second.id),
        )
        return chat

    async def delete_for(self, chat: Chat, user: User, up_to: datetime) -> None:
        """Hide the history up to a time from one user."""
        await self._postgres.execute(
            "UPDATE conversation_participants SET deleted_to = $3 WHERE conversation_id = $1 AND user_id = $2",
            *(chat.id, user.id, up_to),
        )

    async def deliver_to(self, chat: Chat, user: User, up_to: datetime) -> None:
        """Mark as delivered to a user what is not newer than a time."""
        await self._postgres.execute(
            "UPDATE conversation_participants SET delivered_to = $3 WHERE conversation_id = $1 AND user_id = $2",
            *(chat.id, user.id, up_to),
        )

    async def message(
        self,
        chat: Chat,
        sender: User,
        content: str | None = "hello",
        *,
        kind: str = "text",
        temp_id: str | None = None,
        at: datetime | None = None,
        read_at: datetime | None = None,
        read_shown: bool = False,
        deleted_at: datetime | None = None,
    ) -> UUID:
        """Insert a message as the conversation's last one, counted as unread unless it was read or deleted."""
        message_id = self.id()
        content = "" if deleted_at else content
        await self._postgres.execute(
            MESSAGE,
            *(message_id, chat.id, sender.id, chat.other(sender).id, kind, content, temp_id),
            *(read_at, read_shown, at or self.at(), deleted_at),
        )
        return message_id

    async def messages(self, chat: Chat, sender: User, number: int, *, first: int = 1) -> None:
        """Insert many messages at once, numbered from `first`, all read: number n is sent n seconds after the start."""
        sides = (chat.id, sender.id, chat.other(sender).id)
        async with self._postgres.acquire() as connection:
            last = first + number - 1
            await connection.execute(MANY_MESSAGES, self._many(chat), *sides, START, first, last, timeout=120)

    def id_of_message(self, chat: Chat, number: int) -> UUID:
        """Return the id of one of many messages."""
        return UUID(int=self._many(chat).int + number)

    def _many(self, chat: Chat) -> UUID:
        return UUID(int=((chat.id.int & 0xFFFF) << 96) + (0x7000 << 64) + (0x8 << 60))

    async def file(
        self,
        chat: Chat,
        message_id: UUID,
        sender: User,
        *,
        kind: str = "image",
        state: str = "clean",
        at: datetime | None = None,
    ) -> UUID:
        """Insert a file of a message, which was sent at a time; what is made later has the higher place."""
        file_id = self.id()
        await self._postgres.execute(
            FILE, *(file_id, sender.id, chat.id, message_id, at or self.at(), self.id(), kind, state)
        )
        return file_id

    async def link(self, chat: Chat, message_id: UUID, sender: User, url: str, *, at: datetime | None = None) -> UUID:
        """Insert a link of a message."""
        link_id = self.id()
        await self._postgres.execute(
            "INSERT INTO links (id, conversation_id, message_id, sender_id, url, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
            *(link_id, chat.id, message_id, sender.id, url, at or self.at()),
        )
        return link_id

    async def block(
        self, blocker: User, blocked: User, *, reason: str | None = None, at: datetime | None = None
    ) -> UUID:
        """Insert a block."""
        block_id = self.id()
        await self._postgres.execute(
            "INSERT INTO blocks (id, blocker_id, blocked_id, reason, created_at) VALUES ($1, $2, $3, $4, $5)",
            *(block_id, blocker.id, blocked.id, reason, at or self.at()),
        )
        return block_id

    async def unblock(self, block_id: UUID) -> None:
        """Remove a block."""
        await self._postgres.execute("DELETE FROM blocks WHERE id = $1", block_id)

    async def event(
        self,
        user: User,
        kind: Kind,
        *,
        chat: Chat | None = None,
        message_id: UUID | None = None,
        data: str | None = None,
        at: datetime | None = None,
    ) -> int:
        """Append a fact to a user's log and return its position."""
        position: int = await self._postgres.fetchval(
            "WITH head AS (UPDATE positions SET head = head + 1 WHERE user_id = $1 RETURNING head) "
            "INSERT INTO user_events (user_id, position, kind, conversation_id, message_id, data, created_at) "
            "SELECT $1, head, $2, $3, $4, $5, $6 FROM head RETURNING position",
            *(user.id, int(kind), chat and chat.id, message_id, data, at or self.at()),
        )
        return position
