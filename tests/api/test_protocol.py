"""What comes in below HTTP: refused in the envelope, bounded in size and time; on a real socket."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import uvicorn

from duologue.api.exchange import App
from duologue.api.protocol import MAX_HEAD, BoundedHttp

Exchange = Callable[..., Awaitable[bytes]]
HOST = b"Host: duologue.test\r\n"


class Impatient(BoundedHttp):
    """Waits a tenth of a second for a head."""

    head_timeout = 0.1


@pytest.fixture
async def exchange(build: Callable[..., App]) -> AsyncIterator[Exchange]:
    """Send pieces to a server and read all that it answers until it closes; a piece goes out when the one before is there."""
    servers: list[tuple[uvicorn.Server, asyncio.Task[None]]] = []

    async def send(*pieces: bytes, protocol: type[BoundedHttp] = BoundedHttp) -> bytes:
        config = uvicorn.Config(
            build(),
            host="127.0.0.1",
            port=0,
            http=protocol,
            ws="none",
            log_config=None,
            access_log=False,
            lifespan="off",
        )
        config.load()
        server = uvicorn.Server(config)
        server.lifespan = config.lifespan_class(config)
        await server.startup()
        servers.append((server, asyncio.ensure_future(server.main_loop())))
        reader, writer = await asyncio.open_connection("127.0.0.1", server.servers[0].sockets[0].getsockname()[1])
        try:
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
            async with asyncio.timeout(10):
                return await reader.read()
        except ConnectionError:
            return b""
        finally:
            writer.close()

    yield send
    for server, loop in servers:
        server.should_exit = True
        await loop
        await server.shutdown()


def error_of(answer: bytes, status: bytes) -> Any:
    """Check that an answer is a whole refusal with this status; return its `error`."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 " + status)
    headers = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:])
    assert headers[b"content-type"] == b"application/json"
    assert int(headers[b"content-length"]) == len(body)
    assert headers[b"connection"] == b"close"
    error = json.loads(body)["error"]
    assert error["requestId"] == headers[b"x-request-id"].decode()
    return error


@pytest.mark.parametrize(
    "data",
    [
        b"nonsense\r\n\r\n",
        b"BREW /greet HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET /\xff HTTP/1.1\r\n" + HOST + b"\r\n",
        b"POST /echo HTTP/1.1\r\n" + HOST + b"Content-Length: x\r\n\r\n",
        b"POST /echo HTTP/1.1\r\n" + HOST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
async def test_what_is_no_http_is_400_in_the_envelope(exchange: Exchange, data: bytes) -> None:
    """And the connection is closed, because nobody knows where a next request would begin."""
    error = error_of(await exchange(data), b"400")
    assert (error["code"], error["message"]) == ("VALIDATION_ERROR", "Not a valid HTTP request")


async def test_a_head_without_end_is_431(exchange: Exchange) -> None:
    """It is not kept in memory for ever."""
    pieces = [b"GET /address HTTP/1.1\r\n" + HOST] + [b"X-Long: " + b"a" * 8_000 + b"\r\n"] * 200
    answer = await exchange(*pieces)
    if answer:  # a client that is still writing may see a reset instead
        assert error_of(answer, b"431")["code"] == "PAYLOAD_TOO_LARGE"
    assert b"HTTP/1.1 200" not in answer


@pytest.mark.parametrize("beginning", [b"", b"GET /address HT", b"GET /address HTTP/1.1\r\nHost: duo"])
async def test_a_head_that_does_not_come_is_not_waited_for(exchange: Exchange, beginning: bytes) -> None:
    """Who connects and says nothing, or half of it, holds the connection for a while, not for ever."""
    assert await exchange(beginning, protocol=Impatient) == b""


async def test_a_slow_second_head_is_not_waited_for_either(exchange: Exchange) -> None:
    """The first answer comes; then the connection ends."""
    answer = await exchange(b"GET /address HTTP/1.1\r\n" + HOST + b"\r\nGET /addr", protocol=Impatient)
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.count(b"HTTP/1.1") == 1


async def test_a_head_in_pieces_is_one_head(exchange: Exchange) -> None:
    """A body after it is not counted with it."""
    body = b'{"text":"' + b"a" * (2 * MAX_HEAD) + b'"}'
    head = b"POST /echo HTTP/1.1\r\n" + HOST + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
    answer = await exchange(head[:10], head[10:40], head[40:], body[:MAX_HEAD], body[MAX_HEAD:])
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b'"howOften":1}')


async def test_requests_one_after_the_other_each_have_their_own_head(exchange: Exchange) -> None:
    """Their sizes are not added up."""
    request = b"GET /address HTTP/1.1\r\n" + HOST + b"X-Long: " + b"a" * 30_000 + b"\r\n"
    answer = await exchange(*[request + b"\r\n"] * 4, request + b"Connection: close\r\n\r\n")
    assert answer.count(b"HTTP/1.1 200") == 5


@pytest.mark.parametrize("target", [b"*", b"http://duologue.test/address", b"//address", b"/address/"])
async def test_a_target_in_another_form_is_answered(exchange: Exchange, target: bytes) -> None:
    """200 or 404, never a fault."""
    answer = await exchange(b"GET " + target + b" HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 404" if target in (b"*", b"//address") else b"HTTP/1.1 200")
