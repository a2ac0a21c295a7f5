"""Who may do what over sockets: every documented command of both dialects against every kind of caller. A command without a row fails."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest
from tests.live.conftest import StartServer
from tests.live.people import Place
from tests.live.socket import Socket
from tests.live.test_access import ADMIN, Scene, scene

DONE = "done"
PATHS = {"chat": "/chat/ws", "messages": "/v1/ws/messages"}
INSIDE = ("participant", "partner", "stranger", "blocked")
# Who is not let in, and how they are told: the close code after `auth_failed`.
OUTSIDE = {"deactivated": 4502, "expired": 4001, "admin": 4500}


class Row(NamedTuple):
    """What each of the four is answered, a code or that it is done; and the command's fields."""

    participant: str
    partner: str
    stranger: str
    blocked: str
    fields: Mapping[str, Any] = {}


OWN = Row(DONE, DONE, DONE, DONE)
SHARED = Row(DONE, DONE, "FORBIDDEN", DONE)
ROWS: Mapping[str, Mapping[str, Row]] = {
    "chat": {
        "auth": OWN._replace(fields={"token": "{token}"}),
        "ping": OWN,
        "resume": OWN._replace(fields={"since": 0}),
        "message.send": Row(
            DONE, DONE, "FORBIDDEN", "BLOCKED", {"conversationId": "{conversation}", "content": "Hello!"}
        ),
        "message.read": SHARED._replace(fields={"conversationId": "{conversation}"}),
        "typing.start": SHARED._replace(fields={"conversationId": "{conversation}"}),
        "typing.stop": SHARED._replace(fields={"conversationId": "{conversation}"}),
        "block.add": OWN._replace(fields={"username": "{username}"}),
        "block.remove": Row("NOT_FOUND", "NOT_FOUND", "NOT_FOUND", "NOT_FOUND", {"username": "{username}"}),
    },
    "messages": {
        "auth": OWN._replace(fields={"token": "{token}"}),
        "ping": OWN,
        "resume": OWN._replace(fields={"since": 0}),
        "message": Row(DONE, DONE, "FORBIDDEN", "BLOCKED", {"conversation_id": "{conversation}", "content": "Hello!"}),
        "read": Row("FORBIDDEN", DONE, "FORBIDDEN", DONE, {"message_id": "{message}"}),
        "typing": SHARED._replace(fields={"conversation_id": "{conversation}", "is_typing": True}),
    },
}


def filled(row: Row, made: Scene) -> dict[str, Any]:
    """A row's fields with the names of a scene."""
    names = {
        "{token}": made.headers.get("Authorization", "").removeprefix("Bearer "),
        "{conversation}": made.conversation,
        "{message}": made.message,
        "{username}": made.other.username,
    }
    return {name: names.get(value, value) if isinstance(value, str) else value for name, value in row.fields.items()}


async def outcome(socket: Socket, command: str, fields: Mapping[str, Any]) -> str:
    """The code of the error that answers a command; done when its answer, or that of a ping behind it, is none."""
    await socket.send(command, command_id="mine", **fields)
    await socket.send("ping", command_id="after")
    await socket.reply("after")
    if command not in ("typing", "typing.start", "typing.stop"):  # all others are answered
        return str((await socket.reply("mine")).payload.get("code", DONE))
    refused = [frame for frame in socket.frames if frame.id == "mine"]
    return str(refused[0].payload["code"]) if refused else DONE


async def cell(place: Place, dialect: str, command: str, role: str) -> str | None:
    """Give one command as one role; what is wrong with the answer."""
    row, made = ROWS[dialect][command], await scene(place, role)
    assert made.actor is not None
    async with made.actor.socket(path=PATHS[dialect]) as socket:
        found = await outcome(socket, command, filled(row, made))
    expected = getattr(row, role)
    return None if found == expected else f"{dialect} {command} as {role}: {found} instead of {expected}"


@pytest.fixture
async def place(start_server: StartServer) -> Place:
    """Give a server behind a platform, with an operator."""
    found: Place = await start_server(RATE_LIMITS="off", ADMIN_TOKEN=ADMIN)
    return found


@pytest.mark.parametrize("dialect", PATHS)
async def test_every_command_answers_every_role_as_its_row_says(place: Place, dialect: str) -> None:
    """The whole matrix; what the server documents and the rows do not, or the other way round, is a failure too."""
    assert place.commands(dialect) == ROWS[dialect].keys()
    wrong: list[str | None] = []
    for command in ROWS[dialect]:
        wrong += await asyncio.gather(*(cell(place, dialect, command, role) for role in INSIDE))
    assert [each for each in wrong if each] == []


@pytest.mark.parametrize("dialect", PATHS)
async def test_before_authentication_every_command_but_auth_is_refused(place: Place, dialect: str) -> None:
    """And the connection stays open for the token (C-25)."""
    made = await scene(place, "participant")
    async with place.socket(PATHS[dialect]) as socket:
        for command, row in ROWS[dialect].items():
            if command != "auth":
                await socket.send(command, command_id=command, **filled(row, made))
                assert (await socket.reply(command)).payload["code"] == "UNAUTHORIZED", command
        await socket.send("auth", command_id="auth", token=made.owner.token)
        assert (await socket.reply("auth")).type == "auth_success"


@pytest.mark.parametrize("dialect", PATHS)
@pytest.mark.parametrize("role", OUTSIDE)
async def test_who_is_shut_out_gets_no_further_than_the_door(place: Place, dialect: str, role: str) -> None:
    """Told so, and closed with the code that says whether to come back."""
    made = await scene(place, role)
    token = made.headers["Authorization"].removeprefix("Bearer ")
    if role == "expired":
        token = place.token(made.owner.id, made.owner.username, exp=int(time.time()) - 60)
    async with place.socket(PATHS[dialect], token=token) as socket:
        await socket.expect("auth_failed")
        assert await socket.closed() == OUTSIDE[role]
        assert socket.kinds() == ["auth_failed"]
