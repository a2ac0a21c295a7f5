"""Conversations as one user sees them: the list, one of them, totals, partners, who gets typing."""

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from tests.factories import Make

from duologue.core.errors import NotFound, NotParticipant
from duologue.core.model import Conversation, Cursor, Unread, User
from duologue.storage.conversations import ConversationStore
from duologue.storage.postgres import Postgres

if TYPE_CHECKING:
    from tests.storage.conftest import CountingPostgres

    from duologue.core import ports


@pytest.fixture
def store(postgres: Postgres) -> "ports.ConversationStore":
    """Give the store, as the core knows it."""
    return ConversationStore(postgres)


async def whole_list(store: "ports.ConversationStore", viewer: User, limit: int) -> list[Conversation]:
    """Return a user's list, read page by page."""
    items: list[Conversation] = []
    cursor: Cursor | None = None
    while True:
        page = await store.page(viewer, cursor, limit)
        assert len(page.items) <= limit
        items += page.items
        assert page.has_more == (page.next is not None)
        if page.next is None:
            return items
        cursor = page.next


async def test_the_list_is_newest_first_from_both_sides_of_the_pair(
    store: "ports.ConversationStore", make: Make
) -> None:
    """Whether the viewer has the lower or the higher id in a pair makes no difference to the order (RA-08)."""
    early = [await make.user() for _ in range(3)]
    viewer = await make.user()
    late = [await make.user() for _ in range(3)]
    mixed = [user for two in zip(early, late, strict=True) for user in two]
    chats = [await make.conversation(viewer, other) for other in mixed]
    items = await whole_list(store, viewer, 50)
    assert [item.id for item in items] == [chat.id for chat in reversed(chats)]
    assert [item.other.username for item in items] == [user.username for user in reversed(mixed)]
    for limit in (1, 2, 5, 6):
        assert await whole_list(store, viewer, limit) == items


async def test_conversations_of_the_same_moment_are_neither_repeated_nor_skipped(
    store: "ports.ConversationStore", make: Make
) -> None:
    """The id breaks the tie (PAG-08, PAG-09)."""
    users = [await make.user() for _ in range(7)]
    viewer = users.pop(3)
    mixed = [user for two in zip(users[3:], users[:3], strict=True) for user in two]
    chats = [await make.conversation(viewer, other, at=make.at(5)) for other in mixed]
    items = await whole_list(store, viewer, 2)
    assert [item.id for item in items] == sorted((chat.id for chat in chats), reverse=True)


async def test_an_empty_list_is_an_empty_page(store: "ports.ConversationStore", make: Make) -> None:
    """No conversations, no cursor; other people's do not show."""
    await make.conversation(await make.user(), await make.user())
    page = await store.page(await make.user(), None, 20)
    assert (list(page.items), page.has_more, page.next) == ([], False, None)


async def test_an_item_carries_the_other_user_the_last_message_and_the_unread_count(
    store: "ports.ConversationStore", make: Make
) -> None:
    """All of it in the list, so that nothing has to be asked for each item (RA-10, RA-11)."""
    ann, bob = await make.user("ann", display_name="Ann"), await make.user("bob")
    chat = await make.conversation(ann, bob)
    await make.message(chat, ann, "first")
    last = await make.message(chat, ann, "second", temp_id="t-1")
    [item] = (await store.page(bob, None, 20)).items
    assert (item.id, item.unread_count, item.is_blocked, item.hidden) == (chat.id, 2, False, False)
    assert (item.other.id, item.other.username, item.other.display_name) == (ann.id, "ann", "Ann")
    assert item.last_message is not None
    assert (item.last_message.id, item.last_message.content, item.last_message.temp_id) == (last, "second", "t-1")
    assert (item.last_message.sender_id, item.last_message.receiver_id) == (ann.id, bob.id)
    assert item.last_message.created_at == item.updated_at
    assert item.last_message.sender == item.other
    [mine] = (await store.page(ann, None, 20)).items
    assert mine.unread_count == 0
    assert mine.last_message is not None
    assert mine.last_message.sender is not None
    assert mine.last_message.sender.username == "ann"


async def test_an_empty_conversation_has_no_last_message(store: "ports.ConversationStore", make: Make) -> None:
    """It is listed from its creation."""
    ann, bob = await make.user(), await make.user()
    chat = await make.conversation(ann, bob)
    for viewer in (ann, bob):
        [item] = (await store.page(viewer, None, 20)).items
        assert (item.id, item.last_message, item.created_at) == (chat.id, None, item.updated_at)


async def test_a_deleted_last_message_shows_no_text(store: "ports.ConversationStore", make: Make) -> None:
    """That it is gone shows, what it said does not."""
    ann, bob = await make.user(), await make.user()
    chat = await make.conversation(ann, bob)
    await make.message(chat, ann, "gone", deleted_at=make.at())
    [item] = (await store.page(bob, None, 20)).items
    assert item.last_message is not None
    assert (item.last_message.content, item.last_message.deleted_at is not None) == ("", True)


