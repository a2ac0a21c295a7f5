"""The AsyncAPI 3.0 document of sockets, from the structs that go over them. Which there are, is the dialects'."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from msgspec import Struct

from duologue.api.schemas import JsonSchema, schemas_of
from duologue.realtime.closing import CloseCode

_ID = {"type": ["string", "integer"], "description": "Echoed from the command that this answers"}
_POSITION = {"type": "integer", "minimum": 1, "description": "A durable fact's place in this user's log"}

FIRST_FINAL = 4500  # from this close code on a client stops, below it reconnects
CLOSE_CODES: Mapping[int, str] = MappingProxyType(
    {
        CloseCode.GOING_AWAY: "The server stops; the reason is `retry=<ms>`: come back after so long",
        1002: "Bytes that are no WebSocket",
        CloseCode.UNSUPPORTED_DATA: "A binary message",
        1007: "Text that is no UTF-8",
        1009: "A message over the limit",
        CloseCode.INTERNAL_ERROR: "A fault of the server",
        CloseCode.SLOW: "What was to be sent was not read",
        CloseCode.TOKEN_EXPIRED: "The token expired: come back with a fresh one",
        CloseCode.FLOOD: "Too many commands over the limit",
        CloseCode.INVALID_TOKEN: "An invalid token",
        CloseCode.NO_AUTH: "No token in time",
        CloseCode.DEACTIVATED: "The user is deactivated, erased or banned",
        CloseCode.TOO_MANY_CONNECTIONS: "The user has too many connections",
        CloseCode.SIGNED_OUT: "The session was ended",
    }
)
_SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    "token": {
        "type": "httpApiKey",
        "in": "query",
        "name": "token",
        "description": "For browsers. Or neither, and the command `auth` first",
    },
}


@dataclass(frozen=True, slots=True)
class Event:
    """A possible body of a frame from the server. `fact`: it is the first frame of one; `answers`: it may answer a command."""

    body: type[Struct]
    fact: bool = False
    answers: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Socket:
    """A dialect's socket: `commands` are whole frames by type, `events` what is sent by type, its body found under `body`."""

    name: str
    addresses: Sequence[str]
    summary: str
    commands: Mapping[str, type[Struct]]
    events: Mapping[str, Sequence[Event]]
    body: str


def asyncapi(sockets: Sequence[Socket], *, version: str) -> dict[str, Any]:
    """The document, seen from the server: it receives commands and sends events."""
    schema_of, components = schemas_of(struct for socket in sockets for struct in _structs(socket))
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Duologue sockets", "version": version},
        "defaultContentType": "application/json",
        "channels": {socket.name: _channel(socket) for socket in sockets},
        "operations": {name: each for socket in sockets for name, each in _operations(socket)},
        "components": {
            "messages": {name: each for socket in sockets for name, each in _messages(socket, schema_of)},
            "schemas": components,
            "securitySchemes": _SECURITY,
        },
    }


def _structs(socket: Socket) -> Iterable[type[Struct]]:
    yield from socket.commands.values()
    for frame in socket.commands.values():  # the payloads too: those whose rules need more than their types
        yield from (
            each for each in frame.__annotations__.values() if isinstance(each, type) and issubclass(each, Struct)
        )
    for events in socket.events.values():
        yield from (event.body for event in events)


def _channel(socket: Socket) -> dict[str, Any]:
    query = {
        "token": {"type": "string", "description": "An access token; or the header Authorization, or the command auth"},
        "since": {
            "type": "integer",
            "minimum": 0,
            "description": "The last position seen: what was missed comes first",
        },
        "epoch": {"type": "string", "description": "The epoch that position belongs to"},
    }
    address, *others = socket.addresses
    return {
        "address": address,
        "description": f"{socket.summary} Also at {', '.join(others)}." if others else socket.summary,
        "messages": {
            name: {"$ref": f"#/components/messages/{name}"}
            for name in (*_names(socket, "client", socket.commands), *_names(socket, "server", socket.events))
        },
        "bindings": {"ws": {"method": "GET", "query": {"type": "object", "properties": query}}},
        "x-close-codes": {
            str(int(code)): {"description": text, "reconnect": code < FIRST_FINAL} for code, text in CLOSE_CODES.items()
        },
    }


def _names(socket: Socket, side: str, types: Iterable[str]) -> list[str]:
    return [f"{socket.name}.{side}.{kind}" for kind in types]


def _operations(socket: Socket) -> Iterable[tuple[str, dict[str, Any]]]:
    for action, side, types in (("receive", "client", socket.commands), ("send", "server", socket.events)):
        messages = [{"$ref": f"#/channels/{socket.name}/messages/{name}"} for name in _names(socket, side, types)]
        yield (
            f"{socket.name}.{action}",
            {
                "action": action,
                "channel": {"$ref": f"#/channels/{socket.name}"},
                "messages": messages,
                "security": [{"$ref": f"#/components/securitySchemes/{name}"} for name in _SECURITY],
            },
        )


def _messages(socket: Socket, schema_of: Mapping[Any, JsonSchema]) -> Iterable[tuple[str, dict[str, Any]]]:
    for kind, command in socket.commands.items():
        yield f"{socket.name}.client.{kind}", _message(kind, schema_of[command])
    for kind, events in socket.events.items():
        frames = [_frame(kind, event, {socket.body: schema_of[event.body]}) for event in events]
        yield f"{socket.name}.server.{kind}", _message(kind, frames[0] if len(frames) == 1 else {"anyOf": frames})


def _frame(kind: str, event: Event, body: Mapping[str, JsonSchema]) -> dict[str, Any]:
    """A fact has a position, unless it answers a command; nothing else has one. Only an answer has an id."""
    properties: dict[str, Any] = {"type": {"const": kind}, **body}
    required = ["type", *body]
    if event.fact:
        properties["position"] = _POSITION
    if event.fact and not event.answers:
        required.append("position")
    if event.answers:
        properties["id"] = _ID
    absent = [name for name in ("position", "id") if name not in properties]
    frame: dict[str, Any] = {"type": "object", "properties": properties, "required": required}
    return frame | ({"not": {"anyOf": [{"required": [name]} for name in absent]}} if absent else {})


def _message(kind: str, payload: JsonSchema) -> dict[str, Any]:
    return {"name": kind, "title": kind, "payload": payload}
