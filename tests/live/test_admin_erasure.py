"""Erasure is complete, restartable and for ever; partners keep a "deleted account" (B-47, design parts 1 and 6, docs/decisions/0005)."""

import asyncio
import io
import logging
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest
import structlog
from tests.live.chat import chat
from tests.live.conftest import StartServer
from tests.live.operator import TOKEN, Operator
from tests.live.people import Answer, Person, Place, eventually
from tests.shelf import Shelf

from duologue.app.logs import configure_logs
from duologue.storage.postgres import Postgres

DELETED = re.compile(r"deleted-[0-9a-f]{8}")
PASSWORD = "canary-password-9"
# Everything of every table as text.
COLUMNS = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Give all that is logged, from debug upwards."""
    output = io.StringIO()
    configure_logs("debug", output)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # the tests' own client
    logging.getLogger("httpcore").setLevel(logging.WARNING)
    logging.getLogger("websockets").setLevel(logging.WARNING)
    yield output
    structlog.reset_defaults()
    logging.basicConfig(force=True)
    for name in ("httpx", "httpcore", "websockets", "uvicorn.error"):
        logging.getLogger(name).setLevel(logging.NOTSET)


async def found(dsn: str, *canaries: str) -> set[str]:
    """Return the columns, as table.column, that hold one of the canaries in any row, whatever their type."""
    connection = await asyncpg.connect(dsn)
    try:
        places: set[str] = set()
        for table, column in await connection.fetch(COLUMNS):
            held = await connection.fetch(f'SELECT "{column}"::text FROM "{table}" WHERE "{column}" IS NOT NULL')  # noqa: S608
            if any(canary.lower() in row[0].lower() for row in held for canary in canaries):
                places.add(f"{table}.{column}")
        return places
    finally:
        await connection.close()


def stored(shelf: Shelf, *canaries: str) -> set[str]:
    """Return the files below the store's folder, what comes in included, that hold one of the canaries, or are named so."""
    files = [path for path in shelf.folder.rglob("*") if path.is_file()]
    return {
        path.name
        for path in files
        for canary in canaries
        if canary in path.name.lower() or canary.encode() in path.read_bytes().lower()
    }


class Canary:
    """Somebody whose every datum is known by a mark of its own."""

    def __init__(self, place: Place, person: Person, partner: Person, conversation: str) -> None:
        self.place = place
        self.person = person
        self.partner = partner
        self.conversation = conversation
        self.key = str(uuid4())

    @property
    def marks(self) -> tuple[str, ...]:
        """All marks; a key and a session are known by their ids, an argon2 hash by its beginning."""
        return ("canary", self.key, "$argon2")


async def leave_files(canary: Canary, shelf: Shelf) -> None:
    """A file in a message, one in a message that its sender deleted, one that was never sent: marks in all that is kept of them."""
    for name in ("sent", "deleted", "unsent"):
        known = {"name": f"canary {name}.jpg", "placeholder": f"canary-{name}", "flags": (f"canary-{name}",)}
        file = await shelf.take_in(UUID(canary.person.id), f"canary {name}".encode(), codec=f"canary-{name}", **known)
        if name != "unsent":
            body = {"type": "image", "media": [{"id": str(file.id)}]}
            message = (await canary.person.post(f"conversations/{canary.conversation}/messages", body)).data
        if name == "deleted":
            assert (await canary.person.delete(f"messages/{message['id']}")).status == 200


