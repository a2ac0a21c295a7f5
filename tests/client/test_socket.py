"""One socket of the Python client: opening, commands and their answers, frames, and every way it can end."""

import asyncio
import json
from http import HTTPStatus
from typing import Any, Literal

import pytest
from tests.client.standin import CONVERSATION, ME, NOW, Peer, Standin, message, refuse

from duologue.client import (
    ApiError,
    CommandError,
    Disconnected,
    Overflow,
    ProtocolError,
    Socket,
    SocketOptions,
    SocketState,
    Unreachable,
)
from duologue.client.frames import MessageNew


def socket(standin: Standin, **options: float) -> Socket:
    """Make a socket to the stand-in."""
    return Socket(standin.socket_url, token="t", options=SocketOptions(**options))  # type: ignore[arg-type]


async def types(found: Socket) -> list[str]:
    """Read to the end."""
    return [frame.type async for frame in found]


async def test_open_means_authenticated(standin: Standin) -> None:
    """A socket is open when `connection.success` has come, and the connect frames come first."""
    found = socket(standin)
    states = [found.state]
    async with found:
        states.append(found.state)
        assert found.hello is not None
        assert (found.hello.user_id, found.hello.position, found.hello.epoch) == (ME, 0, "e1")
    assert [*states, found.state] == [SocketState.CONNECTING, SocketState.OPEN, SocketState.CLOSED]
    assert await types(found) == ["auth_success", "connection.success", "status.bulk"]


@pytest.mark.parametrize("carrier", ["header", "query"])
async def test_the_token_travels_by_header_or_query(standin: Standin, carrier: Literal["header", "query"]) -> None:
    """By header unless told otherwise; the query then carries it beside `since` and `epoch`."""
    options = SocketOptions(carrier=carrier)
    async with Socket(standin.socket_url, token="t&", since=0, epoch="e1", options=options):
        (peer,) = standin.peers
    assert peer.query == {"since": "0", "epoch": "e1"} | ({"token": "t&"} if carrier == "query" else {})
    assert peer.headers.get("Authorization") == ("Bearer t&" if carrier == "header" else None)


async def test_the_token_travels_by_an_auth_command(standin: Standin) -> None:
    """Where neither header nor query may hold it, the first command does."""
    heard: list[object] = []

    async def script(peer: Peer) -> None:
        heard.append(await peer.receive())
        await peer.hello()

    standin.scripts.append(script)
    async with Socket(standin.socket_url, token="t", options=SocketOptions(carrier="auth")):
        assert heard == [{"type": "auth", "payload": {"token": "t"}}]


@pytest.mark.parametrize("code", [4001, 4500])
async def test_a_refused_token_is_a_close_code(standin: Standin, code: int) -> None:
    """`auth_failed` and a close: opening says with which code."""

    async def script(peer: Peer) -> None:
        await peer.send("auth_failed", {"message": "Invalid token"})
        await peer.ws.close(code, "no")

    standin.scripts.append(script)
    found = socket(standin)
    with pytest.raises(Disconnected) as caught:
        await found.open()
    assert (caught.value.code, caught.value.reason) == (code, "no")
    assert await types(found) == ["auth_failed"]


