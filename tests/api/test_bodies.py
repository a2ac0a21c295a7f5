"""Bodies are read strictly: bad ones are refused with a sentence that names what is wrong, and never a 500 (design part 8)."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct
from tests.api.conftest import Ask, Note

from duologue.api.camel import commands
from duologue.api.camel.bodies import BlockBody, ReadBody, SendBody
from duologue.api.json import decode, encode
from duologue.api.users import UpdateBody
from duologue.core.errors import ValidationFailed

NOT_JSON = "The body is not valid JSON"
NOT_UTF8 = "The body is not valid UTF-8"
TOO_DEEP = "The body is nested too deeply"


@pytest.mark.parametrize(
    "content",
    [
        b'{"text":"hi"}',
        b' \n{"text" : "hi" }\r\n',
        b'{"text":"hi","howOften":1,"unknown":{"x":[1,null]}}',
        b'{"text":"first","text":"hi"}',
        b'{"text":"\\u0068i"}',
    ],
)
async def test_a_sound_body_is_read(ask: Ask, content: bytes) -> None:
    """White space, unknown fields and fields said twice, the last of which counts, are no error."""
    answer = await ask("POST", "/echo", content=content)
    assert (answer.status_code, answer.json()) == (200, {"text": "hi", "howOften": 1})


@pytest.mark.parametrize(
    ("content", "message", "field"),
    [
        (b"{}", "text is required", "text"),
        (b"", "text is required", "text"),
        (b'{"text":5}', "text must be a string", "text"),
        (b'{"text":null}', "text must be a string", "text"),
        (b'{"text":"a","howOften":"2"}', "howOften must be a whole number", "howOften"),
        (b'{"text":"a","howOften":1.5}', "howOften must be a whole number", "howOften"),
        (b"[]", "The body must be an object", None),
        (b"null", "The body must be an object", None),
        (b'"text"', "The body must be an object", None),
    ],
)
async def test_a_wrong_type_is_named(ask: Ask, content: bytes, message: str, field: str | None) -> None:
    """The sentence says which field; `details.field` says it to programs."""
    answer = await ask("POST", "/echo", content=content)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["code"], error["message"]) == ("VALIDATION_ERROR", message)
    assert error.get("details") == (None if field is None else {"field": field})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", NOT_JSON),
        (b'{"text":"a"', NOT_JSON),
        (b'{"text":"a"} x', NOT_JSON),
        (b"{'text':'a'}", NOT_JSON),
        (b'{"text":NaN}', NOT_JSON),
        (b'{"text":"a\x00"}', NOT_JSON),
        (b'{"text":"a\nb"}', NOT_JSON),
        (b'\xef\xbb\xbf{"text":"a"}', NOT_JSON),
        (b'{"text":"\\ud800"}', NOT_JSON),
        (b'{"text":"\\udc00\\ud800"}', NOT_JSON),
        (b'{"text":"a","unknown":"\\ud800"}', NOT_JSON),
        (b'{"text":"\xff"}', NOT_UTF8),
        (b'{"text":"\xed\xa0\x80"}', NOT_UTF8),
        (b'{"text":"\xc0\xaf"}', NOT_UTF8),
        (b'{"text":"a","unknown":"\xff"}', NOT_UTF8),
        (b'{"text":"a","unknown":' + b"[" * 100_000 + b"]" * 100_000 + b"}", TOO_DEEP),
        (b'{"text":"a","unknown":' + b'{"a":' * 30_000 + b"1" + b"}" * 30_000 + b"}", TOO_DEEP),
    ],
)
async def test_a_malformed_body_is_400(ask: Ask, content: bytes, message: str) -> None:
    """Malformed JSON, lone surrogates, invalid UTF-8 and deep nesting, also in fields that nobody reads."""
    answer = await ask("POST", "/echo", content=content)
    assert (answer.status_code, answer.json()["message"]) == (400, message)
    assert answer.json()["error"]["code"] == "VALIDATION_ERROR"


@pytest.mark.parametrize(
    "kind",
    [
        None,
        "application/json",
        "APPLICATION/JSON",
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        'application/json; charset="utf-8"',
        "application/vnd.chat+json",
    ],
)
async def test_json_is_taken_under_its_names(ask: Ask, kind: str | None) -> None:
    """Also without a type: what else should it be."""
    headers = {} if kind is None else {"Content-Type": kind}
    answer = await ask("POST", "/echo", content=b'{"text":"hi"}', headers=headers)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/msgpack",
        "application/jsonx",
        "application/json; charset=latin-1",
        "nonsense",
    ],
)
async def test_anything_else_is_415(ask: Ask, kind: str) -> None:
    """The sentence says what to send."""
    answer = await ask("POST", "/echo", content=b'{"text":"hi"}', headers={"Content-Type": kind})
    assert answer.status_code == 415
    error = answer.json()["error"]
    assert error["code"] == "UNSUPPORTED_MEDIA_TYPE"
    assert "application/json" in error["message"]


async def test_no_body_needs_no_type(ask: Ask) -> None:
    """An empty form is no form."""
    answer = await ask("POST", "/echo", content=b"", headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.json()["message"] == "text is required"


async def test_no_live_markup_stands_in_the_bytes(ask: Ask) -> None:
    """Text comes back as it was; its bytes hold no `<` (C-58, T-045)."""
    text = "<script>alert(1)</script> a < b & c"
    answer = await ask("POST", "/echo", json={"text": text})
    assert b"<" not in answer.content
    assert answer.json()["text"] == text


async def test_an_error_quotes_no_markup_either(ask: Ask) -> None:
    """Whatever the request says."""
    answer = await ask("POST", "/echo", json={"text": 5, "<b>": "<b>"})
    assert b"<" not in answer.content


# -- the words ------------------------------------------------------------------------------------------------------------

ID = "0198c8f1-7b7c-7000-8000-3d2c6f0a1b2c"


def refusal(struct: Any, body: object) -> ValidationFailed:
    """Return what REST says of a body."""
    with pytest.raises(ValidationFailed) as found:
        decode(msgspec.json.Decoder(struct), encode(body))
    return found.value


@pytest.mark.parametrize(
    ("struct", "command", "body", "message"),
    [
        (SendBody, "message.send", {"content": 5}, "content must be a string"),
        (SendBody, "message.send", {"content": ["a"]}, "content must be a string"),
        (SendBody, "message.send", {"content": "a", "type": "sticker"}, "type must be file, image, text or video"),
        (SendBody, "message.send", {"content": "a", "type": None}, "type must be file, image, text or video"),
        (SendBody, "message.send", {"content": "a", "tempId": 5}, "tempId must be a string of at most 200 characters"),
        (ReadBody, "message.read", {"messageId": "x"}, "messageId must be a UUID"),
        (ReadBody, "message.read", {"messageId": 5}, "messageId must be a UUID"),
        (BlockBody, "block.add", {}, "username is required"),
        (BlockBody, "block.add", {"username": None}, "username must be a string"),
    ],
)
def test_a_fault_has_the_same_words_over_rest_and_socket(
    struct: type[Struct], command: str, body: dict[str, object], message: str
) -> None:
    """One sentence in words of JSON, naming the field, and none of Python's."""
    payload = body if command == "block.add" else {"conversationId": ID, **body}
    malformed = commands.decode(encode({"type": command, "payload": payload}))
    assert [refusal(struct, body).message, malformed.error.message] == [message, message]