async def leave_marks(place: Place, person: Person, partner: Person, shelf: Shelf) -> Canary:
    """Do everything that leaves something behind."""
    me = {"displayName": "Canary Display", "avatar": "https://canary.example/face.png", "whoCanMessage": "followers"}
    await person.patch("/api/v1/users/me", {**me, "sendReadReceipts": False, "showLastSeen": True})
    await person.put(f"/api/v1/users/{partner.username}/follow")
    await partner.put(f"/api/v1/users/{person.username}/follow")
    canary = Canary(place, person, partner, await person.conversation(partner))
    await person.send(canary.conversation, "canary text https://canary.example/link", tempId="canary-temp")
    await person.send(canary.conversation, "canary keyed", tempId=canary.key)
    deleted = await person.send(canary.conversation, "canary deleted https://canary.example/deleted")
    gone = await Operator(place).delete(f"messages/{deleted['id']}")
    assert gone.status == 200
    await leave_files(canary, shelf)
    await partner.send(canary.conversation, "an answer")
    await person.post(f"conversations/{canary.conversation}/read")
    async with place.hand() as hand:
        for other in (await blockable(place), partner):
            await person.post("blocks", {"username": other.username})
        await hand.execute("UPDATE blocks SET reason = 'canary reason' WHERE blocker_id = $1", UUID(person.id))
        await hand.execute(
            "UPDATE users SET external_id = 'canary-external', last_seen_at = now() WHERE id = $1", UUID(person.id)
        )
    return canary


async def blockable(place: Place) -> Person:
    """Make somebody to block."""
    return await signed_up(place, f"bystander{uuid4().hex[:8]}")


async def signed_up(place: Place, name: str) -> Person:
    """Register somebody."""
    signed = (await place.post("/api/v1/auth/register", {"username": name, "password": PASSWORD})).data
    return Person(place, signed["user"]["id"], name, signed["accessToken"])


@pytest.fixture
async def alone(start_server: StartServer) -> Place:
    """Give a stand-alone server with an operator."""
    return await start_server(JWT_SECRET="", RATE_LIMITS="off", ADMIN_TOKEN=TOKEN, LOG_LEVEL="debug")


@pytest.fixture
def shelf(postgres: Postgres, tmp_path: Path) -> Shelf:
    """Give the server's store of files."""
    return Shelf(postgres, tmp_path / "files")


@pytest.fixture
async def canary(alone: Place, shelf: Shelf, log: io.StringIO) -> Canary:
    """Give somebody with marks everywhere; the partner's account is there, too."""
    return await leave_marks(alone, await signed_up(alone, "canary.name"), await signed_up(alone, "partner"), shelf)


async def test_the_marks_are_everywhere_before(canary: Canary, shelf: Shelf) -> None:
    """The test below looks where something was: every place that can hold a user's data holds a mark."""
    assert await found(canary.place.dsn, *canary.marks) >= {
        "users.username",
        "users.username_key",
        "users.display_name",
        "users.avatar_url",
        "users.external_id",
        "accounts.password_hash",
        "blocks.reason",
        "messages.content",
        "messages.temp_id",
        "links.url",
        "send_keys.key",
        "messages.media",
        "attachments.name",
        "attachments.placeholder",
        "attachments.codec",
        "attachments.flags",
    }
    assert len(stored(shelf, *canary.marks)) == 3  # a thumbnail is called as its picture is


async def test_nothing_of_an_erased_user_is_left_in_any_table_folder_or_log(
    canary: Canary, shelf: Shelf, log: io.StringIO
) -> None:
    """With `messages=remove` no mark stands anywhere, and no row of theirs but those that say nothing."""
    person, place = canary.person, canary.place
    await Operator(place).erase(person, messages="remove")
    async with place.hand() as hand:
        await hand.execute("DELETE FROM accounts WHERE user_id <> $1", UUID(person.id))  # the others' hashes
        for table, column in (
            ("accounts", "user_id"),
            ("sessions", "user_id"),
            ("follows", "follower_id"),
            ("follows", "followed_id"),
            ("blocks", "blocker_id"),
            ("send_keys", "sender_id"),
            ("links", "sender_id"),
            ("user_events", "user_id"),
            ("attachments", "owner_id"),
        ):
            count = await hand.fetchval(f"SELECT count(*) FROM {table} WHERE {column} = $1", UUID(person.id))  # noqa: S608
            assert (table, count) == (table, 0)
        row = await hand.fetchrow("SELECT * FROM users WHERE id = $1", UUID(person.id))
    assert row is not None
    assert DELETED.fullmatch(row["username"])
    assert (row["who_can_message"], row["send_read_receipts"], row["show_last_seen"]) == ("everyone", True, True)
    assert (row["external_id"], row["last_seen_at"], row["state"], row["told_to"]) == (None, None, "erased", None)
    assert await found(place.dsn, *canary.marks) == set()
    assert stored(shelf, *canary.marks) == set()
    assert await shelf.keys() == set()
    assert await shelf.use(UUID(person.id)) == (0, 0)
    said = log.getvalue().lower()
    assert [mark for mark in (*canary.marks, PASSWORD) if mark in said] == []


