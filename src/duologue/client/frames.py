"""The payloads of the frames that the server sends on socket A (WSA, design parts 4 and 5). The frame itself is in `codec`."""

from datetime import datetime
from typing import Any

from duologue.client.wire import Conversation, Message, MessageShort, UserShort, Wire


class Hello(Wire, frozen=True, kw_only=True):
    """`auth_success`, `connection.success`: everything up to `position` was sent on this connection."""

    user_id: str
    connection_id: str = ""
    connected_at: datetime
    position: int | None = None
    epoch: str | None = None


class AuthFailed(Wire, frozen=True, kw_only=True):
    """`auth_failed`: a close follows."""

    message: str = ""


class Pong(Wire, frozen=True, kw_only=True):
    """`pong` (WSA-14), with the position up to which this connection was sent everything."""

    timestamp: Any = None
    server_time: Any = None
    position: int | None = None
    epoch: str | None = None


class StatusBulk(Wire, frozen=True, kw_only=True):
    """`status.bulk`: who of the partners is online."""

    statuses: dict[str, bool]


class MessageNew(Wire, frozen=True, kw_only=True):
    """`message.new`: a message, and this user's absolute counts after it; `conversation` when it (re)appears in the list."""

    message: Message
    unread_count: int | None = None
    total_unread: int | None = None
    conversation: Conversation | None = None


class MessageSent(MessageNew, frozen=True, kw_only=True):
    """`message.sent`: the same on the connection that sent it; `replayed` when the key had named it before."""

    temp_id: str | None = None
    replayed: bool = False


class MessageFailed(Wire, frozen=True, kw_only=True):
    """`message.error`: a send was refused; an `error` frame says the same (C-23)."""

    temp_id: str | None = None
    error: str = ""
    code: str = ""


class ReadAck(Wire, frozen=True, kw_only=True):
    """`message.read_ack`: this user marked messages as read; nothing marked: count 0, `read_at` None.

    All up to `up_to` was read; where that cannot be said, the newest 100 are named.
    """

    conversation_id: str
    marked_count: int
    read_at: datetime | None = None
    unread_count: int | None = None
    total_unread: int | None = None
    message_ids: tuple[str, ...] = ()
    up_to: str | None = None


class ReadUpdate(Wire, frozen=True, kw_only=True):
    """`message.read_update`: the other user read. `message_ids` are the newest 100; `up_to` when all up to it was read."""

    conversation_id: str
    message_ids: tuple[str, ...] = ()
    count: int = 0
    up_to: str | None = None
    read_by: str
    read_at: datetime


class Delivered(Wire, frozen=True, kw_only=True):
    """`message.delivered`: what this user sent, all up to `up_to`, reached the other one."""

    conversation_id: str
    up_to: str
    delivered_at: datetime


class MessageDeleted(Wire, frozen=True, kw_only=True):
    """`message.deleted`: a message is gone for both; counts as in `message.new`."""

    conversation_id: str
    message_id: str
    deleted_at: datetime | None = None
    unread_count: int | None = None
    total_unread: int | None = None


class ConversationDeleted(Wire, frozen=True, kw_only=True):
    """`conversation.deleted`: this user took it out of the list, with its history so far."""

    conversation_id: str
    unread_count: int | None = None
    total_unread: int | None = None


class ConversationUpdated(Wire, frozen=True, kw_only=True):
    """`conversation.updated`: with a position an opening, a block's effect or a partner's change; without, a preview."""

    conversation_id: str
    last_message: MessageShort | None = None
    conversation: Conversation | None = None
    other_user: UserShort | None = None
    is_blocked: bool | None = None
    hidden: bool | None = None
    unread_count: int | None = None
    total_unread: int | None = None


class UnreadNotice(Wire, frozen=True, kw_only=True):
    """`notification.unread`: today's totals; after a replay without a conversation."""

    conversation_id: str | None = None
    total_unread: int = 0
    unread_count: int | None = None


class Typing(Wire, frozen=True, kw_only=True):
    """`typing.start`, `typing.stop`: never stored, stops by itself after 6 s."""

    conversation_id: str
    user_id: str


class UserOnline(Wire, frozen=True, kw_only=True):
    """`user.online`: a partner's first connection."""

    user_id: str
    online_at: datetime


class UserOffline(Wire, frozen=True, kw_only=True):
    """`user.offline`: a partner's last connection went; `last_seen` where it may be known."""

    user_id: str
    offline_at: datetime
    last_seen: datetime | None = None


class Failure(Wire, frozen=True, kw_only=True):
    """`error`: a command was refused; `retry_after` in seconds."""

    code: str
    message: str = ""
    details: Any = None
    retry_after: float | None = None
    temp_id: str | None = None
    request_id: str | None = None


class ResumeDone(Wire, frozen=True, kw_only=True):
    """`resume.done`: what was missed has been sent."""

    position: int
    epoch: str | None = None


class ResumeReset(ResumeDone, frozen=True, kw_only=True):
    """`resume.reset`: the log cannot say what was missed (expired, too_far, ahead, epoch): load a new snapshot."""

    reason: str = ""
