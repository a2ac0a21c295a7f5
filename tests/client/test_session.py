"""A session that stays: it reconnects by the table of close codes, resumes, and yields each fact once."""

import asyncio
import base64
import json
from http import HTTPStatus
from itertools import count

import pytest
from tests.client.conftest import Connect, Pace
from tests.client.standin import CONVERSATION, ME, Answer, Peer, Script, Standin, error, message, refuse

from duologue.client import (
    ApiError,
    Frame,
    ProtocolError,
    Reset,
    Session,
    SessionOptions,
    SessionState,
    SessionStopped,
)
from duologue.client.paths import socket_url

READ = f"/api/v1/chat/conversations/{CONVERSATION}/read"
EVENTS = "/api/v1/chat/events"


def closing(code: int, reason: str = "") -> Script:
    """Script a connection that opens and is closed with a code at once."""

    async def script(peer: Peer) -> None:
        await peer.hello()
        await peer.ws.close(code, reason)

    return script


async def new_message(standin: Standin, number: int) -> None:
    """Let the partner send."""
    await standin.fact("message.new", {"message": message(number), "unreadCount": 1, "totalUnread": 1})


async def facts(session: Session, number: int) -> list[int]:
    """Read events until `number` facts have come; return their positions."""
    found: list[int] = []
    while len(found) < number:
        event = await anext(session)
        if isinstance(event, Frame) and event.position is not None:
            found.append(event.position)
    return found


async def exhaust(session: Session) -> None:
    """Read events to the end."""
    async for _ in session:
        pass


def jwt(expires: float, serial: int = 0) -> str:
    """Write an unsigned token that expires."""
    claims = base64.urlsafe_b64encode(json.dumps({"exp": expires, "jti": serial}).encode()).rstrip(b"=").decode()
    return f"h.{claims}.s"


async def test_without_a_position_live_begins_after_the_head(standin: Standin, connect: Connect) -> None:
    """A first connection asks for nothing that was, and takes position and epoch from the connect frames."""
    await new_message(standin, 1)
    async with connect() as session:
        await session.opened()
        assert standin.peers[0].query == {}
        assert (session.position, session.epoch) == (1, "e1")
        await new_message(standin, 2)
        assert await facts(session, 1) == [2]


async def test_a_kept_position_is_resumed(standin: Standin, connect: Connect) -> None:
    """With `since` and `epoch` from an earlier life everything after it comes first."""
    for number in (1, 2, 3):
        await new_message(standin, number)
    async with connect(since=1, epoch="e1") as session:
        assert await facts(session, 2) == [2, 3]
        assert standin.peers[0].query == {"since": "1", "epoch": "e1"}


async def test_what_was_missed_while_away_comes_after_the_reconnect(standin: Standin, connect: Connect) -> None:
    """A cut connection (1006) is opened again from the last position, and each fact is yielded exactly once."""
    async with connect() as session:
        await session.opened()
        await new_message(standin, 1)
        assert await facts(session, 1) == [1]
        standin.peers[0].abort()
        await standin.until(lambda: not standin.peers)
        await new_message(standin, 2)
        await new_message(standin, 3)
        assert await facts(session, 2) == [2, 3]
        await new_message(standin, 4)
        assert await facts(session, 1) == [4]


async def test_a_connection_cut_during_the_replay_asks_for_the_rest(standin: Standin, connect: Connect) -> None:
    """The position moves with each fact, so that a second cut costs nothing either."""
    for number in (1, 2, 3):
        await new_message(standin, number)

    async def script(peer: Peer) -> None:
        await peer.hello(0)
        await peer.ws.send(json.dumps(standin.log[0]))
        peer.abort()

    standin.scripts.append(script)
    async with connect(since=0, epoch="e1") as session:
        assert await facts(session, 3) == [1, 2, 3]
        assert standin.peers[0].query["since"] == "1"


async def test_facts_not_above_the_last_are_dropped_and_gaps_are_normal(standin: Standin, connect: Connect) -> None:
    """A position comes once; a jump is another dialect's fact, or a message deleted since."""

    async def script(peer: Peer) -> None:
        await peer.hello(4)
        for position in (5, 5, 3, 9, 8, 10):
            await peer.send("message.new", {"message": message(position)}, position=position)
        await peer.ws.wait_closed()

    standin.scripts.append(script)
    async with connect() as session:
        assert await facts(session, 3) == [5, 9, 10]
        assert session.position == 10


