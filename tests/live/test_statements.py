"""What each endpoint costs the database, statement by statement (design part 8), counted on the wire to PostgreSQL."""

import asyncio
import base64
import json
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from tests.live.conftest import StartServer
from tests.live.files import send_files, uploaded
from tests.live.people import Answer, Person, Place
from tests.live.statements import Counter, counted

Call = Callable[["Scene"], Awaitable[Answer]]


@dataclass
class Scene:
    """Two users with a conversation that has everything an endpoint can show; `one` has others, too."""

    place: Place
    counter: Counter
    one: Person
    other: Person
    conversation: str
    message: str
    file: Mapping[str, str]
    link: str

    async def cost(self, call: Call) -> list[str]:
        """Return the names of the statements that a call runs, when it is not the first of its kind."""
        assert (await call(self)).status < 400
        self.counter.seen.clear()
        assert (await call(self)).status < 400
        return [name for name in self.counter.seen if name not in BESIDE]


@pytest.fixture
async def scene(database: str, start_server: StartServer) -> AsyncIterator[Scene]:
    """Give a server whose statements are counted; the folder is short, as the name of a Unix socket must be."""
    with tempfile.TemporaryDirectory(prefix="duologue-") as folder:
        async with counted(database, Path(folder)) as (counter, dsn):
            place = await start_server(DATABASE_URL=dsn, RATE_LIMITS="off")
            one, other, *others = await place.people(8)
            for person in others:
                await person.send(await person.conversation(one), "https://example.com/b")
            conversation = await one.conversation(other)
            for number in range(25):
                message = await other.send(conversation, f"https://example.com/{number}")
            (file,) = await uploaded(other, ("notes.txt", "text/plain", b"Notes."))
            assert (await send_files(other, conversation, "file", file["id"])).status == 201
            link = (await one.post("files/links", {"ids": [file["id"]]})).data["links"][0]["url"]
            yield Scene(place, counter, one, other, conversation, message["id"], file, link)


# What the server does by itself, whoever calls.
BESIDE = {"events.heads", "instance.identity", "instance.timeline", "events.prune", "accounts.prune_sessions"}
CALLER = "callers.find"
_beginning = {"created_at": "2026-01-01T00:00:00.000000Z", "id": str(UUID(int=1))}
OLDEST = base64.b64encode(json.dumps(_beginning).encode()).decode()
FLUSH = ["ledger.begin", "ledger.lock_conversations", "ledger.lock_positions", "ledger.users", "ledger.participants"]