async def test_messages_that_are_kept_are_the_partners(canary: Canary, shelf: Shelf) -> None:
    """With `messages=keep` texts, links and files stay, of what was not deleted before, and nothing else."""
    await Operator(canary.place).erase(canary.person)
    async with canary.place.hand() as hand:
        await hand.execute("DELETE FROM accounts")
    files = {f"attachments.{name}" for name in ("name", "placeholder", "codec", "flags")}
    assert await found(canary.place.dsn, *canary.marks) == {"messages.content", "links.url", "messages.media", *files}
    gone = ("canary deleted", "canary-deleted", "canary unsent", "canary-unsent", "canary.example/deleted")
    assert await found(canary.place.dsn, *gone) == set()
    assert stored(shelf, *gone) == set()
    shown = await canary.partner.messages(canary.conversation)
    [file] = shown[1]["media"]
    assert file["filename"] == "canary sent.jpg"
    assert {key.rpartition("/")[2] for key in await shelf.keys()} == {f"{file['id']}.jpg"}
    assert await shelf.use(UUID(canary.person.id)) == (1, len("canary sent"))
    assert [message["content"] for message in shown] == [
        "an answer",
        None,
        "canary keyed",
        "canary text https://canary.example/link",
    ]


async def test_partners_see_a_deleted_account(canary: Canary) -> None:
    """In lists, messages, single conversations, block lists, facts and replays: the same four fields."""
    person, partner = canary.person, canary.partner
    await partner.post("blocks", {"username": person.username})
    start = (await partner.get("events")).data["position"]
    await Operator(canary.place).erase(person)
    [conversation] = await partner.conversations()
    shown = conversation["otherUser"]
    assert DELETED.fullmatch(shown["username"])
    expected = {"id": person.id, "username": shown["username"], "displayName": "Deleted account", "avatar": ""}
    seen = [shown]
    seen += [m["sender"] for m in await partner.messages(canary.conversation) if m["sender"]["id"] == person.id]
    seen += [block["blockedUser"] for block in (await partner.get("blocks")).data["blocks"]]
    events = (await partner.get("events", since=start)).data["events"]
    seen += [e["payload"]["otherUser"] for e in events if "otherUser" in e["payload"]]
    assert len(seen) >= 5
    assert [{name: one[name] for name in expected} for one in seen] == [expected] * len(seen)
    assert not any(one["isOnline"] or "lastSeen" in one for one in seen)


async def test_the_partner_is_told_and_gets_the_conversation_back(canary: Canary) -> None:
    """The erased user's block goes first: the conversation is back with its unread count; then who they are now."""
    person, partner = canary.person, canary.partner
    assert await partner.conversations() == []
    async with partner.socket() as socket:
        await Operator(canary.place).erase(person)
        back = await socket.expect("conversation.updated", hidden=False)
        assert back.payload["conversation"]["otherUser"]["displayName"] == "Deleted account"
        told = await socket.expect("conversation.updated", conversationId=canary.conversation)
        assert DELETED.fullmatch(told.payload["otherUser"]["username"])
    assert await partner.unread() == 3


async def test_nobody_writes_to_an_erased_user(live: Place, operator: Operator) -> None:
    """403 for sending, typing and opening; not found by search, and no name to follow."""
    talk = await chat(live)
    stranger = await live.person()
    await operator.erase(talk.one)
    name = (await talk.two.conversations())[0]["otherUser"]["username"]
    assert (await talk.two.post(f"conversations/{talk.id}/messages", {"content": "x"})).status == 403
    assert (await stranger.get(f"conversations/with/{name}")).status == 403
    assert (await stranger.get(f"conversations/with/{talk.one.username}")).status == 404
    for query in (name, talk.one.username, "deleted"):
        assert (await stranger.get("/api/v1/users", query=query)).data["users"] == []
    async with talk.two.socket() as socket:
        await socket.send("typing.start", conversationId=talk.id)
        assert (await socket.expect("error")).payload["code"] == "FORBIDDEN"


