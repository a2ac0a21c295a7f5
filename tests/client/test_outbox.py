"""Sends of a session: queued, acknowledged across connections, stored exactly once, in order."""

import asyncio
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import pytest
from tests.client.conftest import Connect, Pace
from tests.client.standin import CONVERSATION, ME, Answer, Peer, Standin, error, message, refuse

from duologue.client import CommandError, Session, SessionOptions, SessionStopped, SocketOptions, Timing
from duologue.client.errors import Unreachable
from duologue.client.outbox import Draft, Outbox
from duologue.client.wire import Message, Sent

KEY = "7d444840-9dc0-41d1-b245-5ffdce74fad2"
MESSAGES = f"/api/v1/chat/conversations/{CONVERSATION}/messages"


def sending(session: Session, *texts: str) -> list["asyncio.Task[Sent]"]:
    """Send texts without waiting."""
    return [asyncio.create_task(session.send(CONVERSATION, text)) for text in texts]


def stored(standin: Standin) -> list[str]:
    """Return the texts that the server stored, in order."""
    return [fact["payload"]["message"]["content"] for fact in standin.log]


async def test_a_send_is_acknowledged(standin: Standin, connect: Connect) -> None:
    """The answer is the stored message, under the key that was drawn."""
    async with connect() as session:
        sent = await session.send(CONVERSATION, "hello")
    assert (sent.message.content, sent.message.sender_id, sent.replayed) == ("hello", ME, False)
    assert sent.message.temp_id == standin.commands[0]["payload"]["tempId"]
    assert session.unacknowledged == 0


async def test_sends_before_the_connection_wait_for_it(standin: Standin, connect: Connect) -> None:
    """In the order in which they were asked for."""
    session = connect()
    waiting = sending(session, "one", "two", "three")
    async with session:
        await asyncio.gather(*waiting)
    assert stored(standin) == ["one", "two", "three"]


async def test_a_send_whose_acknowledgement_was_lost_is_stored_once(standin: Standin, connect: Connect) -> None:
    """Cut after the commit, before the answer: sent again under the same key, answered as a replay."""
    standin.lost_answers = 2
    async with connect() as session:
        sent = await session.send(CONVERSATION, "once", temp_id=KEY)
    assert sent.replayed
    assert stored(standin) == ["once"]
    assert [command["payload"]["tempId"] for command in standin.commands] == [KEY] * 3


async def test_many_sends_over_many_cuts_arrive_once_and_in_order(standin: Standin, connect: Connect) -> None:
    """Every connection dies after one more commit, and still nothing is lost, doubled or moved."""
    standin.lost_answers = 12
    texts = [f"text {number}" for number in range(30)]
    async with connect() as session:
        sent = await asyncio.gather(*sending(session, *texts))
    assert stored(standin) == texts
    assert [one.message.content for one in sent] == texts


async def test_no_more_than_the_window_is_on_its_way(standin: Standin, connect: Connect) -> None:
    """The server stops reading a connection with too much outstanding."""
    release = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.hello()
        commands = [await peer.receive() for _ in range(3)]
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(peer.receive(), 0.05)
        release.set()
        for command in commands:
            await standin.obey(peer, command)
        while True:
            await standin.obey(peer, await peer.receive())

    standin.scripts.append(script)
    async with connect(options=SessionOptions(window=3)) as session:
        await asyncio.gather(*sending(session, *"abcdefg"))
    assert release.is_set()
    assert stored(standin) == list("abcdefg")


async def test_a_refusal_ends_its_send_alone(standin: Standin, connect: Connect) -> None:
    """What the server refuses is not tried again; others go on."""

    async def script(peer: Peer) -> None:
        await peer.hello()
        while True:
            command = await peer.receive()
            if command["payload"]["content"] == "bad":
                await peer.send("error", {"code": "BLOCKED", "message": "Cannot send"}, id=command["id"])
            else:
                await standin.obey(peer, command)

    standin.scripts.append(script)
    async with connect() as session:
        good, bad, after = sending(session, "good", "bad", "after")
        with pytest.raises(CommandError) as caught:
            await bad
        await asyncio.gather(good, after)
    assert caught.value.code == "BLOCKED"
    assert stored(standin) == ["good", "after"]


