"""What comes in below HTTP: refused in the envelope, bounded in size and time; on a real socket."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest
import uvicorn

from duologue.api.dialects import error_bodies
from duologue.api.exchange import App
from duologue.api.headers import DEFAULTS
from duologue.api.protocol import MAX_HEAD, BoundedHttp

Connect = Callable[..., Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]
Exchange = Callable[..., Awaitable[bytes]]
PATIENCE = 10.0
NAMED = UUID(int=7)
HOST = b"Host: duologue.test\r\n"
POST = b"POST /echo HTTP/1.1\r\n" + HOST
CLOSE = b"Connection: close\r\n"


class Impatient(BoundedHttp):
    """Waits a tenth of a second for a head, or for more of a body."""

    head_timeout = 0.1
    body_timeout = 0.1


@pytest.fixture
async def connect(build: Callable[..., App]) -> AsyncIterator[Connect]:
    """Connect to a server of its own."""
    servers: list[tuple[uvicorn.Server, asyncio.Task[None]]] = []
    writers: list[asyncio.StreamWriter] = []

    async def connected(
        protocol: type[BoundedHttp] = BoundedHttp, app: App | None = None
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        config = uvicorn.Config(
            app or build(),
            host="127.0.0.1",
            port=0,
            http=protocol.refusing(error_bodies, lambda: NAMED),
            ws="none",
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
        config.load()
        server = uvicorn.Server(config)
        server.lifespan = config.lifespan_class(config)
        await server.startup()
        servers.append((server, asyncio.ensure_future(server.main_loop())))
        reader, writer = await asyncio.open_connection("127.0.0.1", server.servers[0].sockets[0].getsockname()[1])
        writers.append(writer)
        return reader, writer

    yield connected
    for writer in writers:
        writer.close()
    for server, loop in servers:
        server.should_exit = True
        await loop
        await server.shutdown()


@pytest.fixture
def exchange(connect: Connect) -> Exchange:
    """Send pieces to a server and read all that it answers until it closes; a piece goes out when the one before is there."""

    async def send(*pieces: bytes, **how: Any) -> bytes:
        reader, writer = await connect(**how)
        try:
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
            async with asyncio.timeout(PATIENCE):
                return await reader.read()
        except ConnectionError:
            return b""

    return send


def error_of(answer: bytes, status: bytes) -> Any:
    """Check that an answer is a whole refusal with this status; return its `error`."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 " + status)
    headers = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:])
    assert headers[b"content-type"] == b"application/json"
    assert int(headers[b"content-length"]) == len(body)
    assert headers[b"connection"] == b"close"
    assert set(DEFAULTS) <= set(headers.items())
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
        b"GET http:// HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET http://a:b:c/ HTTP/1.1\r\n" + HOST + b"\r\n",
        b"CONNECT duologue.test:443 HTTP/1.1\r\n" + HOST + b"\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
async def test_what_is_no_http_is_400_in_the_envelope(exchange: Exchange, data: bytes) -> None:
    """And the connection is closed, because nobody knows where a next request would begin."""
    error = error_of(await exchange(data), b"400")
    assert (error["code"], error["message"]) == ("VALIDATION_ERROR", "Not a valid HTTP request")


async def test_a_refusal_is_named_by_the_ids_that_are_given(exchange: Exchange) -> None:
    """Not by others: whoever injects ids knows every one that goes out."""
    answer = await exchange(b"nonsense\r\n\r\n")
    assert error_of(answer, b"400")["requestId"] == str(NAMED)


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


# -- what frames a body -------------------------------------------------------------------------------------------------

CHUNKED = POST + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
ENDLESS = {
    "trailers": [b"0\r\n"] + [b"X-Trailer: a\r\n" * 500] * 200,
    "a trailer": [b"0\r\nX-Trailer: "] + [b"a" * 8_000] * 200,
    "a chunk extension": [b"1;a="] + [b"a" * 8_000] * 200,
    "chunk extensions": [b"1;a=" + b"a" * 8_000 + b"\r\nx\r\n"] * 200,
    "zeros": [b"0" * 8_000] * 200,
}


