"""Dialect A's frames, word for word: which fact makes which frames for whom, in which order, and what they hold."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from duologue.api.camel.codec import CamelCodec
from duologue.api.camel.frames import EVENTS
from duologue.core.errors import (
    Blocked,
    Forbidden,
    Internal,
    NotFound,
    NotParticipant,
    RateLimited,
    TokenHasExpired,
    Unauthorized,
    Unavailable,
    ValidationFailed,
)
from duologue.core.events import (
    BlockChanged,
    ConversationOpened,
    MessageSent,
    MessagesRead,
    Notice,
    PresenceChanged,
    SettingsChanged,
    TypingChanged,
)
from duologue.core.items import Marked
from duologue.core.model import (
    Block,
    Conversation,
    Message,
    MessageType,
    Profile,
    Unread,
    User,
)
from duologue.realtime.codec import Greeting, ResetReason

ANN, BEN = UUID(int=1), UUID(int=2)
CHAT, MESSAGE, BLOCK = UUID(int=10), UUID(int=11), UUID(int=12)
ANN_, BEN_, CHAT_, MESSAGE_, BLOCK_ = map(str, (ANN, BEN, CHAT, MESSAGE, BLOCK))
AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
NOON = "2026-01-02T03:04:05.000000Z"

ANN_SHORT = {"id": ANN_, "username": "ann", "displayName": "Ann", "avatar": "https://a/1.png", "isOnline": True}
BEN_SHORT = {"id": BEN_, "username": "ben", "displayName": "ben", "avatar": "", "isOnline": False, "lastSeen": NOON}
DTO = {
    "id": MESSAGE_,
    "conversationId": CHAT_,
    "senderId": ANN_,
    "receiverId": BEN_,
    "type": "text",
    "content": "Hi <b>",
    "media": [],
    "status": "sent",
    "isRead": False,
    "createdAt": NOON,
    "updatedAt": NOON,
    "sender": ANN_SHORT,
}
SHORT = {
    "id": MESSAGE_,
    "senderId": ANN_,
    "type": "text",
    "content": "Hi <b>",
    "createdAt": NOON,
    "isRead": False,
}
PREVIEW = {"type": "conversation.updated", "payload": {"conversationId": CHAT_, "lastMessage": SHORT}}


def ann() -> Profile:
    """A profile with everything."""
    return Profile(ANN, "ann", "Ann", "https://a/1.png", is_online=True)


def ben() -> Profile:
    """A profile with as little as there can be, offline."""
    return Profile(BEN, "ben", None, None, last_seen_at=AT)


def sent(temp_id: str | None = "t1", **values: Any) -> MessageSent:
    """ANN wrote to BEN."""
    message = Message(MESSAGE, CHAT, ANN, BEN, MessageType.TEXT, "Hi <b>", AT, AT, temp_id, sender=ann(), **values)
    return MessageSent(message, (Notice(ANN, 4, 0, 9), Notice(BEN, 7, 2, 3)))


def view(other: Profile, **values: Any) -> Conversation:
    """The conversation as a list shows it."""
    return Conversation(CHAT, other, None, 0, AT, AT, **values)


@pytest.fixture
def codec() -> CamelCodec:
    """A dialect's codec."""
    return CamelCodec()


def read(frames: Sequence[bytes]) -> list[Any]:
    """Frames as JSON."""
    return [json.loads(frame) for frame in frames]


def test_the_senders_connection_is_answered_with_message_sent(codec: CamelCodec) -> None:
    """`tempId` and `id` are echoed; then the preview (WSA-15, WSA-22, G-07)."""
    fact = sent()
    message = {**DTO, "tempId": "t1"}
    payload = {"tempId": "t1", "message": message, "unreadCount": 0, "totalUnread": 9}
    assert read(codec.fact_frames(fact, fact.notices[0], origin=True, command_id=0)) == [
        {"type": "message.sent", "payload": payload, "position": 4, "id": 0},
        PREVIEW,
    ]


def test_the_senders_other_devices_get_message_new(codec: CamelCodec) -> None:
    """With the tempId, which is the sender's (G-06); no unread notification."""
    fact = sent()
    payload = {"message": {**DTO, "tempId": "t1"}, "unreadCount": 0, "totalUnread": 9}
    expected = [{"type": "message.new", "payload": payload, "position": 4}, PREVIEW]
    assert read(codec.fact_frames(fact, fact.notices[0])) == expected