@pytest.mark.parametrize("code", ["RATE_LIMITED", "UNAVAILABLE"])
async def test_not_now_is_waited_for_in_order(standin: Standin, connect: Connect, pace: Pace, code: str) -> None:
    """After such a refusal nothing goes out until its time has passed, then one by one until one is taken."""
    room = 2

    async def script(peer: Peer) -> None:
        nonlocal room
        await peer.hello()
        while True:
            command = await peer.receive()
            if room == 0:
                told = {"code": code, "message": "later", "retryAfter": 20}
                await peer.send("error", told, id=command["id"])
                if pace.slept == [20.0, 20.0]:
                    room = 100
            else:
                room -= 1
                await standin.obey(peer, command)

    standin.scripts.append(script)
    async with connect() as session:
        await asyncio.gather(*sending(session, *"abcdef"))
    assert stored(standin) == list("abcdef")
    assert pace.slept == [20.0, 20.0, 20.0]


async def test_after_a_taken_send_the_window_is_whole_again(standin: Standin, connect: Connect) -> None:
    """One by one is for the first after a refusal, not for ever."""

    async def script(peer: Peer) -> None:
        await peer.hello()
        await peer.send("error", {"code": "RATE_LIMITED", "message": "later"}, id=(await peer.receive())["id"])
        await standin.obey(peer, await peer.receive())
        for command in [await peer.receive() for _ in range(3)]:
            await standin.obey(peer, command)

    standin.scripts.append(script)
    async with connect(options=SessionOptions(window=3)) as session:
        (first,) = sending(session, "first")
        await first
        await asyncio.gather(*sending(session, *"abc"))
    assert stored(standin) == ["first", "a", "b", "c"]


async def test_an_answer_that_never_comes_costs_the_connection(standin: Standin, connect: Connect) -> None:
    """A server that swallows a command is left, and the send goes out on the next connection."""

    async def script(peer: Peer) -> None:
        await peer.hello()
        await peer.ws.wait_closed()

    standin.scripts.append(script)
    options = SessionOptions(socket=SocketOptions(reply_timeout=0.05))
    async with connect(options=options) as session:
        assert (await session.send(CONVERSATION, "hello")).message.content == "hello"
    assert stored(standin) == ["hello"]


async def test_whoever_gives_up_waiting_takes_the_send_out(standin: Standin, connect: Connect) -> None:
    """A cancelled send that has not left does not leave any more."""
    session = connect()
    first, second = sending(session, "first", "second")
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.wait({first})
    async with session:
        await second
    assert stored(standin) == ["second"]


async def test_closing_fails_what_waits(standin: Standin, connect: Connect) -> None:
    """Whether it was stored is unknown then, and that is said."""
    standin.refusals.extend([refuse(HTTPStatus.BAD_GATEWAY, {}) for _ in range(1000)])
    standin.answer("GET", "/api/v1/chat/events", Answer(status=0))
    async with connect() as session:
        (waiting,) = sending(session, "never")
        await standin.until(lambda: bool(standin.requests))
    with pytest.raises(SessionStopped):
        await waiting


async def test_closing_does_not_wait_for_an_answer(standin: Standin, connect: Connect) -> None:
    """A send on its way fails with the rest."""
    swallowed = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.hello()
        await peer.receive()
        swallowed.set()
        await peer.ws.wait_closed()

    standin.scripts.append(script)
    async with connect() as session:
        (waiting,) = sending(session, "never")
        await asyncio.wait_for(swallowed.wait(), 5)
    with pytest.raises(SessionStopped):
        await waiting


async def test_a_send_given_up_as_its_turn_comes_does_not_leave() -> None:
    """Even when it is cancelled in the same turn of the event loop."""
    box = Outbox(sleep=Timing().sleep)
    first, second = box.put("1", CONVERSATION, "1"), box.put("2", CONVERSATION, "2")
    tried: list[str] = []

    async def works(draft: Draft) -> Sent:
        tried.append(draft.key)
        return Sent(read(draft))

    run = asyncio.create_task(box.run(works, window=1))
    first.cancel()
    await second
    run.cancel()
    assert tried == ["2"]


