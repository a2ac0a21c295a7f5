"""What may come in on socket A, and what is said of everything else."""

import json
from typing import Any
from uuid import UUID

import pytest

from duologue.api.camel.commands import FRAMES, PAYLOADS, decode
from duologue.api.camel.ws import CamelCommands
from duologue.api.incoming import Malformed

CHAT = str(UUID(int=10))
SEND = {"conversationId": CHAT, "content": "Hello!"}


def text(kind: str, payload: Any = None, **more: Any) -> bytes:
    """A frame as a client writes it."""
    return json.dumps({"type": kind, "payload": payload, **more}).encode()


def test_a_send_as_the_seeds_write_it() -> None:
    """T-077: type, payload, tempId; `id` is ours."""
    frame = decode(text("message.send", {**SEND, "tempId": "temp-123"}, id="c1"))
    assert type(frame) is FRAMES["message.send"]
    assert (frame.payload.conversation_id, frame.payload.content) == (UUID(CHAT), "Hello!")
    assert (frame.payload.temp_id, frame.id) == ("temp-123", "c1")


@pytest.mark.parametrize(
    "frame", [b'{"type":"ping"}', b'{"type":"ping","payload":null}', b'{"payload":{},"type":"ping"}']
)
def test_a_ping_may_have_no_payload(frame: bytes) -> None:
    """WSA-02; the order of keys means nothing."""
    assert type(decode(frame)) is FRAMES["ping"]


def test_every_command_has_a_handler() -> None:
    """The registry and the table of payloads name the same commands."""
    assert CamelCommands.handlers.keys() == PAYLOADS.keys()
    assert set(PAYLOADS) == {
        *("auth", "ping", "message.send", "message.read", "typing.start", "typing.stop"),
        *("block.add", "block.remove", "resume"),
    }


@pytest.mark.parametrize(
    "data",
    [
        b"not json", b"", b"[]", b'"x"', b"1", b"null", b"{}", b'{"type":1}', b'{"type":"ping"', b"\x00",
        b'{"type":"ping"}{"type":"ping"}', b'{"type":"message.send","payload":{"content":"\\ud800"}}',
        b"[" * 100_000, b'{"a":' * 100_000, b'{"type":"ping","payload":' + b'{"a":' * 100_000, b"NaN", b"\xef\xbb\xbf{}",
    ],
)  # fmt: skip
def test_t072_t075_what_is_no_command(data: bytes) -> None:
    """Malformed, no object, lone surrogates, deep nesting: INVALID_MESSAGE, never a raise (ERR-14)."""
    malformed = decode(data)
    assert isinstance(malformed, Malformed)
    assert (malformed.error.code, malformed.error.message) == ("INVALID_MESSAGE", "Invalid message format")


def test_t073_an_unknown_type() -> None:
    """ERR-15; a long one is cut, the id is echoed."""
    malformed = decode(text("foo", {}, id=5))
    assert (malformed.error.code, malformed.error.message, malformed.id) == (
        "UNKNOWN_EVENT",
        "Unknown event type: foo",
        5,
    )
    assert len(decode(text("x" * 10_000)).error.message) < 200


@pytest.mark.parametrize(
    ("kind", "payload", "message"),
    [
        ("message.send", None, "conversationId is required"),
        ("message.send", {}, "conversationId is required"),
        ("message.send", {**SEND, "conversationId": 5}, "conversationId is required"),
        ("message.send", {**SEND, "conversationId": None}, "conversationId is required"),
        ("message.send", {**SEND, "conversationId": "abc"}, "Invalid conversationId"),
        ("message.send", {**SEND, "conversationId": ""}, "Invalid conversationId"),
        ("message.send", {**SEND, "content": 5}, "content must be a string"),
        ("message.send", {**SEND, "tempId": 5}, "tempId must be a string of at most 200 characters"),
        ("message.send", {**SEND, "type": "sticker"}, "type must be file, image, text or video"),
        ("message.send", "hello", "payload must be an object"),
        ("message.read", {}, "conversationId is required"),
        ("message.read", {"conversationId": "x"}, "Invalid conversationId"),
        ("message.read", {"conversationId": CHAT, "messageId": "x"}, "messageId must be a UUID"),
        ("typing.start", {"conversationId": []}, "conversationId is required"),
        ("typing.stop", {"conversationId": "x"}, "Invalid conversationId"),
        ("block.add", {}, "username is required"),
        ("block.remove", {"username": 1}, "username must be a string"),
        ("auth", {}, "token is required"),
        ("resume", {}, "since must be a whole number of at least 0"),
        ("resume", {"since": 1.5}, "since must be a whole number of at least 0"),
        ("resume", {"since": 1, "epoch": 1}, "epoch must be a string"),
        ("ping", [], "payload must be an object"),
    ],
)
def test_t081_t089_a_wrong_payload_is_told_in_a_sentence(kind: str, payload: Any, message: str) -> None:
    """VALIDATION_ERROR with the texts of ERR-16 to ERR-18."""
    malformed = decode(text(kind, payload))
    assert (malformed.error.code, malformed.error.message) == ("VALIDATION_ERROR", message)
    assert malformed.command == kind


@pytest.mark.parametrize("command_id", [1.5, True, [], {}, "x" * 201, 2**60])
def test_an_id_that_cannot_be_echoed_is_refused(command_id: object) -> None:
    """A string of at most 200 characters, or a whole number that every JSON parser holds."""
    malformed = decode(text("ping", {}, id=command_id))
    assert malformed.error.message == "id must be a string of at most 200 characters or a whole number"
    assert malformed.id is None


def test_what_can_be_made_out_is_echoed() -> None:
    """A refused send names its tempId and id; neither if it is not fit to be echoed."""
    malformed = decode(text("message.send", {"tempId": "t1"}, id="c"))
    assert (malformed.temp_id, malformed.id) == ("t1", "c")
    assert decode(text("message.send", {"tempId": "x" * 201})).temp_id is None