async def test_the_position_never_goes_back(standin: Standin, connect: Connect) -> None:
    """A `pong` that was written before a fact says less than the fact."""

    async def script(peer: Peer) -> None:
        await peer.hello(4)
        await peer.send("message.new", {"message": message(8)}, position=8)
        await peer.send("pong", {"position": 7})
        peer.abort()

    standin.scripts.append(script)
    standin.log = [{"type": "x", "payload": {}, "position": position} for position in range(1, 9)]
    async with connect() as session:
        await standin.until(lambda: bool(standin.peers))
        assert standin.peers[0].query == {"since": "8", "epoch": "e1"}
        assert session.position == 8


@pytest.mark.parametrize("kind", ["pong", "resume.done"])
async def test_a_position_without_a_fact_is_kept(standin: Standin, connect: Connect, kind: str) -> None:
    """Both mean that everything up to there was sent on this connection, also when no fact is shown for it."""

    async def script(peer: Peer) -> None:
        await peer.hello(4)
        await peer.send(kind, {"position": 6, "epoch": "e1"})
        peer.abort()

    standin.scripts.append(script)
    standin.log = [{"type": "x", "payload": {}, "position": position} for position in range(1, 7)]
    async with connect():
        await standin.until(lambda: bool(standin.peers))
        assert standin.peers[0].query == {"since": "6", "epoch": "e1"}


async def test_a_reset_is_an_event_and_moves_the_position(standin: Standin, connect: Connect) -> None:
    """When the log cannot say what was missed, the user is told to load a snapshot, and goes on from the new place."""
    await new_message(standin, 1)
    async with connect(since=7, epoch="old") as session:
        event = await anext(session)
        while not isinstance(event, Reset):
            event = await anext(session)
        assert event == Reset(1, "e1", "epoch")
        assert (session.position, session.epoch) == (1, "e1")
        await new_message(standin, 2)
        assert await facts(session, 1) == [2]


@pytest.mark.parametrize("code", [4500, 4501, 4502, 4503, 4504])
async def test_from_4500_the_session_stops(standin: Standin, connect: Connect, pace: Pace, code: int) -> None:
    """The iteration, waiters and senders get SessionStopped with the code; nobody connects again."""
    standin.scripts.append(closing(code, "because"))
    async with connect() as session:
        with pytest.raises(SessionStopped) as caught:
            await exhaust(session)
        assert (caught.value.code, caught.value.reason) == (code, "because")
        assert session.state is SessionState.STOPPED
        for use in (session.opened(), session.send(CONVERSATION, "late")):
            with pytest.raises(SessionStopped):
                await use
        with pytest.raises(SessionStopped):
            await anext(session)
    assert pace.slept == []


async def test_a_token_refused_at_the_door_stops_too(standin: Standin, connect: Connect) -> None:
    """4500 in place of the connect frames."""

    async def script(peer: Peer) -> None:
        await peer.send("auth_failed", {"message": "Invalid token"})
        await peer.ws.close(4500)

    standin.scripts.append(script)
    async with connect() as session:
        with pytest.raises(SessionStopped):
            await session.opened()


async def test_a_drain_says_when_to_come_back(standin: Standin, connect: Connect, pace: Pace) -> None:
    """1001 with `retry=<ms>` is waited for exactly, without drawing."""
    standin.scripts.append(closing(1001, "retry=2500"))
    async with connect() as session:
        await standin.until(lambda: bool(standin.peers))
        await session.opened()
    assert pace.slept == [2.5]


