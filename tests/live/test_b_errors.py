"""Envelopes, tokens, refusals and limits of dialect B over REST: T-003, T-007, T-170, and design part 5 on errors."""

import json
from typing import Any
from uuid import uuid4

import pytest
from tests.live.clock import Clock
from tests.live.conftest import StartServer
from tests.live.people import Place
from tests.live.shape import members
from tests.live.v1 import CONVERSATIONS, inbox, opened, say, send

ID = "0198c8f1-7b7c-4000-8000-3d2c6f0a1b2c"  # nobody's; written out, so that a test has the same name in each run
# Dialect B's REST (C-04), links to files, uploads in several requests, and the event list of design part 4.
ROUTES = {
    ("POST", "conversations"),
    ("GET", "conversations"),
    ("GET", "conversations/unread-count"),
    ("GET", "conversations/{conversation_id}"),
    ("DELETE", "conversations/{conversation_id}"),
    ("POST", "conversations/{conversation_id}/messages"),
    ("GET", "conversations/{conversation_id}/messages"),
    ("POST", "conversations/{conversation_id}/read"),
    ("DELETE", "messages/{message_id}"),
    ("POST", "messages/{message_id}/read"),
    ("POST", "users/{user_id}/block"),
    ("DELETE", "users/{user_id}/block"),
    ("GET", "users/blocked"),
    ("GET", "users/{user_id}/can-message"),
    ("GET", "events"),
    ("POST", "messages/upload"),
    ("GET", "messages/files/{file_id}"),
    ("POST", "messages/files/links"),
    ("POST", "uploads"),
    ("GET", "uploads/{upload_id}"),
    ("PATCH", "uploads/{upload_id}"),
    ("DELETE", "uploads/{upload_id}"),
}


async def routes(live: Place) -> set[tuple[str, str]]:
    """Return what the document says there is below /v1."""
    document = json.loads((await live.get("/openapi.json")).body)
    return {
        (method.upper(), path.removeprefix("/v1/"))
        for path, operations in document["paths"].items()
        for method in operations
        if path.startswith("/v1/")
    }


async def test_every_route_of_the_seed_is_documented(live: Place) -> None:
    """And none that is not listed here."""
    assert await routes(live) == ROUTES


@pytest.mark.parametrize("token", [None, "not.a.token"], ids=["no token", "a bad token"])
async def test_t003_every_route_asks_for_a_token(live: Place, token: str | None) -> None:
    """401 before anything else is looked at, in B's own envelope."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    for method, path in await routes(live):
        target = "/v1/" + "/".join(ID if part.startswith("{") else part for part in path.split("/"))
        answer = await live.request(method, target, headers=headers, body=b"not json" if method == "POST" else None)
        assert (answer.status, answer.error["code"]) == (401, "UNAUTHORIZED"), (method, path)
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_t007_no_key_is_camel_case(live: Place) -> None:
    """Recursively, in what shows most; the harness looks at every answer of every test."""
    one, other = await live.people(2)
    conversation = await opened(one, other)
    await say(other, conversation)
    await one.post(f"/v1/users/{other.id}/block", {"reason": "x"})
    paths = (
        "conversations",
        f"conversations/{conversation}",
        f"conversations/{conversation}/messages",
        "users/blocked",
    )
    for path in paths:
        body = (await one.get(f"/v1/{path}")).body
        keys = {key for key, _ in members(body)}
        assert len(keys) > 5
        assert all(key == key.lower() for key in keys), keys


@pytest.mark.parametrize(
    ("method", "path", "body", "refusal"),
    [
        ("GET", "/v1/nothing", None, (404, "NOT_FOUND", "No such route")),
        ("GET", "/v1/conversations/x", None, (404, "NOT_FOUND", "No such route")),
        ("POST", f"/v1/users/{ID[:-1]}/block", None, (404, "NOT_FOUND", "No such route")),
        ("PUT", "/v1/conversations", None, (405, "METHOD_NOT_ALLOWED", "Method not allowed")),
        ("POST", "/v1/conversations", b"{", (400, "VALIDATION_ERROR", "The body is not valid JSON")),
        ("POST", "/v1/conversations", b"[]", (400, "VALIDATION_ERROR", "The body must be an object")),
        ("POST", "/v1/conversations", b'"\xff"', (400, "VALIDATION_ERROR", "The body is not valid UTF-8")),
        ("POST", "/v1/conversations", b" " * 300_000, (413, "PAYLOAD_TOO_LARGE", "The body is too large")),
    ],
    ids=str,
)
async def test_refusals_are_in_snake_case(
    live: Place, method: str, path: str, body: Any, refusal: tuple[int, str, str]
) -> None:
    """Unknown routes and methods included: the envelope is B's everywhere below /v1."""
    one = await live.person()
    answer = await one.request(
        method, path, body=body, headers={"Content-Type": "application/json", "X-Request-Id": "r"}
    )
    assert answer.refusal == refusal
    assert answer.error["request_id"] == "r"


async def test_a_body_must_be_json(live: Place) -> None:
    """415 in B's envelope."""
    one = await live.person()
    answer = await one.post("/v1/conversations", b"recipient_id=1", headers={"Content-Type": "text/plain"})
    assert (answer.status, answer.error["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


async def test_t170_ten_messages_a_minute(start_server: StartServer) -> None:
    """The 11th is 429 and not stored; A's own limit is another one (C-30)."""
    place = await start_server(clock=Clock())
    one, other = await place.people(2)
    conversation = await opened(one, other)
    answers = [await send(one, conversation, content=f"{number}") for number in range(10)]
    assert {answer.status for answer in answers} == {201}
    assert answers[-1].headers["x-ratelimit-remaining"] == "0"
    refused = await send(one, conversation, content="one too many")
    assert refused.refusal == (429, "RATE_LIMITED", "Too many requests")
    assert 1 <= refused.error["retry_after"] == int(refused.headers["retry-after"]) <= 60
    assert (await inbox(other))["pagination"]["total_unread"] == 10
    await one.send(conversation, "A counts for itself")


async def test_a_new_conversation_is_charged_and_an_old_one_is_not(start_server: StartServer) -> None:
    """Ten a minute, whichever dialect makes them; what makes none costs nothing (C-49)."""
    place = await start_server(clock=Clock())
    one, *others = await place.people(13)
    unknown = {"recipient_id": str(uuid4())}
    assert [(await one.post(CONVERSATIONS, unknown)).status for _ in range(12)] == [404] * 12
    for other in others[:5]:
        await opened(one, other)
        await opened(one, other)
    for other in others[5:10]:
        await one.conversation(other)
    assert (await one.post(CONVERSATIONS, {"recipient_id": others[10].id})).status == 429
    assert (await one.post(CONVERSATIONS, {"recipient_id": others[0].id})).status == 200