async def test_the_last_message_counts_as_delivered_up_to_the_receivers_mark(
    store: "ports.ConversationStore", make: Make
) -> None:
    """At or before the mark is delivered, after it is not, for both viewers."""
    ann, bob = await make.user(), await make.user()
    chat = await make.conversation(ann, bob)
    at = make.at()
    await make.message(chat, ann, at=at)
    await make.deliver_to(chat, ann, at + timedelta(hours=1))  # the sender's own mark says nothing
    for mark, delivered in ((at - timedelta(microseconds=1), False), (at, True)):
        await make.deliver_to(chat, bob, mark)
        for viewer in (ann, bob):
            [item] = (await store.page(viewer, None, 20)).items
            assert item.last_message is not None
            assert item.last_message.delivered is delivered


async def test_t064_a_conversation_is_hidden_from_the_blocked_user_only(
    store: "ports.ConversationStore", make: Make
) -> None:
    """The blocker keeps it, marked as blocked; unblocking restores it (C-09)."""
    ann, bob, eve = await make.user(), await make.user(), await make.user()
    chat, other = await make.conversation(ann, bob), await make.conversation(bob, eve)
    block = await make.block(ann, bob)
    [kept] = (await store.page(ann, None, 20)).items
    assert (kept.id, kept.is_blocked, kept.hidden) == (chat.id, True, False)
    assert [item.id for item in (await store.page(bob, None, 20)).items] == [other.id]
    hidden = await store.get(bob, chat.id)
    assert (hidden.is_blocked, hidden.hidden) == (True, True)
    await make.unblock(block)
    assert [item.id for item in (await store.page(bob, None, 20)).items] == [other.id, chat.id]


async def test_when_both_block_each_other_it_is_hidden_from_both(store: "ports.ConversationStore", make: Make) -> None:
    """Each is blocked by the other (design part 5, Blocks)."""
    ann, bob = await make.user(), await make.user()
    await make.conversation(ann, bob)
    await make.block(ann, bob)
    await make.block(bob, ann)
    for viewer in (ann, bob):
        assert list((await store.page(viewer, None, 20)).items) == []


async def test_hidden_conversations_do_not_shorten_a_page(store: "ports.ConversationStore", make: Make) -> None:
    """A page is full as long as there is something to show, however many hidden ones lie between."""
    viewer = await make.user()
    shown: list[UUID] = []
    for number in range(12):
        other = await make.user()
        chat = await make.conversation(viewer, other)
        if number % 3:
            await make.block(other, viewer)
        else:
            shown.insert(0, chat.id)
    page = await store.page(viewer, None, 3)
    assert ([item.id for item in page.items], page.has_more) == (shown[:3], True)
    assert [item.id for item in await whole_list(store, viewer, 3)] == shown


async def test_a_deleted_conversation_is_out_until_something_newer_comes(
    store: "ports.ConversationStore", make: Make
) -> None:
    """It comes back for its owner with the new message alone (G-20); the partner never lost it."""
    ann, bob = await make.user(), await make.user()
    chat = await make.conversation(ann, bob)
    old = make.at()
    await make.message(chat, bob, "old", at=old)
    await make.delete_for(chat, ann, old)
    assert list((await store.page(ann, None, 20)).items) == []
    assert len((await store.page(bob, None, 20)).items) == 1
    assert (await store.get(ann, chat.id)).last_message is None
    await make.message(chat, bob, "new", at=old + timedelta(microseconds=1))
    [item] = (await store.page(ann, None, 20)).items
    assert item.last_message is not None
    assert item.last_message.content == "new"


@pytest.mark.parametrize(
    ("mine", "theirs", "block", "shown"),
    [
        (True, True, None, True),
        (False, True, None, False),
        (True, False, None, False),
        (True, True, "mine", False),
        (True, True, "theirs", False),
    ],
)
async def test_last_seen_shows_only_if_both_show_it_and_no_block_stands(
    *, store: "ports.ConversationStore", make: Make, mine: bool, theirs: bool, block: str | None, shown: bool
) -> None:
    """And a block of either direction takes presence away altogether (PRS-11)."""
    viewer = await make.user(show_last_seen=mine)
    other = await make.user(show_last_seen=theirs, last_seen_at=make.at(7))
    chat = await make.conversation(viewer, other)
    if block:
        await make.block(*((viewer, other) if block == "mine" else (other, viewer)))
    profile = (await store.get(viewer, chat.id)).other
    assert profile.last_seen_at == (make.at(7) if shown else None)
    assert profile.shows_presence is (block is None)
    assert profile.is_online is False


