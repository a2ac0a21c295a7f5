"""Dialect B's socket on its own: connecting, commands, what is refused, limits, catching up (WSB, T-155 to T-162, T-170).

What both dialects can do is told in scenarios/, who may do what in test_access_commands.py.
"""

import json
import time
from typing import Any
from uuid import uuid4

import pytest
from tests.live.conftest import StartServer
from tests.live.people import Person, Place
from tests.live.socket import Socket

WS = "/v1/ws/messages"
NOBODY = "00000000-0000-4000-8000-000000000000"


async def chat(place: Place) -> tuple[Person, Person, str]:
    """Two people and their conversation."""
    one, two = await place.people(2)
    return one, two, (await one.post("/v1/conversations", {"recipient_id": two.id})).data["id"]


async def say(socket: Socket, conversation: str, text: str = "Hello!", **more: Any) -> dict[str, Any]:
    """Send a text; the acknowledged message."""
    await socket.send("message", conversation_id=conversation, message_type="text", content=text, **more)
    return (await socket.expect("message_sent", content=text)).payload


# -- connecting -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("header", [False, True], ids=["query", "header"])
async def test_t155_a_token_lets_in(live: Place, *, header: bool) -> None:
    """In the query or in the header: `auth_success` once, then who is online."""
    one, two, _ = await chat(live)
    async with one.socket(path=WS, header=header) as socket:
        assert socket.kinds() == ["auth_success", "status_bulk"]
        greeting = socket.frames[0].payload
        assert greeting["user_id"] == one.id
        assert socket.frames[1].payload == {"statuses": {two.id: False}}


async def test_t155_a_bad_token_is_told_and_closed(live: Place) -> None:
    """Nonsense 4500, an expired one 4001, none at all: only `auth` is answered."""
    one = await live.person()
    expired = live.token(one.id, one.username, exp=int(time.time()) - 60)
    for token, code in (("nonsense", 4500), (expired, 4001)):
        async with live.socket(WS, token=token) as socket:
            await socket.expect("auth_failed")
            assert await socket.closed() == code
    async with live.socket(WS) as socket:
        await socket.send("message", conversation_id=NOBODY, content="hi")
        assert (await socket.expect("error")).payload["code"] == "UNAUTHORIZED"
        await socket.send("auth", token=one.token)
        await socket.expect("auth_success")


async def test_a_plain_request_is_told_in_this_dialects_words(live: Place) -> None:
    """401 without a token, 426 with one."""
    one = await live.person()
    assert (await live.get(WS)).refusal == (401, "UNAUTHORIZED", "Authentication required")
    answer = await one.get(WS)
    assert (answer.status, answer.error["code"]) == (426, "UPGRADE_REQUIRED")
    assert "request_id" in answer.error


# -- messages -------------------------------------------------------------------------------------------------------------


async def test_t156_a_message_is_new_to_the_other(live: Place) -> None:
    """With sender, place, type, text and time, and the counts after it."""
    one, two, conversation = await chat(live)
    async with one.socket(path=WS) as here, two.socket(path=WS) as there:
        sent = await say(here, conversation, "across", temp_id="mine")
        new = await there.expect("new_message")
        assert sent["temp_id"] == "mine"
        assert new.payload["temp_id"] is None
        assert new.payload["sender"] == {
            "id": one.id,
            "username": one.username,
            "full_name": one.username,
            "avatar_url": None,
        }
        same = ("id", "conversation_id", "message_type", "content", "created_at")
        assert [new.payload[name] for name in same] == [sent[name] for name in same]
        assert (new.payload["unread_count"], new.payload["total_unread"]) == (1, 1)
        assert (await there.expect("unread_count")).payload == {
            "conversation_id": conversation,
            "unread_count": 1,
            "total_unread": 1,
        }


