"""The OpenAPI 3.1 document of REST, from the lines of the routes' tables. Which there are, is the dialects'.

Not made by the framework: that describes neither the headers of refusals nor bodies that may be missing, and it describes structs in
its own way, where asyncapi.py has msgspec's.
"""

import inspect
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec
from litestar.enums import ParamType
from litestar.params import ParameterKwarg

from duologue.api.answers import JSON_LINES, FileAnswer, Lines, NoContent
from duologue.api.bodies import FORM_DATA
from duologue.api.routing import Line
from duologue.api.schemas import JsonSchema, schemas_of, without_sources

BEARER, LINK = "bearer", "link"  # the security schemes' names

_PHRASES = {460: "Checksum Mismatch"}  # of tus, in no RFC
_EVERYWHERE = (400, 500, 503)
_SIGNED_IN = (401, 403)
_WITH_BODY = (413, 415)
_TYPED = re.compile(r"\{(\w+):\w+\}")

Headers = Mapping[str, JsonSchema]
_ALWAYS: Headers = {"X-Request-Id": {"description": "The request's own, or a new one", "schema": {"type": "string"}}}
_RETRY: Headers = {
    "Retry-After": {"description": "Seconds to wait", "schema": {"type": "integer", "minimum": 1}},
}
_CHALLENGE: Headers = {"WWW-Authenticate": {"description": "The scheme: Bearer", "schema": {"type": "string"}}}
_NUMBER = {"type": "integer", "minimum": 0}
_TEXT = {"type": "string"}
_VALIDATORS: Headers = {
    "ETag": {"description": "Names this version, for `If-None-Match` and `If-Range`", "schema": _TEXT},
    "Cache-Control": {"description": "The client asks each time", "schema": _TEXT},
}
_FILE: Headers = {
    name: {**header, "required": True}
    for name, header in {
        **_VALIDATORS,
        "Content-Disposition": {"description": "`inline` or `attachment`, and the original name", "schema": _TEXT},
        "Content-Security-Policy": {"description": "A sandbox: nothing in a file may run", "schema": _TEXT},
        "X-Content-Type-Options": {"description": "`nosniff`", "schema": _TEXT},
        "Accept-Ranges": {"description": "`bytes`, or `none` for thumbnails", "schema": {"enum": ["bytes", "none"]}},
    }.items()
}
_RANGE: Headers = {"Content-Range": {"description": "Which bytes of how many", "schema": _TEXT}}
_SCHEMES = {
    BEARER: {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    LINK: {
        "type": "apiKey",
        "in": "query",
        "name": "signature",
        "description": "A signed link, made by `files/links`: with `viewer` and `expires` beside it",
    },
}
# Not required: limits can be switched off.
_LIMIT: Headers = {
    "X-RateLimit-Limit": {"description": "Uses per window", "schema": _NUMBER},
    "X-RateLimit-Remaining": {"description": "What is left of them", "schema": _NUMBER},
    "X-RateLimit-Reset": {"description": "When all are free again, in Unix seconds", "schema": _NUMBER},
    "RateLimit": {
        "description": "The same as in draft-ietf-httpapi-ratelimit-headers",
        "schema": {"type": "string"},
    },
    "RateLimit-Policy": {"description": "The limit, likewise", "schema": {"type": "string"}},
}


@dataclass(frozen=True, slots=True)
class _Operation:
    """A line of a table, and what its method's annotations say."""

    line: Line

    @property
    def hints(self) -> dict[str, Any]:
        """The annotations of the method that answers."""
        return get_type_hints(self.line.route.answer, include_extras=True)

    @property
    def body(self) -> Any:
        """The struct of the request's body; None if it has none."""
        hint = self.hints.get("data")
        return None if hint is None else get_args(hint)[0]

    @property
    def answers(self) -> Sequence[Any]:
        """The possible bodies of a success: an envelope of a union is a choice of envelopes; of JSON lines the line; no file's."""
        if self.is_file or self.is_empty:
            return []
        (envelope,) = get_args(self.hints["return"])
        if self.is_lines:
            return [envelope]
        (data,) = get_args(envelope)
        parts = get_args(data) if hasattr(data, "__or__") and not isinstance(data, type) else ()
        return [envelope.__origin__[part] for part in parts] or [envelope]

    @property
    def is_lines(self) -> bool:
        """A success is JSON lines."""
        return get_origin(self.hints["return"]) is Lines

    @property
    def is_file(self) -> bool:
        """A success is a file."""
        return self.hints["return"] is FileAnswer

    @property
    def is_empty(self) -> bool:
        """A success has no body."""
        return bool(self.hints["return"] == NoContent)

    @property
    def types(self) -> Iterable[Any]:
        """All that is described."""
        return (*self.answers, self.line.error_body, *(() if self.body is None else (self.body,)))


def openapi(lines: Iterable[Line], *, version: str, description: str) -> dict[str, Any]:
    """The document."""
    operations = [_Operation(line) for line in lines]
    schema_of, components = schemas_of(kind for operation in operations for kind in operation.types)
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        path = _TYPED.sub(r"{\1}", operation.line.path)
        paths.setdefault(path, {})[operation.line.route.method.lower()] = _described(operation, schema_of)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Duologue",
            "version": version,
            "description": description,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": _SCHEMES,
        },
    }