async def test_a_conversation_is_found_by_its_pair_in_either_order(
    store: "ports.ConversationStore", make: Make
) -> None:
    """Hidden or not; None when there is none."""
    ann, bob, eve = await make.user(), await make.user(), await make.user()
    chat = await make.conversation(ann, bob)
    await make.block(ann, bob)
    for viewer, other in ((ann, bob), (bob, ann)):
        found = await store.of_pair(viewer, other.id)
        assert found is not None
        assert (found.id, found.other.id) == (chat.id, other.id)
        assert found == await store.get(viewer, chat.id)
    assert await store.of_pair(ann, eve.id) is None


@pytest.mark.parametrize("method", ["get", "may_signal"])
async def test_an_unknown_conversation_is_not_found_and_a_foreign_one_is_refused(
    store: "ports.ConversationStore", make: Make, method: str
) -> None:
    """The texts are those of the product (AUTH-07, ERR-03)."""
    ann, bob, eve = await make.user(), await make.user(), await make.user()
    chat = await make.conversation(ann, bob)
    viewer = eve if method == "get" else eve.id
    with pytest.raises(NotParticipant, match=r"^Not a participant$"):
        await getattr(store, method)(viewer, chat.id)
    with pytest.raises(NotFound, match=r"^Conversation not found$"):
        await getattr(store, method)(viewer, make.id())


async def test_totals_leave_out_hidden_and_deleted_conversations(store: "ports.ConversationStore", make: Make) -> None:
    """`unread_conversations` counts those of the list that hold unread messages (UNR-18, G-22)."""
    viewer = await make.user()
    assert await store.unread(viewer.id) == Unread(0, 0)
    for number in range(5):
        other = await make.user()
        chat = await make.conversation(viewer, other)
        for _ in range(number):
            await make.message(chat, other)
        if number == 1:
            await make.block(other, viewer)
        if number == 2:
            await make.block(viewer, other)
        if number == 3:
            await make.delete_for(chat, viewer, make.at())
    assert await store.unread(viewer.id) == Unread(1 + 2 + 3 + 4, 2)  # the sum is the position row's own
    assert await store.unread(make.id()) == Unread(0, 0)


async def test_partners_are_the_most_recent_ones_without_a_block(store: "ports.ConversationStore", make: Make) -> None:
    """Newest first from both sides of the pair, cut at the limit; those who share last seen both ways are named."""
    early = [await make.user() for _ in range(4)]
    viewer = await make.user()
    late = [await make.user(show_last_seen=number != 1) for number in range(4)]
    for two in zip(early, late, strict=True):
        for other in two:
            await make.conversation(viewer, other)
    for blocked, blocking in (early[2:], late[2:]):
        await make.block(viewer, blocked)
        await make.block(blocking, viewer)
    everybody, shared = await store.partners(viewer.id, 500)
    assert everybody == [late[1].id, early[1].id, late[0].id, early[0].id]
    assert shared == {early[1].id, late[0].id, early[0].id}
    assert (await store.partners(viewer.id, 2))[0] == [late[1].id, early[1].id]


async def test_who_hides_last_seen_shares_it_with_nobody(store: "ports.ConversationStore", make: Make) -> None:
    """Reciprocal: hiding one's own means not being told others'."""
    viewer, other = await make.user(show_last_seen=False), await make.user()
    await make.conversation(viewer, other)
    assert await store.partners(viewer.id, 500) == ([other.id], frozenset())


async def test_typing_goes_to_the_partner_and_never_across_a_block(
    store: "ports.ConversationStore", make: Make
) -> None:
    """In neither direction (G-15)."""
    ann, bob = await make.user(), await make.user()
    chat = await make.conversation(ann, bob)
    assert await store.may_signal(ann.id, chat.id) == bob.id
    assert await store.may_signal(bob.id, chat.id) == ann.id
    await make.block(ann, bob)
    assert await store.may_signal(ann.id, chat.id) is None
    assert await store.may_signal(bob.id, chat.id) is None


async def test_each_method_takes_one_statement(counting: "CountingPostgres", make: Make) -> None:
    """A refusal may take a second one."""
    ann, bob, eve = await make.user(), await make.user(), await make.user()
    chat = await make.conversation(ann, bob)
    for number in range(30):
        other = await make.user()
        await make.message(await make.conversation(ann, other), other, str(number))
    store = ConversationStore(counting)
    counting.taken()
    assert len((await store.page(ann, None, 20)).items) == 20
    assert counting.taken() == 1
    for unread_only in (False, True):
        inbox = await store.numbered(ann, offset=0, limit=20, unread_only=unread_only)
        assert (len(inbox.items), counting.taken()) == (20, 1)
    await store.of_pair(ann, bob.id)
    assert counting.taken() == 1
    await store.get(ann, chat.id)
    assert counting.taken() == 1
    await store.unread(ann.id)
    assert counting.taken() == 1
    await store.partners(ann.id, 500)
    assert counting.taken() == 1
    await store.may_signal(ann.id, chat.id)
    assert counting.taken() == 1
    with pytest.raises(NotParticipant):
        await store.get(eve, chat.id)
    assert counting.taken() == 2