READS: dict[str, tuple[Call, list[str]]] = {
    "conversations": (
        lambda s: s.one.get("conversations"),
        [CALLER, "conversations.page"],
    ),
    "conversations/with": (
        lambda s: s.one.get(f"conversations/with/{s.other.username}"),
        [CALLER, "users.by_username", "conversations.of_pair"],
    ),
    "unread-count": (
        lambda s: s.one.get("conversations/unread-count"),
        [CALLER, "conversations.unread"],
    ),
    "messages": (
        lambda s: s.one.get(f"conversations/{s.conversation}/messages"),
        [CALLER, "messages.before"],
    ),
    "messages after": (
        lambda s: s.one.get(f"conversations/{s.conversation}/messages", after=OLDEST),
        [CALLER, "messages.after"],
    ),
    "message": (
        lambda s: s.one.get(f"messages/{s.message}"),
        [CALLER, "messages.by_id"],
    ),
    "context": (
        lambda s: s.one.get(f"messages/{s.message}/context"),
        [CALLER, "messages.context"],
    ),
    "media": (
        lambda s: s.one.get(f"conversations/{s.conversation}/media"),
        [CALLER, "messages.media"],
    ),
    "files": (
        lambda s: s.one.get(f"conversations/{s.conversation}/files"),
        [CALLER, "messages.files"],
    ),
    "links": (
        lambda s: s.one.get(f"conversations/{s.conversation}/links"),
        [CALLER, "messages.links"],
    ),
    "blocks": (
        lambda s: s.one.get("blocks"),
        [CALLER, "blocks.page"],
    ),
    "block status": (
        lambda s: s.one.get(f"blocks/status/{s.other.username}"),
        [CALLER, "users.by_username", "blocks.status"],
    ),
    "events": (
        lambda s: s.one.get("events", since=0),
        [CALLER, "events.count", "events.after", "users.by_id", "conversations.in_list"],
    ),
    "file": (
        lambda s: s.one.get(s.file["url"]),
        [CALLER, "attachments.shown"],
    ),
    "file by link": (
        lambda s: s.place.get(s.link),
        ["attachments.shown"],
    ),
    "file unchanged": (
        lambda s: s.one.get(s.file["url"], headers={"If-None-Match": "*"}),
        [CALLER, "attachments.shown"],
    ),
    "signed links": (
        lambda s: s.one.post("files/links", {"ids": [s.file["id"]] * 50}),
        [CALLER, "attachments.shown"],
    ),
    "v1 file": (
        lambda s: s.one.get(f"/v1/messages/files/{s.file['id']}"),
        [CALLER, "attachments.shown"],
    ),
    "me": (
        lambda s: s.one.get("/api/v1/users/me"),
        [CALLER],
    ),
    "users": (
        lambda s: s.one.get("/api/v1/users", query="user"),
        [CALLER, "users.search"],
    ),
    "v1 conversations": (
        lambda s: s.one.get("/v1/conversations"),
        [CALLER, "conversations.numbered"],
    ),
    "v1 unread conversations": (
        lambda s: s.one.get("/v1/conversations", unread_only="true"),
        [CALLER, "conversations.numbered_unread"],
    ),
    "v1 conversation": (
        lambda s: s.one.get(f"/v1/conversations/{s.conversation}"),
        [CALLER, "conversations.by_id"],
    ),
    "v1 opening": (
        lambda s: s.one.post("/v1/conversations", {"recipient_id": s.other.id}),
        [CALLER, "conversations.of_pair"],
    ),
    "v1 unread-count": (
        lambda s: s.one.get("/v1/conversations/unread-count"),
        [CALLER, "conversations.unread"],
    ),
    "v1 messages": (
        lambda s: s.other.get(f"/v1/conversations/{s.conversation}/messages"),
        [CALLER, "messages.numbered"],
    ),
    "v1 messages before": (
        lambda s: s.other.get(f"/v1/conversations/{s.conversation}/messages", before_id=s.message),
        [CALLER, "messages.place", "messages.before"],
    ),
    "v1 messages after": (
        lambda s: s.other.get(f"/v1/conversations/{s.conversation}/messages", after_id=s.message),
        [CALLER, "messages.place", "messages.after"],
    ),
    "v1 messages with media": (
        lambda s: s.other.get(f"/v1/conversations/{s.conversation}/messages", filter="media"),
        [CALLER, "messages.with_media"],
    ),
    "v1 messages with links": (
        lambda s: s.one.get(f"/v1/conversations/{s.conversation}/messages", filter="links"),
        [CALLER, "messages.with_links"],
    ),
    "v1 messages with files before": (
        lambda s: s.other.get(f"/v1/conversations/{s.conversation}/messages", filter="files", before_id=s.message),
        [CALLER, "messages.place", "messages.with_files"],
    ),
    "v1 blocked": (
        lambda s: s.one.get("/v1/users/blocked"),
        [CALLER, "blocks.page"],
    ),
    "v1 can-message": (
        lambda s: s.one.get(f"/v1/users/{s.other.id}/can-message"),
        [CALLER, "users.reach"],
    ),
}


@pytest.mark.parametrize("endpoint", READS)
async def test_what_a_read_costs(scene: Scene, endpoint: str) -> None:
    """However much a page holds, its parts are read by one statement each, after the one that says who asks."""
    call, expected = READS[endpoint]
    assert await scene.cost(call) == expected


