"""The inbox: a snapshot plus the facts above it is a fresh snapshot, whatever is repeated and wherever it began."""

import json
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.client.standin import CONVERSATION, ME, NOW, conversation, message
from tests.client.world import World

from duologue.client import Frame, Inbox
from duologue.client.codec import decode
from duologue.client.frames import UnreadNotice
from duologue.client.merge import later_message
from duologue.client.wire import Conversation, Message, User

ACTIONS = [
    "open",
    "receive",
    "send",
    "read",
    "be_read",
    "block",
    "unblock",
    "be_blocked",
    "be_unblocked",
]
PARTNERS = st.sampled_from(["p", "q"])


@st.composite
def histories(draw: st.DrawFn, actions: Sequence[str] = ACTIONS) -> tuple[World, int, int, int]:
    """Draw a history, two places in it (where a client's position is, and where its snapshot was read), and a place before."""
    world = World()
    for partner in ("p", "q"):
        world.step("open", partner, 0)
    steps = st.lists(st.tuples(st.sampled_from(actions), PARTNERS, st.integers(0, 3)), max_size=40)
    for action, partner, number in draw(steps):
        world.step(action, partner, number)
    head = len(world.log)
    position = draw(st.integers(0, head))
    return world, position, draw(st.integers(position, head)), draw(st.integers(0, position))


@given(histories())
def test_facts_as_they_happen_add_up_to_a_fresh_snapshot(drawn: tuple[World, int, int, int]) -> None:
    """After every single fact, not only at the end."""
    world, *_ = drawn
    inbox = world.states[0].inbox(0)
    for position, frame in enumerate(world.live, 1):
        assert inbox.apply(frame)
        assert inbox.snapshot() == world.states[position].inbox(position).snapshot()


@given(histories())
def test_facts_that_the_snapshot_holds_change_nothing_in_the_end(drawn: tuple[World, int, int, int]) -> None:
    """The position is taken before the data, so the data may be newer: what lies between is applied to it again."""
    world, position, read, _ = drawn
    inbox = world.states[read].inbox(position)
    for frame in world.live[position:]:
        inbox.apply(frame)
    assert inbox.snapshot() == world.now.inbox(0).snapshot()


@given(histories(["open", "receive", "send", "read", "be_read"]))
def test_what_only_moves_forward_does_not_go_back_meanwhile(drawn: tuple[World, int, int, int]) -> None:
    """While older facts are applied to newer data, no message becomes unread and no preview older."""
    world, position, read, _ = drawn
    inbox, newer = world.states[read].inbox(position), world.states[read].inbox(position)
    for frame in world.live[position:read]:
        inbox.apply(frame)
        for key, known in newer.conversations.items():
            assert inbox.conversations[key].last_message == known.last_message
            assert inbox.conversations[key].updated_at == known.updated_at
            assert inbox.history(key) == newer.history(key)


@pytest.mark.parametrize(
    ("known", "again", "kept"),
    [
        ("sent", "delivered", "delivered"),
        ("delivered", "sent", "delivered"),
        ("read", "sent", "read"),
        ("sent", "new", "sent"),
    ],
)
def test_a_status_never_goes_back(known: str, again: str, kept: str) -> None:
    """Sent, delivered, read: whichever reading came last; what a newer server may add stands below."""
    first, second = (msgspec.convert(message(1) | {"status": status}, Message) for status in (known, again))
    assert later_message(first, second).status == kept


@given(histories())
def test_facts_replayed_as_they_are_today_add_up_too(drawn: tuple[World, int, int, int]) -> None:
    """A replay renders today's state, on a snapshot of any age, whose data may again be newer than its position.

    Where an opening is left out, since it was hidden when it was replayed, the history is loaded as the inbox asks.
    """
    world, position, read, _ = drawn
    inbox, fresh = world.states[read].inbox(position), world.now.inbox(0)
    for frame in world.replayed(position):
        inbox.apply(frame)
    for key in inbox.unloaded():
        inbox.load_messages(key, fresh.messages[key].values())
    assert inbox.snapshot() == fresh.snapshot()


