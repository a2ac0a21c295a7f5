"""Deactivation, reactivation and disconnection by the platform's server: who is told, what is refused, what comes back (design part 6)."""

import asyncio
from uuid import UUID

import pytest
from tests.live.chat import chat, say
from tests.live.clock import Clock
from tests.live.conftest import StartServer
from tests.live.operator import TOKEN, Operator
from tests.live.people import Person, Place, eventually

from duologue.app.admin import acts
from duologue.config import Config
from duologue.storage.postgres import Postgres

REFUSED = (403, "FORBIDDEN")


async def deactivated(place: Place, operator: Operator) -> tuple[Person, Person, str]:
    """Return two people with a conversation that has a message, the first of them deactivated."""
    talk = await chat(place)
    await talk.one.send(talk.id, "before")
    await operator.act("deactivate", talk.one)
    return talk.one, talk.two, talk.id


async def test_a_deactivated_users_sockets_close_and_partners_are_told(live: Place, operator: Operator) -> None:
    """4502 within 2 s on the user's own sockets; the partner's device gets the fact, with the user offline."""
    talk = await chat(live)
    async with talk.two.socket() as theirs, talk.one.socket(greeted=True) as own:
        data = await operator.act("deactivate", talk.one)
        assert data["state"] == "deactivated"
        async with asyncio.timeout(2):
            assert await own.closed() == 4502
        frame = await theirs.expect("conversation.updated", conversationId=talk.id)
        assert frame.position is not None
        assert frame.payload["otherUser"]["id"] == talk.one.id
        assert frame.payload["otherUser"]["username"] == talk.one.username
        assert frame.payload["otherUser"]["isOnline"] is False


async def test_a_deactivated_user_is_refused_everywhere(live: Place, operator: Operator) -> None:
    """Their token is 403, on sockets 4502; others neither write, nor type, nor open, nor find or follow them."""
    gone, partner, conversation = await deactivated(live, operator)
    stranger = await live.person()
    answer = await gone.get("conversations")
    assert (answer.status, answer.error["code"]) == REFUSED
    async with gone.socket(greeted=False) as socket:
        assert await socket.closed() == 4502
    sent = await partner.post(f"conversations/{conversation}/messages", {"content": "after"})
    assert (sent.status, sent.error["code"]) == REFUSED
    opened = await stranger.get(f"conversations/with/{gone.username}")
    assert (opened.status, opened.error["code"]) == REFUSED
    found = await stranger.get("/api/v1/users", query=gone.username)
    assert found.data["users"] == []
    async with partner.socket() as theirs:
        await theirs.send("typing.start", conversationId=conversation)
        assert (await theirs.expect("error")).payload["code"] == "FORBIDDEN"
        await theirs.send("message.send", conversationId=conversation, content="after")
        assert (await theirs.expect("error")).payload["code"] == "FORBIDDEN"
    assert [message["content"] for message in await partner.messages(conversation)] == ["before"]


async def test_reactivation_brings_all_back(live: Place, operator: Operator) -> None:
    """Token, conversations, settings; the partner is told again, and writes."""
    gone, partner, conversation = await deactivated(live, operator)
    async with partner.socket() as theirs:
        assert (await operator.act("reactivate", gone))["state"] == "active"
        frame = await theirs.expect("conversation.updated", conversationId=conversation)
        assert frame.payload["otherUser"]["username"] == gone.username
        assert (await say(theirs, conversation, "welcome back")).position is not None
    assert [message["content"] for message in await gone.messages(conversation)] == ["welcome back", "before"]


async def test_doing_it_again_changes_nothing(live: Place, operator: Operator) -> None:
    """Partners are told once; the audit says that nothing changed."""
    gone, partner, _ = await deactivated(live, operator)
    head = (await partner.get("conversations/unread-count")).headers["Duologue-Position"]
    assert (await operator.act("deactivate", gone))["state"] == "deactivated"
    assert (await partner.get("conversations/unread-count")).headers["Duologue-Position"] == head
    entries = [entry for entry in await operator.audit("user.deactivate") if entry["targetIds"] == [gone.id]]
    assert [entry["details"]["changed"] for entry in entries] == [False, True]


async def test_a_poll_of_a_deactivated_user_ends_and_their_lease_with_it(live: Place, operator: Operator) -> None:
    """Who waits for events is told 403 at once, and nobody sees them online any more."""
    talk = await chat(live)
    start = (await talk.one.get("events")).data
    asked = asyncio.create_task(talk.one.get("events", since=start["position"], wait=20))
    await eventually(
        lambda: talk.two.get(f"conversations/with/{talk.one.username}"),
        lambda answer: answer.data["otherUser"]["isOnline"],
    )
    await operator.act("deactivate", talk.one)
    async with asyncio.timeout(2):
        assert (await asked).status == 403
    shown = await eventually(
        lambda: talk.two.get(f"conversations/with/{talk.one.username}"),
        lambda answer: not answer.data["otherUser"]["isOnline"],
    )
    assert shown.data["otherUser"]["username"] == talk.one.username