async def test_a_key_must_be_a_uuid_and_free(connect: Connect) -> None:
    """Otherwise a second try might make a second message."""
    session = connect()
    for bad in ("temp-1", f"{{{KEY}}}", KEY.replace("-", "")):
        with pytest.raises(ValueError, match="UUID"):
            await session.send(CONVERSATION, "x", temp_id=bad)
    waiting = asyncio.create_task(session.send(CONVERSATION, "x", temp_id=KEY))
    await asyncio.sleep(0)
    with pytest.raises(ValueError, match="already"):
        await session.send(CONVERSATION, "y", temp_id=KEY)
    waiting.cancel()


async def test_the_outbox_is_bounded(connect: Connect) -> None:
    """A bot that sends faster than the server takes is told."""
    session = connect(options=SessionOptions(max_sends=2))
    waiting = sending(session, "a", "b")
    await asyncio.sleep(0)
    with pytest.raises(asyncio.QueueFull):
        await session.send(CONVERSATION, "c")
    for task in waiting:
        task.cancel()


async def test_text_that_cannot_be_written_fails_its_send_alone(standin: Standin, connect: Connect) -> None:
    """A lone surrogate is no UTF-8: its sender gets the error, the others their answers."""
    async with connect() as session:
        bad, good = sending(session, "\ud800", "good")
        with pytest.raises(UnicodeEncodeError):
            await bad
        await good
    assert stored(standin) == ["good"]


async def test_by_polling_a_lost_answer_is_sent_again_under_its_key(standin: Standin, connect: Connect) -> None:
    """REST gets the same key as the socket, so that a change of the way doubles nothing."""
    standin.refusals.extend([refuse(HTTPStatus.FORBIDDEN, {}) for _ in range(50)])
    replay: Any = Answer(message(1, "hello", ME, KEY), headers={"Idempotent-Replayed": "true"})
    limited = error(429, "RATE_LIMITED", "Too many", {"Retry-After": "3"})
    standin.answer("POST", MESSAGES, Answer(status=0), limited, replay)
    async with connect(options=SessionOptions(poll_after=1)) as session:
        sent = await session.send(CONVERSATION, "hello", temp_id=KEY)
    assert sent.replayed
    posted = [seen.body for seen in standin.requests if seen.method == "POST"]
    assert posted == [{"content": "hello", "tempId": KEY}] * 3


async def test_by_polling_sends_keep_their_order(standin: Standin, connect: Connect) -> None:
    """Requests may overtake each other, so that the next waits for the answer of the one before, also when it is lost."""
    standin.refusals.extend([refuse(HTTPStatus.FORBIDDEN, {}) for _ in range(50)])
    standin.answer("POST", MESSAGES, Answer(status=0), Answer(message(1, "any", ME, KEY)))
    async with connect(options=SessionOptions(poll_after=1)) as session:
        await asyncio.gather(*sending(session, "a", "b", "c"))
    assert [seen.body["content"] for seen in standin.requests if seen.method == "POST"] == ["a", "a", "b", "c"]


async def test_what_a_run_left_unanswered_goes_first_in_the_next() -> None:
    """Order is kept across runs, whatever stopped the first."""
    box = Outbox(sleep=Timing().sleep)
    answers = [box.put(str(number), CONVERSATION, str(number)) for number in range(4)]
    tried: list[str] = []

    async def broken(draft: Draft) -> Sent:
        tried.append(draft.key)
        raise Unreachable("gone")

    await box.run(broken, window=2)
    box.put("4", CONVERSATION, "4")

    async def works(draft: Draft) -> Sent:
        tried.append(draft.key)
        return Sent(read(draft))

    run = asyncio.create_task(box.run(works, window=1))
    assert [(await answer).message.content for answer in answers] == ["0", "1", "2", "3"]
    run.cancel()
    assert tried[:2] == ["0", "1"]
    assert tried[2:6] == ["0", "1", "2", "3"]


def read(draft: Draft) -> Message:
    """Make the message that a draft becomes."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Message(
        id=draft.key, conversation_id=CONVERSATION, sender_id=ME, content=draft.content, created_at=at, updated_at=at
    )
