"""The Python client against a running server: every endpoint and command, and a session through cuts, resets and refusals."""

import asyncio
import random
import time
from pathlib import Path
from typing import Literal
from uuid import uuid4

import pytest
from tests.live.conftest import StartServer
from tests.live.people import Person, Place, eventually

from duologue.client import (
    ApiError,
    CommandError,
    File,
    Frame,
    Inbox,
    Reset,
    Rest,
    Session,
    SessionOptions,
    SessionState,
    SessionStopped,
    SignIn,
    Socket,
    SocketOptions,
    take,
)
from duologue.client.frames import MessageNew, ResumeReset
from duologue.client.paths import socket_url

Pair = tuple[Person, Person]
WORD = "correct horse battery"


def session_of(person: Person, **more: object) -> Session:
    """Make a session of somebody."""
    quick = SessionOptions(backoff_base=0.01)
    return Session(person.place.url, token=person.token, **{"options": quick, **more})  # type: ignore[arg-type]


def rest_of(person: Person) -> Rest:
    """Make a REST client of somebody."""
    return Rest(person.place.url, token=person.token)


async def next_of(session: Session, kind: str) -> Frame:
    """Read events until one of a kind comes."""
    async with asyncio.timeout(10):
        async for event in session:
            if isinstance(event, Frame) and event.type == kind:
                return event
    raise AssertionError(f"no {kind}")


def names_in(folder: Path) -> list[str]:
    """Give what lies in a folder."""
    return sorted(path.name for path in folder.iterdir())


def cut(session: Session) -> None:
    """Cut a session's connection as a network does: no close frame."""
    socket = session._keeper.socket
    if socket is not None:
        socket.abort()


async def test_every_rest_method_fits_the_server(start_server: StartServer) -> None:
    """One tour through accounts, conversations, messages and blocks, with typed answers everywhere."""
    place = await start_server(JWT_SECRET="", RATE_LIMITS="off")
    async with Rest(place.url) as rest, Rest(place.url) as other:
        tokens = await SignIn.register(rest, "Anna", WORD)
        rest.token = tokens
        other.token = (await other.register("bert", WORD, "Bert B.")).access_token
        assert (await rest.me()).username == "Anna"
        assert (await rest.update_me(displayName="Anna A.", showLastSeen=False)).display_name == "Anna A."
        assert [user.display_name for user in await rest.search_users("be")] == ["Bert B."]
        await rest.follow("bert")
        await rest.unfollow("bert")

        chat = await rest.open("bert")
        assert (chat.other_user.username, chat.last_message, chat.unread_count) == ("bert", None, 0)
        key = str(uuid4())
        sent = await other.send(chat.id, "see https://example.com/a", temp_id=key)
        again = await other.send(chat.id, "see https://example.com/a", temp_id=key)
        assert (again.message.id, sent.replayed, again.replayed) == (sent.message.id, False, True)
        second = (await other.send(chat.id, "second", idempotency_key=str(uuid4()))).message
        assert await rest.unread_count() == 2
        listed = await rest.conversations(limit=10)
        assert [item.unread_count for item in listed] == [2]
        assert listed.position == 4  # settings, opening, two messages

        page = await rest.messages(chat.id, limit=1)
        assert ([item.content for item in page], page.has_more) == (["second"], True)
        assert [item.content async for item in rest.every_message(chat.id, limit=1)] == ["second", sent.message.content]
        found = await rest.context(second.id, before=5)
        assert (len(found.messages), found.target_message_id, found.has_more_before) == (2, second.id, False)
        assert (await rest.message(second.id)).content == "second"
        assert [link.url for link in await rest.links(chat.id)] == ["https://example.com/a"]
        assert (len(await rest.media(chat.id)), len(await rest.files(chat.id))) == (0, 0)


