"""The whole API put together: routes of all dialects, and the frame around them. What it stands on comes from app.py."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from litestar import Litestar
from litestar.handlers import ASGIRouteHandler, HTTPRouteHandler
from litestar.types import ControllerRouterHandler
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from duologue.api.bearer import SignedIn
from duologue.api.bodies import MAX_BODY, JsonRequest
from duologue.api.camel.rest import Rest
from duologue.api.camel.routes import MOUNTS, SOCKET, rest_handlers
from duologue.api.codes import STATUS
from duologue.api.dialects import error_bodies
from duologue.api.docs import Docs
from duologue.api.errors import Errors
from duologue.api.exchange import App, Entrance
from duologue.api.headers import Headers
from duologue.api.health import Health, LoopLag, health_handlers
from duologue.api.metrics import Metrics
from duologue.api.origins import Origins, cors
from duologue.api.snake.rest import Rest as SnakeRest
from duologue.api.snake.routes import MOUNT as SNAKE_MOUNT
from duologue.api.snake.routes import SOCKET as SNAKE_SOCKET
from duologue.api.snake.routes import rest_handlers as snake_handlers
from duologue.api.socket import SocketEndpoint
from duologue.api.tus import Speaking
from duologue.api.web import Pages, WebClient
from duologue.core.ports import Clock, Ids, Limit

UPLOADS = tuple(f"{mount}/uploads" for mount in (*MOUNTS, SNAKE_MOUNT))  # where tus is spoken


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What the API calls. `more`: handlers that are built elsewhere, such as those of accounts."""

    rest: Rest
    snake: SnakeRest
    socket: SocketEndpoint
    snake_socket: SocketEndpoint
    signed_in: SignedIn
    health: Health
    metrics: Metrics
    lag: LoopLag
    more: Sequence[HTTPRouteHandler] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What settings say. `limits` are those in force, `trusted_proxies` addresses or networks whose forwarding headers count.

    `client`: the web client, if it is served.
    """

    version: str
    clock: Clock
    ids: Ids
    limits: Mapping[str, Limit]
    cors_origins: Sequence[str] = ()
    trusted_proxies: Sequence[str] = ()
    client: WebClient | None = None


def build_api(services: Services, surroundings: Surroundings) -> App:
    """The ASGI application."""
    guard = services.signed_in.guard
    documented: Sequence[HTTPRouteHandler] = [
        *rest_handlers(services.rest, guard),
        *snake_handlers(services.snake, guard),
        *services.more,
    ]
    docs = Docs(documented, [SOCKET, SNAKE_SOCKET], version=surroundings.version)
    sockets = dict.fromkeys(SOCKET.addresses, services.socket) | dict.fromkeys(
        SNAKE_SOCKET.addresses, services.snake_socket
    )
    plain = [  # requests that do not upgrade
        ASGIRouteHandler(list(addresses), copy_scope=False)(endpoint.__call__)
        for addresses, endpoint in (
            (SOCKET.addresses, services.socket),
            (SNAKE_SOCKET.addresses, services.snake_socket),
        )
    ]
    handlers = [*documented, *docs.handlers, *health_handlers(services.health), *plain]
    lag = services.lag
    return frame(
        handlers, surroundings, services.metrics, sockets=sockets, on_startup=[lag.start], on_shutdown=[lag.stop]
    )


def frame(
    handlers: Sequence[ControllerRouterHandler],
    surroundings: Surroundings,
    metrics: Metrics,
    *,
    sockets: Mapping[str, App] = MappingProxyType({}),
    **hooks: Any,
) -> App:
    """What stands around all routes, whatever they are; `hooks` are the framework's, for start and end."""
    errors = Errors(error_bodies, STATUS)
    litestar = Litestar(
        handlers,
        cors_config=cors(surroundings.cors_origins),
        exception_handlers=errors.handlers,
        logging_config=None,
        openapi_config=None,
        request_class=JsonRequest,
        request_max_body_size=MAX_BODY,
        **hooks,
    )
    inner: Any = litestar
    api: App = Speaking(inner, UPLOADS)
    entrance: Any = Entrance(
        api if surroundings.client is None else _with_pages(api, surroundings.client, litestar),
        headers=Headers(surroundings.limits, surroundings.clock).of,
        refusal=errors.refusal,
        counting=metrics,
        clock=surroundings.clock,
        ids=surroundings.ids,
        sockets=sockets,
    )
    app: Any = Origins(entrance) if surroundings.cors_origins else entrance
    proxies = list(surroundings.trusted_proxies)
    return ProxyHeadersMiddleware(app, proxies) if proxies else app


def _with_pages(api: App, client: WebClient, litestar: Litestar) -> App:
    """The client before the API. Raises ValueError if a file of it hides a route."""
    if hidden := client.hides(route.path for route in litestar.routes):
        raise ValueError(f"files of the web client hide {', '.join(sorted(hidden))}")
    return Pages(api, client)