async def test_b38_a_message_to_a_user_opens_the_conversation(live: Place) -> None:
    """The first one makes it, the next find it, in the order in which they were sent."""
    one, two = await live.people(2)
    async with one.socket(path=WS) as here, two.socket(path=WS) as there:
        for number in range(3):
            await here.send("message", command_id=number, recipient_id=two.id, content=f"message {number}")
        sent = [(await here.reply(number)).payload for number in range(3)]
        assert len({message["conversation_id"] for message in sent}) == 1
        came = [(await there.expect("new_message")).payload["content"] for _ in range(3)]
        assert came == ["message 0", "message 1", "message 2"]
        opened = [frame for frame in there.frames if frame.type == "conversation_updated" and frame.position]
        assert len(opened) == 1
        assert opened[0].payload["conversation"]["participant"]["id"] == one.id


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ({}, "VALIDATION_ERROR"),
        ({"conversation_id": NOBODY, "recipient_id": NOBODY}, "VALIDATION_ERROR"),
        ({"recipient_id": NOBODY}, "NOT_FOUND"),
        ({"conversation_id": NOBODY}, "NOT_FOUND"),
        ({"recipient_id": "me"}, "VALIDATION_ERROR"),
        ({"conversation_id": 7}, "VALIDATION_ERROR"),
    ],
)
async def test_a_message_to_nowhere_is_refused(live: Place, place: dict[str, Any], code: str) -> None:
    """With its `temp_id` and `id`; nothing is stored, and the socket goes on."""
    one, _, conversation = await chat(live)
    async with one.socket(path=WS) as socket:
        await socket.send("message", command_id="c", content="hi", temp_id="t", **place)
        refused = await socket.reply("c")
        assert (refused.type, refused.payload["code"], refused.payload["temp_id"]) == ("error", code, "t")
        await say(socket, conversation)


async def test_opening_is_judged_like_everywhere(live: Place) -> None:
    """Oneself, somebody who takes no messages, somebody who blocks: refused, and no conversation is made."""
    one, shy, angry = await live.people(3)
    await shy.patch("/api/v1/users/me", {"whoCanMessage": "none"})
    await angry.post(f"/v1/users/{one.id}/block")
    async with one.socket(path=WS) as socket:
        for other, code in ((one, "VALIDATION_ERROR"), (shy, "FORBIDDEN"), (angry, "BLOCKED")):
            await socket.send("message", command_id=other.id, recipient_id=other.id, content="hi")
            assert (await socket.reply(other.id)).payload["code"] == code
    assert (await one.get("/v1/conversations")).data["conversations"] == []


async def test_a_key_of_the_other_dialect_is_a_replay(live: Place) -> None:
    """A UUID as `temp_id` names the send for ever: first sent in A, repeated in B, stored once, no position."""
    one, two, conversation = await chat(live)
    key = str(uuid4())
    first = await one.send(conversation, "once", tempId=key)
    async with one.socket(path=WS) as socket:
        await socket.send("message", command_id=1, conversation_id=conversation, content="once", temp_id=key)
        again = await socket.reply(1)
        assert (again.type, again.payload["id"], again.payload["replayed"]) == ("message_sent", first["id"], True)
        assert again.position is None
        await socket.send("message", command_id=2, conversation_id=conversation, content="other", temp_id=key)
        assert (await socket.reply(2)).payload["code"] == "CONFLICT"
    assert len(await two.messages(conversation)) == 1


# -- receipts, typing, blocks ---------------------------------------------------------------------------------------------


async def test_t159_exactly_one_message_is_read(live: Place) -> None:
    """The named one; its sender hears of it alone, and the reader's counts say so. The sender itself changes nothing."""
    one, two, conversation = await chat(live)
    async with one.socket(path=WS) as here, two.socket(path=WS) as there:
        ids = [(await say(here, conversation, f"message {number}"))["id"] for number in range(3)]
        await there.send("read", command_id="r", message_id=ids[1])
        ack = await there.reply("r")
        assert (ack.type, ack.payload["marked_count"], ack.payload["unread_count"]) == ("message_read_ack", 1, 2)
        read = (await here.expect("message_read")).payload
        assert (read["message_id"], read["message_ids"], read["read_by"]) == (ids[1], [ids[1]], two.id)
        assert "up_to" not in read
        await here.send("read", command_id="mine", message_id=ids[0])
        assert (await here.reply("mine")).payload["code"] == "FORBIDDEN"
    assert (await two.get("/v1/conversations/unread-count")).data["total_unread"] == 2


