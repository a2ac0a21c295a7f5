"""Resumable uploads over HTTP by tus 1.0 (tus.io), for both dialects: headers in, headers out, methods. Bodies are the dialects'.

Core protocol, creation, creation-with-upload, expiration, checksum and termination. What becomes of the bytes is core/resumable.py's.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import format_datetime
from types import MappingProxyType
from typing import Any, Final, TypeVar
from uuid import UUID

from litestar.exceptions import HTTPException

from duologue.api.answers import Answer, Envelope, NoContent, no_content
from duologue.api.bearer import Call
from duologue.api.bodies import UnsupportedMediaType, chunks_of
from duologue.api.exchange import App, Exchange, Message, Receive, Scope, Send
from duologue.api.wire import kind_of
from duologue.core.errors import ValidationFailed
from duologue.core.files import MAX_TOGETHER, FileRules
from duologue.core.model import Attachment, MessageType
from duologue.core.parts import Terms
from duologue.core.resumable import ALGORITHMS, Body, Progress, Resumable

T = TypeVar("T")

VERSION: Final = "1.0.0"
OCTETS: Final = "application/offset+octet-stream"
EXTENSIONS: Final = "creation,creation-with-upload,expiration,checksum,termination"
MAX_METADATA: Final = 4096  # characters
MAX_DIGITS: Final = 15  # of a number of bytes

NOT_OCTETS = f"The body must be bytes of the file: Content-Type: {OCTETS}"
NO_NUMBER = "{} must be a whole number of bytes"
DEFERRED = "Upload-Length is needed from the beginning"
CONCATENATED = "Upload-Concat is not supported"
BAD_METADATA = "Upload-Metadata must be pairs of a key and a value in Base64, separated by commas"
NO_NAME = "Upload-Metadata must name the file: filename"
BAD_CHECKSUM = f"Upload-Checksum must be {' or '.join(ALGORITHMS)} and a digest in Base64"
BAD_TYPE = "type must be {}"

_OVERRIDE = b"x-http-method-override"
_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST"})


def _header(description: str, **schema: object) -> Mapping[str, Any]:
    return MappingProxyType({"description": description, "schema": {"type": "string", **schema}})


_BYTES = {"type": "integer", "minimum": 0}
_SPOKEN = {"Tus-Resumable": _header("The version that is spoken", const=VERSION)}
OFFSET = {**_SPOKEN, "Upload-Offset": _header("Bytes that are here for good", **_BYTES)}
EXPIRES = {"Upload-Expires": _header("When the upload goes, finished or not; an HTTP date")}
STANDING = {**OFFSET, **EXPIRES, "Upload-Length": _header("Bytes of the whole file", **_BYTES)}
CREATED = {**OFFSET, **EXPIRES, "Location": _header("Where the upload goes on; its last part is the attachment's id")}
ENDED = _SPOKEN


def _asked(name: str, description: str, *, required: bool = False, **schema: object) -> Mapping[str, Any]:
    return MappingProxyType(
        {"name": name, "in": "header", "required": required, "schema": {"type": "string", **schema}}
        | {"description": description}
    )


ASK_VERSION = (_asked("Tus-Resumable", "The version that is spoken", required=True, const=VERSION),)
_ASK_CHECKSUM = _asked("Upload-Checksum", "`sha1` or `sha256`, a space, and the body's digest in Base64")
ASK_BEGIN = (
    *ASK_VERSION,
    _asked("Upload-Length", "Bytes of the whole file", required=True, type="integer", minimum=1),
    _asked(
        "Upload-Metadata", "`filename`, and perhaps `filetype` and `type`, each with its value in Base64", required=True
    ),
    _ASK_CHECKSUM,
)
ASK_CONTINUE = (
    *ASK_VERSION,
    _asked("Upload-Offset", "Bytes that are here already", required=True, **_BYTES),
    _ASK_CHECKSUM,
)


class VersionUnknown(HTTPException):
    """Another version of tus than ours, or none."""

    status_code = 412


@dataclass(frozen=True, slots=True)
class Told:
    """What is answered of an upload: headers for tus, and what was made of it as soon as something was."""

    headers: Mapping[str, str]
    attachments: Sequence[Attachment]

    def answer(self, message: str, data: T, *, status: int = 200) -> Answer[Envelope[T]]:
        """With a body of a dialect's."""
        return Answer(Envelope(True, message, data), status_code=status, headers=dict(self.headers))


