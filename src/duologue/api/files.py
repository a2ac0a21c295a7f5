"""Files over HTTP, for both dialects: `/uploads/...` by token or signed link, one file by its id, and signing links (C-36, C-37).

Who may have a file is the core's (downloads.py), how an answer's bytes go out answers.py's, ranges are conditions.py's. What comes in
is the dialects' (forms.py).
"""

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Annotated, Any
from uuid import UUID

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.params import PathParameter
from msgspec import Meta, Struct

from duologue.api.answers import FileAnswer
from duologue.api.bearer import Call, SignedIn
from duologue.api.conditions import Span, is_unchanged, wanted
from duologue.api.disposition import disposition
from duologue.api.exchange import Exchange
from duologue.api.json import WORDS
from duologue.api.routing import Route, handlers
from duologue.api.wire import UPLOADS, file_id_of
from duologue.auth.claims import TokenError, TokenExpired
from duologue.auth.links import Links, is_signed
from duologue.core.downloads import LIMIT, MOST_LINKS, NO_FILE, Download, Downloads, Viewer
from duologue.core.errors import NotFound, Unauthorized
from duologue.core.model import Caller

BAD_LINK = "Invalid link"
OLD_LINK = "Link expired"

# A browser asks each time whether it still may: what is deleted, or another's on a shared machine, is not shown from its store.
CACHING = "private, no-cache"
# Nothing in a file may run, load or be framed. A picture, a video or a sound that is opened by itself still shows itself: browsers
# put it into a page of their own, style that, and load a video once more, as of the same origin. No script runs in any of them.
CLOSED = "sandbox; default-src 'none'; frame-ancestors 'none'"
PICTURE = f"{CLOSED}; img-src 'self'; style-src 'unsafe-inline'"
PLAYED = f"{CLOSED.replace('sandbox', 'sandbox allow-same-origin')}; media-src 'self'; style-src 'unsafe-inline'"

Visit = Request[Viewer, None, State]
UploadPath = Annotated[PurePosixPath, PathParameter(name="path", description="What stands in `url` behind `/uploads/`")]
FileIds = Annotated[
    Sequence[UUID],
    Meta(max_length=MOST_LINKS, description="Files", extra={WORDS: f"an array of at most {MOST_LINKS} ids"}),
]


class LinksBody(Struct):
    """Files to sign links to, 50 at most."""

    ids: FileIds


@dataclass(frozen=True, slots=True)
class FileLink:
    """Signed links to a file and its thumbnail, if it has one."""

    id: UUID
    url: str
    thumbnail_url: str | None
    expires_at: datetime