def test_the_receiver_gets_three_frames_in_order(codec: CamelCodec) -> None:
    """`message.new`, `conversation.updated`, `notification.unread`; never the tempId (WSA-16, WSA-23)."""
    fact = sent()
    assert read(codec.fact_frames(fact, fact.notices[1])) == [
        {"type": "message.new", "payload": {"message": DTO, "unreadCount": 2, "totalUnread": 3}, "position": 7},
        PREVIEW,
        {
            "type": "notification.unread",
            "payload": {"conversationId": CHAT_, "totalUnread": 3, "unreadCount": 2},
        },
    ]


def test_both_users_share_the_bytes_of_the_preview(codec: CamelCodec) -> None:
    """Made once per message."""
    fact = sent()
    mine, theirs = (codec.fact_frames(fact, notice)[1] for notice in fact.notices)
    assert mine is theirs
    other = sent()
    other.message.content = "other"
    assert b"other" in codec.fact_frames(other, other.notices[0])[1]


def test_t080_a_send_without_temp_id_is_answered_with_null(codec: CamelCodec) -> None:
    """And the message has none (B-13)."""
    fact = sent(temp_id=None)
    payload = read(codec.fact_frames(fact, fact.notices[0], origin=True))[0]["payload"]
    assert payload["tempId"] is None
    assert "tempId" not in payload["message"]


def test_no_live_markup_stands_in_the_bytes(codec: CamelCodec) -> None:
    """C-58: `<` is an escape in every frame; what it means is unchanged."""
    fact = sent()
    frames = codec.fact_frames(fact, fact.notices[1])
    assert b"<" not in b"".join(frames)
    assert b"Hi \\u003cb>" in frames[0]


def test_a_read_message_replayed(codec: CamelCodec) -> None:
    """Today's state: the reader knows when it was read, the sender only if it was shown; `first_frame` has one frame."""
    fact = sent(read_at=AT, read_shown=False, delivered=True)
    mine, theirs = (json.loads(codec.first_frame(fact, notice) or b"") for notice in fact.notices)
    assert mine["payload"]["message"] == {**DTO, "tempId": "t1", "status": "delivered"}
    assert theirs["payload"]["message"] == {**DTO, "status": "read", "isRead": True, "readAt": NOON}


def test_a_conversation_that_appears_is_shown(codec: CamelCodec) -> None:
    """In the first frame alone (design part 4)."""
    fact = sent()
    fact.notices[1].conversation = view(ann())
    first = read(codec.fact_frames(fact, fact.notices[1]))[0]
    assert first["payload"]["conversation"] == {
        "id": CHAT_,
        "otherUser": ANN_SHORT,
        "lastMessage": None,
        "unreadCount": 0,
        "updatedAt": NOON,
        "isBlocked": False,
    }


def test_marking_is_acknowledged_to_the_reader_and_told_to_the_sender(codec: CamelCodec) -> None:
    """C-26, C-27, B-17: one time for both; the reader's totals; the sender's frame says whose."""
    notices = (Notice(BEN, 8, 0, 1), Notice(ANN, 5, 0, 9))
    fact = MessagesRead(CHAT, BEN, [MESSAGE], 120, MESSAGE, AT, notices)
    ack = {
        "conversationId": CHAT_,
        "markedCount": 120,
        "readAt": NOON,
        "unreadCount": 0,
        "totalUnread": 1,
        "upTo": MESSAGE_,
    }
    assert read(codec.fact_frames(fact, notices[0], origin=True, command_id="r")) == [
        {"type": "message.read_ack", "payload": ack, "position": 8, "id": "r"},
        {"type": "notification.unread", "payload": {"conversationId": CHAT_, "totalUnread": 1, "unreadCount": 0}},
    ]
    update = {
        "conversationId": CHAT_,
        "messageIds": [MESSAGE_],
        "count": 120,
        "readBy": BEN_,
        "readAt": NOON,
        "upTo": MESSAGE_,
    }
    expected = [{"type": "message.read_update", "payload": update, "position": 5}]
    assert read(codec.fact_frames(fact, notices[1])) == expected


def test_nothing_marked_is_no_fact(codec: CamelCodec) -> None:
    """A read_ack without position, 0 and null (design part 5, Receipts)."""
    assert json.loads(codec.nothing_read(Marked(CHAT, 0, None, 4, 6), "r")) == {
        "type": "message.read_ack",
        "payload": {
            "conversationId": CHAT_,
            "markedCount": 0,
            "readAt": None,
            "unreadCount": 4,
            "totalUnread": 6,
        },
        "id": "r",
    }


