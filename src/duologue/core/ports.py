"""What the core asks of the outside, one small protocol per noun; adapters in storage, brokers and pipeline answer.

Every method may raise `Unavailable` when what stands behind it is away; a failed look-up is an error, never a permission.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from duologue.core.events import Event, Fact
from duologue.core.items import Item
from duologue.core.model import (
    Block,
    BlockStatus,
    Context,
    Conversation,
    Cursor,
    Gallery,
    Inbox,
    Link,
    Message,
    Page,
    Profile,
    Reach,
    Shared,
    Unread,
    User,
)


class Clock(Protocol):
    """Time, injected."""

    def now(self) -> float:
        """Unix seconds, wall clock."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back."""
        ...


Ids = Callable[[], UUID]


# -- limits and presence ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Limit:
    """Never more than `count` in any `window` seconds."""

    name: str
    count: int
    window: float


@dataclass(slots=True)
class Charge:
    """A limiter's answer: seconds, and Unix seconds for `reset_at`. `token` is what `refund` takes back."""

    allowed: bool
    limit: int
    remaining: int
    retry_after: float
    reset_at: float
    token: object


class Limiter(Protocol):
    """Sliding windows per name and key (RLM-11, C-31). An unknown or unlimited name is always allowed."""

    async def charge(self, name: str, key: str) -> Charge:
        """Count one use, or say when the next is allowed; a refused use is not counted."""
        ...

    async def refund(self, name: str, key: str, token: object) -> None:
        """Take a use back: an answer to a retry costs nothing."""
        ...


class Presence(Protocol):
    """Who is connected, by lease (design part 4)."""

    async def connect(self, user_id: UUID, connection_id: UUID) -> bool:
        """Add a connection; True: it is the user's first live one."""
        ...

    async def renew(self, connections: Sequence[tuple[UUID, UUID]]) -> None:
        """Renew the leases of (user, connection)s."""
        ...

    async def disconnect(self, user_id: UUID, connection_id: UUID) -> bool:
        """Remove a connection; True: it was the user's last."""
        ...

    async def online(self, user_ids: Collection[UUID]) -> set[UUID]:
        """Those of `user_ids` with a live connection."""
        ...

    async def count(self, user_id: UUID) -> int:
        """How many live connections the user has."""
        ...

    async def expire(self) -> list[UUID]:
        """Remove lapsed leases; the users whose last one lapsed."""
        ...


class Broker(Protocol):
    """Facts and ephemeral events to every node, this one included."""

    def publish(self, events: Sequence[Event]) -> None:
        """Hand over in order; never blocks, never raises."""
        ...

    def subscribe(self, deliver: Callable[[Sequence[Event]], None]) -> None:
        """Call `deliver` with everything published, in order."""
        ...


# -- the send pipeline --------------------------------------------------------------------------------------------------


class Pipeline(Protocol):
    """The one way to write a conversation (design part 3)."""

    async def enter(self, item: Item) -> None:
        """Queue an item; waits up to 5 s for room, then raises `Unavailable`. The item's `done` gets its outcome."""
        ...


@dataclass(slots=True)
class KeyRow:
    """A send key that is taken: its fingerprint and the message it names."""

    fingerprint: bytes
    message: Message


class Deliveries(Protocol):
    """Gathers what reached its receivers; marks go through the pipeline, many at a time, within a second (G-05)."""

    def reached(self, receiver_id: UUID, message: Message) -> None:
        """A message was written to a socket of its receiver, or fetched by them; not for the sender's own. Never blocks, never raises."""
        ...


# -- what the log keeps -------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Missed:
    """A page of the log, rendered as today's facts, each with this user's one notice. `upto` is the last position read.

    `is_dense`: the rows read are all from the asked position to `upto`; else some are gone (pruned), and nobody may read on.
    """

    facts: Sequence[Fact]
    upto: int
    is_dense: bool


@dataclass(slots=True)
class Connect:
    """What a connecting socket needs beyond its caller: its user's head, the partners who learn of it, and who of them when."""

    head: int
    partners: Sequence[UUID]
    last_seen_to: frozenset[UUID]


class Connects(Protocol):
    """Reads for connections, many users in one statement (design part 4)."""

    async def load(self, user_ids: Sequence[UUID]) -> dict[UUID, Connect]:
        """Head, the 500 most recent partners without a block in either direction, and those with whom last seen is shared."""
        ...


class EventLog(Protocol):
    """The per-user log of facts."""

    async def epoch(self) -> str:
        """The name of the log, as it was last read."""
        ...

    async def heads(self, user_ids: Sequence[UUID]) -> dict[UUID, int]:
        """Head positions, 1,000 users per statement; none of who was shut out."""
        ...

    async def named_heads(self, user_ids: Sequence[UUID]) -> tuple[str, dict[UUID, int]]:
        """(the log's name, head positions of at most 1,000 users), read anew from one server; `epoch` gives this name then."""
        ...

    async def after(self, user_id: UUID, since: int, limit: int) -> Missed:
        """The facts after `since`, in order, as today's state; what may no longer be shown is left out."""
        ...

    async def count(self, user_id: UUID, since: int) -> tuple[int, int]:
        """(head, rows found above `since`, at most 5,001): what `resume` judges by."""
        ...

    async def prune(self, before: datetime) -> int:
        """Delete at most 5,000 facts older than `before`; how many went."""
        ...