class FileServing:
    """Answers whoever fetches files."""

    def __init__(self, downloads: Downloads, links: Links, signed_in: SignedIn) -> None:
        self._downloads = downloads
        self._links = links
        self._signed_in = signed_in

    async def let_in(self, connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        """The guard of `/uploads/`: a token, or without one a signed link; the viewer goes into the request."""
        scope = connection.scope
        query = scope["query_string"].decode("latin-1")
        if "authorization" not in connection.headers and is_signed(query):
            viewer_id = self._verified(scope["path"], query)
            scope["user"] = Viewer(viewer_id, Exchange.of(scope).charges)
            return
        await self._signed_in.guard(connection, handler)
        scope["user"] = viewer_of(connection.user)

    async def fetch_upload(self, request: Visit, path: UploadPath) -> FileAnswer:
        """A file, its thumbnail or its poster, by the `url` of an attachment or by a signed link to it (C-36, C-37).

        Pictures, videos and sounds may be shown in place; anything else is to be saved.
        """
        key = str(path).removeprefix("/")
        file_id = file_id_of(key)
        if file_id is None:
            raise NotFound(NO_FILE)
        download = await self._downloads.find(request.user, file_id, key)
        return await self._answer(request, request.user, download, inline=download.may_inline)

    async def fetch(self, request: Call, file_id: UUID) -> FileAnswer:
        """A file by its id, to be saved."""
        viewer = viewer_of(request.user)
        download = await self._downloads.find(viewer, file_id)
        return await self._answer(request, viewer, download, inline=False)

    async def links(self, caller: Caller, ids: Sequence[UUID]) -> list[FileLink]:
        """Links to those of these files that the caller may see (FST-26)."""
        files = await self._downloads.linkable(viewer_of(caller), ids)
        return [self._link(caller.id, file.id, file.key, file.thumbnail_key) for file in files]

    def _link(self, viewer_id: UUID, file_id: UUID, key: str, thumbnail_key: str | None) -> FileLink:
        link = self._links.sign(UPLOADS + key, viewer_id)
        thumbnail = None if thumbnail_key is None else self._links.sign(UPLOADS + thumbnail_key, viewer_id).url
        return FileLink(file_id, link.url, thumbnail, datetime.fromtimestamp(link.expires_at, UTC))

    def _verified(self, path: str, query: str) -> UUID:
        try:
            return self._links.verify(path, query)
        except TokenExpired as error:
            raise Unauthorized(OLD_LINK) from error
        except TokenError as error:
            raise Unauthorized(BAD_LINK) from error

    async def _answer(
        self, request: Request[Any, Any, State], viewer: Viewer, download: Download, *, inline: bool
    ) -> FileAnswer:
        tag, asked = _tag(download), request.headers
        validators = {"etag": tag, "cache-control": CACHING}
        if is_unchanged(asked.get("if-none-match"), tag):
            return FileAnswer(304, validators)
        headers = validators | _described(download, inline=inline)
        if Exchange.of(request.scope).is_head:
            size = {} if download.size is None else {"content-length": str(download.size)}
            return FileAnswer(200, headers | size)
        span = _span(download, asked, tag)
        if span is None:
            size_, chunks = await self._downloads.open(viewer, download)
            return FileAnswer(200, headers | {"content-length": str(size_)}, chunks)
        size_, chunks = await self._downloads.open(viewer, download, offset=span.first, length=span.length)
        part = {"content-length": str(span.length), "content-range": f"bytes {span.first}-{span.last}/{size_}"}
        return FileAnswer(206, headers | part, chunks)


def file_handlers(serving: FileServing, error_body: type[Struct]) -> Iterator[HTTPRouteHandler]:
    """What stands beside the dialects."""
    table = (
        Route(method="GET", path="/{path:path}", answer=serving.fetch_upload, limit=LIMIT, errors=(404,), by_link=True),
    )
    return handlers(table, (UPLOADS.rstrip("/"),), guard=serving.let_in, error_body=error_body, tag="files")


def viewer_of(caller: Caller) -> Viewer:
    """The caller as somebody who looks at files."""
    return Viewer(caller.id, caller.charges)


def _tag(download: Download) -> str:
    """A strong entity tag. What lies under a key is never written anew, so of thumbnails the key says enough."""
    digest = download.digest or hashlib.sha256(download.key.encode()).digest()
    return f'"{base64.urlsafe_b64encode(digest).rstrip(b"=").decode()}"'


def _described(download: Download, *, inline: bool) -> dict[str, str]:
    """What the bytes are, and what may be done with them."""
    return {
        "content-type": download.media_type,
        "content-disposition": disposition(download.name, inline=inline),
        "content-security-policy": _policy(download) if inline else CLOSED,
        "accept-ranges": "none" if download.size is None else "bytes",
    }


def _policy(download: Download) -> str:
    return PICTURE if download.media_type.startswith("image/") else PLAYED


def _span(download: Download, asked: Mapping[str, str], tag: str) -> Span | None:
    """The part that is asked for. Thumbnails come whole: they are small, and nobody has recorded how small."""
    if download.size is None:
        return None
    return wanted(asked.get("range"), asked.get("if-range"), tag, download.size)
