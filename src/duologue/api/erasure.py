"""Erasing oneself over HTTP: `DELETE /api/v1/users/me` (design part 6). Whose password it is, and what goes, is the core's."""

from collections.abc import Iterator
from typing import Literal

from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody
from litestar.types import Guard
from msgspec import Struct

from duologue.api.answers import Answer, Envelope, ok
from duologue.api.bearer import Call
from duologue.api.caller import translated
from duologue.api.camel.errors import ErrorBody
from duologue.api.routing import Route, handlers
from duologue.api.users import MOUNT
from duologue.core.erasure import Fate, OwnErasure


class EraseBody(Struct, forbid_unknown_fields=True):
    """The caller's password, and what becomes of the messages that they wrote."""

    password: str
    messages: Literal["keep", "remove"] = "keep"


class ErasureApi:
    """The endpoint."""

    def __init__(self, erasure: OwnErasure) -> None:
        self._erasure = erasure

    async def erase_me(self, request: Call, data: JSONBody[EraseBody]) -> Answer[Envelope[None]]:
        """Erase the caller's account for ever. Behind a platform accounts are the platform's: 403."""
        address = request.client.host if request.client else ""
        with translated():
            await self._erasure.erase(request.user, data.password, Fate(data.messages), address=address)
        return ok("Account erased successfully", None)


def erasure_handlers(api: ErasureApi, guard: Guard) -> Iterator[HTTPRouteHandler]:
    """The path, and what answers it."""
    table = (Route(method="DELETE", path="/me", answer=api.erase_me, limit="login"),)
    return handlers(table, (MOUNT,), guard=guard, error_body=ErrorBody, tag="users")