@given(histories())
def test_repeated_facts_change_nothing(drawn: tuple[World, int, int, int]) -> None:
    """What is not above the position is refused, however often and from wherever it comes again."""
    world, position, _, before = drawn
    inbox = world.states[position].inbox(position)
    known = inbox.snapshot()
    for frame in (*world.live[before:position], *world.live[:position]):
        assert not inbox.apply(frame)
        assert inbox.snapshot() == known
    for frame in world.live[position:]:
        inbox.apply(frame)
        inbox.apply(frame)
    assert inbox.snapshot() == world.now.inbox(0).snapshot()


@given(histories())
def test_a_history_loaded_late_catches_up(drawn: tuple[World, int, int, int]) -> None:
    """A list may be followed without histories; one that is loaded later holds all that was passed over."""
    world, position, read, _ = drawn
    fresh = world.now.inbox(0)
    inbox = world.states[position].inbox(position)
    inbox.messages.clear()
    for frame in world.live[position:read]:
        inbox.apply(frame)
    for key in fresh.messages:
        inbox.load_messages(key, fresh.messages[key].values())
    for frame in world.live[read:]:
        inbox.apply(frame)
    assert inbox.snapshot() == fresh.snapshot()


def inbox() -> Inbox:
    """Make an inbox that holds one conversation with its history."""
    made = Inbox(User(id=ME, username="me"), position=4)
    made.load_conversations(msgspec.convert([conversation()], list[Conversation]))
    made.load_messages(CONVERSATION, msgspec.convert([message(1)], list[Message]))
    return made


def frame(kind: str, payload: dict[str, Any], position: int | None = None) -> Frame:
    """Make a frame as it comes from the server."""
    return decode(json.dumps({"type": kind, "payload": payload, "position": position}))


def test_frames_without_position_are_passed_over() -> None:
    """They say nothing that a fact does not, and some are older than what is held."""
    held = inbox()
    before = held.snapshot()
    assert not held.apply(frame("message.new", {"message": message(9), "totalUnread": 9}))
    assert not held.apply(frame("conversation.updated", {"conversationId": CONVERSATION, "lastMessage": message(9)}))
    assert not held.apply(Frame("notification.unread", UnreadNotice(total_unread=9)))
    assert (held.snapshot(), held.position) == (before, 4)


def test_an_unknown_fact_moves_the_position_alone() -> None:
    """A newer server's fact does no harm, and is not asked for again."""
    held = inbox()
    before = held.snapshot()
    assert held.apply(frame("reaction.added", {"conversationId": CONVERSATION}, 5))
    assert (held.snapshot(), held.position) == (before, 5)


def test_settings_and_a_partners_change_are_taken_over() -> None:
    """The own profile is a fact, and so is a partner who is gone."""
    held = inbox()
    held.apply(frame("settings.updated", {"id": ME, "username": "me", "whoCanMessage": "none"}, 5))
    gone = {"id": "x", "username": "deleted", "displayName": "Deleted account"}
    held.apply(frame("conversation.updated", {"conversationId": CONVERSATION, "otherUser": gone}, 6))
    assert held.user.who_can_message == "none"
    assert held.conversations[CONVERSATION].other_user.display_name == "Deleted account"


def test_a_conversation_that_comes_back_unloaded_is_named() -> None:
    """Where facts alone cannot give the history, the client is told what to load."""
    held = inbox()
    other = conversation(2, lastMessage=message(3), updatedAt=NOW)
    told = {"conversationId": other["id"], "conversation": other, "unreadCount": 1, "totalUnread": 1}
    held.apply(frame("conversation.updated", told | {"hidden": False, "isBlocked": False}, 5))
    assert held.unloaded() == [other["id"]]
    assert [item.id for item in held.ordered()] == [other["id"], CONVERSATION] or len(held.ordered()) == 2
    held.load_messages(other["id"], [])
    assert held.unloaded() == []


def test_an_own_read_marks_the_partners_messages_alone() -> None:
    """And the partner's read the own ones."""
    held = inbox()
    held.load_messages(CONVERSATION, msgspec.convert([message(2, sender=ME), message(3)], list[Message]))
    read = {"conversationId": CONVERSATION, "upTo": message(3)["id"], "readAt": NOW}
    held.apply(frame("message.read_ack", read | {"markedCount": 2, "unreadCount": 0, "totalUnread": 0}, 5))
    assert [item.is_read for item in held.history(CONVERSATION)] == [True, False, True]
    held.apply(frame("message.read_update", read | {"readBy": "x", "count": 1}, 6))
    assert [item.status for item in held.history(CONVERSATION)] == ["read", "read", "read"]
