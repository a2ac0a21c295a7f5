"""A model of the server for one user: what they do and what partners do, the facts that follow, and the snapshot at any time.

It is the oracle of the reducer's properties; the product's own property test runs against the real server.
"""

import copy
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from duologue.client import Frame, Inbox
from duologue.client.codec import decode
from duologue.client.wire import Block, Conversation, Message, User

ME = User(id="me", username="me")
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Chat:
    """A conversation with one partner. `messages` are MessageDTOs, oldest first."""

    partner: str
    opened_at: str
    messages: list[dict[str, Any]] = field(default_factory=list)
    read_to: int = 0

    @property
    def unread(self) -> int:
        """How many messages of the partner stand after the mark."""
        return sum(1 for message in self.messages[self.read_to :] if message["senderId"] != "me")


@dataclass
class State:
    """What is true at one time."""

    chats: dict[str, Chat] = field(default_factory=dict)
    blocks: dict[str, dict[str, Any]] = field(default_factory=dict)
    blocked_by: set[str] = field(default_factory=set)

    @property
    def total(self) -> int:
        """Unread messages of the listed conversations."""
        return sum(chat.unread for partner, chat in self.chats.items() if partner not in self.blocked_by)

    def conversation(self, partner: str) -> dict[str, Any]:
        """Render a ConversationDTO."""
        chat = self.chats[partner]
        last = chat.messages[-1] if chat.messages else None
        return {
            "id": f"c-{partner}",
            "otherUser": {"id": partner, "username": partner},
            "lastMessage": last,
            "unreadCount": chat.unread,
            "updatedAt": last["createdAt"] if last else chat.opened_at,
            "isBlocked": partner in self.blocks or partner in self.blocked_by,
        }

    def counts(self, partner: str) -> dict[str, int]:
        """Render the absolute counts of a first frame."""
        return {"unreadCount": self.chats[partner].unread, "totalUnread": self.total}

    def inbox(self, position: int) -> Inbox:
        """Render the snapshot, as REST would."""
        inbox = Inbox(ME, position=position)
        listed = [self.conversation(partner) for partner in self.chats if partner not in self.blocked_by]
        inbox.load_conversations(msgspec.convert(listed, list[Conversation]))
        for partner, chat in self.chats.items():
            inbox.load_messages(f"c-{partner}", msgspec.convert(chat.messages, list[Message]))
        inbox.load_blocks(msgspec.convert(list(self.blocks.values()), list[Block]))
        inbox.total_unread = self.total
        return inbox


@dataclass
class Fact:
    """A row of the log: what it refers to."""

    kind: str
    partner: str
    data: dict[str, Any] = field(default_factory=dict)