@pytest.mark.parametrize("drawn", [1.0, 0.25, 0.0])
async def test_the_delay_is_drawn_from_a_bound_that_doubles(
    standin: Standin, connect: Connect, pace: Pace, drawn: float
) -> None:
    """Full jitter: between nothing and the bound, which grows to its cap."""
    pace.drawn = drawn
    codes = [4000, 1011, 4002, 1006, 1002, 4000, 1011, 4000]
    for code in codes:
        standin.scripts.append(closing(code) if code != 1006 else _aborted)
    async with connect() as session:
        await standin.until(lambda: bool(standin.peers))
        await session.opened()
    assert pace.slept == [drawn * bound for bound in (0.5, 1, 2, 4, 8, 16, 30, 30)]


async def _aborted(peer: Peer) -> None:
    await peer.hello()
    peer.abort()


async def test_a_connection_that_lasted_starts_the_backoff_anew(standin: Standin, connect: Connect, pace: Pace) -> None:
    """Only a connection that lived for a while shows that things are well."""

    async def lasting(peer: Peer) -> None:
        await peer.hello()
        await standin.obey(peer, await peer.receive())
        pace.now += 10
        await peer.ws.close(1011)

    standin.scripts.extend([closing(1011), closing(1011), lasting])
    async with connect() as session:
        await session.send(CONVERSATION, "hello")
        await standin.until(lambda: bool(standin.peers))
    assert pace.slept == [0.5, 1.0, 0.5]


