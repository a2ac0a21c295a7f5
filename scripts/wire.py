"""The TypeScript types of dialect A, from the structs that go over the wire: `web/packages/client/src/wire.ts`.

    .venv/bin/python scripts/wire.py            write it anew
    .venv/bin/python scripts/wire.py --check    fail if it is not what the structs say

Names lose their `DTO`, as readers of the SDK know nothing of ours. Types alone: nothing of the file is left after compilation.
"""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from duologue.api.accounts import SignedInDTO
from duologue.api.camel import bodies, frames, wire
from duologue.api.camel.commands import PAYLOADS
from duologue.api.camel.errors import ErrorInfo
from duologue.api.schemas import schemas_of
from duologue.api.users import UpdateBody, UserList

FILE = Path(__file__).resolve().parent.parent / "web" / "packages" / "client" / "src" / "wire.ts"
BODIES = (
    bodies.ConversationList,
    bodies.MessageList,
    bodies.ContextDTO,
    bodies.BlockList,
    wire.BlockStatusDTO,
    bodies.UploadDTO,
    bodies.FileLinkList,
    bodies.LinkList,
    bodies.MediaList,
    bodies.FileList,
    bodies.UnreadDTO,
    bodies.ReadDTO,
    bodies.DeletedMessageDTO,
    bodies.DeletedConversationDTO,
    bodies.EventList,
    bodies.EventReset,
    bodies.SendBody,
    SignedInDTO,
    UserList,
    UpdateBody,
    ErrorInfo,
)
# What reads better than a name without its DTO, or would hide a name of the language.
NAMES: Mapping[str, str] = MappingProxyType(
    {
        "UserShortDTO": "User",
        "MessageShortDTO": "MessagePreview",
        "Error": "CommandError",
        "UpdateBody": "SettingsChange",
    }
)
HEAD = """// Written by scripts/wire.py from the structs of the server: change those, not this.

/** A UUID, in lower case. */
export type Id = string;
/** RFC 3339 in UTC with six fractional digits: sorts as text. */
export type Time = string;
"""
# What the structs leave open, as bytes that are made elsewhere.
FIELDS: Mapping[tuple[str, str], str] = MappingProxyType(
    {("EventList", "events"): "Frame[]", ("EventReset", "reset"): "true"}
)
ERROR_CODES: Sequence[str] = schemas_of([ErrorInfo])[1]["ErrorInfo"]["properties"]["code"]["enum"]
SCALARS: Mapping[str, str] = MappingProxyType(
    {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}
)
FORMATS: Mapping[str, str] = MappingProxyType({"uuid": "Id", "date-time": "Time"})


def text() -> str:
    """The whole file."""
    events = [(name, event) for name, kinds in frames.EVENTS.items() for event in kinds]
    found, components = schemas_of([*BODIES, *(event.body for _, event in events), *PAYLOADS.values()])
    members = [_member(name, found[event.body], fact=event.fact, answers=event.answers) for name, event in events]
    commands = [_command(name, found[kind]) for name, kind in PAYLOADS.items()]
    return "\n".join(
        [
            HEAD,
            "/** The stable codes of what goes wrong over HTTP. */",
            f"export type ErrorCode = {' | '.join(repr(code) for code in ERROR_CODES)};\n",
            *(_interface(name, schema) for name, schema in sorted(components.items())),
            "/** What the server sends. `position`: a durable fact's place in this user's log; `id`: of the command that it answers. */",
            "export type Frame =\n" + "\n".join(members) + ";\n",
            "/** What a client sends; `id` comes back with the answer. */",
            "export type Command =\n" + "\n".join(commands) + ";\n",
            "export type FrameType = Frame['type'];",
            "export type FrameOf<T extends FrameType> = Extract<Frame, { type: T }>;",
            "",
        ]
    )


def _member(name: str, body: Any, *, fact: bool, answers: bool) -> str:
    more = ("; position?: number" if fact else "") + ("; id?: string | number" if answers else "")
    return f"  | {{ type: '{name}'; payload: {_type(body)}{more} }}"


def _command(name: str, payload: Any) -> str:
    inner = "" if name == "ping" else f"; payload: {_type(payload)}"
    return f"  | {{ type: '{name}'{inner}; id?: string | number }}"


def _interface(name: str, schema: Any) -> str:
    if not schema["properties"]:
        return ""
    return f"{_comment(schema)}export interface {_plain(name)} {{\n{''.join(_fields(schema))}}}\n"


def _fields(schema: Any) -> Iterator[str]:
    required = schema.get("required", ())
    for name, field in schema["properties"].items():
        kind = FIELDS.get((schema["title"], name)) or _type(field)
        yield f"  {name}{'' if name in required else '?'}: {kind};\n"


def _comment(schema: Any) -> str:
    said = schema.get("description", "").splitlines()
    lines = "".join(f" * {line}".rstrip() + "\n" for line in said)
    return f"/**\n{lines} */\n" if said else ""


def _type(schema: Any) -> str:
    if "$ref" in schema:
        return _plain(schema["$ref"].rpartition("/")[2])
    if "enum" in schema:
        return _choice(schema["enum"])
    if "anyOf" in schema:
        return " | ".join(_type(each) for each in schema["anyOf"])
    return _plain_type(schema)


def _choice(values: Sequence[Any]) -> str:
    """One of some values; the stable codes of errors have a name of their own."""
    if set(ERROR_CODES) <= set(values):
        return "ErrorCode" + "".join(f" | '{value}'" for value in values if value not in ERROR_CODES)
    return " | ".join("true" if value is True else f"'{value}'" for value in values)


def _plain_type(schema: Any) -> str:
    kind = schema.get("type")
    if kind == "array":
        inner = _type(schema.get("items", {}))
        return f"({inner})[]" if "|" in inner else f"{inner}[]"
    if kind == "object":
        inner = schema.get("additionalProperties")
        return f"Record<string, {_type(inner)}>" if isinstance(inner, dict) else "Record<string, unknown>"
    if isinstance(kind, str):
        return FORMATS.get(schema.get("format", ""), SCALARS[kind])
    return "unknown"


def _plain(name: str) -> str:
    return NAMES.get(name) or re.sub("DTO$", "", name)


def main(arguments: list[str]) -> int:
    """Write or compare; returns the exit code."""
    said = text()
    if "--check" in arguments:
        if FILE.exists() and FILE.read_text() == said:
            return 0
        sys.stderr.write("web/packages/client/src/wire.ts is not what the structs say: run `make wire`\n")
        return 1
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(said)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