class World:
    """The user's server. Each step may append one fact; `states[p]` is the state at position p, `live[p - 1]` its frame."""

    def __init__(self) -> None:
        self.now = State()
        self.states = [copy.deepcopy(self.now)]
        self.log: list[Fact] = []
        self.live: list[Frame] = []
        self._clock = 0

    def step(self, action: str, partner: str, number: int) -> None:
        """Do something, if it may be done."""
        known = len(self.log)
        getattr(self, f"_{action}")(partner, number)
        if len(self.log) > known:
            frame = self.frame(len(self.log), self.now)
            assert frame is not None
            self.live.append(frame)
            self.states.append(copy.deepcopy(self.now))

    def replayed(self, after: int) -> list[Frame]:
        """Render the facts after a position as a replay does: as they are now, without what may not be shown now."""
        frames = [self.frame(position, self.now) for position in range(after + 1, len(self.log) + 1)]
        return [frame for frame in frames if frame is not None]

    def frame(self, position: int, state: State) -> Frame | None:
        """Render the first frame of a fact; the opening of a conversation that is hidden is not shown."""
        fact = self.log[position - 1]
        if fact.kind == "opened" and fact.partner in state.blocked_by:
            return None
        kind, payload = getattr(self, f"_show_{fact.kind}")(fact, state)
        return decode(json.dumps({"type": kind, "payload": payload, "position": position}))

    # -- what happens -------------------------------------------------------------------------------------------------

    def _open(self, partner: str, _: int) -> None:
        blocked = partner in self.now.blocks or partner in self.now.blocked_by
        if partner not in self.now.chats and not blocked:
            self.now.chats[partner] = Chat(partner, self._time())
            self.log.append(Fact("opened", partner))

    def _receive(self, partner: str, _: int) -> None:
        self._message(partner, partner)

    def _send(self, partner: str, _: int) -> None:
        self._message(partner, "me")

    def _message(self, partner: str, sender: str) -> None:
        if partner not in self.now.chats or partner in self.now.blocks or partner in self.now.blocked_by:
            return
        at = self._time()
        found = {"id": f"m-{self._clock:04d}", "conversationId": f"c-{partner}", "senderId": sender, "content": "hi"}
        times = {"createdAt": at, "updatedAt": at}
        self.now.chats[partner].messages.append(found | times | {"isRead": False, "readAt": None, "status": "sent"})
        self.log.append(Fact("message", partner, {"id": found["id"], "mine": sender == "me"}))

    def _read(self, partner: str, number: int) -> None:
        """Read all (0), or up to some message."""
        self._mark(partner, number, reader="me")

    def _be_read(self, partner: str, number: int) -> None:
        if partner not in self.now.blocks and partner not in self.now.blocked_by:
            self._mark(partner, number, reader=partner)

    def _mark(self, partner: str, number: int, reader: str) -> None:
        chat = self.now.chats.get(partner)
        if chat is None or not chat.messages:
            return
        upto = chat.messages[: len(chat.messages) - number % len(chat.messages)]
        sender = partner if reader == "me" else "me"
        marked = [message for message in upto if message["senderId"] == sender and not message["isRead"]]
        if not marked:
            return
        at = self._time()
        for message in marked:
            message.update(isRead=True, readAt=at, status="read")
        if reader == "me":
            chat.read_to = max(chat.read_to, len(upto))
        ids = [message["id"] for message in reversed(marked)]
        told = {"ids": ids[:2], "count": len(ids), "upTo": upto[-1]["id"], "at": at, "by": reader}
        self.log.append(Fact("read", partner, told))

    def _block(self, partner: str, _: int) -> None:
        if partner not in self.now.blocks:
            at = self._time()
            block = {"id": f"b-{self._clock}", "blockedUser": {"id": partner, "username": partner}, "createdAt": at}
            self.now.blocks[partner] = block
            self.log.append(Fact("blocked", partner, block))

    def _unblock(self, partner: str, _: int) -> None:
        if partner in self.now.blocks:
            self.log.append(Fact("unblocked", partner, self.now.blocks.pop(partner)))

    def _be_blocked(self, partner: str, _: int) -> None:
        if partner not in self.now.blocked_by:
            self.now.blocked_by.add(partner)
            if partner in self.now.chats:
                self.log.append(Fact("block_of_me", partner, {"added": True}))

    def _be_unblocked(self, partner: str, _: int) -> None:
        if partner in self.now.blocked_by:
            self.now.blocked_by.remove(partner)
            if partner in self.now.chats:
                self.log.append(Fact("block_of_me", partner, {"added": False}))

    def _time(self) -> str:
        self._clock += 1
        return (EPOCH + timedelta(microseconds=self._clock)).isoformat().replace("+00:00", "Z")

    # -- what is shown ------------------------------------------------------------------------------------------------

    def _show_opened(self, fact: Fact, state: State) -> tuple[str, dict[str, Any]]:
        shown = {"conversationId": f"c-{fact.partner}", "lastMessage": None} | state.counts(fact.partner)
        return "conversation.updated", shown | {"conversation": state.conversation(fact.partner)}

    def _show_message(self, fact: Fact, state: State) -> tuple[str, dict[str, Any]]:
        (message,) = (m for m in state.chats[fact.partner].messages if m["id"] == fact.data["id"])
        return "message.sent" if fact.data["mine"] else "message.new", {"message": message} | state.counts(fact.partner)

    def _show_read(self, fact: Fact, state: State) -> tuple[str, dict[str, Any]]:
        data = fact.data
        named = {
            "conversationId": f"c-{fact.partner}",
            "messageIds": data["ids"],
            "upTo": data["upTo"],
            "readAt": data["at"],
        }
        if data["by"] == "me":
            return "message.read_ack", named | {"markedCount": data["count"]} | state.counts(fact.partner)
        return "message.read_update", named | {"count": data["count"], "readBy": data["by"]}

    def _show_blocked(self, fact: Fact, _: State) -> tuple[str, dict[str, Any]]:
        return "block.added", fact.data

    def _show_unblocked(self, fact: Fact, _: State) -> tuple[str, dict[str, Any]]:
        return "block.removed", fact.data

    def _show_block_of_me(self, fact: Fact, state: State) -> tuple[str, dict[str, Any]]:
        hidden = fact.partner in state.blocked_by
        shown = {
            "conversationId": f"c-{fact.partner}",
            "isBlocked": hidden or fact.partner in state.blocks,
            "hidden": hidden,
        }
        if not hidden and not fact.data["added"]:
            shown["conversation"] = state.conversation(fact.partner)
        return "conversation.updated", shown | state.counts(fact.partner)
