"""What a hostile client may send: each answered or closed as design part 5 says, for that socket alone, and nothing stored."""

import json
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from tests.live.chat import Chat, after_greeting, chat, contents, refusal, say
from tests.live.people import Place
from tests.live.raw import RawSocket
from tests.live.socket import Socket
from websockets.frames import Frame, Opcode

from duologue.api.handshake import BAD_KEY, HAS_BODY

PROTOCOL, BINARY, NOT_UTF8, TOO_BIG = 1002, 1003, 1007, 1009
MAX_FRAME = 256 * 1024
DEEP = 100_000
HUGE = "9" * 200_000


@pytest.fixture
async def talk(live: Place) -> Chat:
    """Give two people with a conversation."""
    return await chat(live)


@pytest.fixture
async def bystander(talk: Chat) -> AsyncIterator[Socket]:
    """Give a socket of the other one, which must not feel anything; checked at the end."""
    async with talk.two.socket() as socket:
        yield socket
        await socket.quiet()
        assert [kind for kind in after_greeting(socket) if not kind.startswith("user.")] == []
    assert await talk.one.messages(talk.id) == []


# -- text that is no command, or a strange one ----------------------------------------------------------------------------


def command(content: str = '"Hello!"', *, kind: str = '"message.send"', more: str = "") -> str:
    """Return a send as text; `CHAT` is still to be replaced."""
    return f'{{"type":{kind},"payload":{{"conversationId":"CHAT","content":{content}{more}}}}}'


