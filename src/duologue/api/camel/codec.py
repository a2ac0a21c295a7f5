"""Dialect A's `Codec`: which frames a fact makes for whom, in the order of G-07 (design parts 4 and 5). Pure."""

from collections.abc import Mapping, Sequence
from typing import assert_never
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from duologue.api.camel.errors import command_text
from duologue.api.camel.frames import (
    AuthFailed,
    ConversationDeleted,
    ConversationPreview,
    ConversationUpdated,
    Delivered,
    Error,
    Hello,
    MessageDeleted,
    MessageError,
    MessageNew,
    MessageSent,
    NotificationUnread,
    Pong,
    ReadAck,
    ReadUpdate,
    ResumeDone,
    ResumeReset,
    StatusBulk,
    Typing,
    UserOffline,
    UserOnline,
    conversation_or_unset,
    frame,
)
from duologue.api.camel.wire import BlockDTO, MeDTO, MessageDTO, MessageShortDTO, UserShortDTO
from duologue.api.codes import INVALID_TOKEN, whole_seconds
from duologue.api.groups import Groups, OfConversation, Rarer, Updating
from duologue.api.wire import timestamp
from duologue.core import events
from duologue.core.errors import ChatError, Unauthorized
from duologue.core.events import Notice, PresenceChanged, TypingChanged
from duologue.core.items import Marked
from duologue.core.model import Block, Message, Unread
from duologue.realtime.codec import CommandId, Greeting, ResetReason


class CamelCodec(Groups):
    """The frames of dialect A."""

    # -- facts ------------------------------------------------------------------------------------------------------------

    def message(
        self, fact: events.MessageSent, notice: Notice, *, origin: bool = False, command_id: CommandId = None
    ) -> bytes:
        """`message.new`, or `message.sent` to the connection whose command it was."""
        viewer_id, message = notice.user_id, fact.message
        dto = MessageDTO.of(message, viewer_id)
        appearing = conversation_or_unset(notice.conversation, viewer_id)
        if origin:
            sent = MessageSent(message.temp_id, dto, notice.unread_count, notice.total_unread, appearing)
            return frame("message.sent", sent, position=notice.position, command_id=command_id)
        new = MessageNew(dto, notice.unread_count, notice.total_unread, appearing)
        return frame("message.new", new, position=notice.position)

    def first(self, fact: Rarer, notice: Notice, command_id: CommandId) -> bytes:
        """The first frame of any other fact."""
        kind, payload = _kind_and_payload(fact, notice)
        return frame(kind, payload, position=notice.position, command_id=command_id)

    def preview(self, message: Message) -> bytes:
        """`conversation.updated` after a message."""
        short = MessageShortDTO.of(message, message.sender_id)
        return frame("conversation.updated", ConversationPreview(message.conversation_id, short))

    def unread(self, conversation_id: UUID, notice: Notice) -> bytes:
        """`notification.unread`."""
        payload = NotificationUnread(conversation_id, notice.total_unread, notice.unread_count)
        return frame("notification.unread", payload)

    # -- ephemeral events -------------------------------------------------------------------------------------------------

    def ephemeral(self, event: TypingChanged | PresenceChanged, viewer_id: UUID) -> bytes | None:
        """Typing and presence."""
        if isinstance(event, TypingChanged):
            kind = "typing.start" if event.is_typing else "typing.stop"
            return frame(kind, Typing(event.conversation_id, event.user_id))
        at = timestamp(event.at)
        if event.is_online:
            return frame("user.online", UserOnline(event.user_id, at))
        return frame("user.offline", UserOffline(event.user_id, at, at if viewer_id in event.last_seen_to else UNSET))

    # -- the connection ---------------------------------------------------------------------------------------------------

    def greeting(self, greeting: Greeting, command_id: CommandId = None) -> Sequence[bytes]:
        """`auth_success` and `connection.success`, alike (C-22)."""
        return (self.authenticated(greeting, command_id), frame("connection.success", _hello(greeting)))

    def authenticated(self, greeting: Greeting, command_id: CommandId) -> bytes:
        """`auth_success` (C-25)."""
        return frame("auth_success", _hello(greeting), command_id=command_id)

    def auth_failed(self, error: ChatError, command_id: CommandId = None) -> bytes:
        """`auth_failed`: of a token that is none, always the same text (ERR-22)."""
        text = INVALID_TOKEN if type(error) is Unauthorized else error.message
        return frame("auth_failed", AuthFailed(text), command_id=command_id)

    def statuses(self, statuses: Mapping[UUID, bool]) -> bytes:
        """`status.bulk`."""
        return frame("status.bulk", StatusBulk(statuses))

    def unread_totals(self, unread: Unread) -> bytes:
        """`notification.unread` of no conversation."""
        return frame("notification.unread", NotificationUnread(None, unread.total))

    def resume_done(self, position: int, epoch: str, command_id: CommandId = None) -> bytes:
        """`resume.done`."""
        return frame("resume.done", ResumeDone(position, epoch), command_id=command_id)

    def resume_reset(self, position: int, epoch: str, reason: ResetReason, command_id: CommandId = None) -> bytes:
        """`resume.reset`."""
        return frame("resume.reset", ResumeReset(position, epoch, reason.value), command_id=command_id)

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
        """`error`, and after it `message.error` for a failed send (C-23)."""
        code, text = error.code, command_text(command, error)
        echoed: str | UnsetType = UNSET if temp_id is None else temp_id
        details = UNSET if error.details is None else error.details
        first = frame(
            "error", Error(code, text, echoed, details, whole_seconds(error.retry_after)), command_id=command_id
        )
        if command != "message.send":
            return (first,)
        return (first, frame("message.error", MessageError(temp_id, text, code), command_id=command_id))

    def pong(self, at: str, position: int, command_id: CommandId) -> bytes:
        """`pong`."""
        return frame("pong", Pong(at, at, position), command_id=command_id)

    def sent_before(self, message: Message, temp_id: str | None, command_id: CommandId) -> bytes:
        """`message.sent` to a retry: the original, no position (design part 1, Idempotent send)."""
        payload = MessageSent(temp_id, MessageDTO.of(message, message.sender_id), replayed=True)
        return frame("message.sent", payload, command_id=command_id)

    def nothing_read(self, marked: Marked, command_id: CommandId) -> bytes:
        """`message.read_ack` of no fact: nothing was marked (design part 5, Receipts)."""
        payload = ReadAck(marked.conversation_id, 0, None, marked.unread_count, marked.total_unread)
        return frame("message.read_ack", payload, command_id=command_id)

    def blocked_before(self, block: Block, command_id: CommandId) -> bytes:
        """`block.added` of a block that stood already (G-13)."""
        return frame("block.added", BlockDTO.of(block), command_id=command_id)