async def test_a_whole_conversation_is_read_by_its_id(live: Place) -> None:
    """Ours beyond the seed: `conversation_id` in place of `message_id`; both or neither is refused."""
    one, two, conversation = await chat(live)
    async with one.socket(path=WS) as here, two.socket(path=WS) as there:
        last = [await say(here, conversation, f"message {number}") for number in range(3)][-1]["id"]
        await there.send("read", command_id="all", conversation_id=conversation)
        assert (await there.reply("all")).payload["marked_count"] == 3
        assert (await here.expect("message_read")).payload["up_to"] == last
        await there.send("read", command_id="again", conversation_id=conversation)
        assert (await there.reply("again")).payload["marked_count"] == 0
        for fields in ({}, {"conversation_id": conversation, "message_id": last}):
            await there.send("read", command_id="bad", **fields)
            assert (await there.expect("error")).payload["code"] == "VALIDATION_ERROR"


async def test_a_block_is_heard_by_both(live: Place) -> None:
    """The blocker's devices see it with its reason, the other's that the conversation is hidden."""
    one, two, conversation = await chat(live)
    async with one.socket(path=WS) as here, two.socket(path=WS) as there:
        await one.post(f"/v1/users/{two.id}/block", {"reason": "spam"})
        assert (await here.expect("block_added")).payload["reason"] == "spam"
        hidden = await there.expect("conversation_updated", conversation_id=conversation, hidden=True)
        assert "spam" not in json.dumps(hidden.payload)
        await one.delete(f"/v1/users/{two.id}/block")
        await here.expect("block_removed", id=two.id)
        shown = await there.expect("conversation_updated", conversation_id=conversation, hidden=False)
        assert shown.payload["conversation"]["id"] == conversation


# -- whatever comes -------------------------------------------------------------------------------------------------------

HOSTILE = [
    ("{", "INVALID_MESSAGE"),
    ("[]", "INVALID_MESSAGE"),
    ("7", "INVALID_MESSAGE"),
    ('{"type": 7}', "INVALID_MESSAGE"),
    ('{"data": {}}', "INVALID_MESSAGE"),
    ("[" * 5_000, "INVALID_MESSAGE"),
    ('{"type": "message.send", "payload": {}}', "UNKNOWN_EVENT"),
    ('{"type": "new_message"}', "UNKNOWN_EVENT"),
    ('{"type": "message", "conversation_id": "x", "content": "hi"}', "VALIDATION_ERROR"),
    (f'{{"type": "message", "conversation_id": "{NOBODY}", "content": 7}}', "VALIDATION_ERROR"),
    (f'{{"type": "message", "conversation_id": "{NOBODY}", "content": "\\ud800"}}', "INVALID_MESSAGE"),
    (
        f'{{"type": "message", "conversation_id": "{NOBODY}", "content": "hi", "message_type": "voice"}}',
        "VALIDATION_ERROR",
    ),
    (f'{{"type": "message", "conversation_id": "{NOBODY}", "content": "hi", "temp_id": 7}}', "VALIDATION_ERROR"),
    (f'{{"type": "typing", "conversation_id": "{NOBODY}", "is_typing": "yes"}}', "VALIDATION_ERROR"),
    (f'{{"type": "typing", "conversation_id": "{NOBODY}"}}', "VALIDATION_ERROR"),
    ('{"type": "typing", "is_typing": true}', "VALIDATION_ERROR"),
    ('{"type": "read", "message_id": 7}', "VALIDATION_ERROR"),
    (f'{{"type": "read", "message_id": "{NOBODY}"}}', "NOT_FOUND"),
    ('{"type": "resume"}', "VALIDATION_ERROR"),
    ('{"type": "resume", "since": -1}', "VALIDATION_ERROR"),
    ('{"type": "auth"}', "VALIDATION_ERROR"),
    ('{"type": "ping", "id": {}}', "VALIDATION_ERROR"),
]


