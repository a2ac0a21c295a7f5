"""Connecting to dialect A's socket: T-066 to T-071, and what design part 5 says of tokens, limits and close codes."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import jwt
import pytest
from tests.live.chat import GREETING, chat, refusal
from tests.live.clock import Clock
from tests.live.conftest import StartServer
from tests.live.people import SECRET, Person, Place, eventually
from tests.live.shape import check_answer
from tests.live.socket import Socket
from websockets.exceptions import InvalidStatus

HELLO = {"userId", "connectionId", "connectedAt", "position", "epoch"}
EXPIRED, INVALID, NO_AUTH, DEACTIVATED, TOO_MANY, SIGNED_OUT = 4001, 4500, 4501, 4502, 4503, 4504
AN_HOUR = 3600  # seconds
LEEWAY = 11  # seconds: how far the clock of a platform may be off, and one


async def test_t066_a_token_in_the_query_is_greeted(live: Place) -> None:
    """The first frames are auth_success, connection.success with the same payload, and status.bulk."""
    one, _, _ = await chat(live)
    before = datetime.now(UTC)
    async with one.socket() as socket:
        await socket.quiet()
        assert socket.kinds() == [*GREETING, "pong"]
        first, second, _, _ = socket.frames
        assert first.payload == second.payload
        assert set(first.payload) == HELLO
        assert first.payload["userId"] == one.id
        assert before <= datetime.fromisoformat(first.payload["connectedAt"]) <= datetime.now(UTC)
        assert first.payload["position"] == 1  # the opening of the conversation
        assert [frame.position for frame in socket.frames] == [None] * 4


async def test_t066_each_connection_has_an_id_of_its_own_and_all_share_the_epoch(live: Place) -> None:
    """Two connections of one user differ in connectionId alone."""
    person = await live.person()
    async with person.socket() as one, person.socket() as other:
        mine, theirs = one.frames[0].payload, other.frames[0].payload
        assert mine["connectionId"] != theirs["connectionId"]
        assert (mine["userId"], mine["epoch"]) == (theirs["userId"], theirs["epoch"])


async def test_t066_a_token_of_somebody_new_makes_the_user(live: Place) -> None:
    """Whoever was never seen before is greeted too, at position 0."""
    stranger = live.stranger()
    async with stranger.socket() as socket:
        assert socket.frames[0].payload["position"] == 0
        assert socket.frames[2].payload == {"statuses": {}}
    assert (await stranger.get("/api/v1/users/me")).data["username"] == stranger.username


async def test_t067_a_token_in_the_header_is_greeted(live: Place) -> None:
    """Authorization: Bearer does what the query does."""
    person = await live.person()
    async with person.socket(header=True) as socket:
        assert socket.kinds() == GREETING
        assert socket.frames[0].payload["userId"] == person.id


def unsigned() -> str:
    """Return a token that says it needs no signature."""
    return jwt.encode({"user_id": str(uuid4()), "exp": int(time.time()) + 60}, "", algorithm="none")


async def is_refused(socket: Socket, text: str, code: int) -> None:
    """Check that `auth_failed` with this text is the only frame, and this close code the end."""
    assert await socket.closed() == code
    assert [(frame.type, frame.payload) for frame in socket.frames] == [("auth_failed", {"message": text})]


@pytest.mark.parametrize("kind", ["garbage", "foreign", "unsigned", "nobody"])
async def test_t068_an_invalid_token_is_told_so_and_closed(live: Place, kind: str) -> None:
    """auth_failed "Invalid token", then 4500: garbage, another secret, no signature, no user in it."""
    tokens = {
        "garbage": "garbage",
        "foreign": live.token(str(uuid4()), secret="another secret, just as long as the right one"),
        "unsigned": unsigned(),
        "nobody": jwt.encode({"exp": int(time.time()) + 60}, SECRET, "HS256"),
    }
    async with live.socket(token=tokens[kind]) as socket:
        await is_refused(socket, "Invalid token", INVALID)


async def test_t068_an_invalid_token_in_the_header_is_told_so_and_closed(live: Place) -> None:
    """A header is refused as the query is."""
    async with live.socket(headers={"Authorization": "Bearer garbage"}) as socket:
        await is_refused(socket, "Invalid token", INVALID)


async def test_t068_an_expired_token_is_told_so_and_may_come_back(live: Place) -> None:
    """auth_failed, then 4001: a fresh token is all that is missing."""
    token = live.token(str(uuid4()), exp=int(time.time()) - AN_HOUR)
    async with live.socket(token=token) as socket:
        await is_refused(socket, "Token expired", EXPIRED)


async def test_a_deactivated_user_is_told_to_stay_away(live: Place) -> None:
    """auth_failed, then 4502: no token helps."""
    person = await live.person()
    await live.sql("UPDATE users SET state = 'deactivated' WHERE id = $1", person.id)
    async with person.socket(greeted=False) as socket:
        await is_refused(socket, "Account is deactivated", DEACTIVATED)


async def test_t069_the_auth_event_is_greeted(live: Place) -> None:
    """Without a token nothing comes; after `auth` the connection is as any other, and its id is echoed."""
    person = await live.person()
    async with live.socket() as socket:
        await socket.send("auth", command_id="first", token=person.token)
        await socket.expect("status.bulk")
        assert socket.kinds() == GREETING
        assert [frame.id for frame in socket.frames] == ["first", None, None]
        assert socket.frames[0].payload["userId"] == person.id


@pytest.mark.parametrize("kind", ["ping", "message.send", "message.read", "typing.start", "block.add", "resume"])
async def test_t069_nothing_is_done_before_auth(live: Place, kind: str) -> None:
    """Every command but `auth` is UNAUTHORIZED, changes nothing, and `auth` still works after it."""
    one, two, conversation = await chat(live)
    payloads: dict[str, dict[str, Any]] = {
        "message.send": {"conversationId": conversation, "content": "Hello!"},
        "message.read": {"conversationId": conversation},
        "typing.start": {"conversationId": conversation},
        "block.add": {"username": two.username},
        "resume": {"since": 0},
    }
    async with two.socket() as theirs, live.socket() as socket:
        await socket.send(kind, command_id=7, **payloads.get(kind, {}))
        assert refusal(await socket.reply(7)) == ("UNAUTHORIZED", "Authentication required")
        await socket.send("auth", token=one.token)
        await socket.expect("auth_success")
        await theirs.quiet()
        assert theirs.kinds() == [*GREETING, "user.online", "pong"]
    assert await one.messages(conversation) == []
    assert (await one.get("blocks")).data["blocks"] == []


UNASKED = {
    "unknown": '{"type": "message.edit", "id": 7, "payload": {}}',
    "malformed": '{"type": "message.send", "id": 7, "payload": {"conversationId": 17}}',
    "no payload": '{"type": "typing.start", "id": 7}',
    "a bad id": '{"type": "ping", "id": [7]}',
    "no type": '{"id": 7}',
    "no command": "[7]",
}


@pytest.mark.parametrize("kind", UNASKED)
async def test_t069_nothing_is_explained_before_auth(live: Place, kind: str) -> None:
    """Whatever JSON is sent, before authentication the answer is UNAUTHORIZED, and `auth` still works after it."""
    person = await live.person()
    async with live.socket() as socket:
        await socket.send_raw(UNASKED[kind])
        assert refusal(await socket.expect("error")) == ("UNAUTHORIZED", "Authentication required")
        await socket.send("auth", token=person.token)
        await socket.expect("auth_success")


async def test_t069_what_is_no_json_is_told_so_before_auth(live: Place) -> None:
    """INVALID_MESSAGE: there is nothing that could be allowed later."""
    async with live.socket() as socket:
        await socket.send_raw("{")
        assert refusal(await socket.expect("error"))[0] == "INVALID_MESSAGE"


async def test_t069_an_invalid_first_auth_closes(live: Place) -> None:
    """The first `auth` is judged as a token in the query is."""
    async with live.socket() as socket:
        await socket.send("auth", token="garbage")
        await is_refused(socket, "Invalid token", INVALID)


async def test_t069_an_expired_first_auth_may_come_back(live: Place) -> None:
    """An expired token in the first `auth` closes with 4001."""
    async with live.socket() as socket:
        await socket.send("auth", token=live.token(str(uuid4()), exp=int(time.time()) - AN_HOUR))
        await is_refused(socket, "Token expired", EXPIRED)


async def test_t069_an_auth_without_a_token_leaves_the_connection_open(live: Place) -> None:
    """A malformed `auth` is VALIDATION_ERROR, and the next one may be right."""
    person = await live.person()
    async with live.socket() as socket:
        await socket.send("auth", command_id=1)
        await socket.send("auth", command_id=2, token=17)
        assert refusal(await socket.reply(1)) == ("VALIDATION_ERROR", "token is required")
        assert refusal(await socket.reply(2)) == ("VALIDATION_ERROR", "token must be a string")
        await socket.send("auth", token=person.token)
        await socket.expect("auth_success")


async def test_t069_two_auths_at_once_make_one_connection(live: Place) -> None:
    """A client that does not wait for the first answer is greeted once and answered twice."""
    one, two, _ = await chat(live)
    async with two.socket() as theirs, live.socket() as socket:
        for number in (1, 2):
            await socket.send("auth", command_id=number, token=one.token)
        assert (await socket.reply(1)).type == "auth_success"
        assert (await socket.reply(2)).type == "auth_success"
        await socket.quiet()
        assert socket.kinds() == [*GREETING, "auth_success", "pong"]
        await theirs.quiet()
        assert theirs.kinds().count("user.online") == 1


async def test_who_does_not_authenticate_in_time_is_closed(start_server: StartServer) -> None:
    """After 10 s a connection without a token closes with 4501; commands do not prolong it, others stay."""
    clock = Clock()
    place = await start_server(clock=clock, later=clock.later)
    person = await place.person()
    async with person.socket() as fine, place.socket() as silent, place.socket() as talking:
        clock.advance(9)
        await talking.send("ping")
        assert refusal(await talking.expect("error"))[0] == "UNAUTHORIZED"
        clock.advance(2)
        assert await silent.closed() == NO_AUTH
        assert await talking.closed() == NO_AUTH
        await fine.quiet()


async def test_t070_auth_again_is_answered_again(live: Place) -> None:
    """The same token once more: auth_success alone, with the same connection, at today's position."""
    one, two, conversation = await chat(live)
    async with one.socket() as socket:
        await two.send(conversation)
        await socket.expect("message.new")
        await socket.send("auth", command_id="again", token=one.token)
        again = await socket.reply("again")
        assert again.type == "auth_success"
        assert again.payload == {**socket.frames[0].payload, "position": 2}
        await two.send(conversation, "still here")
        await socket.expect("message.new")
        assert socket.kinds().count("connection.success") == 1