class DeliveryLog(Protocol):
    """How far a user's facts are known to have reached them; a resume proves more (G-05)."""

    async def unmarked(self, user_id: UUID, upto: int) -> tuple[Sequence[Message], int]:
        """Of the next 5,000 facts up to `upto` that are not known as delivered: the newest received message of each conversation.

        And the position that was read to, 0 when there is nothing to mark.
        """
        ...

    async def marked(self, user_id: UUID, upto: int) -> None:
        """All facts up to `upto` are known as delivered; never goes back."""
        ...


# -- reads by noun ------------------------------------------------------------------------------------------------------


class ConversationStore(Protocol):
    """Conversations as one user sees them."""

    async def page(self, viewer: User, cursor: Cursor | None, limit: int) -> Page[Conversation]:
        """The viewer's list, newest first; hidden and deleted ones are out."""
        ...

    async def numbered(self, viewer: User, *, offset: int, limit: int, unread_only: bool) -> Inbox:
        """The same list after `offset` of its items, or what is unread of it, with the totals."""
        ...

    async def of_pair(self, viewer: User, other_id: UUID) -> Conversation | None:
        """The conversation with `other_id`, hidden or not."""
        ...

    async def get(self, viewer: User, conversation_id: UUID) -> Conversation:
        """One conversation; `NotFound`, `NotParticipant`."""
        ...

    async def unread(self, user_id: UUID) -> Unread:
        """The user's totals."""
        ...

    async def partners(self, user_id: UUID, limit: int) -> tuple[list[UUID], frozenset[UUID]]:
        """The most recent partners without a block in either direction, and those with whom last seen is shared."""
        ...

    async def may_signal(self, user_id: UUID, conversation_id: UUID) -> UUID | None:
        """The partner to whom typing goes, None across a block; `NotFound`, `NotParticipant`, `Forbidden` if they were shut out."""
        ...


class MessageStore(Protocol):
    """Messages as one participant sees them; all raise `NotFound`, `NotParticipant`."""

    async def page(
        self, viewer_id: UUID, conversation_id: UUID, *, before: Cursor | None, after: Cursor | None, limit: int
    ) -> Page[Message]:
        """History, newest first; with `after` the ones next above it (design part 5, Newer pages)."""
        ...

    async def numbered(self, viewer_id: UUID, conversation_id: UUID, *, offset: int, limit: int) -> Page[Message]:
        """History, newest first, after `offset` messages."""
        ...

    async def place(self, viewer_id: UUID, conversation_id: UUID, message_id: UUID) -> Cursor | None:
        """Where a message of this conversation stands, deleted or not; None if it is no message of it."""
        ...

    async def get(self, viewer_id: UUID, message_id: UUID) -> Message:
        """One message."""
        ...

    async def context(self, viewer_id: UUID, message_id: UUID, before: int, after: int) -> Context:
        """A message with its neighbours."""
        ...

    async def links(self, viewer_id: UUID, conversation_id: UUID, cursor: Cursor | None, limit: int) -> Page[Link]:
        """The links gallery; `Forbidden` for who is blocked by the other (C-10)."""
        ...

    async def media(self, viewer_id: UUID, conversation_id: UUID, cursor: Cursor | None, limit: int) -> Page[Shared]:
        """Images and videos, newest first, those of one message in the order of sending; `Forbidden` as for links."""
        ...

    async def files(self, viewer_id: UUID, conversation_id: UUID, cursor: Cursor | None, limit: int) -> Page[Shared]:
        """All other files, likewise."""
        ...

    async def carriers(
        self, viewer_id: UUID, conversation_id: UUID, gallery: Gallery, *, before: Cursor | None, limit: int
    ) -> Page[Message]:
        """The messages of which a gallery is made, newest first; `Forbidden` as for links."""
        ...

    async def by_key(self, sender_id: UUID, key: UUID) -> KeyRow | None:
        """The message a send key names."""
        ...


class BlockStore(Protocol):
    """The block list."""

    async def page(self, blocker_id: UUID, cursor: Cursor | None, limit: int) -> Page[Block]:
        """Whom the user blocks, newest first."""
        ...

    async def status(self, user_id: UUID, other_id: UUID) -> BlockStatus:
        """Both directions."""
        ...


class UserStore(Protocol):
    """Users and the graph."""

    async def by_username(self, username: str) -> User | None:
        """A user by name, without case."""
        ...

    async def get(self, user_id: UUID) -> User | None:
        """A user by id."""
        ...

    async def reach(self, user_id: UUID, other_id: UUID) -> Reach | None:
        """What stands between two users; None if there is no such other one."""
        ...

    async def search(self, prefix: str, limit: int, *, except_id: UUID, after: str = "") -> list[Profile]:
        """Active users whose username starts so, in order, beginning after a username; blocks of either direction are left out."""
        ...

    async def update(self, user_id: UUID, changes: Mapping[str, Any]) -> tuple[User, int, int]:
        """Change profile fields or settings; the user, the new position, the unread total."""
        ...

    async def follow(self, follower_id: UUID, followed_id: UUID) -> None:
        """Follow; again changes nothing."""
        ...

    async def unfollow(self, follower_id: UUID, followed_id: UUID) -> None:
        """Stop following; when not following changes nothing."""
        ...

    async def seen(self, user_ids: Sequence[UUID], at: datetime) -> None:
        """Write last_seen_at for users who went offline."""
        ...