def _described(operation: _Operation, schema_of: Mapping[Any, JsonSchema]) -> dict[str, Any]:
    route = operation.line.route
    described: dict[str, Any] = {
        "tags": [operation.line.tag],
        "operationId": camel(operation.line.operation),
        "summary": without_sources(route.answer.__doc__ or ""),
        "parameters": [*_parameters(operation), *(dict(each) for each in route.asks)],
        "responses": dict(sorted(_responses(operation, schema_of))),
    }
    if not route.open:
        described["security"] = [{BEARER: []}, *([{LINK: []}] if route.by_link else [])]
    body = operation.body
    if body is not None:
        needed = any(field.required for field in msgspec.structs.fields(body)) or hasattr(body, "NEEDED")
        described["requestBody"] = {"content": _json(schema_of[body]), "required": needed}
    if route.form is not None:
        asked = described.setdefault("requestBody", {"content": {}, "required": True})
        asked["content"] |= {FORM_DATA: {"schema": dict(route.form)}}
    if route.octets is not None:
        content = {route.octets: {"schema": {"type": "string", "format": "binary"}}}
        described["requestBody"] = {"content": content, "required": route.method == "PATCH"}
    return described


def _parameters(operation: _Operation) -> Iterator[dict[str, Any]]:
    """Parameters come in as text, "" when they are missing; one is required if it may not be empty."""
    defaults = inspect.signature(operation.line.route.answer).parameters
    for name, hint in operation.hints.items():
        kind = next((each for each in get_args(hint)[1:] if isinstance(each, ParameterKwarg)), None)
        if kind is None or name == "data":
            continue
        schema: dict[str, Any] = (
            {"type": "string", "format": "uuid"} if get_args(hint)[0] is UUID else {"type": "string"}
        )
        schema |= kind.schema_extra or {}
        in_path = kind.param_type is ParamType.PATH
        required = in_path or len(defaults[name].default or "") < schema.get("minLength", 0)
        described = {"name": kind.name or name, "in": kind.param_type.value, "required": required, "schema": schema}
        yield described | ({"description": kind.description} if kind.description else {})


def _responses(operation: _Operation, schema_of: Mapping[Any, JsonSchema]) -> Iterator[tuple[str, dict[str, Any]]]:
    if operation.is_file:
        yield from _file_responses(operation)
    elif operation.is_empty:
        headers = {**_needed(_ALWAYS), **_needed(operation.line.route.headers)}
        yield str(operation.line.route.status), {"description": "Done", "headers": headers}
    else:
        yield from _json_responses(operation, schema_of)
    yield from _refusals(operation, schema_of)


def _json_responses(operation: _Operation, schema_of: Mapping[Any, JsonSchema]) -> Iterator[tuple[str, dict[str, Any]]]:
    route = operation.line.route
    bodies = [schema_of[kind] for kind in operation.answers]
    body = bodies[0] if len(bodies) == 1 else {"oneOf": bodies}
    limit = _LIMIT if route.limit else {}
    status, success = _response(route.status, body, {**_needed(route.headers), **limit})
    if operation.is_lines:
        success["content"] = {JSON_LINES: {"schema": body}}
    yield status, success
    if route.repeat is not None:
        yield _response(200, body, {**_needed(route.repeat), **limit}, "A repeat: the same answer again")


def _file_responses(operation: _Operation) -> Iterator[tuple[str, dict[str, Any]]]:
    """A file, one range of it, or nothing because it is still the same."""
    limit = _LIMIT if operation.line.route.limit else {}
    for status, headers, description in (
        (200, _FILE, "The file"),
        (206, {**_FILE, **_needed(_RANGE)}, "The range that was asked for"),
    ):
        described = {**_needed(_ALWAYS), **headers, **limit}
        content = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
        yield str(status), {"description": description, "headers": described, "content": content}
    yield "304", {"description": "It is still the same", "headers": {**_needed(_ALWAYS), **_needed(_VALIDATORS)}}


def _refusals(operation: _Operation, schema_of: Mapping[Any, JsonSchema]) -> Iterator[tuple[str, dict[str, Any]]]:
    route = operation.line.route
    for refusal in {*_EVERYWHERE, *route.errors, *_implied(operation)}:
        headers: dict[str, JsonSchema] = {}
        if refusal == 401:
            headers |= _needed(_CHALLENGE)
        if refusal in (429, 503):
            headers |= _needed(_RETRY)
        if refusal == 429:
            headers |= _LIMIT
        yield _response(refusal, schema_of[operation.line.error_body], headers)


def _implied(operation: _Operation) -> Iterable[int]:
    """Statuses that follow from what a route is."""
    route = operation.line.route
    return (
        *(() if route.open else _SIGNED_IN),
        *(_WITH_BODY if operation.body is not None or route.takes_files else ()),
        *((429,) if route.limit else ()),
        *((416,) if operation.is_file else ()),
    )


def _response(status: int, schema: JsonSchema, headers: Headers, description: str = "") -> tuple[str, dict[str, Any]]:
    return str(status), {
        "description": description or _PHRASES.get(status) or HTTPStatus(status).phrase,
        "headers": {**_needed(_ALWAYS), **headers},
        "content": _json(schema),
    }


def _needed(headers: Headers) -> dict[str, JsonSchema]:
    return {name: {**header, "required": True} for name, header in headers.items()}


def _json(schema: JsonSchema) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def camel(name: str) -> str:
    """`send_message` as `sendMessage`."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
