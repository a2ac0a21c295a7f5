"""Galleries of both dialects: media, links and files in A, the same as filters of a history in B (RM-18 to RM-22, G-11, C-10).

Files are recorded by hand and sent by their ids, so that nothing is decoded here; one test goes the whole way.
"""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from tests.blobs.papers import pdf
from tests.blobs.pictures import encoded, picture
from tests.live.files import send_files, uploaded
from tests.live.people import Person, Place, eventually
from tests.live.v1 import CONVERSATIONS, FOREIGN, MISSING, history, ids
from tests.shelf import a_file

from duologue.core.model import FileKind
from duologue.storage.attachments import AttachmentStore
from duologue.storage.postgres import Postgres

GALLERIES = ("media", "links", "files")
IMAGE, VIDEO, SOUND, PAPER = FileKind.IMAGE, FileKind.VIDEO, FileKind.AUDIO, FileKind.FILE
ABOUT = {"messageId", "senderId", "createdAt"}
NOWHERE = "00000000-0000-4000-8000-000000000000"


class Desk:
    """Two people with a conversation, and what puts files of theirs into it."""

    def __init__(self, place: Place, records: AttachmentStore, one: Person, two: Person, conversation: str) -> None:
        self.place = place
        self.one = one
        self.two = two
        self.conversation = conversation
        self._records = records

    async def share(self, *kinds: FileKind, text: str | None = None, by: Person | None = None, **values: Any) -> Any:
        """Send files of these kinds in one message of dialect A; return it."""
        sender = by or self.one
        files = [a_file(kind=kind, **values) for kind in kinds]
        await self._records.add(UUID(sender.id), files)
        named = kinds[0].value if set(kinds) in ({IMAGE}, {VIDEO}) else "file"
        body = {"type": named, "content": text, "media": [{"id": str(file.id)} for file in files]}
        answer = await sender.post(f"conversations/{self.conversation}/messages", body)
        assert answer.status == 201, answer.body
        return answer.data

    async def gallery(self, name: str, person: Person | None = None) -> list[dict[str, Any]]:
        """Return what dialect A's gallery shows to somebody."""
        answer = await (person or self.one).get(f"conversations/{self.conversation}/{name}")
        found: list[dict[str, Any]] = answer.data[name]
        return found

    async def filtered(self, name: str, person: Person | None = None, **query: Any) -> list[str]:
        """Return the ids of the messages of dialect B's filter."""
        data = await history(person or self.one, self.conversation, filter=name, **query)
        return ids(data["messages"])


@pytest.fixture
async def desk(live: Place) -> AsyncIterator[Desk]:
    """Give two people with a conversation on the shared server."""
    postgres = Postgres(live.dsn, size=1)
    await postgres.open()
    one, two = await live.people(2)
    yield Desk(live, AttachmentStore(postgres), one, two, await one.conversation(two))
    await postgres.close()


def of(message: dict[str, Any], number: int = 0) -> dict[str, Any]:
    """Return what a gallery shows of a message's file."""
    about = {"messageId": message["id"], "senderId": message["senderId"], "createdAt": message["createdAt"]}
    return {**message["media"][number], **about}


async def test_t042_media_are_images_and_videos_and_files_are_the_rest(desk: Desk) -> None:
    """Each as its message shows it, with the message's id, sender and time; for both of the two (RM-18, RM-20, G-11)."""
    measures: dict[str, Any] = {"width": 4, "height": 3, "placeholder": "LEHV6nWB2yk8"}
    image = await desk.share(IMAGE, **measures)
    video = await desk.share(VIDEO, by=desk.two, duration=2.5, thumbnail_key=None)
    paper = await desk.share(PAPER, name="paper.pdf", media_type="application/pdf", thumbnail_key=None)
    await desk.one.send(desk.conversation, "no file at all")
    for person in (desk.one, desk.two):
        assert await desk.gallery("media", person) == [of(video), of(image)]
        assert await desk.gallery("files", person) == [of(paper)]
    shown = {"id", "type", "url", "thumbnailUrl", "filename", "originalFilename", "size", "mimeType", "uploadedAt"}
    assert of(image).keys() == shown | measures.keys() | ABOUT
    assert of(paper).keys() == shown - {"thumbnailUrl"} | ABOUT


async def test_a_mixed_message_stands_in_both_galleries(desk: Desk) -> None:
    """What a file is decides, not what its message is called; a voice message is a file."""
    mixed = await desk.share(IMAGE, PAPER)
    voice = await desk.share(SOUND, duration=1.5, waveform=(0, 100))
    assert await desk.gallery("media") == [of(mixed)]
    assert await desk.gallery("files") == [of(voice), of(mixed, 1)]
    assert await desk.filtered("media") == [mixed["id"]]
    assert await desk.filtered("files") == [voice["id"], mixed["id"]]


