"""Messages as one participant sees them: history, newer pages, context, galleries, send keys."""

from collections.abc import Coroutine, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from tests.factories import Chat, Make

from duologue.core.errors import Forbidden, NotFound, NotParticipant
from duologue.core.model import Cursor, Gallery, Message, MessageType, Page, Shared, User
from duologue.storage.messages import MessageStore
from duologue.storage.postgres import Postgres

if TYPE_CHECKING:
    from tests.storage.conftest import CountingPostgres

    from duologue.core import ports


@pytest.fixture
def store(postgres: Postgres) -> "ports.MessageStore":
    """Give the store, as the core knows it."""
    return MessageStore(postgres)


@pytest.fixture
async def ann(make: Make) -> User:
    """Give a user."""
    return await make.user("ann", display_name="Ann")


@pytest.fixture
async def bob(make: Make) -> User:
    """Give another user."""
    return await make.user("bob")


@pytest.fixture
async def chat(make: Make, ann: User, bob: User) -> Chat:
    """Give their empty conversation."""
    return await make.conversation(ann, bob)


def place(message: Message) -> Cursor:
    """Return where a message stands."""
    return Cursor(message.created_at, message.id)


def ids(messages: Sequence[Message]) -> list[UUID]:
    """Return the ids in order."""
    return [message.id for message in messages]


async def history(store: "ports.MessageStore", viewer: User, chat: Chat, limit: int) -> list[Message]:
    """Return the whole history, read page by page from the newest."""
    messages: list[Message] = []
    before: Cursor | None = None
    while True:
        page = await store.page(viewer.id, chat.id, before=before, after=None, limit=limit)
        assert len(page.items) <= limit
        assert page.has_more == (page.next is not None)
        messages += page.items
        if page.next is None:
            return messages
        before = page.next


async def test_history_is_newest_first_on_every_page_size(
    store: "ports.MessageStore", make: Make, chat: Chat, ann: User, bob: User
) -> None:
    """The same messages in the same order for both, however they are cut (PAG-15)."""
    sent = [await make.message(chat, ann if number % 2 else bob, str(number)) for number in range(7)]
    everything = await history(store, ann, chat, 50)
    assert ids(everything) == sent[::-1]
    assert [message.content for message in everything] == [str(number) for number in reversed(range(7))]
    for limit in (1, 2, 6, 7):
        assert ids(await history(store, bob, chat, limit)) == sent[::-1]


async def test_messages_of_the_same_moment_are_neither_repeated_nor_skipped(
    store: "ports.MessageStore", make: Make, chat: Chat, ann: User
) -> None:
    """The id breaks the tie, upwards and downwards (PAG-08)."""
    sent = [await make.message(chat, ann, at=make.at(5)) for _ in range(5)]
    assert ids(await history(store, ann, chat, 2)) == sent[::-1]
    oldest = Cursor(make.at(5), sent[0])
    page = await store.page(ann.id, chat.id, before=None, after=oldest, limit=2)
    assert (ids(page.items), page.has_more) == ([sent[2], sent[1]], True)


async def test_the_messages_of_another_conversation_do_not_show(
    store: "ports.MessageStore", make: Make, chat: Chat, ann: User
) -> None:
    """Each history is its own."""
    other = await make.conversation(ann, await make.user())
    await make.message(other, ann)
    mine = await make.message(chat, ann)
    assert ids(await history(store, ann, chat, 50)) == [mine]


async def test_newer_pages_answer_the_next_ones_above_newest_first(
    store: "ports.MessageStore", make: Make, chat: Chat, ann: User
) -> None:
    """`next` is the newest returned, to go on from; `has_more` says that newer ones remain (design part 5, Newer pages)."""
    sent = [await make.message(chat, ann) for _ in range(5)]
    messages = await history(store, ann, chat, 50)
    cursor = place(messages[-1])
    page = await store.page(ann.id, chat.id, before=None, after=cursor, limit=2)
    assert (ids(page.items), page.has_more) == ([sent[2], sent[1]], True)
    assert page.next == place(page.items[0])
    page = await store.page(ann.id, chat.id, before=None, after=page.next, limit=2)
    assert (ids(page.items), page.has_more) == ([sent[4], sent[3]], False)
    assert page.next == place(page.items[0])
    page = await store.page(ann.id, chat.id, before=None, after=page.next, limit=2)
    assert (list(page.items), page.has_more, page.next) == ([], False, None)


