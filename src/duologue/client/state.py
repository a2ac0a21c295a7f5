"""What a user's client knows, as a value that facts change: `Inbox`. No I/O; loading it is in `snapshot`.

Start from a snapshot taken after its position (the header `Duologue-Position`), then apply every frame of the session. A fact
that the snapshot already holds changes nothing in the end: counts are absolute, and messages only move forward. Frames without
position say nothing that a fact does not (design part 4), so they are passed over.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from duologue.client.codec import Frame
from duologue.client.frames import (
    ConversationDeleted,
    ConversationUpdated,
    Delivered,
    MessageDeleted,
    MessageNew,
    ReadAck,
    ReadUpdate,
)
from duologue.client.merge import further, later_conversation, later_message, preview, without_presence
from duologue.client.wire import Block, Conversation, Message, User


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What two devices of one user must agree on: no presence, no profile fields. Lists are as the server orders them.

    How far a message came is its sender's matter: one that this user received is read or not.
    """

    conversations: tuple[Conversation, ...]
    messages: dict[str, tuple[Message, ...]]
    total_unread: int
    blocks: frozenset[tuple[str, str]]


class Inbox:
    """One user's conversations, loaded histories, totals and blocks, at `position`."""

    def __init__(self, user: User, *, position: int) -> None:
        self.user = user
        self.position = position
        self.total_unread = 0
        self.conversations: dict[str, Conversation] = {}
        self.messages: dict[str, dict[str, Message]] = {}
        self.blocks: dict[str, Block] = {}
        self._changes: dict[str, Callable[[Any], None]] = {
            "message.new": self._message,
            "message.sent": self._message,
            "message.read_ack": self._read_ack,
            "message.read_update": self._read_update,
            "message.delivered": self._delivered,
            "message.deleted": self._message_deleted,
            "conversation.updated": self._conversation,
            "conversation.deleted": self._conversation_deleted,
            "block.added": self._blocked,
            "block.removed": self._unblocked,
            "settings.updated": self._settings,
        }

    def load_conversations(self, conversations: Iterable[Conversation]) -> None:
        """Take in list items, whenever they were read after `position`."""
        for item in conversations:
            self.conversations[item.id] = later_conversation(self.conversations.get(item.id), item)

    def load_messages(self, conversation_id: str, messages: Iterable[Message]) -> None:
        """Take in a part of a history; from now on facts about it are kept."""
        history = self.messages.setdefault(conversation_id, {})
        for item in messages:
            history[item.id] = later_message(history.get(item.id), item)

    def load_blocks(self, blocks: Iterable[Block]) -> None:
        """Take in the list of blocks."""
        self.blocks.update((item.blocked_user.id, item) for item in blocks)

    def unloaded(self) -> list[str]:
        """Listed conversations whose history was never loaded."""
        return [key for key in self.conversations if key not in self.messages]

    def apply(self, frame: Frame) -> bool:
        """Apply a fact above `position`; False when the frame is none, or an old one."""
        if frame.position is None or frame.position <= self.position:
            return False
        self.position = frame.position
        change = self._changes.get(frame.type)
        if change is not None:
            change(frame.payload)
        return True

    def ordered(self) -> list[Conversation]:
        """The list, last message first (RA-08)."""
        return sorted(self.conversations.values(), key=lambda item: (item.updated_at, item.id), reverse=True)

    def history(self, conversation_id: str) -> list[Message]:
        """What is loaded of a conversation, newest first."""
        found = self.messages.get(conversation_id, {})
        return sorted(found.values(), key=lambda item: (item.created_at, item.id), reverse=True)

    def snapshot(self) -> Snapshot:
        """What this inbox holds, to compare with another."""
        listed = self.ordered()
        return Snapshot(
            conversations=tuple(without_presence(item) for item in listed),
            messages={item.id: tuple(map(self._compared, self.history(item.id))) for item in listed},
            total_unread=self.total_unread,
            blocks=frozenset((block.id, key) for key, block in self.blocks.items()),
        )

    def _message(self, payload: MessageNew) -> None:
        message = payload.message
        if payload.conversation is not None:
            self.load_conversations([payload.conversation])
        if message.conversation_id in self.messages:
            self.load_messages(message.conversation_id, [message])
        listed = self.conversations.get(message.conversation_id)
        if listed is not None:
            newer = replace(listed, last_message=preview(message), updated_at=message.created_at)
            self.conversations[listed.id] = later_conversation(listed, newer)
        self._count(message.conversation_id, payload.unread_count, payload.total_unread)

    def _read_ack(self, payload: ReadAck) -> None:
        if payload.read_at is not None:
            self._mark(payload, read_at=payload.read_at, mine=False)
        self._count(payload.conversation_id, payload.unread_count, payload.total_unread)

    def _read_update(self, payload: ReadUpdate) -> None:
        self._mark(payload, read_at=payload.read_at, mine=True)

    def _mark(self, marks: ReadAck | ReadUpdate, *, read_at: datetime, mine: bool) -> None:
        """Mark the named messages of the user (`mine`) or of the partner.

        All others up to `up_to` too where not all that were marked are named; where they are, the others were at least
        delivered: one of them may have been read when it was not to be shown.
        """
        key, named = marks.conversation_id, {*marks.message_ids}
        is_whole = isinstance(marks, ReadUpdate) and marks.count == len(marks.message_ids)
        if is_whole:
            self._reach(key, marks.up_to)
        elif marks.up_to is not None:
            named |= {marks.up_to, *(message.id for message in self._up_to(key, marks.up_to))}
        history = self.messages.get(key, {})
        for message in [history[id_] for id_ in named & history.keys()]:
            if not message.is_read and (message.sender_id == self.user.id) is mine:
                history[message.id] = replace(message, is_read=True, read_at=read_at, status="read")
        shown = self.conversations[key].last_message if key in self.conversations else None
        if shown and shown.id in named and (shown.sender_id == self.user.id) is mine:
            self._change(key, last_message=replace(shown, is_read=True))

    def _up_to(self, key: str, message_id: str | None) -> list[Message]:
        """The loaded messages up to one, itself included; none when it is not loaded."""
        history = self.messages.get(key, {})
        last = history.get(message_id or "")
        if last is None:
            return []
        return [one for one in history.values() if (one.created_at, one.id) <= (last.created_at, last.id)]

    def _delivered(self, payload: Delivered) -> None:
        self._reach(payload.conversation_id, payload.up_to)

    def _reach(self, key: str, message_id: str | None) -> None:
        """What this user sent, up to a message, is at least delivered."""
        for message in self._up_to(key, message_id):
            if message.sender_id == self.user.id:
                self.messages[key][message.id] = replace(message, status=further(message.status, "delivered"))

    def _message_deleted(self, payload: MessageDeleted) -> None:
        """Gone from the history; the preview keeps its place, without text (B-29)."""
        key = payload.conversation_id
        self.messages.get(key, {}).pop(payload.message_id, None)
        shown = self.conversations[key].last_message if key in self.conversations else None
        if shown and shown.id == payload.message_id:
            self._change(key, last_message=replace(shown, content=""))
        self._count(key, payload.unread_count, payload.total_unread)

    def _conversation_deleted(self, payload: ConversationDeleted) -> None:
        """Out of the list; if it comes back its history begins there."""
        self.conversations.pop(payload.conversation_id, None)
        self.messages[payload.conversation_id] = {}
        self._count(payload.conversation_id, payload.unread_count, payload.total_unread)

    def _compared(self, message: Message) -> Message:
        if message.sender_id == self.user.id:
            return replace(message, sender=None)
        return replace(message, sender=None, status="read" if message.is_read else "delivered")

    def _conversation(self, payload: ConversationUpdated) -> None:
        key = payload.conversation_id
        if payload.hidden:
            self.conversations.pop(key, None)
        elif payload.conversation is not None:
            self.load_conversations([payload.conversation])
            if payload.hidden is None:  # an opening, not a return: its history begins here
                self.messages.setdefault(key, {})
        changes = {"is_blocked": payload.is_blocked, "other_user": payload.other_user}
        self._change(key, **{name: value for name, value in changes.items() if value is not None})
        self._count(key, payload.unread_count, payload.total_unread)

    def _blocked(self, block: Block) -> None:
        self.blocks[block.blocked_user.id] = block
        self._show_block(block, stands=True)

    def _unblocked(self, block: Block) -> None:
        self.blocks.pop(block.blocked_user.id, None)
        self._show_block(block, stands=False)

    def _show_block(self, block: Block, *, stands: bool) -> None:
        """Where the other one blocks too, the conversation is not listed, so `is_blocked` is this user's own block."""
        for item in list(self.conversations.values()):
            if item.other_user.id == block.blocked_user.id:
                self._change(item.id, is_blocked=stands)

    def _settings(self, user: User) -> None:
        self.user = user

    def _count(self, key: str | None, unread: int | None, total: int | None) -> None:
        if total is not None:
            self.total_unread = total
        if key is not None and unread is not None:
            self._change(key, unread_count=unread)

    def _change(self, key: str, **fields: Any) -> None:
        listed = self.conversations.get(key)
        if listed is not None:
            self.conversations[key] = replace(listed, **fields)