async def test_a_refused_upgrade_is_an_api_error(standin: Standin) -> None:
    """A full server answers 503 with Retry-After before there is a socket."""
    body = json.dumps({"success": False, "message": "Full", "error": {"code": "UNAVAILABLE", "message": "Full"}})
    standin.refusals.append(refuse(HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": "4"}, body.encode()))
    with pytest.raises(ApiError) as caught:
        await socket(standin).open()
    assert (caught.value.status, caught.value.code, caught.value.retry_after) == (503, "UNAVAILABLE", 4.0)


async def test_nobody_there_is_unreachable() -> None:
    """A refused connection is no answer."""
    found = Socket("ws://127.0.0.1:1/", token="t")
    with pytest.raises(Unreachable):
        await found.open()
    assert found.state is SocketState.CLOSED
    assert found.close_code is None


async def test_a_server_that_says_nothing_is_unreachable(standin: Standin) -> None:
    """An upgrade without `connection.success` within the time is none."""

    async def script(peer: Peer) -> None:
        await peer.ws.wait_closed()

    standin.scripts.append(script)
    with pytest.raises(Unreachable):
        await socket(standin, open_timeout=0.05).open()


async def test_answers_find_their_commands_in_any_order(standin: Standin) -> None:
    """The `id` decides, not the order; the answers also come as frames."""

    async def script(peer: Peer) -> None:
        await peer.hello()
        first, second = await peer.receive(), await peer.receive()
        for command in (second, first):
            told = {"tempId": command["payload"]["tempId"], "message": message(1, command["payload"]["content"])}
            await peer.send("message.sent", told, id=command["id"])
        await peer.ws.close()

    standin.scripts.append(script)
    async with socket(standin) as found:
        one, two = await asyncio.gather(
            found.send(CONVERSATION, "one", temp_id="a"), found.send(CONVERSATION, "two", temp_id="b")
        )
        assert (one.temp_id, one.message.content) == ("a", "one")
        assert (two.temp_id, two.message.content) == ("b", "two")
        assert (await types(found))[3:] == ["message.sent", "message.sent"]


async def test_commands_carry_what_the_protocol_names(standin: Standin) -> None:
    """Type, payload and `id` of every command (WSA-02 to WSA-08)."""
    block = {"id": "b", "blockedUser": {"id": "u", "username": "partner"}, "createdAt": NOW}
    answers: dict[str, tuple[str, dict[str, Any]]] = {
        "message.read": ("message.read_ack", {"conversationId": CONVERSATION, "markedCount": 2, "readAt": NOW}),
        "block.add": ("block.added", block),
        "block.remove": ("block.removed", block),
        "ping": ("pong", {"timestamp": 1, "serverTime": NOW, "position": 5}),
        "auth": ("auth_success", {"userId": ME, "connectedAt": NOW}),
        "resume": ("resume.reset", {"position": 9, "epoch": "e2", "reason": "expired"}),
    }
    heard: list[tuple[str, dict[str, object]]] = []

    async def script(peer: Peer) -> None:
        await peer.hello()
        while True:
            command = await peer.receive()
            heard.append((command["type"], command["payload"]))
            if command["type"] in answers:
                kind, payload = answers[command["type"]]
                await peer.send(kind, payload, id=command["id"])

    standin.scripts.append(script)
    async with socket(standin) as found:
        await found.typing(CONVERSATION)
        await found.typing(CONVERSATION, started=False)
        assert (await found.read(CONVERSATION, message_id="m")).marked_count == 2
        assert (await found.block("partner")).blocked_user.username == "partner"
        assert (await found.unblock("partner")).id == "b"
        assert (await found.ping()).position == 5
        assert (await found.auth("new")).user_id == ME
        assert (await found.resume(3)).position == 9
    assert heard == [
        ("typing.start", {"conversationId": CONVERSATION}),
        ("typing.stop", {"conversationId": CONVERSATION}),
        ("message.read", {"conversationId": CONVERSATION, "messageId": "m"}),
        ("block.add", {"username": "partner"}),
        ("block.remove", {"username": "partner"}),
        ("ping", {}),
        ("auth", {"token": "new"}),
        ("resume", {"since": 3}),
    ]


async def test_a_refused_send_is_a_command_error(standin: Standin) -> None:
    """The `error` frame with the command's id ends it, with all it says; `message.error` before or after changes nothing."""

    async def script(peer: Peer) -> None:
        await peer.hello()
        for order in (1, -1):
            number = (await peer.receive())["id"]
            failure = {"code": "RATE_LIMITED", "message": "Too many requests", "retryAfter": 3, "tempId": "a"}
            frames = [("error", failure), ("message.error", {"tempId": "a", "error": "Too many requests"})]
            for kind, payload in frames[::order]:
                await peer.send(kind, payload, id=number)
        await peer.ws.wait_closed()

    standin.scripts.append(script)
    async with socket(standin) as found:
        for _ in range(2):
            with pytest.raises(CommandError) as caught:
                await found.send(CONVERSATION, "one", temp_id="a")
            assert (caught.value.code, caught.value.retry_after) == ("RATE_LIMITED", 3.0)


async def test_a_socket_cut_before_the_answer_leaves_the_outcome_unknown(standin: Standin) -> None:
    """Commands under way end with Disconnected and 1006; later ones are refused at once."""

    async def script(peer: Peer) -> None:
        await peer.hello()
        await peer.receive()
        peer.abort()

    standin.scripts.append(script)
    async with socket(standin) as found:
        with pytest.raises(Disconnected) as caught:
            await found.send(CONVERSATION, "one")
        assert caught.value.code == 1006
        with pytest.raises(Disconnected):
            await found.ping()
        with pytest.raises(Disconnected):
            await found.typing(CONVERSATION)


async def test_a_command_without_an_answer_ends_by_time(standin: Standin) -> None:
    """The socket stays open; whoever asked knows that the outcome is unknown."""

    async def script(peer: Peer) -> None:
        await peer.hello()
        await peer.ws.wait_closed()

    standin.scripts.append(script)
    async with socket(standin, reply_timeout=0.05) as found:
        with pytest.raises(Unreachable, match="no answer"):
            await found.ping()
        assert found.state is SocketState.OPEN


async def test_an_answer_of_another_kind_is_a_protocol_error(standin: Standin) -> None:
    """A `pong` does not acknowledge a send."""

    async def script(peer: Peer) -> None:
        await peer.hello()
        await peer.send("pong", {}, id=(await peer.receive())["id"])
        await peer.ws.wait_closed()

    standin.scripts.append(script)
    async with socket(standin) as found:
        with pytest.raises(ProtocolError):
            await found.send(CONVERSATION, "one")


async def test_frames_are_typed_and_strange_ones_pass(standin: Standin) -> None:
    """Known types have typed payloads, unknown types plain ones; unknown fields are ignored."""

    async def script(peer: Peer) -> None:
        await peer.hello()
        await peer.send("message.new", {"message": message(3) | {"new": 1}, "totalUnread": 4, "x": []}, position=8)
        await peer.send("poll.created", {"a": 1}, id=7)
        await peer.ws.send('{"type":"bare"}')
        await peer.ws.close(1001, "retry=100")

    standin.scripts.append(script)
    async with socket(standin) as found:
        frames = [frame async for frame in found][3:]
    new, strange, bare = frames
    assert isinstance(new.payload, MessageNew)
    assert (new.position, new.payload.total_unread, new.payload.message.content) == (8, 4, "hello")
    assert (strange.type, strange.payload, strange.id, strange.position) == ("poll.created", {"a": 1}, 7, None)
    assert (bare.type, bare.payload) == ("bare", {})
    assert (found.close_code, found.close_reason) == (1001, "retry=100")


@pytest.mark.parametrize("text", ["no json", "[]", '{"payload":{}}', '{"type":"message.new","payload":{"message":1}}'])
async def test_an_unreadable_frame_ends_the_socket_loudly(standin: Standin, text: str) -> None:
    """What cannot be read might have been a fact: passing over it would lose it."""

    async def script(peer: Peer) -> None:
        await peer.hello()
        await peer.ws.send(text)
        await peer.ws.wait_closed()

    standin.scripts.append(script)
    async with socket(standin) as found:
        with pytest.raises(ProtocolError):
            await types(found)
        assert found.state is SocketState.CLOSED


async def test_frames_that_nobody_reads_are_bounded(standin: Standin) -> None:
    """At the bound the socket is given up, and the reader is told after what had come."""
    closed = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.hello()
        await peer.receive()
        for _ in range(9):
            await peer.send("more", {})
        await peer.ws.wait_closed()
        closed.set()

    standin.scripts.append(script)
    async with socket(standin, max_events=5) as found:
        await found.typing(CONVERSATION)
        await asyncio.wait_for(closed.wait(), 5)
        seen = [(await anext(found)).type for _ in range(5)]
        with pytest.raises(Overflow):
            await anext(found)
    assert seen == ["auth_success", "connection.success", "status.bulk", "more", "more"]


async def test_closing_twice_is_nothing(standin: Standin) -> None:
    """The end stays the end."""
    found = socket(standin)
    await found.open()
    await found.close()
    await found.close()
    assert found.close_code == 1000
    assert len(await types(found)) == 3
    assert await types(found) == []