SURROGATE = '"\\ud83d"'
REFUSED = {
    "a lone surrogate in the text": command(SURROGATE),
    "a lone surrogate in the type": command(kind=SURROGATE),
    "a lone surrogate in the tempId": command(more=f',"tempId":{SURROGATE}'),
    "a lone surrogate in an unknown field": command(more=f',"more":{SURROGATE}'),
    "a lone surrogate in a name": command(more=f",{SURROGATE}:1"),
    "surrogates the wrong way round": command('"\\ude00\\ud83d"'),
    "deep nesting": "[" * DEEP,
    "deep nesting, closed": "[" * DEEP + "]" * DEEP,
    "deep objects": '{"a":' * 40_000 + "1" + "}" * 40_000,
    "a deep payload": '{"type":"ping","payload":' + "[" * DEEP + "]" * DEEP + "}",
    "a deep text": command("[" * DEEP + "]" * DEEP),
    "a deep unknown field": command(more=',"more":' + "[" * DEEP + "]" * DEEP),
    "a deep id": '{"type":"ping","id":' + "[" * DEEP + "]" * DEEP + "}",
    "a huge number as text": command(HUGE),
    "a huge number as id": f'{{"type":"ping","id":{HUGE}}}',
    "a huge exponent": '{"type":"ping","id":1e999999}',
    "a number that is none": '{"type":"ping","id":NaN}',
    "NUL as conversation": '{"type":"message.send","payload":{"conversationId":"\\u0000","content":"Hello!"}}',
    "NUL in the tempId": command(more=',"tempId":"a\\u0000b"'),
    "NUL in the type": '{"type":"ping\\u0000"}',
    "NUL as it is": '{"type":"ping"}\0',
    "a control character as it is": command('"a\x01b"'),
    "no username": '{"type":"block.add","payload":{"username":"\\u0000"}}',
    "a surrogate as username": f'{{"type":"block.add","payload":{{"username":{SURROGATE}}}}}',
    "a type of 100,000 characters": '{"type":"' + "x" * 100_000 + '"}',
    "30,000 members": "{" + ",".join(f'"{number}":1' for number in range(20_000)) + "}",
    "a number as type": '{"type":5}',
    "a list as conversation": '{"type":"message.read","payload":{"conversationId":[]}}',
    "an object as text": command('{"a":1}'),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_a_hostile_text_is_an_error_and_no_more(talk: Chat, bystander: Socket, name: str) -> None:
    """One `error` with a stable code, the socket stays usable, nothing is stored and nobody else notices."""
    async with talk.one.socket() as socket:
        await socket.send_raw(REFUSED[name].replace("CHAT", talk.id))
        code, text = refusal(await socket.expect("error"))
        assert code in {"INVALID_MESSAGE", "VALIDATION_ERROR", "UNKNOWN_EVENT", "NOT_FOUND"}
        assert len(text) < 300
        await socket.quiet()
        assert set(after_greeting(socket)) <= {"error", "message.error", "user.online"}
        assert after_greeting(socket).count("error") == 1
    await bystander.quiet()


async def test_of_duplicate_members_one_counts(live: Place) -> None:
    """A command twice in one frame is done once at most, and answered once."""
    one, two, conversation = await chat(live)
    async with one.socket() as socket, two.socket() as theirs:
        await socket.send_raw('{"type":"foo","type":"ping","id":1,"id":2}')
        await socket.reply(2)
        payload = json.dumps({"conversationId": conversation, "content": "first"})
        again = payload.replace("first", "second")
        await socket.send_raw(f'{{"type":"message.send","payload":{payload},"payload":{again},"id":3}}')
        assert (await socket.reply(3)).payload["message"]["content"] == "second"
        await theirs.expect("message.new")
        await theirs.quiet()
        assert contents(theirs) == ["second"]


async def test_strange_text_that_is_allowed_is_sent(live: Place) -> None:
    """Escaped pairs, emoji, bidi marks, unknown fields, spaces around: all as written."""
    one, _, conversation = await chat(live)
    async with one.socket() as socket:
        text = command('"\\ud83d\\ude00\\u202e\\ufeff\\uffff"', more=',"more":{"a":[1,2.5e-3,null]}')
        await socket.send_raw(f" \r\n\t{text.replace('CHAT', conversation)}  ")
        sent = await socket.expect("message.sent")
        assert sent.payload["message"]["content"] == "\U0001f600\u202e\ufeff\uffff"


# -- frames -------------------------------------------------------------------------------------------------------------


def text_frame(data: bytes, *, fin: bool = True) -> bytes:
    """Return a text frame as a client sends it."""
    return Frame(Opcode.TEXT, data, fin).serialize(mask=True)


def more_frame(data: bytes, *, fin: bool = True) -> bytes:
    """Return a continuation frame."""
    return Frame(Opcode.CONT, data, fin).serialize(mask=True)


PING = b'{"type":"ping"}'
CLOSED = {
    "binary": (Frame(Opcode.BINARY, PING).serialize(mask=True), BINARY),
    "empty binary": (Frame(Opcode.BINARY, b"").serialize(mask=True), BINARY),
    "binary in fragments": (Frame(Opcode.BINARY, PING, fin=False).serialize(mask=True), BINARY),
    "invalid UTF-8": (text_frame(b'{"type":"\xff\xfe"}'), NOT_UTF8),
    "overlong UTF-8": (text_frame(b'"\xc0\xaf"'), NOT_UTF8),
    "a surrogate in UTF-8": (text_frame(b'"\xed\xa0\xbd"'), NOT_UTF8),
    "UTF-8 cut off": (text_frame('"\U0001f600"'.encode()[:-2]), NOT_UTF8),
    "invalid UTF-8 in fragments": (text_frame(b'"\xf0\x9f', fin=False) + more_frame(b'"'), NOT_UTF8),
    "a frame over the limit": (text_frame(b"x" * (MAX_FRAME + 1)), TOO_BIG),
    "fragments over the limit": (
        text_frame(b"x" * MAX_FRAME, fin=False) + more_frame(b"x", fin=False),
        TOO_BIG,
    ),
    "a length of exabytes": (bytes((0x81, 0xFF)) + (2**62).to_bytes(8, "big") + b"mask", TOO_BIG),
    "a length beyond 63 bits": (bytes((0x81, 0xFF)) + b"\xff" * 8 + b"mask", TOO_BIG),
    "no mask": (Frame(Opcode.TEXT, PING).serialize(mask=False), PROTOCOL),
    "a reserved bit": (bytes((0xC1, 0x80)) + b"mask", PROTOCOL),
    "an unknown opcode": (bytes((0x83, 0x80)) + b"mask", PROTOCOL),
    "a continuation of nothing": (more_frame(PING), PROTOCOL),
    "a text within another": (text_frame(b"a", fin=False) + text_frame(PING), PROTOCOL),
    "a ping in fragments": (bytes((0x09, 0x80)) + b"mask", PROTOCOL),
    "a ping of 126 bytes": (bytes((0x89, 0xFE)) + (126).to_bytes(2, "big") + b"mask" + b"x" * 126, PROTOCOL),
    "a close of one byte": (bytes((0x88, 0x81)) + b"mask" + b"x", PROTOCOL),
}


@pytest.mark.parametrize("name", CLOSED)
async def test_a_hostile_frame_closes_its_socket_alone(live: Place, talk: Chat, bystander: Socket, name: str) -> None:
    """1003 binary, 1007 invalid UTF-8, 1009 over the limit, 1002 against the protocol; another device of the user stays."""
    data, code = CLOSED[name]
    async with talk.one.socket() as other, RawSocket(live, token=talk.one.token) as raw:
        await raw.expect("status.bulk")
        await raw.write(data)
        assert await raw.closed() == code
        await other.quiet()
        await bystander.quiet()


async def test_a_frame_of_the_greatest_size_is_read(live: Place) -> None:
    """At the limit, not over it: answered as any other."""
    person = await live.person()
    async with person.socket() as socket:
        begin, end = '{"type":"ping","payload":{"x":"', '"}}'
        await socket.send_raw(begin + "x" * (MAX_FRAME - len(begin) - len(end)) + end)
        await socket.expect("pong")
        await socket.send_raw("x" * MAX_FRAME)
        assert refusal(await socket.expect("error"))[0] == "INVALID_MESSAGE"


async def test_a_message_may_come_in_fragments(live: Place) -> None:
    """Cut anywhere, also within a character, with pings in between, byte by byte on the wire."""
    one, two, conversation = await chat(live)
    data = json.dumps(
        {"type": "message.send", "payload": {"conversationId": conversation, "content": "h\u00e9llo \U0001f600"}},
        ensure_ascii=False,
    ).encode()
    async with two.socket() as theirs, RawSocket(live, token=one.token) as raw:
        await raw.expect("status.bulk")
        parts = [data[place : place + 1] for place in range(len(data))]
        await raw.frame(Opcode.TEXT, parts[0], fin=False)
        for part in parts[1:-1]:
            await raw.frame(Opcode.PING, b"between")
            await raw.frame(Opcode.CONT, part, fin=False)
        await raw.frame(Opcode.CONT, parts[-1])
        assert (await raw.expect("message.sent"))["message"]["content"] == "h\u00e9llo \U0001f600"
        for byte in text_frame(data):
            await raw.write(bytes((byte,)))
        await raw.expect("message.sent")
        await theirs.expect("message.new", unreadCount=2)


async def test_a_close_is_answered_with_the_same_code(live: Place) -> None:
    """The client's goodbye comes back, and what it sent before, in the same breath, is still done (RFC 6455, 5.5.1)."""
    one, two, conversation = await chat(live)
    words = [f"last word {number}" for number in range(10)]
    sends = [{"type": "message.send", "payload": {"conversationId": conversation, "content": word}} for word in words]
    goodbye = Frame(Opcode.CLOSE, (1000).to_bytes(2, "big")).serialize(mask=True)
    async with two.socket() as theirs, RawSocket(live, token=one.token) as raw:
        await raw.expect("status.bulk")
        await raw.write(b"".join(text_frame(json.dumps(send).encode()) for send in sends) + goodbye)
        assert await raw.closed() == 1000
        await theirs.expect("message.new", unreadCount=10)
        assert contents(theirs) == words


# -- handshakes ---------------------------------------------------------------------------------------------------------


async def test_half_a_handshake_harms_nobody(live: Place) -> None:
    """Fifty connections that stop in the middle: others connect and talk; a slow one is served when it is done."""
    one, two, conversation = await chat(live)
    halves = [RawSocket(live, token=one.token, upgrade=False) for _ in range(50)]
    try:
        for number, half in enumerate(halves):
            await half.__aenter__()
            await half.write(half.handshake()[: 10 + number * 3])
        async with one.socket() as mine, two.socket() as theirs:
            await say(mine, conversation)
            await theirs.expect("message.new")
    finally:
        for half in halves:
            await half.__aexit__(None, None, None)
    async with RawSocket(live, token=one.token, upgrade=False) as slow:
        for byte in slow.handshake():
            await slow.write(bytes((byte,)))
        assert (await slow.head()).startswith(b"HTTP/1.1 101 ")
        await slow.expect("auth_success")


def request(more: bytes = b"", *, path: bytes = b"/chat/ws", key: bytes = b"dGhlIHNhbXBsZSBub25jZQ==") -> bytes:
    """Return a handshake with a few more headers."""
    return (
        b"GET " + path + b" HTTP/1.1\r\nHost: duologue\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: " + key + b"\r\nSec-WebSocket-Version: 13\r\n" + more + b"\r\n"
    )


BROKEN = {
    "garbage": b"\x00\xff\x00garbage\r\n\r\n",
    "an empty key": request(key=b""),
    "a bad key": request(key=b"x"),
    "another version": request().replace(b"Version: 13", b"Version: 7"),
    "a token of 9,000 characters": request(path=b"/chat/ws?token=" + b"x" * 9_000),
    "a header of 9,000 bytes": request(b"Cookie: " + b"x" * 9_000 + b"\r\n"),
    "a header of a megabyte": request(b"Cookie: " + b"x" * 1_000_000 + b"\r\n"),
    "200 headers": request(b"".join(b"X-%d: 1\r\n" % number for number in range(200))),
    "a body": request(b"Content-Length: 5\r\n") + b"hello",
    "a path that is no text": request(path=b"/chat/ws?token=\xff"),
    "a control character": request(b"X: a\x01b\r\n"),
    "a post": request().replace(b"GET", b"POST"),
    "an older HTTP": request().replace(b"HTTP/1.1", b"HTTP/1.0"),
    "no key": request().replace(b"Sec-WebSocket-Key", b"X-Key"),
    "two keys": request(b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"),
    "no version": request().replace(b"Sec-WebSocket-Version", b"X-Version"),
    "a protocol that is none": request(b"Sec-WebSocket-Protocol: a b\r\n"),
    "two origins": request(b"Origin: http://a\r\nOrigin: http://b\r\n"),
    "a connection that is no list": request(b"Connection: upgrade,;\r\n"),
    "two upgrades": request(b"Upgrade: websocket\r\n"),
    "a body that does not come": request(b"Content-Length: 5\r\n"),
    "a body in chunks": request(b"Transfer-Encoding: chunked\r\n") + b"0\r\n\r\n",
}
# The others are answered too, but the client may be writing still, and see a reset.
TOLD = {
    "garbage": (400, "VALIDATION_ERROR"),
    "an empty key": (400, "VALIDATION_ERROR"),
    "a bad key": (400, "VALIDATION_ERROR"),
    "no key": (400, "VALIDATION_ERROR"),
    "two keys": (400, "VALIDATION_ERROR"),
    "another version": (426, "UPGRADE_REQUIRED"),
    "no version": (426, "UPGRADE_REQUIRED"),
    "a token of 9,000 characters": (431, "PAYLOAD_TOO_LARGE"),
    "a header of 9,000 bytes": (431, "PAYLOAD_TOO_LARGE"),
    "200 headers": (431, "PAYLOAD_TOO_LARGE"),
    "a body": (400, "VALIDATION_ERROR"),
    "a body that does not come": (400, "VALIDATION_ERROR"),
    "a body in chunks": (400, "VALIDATION_ERROR"),
    "a path that is no text": (400, "VALIDATION_ERROR"),
    "a control character": (400, "VALIDATION_ERROR"),
    "a post": (405, "METHOD_NOT_ALLOWED"),
    "an older HTTP": (401, "UNAUTHORIZED"),
    "a protocol that is none": (400, "VALIDATION_ERROR"),
    "two origins": (400, "VALIDATION_ERROR"),
    "a connection that is no list": (400, "VALIDATION_ERROR"),
    "two upgrades": (401, "UNAUTHORIZED"),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_a_broken_handshake_is_refused(live: Place, bystander: Socket, name: str) -> None:
    """An answer from 400 up or the end of the connection, and no 500."""
    async with RawSocket(live, upgrade=False) as raw:
        try:
            await raw.write(BROKEN[name])
            head = await raw.head()
        except ConnectionError:
            head = b""
        assert head == b"" or head.startswith(b"HTTP/1.1 4")
    await bystander.quiet()


@pytest.mark.parametrize("name", TOLD)
async def test_a_broken_handshake_is_told_what_is_wrong(live: Place, name: str) -> None:
    """In the envelope and with the headers of every refusal, and then the connection ends."""
    async with RawSocket(live, upgrade=False) as raw:
        await raw.write(BROKEN[name])
        status, headers, body = await raw.refusal()
    assert (status, body["error"]["code"]) == TOLD[name]
    assert body["success"] is False
    assert body["error"]["requestId"] == headers["x-request-id"]
    assert (headers["content-type"], headers["x-content-type-options"]) == ("application/json", "nosniff")
    assert headers["connection"].lower() in ("close", "upgrade")


@pytest.mark.parametrize(
    ("path", "named"),
    [(b"/chat/ws", "requestId"), (b"/api/v1/chat/ws", "requestId"), (b"/v1/ws/messages", "request_id")],
)
async def test_another_version_is_told_the_right_one(live: Place, path: bytes, named: str) -> None:
    """RFC 6455, 4.4; in the dialect of the path, with or without a token."""
    async with RawSocket(live, upgrade=False) as raw:
        await raw.write(request(b"X-Request-Id: mine\r\n", path=path).replace(b"Version: 13", b"Version: 8"))
        status, headers, body = await raw.refusal()
    assert (status, headers["sec-websocket-version"], headers["upgrade"]) == (426, "13", "websocket")
    assert body["error"]["code"] == "UPGRADE_REQUIRED"
    assert body["error"][named] == "mine"


@pytest.mark.parametrize(("name", "message"), [("a bad key", BAD_KEY), ("a body that does not come", HAS_BODY)])
async def test_what_is_wrong_with_a_handshake_is_said(live: Place, name: str, message: str) -> None:
    """A person reads it, who writes a client."""
    async with RawSocket(live, upgrade=False) as raw:
        await raw.write(BROKEN[name])
        assert (await raw.refusal())[2]["message"] == message


async def test_the_rest_of_a_handshake_is_judged_in_the_dialect_of_its_path(live: Place) -> None:
    """What only the library minds, such as two origins; under the name that the client gave."""
    async with RawSocket(live, upgrade=False) as raw:
        headers = b"X-Request-Id: mine\r\nOrigin: http://a\r\nOrigin: http://b\r\n"
        await raw.write(request(headers, path=b"/v1/ws/messages?token=x"))
        status, _, body = await raw.refusal()
    assert (status, body["error"]["code"], body["error"]["request_id"]) == (400, "VALIDATION_ERROR", "mine")


@pytest.mark.parametrize(
    ("path", "named"),
    [
        (b"/", "requestId"),
        (b"/nowhere", "requestId"),
        (b"/chat//ws", "requestId"),
        (b"/api/v1/chat/conversations", "requestId"),
        (b"/v10", "requestId"),
        (b"/v1", "request_id"),
        (b"/v1/ws/nowhere", "request_id"),
        (b"/v1/users", "request_id"),
    ],
)
async def test_a_socket_where_there_is_none_is_404(live: Place, path: bytes, named: str) -> None:
    """As any unknown route, in the dialect of the path."""
    async with RawSocket(live, upgrade=False) as raw:
        await raw.write(request(b"X-Request-Id: mine\r\n", path=path))
        status, headers, body = await raw.refusal()
    assert (status, body["error"]["code"]) == (404, "NOT_FOUND")
    assert body["error"][named] == headers["x-request-id"] == "mine"
    assert headers["x-content-type-options"] == "nosniff"


async def test_a_refused_handshake_has_no_second_answer(live: Place) -> None:
    """The frames that a client sends right behind it are no HTTP; nobody takes them for that."""
    async with RawSocket(live, upgrade=False) as raw:
        await raw.write(request(key=b"x"))
        await raw.write(text_frame(PING))
        with suppress(ConnectionError):
            status, _, _ = await raw.refusal()
            assert status == 400


async def test_compression_is_not_agreed_to(live: Place, talk: Chat) -> None:
    """Who offers permessage-deflate is served without it: no frame of few bytes becomes megabytes (design part 1)."""
    offer = b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
    path = b"/chat/ws?token=" + talk.one.token.encode()
    async with RawSocket(live, upgrade=False) as raw:
        await raw.write(request(offer, path=path))
        head = await raw.head()
        assert head.startswith(b"HTTP/1.1 101 ")
        assert b"extensions" not in head.lower()
        await raw.expect("auth_success")
        await raw.write(bytes((0xC1, 0x80)) + b"mask")
        assert await raw.closed() == PROTOCOL


async def test_frames_right_behind_the_handshake_harm_nobody(live: Place, talk: Chat, bystander: Socket) -> None:
    """A client that does not wait for the answer is served or cut off; it breaks nothing."""
    async with RawSocket(live, token=talk.one.token, upgrade=False) as raw:
        await raw.write(raw.handshake() + text_frame(PING) * 3)
        head = await raw.head()
        assert head == b"" or head.startswith(b"HTTP/1.1 101 ")
    await bystander.quiet()


@pytest.mark.parametrize("token", ["\u00e9", "a.b.c", "x" * 7_000, "\x00", "eyJhbGciOiJIUzI1NiJ9..", " "])
async def test_a_token_of_strange_bytes_is_invalid(live: Place, token: str) -> None:
    """Whatever stands in the query: auth_failed, and no 500."""
    async with live.socket(token=token) as socket:
        assert await socket.closed() == 4500
        assert socket.kinds() == ["auth_failed"]