async def test_images_of_one_message_stand_in_the_order_of_sending(desk: Desk) -> None:
    """Within a message the first comes first; between messages the newest."""
    first, second = await desk.share(IMAGE, IMAGE, IMAGE), await desk.share(IMAGE, IMAGE)
    expected = [of(second, 0), of(second, 1), of(first, 0), of(first, 1), of(first, 2)]
    assert await desk.gallery("media") == expected


async def test_pages_of_two_walk_a_gallery_once(desk: Desk) -> None:
    """Also where a page ends within a message (PAG-08, PAG-09); the cursor is the one of every list."""
    sent = [await desk.share(*kinds) for kinds in ((IMAGE, IMAGE, IMAGE), (VIDEO,), (IMAGE, PAPER), (IMAGE,), (PAPER,))]
    pages = await desk.two.walk(f"conversations/{desk.conversation}/media", "media", limit=2)
    assert [len(page) for page in pages] == [2, 2, 2]
    assert [item for page in pages for item in page] == await desk.gallery("media")
    pages = await desk.two.walk(f"conversations/{desk.conversation}/files", "files", limit=1)
    assert pages == [[of(sent[4])], [of(sent[2], 1)]]
    for name in GALLERIES:
        for broken in ("none", "e30=", "%00"):
            refused = await desk.one.get(f"conversations/{desk.conversation}/{name}", cursor=broken)
            assert (refused.status, refused.error["code"]) == (400, "VALIDATION_ERROR")


async def test_pages_of_two_walk_a_filtered_history_once(desk: Desk) -> None:
    """B: each message once, however many files it carries; `next_cursor` goes into `before_id` (PAG-14)."""
    for number in range(5):
        await desk.share(IMAGE, PAPER, IMAGE, PAPER, text=f"https://example.com/{number} https://example.org/{number}")
        await desk.one.send(desk.conversation, "between")
    whole = [message for message in (await history(desk.one, desk.conversation))["messages"] if message["attachments"]]
    assert len(whole) == 5
    for name in GALLERIES:
        found: list[Any] = []
        query: dict[str, Any] = {}
        for more in (True, True, False):
            data = await history(desk.one, desk.conversation, filter=name, limit=2, **query)
            found += data["messages"]
            assert data["pagination"]["has_more"] is more
            query = {"before_id": data["pagination"]["next_cursor"]}
        assert query == {"before_id": None}
        assert found == whole, name


async def test_a_filter_shows_what_the_gallery_is_made_of(desk: Desk) -> None:
    """Beside text without anything: the three filters, and none of them for an empty one."""
    await desk.one.send(desk.conversation, "text")
    image = await desk.share(IMAGE)
    link = await desk.one.send(desk.conversation, "see https://example.com/a and https://example.com/b")
    paper = await desk.share(PAPER)
    assert [await desk.filtered(name, desk.two) for name in GALLERIES] == [[image["id"]], [link["id"]], [paper["id"]]]
    assert len(await desk.filtered("", desk.two)) == 4


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ({"filter": "pictures"}, "filter must be media, links or files"),
        ({"filter": "MEDIA"}, "filter must be media, links or files"),
        ({"filter": "media", "page": "2"}, "filter cannot be used with after_id or a page above 1"),
        ({"filter": "links", "after_id": NOWHERE}, "filter cannot be used with after_id or a page above 1"),
        ({"filter": "files", "before_id": "x"}, "before_id must be a UUID"),
        ({"filter": "files", "before_id": NOWHERE}, "This is no message of the conversation"),
    ],
)
async def test_a_filter_that_cannot_be_is_refused(desk: Desk, query: dict[str, Any], text: str) -> None:
    """400, and what is wrong with it."""
    refused = await desk.one.get(f"{CONVERSATIONS}/{desk.conversation}/messages", **query)
    assert refused.refusal == (400, "VALIDATION_ERROR", text)


async def test_galleries_and_filters_prove_nothing(desk: Desk) -> None:
    """Whoever looks at them has neither read nor been delivered what they show (G-05, C-29).

    What is fetched by its id afterwards is delivered: the mark would have gone as far as the newest that had been.
    """
    old = await desk.one.send(desk.conversation)
    new = await desk.share(IMAGE, PAPER, text="https://example.com")
    for name in GALLERIES:
        assert len(await desk.gallery(name, desk.two)) == 1
        (found,) = (await history(desk.two, desk.conversation, filter=name))["messages"]
        assert (found["id"], found["is_read"], found["status"]) == (new["id"], False, "sent")
    assert await desk.two.unread() == 2
    await desk.two.get(f"messages/{old['id']}")

    async def status(message: Any) -> Any:
        return (await desk.one.get(f"messages/{message['id']}")).data["status"]

    assert await eventually(lambda: status(old), lambda found: found != "sent") == "delivered"
    assert await status(new) == "sent"


