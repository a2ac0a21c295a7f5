"""What is said of commands: T-072 to T-075, T-080 to T-082, T-089, and their ids (design part 5)."""

import json
from typing import Any
from uuid import uuid4

import pytest
from tests.live.chat import after_greeting, chat, refusal, say
from tests.live.people import Place

INVALID = ("INVALID_MESSAGE", "Invalid message format")
MISSING = ("VALIDATION_ERROR", "conversationId is required")
WRONG = ("VALIDATION_ERROR", "Invalid conversationId")
TYPE = "type must be file, image, text or video"
NEEDED = "attachments are required for image, video and file messages"
MEDIA = "media must be an array of objects with id or url"
EMPTY = ("VALIDATION_ERROR", "content cannot be empty")


async def test_t072_what_is_no_json_is_an_error_and_no_more(live: Place) -> None:
    """INVALID_MESSAGE, once for each such frame, and the next command works."""
    person = await live.person()
    async with person.socket() as socket:
        for text in ("not json", "", "{", '{"type":"ping"', '{"type":"ping"}}', "\ufeff" + '{"type":"ping"}', "NaN"):
            await socket.send_raw(text)
            assert refusal(await socket.expect("error")) == INVALID
        await socket.quiet()
        assert after_greeting(socket) == ["error"] * 7


async def test_t073_an_unknown_event_is_named(live: Place) -> None:
    """UNKNOWN_EVENT with the type; what only the server sends is unknown too."""
    person = await live.person()
    async with person.socket() as socket:
        for kind in ("foo", "message.new", "PING", ""):
            await socket.send(kind)
            assert refusal(await socket.expect("error")) == ("UNKNOWN_EVENT", f"Unknown event type: {kind}")
        await socket.quiet()


async def test_t074_a_ping_is_answered(live: Place) -> None:
    """Pong says the time twice, and where the connection stands; a ping needs no payload."""
    one, two, conversation = await chat(live)
    async with one.socket() as socket:
        await socket.send("ping")
        pong = (await socket.expect("pong")).payload
        assert set(pong) == {"timestamp", "serverTime", "position"}
        assert pong["position"] == 1
        await two.send(conversation)
        await socket.expect("message.new")
        for bare in ('{"type":"ping"}', '{"type":"ping","payload":null}', '{"payload":{"more":1},"type":"ping"}'):
            await socket.send_raw(bare)
            pong = (await socket.expect("pong")).payload
            assert pong["position"] == 2
        assert after_greeting(socket) == ["message.new", "conversation.updated", "notification.unread"]


@pytest.mark.parametrize("text", ["[]", '"x"', "1", "null", "true", "{}", '{"type":1}', '{"type":null,"payload":{}}'])
async def test_t075_json_that_is_no_command_is_an_error(live: Place, text: str) -> None:
    """What has no type is INVALID_MESSAGE; the connection stays."""
    person = await live.person()
    async with person.socket() as socket:
        await socket.send_raw(text)
        assert refusal(await socket.expect("error")) == INVALID
        await socket.quiet()
        assert after_greeting(socket) == ["error"]


@pytest.mark.parametrize("payload", ["[]", '"x"', "1", "true", "[{}]"])
@pytest.mark.parametrize(
    "kind", ["ping", "auth", "message.send", "message.read", "typing.start", "block.add", "resume"]
)
async def test_t075_a_payload_that_is_no_object_is_an_error(live: Place, kind: str, payload: str) -> None:
    """VALIDATION_ERROR, for every command; the connection stays."""
    person = await live.person()
    async with person.socket() as socket:
        await socket.send_raw(f'{{"type":"{kind}","payload":{payload},"id":"it"}}')
        assert refusal(await socket.reply("it")) == ("VALIDATION_ERROR", "payload must be an object")
        await socket.quiet()


async def test_t080_a_message_needs_no_temp_id(live: Place) -> None:
    """Without tempId, or with null, the message is sent and its tempId is null."""
    one, _, conversation = await chat(live)
    async with one.socket() as socket:
        assert (await say(socket, conversation)).payload["tempId"] is None
        assert (await say(socket, conversation, tempId=None)).payload["tempId"] is None
    assert len(await one.messages(conversation)) == 2


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        ({"content": "Hello!"}, MISSING),
        ({"content": "Hello!", "conversationId": None}, MISSING),
        ({"content": "Hello!", "conversationId": 7}, MISSING),
        ({"content": "Hello!", "conversationId": "abc"}, WRONG),
        ({"content": "Hello!", "conversationId": ""}, WRONG),
        ({"conversationId": "CHAT"}, EMPTY),
        ({"conversationId": "CHAT", "content": None}, EMPTY),
        ({"conversationId": "CHAT", "content": ""}, EMPTY),
        ({"conversationId": "CHAT", "content": " \n\t\u2003"}, EMPTY),
        ({"conversationId": "CHAT", "content": "\u0000\u0007"}, EMPTY),
        ({"conversationId": "CHAT", "content": 5}, ("VALIDATION_ERROR", "content must be a string")),
        ({"conversationId": "CHAT", "content": ["Hello!"]}, ("VALIDATION_ERROR", "content must be a string")),
        ({"conversationId": "CHAT", "content": "Hello!", "type": "sticker"}, ("VALIDATION_ERROR", TYPE)),
        ({"conversationId": "CHAT", "content": "Hello!", "type": "image"}, ("VALIDATION_ERROR", NEEDED)),
        ({"conversationId": "CHAT", "type": "image", "media": 5}, ("VALIDATION_ERROR", MEDIA)),
        ({"conversationId": "CHAT", "type": "image", "media": [{}]}, ("VALIDATION_ERROR", "Unknown attachment")),
        ({}, MISSING),
    ],
)
async def test_t081_a_message_without_its_parts_is_told_which(
    live: Place, payload: dict[str, Any], said: tuple[str, str]
) -> None:
    """VALIDATION_ERROR with the stated texts, `message.error` after it, and nothing stored."""
    one, two, conversation = await chat(live)
    given = {name: conversation if value == "CHAT" else value for name, value in payload.items()}
    async with one.socket() as socket, two.socket() as theirs:
        await socket.send("message.send", command_id=1, **given, tempId="temp")
        error = await socket.expect("error")
        failed = await socket.expect("message.error")
        assert refusal(error) == said
        assert error.payload["tempId"] == "temp"
        assert failed.payload == {"tempId": "temp", "error": said[1], "code": said[0]}
        assert (error.id, failed.id) == (1, 1)
        await socket.quiet()
        assert after_greeting(socket)[-2:] == ["error", "message.error"]
        await theirs.nothing("message.new")
    assert await one.messages(conversation) == []