async def test_t070_auth_of_another_user_changes_nothing(live: Place) -> None:
    """A connection stays whose it is: FORBIDDEN, and the next message is its own user's."""
    one, two, conversation = await chat(live)
    async with one.socket() as socket:
        await socket.send("auth", command_id="other", token=two.token)
        assert refusal(await socket.reply("other"))[0] == "FORBIDDEN"
        await socket.send("message.send", conversationId=conversation, content="Hello!")
        sent = await socket.expect("message.sent")
        assert sent.payload["message"]["senderId"] == one.id


async def test_t070_a_bad_token_in_a_later_auth_changes_nothing(live: Place) -> None:
    """UNAUTHORIZED for an invalid or expired one; the connection goes on."""
    person = await live.person()
    expired = live.token(person.id, exp=int(time.time()) - AN_HOUR)
    async with person.socket() as socket:
        for token in ("garbage", expired):
            await socket.send("auth", command_id=token, token=token)
            assert refusal(await socket.reply(token))[0] == "UNAUTHORIZED"
        await socket.quiet()


async def test_a_token_that_expires_closes_unless_a_fresh_one_came(start_server: StartServer) -> None:
    """4001 at the end of the token's life; who sent a fresh token before stays."""
    clock = Clock()
    place = await start_server(
        clock=clock, AUTH_TIMEOUT="100ms"
    )  # the shortest time sets how often connections are looked at
    person = await place.person()
    short = place.token(person.id, person.username, exp=int(clock.now()) + 60)
    async with (
        place.socket(token=short, greeted=True) as old,
        place.socket(token=short, greeted=True) as renewed,
        person.socket() as fresh,
    ):
        await renewed.send("auth", command_id=1, token=person.token)
        assert (await renewed.reply(1)).type == "auth_success"
        clock.advance(60 + LEEWAY)
        assert await old.closed() == EXPIRED
        await renewed.quiet()
        await fresh.quiet()


