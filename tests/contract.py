"""Holds answers and frames against the server's own documents, `/openapi.json` and `/asyncapi.json`.

Stricter than the documents: an object may hold no field that its schema does not name.
"""

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Literal

from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

ALIASES = ("/api/chat", "/chat")  # of /api/v1/chat, in the order in which they are tried
UNDOCUMENTED = ("/health", "/metrics", "/docs", "/openapi.json", "/asyncapi.json")
REFUSAL = "/components/schemas/ErrorBody"
REFUSAL_OF_B = "/components/schemas/ErrorResponse"

Direction = Literal["client", "server"]


class Broken(AssertionError):
    """Something that the documents do not allow."""


class Contract:
    """What the two documents allow."""

    def __init__(self, openapi: Any, asyncapi: Any) -> None:
        self._paths: Mapping[str, Any] = openapi["paths"]
        self._messages: Mapping[str, Any] = asyncapi["components"]["messages"]
        documents = {"openapi": closed(openapi), "asyncapi": closed(asyncapi)}
        resources = {name: DRAFT202012.create_resource(each) for name, each in documents.items()}
        self._registry: Registry[Any] = Registry().with_resources(resources.items())
        self._routes = [(_pattern(path), path) for path in sorted(self._paths, key=lambda path: path.count("{"))]
        self._validator = lru_cache(None)(self._make_validator)

    def check_response(
        self, method: str, path: str, status: int, body: Any, headers: Mapping[str, str] | None = None
    ) -> None:
        """Check an answer; `path` without a query. An unknown route or method must be refused with the error body."""
        if path.startswith(UNDOCUMENTED) and status < 400:
            return
        template = self.template(path)
        operation = self._paths.get(template, {}).get(method.lower())
        if operation is None:
            if status < 400:
                raise Broken(f"{method} {path} answers {status} and is not documented")
            refusal = REFUSAL_OF_B if path.startswith("/v1/") else REFUSAL
            self._check("openapi", refusal, body, f"{method} {path}")
            return
        if str(status) not in operation["responses"]:
            raise Broken(
                f"{method} {template} answers {status}, documented are {sorted(operation['responses'])}: {body}"
            )
        steps = ("paths", template, method.lower(), "responses", str(status), "content", "application/json", "schema")
        self._check("openapi", _pointer(steps), body, f"{method} {template} {status}")
        if headers is not None:
            self._check_headers(
                f"{method} {template} {status}", operation["responses"][str(status)]["headers"], headers
            )
        for event in _events(body):
            self.check_frame("server", event, snake=path.startswith("/v1/"))

    def check_file(self, method: str, path: str, status: int, headers: Mapping[str, str]) -> None:
        """Check an answer that is a file, a part of one, or nothing because it is unchanged."""
        what = f"{method} {path} {status}"
        documented = (
            self._paths.get(self.template(path), {}).get(method.lower(), {}).get("responses", {}).get(str(status))
        )
        if documented is None or "application/json" in documented.get("content", {}):
            raise Broken(f"{what} answers a file, and this is not documented")
        self._check_headers(what, documented["headers"], headers)

    def check_frame(self, direction: Direction, frame: Any, *, snake: bool = False) -> None:
        """Check a frame of a dialect's socket: one that the `server` sent, or a well-formed one of the `client`."""
        name = f"{'messages' if snake else 'chat'}.{direction}.{frame['type']}"
        if name not in self._messages:
            raise Broken(f"a frame that is not documented: {frame}")
        self._check("asyncapi", _pointer(("components", "messages", name, "payload")), frame, name)

    def routes(self) -> list[str]:
        """Every documented route, as "GET /path"."""
        return sorted({f"{method} {path}" for method, path, _ in self.successes()})

    def successes(self) -> list[tuple[str, str, str]]:
        """(method, path, status) of every documented answer below 400."""
        return [
            (method.upper(), path, status)
            for path, operations in self._paths.items()
            for method, operation in operations.items()
            if isinstance(operation, dict)
            for status in operation.get("responses", ())
            if status < "400"
        ]

    def server_frames(self, socket: str) -> set[str]:
        """The types of what the server sends on this socket."""
        return self._frames(f"{socket}.server.")

    def client_frames(self, socket: str) -> set[str]:
        """The types of the commands of this socket."""
        return self._frames(f"{socket}.client.")

    def _frames(self, prefix: str) -> set[str]:
        return {name.removeprefix(prefix) for name in self._messages if name.startswith(prefix)}

    def _check_headers(self, what: str, documented: Any, headers: Mapping[str, str]) -> None:
        """A required header is there, and each that is there is what the document says; `headers` finds names without case."""
        for name, header in documented.items():
            value = headers.get(name)
            if value is None:
                if header.get("required"):
                    raise Broken(f"{what} lacks the header {name}")
                continue
            is_number = header["schema"].get("type") == "integer"
            plain: Any = int(value) if is_number and value.isdigit() else value
            errors = [error.message for error in Draft202012Validator(header["schema"]).iter_errors(plain)]
            if errors:
                raise Broken(f"{what} breaks its contract: {name}: {'; '.join(errors)}")

    def template(self, path: str) -> str:
        """Return the documented path that this one is, or ""; an alias is the path it stands for."""
        for alias in ALIASES:
            if path.startswith(f"{alias}/"):
                path = f"/api/v1/chat/{path.removeprefix(f'{alias}/')}"
        return next((template for pattern, template in self._routes if pattern.fullmatch(path.removesuffix("/"))), "")

    def _check(self, document: str, pointer: str, value: Any, what: str) -> None:
        errors = sorted(self._validator(document, pointer).iter_errors(value), key=lambda error: list(error.path))
        if errors:
            reasons = "; ".join(f"{error.json_path}: {error.message}" for error in errors[:5])
            raise Broken(f"{what} breaks its contract: {reasons}\n{json.dumps(value)[:2_000]}")

    def _make_validator(self, document: str, pointer: str) -> Draft202012Validator:
        schema = {"$ref": f"{document}#{pointer}"}
        checker = Draft202012Validator.FORMAT_CHECKER
        return Draft202012Validator(schema, registry=self._registry, format_checker=checker)


def closed(node: Any) -> Any:
    """Return a copy of a document in which every object with named fields admits no others."""
    if isinstance(node, list):
        return [closed(each) for each in node]
    if not isinstance(node, dict):
        return node
    copy = {key: closed(value) for key, value in node.items()}
    if isinstance(node.get("properties"), dict) and node.get("type") == "object":
        copy.setdefault("additionalProperties", False)
    return copy


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"(\{[^}]+\})", template)
    kinds = {"{path}": ".+"}  # the one parameter that takes slashes
    return re.compile("".join(kinds.get(part, "[^/]+" if part.startswith("{") else re.escape(part)) for part in parts))


def _pointer(steps: Sequence[str]) -> str:
    """A JSON pointer (RFC 6901) in a URI's fragment."""
    return "".join(
        "/" + step.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D") for step in steps
    )


def _events(body: Any) -> Sequence[Any]:
    data = body.get("data") if isinstance(body, dict) else None
    found: Sequence[Any] = data.get("events", ()) if isinstance(data, dict) else ()
    return found