def test_an_opened_conversation(codec: CamelCodec) -> None:
    """`conversation.updated`, lastMessage null, the conversation as this user's list shows it."""
    fact = ConversationOpened(CHAT, (Notice(ANN, 1, 0, 0, view(ben())),))
    [frame] = read(codec.fact_frames(fact, fact.notices[0]))
    assert frame["type"] == "conversation.updated"
    assert frame["position"] == 1
    assert frame["payload"]["lastMessage"] is None
    assert frame["payload"]["conversation"]["otherUser"] == BEN_SHORT
    assert {"conversationId": CHAT_, "unreadCount": 0, "totalUnread": 0}.items() <= frame["payload"].items()


def test_a_block_for_both(codec: CamelCodec) -> None:
    """The blocker's devices learn whom they block, the other's that the conversation is hidden (design part 5, Blocks)."""
    blocked = ben()
    blocked.last_seen_at = None
    notices = (Notice(ANN, 6), Notice(BEN, 9, 2, 1))
    fact = BlockChanged(
        Block(BLOCK, ANN, blocked, AT, "spam"),
        added=True,
        conversation_id=CHAT,
        is_blocked=True,
        hidden=True,
        notices=notices,
    )
    short = {"id": BEN_, "username": "ben", "displayName": "ben", "avatar": "", "isOnline": False}
    assert read(codec.fact_frames(fact, notices[0], origin=True, command_id="b")) == [
        {
            "type": "block.added",
            "payload": {"id": BLOCK_, "blockedUser": short, "createdAt": NOON},
            "position": 6,
            "id": "b",
        }
    ]
    assert read(codec.fact_frames(fact, notices[1])) == [
        {
            "type": "conversation.updated",
            "payload": {
                "conversationId": CHAT_,
                "unreadCount": 2,
                "totalUnread": 1,
                "isBlocked": True,
                "hidden": True,
            },
            "position": 9,
        }
    ]


def test_an_unblock_shows_the_conversation_again(codec: CamelCodec) -> None:
    """`block.removed` here, the whole conversation there."""
    notices = (Notice(ANN, 6), Notice(BEN, 9, 2, 3, view(ann())))
    fact = BlockChanged(
        Block(BLOCK, ANN, ben(), AT),
        added=False,
        conversation_id=CHAT,
        is_blocked=False,
        hidden=False,
        notices=notices,
    )
    assert json.loads(codec.first_frame(fact, notices[0]) or b"")["type"] == "block.removed"
    payload = json.loads(codec.first_frame(fact, notices[1]) or b"")["payload"]
    assert payload["conversation"]["id"] == CHAT_
    assert payload["hidden"] is False


def test_settings_are_the_body_of_users_me(codec: CamelCodec) -> None:
    """Design part 4, Who gets a row."""
    fact = SettingsChanged(User(ANN, "ann", show_last_seen=False), (Notice(ANN, 3),))
    assert read(codec.fact_frames(fact, fact.notices[0])) == [
        {
            "type": "settings.updated",
            "payload": {
                "id": ANN_,
                "username": "ann",
                "displayName": "ann",
                "avatar": "",
                "whoCanMessage": "everyone",
                "sendReadReceipts": True,
                "showLastSeen": False,
            },
            "position": 3,
        }
    ]


@pytest.mark.parametrize(("is_typing", "kind"), [(True, "typing.start"), (False, "typing.stop")])
def test_typing_names_the_one_who_types(codec: CamelCodec, is_typing: bool, kind: str) -> None:  # noqa: FBT001
    """G-03; no position."""
    frame = codec.ephemeral(TypingChanged(CHAT, ANN, BEN, is_typing), BEN)
    assert json.loads(frame or b"") == {"type": kind, "payload": {"conversationId": CHAT_, "userId": ANN_}}


def test_presence_shows_last_seen_to_whom_it_may(codec: CamelCodec) -> None:
    """`userId` is the person whose status changed (B-09)."""
    online = codec.ephemeral(PresenceChanged(ANN, True, AT, (BEN,)), BEN)
    offline = PresenceChanged(ANN, False, AT, (BEN,), frozenset({BEN}))
    assert json.loads(online or b"") == {"type": "user.online", "payload": {"userId": ANN_, "onlineAt": NOON}}
    told = {"type": "user.offline", "payload": {"userId": ANN_, "offlineAt": NOON, "lastSeen": NOON}}
    assert json.loads(codec.ephemeral(offline, BEN) or b"") == told
    assert "lastSeen" not in json.loads(codec.ephemeral(offline, UUID(int=9)) or b"")["payload"]