async def test_a_full_server_is_asked_again_when_it_says(standin: Standin, connect: Connect, pace: Pace) -> None:
    """503 on the upgrade carries Retry-After."""
    standin.refusals.append(refuse(HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": "9"}))
    async with connect() as session:
        await session.opened()
    assert pace.slept == [9.0]


async def test_an_expired_token_is_replaced(standin: Standin, connect: Connect) -> None:
    """4001 asks the provider for a fresh token before the next connection."""
    asked: list[bool] = []

    async def provider(*, fresh: bool) -> str:
        asked.append(fresh)
        return f"token-{len(asked)}"

    standin.scripts.extend([closing(4001), closing(4000)])
    async with connect(provider) as session:
        await standin.until(lambda: bool(standin.peers))
        await session.opened()
        assert standin.peers[0].headers["Authorization"] == "Bearer token-3"
    assert asked == [False, True, False]


async def test_an_expired_token_that_nobody_can_replace_stops(standin: Standin, connect: Connect) -> None:
    """Trying the same token for ever would be a flood."""
    standin.scripts.append(closing(4001))
    async with connect("fixed") as session:
        with pytest.raises(SessionStopped) as caught:
            await exhaust(session)
    assert caught.value.code == 4001


async def test_a_401_on_the_upgrade_asks_for_a_fresh_token_once(standin: Standin, connect: Connect) -> None:
    """A gateway before the server may check tokens itself; a second 401 ends the session."""
    standin.refusals.extend([refuse(HTTPStatus.UNAUTHORIZED, {}) for _ in range(2)])
    asked: list[bool] = []

    async def provider(*, fresh: bool) -> str:
        asked.append(fresh)
        return "token"

    async with connect(provider) as session:
        with pytest.raises(ApiError) as caught:
            await session.opened()
    assert (caught.value.status, asked) == (401, [False, True])


async def test_the_token_is_renewed_before_it_expires(standin: Standin, connect: Connect, pace: Pace) -> None:
    """`auth` with a fresh token a minute before the end, on the same connection, as long as fresh ones live longer."""
    serial = count()
    lives = {0: 900, 1: 1800, 2: 1800}

    async def provider(*, fresh: bool) -> str:
        number = next(serial)
        return jwt(1_000_000.0 + lives[number], number)

    async with connect(provider) as session:
        await session.opened()
        await standin.until(lambda: len(standin.commands) == 2)
        await session.send(CONVERSATION, "and no third time")
        assert len(standin.peers) == 1
    renewed = [command["payload"]["token"] for command in standin.commands if command["type"] == "auth"]
    assert renewed == [jwt(1_001_800.0, 1), jwt(1_001_800.0, 2)]
    assert pace.slept == [840.0, 900.0]


async def test_a_renewal_that_fails_leaves_the_connection_alone(standin: Standin, connect: Connect) -> None:
    """The sign-in service may be away for a moment; the server's 4001 comes soon enough."""

    async def provider(*, fresh: bool) -> str:
        if fresh:
            raise ApiError(503, "UNAVAILABLE", "later")
        return jwt(1_000_900.0)

    async with connect(provider) as session:
        await session.opened()
        await new_message(standin, 1)
        assert await facts(session, 1) == [1]
        assert session.state is SessionState.OPEN


async def test_without_a_socket_events_come_by_polling(standin: Standin, connect: Connect, pace: Pace) -> None:
    """After three refused upgrades the session polls, also sends that way, and goes back to a socket later."""
    standin.refusals.extend([refuse(HTTPStatus.FORBIDDEN, {}) for _ in range(3)])
    stored = message(7, "by rest", ME, "temp")
    standin.answer("POST", f"/api/v1/chat/conversations/{CONVERSATION}/messages", Answer(stored))
    standin.answer("POST", READ, Answer({"markedCount": 1, "readAt": None}))
    async with connect() as session:
        await session.opened()
        assert session.state is SessionState.POLLING
        sent = await session.send(CONVERSATION, "by rest")
        assert sent.message.content == "by rest"
        assert (await session.read(CONVERSATION)).marked_count == 1
        await session.typing(CONVERSATION)
        await new_message(standin, 1)
        assert await facts(session, 1) == [1]
        pace.now += 60
        standin.end_polls()
        await standin.until(lambda: bool(standin.peers))
        assert standin.peers[0].query == {"since": "1", "epoch": "e1"}
    polls = [seen.query["wait"] for seen in standin.requests if seen.path == EVENTS]
    assert polls[:3] == ["0", "25", "25"]
    assert pace.slept == [0.5, 1.0, 0.0]


async def test_only_failures_in_a_row_lead_to_polling(standin: Standin, connect: Connect) -> None:
    """A connection in between shows that sockets do open."""
    for _ in range(3):
        standin.refusals.extend([refuse(HTTPStatus.BAD_GATEWAY, {}), None])
        standin.scripts.append(closing(1011))
    async with connect(options=SessionOptions(poll_after=2)):
        await standin.until(lambda: bool(standin.peers))
    assert standin.requests == []


async def test_polling_tells_of_a_reset_too(standin: Standin, connect: Connect) -> None:
    """The fallback says the same as the socket."""
    standin.refusals.append(refuse(HTTPStatus.FORBIDDEN, {}))
    reset = {"reset": True, "reason": "too_far", "position": 9000, "epoch": "e1"}
    standin.answer("GET", EVENTS, Answer(reset), Answer({"events": [], "position": 9000, "epoch": "e1"}))
    async with connect(since=1, epoch="e1", options=SessionOptions(poll_after=1, poll_for=0)) as session:
        assert await anext(session) == Reset(9000, "e1", "too_far")


async def test_polling_waits_when_it_is_told_to(standin: Standin, connect: Connect, pace: Pace) -> None:
    """A 429 is obeyed and a 502 backed off; neither ends the session."""
    standin.refusals.extend([refuse(HTTPStatus.FORBIDDEN, {}) for _ in range(3)])
    limited = error(429, "RATE_LIMITED", "Too many requests", {"Retry-After": "11"})
    working = Answer({"events": [], "position": 3, "epoch": "e1"})
    standin.answer("GET", EVENTS, limited, Answer(status=502), working)
    async with connect(options=SessionOptions(poll_after=1, poll_for=0)) as session:
        await session.opened()
        assert (session.state, session.position) == (SessionState.POLLING, 3)
    assert 11.0 in pace.slept


async def test_polling_that_is_refused_for_good_stops_the_session(standin: Standin, connect: Connect) -> None:
    """A wrong address is no Duologue: neither socket nor REST is there."""
    standin.refusals.extend([refuse(HTTPStatus.NOT_FOUND, {}) for _ in range(3)])
    standin.answer("GET", EVENTS, error(404, "NOT_FOUND", "Not found"))
    async with connect() as session:
        with pytest.raises(ApiError) as caught:
            await session.opened()
    assert caught.value.status == 404


async def test_with_nobody_there_the_session_keeps_trying(standin: Standin, connect: Connect, pace: Pace) -> None:
    """Neither socket nor polling answers: backoff, and in the end a connection."""
    standin.refusals.extend([refuse(HTTPStatus.BAD_GATEWAY, {}) for _ in range(5)])
    standin.answer("GET", EVENTS, Answer(status=0))
    async with connect() as session:
        await session.opened()
        assert session.state is SessionState.OPEN
    assert pace.slept == [0.5, 1.0, 2.0, 4.0, 8.0]


async def test_a_frame_that_cannot_be_read_ends_the_session_loudly(standin: Standin, connect: Connect) -> None:
    """It might have been a fact, and the next connection would send it again."""

    async def script(peer: Peer) -> None:
        await peer.hello()
        await peer.ws.send("no json")
        await peer.ws.wait_closed()

    standin.scripts.append(script)
    async with connect() as session:
        with pytest.raises(ProtocolError):
            await exhaust(session)


async def test_events_that_nobody_reads_become_one_reset(standin: Standin, connect: Connect) -> None:
    """The queue is bounded, nothing waits for the reader, and what was dropped is in the snapshot."""
    async with connect(options=SessionOptions(max_events=5)) as session:
        await session.opened()
        for number in range(1, 10):
            await new_message(standin, number)
        assert (await session.send(CONVERSATION, "still answered")).message.content == "still answered"
        event = await anext(session)
        assert isinstance(event, Reset)
        assert event.reason == "overflow"
        assert event.position is not None
        assert await facts(session, 1) == [event.position + 1]


async def test_an_error_of_the_token_provider_reaches_the_user(connect: Connect) -> None:
    """It is theirs; the session cannot know whether trying again helps."""

    async def provider(*, fresh: bool) -> str:
        raise LookupError("no such secret")

    async with connect(provider) as session:
        with pytest.raises(LookupError):
            await session.opened()
        with pytest.raises(LookupError):
            await session.send(CONVERSATION, "hello")
        with pytest.raises(LookupError):
            await anext(session)


async def test_a_session_can_be_closed_while_it_connects(standin: Standin, connect: Connect) -> None:
    """Nothing stays behind."""
    gone = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.ws.wait_closed()
        gone.set()

    standin.scripts.append(script)
    session = connect()
    async with session:
        await standin.until(lambda: not standin.scripts)
    await asyncio.wait_for(gone.wait(), 5)
    assert [event async for event in session] == []


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("http://127.0.0.1:8080", "ws://127.0.0.1:8080/api/v1/chat/ws"),
        ("https://chat.example/dm/", "wss://chat.example/dm/api/v1/chat/ws"),
    ],
)
def test_the_sockets_address_follows_from_the_base(base: str, url: str) -> None:
    """Also below a path, and with TLS."""
    assert socket_url(base) == url


