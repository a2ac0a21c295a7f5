"""The frame around all routes, with a few routes of the tests' own in it: what it does does not depend on what is served."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from litestar.exceptions import InternalServerException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from duologue.api.answers import Answer
from duologue.api.bearer import Call, SignedIn
from duologue.api.bodies import JsonBody, JsonRequest
from duologue.api.exchange import App
from duologue.api.metrics import Metrics, Readings
from duologue.api.server import Surroundings, frame
from duologue.brokers.memory.limits import MemoryLimiter
from duologue.core import errors
from duologue.core.errors import Unauthorized
from duologue.core.limits import charge
from duologue.core.model import Caller, User
from duologue.core.ports import Limit

TOKEN = "a-good-token"
LIMITS = {"greet": Limit("greet", 2, 60.0)}
SECRET = "what nobody may read in a log"

Ask = Callable[..., Any]


class ManualClock:
    """Time that stands until it is moved."""

    def __init__(self) -> None:
        self.at = 1_000_000.5

    def now(self) -> float:
        """Unix seconds."""
        return self.at

    def monotonic(self) -> float:
        """The same seconds."""
        return self.at


class OneCaller:
    """Knows one token."""

    async def caller(self, token: str) -> Caller:
        """Its user."""
        if token != TOKEN:
            raise Unauthorized("Invalid token")
        return Caller(User(UUID(int=7), "ann"), 42)


class Note(Struct, rename="camel"):
    """A body."""

    text: str
    how_often: int = 1


class Probe:
    """Routes that show what the frame does."""

    def __init__(self, limiter: MemoryLimiter) -> None:
        self._limiter = limiter

    async def echo(self, data: JSONBody[Note]) -> Answer[Note]:
        """Give a body back."""
        return Answer(data, status_code=200)

    async def greet(self, request: Call) -> Answer[dict[str, str]]:
        """Answer a caller, twice a minute."""
        await charge(self._limiter, "greet", request.user)
        return Answer({"hello": request.user.user.username})

    async def refuse(self, name: FromPath[str]) -> Answer[None]:
        """Raise an error of the core by the name of its class."""
        if name == "RateLimited":
            raise errors.RateLimited(retry_after=2.2, limit=10, reset_at=1_000_060.2)
        kind: type[errors.ChatError] = getattr(errors, name)
        raise kind(f"{name} it is", details={"why": "because"})

    async def fail(self, kind: FromPath[str]) -> Answer[None]:
        """Fail as a defect of ours would, or as the framework does when it meets one."""
        raise (InternalServerException if kind == "framework" else RuntimeError)(SECRET)

    async def address(self, request: JsonRequest) -> Answer[dict[str, str]]:
        """Tell who is calling."""
        assert request.client is not None
        return Answer({"host": request.client.host})

    def handlers(self) -> Sequence[HTTPRouteHandler]:
        """The routes; some of them below dialect B's prefix."""
        guards = [SignedIn(OneCaller()).guard]
        return [
            HTTPRouteHandler("/echo", http_method="POST", dto=JsonBody.of(Note), return_dto=None)(self.echo),
            HTTPRouteHandler("/greet", http_method="GET", guards=guards)(self.greet),
            HTTPRouteHandler(["/refuse/{name:str}", "/v1/refuse/{name:str}"], http_method="GET")(self.refuse),
            HTTPRouteHandler("/fail/{kind:str}", http_method="GET")(self.fail),
            HTTPRouteHandler("/address", http_method="GET")(self.address),
        ]


def zeros(**some: Callable[[], Any]) -> Readings:
    """Return readings that are 0 unless given."""
    return Readings(**{name: some.get(name, lambda: 0) for name in Readings.__slots__})


@pytest.fixture
def clock() -> ManualClock:
    """Time of the test's own."""
    return ManualClock()


@pytest.fixture
def metrics() -> Metrics:
    """What is counted."""
    return Metrics(zeros())


@pytest.fixture
def build(clock: ManualClock, metrics: Metrics) -> Callable[..., App]:
    """Build the frame with the probe in it; settings such as `cors_origins` are given by name."""

    def built(limits: Mapping[str, Limit] = LIMITS, **settings: Any) -> App:
        surroundings = Surroundings(version="0", clock=clock, ids=uuid4, limits=limits, **settings)
        return frame(Probe(MemoryLimiter(clock, limits)).handlers(), surroundings, metrics)

    return built


@pytest.fixture
async def client(build: Callable[..., App]) -> AsyncIterator[Callable[..., httpx.AsyncClient]]:
    """Make clients of frames."""
    async with AsyncExitStack() as stack:

        def make(host: str = "192.0.2.9", **settings: Any) -> httpx.AsyncClient:
            transport = httpx.ASGITransport(build(**settings), client=(host, 4711))
            made = httpx.AsyncClient(transport=transport, base_url="http://duologue.test")
            stack.push_async_callback(made.aclose)
            return made

        yield make


@pytest.fixture
def ask(client: Callable[..., httpx.AsyncClient]) -> Ask:
    """Send a request to a frame with plain settings."""
    return client().request
