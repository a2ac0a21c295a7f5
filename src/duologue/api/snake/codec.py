"""Dialect B's `Codec`: which frames a fact makes for whom, in the order of G-07 (design parts 4 and 5). Pure."""

from collections.abc import Mapping, Sequence
from typing import assert_never
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import astuple

from duologue.api.codes import COMMAND_FAILED, INVALID_TOKEN, READ_FAILED, SEND_FAILED, socket_text, whole_seconds
from duologue.api.groups import Groups, OfConversation, Rarer, Updating
from duologue.api.snake.frames import (
    AuthFailed,
    AuthSuccess,
    ConversationDeleted,
    ConversationPreview,
    ConversationUpdated,
    Error,
    MessageDeleted,
    MessageDelivered,
    MessageRead,
    MessageReadAck,
    MessageSent,
    NewMessage,
    Pong,
    ResumeDone,
    ResumeReset,
    StatusBulk,
    UnreadCount,
    UserStatus,
    UserTyping,
    frame,
)
from duologue.api.snake.wire import (
    BlockedUserResponse,
    ConversationResponse,
    LastMessageResponse,
    MeResponse,
    MessageResponse,
    ParticipantResponse,
)
from duologue.api.wire import timestamp
from duologue.core import events
from duologue.core.errors import ChatError, Unauthorized
from duologue.core.events import Notice, PresenceChanged, TypingChanged
from duologue.core.items import Marked
from duologue.core.model import Conversation, Message, Unread
from duologue.realtime.codec import CommandId, Greeting, ResetReason

_FAILED = {"message": SEND_FAILED, "read": READ_FAILED}


class SnakeCodec(Groups):
    """The frames of dialect B."""

    # -- facts ------------------------------------------------------------------------------------------------------------

    def message(
        self, fact: events.MessageSent, notice: Notice, *, origin: bool = False, command_id: CommandId = None
    ) -> bytes:
        """`new_message`, or `message_sent` to the connection whose command it was."""
        fields = astuple(MessageResponse.of(fact.message, notice.user_id))
        unread, total = notice.unread_count, notice.total_unread
        appearing = _appearing(notice.conversation, notice.user_id)
        if origin:
            sent = MessageSent(*fields, unread_count=unread, total_unread=total, conversation=appearing)
            return frame("message_sent", sent, position=notice.position, command_id=command_id)
        new = NewMessage(*fields, unread_count=unread, total_unread=total, conversation=appearing)
        return frame("new_message", new, position=notice.position)

    def first(self, fact: Rarer, notice: Notice, command_id: CommandId) -> bytes:
        """The first frame of any other fact."""
        kind, data = _kind_and_data(fact, notice)
        return frame(kind, data, position=notice.position, command_id=command_id)

    def preview(self, message: Message) -> bytes:
        """`conversation_updated` after a message."""
        short = LastMessageResponse.of(message, message.sender_id)
        return frame("conversation_updated", ConversationPreview(message.conversation_id, short))

    def unread(self, conversation_id: UUID, notice: Notice) -> bytes:
        """`unread_count`."""
        return frame("unread_count", UnreadCount(conversation_id, notice.total_unread, notice.unread_count))

    # -- ephemeral events -------------------------------------------------------------------------------------------------

    def ephemeral(self, event: TypingChanged | PresenceChanged, viewer_id: UUID) -> bytes | None:
        """Typing and presence."""
        if isinstance(event, TypingChanged):
            return frame("user_typing", UserTyping(event.conversation_id, event.user_id, event.is_typing))
        shows = not event.is_online and viewer_id in event.last_seen_to
        return frame("user_status", UserStatus(event.user_id, event.is_online, timestamp(event.at) if shows else None))

    # -- the connection ---------------------------------------------------------------------------------------------------

    def greeting(self, greeting: Greeting, command_id: CommandId = None) -> Sequence[bytes]:
        """`auth_success`, once."""
        return (self.authenticated(greeting, command_id),)

    def authenticated(self, greeting: Greeting, command_id: CommandId) -> bytes:
        """`auth_success`."""
        data = AuthSuccess(
            greeting.user_id,
            greeting.connection_id,
            timestamp(greeting.connected_at),
            greeting.position,
            greeting.epoch,
        )
        return frame("auth_success", data, command_id=command_id)

    def auth_failed(self, error: ChatError, command_id: CommandId = None) -> bytes:
        """`auth_failed`: of a token that is none, always the same text (ERR-22)."""
        text = INVALID_TOKEN if type(error) is Unauthorized else error.message
        return frame("auth_failed", AuthFailed(text), command_id=command_id)

    def statuses(self, statuses: Mapping[UUID, bool]) -> bytes:
        """`status_bulk`."""
        return frame("status_bulk", StatusBulk(statuses))

    def unread_totals(self, unread: Unread) -> bytes:
        """`unread_count` of no conversation."""
        return frame("unread_count", UnreadCount(None, unread.total, unread_conversations=unread.conversations))

    def resume_done(self, position: int, epoch: str, command_id: CommandId = None) -> bytes:
        """`resume_done`."""
        return frame("resume_done", ResumeDone(position, epoch), command_id=command_id)

    def resume_reset(self, position: int, epoch: str, reason: ResetReason, command_id: CommandId = None) -> bytes:
        """`resume_reset`."""
        return frame("resume_reset", ResumeReset(position, epoch, reason.value), command_id=command_id)

    # -- answers to commands ----------------------------------------------------------------------------------------------

    def error(self, error: ChatError, command_id: CommandId = None) -> bytes:
        """`error`, of what is no command."""
        return self.refused(error, "", command_id=command_id)[0]

    def refused(
        self,
        error: ChatError,
        command: str,
        *,
        temp_id: str | None = None,
        command_id: CommandId = None,
    ) -> Sequence[bytes]:
        """`error`."""
        data = Error(
            error.code,
            socket_text(error, failed=_FAILED.get(command, COMMAND_FAILED)),
            UNSET if temp_id is None else temp_id,
            UNSET if error.details is None else error.details,
            whole_seconds(error.retry_after),
        )
        return (frame("error", data, command_id=command_id),)

    def pong(self, at: str, position: int, command_id: CommandId) -> bytes:
        """`pong`."""
        return frame("pong", Pong(at, at, position), command_id=command_id)

    def sent_before(self, message: Message, temp_id: str | None, command_id: CommandId) -> bytes:
        """`message_sent` to a retry: the original, no position (design part 1, Idempotent send)."""
        dto = MessageResponse.of(message, message.sender_id)
        dto.temp_id = temp_id
        return frame("message_sent", MessageSent(*astuple(dto), replayed=True), command_id=command_id)

    def nothing_read(self, marked: Marked, command_id: CommandId) -> bytes:
        """`message_read_ack` of no fact: nothing was marked (design part 5, Receipts)."""
        data = MessageReadAck(marked.conversation_id, 0, None, marked.unread_count, marked.total_unread)
        return frame("message_read_ack", data, command_id=command_id)