async def test_filters_are_closed_to_the_blocked_and_open_to_the_blocker(desk: Desk) -> None:
    """As galleries are, also before a page of them; the plain history stays readable to both (C-10, RM-22)."""
    sent = await desk.share(IMAGE, PAPER, text="https://example.com")
    await desk.one.post("blocks", {"username": desk.two.username})
    path = f"{CONVERSATIONS}/{desk.conversation}/messages"
    for name in GALLERIES:
        queries: list[dict[str, Any]] = [{}, {"before_id": sent["id"]}]
        for query in queries:
            refused = await desk.two.get(path, filter=name, **query)
            assert (refused.status, refused.error["code"]) == (403, "FORBIDDEN")
        refused = await desk.two.get(f"conversations/{desk.conversation}/{name}")
        assert (refused.status, refused.error["code"]) == (403, "FORBIDDEN")
        assert await desk.filtered(name) == [sent["id"]]
        assert len(await desk.gallery(name)) == 1
    assert ids((await history(desk.two, desk.conversation))["messages"]) == [sent["id"]]


async def test_filters_are_for_the_two_alone(desk: Desk) -> None:
    """A stranger is refused, an unknown conversation is not found."""
    stranger = await desk.place.person()
    for name in GALLERIES:
        path = f"{CONVERSATIONS}/{desk.conversation}/messages"
        assert (await stranger.get(path, filter=name)).refusal == FOREIGN
        assert (await desk.one.get(f"{CONVERSATIONS}/{NOWHERE}/messages", filter=name)).refusal == MISSING


async def test_t167_what_was_deleted_through_b_is_nowhere_in_a(desk: Desk) -> None:
    """Neither in list, single and context, nor in media, links and files; nor in B's filters (C-16)."""
    kept = await desk.share(IMAGE, PAPER, text="https://kept.example")
    gone = await desk.share(IMAGE, PAPER, text="https://gone.example")
    assert (await desk.one.delete(f"/v1/messages/{gone['id']}")).status == 200
    for person in (desk.one, desk.two):
        assert ids(await person.messages(desk.conversation)) == [kept["id"]]
        assert (await person.get(f"messages/{gone['id']}")).status == 404
        assert (await person.get(f"messages/{gone['id']}/context")).status == 404
        assert ids((await person.get(f"messages/{kept['id']}/context")).data["messages"]) == [kept["id"]]
        for name in GALLERIES:
            assert [item["messageId"] for item in await desk.gallery(name, person)] == [kept["id"]]
            assert await desk.filtered(name, person) == [kept["id"]]
            assert await desk.filtered(name, person, before_id=gone["id"]) == [kept["id"]]


async def test_t168_what_was_uploaded_through_b_stands_in_as_galleries(pair: tuple[Person, Person]) -> None:
    """The same ids, addresses and measures in both dialects (C-14)."""
    one, two = pair
    conversation = await one.conversation(two)
    image, paper = await uploaded(
        one,
        ("photo.png", "image/png", encoded(picture(32, 24), "PNG")),
        ("paper.pdf", "application/pdf", pdf()),
        type="file",
    )
    sent = (await send_files(one, conversation, "file", image["id"], paper["id"])).data
    for name, file in (("media", image), ("files", paper)):
        (found,) = (await two.get(f"conversations/{conversation}/{name}")).data[name]
        assert (found["id"], found["url"], found["mimeType"]) == (file["id"], file["url"], file["mime_type"])
        assert (found["messageId"], found["senderId"], found["createdAt"]) == (sent["id"], one.id, sent["created_at"])
        assert found.get("thumbnailUrl") == file.get("thumbnail_url")
        assert (await history(two, conversation, filter=name))["messages"][0]["attachments"] == sent["attachments"]


async def test_a_deleted_conversation_takes_its_galleries_along(desk: Desk) -> None:
    """For who deleted it; what comes later shows again, and the partner's are as they were (G-20)."""
    old = await desk.share(IMAGE, PAPER, text="https://old.example")
    await desk.one.delete(f"conversations/{desk.conversation}")
    for name in GALLERIES:
        assert (await desk.gallery(name), await desk.filtered(name)) == ([], [])
        assert await desk.filtered(name, desk.two) == [old["id"]]
    new = await desk.share(IMAGE, PAPER, text="https://new.example", by=desk.two)
    for name in GALLERIES:
        assert [item["messageId"] for item in await desk.gallery(name)] == [new["id"]]
        assert await desk.filtered(name) == [new["id"]]
        assert len(await desk.gallery(name, desk.two)) == 2


async def test_what_turns_out_to_be_infected_leaves_the_galleries(desk: Desk) -> None:
    """What the scanner still has to see stays, though it is served to nobody yet."""
    kept = await desk.share(IMAGE, PAPER, state="pending")
    bad = await desk.share(IMAGE, PAPER)
    await desk.place.sql("UPDATE attachments SET state = 'infected' WHERE message_id = $1", UUID(bad["id"]))
    assert await desk.gallery("media") == [of(kept)]
    assert await desk.gallery("files") == [of(kept, 1)]
    for name in ("media", "files"):
        assert await desk.filtered(name) == [kept["id"]]