@pytest.mark.parametrize("name", ENDLESS)
async def test_what_frames_a_body_without_end_is_431(exchange: Exchange, name: str) -> None:
    """It is neither kept in memory nor read for ever; small pieces that are no body add up."""
    answer = await exchange(CHUNKED + b"\r\n", *ENDLESS[name], app=Reader())
    if answer:  # a client that is still writing may see a reset instead
        assert error_of(answer, b"431")["code"] == "PAYLOAD_TOO_LARGE"
    assert b"HTTP/1.1 200" not in answer


async def test_the_smallest_chunks_are_a_body(exchange: Exchange) -> None:
    """Their framing is five times as long as they are, and no fault."""
    chunks = [b"1\r\nx\r\n" * 500] * 100
    answer = await exchange(CHUNKED + CLOSE + b"\r\n", *chunks, b"0\r\n\r\n", app=Reader())
    assert answer.endswith(b"\r\n\r\n50000")


async def test_a_trailer_is_no_header(exchange: Exchange) -> None:
    """Who smuggles one past those who look at heads wins nothing."""
    body = b'c\r\n{"text":"a"}\r\n0\r\nX-Request-Id: smuggled\r\n\r\n'
    answer = await exchange(CHUNKED + CLOSE + b"\r\n" + body)
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"smuggled" not in answer


async def test_chunks_that_are_none_behind_an_answer_get_no_second_one(connect: Connect) -> None:
    """It would be taken for that of another request."""
    reader, writer = await connect()
    writer.write(CHUNKED.replace(b"/echo", b"/nowhere") + b"\r\n")
    async with asyncio.timeout(PATIENCE):
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 404")
        writer.write(b"no chunk\r\n")
        with suppress(ConnectionError):
            assert b"HTTP/1.1" not in await reader.read()


async def test_chunks_that_are_none_are_not_refused_in_place_of_another_request(exchange: Exchange) -> None:
    """The refusal would be taken for the answer to the first one, which is being dealt with."""
    app = Reader()
    app.may_answer.clear()
    answer = await exchange(POST + b"Content-Length: 4\r\n\r\nbody" + CHUNKED + b"\r\nno chunk\r\n", app=app)
    app.may_answer.set()
    assert answer == b""


# -- bodies that stall --------------------------------------------------------------------------------------------------


class Reader:
    """An application that reads a body and answers when it is told to, and notes what it is given."""

    def __init__(self) -> None:
        self.may_read = asyncio.Event()
        self.may_read.set()
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.has_read = asyncio.Event()
        self.body = b""
        self.is_disconnected = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer the body's length."""
        del scope
        await self.may_read.wait()
        more = True
        while more:
            message = await receive()
            self.is_disconnected = message["type"] == "http.disconnect"
            self.body += message.get("body", b"")
            more = message.get("more_body", False)
        self.has_read.set()
        await self.may_answer.wait()
        length = str(len(self.body)).encode()
        await send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [(b"content-length", str(len(length)).encode())],
            }
        )
        await send({"type": "http.response.body", "body": length})


def checked(times: int, then: Callable[[], object]) -> type[BoundedHttp]:
    """Return a protocol that calls `then` when it has looked so often whether a body stalls."""
    looks = 0

    class Looking(Impatient):
        def _check_body(self) -> None:
            nonlocal looks
            looks += 1
            super()._check_body()
            if looks == times:
                then()

    return Looking


@pytest.mark.parametrize(
    "data",
    [
        POST + b"Content-Length: 1000\r\n\r\n",
        POST + b'Content-Length: 1000\r\n\r\n{"text":',
        POST + b"Transfer-Encoding: chunked\r\n\r\n",
        POST + b'Transfer-Encoding: chunked\r\n\r\n8\r\n{"text":\r\n3',
        POST + b'Transfer-Encoding: chunked\r\n\r\nc\r\n{"text":"a"}\r\n0\r\nX-Trailer: 1\r\n',
    ],
)
async def test_a_body_that_stalls_is_refused(exchange: Exchange, data: bytes) -> None:
    """Who announces a body and sends nothing, or half of it, is told so and holds the connection no longer."""
    error = error_of(await exchange(data, protocol=Impatient), b"400")
    assert (error["code"], error["message"]) == ("VALIDATION_ERROR", "The request body did not arrive in time")


