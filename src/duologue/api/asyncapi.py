"""The AsyncAPI 3.0 document of sockets, from the structs that go over them. Which there are, is the dialects'."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import Struct

_SOURCES = re.compile(r" ?\((?:[A-Z]+-\d+|design)[^)]*\)")  # requirement ids: for readers of the code
_REF = "#/components/schemas/{name}"
_ID = {"type": ["string", "integer"], "description": "Echoed from the command that this answers"}
_POSITION = {"type": "integer", "minimum": 1, "description": "A durable fact's place in this user's log"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Socket:
    """A dialect's socket: `commands` are whole frames by type, `events` the possible bodies by type, found under `body`."""

    name: str
    addresses: Sequence[str]
    summary: str
    commands: Mapping[str, type[Struct]]
    events: Mapping[str, Sequence[type[Struct]]]
    body: str


def asyncapi(sockets: Sequence[Socket], *, version: str) -> dict[str, Any]:
    """The document, seen from the server: it receives commands and sends events."""
    structs = [struct for socket in sockets for struct in _structs(socket)]
    schemas, components = msgspec.json.schema_components(structs, ref_template=_REF, schema_hook=_anything)
    schema_of = dict(zip(structs, schemas, strict=True))
    document = {
        "asyncapi": "3.0.0",
        "info": {"title": "Duologue sockets", "version": version},
        "defaultContentType": "application/json",
        "channels": {socket.name: _channel(socket) for socket in sockets},
        "operations": {name: each for socket in sockets for name, each in _operations(socket)},
        "components": {
            "messages": {name: each for socket in sockets for name, each in _messages(socket, schema_of)},
            "schemas": components,
        },
    }
    found: dict[str, Any] = _without_sources(document)
    return found


def _anything(kind: type) -> dict[str, Any]:
    """`object` in a struct is any JSON value."""
    if kind is object:
        return {"description": "Any JSON value"}
    raise NotImplementedError


def _structs(socket: Socket) -> Iterable[type[Struct]]:
    return dict.fromkeys([*socket.commands.values(), *(body for bodies in socket.events.values() for body in bodies)])


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
    }


def _names(socket: Socket, side: str, types: Iterable[str]) -> list[str]:
    return [f"{socket.name}.{side}.{kind}" for kind in types]


def _operations(socket: Socket) -> Iterable[tuple[str, dict[str, Any]]]:
    for action, side, types in (("receive", "client", socket.commands), ("send", "server", socket.events)):
        messages = [{"$ref": f"#/channels/{socket.name}/messages/{name}"} for name in _names(socket, side, types)]
        yield (
            f"{socket.name}.{action}",
            {"action": action, "channel": {"$ref": f"#/channels/{socket.name}"}, "messages": messages},
        )


def _messages(socket: Socket, schema_of: Mapping[type[Struct], dict[str, Any]]) -> Iterable[tuple[str, dict[str, Any]]]:
    for kind, command in socket.commands.items():
        yield f"{socket.name}.client.{kind}", _message(kind, schema_of[command])
    for kind, bodies in socket.events.items():
        found = [schema_of[body] for body in bodies]
        frame = {
            "type": "object",
            "properties": {
                "type": {"const": kind},
                socket.body: found[0] if len(found) == 1 else {"anyOf": found},
                "position": _POSITION,
                "id": _ID,
            },
            "required": ["type", socket.body],
        }
        yield f"{socket.name}.server.{kind}", _message(kind, frame)


def _message(kind: str, payload: dict[str, Any]) -> dict[str, Any]:
    return {"name": kind, "title": kind, "payload": payload}


def _without_sources(node: Any) -> Any:
    if isinstance(node, dict):
        return {
            key: _SOURCES.sub("", value) if key == "description" and isinstance(value, str) else _without_sources(value)
            for key, value in node.items()
        }
    return [_without_sources(each) for each in node] if isinstance(node, list) else node