async def test_closing_ends_the_iteration_plainly(standin: Standin, connect: Connect) -> None:
    """A bot's loop just ends when its session is closed."""
    async with connect() as session:
        await session.opened()
    events = [event async for event in session]
    assert isinstance(events[0], Frame)
    assert events[0].type == "auth_success"
    with pytest.raises(SessionStopped):
        await session.opened()


async def test_a_session_that_never_began_can_be_closed(connect: Connect) -> None:
    """Nothing runs, nothing waits."""
    session = connect()
    await session.close()
    assert session.state is SessionState.CONNECTING


async def test_reading_and_typing_use_the_socket(standin: Standin, connect: Connect) -> None:
    """While there is one; REST is only the fallback."""
    async with connect() as session:
        await session.opened()
        assert (await session.read(CONVERSATION)).marked_count == 0
        await session.typing(CONVERSATION)
        await standin.until(lambda: len(standin.commands) == 2)
    assert [command["type"] for command in standin.commands] == ["message.read", "typing.start"]
    assert standin.requests == []


async def test_a_read_whose_answer_is_lost_goes_over_rest(standin: Standin, connect: Connect) -> None:
    """Marking twice is marking once."""

    async def script(peer: Peer) -> None:
        await peer.hello()
        await peer.receive()
        peer.abort()

    standin.scripts.append(script)
    standin.answer("POST", READ, Answer({"markedCount": 2, "readAt": None}))
    async with connect() as session:
        await session.opened()
        assert (await session.read(CONVERSATION)).marked_count == 2