def _appearing(conversation: Conversation | None, viewer_id: UUID) -> ConversationResponse | UnsetType:
    return UNSET if conversation is None else ConversationResponse.of(conversation, viewer_id)


def _kind_and_data(fact: Rarer, notice: Notice) -> tuple[str, Struct]:
    match fact:
        case events.MessagesRead():
            if fact.reader_id == notice.user_id:
                return "message_read_ack", _read_ack(fact, notice)
            return "message_read", _read(fact)
        case events.MessagesDelivered():
            return "message_delivered", MessageDelivered(fact.conversation_id, fact.up_to, timestamp(fact.delivered_at))
        case events.MessageDeleted():
            return "message_deleted", _deleted(fact, notice)
        case _:
            return _of_conversation(fact, notice)


def _of_conversation(fact: OfConversation, notice: Notice) -> tuple[str, Struct]:
    match fact:
        case events.ConversationDeleted():
            gone = ConversationDeleted(fact.conversation_id, notice.unread_count, notice.total_unread)
            return "conversation_deleted", gone
        case events.BlockChanged() if fact.block.blocker_id == notice.user_id:
            return "block_added" if fact.added else "block_removed", BlockedUserResponse.of(fact.block)
        case events.SettingsChanged():
            return "settings_updated", MeResponse.of(fact.user)
        case _:
            return "conversation_updated", _updated(fact, notice)


def _updated(fact: Updating, notice: Notice) -> ConversationUpdated:
    if fact.conversation_id is None:
        raise ValueError("a block without a conversation has no notice for the other user")
    data = ConversationUpdated(fact.conversation_id, notice.unread_count, notice.total_unread)
    match fact:
        case events.ConversationOpened():
            data.last_message = None
            data.conversation = _appearing(notice.conversation, notice.user_id)
        case events.BlockChanged():
            data.is_blocked, data.hidden = fact.is_blocked, fact.hidden
            data.conversation = _appearing(notice.conversation, notice.user_id)
        case events.UserChanged():
            data.other_user = ParticipantResponse.of(fact.profile)
        case _:
            assert_never(fact)
    return data


def _deleted(fact: events.MessageDeleted, notice: Notice) -> MessageDeleted:
    return MessageDeleted(
        fact.conversation_id,
        fact.message_id,
        timestamp(fact.deleted_at),
        notice.unread_count,
        notice.total_unread,
    )


def _read_ack(fact: events.MessagesRead, notice: Notice) -> MessageReadAck:
    return MessageReadAck(
        fact.conversation_id,
        fact.count,
        timestamp(fact.read_at),
        notice.unread_count,
        notice.total_unread,
        UNSET if fact.up_to is None else fact.up_to,
    )


def _read(fact: events.MessagesRead) -> MessageRead:
    return MessageRead(
        fact.message_ids[0],
        fact.conversation_id,
        fact.reader_id,
        timestamp(fact.read_at),
        fact.message_ids,
        fact.count,
        UNSET if fact.up_to is None else fact.up_to,
    )