def _kind_and_payload(fact: Rarer, notice: Notice) -> tuple[str, Struct]:
    match fact:
        case events.MessagesRead():
            if fact.reader_id == notice.user_id:
                return "message.read_ack", _read_ack(fact, notice)
            return "message.read_update", _read_update(fact)
        case events.MessagesDelivered():
            return "message.delivered", Delivered(fact.conversation_id, fact.up_to, timestamp(fact.delivered_at))
        case events.MessageDeleted():
            return "message.deleted", _message_deleted(fact, notice)
        case _:
            return _of_conversation(fact, notice)


def _of_conversation(fact: OfConversation, notice: Notice) -> tuple[str, Struct]:
    match fact:
        case events.ConversationDeleted():
            gone = ConversationDeleted(fact.conversation_id, notice.unread_count, notice.total_unread)
            return "conversation.deleted", gone
        case events.BlockChanged() if fact.block.blocker_id == notice.user_id:
            return "block.added" if fact.added else "block.removed", BlockDTO.of(fact.block)
        case events.SettingsChanged():
            return "settings.updated", MeDTO.of(fact.user)
        case _:
            return "conversation.updated", _updated(fact, notice)


def _updated(fact: Updating, notice: Notice) -> ConversationUpdated:
    match fact:
        case events.ConversationOpened():
            appearing = conversation_or_unset(notice.conversation, notice.user_id)
            return ConversationUpdated(
                fact.conversation_id, notice.unread_count, notice.total_unread, None, conversation=appearing
            )
        case events.BlockChanged():
            return _block_effect(fact, notice)
        case events.UserChanged():
            other = UserShortDTO.of(fact.profile)
            return ConversationUpdated(fact.conversation_id, notice.unread_count, notice.total_unread, other_user=other)
        case _:
            assert_never(fact)


def _message_deleted(fact: events.MessageDeleted, notice: Notice) -> MessageDeleted:
    return MessageDeleted(
        fact.conversation_id,
        fact.message_id,
        timestamp(fact.deleted_at),
        notice.unread_count,
        notice.total_unread,
    )


def _read_ack(fact: events.MessagesRead, notice: Notice) -> ReadAck:
    up_to = fact.reader_up_to or fact.up_to
    return ReadAck(
        fact.conversation_id,
        fact.count,
        timestamp(fact.read_at),
        notice.unread_count,
        notice.total_unread,
        UNSET if up_to is None else up_to,
        fact.message_ids if up_to is None else UNSET,
    )


def _read_update(fact: events.MessagesRead) -> ReadUpdate:
    return ReadUpdate(
        fact.conversation_id,
        fact.message_ids,
        fact.count,
        fact.reader_id,
        timestamp(fact.read_at),
        UNSET if fact.up_to is None else fact.up_to,
    )


def _block_effect(fact: events.BlockChanged, notice: Notice) -> ConversationUpdated:
    if fact.conversation_id is None:
        raise ValueError("a block without a conversation has no notice for the other user")
    return ConversationUpdated(
        fact.conversation_id,
        notice.unread_count,
        notice.total_unread,
        is_blocked=fact.is_blocked,
        hidden=fact.hidden,
        conversation=conversation_or_unset(notice.conversation, notice.user_id),
    )


def _hello(greeting: Greeting) -> Hello:
    return Hello(
        greeting.user_id,
        greeting.connection_id,
        timestamp(greeting.connected_at),
        greeting.position,
        greeting.epoch,
    )
