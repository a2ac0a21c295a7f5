"""What the routes of dialect A make of names, methods and repeats that are out of the ordinary."""

from uuid import uuid4

import pytest
from tests.live.conftest import StartServer
from tests.live.people import Place
from websockets.exceptions import InvalidStatus


@pytest.mark.parametrize("name", ["status", "STATUS", "blocks"])
async def test_a_user_named_like_a_route_can_be_unblocked(live: Place, name: str) -> None:
    """`DELETE /blocks/status` takes the block of a user named "status" away, whatever `GET /blocks/status/...` is."""
    one, other = await live.person(), await live.person(name)
    assert (await one.post("blocks", {"username": name})).status == 201
    assert (await one.delete(f"blocks/{name}")).data["blockedUser"]["id"] == other.id
    assert (await one.get(f"blocks/status/{name}")).data["isBlocked"] is False
    assert (await one.delete(f"blocks/{name}")).status == 404


async def test_a_replay_announces_what_is_left_without_using_any(start_server: StartServer) -> None:
    """The answer to a retry costs nothing, and its headers say so."""
    place = await start_server()
    one, other = await place.person(), await place.person()
    path, key = f"conversations/{await one.conversation(other)}/messages", {"Idempotency-Key": str(uuid4())}
    left = [(await one.post(path, {"content": "hi"}, headers=key)).headers["x-ratelimit-remaining"] for _ in range(3)]
    assert left == ["29", "29", "29"]
    assert (await one.post(path, {"content": "hi"})).headers["x-ratelimit-remaining"] == "28"


@pytest.mark.parametrize("path", ["conversations", "conversations/unread-count", "blocks", "events", "/health/ready"])
async def test_head_is_answered_like_get(live: Place, path: str) -> None:
    """The same headers, and no body."""
    one = await live.person()
    got, head = await one.get(path), await one.request("HEAD", path)
    assert head.status == got.status == 200
    assert head.headers["content-type"] == got.headers["content-type"]
    assert head.headers.get("duologue-position") == got.headers.get("duologue-position")


@pytest.mark.parametrize("identity", ["abc", "1", "0" * 36, "%20", "null", "-" * 36])
@pytest.mark.parametrize(
    "path", ["conversations/{}/messages", "conversations/{}/links", "messages/{}", "messages/{}/context"]
)
async def test_t034_an_id_that_is_none_leads_nowhere(live: Place, path: str, identity: str) -> None:
    """404, in every place where an id stands."""
    one = await live.person()
    assert (await one.get(path.format(identity))).status == 404


async def test_what_a_read_says_twice_or_beside_the_point_changes_nothing(live: Place) -> None:
    """No body, an empty one, `{}` and null mean the same: everything."""
    one, other = await live.person(), await live.person()
    conversation = await one.conversation(other)
    for body in (None, b"", {}, {"messageId": None}, {"unknown": 1}):
        await one.send(conversation)
        answer = await other.post(f"conversations/{conversation}/read", body)
        assert answer.data["markedCount"] == 1


async def test_a_send_without_content_is_told_what_a_socket_is_told(live: Place) -> None:
    """Missing, null, empty or blank: one fault, one sentence."""
    one, other = await live.person(), await live.person()
    conversation = await one.conversation(other)
    for body in ({}, {"content": None}, {"content": ""}, {"content": " \n"}, None):
        refused = await one.post(f"conversations/{conversation}/messages", body)
        assert refused.refusal == (400, "VALIDATION_ERROR", "content cannot be empty")
        if body is not None:
            async with one.socket() as socket:
                await socket.send("message.send", command_id=1, conversationId=conversation, **body)
                assert (await socket.reply(1)).payload["message"] == refused.refusal[2]


async def test_a_path_with_two_slashes_leads_nowhere(live: Place) -> None:
    """Not even to where one would lead, over REST and socket."""
    one = await live.person()
    for path in ("/api/v1//chat/conversations", "/api/v1/chat//events", "/api/v1/chat/events//"):
        assert (await one.get(path)).refusal == (404, "NOT_FOUND", "No such route")
    for path in ("/chat//ws", "//chat/ws", "/chat/ws//", "/chat/wss"):
        with pytest.raises(InvalidStatus) as refused:
            async with one.socket(path=path):
                pass
        assert refused.value.response.status_code == 404