async def test_t082_a_text_over_ten_thousand_characters_is_refused(live: Place) -> None:
    """10,001 characters are VALIDATION_ERROR and nothing is stored; 10,000 of four bytes each are sent."""
    one, _, conversation = await chat(live)
    async with one.socket() as socket:
        await socket.send("message.send", conversationId=conversation, content="x" * 10_001)
        assert refusal(await socket.expect("error"))[0] == "VALIDATION_ERROR"
        assert await one.messages(conversation) == []
        text = "\U0001f600" * 10_000  # escaped as surrogate pairs: 120,000 bytes
        assert (await say(socket, conversation, text)).payload["message"]["content"] == text


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        ({}, MISSING),
        ({"conversationId": None}, MISSING),
        ({"conversationId": "abc"}, WRONG),
        ({"conversationId": "CHAT", "messageId": "abc"}, ("VALIDATION_ERROR", "messageId must be a UUID")),
    ],
)
async def test_t089_a_read_without_its_parts_is_told_which(
    live: Place, payload: dict[str, Any], said: tuple[str, str]
) -> None:
    """VALIDATION_ERROR with the stated texts, and nothing is marked."""
    one, two, conversation = await chat(live)
    await two.send(conversation)
    given = {name: conversation if value == "CHAT" else value for name, value in payload.items()}
    async with one.socket() as socket:
        await socket.send("message.read", command_id="r", **given)
        assert refusal(await socket.reply("r")) == said
        await socket.quiet()
        assert after_greeting(socket) == ["error"]
    assert await one.unread() == 1


@pytest.mark.parametrize("kind", ["typing.start", "typing.stop"])
async def test_typing_without_its_parts_is_told_which(live: Place, kind: str) -> None:
    """As for the other commands of a conversation."""
    person = await live.person()
    async with person.socket() as socket:
        await socket.send(kind)
        assert refusal(await socket.expect("error")) == MISSING
        await socket.send(kind, conversationId="abc")
        assert refusal(await socket.expect("error")) == WRONG


@pytest.mark.parametrize("kind", ["block.add", "block.remove"])
async def test_blocks_without_a_username_are_told_so(live: Place, kind: str) -> None:
    """A username is a string of at least one character."""
    person = await live.person()
    async with person.socket() as socket:
        for payload in ({}, {"username": ""}):
            await socket.send(kind, **payload)
            assert refusal(await socket.expect("error")) == ("VALIDATION_ERROR", "username is required")
        await socket.send(kind, username=5)
        assert refusal(await socket.expect("error")) == ("VALIDATION_ERROR", "username must be a string")
        await socket.send(kind, username="nobody-of-this-name")
        assert refusal(await socket.expect("error")) == ("NOT_FOUND", "User not found")


# -- ids ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a", "", "x" * 200, 0, -5, 2**53 - 1])
async def test_the_id_of_a_command_is_echoed(live: Place, name: str | int) -> None:
    """At top level of its reply or error; commands without one are answered without one."""
    one, _, conversation = await chat(live)
    async with one.socket() as socket:
        await socket.send("message.send", command_id=name, conversationId=conversation, content="Hello!")
        assert (await socket.expect("message.sent")).id == name
        await socket.send("message.send", command_id=name, conversationId=str(uuid4()), content="Hello!")
        assert (await socket.expect("error")).id == name
        await socket.send("message.read", command_id=name, conversationId=conversation)
        assert (await socket.expect("message.read_ack")).id == name
        await socket.send("foo", command_id=name)
        assert (await socket.expect("error")).id == name
        assert (await say(socket, conversation)).id is None
        assert {frame.id for frame in socket.frames if frame.type == "conversation.updated"} == {None}


@pytest.mark.parametrize("name", ["[]", "{}", "1.5", "true", '"' + "x" * 201 + '"', "9007199254740993", "-1e999"])
async def test_an_id_that_cannot_be_echoed_is_an_error(live: Place, name: str) -> None:
    """Neither a string of at most 200 characters nor a whole number: the command is not done."""
    one, _, conversation = await chat(live)
    payload = json.dumps({"conversationId": conversation, "content": "Hello!"})
    async with one.socket() as socket:
        await socket.send_raw(f'{{"type":"message.send","id":{name},"payload":{payload}}}')
        error = await socket.expect("error")
        assert error.payload["code"] in {"VALIDATION_ERROR", "INVALID_MESSAGE"}
        assert error.id is None
        await socket.quiet()
    assert await one.messages(conversation) == []