async def test_a_send_costs_one_flush(scene: Scene) -> None:
    """A message to an idle server: who asks, then locks, facts, one write, one commit."""
    found = await scene.cost(lambda s: s.one.post(f"conversations/{s.conversation}/messages", {"content": "Hello!"}))
    assert found == [CALLER, *FLUSH, "ledger.write", "COMMIT"]


async def test_a_keyed_send_costs_two_more(scene: Scene) -> None:
    """The key is looked up with the facts and kept with the message; a replay writes nothing."""
    path = f"conversations/{scene.conversation}/messages"
    found = await scene.cost(lambda s: s.one.post(path, {"content": "Hello!", "tempId": str(uuid4())}))
    assert found == [CALLER, *FLUSH, "ledger.keys", "ledger.write", "ledger.insert_keys", "COMMIT"]
    body = {"content": "Hello!", "tempId": str(uuid4())}
    assert await scene.cost(lambda s: s.one.post(path, body)) == [CALLER, *FLUSH, "ledger.keys", "ROLLBACK"]


async def test_marking_costs_one_flush(scene: Scene) -> None:
    """A reading of something: one look for what is unread, one marking."""

    async def read_one(s: Scene) -> Answer:
        await s.other.send(s.conversation)
        s.counter.seen.clear()
        return await s.one.post(f"conversations/{s.conversation}/read")

    assert await scene.cost(read_one) == [CALLER, *FLUSH, "ledger.spans", "ledger.write", "ledger.mark_read", "COMMIT"]


async def test_reading_history_in_b_costs_the_page_and_one_flush(scene: Scene) -> None:
    """One look, one marking of what it showed; a page without unread ones is the look alone."""

    async def read(s: Scene) -> Answer:
        await s.other.send(s.conversation)
        s.counter.seen.clear()
        return await s.one.get(f"/v1/conversations/{s.conversation}/messages", limit=1)

    found = await scene.cost(read)
    assert found == [
        CALLER,
        "messages.numbered",
        *FLUSH,
        "ledger.messages",
        "ledger.write",
        "ledger.mark_these_read",
        "COMMIT",
    ]


WRITES: dict[str, tuple[Call, list[str]]] = {
    "send": (
        lambda s: s.one.post(f"/v1/conversations/{s.conversation}/messages", {"content": "Hello!"}),
        [CALLER, *FLUSH, "ledger.write", "COMMIT"],
    ),
    "block again": (
        lambda s: s.one.post(f"/v1/users/{s.other.id}/block", {"reason": "x"}),
        [
            *(CALLER, "users.by_id", "ledger.begin", "ledger.lock_positions", "ledger.pairs", "ledger.messages"),
            *("ledger.users", "ledger.participants", "ledger.blocks", "ROLLBACK"),
        ],
    ),
    "delete a conversation again": (
        lambda s: s.one.delete(f"/v1/conversations/{s.conversation}"),
        [CALLER, *FLUSH, "ROLLBACK"],
    ),
}


@pytest.mark.parametrize("endpoint", WRITES)
async def test_what_a_write_in_b_costs(scene: Scene, endpoint: str) -> None:
    """One flush, as in A; what changes nothing writes nothing."""
    call, expected = WRITES[endpoint]
    assert await scene.cost(call) == expected


async def test_many_sends_share_their_commits(scene: Scene) -> None:
    """Fifty messages at once cost fewer commits than messages: what waits goes out together."""
    scene.counter.seen.clear()
    path = f"conversations/{scene.conversation}/messages"
    answers = await asyncio.gather(*(scene.one.post(path, {"content": f"{n}"}) for n in range(50)))
    assert {answer.status for answer in answers} == {201}
    assert scene.counter.seen.count("COMMIT") < 30
    assert scene.counter.seen.count(CALLER) <= 50