async def test_an_empty_history_is_an_empty_page(store: "ports.MessageStore", chat: Chat, ann: User) -> None:
    """A participant of an empty conversation gets a page, not a refusal."""
    page = await store.page(ann.id, chat.id, before=None, after=None, limit=20)
    assert (list(page.items), page.has_more, page.next) == ([], False, None)


async def test_a_message_carries_its_sender_and_state(
    store: "ports.MessageStore", make: Make, chat: Chat, ann: User, bob: User
) -> None:
    """Everything a DTO needs, from whichever side of the pair it was sent."""
    read_at = make.at(9)
    first = await make.message(chat, ann, "hi <b>", temp_id="t", read_at=read_at, read_shown=True)
    second = await make.message(chat, bob, "hello")
    answer, question = await history(store, ann, chat, 50)
    assert (question.id, question.content, question.temp_id, question.type) == (first, "hi <b>", "t", MessageType.TEXT)
    assert (question.read_at, question.read_shown, question.deleted_at) == (read_at, True, None)
    assert (question.sender_id, question.receiver_id, question.conversation_id) == (ann.id, bob.id, chat.id)
    assert question.sender is not None
    assert (question.sender.id, question.sender.username, question.sender.display_name) == (ann.id, "ann", "Ann")
    assert (answer.id, answer.read_at, answer.read_shown) == (second, None, False)
    assert answer.sender is not None
    assert (answer.sender.id, answer.sender.username, answer.sender.display_name) == (bob.id, "bob", None)
    assert await store.get(bob.id, first) == (await history(store, bob, chat, 50))[1]


async def test_delivered_is_at_or_before_the_receivers_mark(
    store: "ports.MessageStore", make: Make, chat: Chat, ann: User, bob: User
) -> None:
    """Each message by its own receiver's mark, whoever looks."""
    at = make.at()
    await make.message(chat, ann, at=at)
    await make.message(chat, ann, at=at + timedelta(microseconds=1))
    await make.message(chat, bob, at=at + timedelta(seconds=1))
    await make.deliver_to(chat, bob, at)
    for viewer in (ann, bob):
        assert [message.delivered for message in await history(store, viewer, chat, 50)] == [False, False, True]
    await make.deliver_to(chat, ann, at + timedelta(seconds=1))
    for viewer in (ann, bob):
        assert [message.delivered for message in await history(store, viewer, chat, 50)] == [True, False, True]


async def test_a_block_takes_the_senders_presence_away(
    store: "ports.MessageStore", make: Make, chat: Chat, ann: User, bob: User
) -> None:
    """In both directions; one's own is one's own. The history itself stays readable (C-09)."""
    await make.message(chat, ann)
    await make.message(chat, bob)
    await make.block(ann, bob)
    for viewer in (ann, bob):
        senders = [message.sender for message in await history(store, viewer, chat, 50)]
        assert {sender.id: sender.shows_presence for sender in senders if sender} == {
            viewer.id: True,
            chat.other(viewer).id: False,
        }


async def test_deleted_messages_are_nowhere(store: "ports.MessageStore", make: Make, chat: Chat, ann: User) -> None:
    """Neither in history, nor in newer pages, nor as a neighbour, nor by id."""
    before = await make.message(chat, ann)
    gone = await make.message(chat, ann, deleted_at=make.at())
    after = await make.message(chat, ann)
    messages = await history(store, ann, chat, 50)
    assert ids(messages) == [after, before]
    page = await store.page(ann.id, chat.id, before=None, after=place(messages[1]), limit=5)
    assert ids(page.items) == [after]
    assert ids((await store.context(ann.id, before, 5, 5)).messages) == [after, before]
    assert ids((await store.context(ann.id, after, 5, 5)).messages) == [after, before]
    for look in (store.get(ann.id, gone), store.context(ann.id, gone, 1, 1)):
        with pytest.raises(NotFound, match=r"^Message not found$"):
            await look


async def test_history_before_a_deletion_is_gone_for_its_owner_alone(
    store: "ports.MessageStore", make: Make, chat: Chat, ann: User, bob: User
) -> None:
    """At or before the time of the deletion nothing shows, whichever way one asks (G-20)."""
    first, second, third = [await make.message(chat, ann) for _ in range(3)]
    messages = await history(store, ann, chat, 50)
    await make.delete_for(chat, ann, messages[1].created_at)
    assert ids(await history(store, ann, chat, 50)) == [third]
    assert ids(await history(store, bob, chat, 50)) == [third, second, first]
    page = await store.page(ann.id, chat.id, before=None, after=place(messages[2]), limit=5)
    assert ids(page.items) == [third]
    context = await store.context(ann.id, third, 5, 5)
    assert (ids(context.messages), context.has_more_before) == ([third], False)
    for look in (store.get(ann.id, second), store.context(ann.id, second, 1, 1)):
        with pytest.raises(NotFound):
            await look
    assert (await store.get(bob.id, second)).id == second


