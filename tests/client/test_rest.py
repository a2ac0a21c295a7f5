"""REST of the Python client against real sockets: requests as the server wants them, errors, tokens and retries."""

import base64
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from tests.client.conftest import Pace
from tests.client.standin import (
    CONVERSATION,
    ME,
    NOW,
    Answer,
    Standin,
    conversation,
    error,
    message,
    page,
    user,
)

from duologue.client import ApiError, ProtocolError, Rest, Unreachable, pages

CHAT = "/api/v1/chat"
LIST = f"{CHAT}/conversations"
MESSAGES = f"{LIST}/{CONVERSATION}/messages"
MESSAGE = message(1)["id"]
KEY = "7d444840-9dc0-41d1-b245-5ffdce74fad2"

ME_DTO = {
    "id": ME,
    "username": "me",
    "displayName": "Me",
    "avatar": "",
    "whoCanMessage": "none",
    "sendReadReceipts": True,
    "showLastSeen": False,
}
BLOCK = {"id": KEY, "blockedUser": user(), "createdAt": NOW}
LINK = {"url": "http://b.org", "messageId": MESSAGE, "senderId": ME, "createdAt": NOW}
FILE = {
    "id": KEY,
    "type": "audio",
    "url": "/uploads/u",
    "filename": "u",
    "originalFilename": "u",
    "size": 1,
    "mimeType": "audio/mp4",
    "uploadedAt": NOW,
    "duration": 1.5,
    "waveform": [0, 100],
    "messageId": MESSAGE,
    "senderId": ME,
    "createdAt": NOW,
}
SIGNED = {"user": ME_DTO, "accessToken": "a", "refreshToken": "r", "expiresIn": 900}
CONTEXT = {
    "messages": [message(1)],
    "targetMessageId": MESSAGE,
    "hasMoreBefore": True,
    "hasMoreAfter": False,
    "beforeCursor": "b",
}
EVENTS = {"events": [{"type": "user.future", "payload": {"x": 1}}], "position": 7, "epoch": "e", "hasMore": True}

ENDPOINTS: list[tuple[Callable[[Rest], Awaitable[Any]], str, str, dict[str, str], Any, Answer]] = [
    (lambda r: r.conversations(limit=5), "GET", LIST, {"limit": "5"}, None, page("conversations", [conversation()])),
    (lambda r: r.open("partner"), "GET", f"{LIST}/with/partner", {}, None, Answer(conversation())),
    (lambda r: r.unread_count(), "GET", f"{LIST}/unread-count", {}, None, Answer({"count": 3, "totalUnread": 3})),
    (
        lambda r: r.messages(CONVERSATION, after="c"),
        "GET",
        MESSAGES,
        {"after": "c"},
        None,
        page("messages", [message(1)]),
    ),
    (lambda r: r.send(CONVERSATION, "hi"), "POST", MESSAGES, {}, {"content": "hi"}, Answer(message(1))),
    (lambda r: r.read(CONVERSATION), "POST", f"{LIST}/{CONVERSATION}/read", {}, {}, Answer({"markedCount": 0})),
    (
        lambda r: r.read(CONVERSATION, MESSAGE),
        "POST",
        f"{LIST}/{CONVERSATION}/read",
        {},
        {"messageId": MESSAGE},
        Answer({"markedCount": 2, "readAt": NOW}),
    ),
    (lambda r: r.message(MESSAGE), "GET", f"{CHAT}/messages/{MESSAGE}", {}, None, Answer(message(1))),
    (
        lambda r: r.context(MESSAGE, before=3),
        "GET",
        f"{CHAT}/messages/{MESSAGE}/context",
        {"before": "3"},
        None,
        Answer(CONTEXT),
    ),
    (lambda r: r.media(CONVERSATION), "GET", f"{LIST}/{CONVERSATION}/media", {}, None, page("media", [FILE])),
    (lambda r: r.links(CONVERSATION), "GET", f"{LIST}/{CONVERSATION}/links", {}, None, page("links", [LINK])),
    (lambda r: r.files(CONVERSATION), "GET", f"{LIST}/{CONVERSATION}/files", {}, None, page("files", [FILE])),
    (lambda r: r.block("partner"), "POST", f"{CHAT}/blocks", {}, {"username": "partner"}, Answer(BLOCK)),
    (lambda r: r.unblock("partner"), "DELETE", f"{CHAT}/blocks/partner", {}, None, Answer()),
    (lambda r: r.blocks(cursor="c"), "GET", f"{CHAT}/blocks", {"cursor": "c"}, None, page("blocks", [BLOCK])),
    (
        lambda r: r.block_status("partner"),
        "GET",
        f"{CHAT}/blocks/status/partner",
        {},
        None,
        Answer({"isBlocked": True, "isBlockedBy": False, "canSendMessage": False}),
    ),
    (
        lambda r: r.events(since=4, epoch="e", limit=9, wait=1),
        "GET",
        f"{CHAT}/events",
        {"since": "4", "epoch": "e", "limit": "9", "wait": "1"},
        None,
        Answer(EVENTS),
    ),
    (
        lambda r: r.register("me", "secret", "Me"),
        "POST",
        "/api/v1/auth/register",
        {},
        {"username": "me", "password": "secret", "displayName": "Me"},
        Answer(SIGNED),
    ),
    (
        lambda r: r.login("me", "secret"),
        "POST",
        "/api/v1/auth/login",
        {},
        {"username": "me", "password": "secret"},
        Answer(SIGNED),
    ),
    (lambda r: r.refresh("old"), "POST", "/api/v1/auth/refresh", {}, {"refreshToken": "old"}, Answer(SIGNED)),
    (lambda r: r.logout("old"), "POST", "/api/v1/auth/logout", {}, {"refreshToken": "old"}, Answer()),
    (lambda r: r.logout_all(), "POST", "/api/v1/auth/logout-all", {}, None, Answer()),
    (
        lambda r: r.change_password("a", "b"),
        "POST",
        "/api/v1/auth/password",
        {},
        {"password": "a", "newPassword": "b"},
        Answer(SIGNED),
    ),
    (lambda r: r.me(), "GET", "/api/v1/users/me", {}, None, Answer(ME_DTO)),
    (
        lambda r: r.update_me(whoCanMessage="none"),
        "PATCH",
        "/api/v1/users/me",
        {},
        {"whoCanMessage": "none"},
        Answer(ME_DTO),
    ),
    (lambda r: r.delete_me("secret"), "DELETE", "/api/v1/users/me", {}, {"password": "secret"}, Answer()),
    (lambda r: r.search_users("pa"), "GET", "/api/v1/users", {"query": "pa"}, None, page("users", [user()])),
    (lambda r: r.follow("partner"), "PUT", "/api/v1/users/partner/follow", {}, None, Answer()),
    (lambda r: r.unfollow("partner"), "DELETE", "/api/v1/users/partner/follow", {}, None, Answer()),
]