async def test_an_erased_users_tokens_are_refused_for_ever(live: Place, operator: Operator) -> None:
    """A platform's token is 401 however often it comes and whatever it claims, and nothing of its claims is kept."""
    person = await live.person()
    async with person.socket() as socket:
        await operator.erase(person)
        async with asyncio.timeout(2):
            assert await socket.closed() == 4502
    again = Person(live, person.id, "canary-again", live.token(person.id, "canary-again", name="Canary Again"))
    for who in (person, again):
        assert (await who.get("conversations")).status == 401
        async with who.socket(greeted=False) as socket:
            assert await socket.closed() == 4500
    assert await found(live.dsn, "canary again", "canary-again") == set()


async def test_a_platforms_user_without_a_uuid_stays_erased(live: Place, operator: Operator) -> None:
    """The external id is gone, yet its `sub` leads to the same row, by token as by upsert."""
    subject = f"customer-{uuid4().hex}"
    person = Person(live, "", "", live.token(subject, sub=subject))
    me = (await person.get("/api/v1/users/me")).data
    assert (await operator.delete(f"users/{subject}")).status == 200
    assert (await person.get("/api/v1/users/me")).status == 401
    assert (await operator.get(f"users/{subject}")).status == 404
    assert (await operator.get(f"users/{me['id']}")).data["state"] == "erased"
    refused = await operator.put("users", {"users": [{"externalId": subject, "username": f"again-{subject[-8:]}"}]})
    assert refused.refusal[:2] == (409, "CONFLICT")
    assert await found(live.dsn, subject) == set()


async def test_a_name_claimed_from_an_erased_user_leaves_them_nameless(live: Place, operator: Operator) -> None:
    """A claim that names `deleted-...` wins the name, and the erased user's next one says as little."""
    talk = await chat(live)
    await operator.erase(talk.one)
    name = (await talk.two.conversations())[0]["otherUser"]["username"]
    await live.person(name)
    shown = (await talk.two.conversations())[0]["otherUser"]
    assert shown["username"] != name
    assert DELETED.fullmatch(shown["username"])


async def test_reactivation_does_not_bring_an_erased_user_back(live: Place, operator: Operator) -> None:
    """409, nor can they be deactivated."""
    person = await live.person()
    await operator.erase(person)
    for verb in ("reactivate", "deactivate"):
        refused = await operator.post(f"users/{person.id}/{verb}")
        assert refused.refusal == (409, "CONFLICT", "The user was erased")


async def test_removing_messages_counts_and_previews_right(live: Place, operator: Operator) -> None:
    """As if each had been deleted: unread counts sink, the preview is empty, devices get `message.deleted`; in every conversation."""
    one, two, three = await live.people(3)
    talks = {person: await one.conversation(person) for person in (two, three)}
    for conversation in talks.values():
        for number in range(3):
            await one.send(conversation, f"https://example.com/{number}")
    answer = await two.send(talks[two], "mine stays")
    async with two.socket() as socket:
        await operator.erase(one, messages="remove")
        for _ in range(3):
            await socket.expect("message.deleted", conversationId=talks[two])
    assert (await two.unread(), await three.unread()) == (0, 0)
    assert [message["id"] for message in await two.messages(talks[two])] == [answer["id"]]
    assert await three.messages(talks[three]) == []
    assert (await three.conversations())[0]["lastMessage"]["content"] == ""
    assert (await two.get(f"conversations/{talks[two]}/links")).data["links"] == []