@pytest.mark.parametrize(("text", "code"), HOSTILE)
async def test_t162_whatever_comes_the_socket_stays(live: Place, text: str, code: str) -> None:
    """An error with its code, and the next command is done."""
    one, _, conversation = await chat(live)
    async with one.socket(path=WS) as socket:
        await socket.send_raw(text)
        assert (await socket.expect("error")).payload["code"] == code
        await say(socket, conversation)


async def test_t162_a_foreign_conversation_is_refused(live: Place) -> None:
    """Sending, typing and reading in others' conversations: FORBIDDEN, and nobody there hears anything."""
    one, two, conversation = await chat(live)
    stranger = await live.person()
    async with one.socket(path=WS) as here, stranger.socket(path=WS) as outside:
        sent = await say(here, conversation)
        commands: list[tuple[str, dict[str, Any]]] = [
            ("message", {"conversation_id": conversation, "content": "let me in"}),
            ("typing", {"conversation_id": conversation, "is_typing": True}),
            ("read", {"message_id": sent["id"]}),
        ]
        for kind, fields in commands:
            await outside.send(kind, command_id=kind, **fields)
            assert (await outside.reply(kind)).payload["code"] == "FORBIDDEN"
        for kind in ("new_message", "user_typing", "message_read"):
            await here.nothing(kind)
    assert len(await two.messages(conversation)) == 1


# -- limits and catching up -----------------------------------------------------------------------------------------------


async def test_t170_ten_sends_a_minute_by_rest_and_socket_together(start_server: StartServer) -> None:
    """The eleventh is RATE_LIMITED by either way, with how long to wait; what was sent stands (C-30)."""
    place = await start_server()
    one, _, conversation = await chat(place)
    async with one.socket(path=WS) as socket:
        for number in range(5):
            await say(socket, conversation, f"socket {number}")
            answer = await one.post(
                f"/v1/conversations/{conversation}/messages", {"message_type": "text", "content": f"rest {number}"}
            )
            assert answer.status == 201
        await socket.send("message", command_id="eleventh", conversation_id=conversation, content="too much")
        refused = (await socket.reply("eleventh")).payload
        assert (refused["code"], 1 <= refused["retry_after"] <= 60) == ("RATE_LIMITED", True)
        answer = await one.post(
            f"/v1/conversations/{conversation}/messages", {"message_type": "text", "content": "too much"}
        )
        assert answer.status == 429
    assert len(await one.messages(conversation)) == 10


async def test_who_comes_back_is_told_what_was_missed_and_the_totals(live: Place) -> None:
    """First frames in order of their positions, then `unread_count` with conversations, then `resume_done`; then live."""
    one, two, conversation = await chat(live)
    async with two.socket(path=WS) as there:
        since = there.frames[0].payload["position"]
    texts = [f"missed {number}" for number in range(3)]
    for text in texts:
        await one.send(conversation, text)
    async with two.socket(path=WS, since=since) as there:
        await there.expect("resume_done")
        facts = [frame for frame in there.frames if frame.position is not None]
        assert [frame.payload["content"] for frame in facts] == texts
        assert [frame.position for frame in facts] == [since + 1, since + 2, since + 3]
        totals = {"conversation_id": None, "total_unread": 3, "unread_conversations": 1}
        assert (await there.expect("unread_count")).payload == totals
        await one.send(conversation, "live")
        await there.expect("new_message", content="live")
        await there.send("resume", command_id="r", since=10**9)
        reset = await there.reply("r")
        assert (reset.type, reset.payload["reason"]) == ("resume_reset", "ahead")