@pytest.mark.parametrize(
    ("ask", "method", "path", "query", "body", "answer"), ENDPOINTS, ids=[f"{row[1]} {row[2]}" for row in ENDPOINTS]
)
async def test_every_method_asks_what_its_endpoint_takes(
    rest: Rest,
    standin: Standin,
    *,
    ask: Callable[[Rest], Awaitable[Any]],
    method: str,
    path: str,
    query: dict[str, str],
    body: Any,
    answer: Answer,
) -> None:
    """Method, path, query and body are those of the tables RA, RM, RK and design part 6, and the answer is read."""
    standin.answer(method, path, answer)
    await ask(rest)
    seen = standin.requests[-1]
    assert (seen.method, seen.path, seen.query, seen.body) == (method, path, query, body)


async def test_answers_are_typed_and_unknown_fields_are_ignored(rest: Rest, standin: Standin) -> None:
    """CamelCase becomes snake_case, times become datetimes, and a newer server's field does no harm."""
    told = conversation(1, unreadCount=2, lastMessage=message(9, "last"), future={"a": 1})
    standin.answer("GET", LIST, page("conversations", [told], cursor="next", position=41))
    found = await rest.conversations()
    (first,) = found
    assert (found.has_more, found.next_cursor, found.position, len(found)) == (True, "next", 41, 1)
    assert (first.unread_count, first.other_user.username, first.is_blocked) == (2, "user2", False)
    assert first.last_message is not None
    assert (first.last_message.content, first.last_message.created_at.microsecond) == ("last", 9)
    assert first.updated_at.isoformat() == "2026-01-02T03:04:05.000006+00:00"


async def test_a_refusal_carries_all_that_the_envelope_says(rest: Rest, standin: Standin) -> None:
    """Status, stable code, text, details and request id arrive as fields (G-01)."""
    standin.answer("GET", LIST, error(400, "VALIDATION_ERROR", "Invalid cursor", details={"field": "cursor"}))
    with pytest.raises(ApiError) as caught:
        await rest.conversations(cursor="!!!")
    found = caught.value
    assert (found.status, found.code, found.message) == (400, "VALIDATION_ERROR", "Invalid cursor")
    assert (found.details, found.request_id, found.retry_after) == ({"field": "cursor"}, "r1", None)
    assert str(found) == "HTTP 400 VALIDATION_ERROR: Invalid cursor"