@pytest.mark.parametrize("path", ["/chat/ws", "/api/v1/chat/ws", "/api/chat/ws"])
async def test_t071_every_address_is_the_same_socket(live: Place, path: str) -> None:
    """All three paths greet, send and deliver alike."""
    one, two, conversation = await chat(live)
    async with one.socket(path=path) as mine, two.socket() as theirs:
        assert mine.kinds()[:3] == GREETING
        await mine.send("message.send", conversationId=conversation, content="Hello!")
        await mine.expect("message.sent")
        await theirs.expect("message.new")


@pytest.mark.parametrize("path", ["/chat/ws", "/api/v1/chat/ws", "/api/chat/ws"])
async def test_a_plain_get_is_told_what_is_missing(live: Place, path: str) -> None:
    """Without an upgrade: 401 without a token, 426 with one, wherever it stands (C-24)."""
    person = await live.person()
    assert (await live.get(path)).refusal[:2] == (401, "UNAUTHORIZED")
    answer = await person.get(path)
    assert answer.refusal[:2] == (426, "UPGRADE_REQUIRED")
    assert answer.headers["upgrade"] == "websocket"
    assert (await live.get(path, token=person.token)).refusal[:2] == (426, "UPGRADE_REQUIRED")


async def test_a_socket_at_an_unknown_address_is_refused(live: Place) -> None:
    """There is no socket elsewhere; the generic /ws is none (C-03)."""
    person = await live.person()
    for path in ("/ws", "/chat/wss", "/chat/ws/more"):
        with pytest.raises(InvalidStatus) as refused:
            await person.socket(path=path).__aenter__()
        assert refused.value.response.status_code in {403, 404}


