"""Authentication and envelopes of dialect A over REST: T-001 to T-009, and what design part 5 adds on errors."""

import json
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import jwt
import pytest
from tests.live.people import API, SECRET, Answer, Person, Place
from tests.live.shape import members

ID = str(uuid4())
# The fifteen endpoints of dialect A (C-04) and the event list of design part 4.
ROUTES = [
    ("GET", "conversations"),
    ("GET", "conversations/with/nobody"),
    ("GET", "conversations/unread-count"),
    ("GET", f"conversations/{ID}/messages"),
    ("POST", f"conversations/{ID}/messages"),
    ("POST", f"conversations/{ID}/read"),
    ("GET", f"conversations/{ID}/media"),
    ("GET", f"conversations/{ID}/links"),
    ("GET", f"conversations/{ID}/files"),
    ("GET", f"messages/{ID}"),
    ("GET", f"messages/{ID}/context"),
    ("POST", "blocks"),
    ("GET", "blocks"),
    ("DELETE", "blocks/nobody"),
    ("GET", "blocks/status/nobody"),
    ("GET", "events"),
    ("GET", "/api/v1/users/me"),
    ("PATCH", "/api/v1/users/me"),
    ("GET", "/api/v1/users?query=a"),
    ("PUT", "/api/v1/users/nobody/follow"),
    ("DELETE", "/api/v1/users/nobody/follow"),
]
JSON = {"Content-Type": "application/json"}


async def statuses(live: Place, headers: dict[str, str]) -> dict[str, int]:
    """Ask every route with these headers."""
    answers = {f"{method} {path}": await live.request(method, path, headers=headers) for method, path in ROUTES}
    return {route: answer.status for route, answer in answers.items()}


def signed(live: Place, **claims: Any) -> str:
    """Return the header of a token for a fresh user, with these claims instead of good ones."""
    return f"Bearer {live.token(str(uuid4()), 'mallory', **claims)}"


def unsigned(_live: Place) -> str:
    """Return the header of a token that says it needs no signature."""
    token = jwt.encode({"user_id": str(uuid4()), "exp": int(time.time()) + 3600}, "", algorithm="none")
    return f"Bearer {token}"


def tampered(live: Place) -> str:
    """Return the header of a good token whose payload was exchanged for another one's."""
    mine, other = (live.token(str(uuid4()), name).split(".") for name in ("mallory", "anna"))
    return f"Bearer {mine[0]}.{other[1]}.{mine[2]}"


BAD_HEADERS: dict[str, Callable[[Place], str]] = {
    "malformed": lambda _: "Bearer not.a.token",
    "not even a token": lambda _: "Bearer",
    "two tokens": lambda live: f"{signed(live)} {live.token(str(uuid4()))}",
    "another scheme": lambda live: signed(live).replace("Bearer", "Basic"),
    "of another secret": lambda live: signed(live, secret="another secret that has at least 32 bytes"),
    "expired": lambda live: signed(live, exp=int(time.time()) - 3600),
    "not valid yet": lambda live: signed(live, nbf=int(time.time()) + 3600),
    "without an end": lambda live: signed(live, exp=None),
    "unsigned": unsigned,
    "tampered with": tampered,
    "of nobody": lambda live: f"Bearer {live.token('', None)}",
    "not ASCII": lambda _: "Bearer \u00e4\u00f6\u00fc",
}


async def test_t001_without_a_token_there_is_no_list(live: Place) -> None:
    """Without an Authorization header the list, and every other route, is 401 and tells nothing."""
    answer = await live.get("conversations")
    assert answer.refusal == (401, "UNAUTHORIZED", "Authentication required")
    assert "data" not in answer.body
    assert answer.headers["www-authenticate"] == "Bearer"
    found = await statuses(live, {})
    assert found == dict.fromkeys(found, 401)


@pytest.mark.parametrize("kind", BAD_HEADERS)
async def test_t002_a_bad_token_is_401_everywhere(live: Place, kind: str) -> None:
    """A malformed, wrongly signed or expired token opens no route."""
    found = await statuses(live, {"Authorization": BAD_HEADERS[kind](live)})
    assert found == dict.fromkeys(found, 401)


async def test_t002_an_expired_token_is_named_as_such(live: Place) -> None:
    """Whoever's token is over learns it, so that a client renews it instead of giving up."""
    answer = await live.get("conversations", headers={"Authorization": signed(live, exp=int(time.time()) - 3600)})
    assert answer.refusal == (401, "UNAUTHORIZED", "Token expired")
    assert "invalid_token" in answer.headers["www-authenticate"]


async def test_a_token_in_the_query_opens_no_rest_route(live: Place) -> None:
    """Only sockets take a token from the query: in REST it would end in logs and histories."""
    person = await live.person()
    answer = await live.get("conversations", token=person.token)
    assert answer.status == 401