async def test_a_proxys_page_is_an_error_with_its_status(standin: Standin) -> None:
    """An answer that no Duologue wrote still becomes an ApiError, not a decoding failure."""
    standin.answer("GET", LIST, Answer(status=502, raw=b"<html>Bad gateway</html>"))
    async with Rest(standin.base_url, token="t") as client:
        with pytest.raises(ApiError) as caught:
            await client.conversations()
    assert (caught.value.status, caught.value.code) == (502, "HTTP_502")


@pytest.mark.parametrize("raw", [b"no json", b'{"success":true,"data":{"id":1}}', b"[]"])
async def test_an_answer_that_does_not_fit_is_a_protocol_error(rest: Rest, standin: Standin, raw: bytes) -> None:
    """A 200 that cannot be read is neither a refusal nor a success."""
    standin.answer("GET", f"{LIST}/with/partner", Answer(raw=raw))
    with pytest.raises(ProtocolError):
        await rest.open("partner")


async def test_a_list_without_its_name_is_a_protocol_error(rest: Rest, standin: Standin) -> None:
    """An empty list and a missing one are not the same."""
    standin.answer("GET", LIST, Answer({"chats": [], "meta": {"hasMore": False}}))
    with pytest.raises(ProtocolError):
        await rest.conversations()


async def test_retry_after_is_honoured(rest: Rest, standin: Standin, pace: Pace) -> None:
    """After a 429 and a 503 the call is made again when the header says; the header wins over the body."""
    limited = error(429, "RATE_LIMITED", "Too many requests", {"Retry-After": "7"}, retryAfter=99)
    standin.answer("GET", LIST, limited, error(503, "UNAVAILABLE", "Later", retryAfter=3), page("conversations", []))
    assert len(await rest.conversations()) == 0
    assert pace.slept == [7.0, 3.0]


async def test_the_tries_are_used_up_and_the_last_refusal_is_raised(rest: Rest, standin: Standin, pace: Pace) -> None:
    """Three tries are three requests; without Retry-After the bounds of the jitter double."""
    standin.answer("GET", LIST, error(503, "UNAVAILABLE", "Later"))
    with pytest.raises(ApiError):
        await rest.conversations()
    assert len(standin.requests) == 3
    assert pace.slept == [0.5, 1.0]


async def test_without_tries_nothing_is_made_again(standin: Standin, pace: Pace) -> None:
    """Trying again is opt-in."""
    standin.answer("GET", LIST, error(429, "RATE_LIMITED", "Too many requests", {"Retry-After": "7"}))
    async with Rest(standin.base_url, token="t", timing=pace.timing) as client:
        with pytest.raises(ApiError) as caught:
            await client.conversations()
    assert caught.value.retry_after == 7.0
    assert (len(standin.requests), pace.slept) == (1, [])


@pytest.mark.parametrize(
    "given",
    [{}, {"temp_id": "temp-1"}, {"temp_id": KEY}, {"idempotency_key": KEY}, {"temp_id": "x", "idempotency_key": KEY}],
)
async def test_a_send_whose_answer_is_lost_is_sent_again_under_the_same_key(
    rest: Rest, standin: Standin, given: dict[str, str]
) -> None:
    """A UUID given or drawn names both tries, so that the server makes one message; a temp id that is no UUID is no name."""
    replayed = Answer(message(1), headers={"Idempotent-Replayed": "true"})
    standin.answer("POST", MESSAGES, Answer(status=0), replayed)
    sent = await rest.send(CONVERSATION, "hello", **given)
    assert sent.replayed
    keys = [seen.headers.get("idempotency-key") or seen.body["tempId"] for seen in standin.requests]
    assert len(keys) == 2
    assert keys[0] == keys[1]
    assert len(keys[0]) == 36
    assert standin.requests[0].body.get("tempId") == given.get("temp_id")


async def test_a_lost_answer_is_unreachable_where_twice_is_not_once(rest: Rest, standin: Standin) -> None:
    """What became of an unblock is unknown, and doing it again would say 404."""
    standin.answer("DELETE", f"{CHAT}/blocks/partner", Answer(status=0), Answer())
    with pytest.raises(Unreachable):
        await rest.unblock("partner")
    assert len(standin.requests) == 1