def test_a_connection_is_greeted_twice_alike(codec: CamelCodec) -> None:
    """`auth_success` first, then `connection.success`, the same payload (C-22); the id of `auth` is echoed."""
    greeting = Greeting(ANN, UUID(int=20), AT + timedelta(microseconds=7), 12, "e1")
    payload = {
        "userId": ANN_,
        "connectionId": str(UUID(int=20)),
        "connectedAt": "2026-01-02T03:04:05.000007Z",
        "position": 12,
        "epoch": "e1",
    }
    assert read(codec.greeting(greeting, "a")) == [
        {"type": "auth_success", "payload": payload, "id": "a"},
        {"type": "connection.success", "payload": payload},
    ]


def test_the_connections_own_frames(codec: CamelCodec) -> None:
    """Position and epoch stand in the payload, because they are no facts."""
    frames = (
        codec.statuses({BEN: True, ANN: False}),
        codec.unread_totals(Unread(5, 2)),
        codec.resume_done(12, "e1", "r"),
        codec.resume_reset(12, "e1", ResetReason.TOO_FAR),
        codec.pong(NOON, 12, None),
    )
    assert read(frames) == [
        {"type": "status.bulk", "payload": {"statuses": {BEN_: True, ANN_: False}}},
        {"type": "notification.unread", "payload": {"conversationId": None, "totalUnread": 5}},
        {"type": "resume.done", "payload": {"position": 12, "epoch": "e1"}, "id": "r"},
        {"type": "resume.reset", "payload": {"position": 12, "epoch": "e1", "reason": "too_far"}},
        {"type": "pong", "payload": {"timestamp": NOON, "serverTime": NOON, "position": 12}},
    ]


def test_a_retry_is_answered_with_the_original(codec: CamelCodec) -> None:
    """`replayed: true`, no position and no counts (G-08)."""
    frame = json.loads(codec.sent_before(sent().message, "t2", "c"))
    payload = {"tempId": "t2", "message": {**DTO, "tempId": "t1"}, "replayed": True}
    assert frame == {"type": "message.sent", "payload": payload, "id": "c"}


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (Blocked(), "BLOCKED", "Cannot send message: user is blocked"),
        (NotFound("Conversation not found"), "NOT_FOUND", "Conversation not found"),
        (NotParticipant(), "FORBIDDEN", "Not a participant"),
        (ValidationFailed("content cannot be empty"), "VALIDATION_ERROR", "content cannot be empty"),
        (Internal("a secret of ours"), "INTERNAL_ERROR", "Failed to send message"),
    ],
)
def test_a_failed_send_is_told_twice(codec: CamelCodec, error: Any, code: str, text: str) -> None:
    """`error`, then `message.error`, with the tempId and the id (C-23, B-11, ERR-19, ERR-20)."""
    assert read(codec.refused(error, "message.send", temp_id="t1", command_id=3)) == [
        {"type": "error", "payload": {"code": code, "message": text, "tempId": "t1"}, "id": 3},
        {"type": "message.error", "payload": {"tempId": "t1", "error": text, "code": code}, "id": 3},
    ]


def test_a_failed_read_is_told_once(codec: CamelCodec) -> None:
    """ERR-21: what went wrong inside is not told."""
    expected = [{"type": "error", "payload": {"code": "INTERNAL_ERROR", "message": "Failed to mark as read"}}]
    assert read(codec.refused(Internal("secret"), "message.read")) == expected


def test_retry_after_is_in_whole_seconds(codec: CamelCodec) -> None:
    """Rounded up, at least one (G-34)."""
    limited = RateLimited(retry_after=0.2, limit=30, reset_at=1.0)
    away = Unavailable(retry_after=4.01)
    assert json.loads(codec.error(limited))["payload"]["retryAfter"] == 1
    assert json.loads(codec.error(away))["payload"]["retryAfter"] == 5


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (Unauthorized("whatever it was"), "Invalid token"),
        (TokenHasExpired(), "Token expired"),
        (Forbidden("User is deactivated"), "User is deactivated"),
    ],
)
def test_t068_auth_failed_says_why(codec: CamelCodec, error: Any, text: str) -> None:
    """ERR-22."""
    assert json.loads(codec.auth_failed(error)) == {"type": "auth_failed", "payload": {"message": text}}


def test_c05_every_event_of_the_seeds_is_in_the_table() -> None:
    """The union of what they name, and ours; nothing is sent that is not in it."""
    seeds = {
        *("auth_success", "auth_failed", "connection.success", "pong", "error", "status.bulk"),
        *("message.new", "message.sent", "message.error", "message.read_ack", "message.read_update"),
        *("conversation.updated", "notification.unread", "user.online", "user.offline"),
        *("typing.start", "typing.stop", "block.added", "block.removed"),
    }
    ours = {
        "resume.done",
        "resume.reset",
        "settings.updated",
        "message.delivered",
        "message.deleted",
        "conversation.deleted",
    }
    assert seeds | ours == set(EVENTS)
