"""What the server says of itself: `/openapi.json`, `/asyncapi.json`, and `/docs` to read and try them, without any other host.

Both documents are made from the structs when they are first asked for, beside the event loop. The page is Swagger UI as the
package swagger-ui-py ships it.
"""

import asyncio
from collections.abc import Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from litestar import Response
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import File, Redirect

from duologue.api.answers import Answer
from duologue.api.asyncapi import Socket, asyncapi
from duologue.api.json import encode
from duologue.api.openapi import openapi
from duologue.api.routing import DOCUMENTED

_ASSETS = {"swagger-ui.css": "text/css", "swagger-ui-bundle.js": "text/javascript"}
_START = b"""window.ui = SwaggerUIBundle({
  url: "/openapi.json", dom_id: "#ui", deepLinking: true, docExpansion: "list", validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis], layout: "BaseLayout",
});
"""
_PAGE = b"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Duologue API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="ui"><p>REST: <a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1).</p></div>
<p class="swagger-ui wrapper">Sockets: <a href="/asyncapi.json">/asyncapi.json</a> (AsyncAPI 3.0).</p>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""
# Swagger UI writes style attributes; scripts and data come from here alone.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_DAY = {"Cache-Control": "public, max-age=86400"}

_DESCRIPTION = """Private one-to-one conversations, in two dialects over one truth.

Below `/api/v1/chat`, also at `/chat` and `/api/chat`: names in camelCase; lists are read by cursors, follow `meta.nextCursor`; every answer
from status 400 up has the body `ErrorBody`. Below `/v1`: names in snake_case; lists are read by pages or ids, follow
`pagination.next_cursor`; errors have the body `ErrorResponse`. Live events come over sockets: `/asyncapi.json`."""


class Docs:
    """The documents of the handlers and sockets that a server has."""

    def __init__(self, documented: Sequence[HTTPRouteHandler], sockets: Sequence[Socket], *, version: str) -> None:
        self._documented = documented
        self._sockets = sockets
        self._version = version

    @property
    def handlers(self) -> Sequence[HTTPRouteHandler]:
        """The routes."""
        routes: dict[str, Any] = {
            "/": self.home,
            "/openapi.json": self.openapi_json,
            "/asyncapi.json": self.asyncapi_json,
            "/docs": self.page,
            "/docs/start.js": self.start,
            "/docs/{name:str}": self.asset,
        }
        return [
            HTTPRouteHandler(path, http_method="GET", include_in_schema=False)(answer)
            for path, answer in routes.items()
        ]

    async def home(self) -> Redirect:
        """To the page, for whoever opens the server's address."""
        return Redirect("/docs", status_code=307)

    async def openapi_json(self) -> Answer[bytes]:
        """The OpenAPI 3.1 document of REST."""
        return Answer(await asyncio.to_thread(lambda: self.openapi))

    async def asyncapi_json(self) -> Answer[bytes]:
        """The AsyncAPI 3.0 document of sockets."""
        return Answer(await asyncio.to_thread(lambda: self.asyncapi))

    async def page(self) -> Response[bytes]:
        """A page to read and try the API."""
        return Answer(_PAGE, media_type="text/html", headers={"Content-Security-Policy": _POLICY})

    async def start(self) -> Response[bytes]:
        """The page's own script."""
        return Answer(_START, media_type="text/javascript", headers=_DAY)

    async def asset(self, name: FromPath[str]) -> File:
        """What the page is made of."""
        if name not in _ASSETS:
            raise NotFoundException
        return File(_static() / name, media_type=_ASSETS[name], headers=_DAY, content_disposition_type="inline")

    @cached_property
    def openapi(self) -> bytes:
        """From the tables that the handlers were made of."""
        lines = [each.opt[DOCUMENTED] for each in self._documented if DOCUMENTED in each.opt]
        return encode(openapi(lines, version=self._version, description=_DESCRIPTION))

    @cached_property
    def asyncapi(self) -> bytes:
        """From the structs, by msgspec."""
        return encode(asyncapi(self._sockets, version=self._version))


def _static() -> Path:
    """Where the package keeps its files; it is not imported."""
    spec: Any = find_spec("swagger_ui")
    return Path(spec.submodule_search_locations[0]) / "static"