async def test_t004_the_list_has_its_envelope(live: Place) -> None:
    """With a token the list is 200 with success, message, conversations and meta."""
    person = await live.person()
    answer = await person.get("conversations")
    assert answer.status == 200
    assert answer.body == {
        "success": True,
        "message": "Conversations retrieved successfully",
        "data": {"conversations": [], "meta": {"hasMore": False}},
    }


async def every_answer(one: Person, other: Person) -> list[Answer]:
    """Call all endpoints, so that each shows everything it can."""
    conversation = await one.conversation(other)
    message = await other.send(conversation, "see https://example.com/a", tempId="temp-1")
    await other.send(conversation, "and this")
    answers = [
        await one.get(path)
        for path in (
            "conversations",
            f"conversations/with/{other.username}",
            "conversations/unread-count",
            f"conversations/{conversation}/messages?limit=1",
            f"conversations/{conversation}/media",
            f"conversations/{conversation}/links",
            f"conversations/{conversation}/files",
            f"messages/{message['id']}",
            f"messages/{message['id']}/context?before=1",
            f"blocks/status/{other.username}",
            "events?since=0",
            "/api/v1/users/me",
            f"/api/v1/users?query={other.username}",
        )
    ]
    answers.append(await one.post(f"conversations/{conversation}/messages", {"content": "Hello!"}))
    answers.append(await one.post(f"conversations/{conversation}/read"))
    answers.append(await one.post("blocks", {"username": other.username}))
    answers.append(await one.get("blocks"))
    answers.append(await one.delete(f"blocks/{other.username}"))
    answers.append(await one.patch("/api/v1/users/me", {"showLastSeen": False}))
    return answers


async def test_t006_no_key_has_an_underscore(live: Place) -> None:
    """Every body, frames in event lists included, speaks camelCase."""
    one, other = await live.people(2)
    answers = await every_answer(one, other)
    assert [answer.status for answer in answers if answer.status >= 400] == []
    keys = {key for answer in answers for key, _ in members(answer.body)}
    assert {key for key in keys if "_" in key} == set()
    assert {"otherUser", "lastMessage", "unreadCount", "targetMessageId", "canSendMessage", "blockedUser"} <= keys


async def test_t006_no_key_of_a_frame_has_an_underscore(live: Place) -> None:
    """The frames of a conversation speak camelCase too."""
    one, other = await live.people(2)
    conversation = await one.conversation(other)
    async with one.socket() as mine, other.socket() as theirs:
        await mine.send("message.send", conversationId=conversation, content="Hello!", tempId="temp-1")
        await theirs.expect("message.new")
        await theirs.send("message.read", conversationId=conversation)
        await mine.expect("message.read_update")
        keys = {key for frame in [*mine.frames, *theirs.frames] for key, _ in members(frame.payload)}
    assert {key for key in keys if "_" in key} == set()
    assert {"conversationId", "lastMessage", "totalUnread", "messageIds"} <= keys


async def test_t008_errors_are_json_with_a_message(live: Place) -> None:
    """404, 403 and 400 carry success false, a text, a code and the request's id."""
    one, other, third = await live.people(3)
    conversation = await one.conversation(other)
    missing = await one.get(f"conversations/{uuid4()}/messages")
    foreign = await third.get(f"conversations/{conversation}/messages")
    wrong = await one.get("conversations", cursor="!!!")
    assert missing.refusal == (404, "NOT_FOUND", "Conversation not found")
    assert foreign.refusal == (403, "FORBIDDEN", "Not a participant")
    assert wrong.refusal == (400, "VALIDATION_ERROR", "Invalid cursor")
    for answer in (missing, foreign, wrong):
        assert answer.body["success"] is False
        assert answer.error["requestId"] == answer.headers["x-request-id"]


async def test_t009_the_aliases_answer_alike(live: Place) -> None:
    """The same data stands below /chat, /api/chat and /api/v1/chat."""
    one, other = await live.people(2)
    conversation = await one.conversation(other)
    await other.send(conversation)
    prefixes = ("/api/v1/chat", "/api/chat", "/chat")
    bodies = [(await one.get(f"{prefix}/conversations")).body for prefix in prefixes]
    assert bodies[0]["data"]["conversations"][0]["id"] == conversation
    assert bodies == [bodies[0]] * 3
    for prefix in prefixes:
        sent = await one.post(f"{prefix}/conversations/{conversation}/messages", {"content": prefix})
        assert sent.status == 201
    assert [message["content"] for message in await other.messages(conversation, limit=3)] == list(prefixes[::-1])


@pytest.mark.parametrize("path", ["/nowhere", "/api/v1/nowhere", f"{API}/nowhere", f"{API}/conversations/with"])
async def test_an_unknown_route_is_404_in_the_envelope(live: Place, path: str) -> None:
    """A path that nobody serves is answered as everything else, with and without a token."""
    person = await live.person()
    for answer in (await person.get(path), await live.get(path)):
        assert answer.status == 404
        assert answer.error["code"] == "NOT_FOUND"