async def test_more_messages_than_a_chunk_all_go(live: Place, operator: Operator) -> None:
    """1,100 of them, in chunks, each with its fact; the database is sound afterwards."""
    talk = await chat(live)
    async with live.hand() as hand:
        await hand.execute(
            "INSERT INTO messages (id, conversation_id, sender_id, receiver_id, content, created_at, updated_at) "
            "SELECT gen_random_uuid(), $1, $2, $3, 'canary-many ' || n, at, at FROM generate_series(1, 1100) n, "
            "LATERAL (SELECT now() - interval '1 day' + n * interval '1 millisecond' AS at) times",
            *(UUID(talk.id), UUID(talk.one.id), UUID(talk.two.id)),
        )
        await hand.execute(
            "UPDATE conversation_participants SET unread_count = 1100 WHERE conversation_id = $1 AND user_id = $2",
            *(UUID(talk.id), UUID(talk.two.id)),
        )
        await hand.execute("UPDATE positions SET unread_total = 1100 WHERE user_id = $1", UUID(talk.two.id))
    await operator.erase(talk.one, messages="remove")
    assert await talk.two.unread() == 0
    assert await talk.two.messages(talk.id) == []
    assert await found(live.dsn, "canary-many") == set()


async def test_erasing_again_with_remove_takes_the_messages_too(canary: Canary) -> None:
    """Who was erased with their messages kept can lose them later."""
    operator = Operator(canary.place)
    await operator.erase(canary.person)
    await operator.erase(canary.person, messages="remove")
    assert [m["content"] for m in await canary.partner.messages(canary.conversation)] == ["an answer"]
    async with canary.place.hand() as hand:
        await hand.execute("DELETE FROM accounts")
    assert await found(canary.place.dsn, *canary.marks) == set()


# Where the database can fail on the way: table and kind of writing, in the order of the steps.
STEPS = [
    ("blocks", "DELETE"),
    ("user_events", "INSERT"),
    ("messages", "UPDATE"),
    ("links", "DELETE"),
    ("attachments", "DELETE"),
    ("storage_use", "UPDATE"),
    ("sessions", "DELETE"),
    ("follows", "DELETE"),
    ("send_keys", "DELETE"),
    ("user_events", "DELETE"),
]


@pytest.mark.parametrize(("table", "writing"), STEPS)
async def test_an_erasure_that_was_cut_short_is_finished_by_the_next(
    canary: Canary, shelf: Shelf, table: str, writing: str
) -> None:
    """The database gives up at any step: 503; the user is shut out all the same, and the same call again leaves nothing."""
    operator = Operator(canary.place)
    async with canary.place.hand() as hand:
        await hand.execute(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = '53100'; END $$"
        )
        await hand.execute(
            f"CREATE TRIGGER full_disk BEFORE {writing} ON {table} FOR EACH ROW EXECUTE FUNCTION full_disk()"
        )
        cut = await operator.delete(f"users/{canary.person.id}", messages="remove")
        await hand.execute("DROP FUNCTION full_disk() CASCADE")
    assert cut.status == 503
    assert (await canary.person.get("conversations")).status == 401
    assert [entry["details"]["finished"] for entry in await operator.audit("user.erase")] == [False]
    await operator.erase(canary.person, messages="remove")
    async with canary.place.hand() as hand:
        await hand.execute("DELETE FROM accounts")
    assert await found(canary.place.dsn, *canary.marks) == set()
    assert await shelf.keys() == set()
    [conversation] = await canary.partner.conversations()
    assert conversation["otherUser"]["displayName"] == "Deleted account"
    assert [entry["details"]["finished"] for entry in await operator.audit("user.erase")] == [True, False]