async def test_a_provider_is_asked_for_a_fresh_token_once_after_a_401(standin: Standin) -> None:
    """The call goes through with the fresh one, and no try is used up."""
    asked: list[bool] = []

    async def provider(*, fresh: bool) -> str:
        asked.append(fresh)
        return "new" if fresh else "old"

    standin.answer("GET", LIST, error(401, "UNAUTHORIZED", "Token expired"), page("conversations", []))
    async with Rest(standin.base_url, token=provider) as client:
        await client.conversations()
    assert asked == [False, True]
    assert [seen.headers["authorization"] for seen in standin.requests] == ["Bearer old", "Bearer new"]


async def test_a_fixed_token_that_is_refused_is_not_tried_again(rest: Rest, standin: Standin) -> None:
    """Nobody could make another one."""
    standin.answer("GET", LIST, error(401, "UNAUTHORIZED", "Invalid token"))
    with pytest.raises(ApiError):
        await rest.conversations()
    assert len(standin.requests) == 1


async def test_signing_in_carries_no_token(rest: Rest, standin: Standin) -> None:
    """An old token must not stand in the way of a login."""
    standin.answer("POST", "/api/v1/auth/login", Answer(SIGNED))
    signed = await rest.login("me", "secret")
    assert (signed.access_token, signed.expires_in, signed.user.show_last_seen) == ("a", 900, False)
    assert "authorization" not in standin.requests[-1].headers


@pytest.mark.parametrize("url", ["{standin}/uploads/u", "http://127.0.0.1:1/uploads/u", "uploads/u"])
async def test_the_token_goes_to_no_address_but_the_servers_own_paths(
    rest: Rest, standin: Standin, tmp_path: Path, url: str
) -> None:
    """A whole URL would replace the base address, and whoever named it would get the token: also the server's own is refused."""
    with pytest.raises(ValueError, match="begins with /"):
        await rest.download(url.format(standin=standin.base_url), tmp_path / "file")
    assert standin.requests == []


@pytest.mark.parametrize(
    ("name", "path"),
    [("a b", "a%20b"), ("%", "%25"), ("?x#y", "%3Fx%23y"), (".", "%2E"), ("..", "%2E%2E"), ("名", "%E5%90%8D")],
)
async def test_any_user_name_is_one_segment_of_the_path(rest: Rest, standin: Standin, name: str, path: str) -> None:
    """Names from a platform may hold anything but a slash, `..` included, and must reach the server as they are."""
    standin.answer("GET", f"{LIST}/with/{path}", Answer(conversation()))
    await rest.open(name)
    assert standin.requests[-1].path == f"{LIST}/with/{path}"


async def test_pages_are_followed_to_the_end(rest: Rest, standin: Standin) -> None:
    """Each page is asked with the cursor of the one before; the last has none."""
    cursor = base64.b64encode(b'{"created_at":">>>","id":"?"}').decode()
    standin.answer("GET", MESSAGES, page("messages", [message(2)], cursor=cursor), page("messages", [message(1)]))
    found = [item.id async for item in rest.every_message(CONVERSATION)]
    assert found == [message(2)["id"], message(1)["id"]]
    assert [seen.query.get("cursor") for seen in standin.requests] == [None, cursor]


async def test_pages_and_items_of_the_other_lists_can_be_walked_too(rest: Rest, standin: Standin) -> None:
    """Conversations and blocks have iterators; `pages` walks anything with a cursor."""
    standin.answer(
        "GET", LIST, page("conversations", [conversation(1)], cursor="x"), page("conversations", [conversation(2)])
    )
    standin.answer("GET", f"{CHAT}/blocks", page("blocks", [BLOCK]))
    assert len([item async for item in rest.every_conversation()]) == 2
    assert [item.id async for item in rest.every_block()] == [KEY]
    assert [len(one) async for one in pages(lambda cursor: rest.blocks(cursor=cursor))] == [1]


async def test_events_are_frames(rest: Rest, standin: Standin) -> None:
    """The fallback answers whole socket frames, and a reset instead of them."""
    reset = {"reset": True, "reason": "expired", "position": 9, "epoch": "f"}
    standin.answer("GET", f"{CHAT}/events", Answer(EVENTS), Answer(reset))
    found = await rest.events(since=0)
    assert (found.frames[0].type, found.frames[0].payload) == ("user.future", {"x": 1})
    assert (found.position, found.epoch, found.has_more, found.reset) == (7, "e", True, False)
    found = await rest.events(since=0)
    assert (found.reset, found.reason, found.position, found.frames) == (True, "expired", 9, ())
