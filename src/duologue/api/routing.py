"""From a table of routes to the framework's handlers, with what the OpenAPI document says of each. The tables are the dialects'."""

import re
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any, get_args, get_type_hints

from litestar import Request
from litestar.datastructures import ResponseHeader
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.types import Guard, Method
from msgspec import Struct

from duologue.api.bodies import JsonBody

BEARER = "bearer"  # the security scheme's name in the document

_SOURCES = re.compile(r" \((?:[A-Z]+-\d+|design)[^)]*\)")  # requirement ids: for readers of the code

_EVERYWHERE = (400, 500, 503)
_SIGNED_IN = (401, 403)
_WITH_BODY = (413, 415)
_LIMIT_HEADERS = {
    "X-RateLimit-Limit": "Uses per window",
    "X-RateLimit-Remaining": "What is left of them",
    "X-RateLimit-Reset": "When all are free again, in Unix seconds",
    "RateLimit": "The same as in draft-ietf-httpapi-ratelimit-headers",
    "RateLimit-Policy": "The limit, likewise",
}
POSITION = {"Duologue-Position": "The position of the caller's log that this answer holds at least"}


class Route(Struct, frozen=True, kw_only=True):
    """One line of a table; `answer` is an async method with typed parameters.

    `errors`: statuses besides those that follow from the rest. `repeat`: a repeat is answered 200 with the same body. `limit`: the
    rate limit's name. `open`: without a token. `hidden`: not in the document.
    """

    method: Method
    path: str
    answer: Any
    errors: Sequence[int] = ()
    status: int = 200
    repeat: bool = False
    limit: str | None = None
    headers: Mapping[str, str] = {}
    open: bool = False
    hidden: bool = False


def handlers(
    routes: Sequence[Route], mounts: Sequence[str], *, guard: Guard, error_body: type[Struct], tag: str
) -> Iterator[HTTPRouteHandler]:
    """A handler per route and mount; the document shows the first mount only."""

    async def check(request: Request[Any, Any, Any]) -> None:
        # Not in `guards`: the framework copies the handler for each of its calls, at 13 % of what an answer costs.
        waiting = guard(request, request.route_handler)
        if waiting is not None:
            await waiting

    for mount in mounts:
        for route in routes:
            body: Any = get_type_hints(route.answer, include_extras=True).get("data")
            yield HTTPRouteHandler(
                mount + route.path,
                http_method=route.method,
                status_code=route.status,
                before_request=None if route.open else check,
                dto=None if body is None else JsonBody.of(get_args(body)[0]),
                return_dto=None,
                include_in_schema=mount == mounts[0] and not route.hidden,
                operation_id=_camel(route.answer.__name__),
                summary=_SOURCES.sub("", route.answer.__doc__ or ""),
                tags=[tag],
                security=None if route.open else [{BEARER: []}],
                responses=dict(_responses(route, error_body, with_body=body is not None)),
                response_headers=[
                    ResponseHeader(name=name, description=text, documentation_only=True)
                    for name, text in {**route.headers, **(_LIMIT_HEADERS if route.limit else {})}.items()
                ],
            )(route.answer)


def _responses(route: Route, error_body: type[Struct], *, with_body: bool) -> Iterator[tuple[int, ResponseSpec]]:
    statuses = {*_EVERYWHERE, *route.errors}
    statuses.update(() if route.open else _SIGNED_IN, _WITH_BODY if with_body else (), (429,) if route.limit else ())
    if route.repeat:
        answer = get_args(get_type_hints(route.answer)["return"])[0]
        yield 200, ResponseSpec(answer, generate_examples=False, description="A repeat: the same answer again")
    for status in sorted(statuses):
        yield status, ResponseSpec(error_body, generate_examples=False, description=HTTPStatus(status).phrase)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