async def test_what_races_an_erasure_leaves_nothing(alone: Place) -> None:
    """Settings, follows, blocks, sends and sign-ins that are under way when the user is erased are refused, or erased with them."""
    other = await signed_up(alone, "other")
    for number in range(5):
        person = await signed_up(alone, f"canary{number}")
        conversation = await person.conversation(other)
        message = {"content": "canary", "tempId": str(uuid4())}
        calls = [
            call
            for _ in range(3)
            for call in (
                person.patch("/api/v1/users/me", {"displayName": "Canary"}),
                person.put("/api/v1/users/other/follow"),
                other.put(f"/api/v1/users/{person.username}/follow"),
                person.post("blocks", {"username": "other"}),
                person.post(f"conversations/{conversation}/messages", message),
            )
        ]
        racing = [asyncio.create_task(call) for call in calls]
        await Operator(alone).erase(person, messages="remove")
        answers: list[Answer] = await asyncio.gather(*racing)
        assert {answer.status for answer in answers} <= {200, 201, 401, 403, 404}
        async with alone.hand() as hand:
            for table, column in (("follows", "follower_id"), ("follows", "followed_id"), ("blocks", "blocker_id")):
                sql = f"SELECT count(*) FROM {table} WHERE {column} = $1"  # noqa: S608
                assert (table, await hand.fetchval(sql, UUID(person.id))) == (table, 0)
            assert await hand.fetchval("SELECT count(*) FROM send_keys WHERE sender_id = $1", UUID(person.id)) == 0
    assert await found(alone.dsn, "canary") == set()


async def test_last_seen_is_not_written_once_more(alone: Place) -> None:
    """The end of an erased user's socket is no sign of life."""
    person, other = await signed_up(alone, "ada"), await signed_up(alone, "bob")
    await person.conversation(other)
    async with person.socket() as socket, other.socket() as theirs:
        await Operator(alone).erase(person)
        assert await socket.closed() == 4502
        await theirs.expect("conversation.updated")
        await theirs.expect("user.offline")
    async with alone.hand() as hand:
        assert await hand.fetchval("SELECT last_seen_at FROM users WHERE id = $1", UUID(person.id)) is None


# -- oneself --------------------------------------------------------------------------------------------------------------


async def test_somebody_erases_themselves_with_their_password(alone: Place) -> None:
    """403 for a wrong one; then their tokens, their sign-in and their name are gone, and the name is free."""
    ada = await signed_up(alone, "ada")
    refused = await ada.delete("/api/v1/users/me", {"password": "something else"})
    assert refused.refusal == (403, "FORBIDDEN", "Wrong password")
    assert (await ada.delete("/api/v1/users/me", {"password": PASSWORD, "messages": "burn"})).status == 400
    async with ada.socket() as socket:
        gone = await ada.delete("/api/v1/users/me", {"password": PASSWORD, "messages": "remove"})
        assert (gone.status, gone.body["data"]) == (200, None)
        assert await socket.closed() == 4502
    assert (await ada.get("conversations")).status == 401
    body = {"username": "ada", "password": PASSWORD}
    assert (await alone.post("/api/v1/auth/login", body)).status == 401
    assert (await alone.post("/api/v1/auth/register", body)).status == 201
    [entry] = await Operator(alone).audit("user.erase")
    assert (entry["actor"], entry["targetIds"]) == ("user", [ada.id])


async def test_guessing_the_password_to_erase_is_limited_as_signing_in_is(start_server: StartServer) -> None:
    """The eleventh attempt within a minute is 429."""
    place = await start_server(JWT_SECRET="")
    ada = await signed_up(place, "ada")
    answers = [await ada.delete("/api/v1/users/me", {"password": "wrong password"}) for _ in range(11)]
    assert [answer.status for answer in answers] == [403] * 10 + [429]


async def test_behind_a_platform_nobody_erases_themselves(live: Place) -> None:
    """Who exists is the platform's to say: 403, as for profiles."""
    person = await live.person()
    refused = await person.delete("/api/v1/users/me", {"password": "x"})
    assert refused.status == 403
    assert (await person.get("conversations")).status == 200


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    """Give a stack that ends with the test."""
    async with AsyncExitStack() as stack:
        yield stack


async def test_presence_ends_with_the_erasure(live: Place, operator: Operator, stack: AsyncExitStack) -> None:
    """The partner sees them offline at once."""
    talk = await chat(live)
    await stack.enter_async_context(talk.one.socket())
    await operator.erase(talk.one)
    shown = await eventually(talk.two.conversations, lambda found: not found[0]["otherUser"]["isOnline"])
    assert shown[0]["otherUser"]["displayName"] == "Deleted account"