async def test_a_send_either_commits_before_a_deactivation_or_is_refused(live: Place, operator: Operator) -> None:
    """However they race: every message that was acknowledged is older than the deactivation, and none comes after it."""
    for _ in range(5):
        talk = await chat(live)
        path = f"conversations/{talk.id}/messages"
        sends = [asyncio.create_task(talk.one.post(path, {"content": f"{n}"})) for n in range(20)]
        sends += [asyncio.create_task(talk.two.post(path, {"content": f"to {n}"})) for n in range(20)]
        await operator.act("deactivate", talk.one)
        answers = await asyncio.gather(*sends)
        assert {answer.status for answer in answers} <= {201, 403}
        async with live.hand() as hand:
            stored = await hand.fetch("SELECT id, created_at FROM messages WHERE conversation_id = $1", UUID(talk.id))
            at = await hand.fetchval("SELECT updated_at FROM users WHERE id = $1", UUID(talk.one.id))
        assert {str(row["id"]) for row in stored} == {a.data["id"] for a in answers if a.status == 201}
        assert all(row["created_at"] <= at for row in stored)


async def test_a_partner_whom_a_deactivated_user_blocks_learns_nothing(live: Place, operator: Operator) -> None:
    """The conversation is out of their list, so there is nothing to update."""
    talk = await chat(live)
    await talk.one.post("blocks", {"username": talk.two.username})
    async with talk.two.socket() as theirs:
        await operator.act("deactivate", talk.one)
        await theirs.nothing("conversation.updated")


async def test_a_user_who_is_shut_out_by_another_process_loses_their_sockets_within_half_a_minute(
    start_server: StartServer, database: str
) -> None:
    """The command line cannot tell a running server; it sees it when it compares heads, and the partners get their fact."""
    clock = Clock()
    place = await start_server(RATE_LIMITS="off", clock=clock, later=clock.later)
    talk = await chat(place)
    postgres = Postgres(database, size=2)
    await postgres.open()
    async with talk.one.socket() as own, talk.two.socket() as theirs:
        async with acts(postgres, Config()) as acting:
            await acting.deactivate(talk.one.id)
        await postgres.close()
        await own.quiet()
        clock.advance(31)
        assert await own.closed() == 4502
        await theirs.expect("conversation.updated", conversationId=talk.id)


async def test_disconnecting_closes_the_sockets_and_nothing_else(live: Place, operator: Operator) -> None:
    """4504; a token of the platform opens a new one."""
    person = await live.person()
    async with person.socket() as socket:
        await operator.act("disconnect", person)
        assert await socket.closed() == 4504
    async with person.socket():
        pass


async def test_disconnecting_ends_the_sessions_of_a_stand_alone_server(start_server: StartServer) -> None:
    """The tokens of all sign-ins are 401."""
    place = await start_server(JWT_SECRET="", RATE_LIMITS="off", ADMIN_TOKEN=TOKEN)
    body = {"username": "ada", "password": "correct horse"}
    signed = (await place.post("/api/v1/auth/register", body)).data
    ada = Person(place, signed["user"]["id"], "ada", signed["accessToken"])
    await Operator(place).act("disconnect", ada)
    assert (await ada.get("conversations")).status == 401
    refreshed = await place.post("/api/v1/auth/refresh", {"refreshToken": signed["refreshToken"]})
    assert refreshed.status == 401
    assert (await place.post("/api/v1/auth/login", body)).status == 200


async def test_a_stand_alone_user_who_is_deactivated_signs_in_and_refreshes_in_vain(start_server: StartServer) -> None:
    """403 for both; reactivated, the same tokens work again."""
    place = await start_server(JWT_SECRET="", RATE_LIMITS="off", ADMIN_TOKEN=TOKEN)
    body = {"username": "ada", "password": "correct horse"}
    signed = (await place.post("/api/v1/auth/register", body)).data
    ada, operator = Person(place, signed["user"]["id"], "ada", signed["accessToken"]), Operator(place)
    await operator.act("deactivate", ada)
    refresh = {"refreshToken": signed["refreshToken"]}
    bob = (await place.post("/api/v1/auth/register", {"username": "bob", "password": "correct horse"})).data
    follower = Person(place, bob["user"]["id"], "bob", bob["accessToken"])
    assert (await place.post("/api/v1/auth/login", body)).status == 403
    assert (await place.post("/api/v1/auth/refresh", refresh)).status == 403
    assert (await follower.put("/api/v1/users/ada/follow")).status == 404
    await operator.act("reactivate", ada)
    assert (await ada.get("conversations")).status == 200
    assert (await place.post("/api/v1/auth/refresh", refresh)).status == 200


@pytest.mark.parametrize("verb", ["deactivate", "reactivate", "disconnect"])
async def test_nobody_is_not_found(operator: Operator, verb: str) -> None:
    """By an id or an external id that nobody has."""
    for name in ("0198c8f1-7b7c-7000-8000-3d2c6f0a1b2c", "customer-404"):
        assert (await operator.post(f"users/{name}/{verb}")).refusal == (404, "NOT_FOUND", "User not found")