async def test_a_full_server_asks_to_come_back_later(start_server: StartServer) -> None:
    """With MAX_CONNECTIONS open the upgrade is answered 503 with Retry-After; one that ends makes room."""
    place = await start_server(MAX_CONNECTIONS="2")
    one, two, three = await place.people(3)
    async with one.socket() as first:
        async with two.socket():
            with pytest.raises(InvalidStatus) as refused:
                await three.socket().__aenter__()
            answer = refused.value.response
            assert answer.status_code == 503
            assert int(answer.headers["retry-after"]) >= 1
            assert answer.headers.get_all("content-length") == [str(len(answer.body))]
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["x-content-type-options"] == "nosniff"
            error = check_answer(answer.status_code, bytes(answer.body))["error"]
            assert (error["code"], error["requestId"]) == ("UNAVAILABLE", answer.headers["x-request-id"])
            await first.quiet()

        async def come_in() -> bool:
            try:
                async with three.socket():
                    return True
            except InvalidStatus:
                return False

        await eventually(come_in, bool)


async def test_the_eleventh_connection_of_a_user_is_refused(live: Place) -> None:
    """Ten are open, the new one closes with 4503 and without a greeting; the ten and other users go on."""
    person, other = await live.people(2)
    sockets = [person.socket() for _ in range(10)]
    await asyncio.gather(*(socket.__aenter__() for socket in sockets))
    try:
        async with person.socket(greeted=False) as late:
            assert await late.closed() == TOO_MANY
            assert late.frames == []
        await asyncio.gather(*(socket.quiet() for socket in sockets))
        async with other.socket():
            pass
        await sockets.pop().__aexit__(None, None, None)

        async def room() -> bool:
            async with person.socket(greeted=False) as next_one:
                await next_one.send("ping", command_id=1)
                return await answered(next_one)

        await eventually(room, bool)
    finally:
        for socket in sockets:
            await socket.__aexit__(None, None, None)


async def answered(socket: Socket) -> bool:
    """Tell whether the ping 1 is answered before the connection ends."""
    try:
        await socket.reply(1)
    except AssertionError:
        return False
    return True


async def test_signing_out_closes_the_sockets_of_that_session(start_server: StartServer) -> None:
    """Logout closes its session's sockets with 4504, another session of the user stays; logout-all ends that too."""
    place = await start_server(JWT_SECRET="")
    account = {"username": "anna", "password": "correct horse battery"}
    first = (await place.post("/api/v1/auth/register", account)).data
    second = (await place.post("/api/v1/auth/login", account)).data
    async with signed_in(place, first) as phone, signed_in(place, second) as laptop:
        await place.post("/api/v1/auth/logout", {"refreshToken": first["refreshToken"]})
        assert await phone.closed() == SIGNED_OUT
        await laptop.quiet()
        anna = Person(place, second["user"]["id"], "anna", second["accessToken"])
        assert (await anna.post("/api/v1/auth/logout-all")).status < 300
        assert await laptop.closed() == SIGNED_OUT
    async with place.socket(token=first["accessToken"]) as ended:
        await is_refused(ended, "Invalid token", INVALID)


def signed_in(place: Place, session: dict[str, str]) -> Socket:
    """Return a socket of a sign-in session."""
    return place.socket(token=session["accessToken"], greeted=True)