@pytest.mark.parametrize(
    ("body", "message", "field"),
    [
        ({"whoCanMessage": "x"}, "whoCanMessage must be everyone, followers or none", "whoCanMessage"),
        ({"showLastSeen": 1}, "showLastSeen must be true or false", "showLastSeen"),
        ({"displayName": 1}, "displayName must be a string", "displayName"),
        ({"show": True}, "show is not known here", "show"),
    ],
)
def test_choices_and_misspelt_fields_are_named(body: object, message: str, field: str) -> None:
    """What would be right is said where it can be."""
    found = refusal(UpdateBody, body)
    assert (found.message, found.details) == (message, {"field": field})


class Inner(Struct, forbid_unknown_fields=True):
    """Something inside something."""

    name: str | None = None
    odd: int | str | None = None


class Outer(Struct):
    """Places of all kinds."""

    items: list[Inner] = []
    named: dict[str, float] = {}
    inner: Inner | None = None


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"items": [{}, {"name": 1}]}, "items[1].name must be a string"),
        ({"items": [{"x": 1}]}, "items[0].x is not known here"),
        ({"items": {}}, "items must be an array"),
        ({"items": [1]}, "items[0] must be an object"),
        ({"named": {"a": "b"}}, "named[...] must be a number"),
        ({"named": []}, "named must be an object"),
        ({"inner": {"odd": []}}, "inner.odd is not valid"),
        ({"inner": []}, "inner must be an object"),
    ],
)
def test_a_place_deep_inside_is_named(body: object, message: str) -> None:
    """By its path."""
    assert refusal(Outer, body).message == message


_decoder = msgspec.json.Decoder(Note)


@given(st.text())
def test_every_text_goes_round(text: str) -> None:
    """What can be stored is written and read without change; the rest cannot even be written."""
    if any("\ud800" <= character <= "\udfff" for character in text):
        with pytest.raises(UnicodeEncodeError):
            encode(Note(text))
    else:
        assert decode(_decoder, encode(Note(text))).text == text


def outcome(data: bytes) -> Note | str:
    """Return the struct, or the sentence that refuses it; anything else is raised."""
    try:
        return decode(_decoder, data)
    except ValidationFailed as refusal:
        return refusal.message


@given(st.binary(max_size=200) | st.binary(max_size=100).map(lambda tail: b'{"text":"' + tail))
def test_no_bytes_break_the_reading(data: bytes) -> None:
    """A struct that comes back as it went, or a sentence."""
    found = outcome(data)
    assert found
    assert isinstance(found, str) or outcome(encode(found)) == found
