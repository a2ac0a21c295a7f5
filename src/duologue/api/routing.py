"""From a table of routes to the framework's handlers. The tables are the dialects'; what the documents say of them is openapi.py's."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args, get_type_hints

from litestar import Request
from litestar.handlers import HTTPRouteHandler
from litestar.types import Guard, Method
from msgspec import Struct

from duologue.api.bodies import FORM, MAX_BODY, JsonBody

DOCUMENTED = "documented"  # where a handler that stands in the document keeps its `Line`

POSITION = {
    "Duologue-Position": {
        "description": "The position of the caller's log that this answer holds at least",
        "schema": {"type": "integer", "minimum": 0},
    }
}
REPLAYED = {"Idempotent-Replayed": {"description": "Nothing was sent anew", "schema": {"const": "true"}}}


class Route(Struct, frozen=True, kw_only=True):
    """One line of a table; `answer` is an async method with typed parameters.

    `errors`: statuses besides those that follow from the rest. `headers`: of a success, as OpenAPI describes them. `repeat`: a repeat is
    answered 200 with the same body and these headers. `limit`: the rate limit's name. `max_body`: bytes. `open`: without a token.
    `hidden`: not in the document. `form`: the schema of the form that it takes, beside JSON if it takes that.
    `by_link`: by a signed link too. `octets`: the media type of a body that is bytes of a file, read as they come; `asks`: headers of
    requests, as OpenAPI describes them.
    """

    method: Method
    path: str
    answer: Any
    errors: Sequence[int] = ()
    status: int = 200
    repeat: Mapping[str, Any] | None = None
    limit: str | None = None
    headers: Mapping[str, Any] = {}
    max_body: int = MAX_BODY
    open: bool = False
    hidden: bool = False
    form: Mapping[str, Any] | None = None
    by_link: bool = False
    octets: str | None = None
    asks: Sequence[Mapping[str, Any]] = ()

    @property
    def takes_files(self) -> bool:
        """Its body is read as it comes, or may be: no bound of a JSON body holds for it."""
        return self.form is not None or self.octets is not None


class Line(Struct, frozen=True, kw_only=True):
    """A route where the document shows it: at the first of its mounts. `operation` names it among all dialects."""

    route: Route
    path: str
    operation: str
    error_body: type[Struct]
    tag: str


def handlers(
    routes: Sequence[Route],
    mounts: Sequence[str],
    *,
    guard: Guard,
    error_body: type[Struct],
    tag: str,
    prefix: str = "",
) -> Iterator[HTTPRouteHandler]:
    """A handler per route and mount. `prefix` stands before the names of operations, where another dialect has the same."""

    async def check(request: Request[Any, Any, Any]) -> None:
        # Not in `guards`: the framework copies the handler for each of its calls, at 13 % of what an answer costs.
        waiting = guard(request, request.route_handler)
        if waiting is not None:
            await waiting

    for mount in mounts:
        for route in routes:
            body: Any = get_type_hints(route.answer, include_extras=True).get("data")
            operation = prefix + route.answer.__name__
            line = Line(route=route, path=mount + route.path, operation=operation, error_body=error_body, tag=tag)
            yield HTTPRouteHandler(
                line.path,
                http_method=route.method,
                status_code=route.status,
                before_request=None if route.open else check,
                dto=None if body is None else JsonBody.of(get_args(body)[0]),
                return_dto=None,
                # Files are measured as they come.
                request_max_body_size=None if route.takes_files else route.max_body,
                opt=_opt(route, line if mount == mounts[0] and not route.hidden else None),
            )(route.answer)


def _opt(route: Route, line: Line | None) -> dict[str, Any]:
    """What a handler knows of its route."""
    documented = {} if line is None else {DOCUMENTED: line}
    return documented if route.form is None else documented | {FORM: route.form}