async def test_every_rest_method_about_blocks_events_and_passwords_fits_the_server(start_server: StartServer) -> None:
    """The other half of the tour."""
    place = await start_server(JWT_SECRET="", RATE_LIMITS="off")
    async with Rest(place.url) as rest, Rest(place.url) as other:
        tokens = await SignIn.register(rest, "Anna", WORD)
        rest.token = tokens
        other.token = (await other.register("bert", WORD)).access_token
        chat = await rest.open("bert")
        first = (await other.send(chat.id, "first")).message
        await other.send(chat.id, "second")
        marked = await rest.read(chat.id, first.id)
        assert (marked.marked_count, (await rest.read(chat.id)).marked_count) == (1, 1)
        assert (await rest.read(chat.id)).read_at is None

        assert (await rest.block("bert")).blocked_user.username == "bert"
        status = await rest.block_status("bert")
        assert (status.is_blocked, status.is_blocked_by, status.can_send_message) == (True, False, False)
        with pytest.raises(ApiError) as caught:
            await other.send(chat.id, "no")
        assert (caught.value.status, caught.value.code) == (403, "BLOCKED")
        assert caught.value.request_id
        assert [block.blocked_user.username async for block in rest.every_block()] == ["bert"]
        await rest.unblock("bert")

        head = await rest.events()
        assert (head.frames, head.has_more) == ((), False)
        kinds = [frame.type for frame in (await rest.events(since=0, epoch=head.epoch)).frames]
        chats = ["conversation.updated", "message.new", "message.new", "message.read_ack", "message.read_ack"]
        assert kinds == [*chats, "block.added", "block.removed"]
        assert (await rest.events(since=0, epoch="another")).reason == "epoch"

        await tokens.change_password(WORD, WORD + "!")
        assert (await rest.me()).username == "Anna"
        await rest.logout_all()
        with pytest.raises(ApiError):
            await rest.me()


async def test_every_command_fits_the_server(pair: Pair) -> None:
    """Each command of one socket is answered as its method says."""
    one, two = pair
    chat = await one.conversation(two)
    await two.send(chat)
    async with Socket(socket_url(one.place.url), token=one.token) as socket:
        key = str(uuid4())
        sent = await socket.send(chat, "hello", temp_id=key)
        assert (sent.message.content, sent.temp_id, sent.replayed) == ("hello", key, False)
        assert (await socket.send(chat, "hello", temp_id=key)).replayed
        with pytest.raises(CommandError) as caught:
            await socket.send(chat, "   ")
        assert caught.value.code == "VALIDATION_ERROR"
        assert (await socket.read(chat)).marked_count == 1
        assert (await socket.read(chat)).read_at is None
        await socket.typing(chat)
        await socket.typing(chat, started=False)
        assert (await socket.block(two.username)).blocked_user.id == two.id
        assert (await socket.unblock(two.username)).blocked_user.id == two.id
        pong = await socket.ping()
        assert pong.position == 6
        assert (await socket.auth(one.token)).user_id == one.id
        assert (await socket.resume(0)).position == 6
        reset = await socket.resume(99)
        assert isinstance(reset, ResumeReset)
        assert reset.reason == "ahead"


@pytest.mark.parametrize("carrier", ["query", "auth"])
async def test_the_token_may_travel_otherwise(pair: Pair, carrier: Literal["query", "auth"]) -> None:
    """By query or by the first command, where no header can be set."""
    one, _ = pair
    options = SocketOptions(carrier=carrier)
    async with Socket(socket_url(one.place.url), token=one.token, options=options) as socket:
        assert socket.hello is not None
        assert socket.hello.user_id == one.id


async def test_t102_a_session_misses_nothing_over_cuts(pair: Pair) -> None:
    """What was sent while a client was away, or as it was cut, comes once and in order; its own sends arrive once."""
    one, two = pair
    chat = await one.conversation(two)
    heard: list[str] = []
    dice = random.Random(7)  # noqa: S311 - which connections are cut is no secret

    async def listen(session: Session) -> None:
        async for event in session:
            if isinstance(event, Frame) and isinstance(event.payload, MessageNew):
                heard.append(event.payload.message.content or "")  # noqa: PERF401 - it is looked at while it grows

    async with session_of(one) as sender, session_of(two) as receiver:
        await receiver.opened()
        listening = asyncio.create_task(listen(receiver))
        texts = [f"text {number}" for number in range(60)]
        sends = [asyncio.create_task(sender.send(chat, text)) for text in texts]
        for done in asyncio.as_completed(sends):
            await done
            if dice.random() < 0.15:
                cut(dice.choice([sender, receiver]))
        await eventually(lambda: _value(len(heard)), lambda count: count >= len(texts))
    await listening
    assert heard == texts
    assert [item["content"] for item in await one.messages(chat, limit=100)] == texts[::-1]