async def test_a_body_that_stalls_is_refused_as_its_path_speaks(exchange: Exchange) -> None:
    """Below `/v1` in dialect B; under the name that the client gave the request."""
    head = b"POST /v1/conversations HTTP/1.1\r\n" + HOST + b"X-Request-Id: mine\r\nContent-Length: 9\r\n\r\n"
    answer = await exchange(head, protocol=Impatient, app=Reader())
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["request_id"] == "mine"


async def test_whoever_waits_for_a_body_that_stalls_sees_a_disconnect(exchange: Exchange) -> None:
    """It does not hang, and its answer is not written behind the refusal."""
    reader = Reader()
    answer = await exchange(POST + b"Content-Length: 9\r\n\r\nhalf", protocol=Impatient, app=reader)
    error_of(answer, b"400")
    async with asyncio.timeout(10):
        await reader.has_read.wait()
    assert reader.is_disconnected
    assert reader.body == b"half"


async def test_a_body_that_stalls_behind_its_answer_ends_the_connection(exchange: Exchange) -> None:
    """The answer came without the body; there is no second one."""
    request = b"POST /nowhere HTTP/1.1\r\n" + HOST + b"Content-Length: 1000\r\n\r\nhalf"
    answer = await exchange(request, protocol=Impatient)
    assert answer.startswith(b"HTTP/1.1 404")
    assert answer.count(b"HTTP/1.1") == 1


async def test_a_slow_body_is_read_to_its_end(connect: Connect) -> None:
    """However long it takes, as long as something comes."""
    arrived = asyncio.Event()

    class Watched(Impatient):
        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            arrived.set()

    reader, writer = await connect(Watched, Reader())
    loop = asyncio.get_running_loop()
    end, sent = loop.time() + 4 * Impatient.body_timeout, 0
    writer.write(POST + CLOSE + b"Transfer-Encoding: chunked\r\n\r\n")
    while loop.time() < end:
        async with asyncio.timeout(PATIENCE):
            await arrived.wait()
        arrived.clear()
        writer.write(b"1\r\nx\r\n")
        sent += 1
    writer.write(b"0\r\n\r\n")
    async with asyncio.timeout(PATIENCE):
        answer = await reader.read()
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"\r\n\r\n%d" % sent)


async def test_a_body_that_nobody_reads_does_not_stall(exchange: Exchange) -> None:
    """Whose bytes wait because the server takes no more is not to blame, however long."""
    app = Reader()
    app.may_read.clear()
    body = b"x" * 300_000
    request = POST + CLOSE + b"Content-Length: %d\r\n\r\n" % len(body)
    answer = await exchange(request + body, protocol=checked(3, app.may_read.set), app=app)
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"\r\n\r\n300000")


async def test_a_body_that_waits_to_be_asked_for_does_not_stall(connect: Connect) -> None:
    """Before `100 Continue` it is the client that waits."""
    app = Reader()
    app.may_read.clear()
    reader, writer = await connect(checked(3, app.may_read.set), app)
    writer.write(POST + CLOSE + b"Expect: 100-continue\r\nContent-Length: 4\r\n\r\n")
    async with asyncio.timeout(PATIENCE):
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"body")
        assert (await reader.read()).startswith(b"HTTP/1.1 200")


async def test_a_body_behind_an_unanswered_request_does_not_stall(exchange: Exchange) -> None:
    """Its turn has not come: the first request is answered, then the second one is refused."""
    app = Reader()
    app.may_answer.clear()
    first = POST + b"Content-Length: 4\r\n\r\nbody"
    second = POST + b"Content-Length: 9\r\n\r\nhalf"
    answer = await exchange(first + second, protocol=checked(3, app.may_answer.set), app=app)
    assert answer.startswith(b"HTTP/1.1 200")
    error_of(answer[answer.index(b"HTTP/1.1 400") :], b"400")