async def test_a_wrong_method_is_405_and_names_the_right_ones(live: Place) -> None:
    """405 is answered in the envelope and says what is allowed."""
    person = await live.person()
    answer = await person.request("DELETE", "conversations")
    assert answer.status == 405
    assert answer.error["code"] == "METHOD_NOT_ALLOWED"
    assert "GET" in answer.headers["allow"]


async def test_a_body_over_the_limit_is_413(live: Place) -> None:
    """A body larger than any message can be is refused, whether or not its length was announced."""
    person = await live.person()
    body = json.dumps({"content": "a" * 400_000}).encode()
    answer = await person.post("blocks", body, headers=JSON)
    assert answer.status == 413
    assert answer.error["code"] == "PAYLOAD_TOO_LARGE"
    assert (await person.get("blocks")).status == 200


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1"]
)
async def test_a_body_that_is_no_json_by_type_is_415(live: Place, kind: str) -> None:
    """Only JSON in UTF-8 is taken; forms of foreign web pages are not."""
    person = await live.person()
    answer = await person.post("blocks", b'{"username":"nobody"}', headers={"Content-Type": kind})
    assert answer.status == 415
    assert answer.error["code"] == "UNSUPPORTED_MEDIA_TYPE"


BAD_BODIES = {
    "not JSON": b"not json",
    "cut off": b'{"content": "Hel',
    "an array": b'["Hello!"]',
    "a text": b'"Hello!"',
    "null": b"null",
    "a number as text": b'{"content": 1}',
    "a list as text": b'{"content": ["Hello!"]}',
    "a lone surrogate": b'{"content": "\\ud83d"}',
    "broken UTF-8": b'{"content": "\xff\xfe"}',
    "a byte order mark": b'\xef\xbb\xbf{"content": "Hello!"}',
    "deep nesting": b'{"content": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    "deep nesting aside": b'{"other": ' + b"[" * 50_000 + b"]" * 50_000 + b', "content": "Hello!"}',
    "an unknown type": b'{"content": "Hello!", "type": "hologram"}',
    "a tempId that is none": b'{"content": "Hello!", "tempId": 7}',
    "a tempId that is too long": b'{"content": "Hello!", "tempId": "%b"}' % (b"x" * 201),
    "a tempId with NUL": b'{"content": "Hello!", "tempId": "a\\u0000b"}',
}


@pytest.mark.parametrize("kind", BAD_BODIES)
async def test_a_bad_body_is_400_and_changes_nothing(live: Place, kind: str) -> None:
    """Whatever is wrong with a body, it is the sender's fault, is said so, and nothing is stored."""
    one, other = await live.people(2)
    conversation = await one.conversation(other)
    answer = await one.post(f"conversations/{conversation}/messages", BAD_BODIES[kind], headers=JSON)
    assert (answer.status, answer.error["code"]) == (400, "VALIDATION_ERROR")
    assert await other.messages(conversation) == []
    assert await other.unread() == 0


@pytest.mark.parametrize("path", ["conversations/with/a%00b", "blocks/status/%ff", "conversations/%00/messages"])
async def test_bytes_that_no_name_can_hold_are_refused(live: Place, path: str) -> None:
    """NUL and broken UTF-8 in a path are a client's fault, not a fault of ours."""
    person = await live.person()
    assert (await person.get(path)).status in (400, 404)


async def test_no_answer_is_rendered_framed_stored_or_sets_a_cookie(live: Place) -> None:
    """Every answer, errors included, carries the headers that keep browsers from misusing it (G-40)."""
    person = await live.person()
    for answer in (await person.get("conversations"), await live.get("conversations"), await live.get("/nowhere")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "set-cookie" not in answer.headers


async def test_a_request_id_of_the_client_comes_back(live: Place) -> None:
    """A platform finds its own request again; what is no plain id is replaced."""
    asked = await live.get("conversations", headers={"X-Request-Id": "trace-7"})
    assert (asked.headers["x-request-id"], asked.error["requestId"]) == ("trace-7", "trace-7")
    odd = await live.get("conversations", headers={"X-Request-Id": "a b; c"})
    assert odd.headers["x-request-id"] == odd.error["requestId"] != "a b; c"


async def test_the_secret_is_the_one_of_the_settings(live: Place) -> None:
    """The suite's tokens are good because of their signature, not because nobody looks."""
    person = live.stranger()
    forged = live.token(person.id, person.username, secret=SECRET[::-1])
    assert (await live.get("conversations", headers={"Authorization": f"Bearer {forged}"})).status == 401
    assert (await person.get("conversations")).status == 200