async def _value(value: int) -> int:
    return value


async def test_snapshot_and_facts_are_a_fresh_snapshot(live: Place) -> None:
    """Two devices of one user follow sends, reads and blocks of three people through cuts, and agree with the server."""
    me, *others = await live.people(4)
    chats = {other.id: await me.conversation(other) for other in others[:2]}
    async with rest_of(me) as rest, session_of(me) as phone, session_of(me) as laptop:
        devices = (phone, laptop)
        for device in devices:
            await device.opened()
        inboxes = [await take(rest), await take(rest)]
        for number in range(60):
            await _something(me, others, chats, number)
            if number % 7 == 0:
                cut(devices[number % 2])
        head, now = -1, (await rest.events()).position
        while now != head:  # marks of delivery come in by themselves
            head = now
            for device, inbox in zip(devices, inboxes, strict=True):
                await _follow(device, inbox, head)
            fresh = (await take(rest)).snapshot()
            now = (await rest.events()).position
        assert [inbox.snapshot() == fresh for inbox in inboxes] == [True, True]
        assert all(inbox.unloaded() == [] for inbox in inboxes)


async def _something(me: Person, others: list[Person], chats: dict[str, str], number: int) -> None:
    """Let somebody do something that may be refused."""
    other = others[number % 3]
    if other.id not in chats and number > 20:
        chats[other.id] = await me.conversation(other)
    chat = chats.get(other.id)
    if chat is None:
        return
    one, two = (me, other) if number % 2 else (other, me)
    action = number % 11
    if action == 8:
        await one.post("blocks", {"username": two.username})
    elif action == 9:
        for who, whom in ((one, two), (two, one)):
            await who.delete(f"blocks/{whom.username}")
    elif action in {3, 7}:
        known = await one.messages(chat)
        last = {"messageId": known[len(known) // 2]["id"]} if known and action == 3 else {}
        await one.post(f"conversations/{chat}/read", last)
    else:
        await one.post(f"conversations/{chat}/messages", {"content": f"text {number}"})


async def _follow(session: Session, inbox: Inbox, head: int) -> None:
    async with asyncio.timeout(10):
        while inbox.position < head:
            event = await anext(session)
            assert not isinstance(event, Reset)
            inbox.apply(event)


async def test_a_position_of_another_log_is_a_reset(pair: Pair) -> None:
    """The session says so, and goes on from the server's place."""
    one, two = pair
    chat = await one.conversation(two)
    async with session_of(one, since=7, epoch="another") as session:
        async with asyncio.timeout(10):
            event = await anext(session)
            while not isinstance(event, Reset):
                event = await anext(session)
        assert event.reason == "epoch"
        await two.send(chat, "after it")
        assert (await next_of(session, "message.new")).payload.message.content == "after it"


async def test_without_a_socket_a_session_polls(pair: Pair) -> None:
    """Where no socket can be opened, events and sends take the other way, once each."""
    one, two = pair
    chat = await one.conversation(two)
    options = SessionOptions(poll_after=1, poll_wait=1, backoff_base=0.01)
    async with session_of(one, url="ws://127.0.0.1:1/", options=options) as session:
        await session.opened()
        assert session.state is SessionState.POLLING
        await two.send(chat, "polled")
        assert (await next_of(session, "message.new")).payload.message.content == "polled"
        sent = await session.send(chat, "by rest")
        assert (await next_of(session, "message.new")).payload.message.id == sent.message.id
        assert (await session.read(chat)).marked_count == 1


async def test_a_token_is_renewed_on_the_open_socket(live: Place) -> None:
    """A connection outlives its first token when a fresh one comes in time."""
    user_id = str(uuid4())
    handed: list[str] = []

    async def provider(*, fresh: bool) -> str:
        handed.append(live.token(user_id, f"u{user_id[:8]}", exp=int(time.time()) + (3600 if fresh else 2)))
        return handed[-1]

    async with Session(live.url, token=provider) as session:
        hello = (await next_of(session, "connection.success")).payload
        renewed = (await next_of(session, "auth_success")).payload
        assert renewed.connection_id == hello.connection_id
    assert len(handed) == 2


async def test_signing_out_ends_the_session(start_server: StartServer) -> None:
    """4504: the user left, nobody comes back by themselves."""
    place = await start_server(JWT_SECRET="")
    async with Rest(place.url) as rest:
        tokens = await SignIn.register(rest, "anna", WORD)
        async with Session(place.url, token=tokens) as session:
            await session.opened()
            await tokens.logout()
            with pytest.raises(SessionStopped) as caught:
                async for _ in session:
                    pass
    assert caught.value.code == 4504


async def test_a_refused_token_ends_the_session(live: Place) -> None:
    """4500, without a second try."""
    async with Session(live.url, token="no token") as session:
        with pytest.raises(SessionStopped) as caught:
            await session.opened()
    assert caught.value.code == 4500


async def test_a_rate_limit_only_delays(start_server: StartServer) -> None:
    """The session waits as long as the server says, and everything arrives once, in order."""
    place = await start_server(RATE_LIMITS="send_message=6/min")
    one, two = await place.people(2)
    chat = await one.conversation(two)
    slept: list[float] = []
    gone = asyncio.Event()

    async with session_of(one) as session:
        await session.opened()
        keeper = session._keeper
        assert keeper.socket is not None
        real = keeper._outbox._sleep

        async def sleep(seconds: float) -> None:
            slept.append(seconds)
            gone.set()
            await real(3600)

        keeper._outbox._sleep = sleep
        sends = [asyncio.create_task(session.send(chat, f"{number}")) for number in range(10)]
        await asyncio.wait_for(gone.wait(), 10)
        assert [item["content"] for item in await two.messages(chat)] == ["5", "4", "3", "2", "1", "0"]
        assert session.unacknowledged == 4
        for task in sends:
            task.cancel()
    assert 0 < slept[0] <= 60


async def test_files_are_sent_and_fetched(pair: Pair, tmp_path: Path) -> None:
    """A path and bytes go in one message; the partner gets the same bytes, by token and by a signed link."""
    one, other = pair
    chat = await one.conversation(other)
    paper = tmp_path / "paper.txt"
    paper.write_bytes(b"All of it.\n" * 30_000)
    async with rest_of(one) as mine, rest_of(other) as theirs:
        sent = await mine.send_files(
            chat, [paper, File(b'{"a": 1}', "data.json")], "Both", idempotency_key=str(uuid4())
        )
        assert (sent.message.type, sent.message.content) == ("file", "Both")
        (got,) = (await theirs.messages(chat)).items
        assert [file.filename for file in got.media] == ["paper.txt", "data.json"]
        target = tmp_path / "fetched"
        await theirs.download(got.media[0], target)
        assert target.read_bytes() == paper.read_bytes()
        (link,) = await theirs.file_links([got.media[1].id])
        async with Rest(one.place.url) as nobody:
            await nobody.download(link.url, target)
            assert target.read_bytes() == b'{"a": 1}'
            with pytest.raises(ApiError, match="401"):
                await nobody.download(got.media[0], target)
        assert target.read_bytes() == b'{"a": 1}'
    assert names_in(tmp_path) == ["fetched", "paper.txt"]


async def test_files_sent_again_with_their_key_are_one_message(pair: Pair, tmp_path: Path) -> None:
    """A file is opened anew for each try."""
    one, other = pair
    chat = await one.conversation(other)
    paper, key = tmp_path / "paper.txt", str(uuid4())
    paper.write_bytes(b"All of it.")
    async with rest_of(one) as mine:
        first = await mine.send_files(chat, [paper], idempotency_key=key)
        again = await mine.send_files(chat, [paper], idempotency_key=key)
    assert (first.replayed, again.replayed) == (False, True)
    assert again.message.id == first.message.id