class Tus:
    """Reads what tus says in headers. `types`: what a file may be sent as, by the dialect's rules."""

    def __init__(self, uploads: Resumable, rules: FileRules, types: Sequence[MessageType]) -> None:
        self._uploads = uploads
        self._rules = rules
        self._types = types

    async def begin(self, request: Call) -> Told:
        """POST: a new upload, with its first bytes or without."""
        _check_version(request, is_needed=True)
        body = _body(request) if _has_body(request) else None
        progress = await self._uploads.begin(request.user, self._terms(request), body)
        where = {"Location": f"{request.scope['path'].rstrip('/')}/{progress.part.id}"}
        return _told(progress, {**where, **_offset(progress), **_expires(progress)})

    async def standing(self, request: Call, upload_id: UUID) -> Told:
        """HEAD: how far it is, to go on; GET: the same, in passing, and what was made of it."""
        _check_version(request, is_needed=False)  # a browser that looks does not say it
        is_head = Exchange.of(request.scope).is_head
        progress = await self._uploads.progress(request.user, upload_id, to_go_on=is_head)
        terms = progress.part.terms
        headers = {**_offset(progress), **_expires(progress), "Upload-Length": str(terms.length)}
        if terms.metadata:
            headers["Upload-Metadata"] = terms.metadata
        return _told(progress, headers)

    async def go_on(self, request: Call, upload_id: UUID) -> NoContent:
        """PATCH: the next bytes."""
        _check_version(request, is_needed=True)
        offset = _number(request, "Upload-Offset")
        progress = await self._uploads.append(request.user, upload_id, offset, _body(request))
        return no_content({**_offset(progress), **_expires(progress)})

    async def end(self, request: Call, upload_id: UUID) -> NoContent:
        """DELETE: leave nothing of it."""
        _check_version(request, is_needed=True)
        await self._uploads.remove(request.user, upload_id)
        return no_content({})

    def _terms(self, request: Call) -> Terms:
        for name, text in (("Upload-Defer-Length", DEFERRED), ("Upload-Concat", CONCATENATED)):
            if name in request.headers:
                raise ValidationFailed(text, details={"header": name})
        length, raw = _number(request, "Upload-Length"), request.headers.get("Upload-Metadata", "")
        said = metadata(raw)
        name = said.get("filename", "")
        if not name:
            raise ValidationFailed(NO_NAME, details={"header": "Upload-Metadata"})
        declared, kind = said.get("filetype") or None, self._kind(said.get("type", ""))
        return Terms(request.user.id, self._rules, length, name, declared, kind, raw)

    def _kind(self, said: str) -> MessageType | None:
        """What it is to be sent as. Some clients say a media type under this name: that is `filetype`'s."""
        if not said or "/" in said:
            return None
        return kind_of(said, self._types, BAD_TYPE.format(" or ".join(sorted(self._types))))


def options() -> NoContent:
    """OPTIONS: what is spoken here."""
    return no_content(
        {
            "Tus-Version": VERSION,
            "Tus-Extension": EXTENSIONS,
            "Tus-Max-Size": str(MAX_TOGETHER),
            "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
        }
    )


class Speaking:
    """An ASGI application around another one: below `paths` each answer says which version is spoken, and a method may be overridden."""

    def __init__(self, app: App, paths: Sequence[str]) -> None:
        self._app = app
        self._paths = tuple(paths)
        self._below = tuple(f"{path}/" for path in paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        path = scope.get("path", "")
        if scope["type"] != "http" or not (path in self._paths or path.startswith(self._below)):
            await self._app(scope, receive, send)
            return
        _override(scope)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"tus-resumable", VERSION.encode())]
            await send(message)

        await self._app(scope, receive, answer)


def metadata(header: str) -> dict[str, str]:
    """The pairs of `Upload-Metadata`. Raises `ValidationFailed`."""
    found: dict[str, str] = {}
    if len(header) > MAX_METADATA or not (header.isascii() and header.isprintable()):
        raise ValidationFailed(BAD_METADATA, details={"header": "Upload-Metadata"})
    for pair in header.split(",") if header else ():
        key, _, value = pair.strip().partition(" ")
        text = _decoded(value.strip())
        if not key or key in found or text is None:
            raise ValidationFailed(BAD_METADATA, details={"header": "Upload-Metadata"})
        found[key] = text.decode(errors="replace")
    return found


def _override(scope: Scope) -> None:
    """For clients that cannot send every method. The scope is the entrance's own copy."""
    for name, value in scope["headers"]:
        method = value.decode("latin-1").strip().upper()
        if name == _OVERRIDE and method in _METHODS:
            Exchange.of(scope).is_head = method == "HEAD"
            scope["method"] = "GET" if method == "HEAD" else method


def _check_version(request: Call, *, is_needed: bool) -> None:
    """Raise `VersionUnknown`."""
    said = request.headers.get("Tus-Resumable")
    if said != VERSION and (is_needed or said is not None):
        raise VersionUnknown(headers={"Tus-Version": VERSION})


def _has_body(request: Call) -> bool:
    headers = request.headers
    return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"


def _body(request: Call) -> Body:
    if request.content_type[0] != OCTETS:
        raise UnsupportedMediaType(NOT_OCTETS)
    return Body(chunks_of(request), _checksum(request.headers.get("Upload-Checksum")))


def _checksum(header: str | None) -> tuple[str, bytes] | None:
    if header is None:
        return None
    algorithm, _, value = header.strip().partition(" ")
    digest = _decoded(value.strip())
    is_known = algorithm in ALGORITHMS
    if not is_known or digest is None or len(digest) != hashlib.new(algorithm, usedforsecurity=False).digest_size:
        raise ValidationFailed(BAD_CHECKSUM, details={"header": "Upload-Checksum"})
    return algorithm, digest


def _decoded(text: str) -> bytes | None:
    """What Base64 says; None if it is none."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _number(request: Call, name: str) -> int:
    text = request.headers.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS):
        raise ValidationFailed(NO_NUMBER.format(name), details={"header": name})
    return int(text)


def _offset(progress: Progress) -> dict[str, str]:
    return {"Upload-Offset": str(progress.part.offset)}


def _expires(progress: Progress) -> dict[str, str]:
    return {"Upload-Expires": format_datetime(progress.part.expires_at, usegmt=True)}


def _told(progress: Progress, headers: Mapping[str, str]) -> Told:
    return Told(headers, () if progress.attachment is None else (progress.attachment,))