@pytest.mark.parametrize(
    ("target", "before", "after", "expected", "more_before", "more_after"),
    [
        (3, 2, 2, [5, 4, 3, 2, 1], True, True),
        (3, 3, 3, [6, 5, 4, 3, 2, 1, 0], False, False),
        (3, 9, 9, [6, 5, 4, 3, 2, 1, 0], False, False),
        (3, 0, 0, [3], True, True),
        (3, 1, 0, [3, 2], True, True),
        (3, 0, 1, [4, 3], True, True),
        (0, 2, 2, [2, 1, 0], False, True),
        (6, 2, 2, [6, 5, 4], True, False),
    ],
)
async def test_t040_context_answers_the_target_with_neighbours_from_both_sides(
    *,
    store: "ports.MessageStore",
    make: Make,
    chat: Chat,
    ann: User,
    target: int,
    before: int,
    after: int,
    expected: list[int],
    more_before: bool,
    more_after: bool,
) -> None:
    """Newest first, so many on each side, and whether there are more (RM-17, G-10)."""
    sent = [await make.message(chat, ann, at=make.at(number // 2)) for number in range(7)]
    context = await store.context(ann.id, sent[target], before, after)
    assert ids(context.messages) == [sent[number] for number in expected]
    assert (context.target_id, context.has_more_before, context.has_more_after) == (
        sent[target],
        more_before,
        more_after,
    )


async def test_who_takes_no_part_is_refused_and_the_unknown_is_not_found(
    store: "ports.MessageStore", make: Make, chat: Chat, ann: User
) -> None:
    """With the product's texts, for every way to ask (AUTH-07)."""
    eve, message = await make.user(), await make.message(chat, ann)

    def by_conversation(viewer: UUID, conversation: UUID) -> list[Coroutine[Any, Any, object]]:
        return [
            store.page(viewer, conversation, before=None, after=None, limit=5),
            store.page(viewer, conversation, before=None, after=Cursor(make.at(0), make.id()), limit=5),
            store.links(viewer, conversation, None, 5),
            store.media(viewer, conversation, None, 5),
            store.files(viewer, conversation, None, 5),
            *[store.carriers(viewer, conversation, gallery, before=None, limit=5) for gallery in Gallery],
        ]

    def by_message(viewer: UUID, message: UUID) -> list[Coroutine[Any, Any, object]]:
        return [store.get(viewer, message), store.context(viewer, message, 1, 1)]

    for look in [*by_conversation(eve.id, chat.id), *by_message(eve.id, message)]:
        with pytest.raises(NotParticipant, match=r"^Not a participant$"):
            await look
    for look in by_conversation(ann.id, make.id()):
        with pytest.raises(NotFound, match=r"^Conversation not found$"):
            await look
    for look in by_message(ann.id, make.id()):
        with pytest.raises(NotFound, match=r"^Message not found$"):
            await look


async def test_the_links_gallery_is_newest_first_and_paged(
    store: "ports.MessageStore", make: Make, chat: Chat, ann: User, bob: User
) -> None:
    """Links of deleted messages and of deleted history are out (RM-19)."""
    at = make.at()
    message = await make.message(chat, ann, at=at)
    gone = await make.message(chat, ann, deleted_at=make.at(), at=at)
    urls = [f"https://example.org/{number}" for number in range(3)]
    links = [await make.link(chat, message, ann, url, at=at) for url in urls]
    await make.link(chat, gone, ann, "https://example.org/gone", at=at)
    page = await store.links(bob.id, chat.id, None, 2)
    assert [(link.id, link.url, link.message_id, link.sender_id) for link in page.items] == [
        (links[2], urls[2], message, ann.id),
        (links[1], urls[1], message, ann.id),
    ]
    assert (page.has_more, page.next) == (True, Cursor(at, links[1]))
    page = await store.links(bob.id, chat.id, page.next, 2)
    assert ([link.id for link in page.items], page.has_more, page.next) == ([links[0]], False, None)
    await make.delete_for(chat, bob, at)
    assert list((await store.links(bob.id, chat.id, None, 5)).items) == []
    assert len((await store.links(ann.id, chat.id, None, 5)).items) == 3


def looks(store: "ports.MessageStore", viewer: User, chat: Chat) -> list[Coroutine[Any, Any, Page[Any]]]:
    """Return every way to look at galleries."""
    return [
        store.links(viewer.id, chat.id, None, 5),
        store.media(viewer.id, chat.id, None, 5),
        store.files(viewer.id, chat.id, None, 5),
        *[store.carriers(viewer.id, chat.id, gallery, before=None, limit=5) for gallery in Gallery],
    ]


def files(page: Page[Shared]) -> list[UUID]:
    """Return the ids of a gallery's files in order."""
    return [item.attachment.id for item in page.items]


async def test_galleries_hold_files_by_what_each_is(
    store: "ports.MessageStore", make: Make, chat: Chat, ann: User, bob: User
) -> None:
    """Of one message its image stands in one and its document in the other; infected ones and deleted messages are out."""
    at = make.at()
    mixed = await make.message(chat, ann, kind="file", at=at)
    image, document = [await make.file(chat, mixed, ann, kind=kind, at=at) for kind in ("image", "file")]
    await make.file(chat, mixed, ann, kind="image", state="infected", at=at)
    later = await make.message(chat, bob, kind="video")
    video, sound = [await make.file(chat, later, bob, kind=kind) for kind in ("video", "audio")]
    pending = await make.file(chat, later, bob, kind="file", state="pending")
    gone = await make.message(chat, ann, kind="image", deleted_at=make.at())
    for kind in ("image", "file"):
        await make.file(chat, gone, ann, kind=kind)
    media = await store.media(bob.id, chat.id, None, 5)
    assert files(media) == [video, image]
    assert files(await store.files(bob.id, chat.id, None, 5)) == [pending, sound, document]
    found = media.items[1]
    assert (found.message_id, found.sender_id, found.created_at) == (mixed, ann.id, at)
    assert (found.attachment.kind, found.attachment.size, found.attachment.key) == ("image", 7, f"key/{image}")
    await make.delete_for(chat, ann, at)
    assert files(await store.media(ann.id, chat.id, None, 5)) == [video]
    assert files(await store.files(ann.id, chat.id, None, 5)) == [pending, sound]
    assert len((await store.media(bob.id, chat.id, None, 5)).items) == 2


@pytest.mark.parametrize(("name", "kind"), [("media", "video"), ("files", "audio")])
async def test_files_of_the_same_moment_are_neither_repeated_nor_skipped(
    store: "ports.MessageStore", make: Make, chat: Chat, ann: User, name: str, kind: str
) -> None:
    """The place breaks the tie, of one message and of several (PAG-08)."""
    sent = []
    for _ in range(2):
        message = await make.message(chat, ann, kind="file", at=make.at(5))
        sent += [await make.file(chat, message, ann, kind=kind, at=make.at(5)) for _ in range(3)]
    look = getattr(store, name)
    found: list[UUID] = []
    cursor: Cursor | None = None
    for size in (2, 2, 2):
        page = await look(ann.id, chat.id, cursor, 2)
        assert len(page.items) == size
        found, cursor = found + files(page), page.next
    assert (found, cursor, page.has_more) == (sent[::-1], None, False)


async def test_a_filtered_history_holds_each_carrier_once(
    store: "ports.MessageStore", make: Make, chat: Chat, ann: User, bob: User
) -> None:
    """However many files or links it carries, by what they are; newest first, paged, with its sender like any message."""
    sent: dict[Gallery, list[UUID]] = {gallery: [] for gallery in Gallery}
    for number in range(5):
        at = make.at(number // 2)  # two of each moment: the id breaks the tie
        message = await make.message(chat, ann, kind="file", at=at)
        for kind in ("image", "video", "image"):
            await make.file(chat, message, ann, kind=kind, at=at)
        sent[Gallery.MEDIA].append(message)
        if number % 2:
            for _ in range(3):
                await make.file(chat, message, ann, kind="audio", at=at)
                await make.link(chat, message, ann, "https://example.org", at=at)
            sent[Gallery.FILES].append(message)
            sent[Gallery.LINKS].append(message)
    for gallery, expected in sent.items():
        found: list[UUID] = []
        before: Cursor | None = None
        while True:
            page = await store.carriers(bob.id, chat.id, gallery, before=before, limit=1)
            found += ids(page.items)
            if page.next is None:
                break
            before = page.next
        assert (gallery, found) == (gallery, expected[::-1])
    assert list(page.items) == [await store.get(bob.id, found[-1])]


async def test_what_is_gone_is_in_no_filtered_history(
    store: "ports.MessageStore", make: Make, chat: Chat, ann: User, bob: User
) -> None:
    """Deleted messages, deleted history for its owner, and what carries infected files alone."""
    at = make.at()
    old = await make.message(chat, ann, kind="file", at=at)
    for message, state, deleted in (
        (old, "clean", None),
        (await make.message(chat, ann, kind="file", deleted_at=make.at()), "clean", True),
        (await make.message(chat, ann, kind="file"), "infected", None),
    ):
        for kind in ("image", "file"):
            await make.file(chat, message, ann, kind=kind, state=state, at=at)
        if message == old or deleted:
            await make.link(chat, message, ann, "https://example.org", at=at)
    for gallery in Gallery:
        assert ids((await store.carriers(bob.id, chat.id, gallery, before=None, limit=5)).items) == [old]
    await make.delete_for(chat, bob, at)
    for gallery in Gallery:
        assert ids((await store.carriers(bob.id, chat.id, gallery, before=None, limit=5)).items) == []
        assert ids((await store.carriers(ann.id, chat.id, gallery, before=None, limit=5)).items) == [old]


async def test_galleries_are_closed_to_the_blocked_one_and_open_to_the_blocker(
    store: "ports.MessageStore", make: Make, chat: Chat, ann: User, bob: User
) -> None:
    """Even when there is nothing in them (C-10); the history stays readable to both."""
    await make.block(ann, bob)
    for look in looks(store, bob, chat):
        with pytest.raises(Forbidden) as raised:
            await look
        assert not isinstance(raised.value, NotParticipant)
    for look in looks(store, ann, chat):
        assert list((await look).items) == []
    assert await history(store, bob, chat, 5) == []
    await make.block(bob, ann)
    with pytest.raises(Forbidden):
        await store.links(ann.id, chat.id, None, 5)


async def test_a_send_key_names_its_senders_message(
    store: "ports.MessageStore", make: Make, postgres: Postgres, chat: Chat, ann: User, bob: User
) -> None:
    """Of a deleted message without the text; somebody else's equal key names nothing."""
    key, message = make.id(), await make.message(chat, ann, "once")
    await postgres.execute("INSERT INTO send_keys VALUES ($1, $2, $3, $4)", ann.id, key, b"print", message)
    known = await store.by_key(ann.id, key)
    assert known is not None
    assert (known.fingerprint, known.message) == (b"print", await store.get(ann.id, message))
    assert await store.by_key(bob.id, key) is None
    assert await store.by_key(ann.id, make.id()) is None
    await postgres.execute("UPDATE messages SET deleted_at = now()")
    known = await store.by_key(ann.id, key)
    assert known is not None
    assert (known.message.id, known.message.content) == (message, "")


async def test_each_method_takes_one_statement(
    counting: "CountingPostgres", make: Make, chat: Chat, ann: User, bob: User
) -> None:
    """A refusal may take a second one."""
    sent = [await make.message(chat, ann if number % 2 else bob) for number in range(30)]
    store = MessageStore(counting)
    await store.media(ann.id, chat.id, None, 20)  # the driver learns the types of arrays by the first one
    counting.taken()
    page = await store.page(ann.id, chat.id, before=None, after=None, limit=20)
    assert (len(page.items), counting.taken()) == (20, 1)
    await store.page(ann.id, chat.id, before=page.next, after=None, limit=20)
    assert counting.taken() == 1
    await store.page(ann.id, chat.id, before=None, after=page.next, limit=20)
    assert counting.taken() == 1
    await store.numbered(ann.id, chat.id, offset=10, limit=20)
    assert counting.taken() == 1
    await store.place(ann.id, chat.id, sent[0])
    assert counting.taken() == 1
    await store.get(ann.id, sent[0])
    assert counting.taken() == 1
    assert (len((await store.context(ann.id, sent[9], 5, 5)).messages), counting.taken()) == (11, 1)
    await store.links(ann.id, chat.id, None, 20)
    assert counting.taken() == 1
    await store.media(ann.id, chat.id, None, 20)
    assert counting.taken() == 1
    await store.files(ann.id, chat.id, None, 20)
    assert counting.taken() == 1
    for gallery in Gallery:
        await store.carriers(ann.id, chat.id, gallery, before=None, limit=20)
        assert counting.taken() == 1
    await store.by_key(ann.id, make.id())
    assert counting.taken() == 1
    with pytest.raises(NotFound):
        await store.get(ann.id, make.id())
    assert counting.taken() == 2
