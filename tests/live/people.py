"""A running server as its users meet it: people with tokens who call REST and hold sockets. Nothing of the product inside."""

import asyncio
import itertools
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode
from uuid import uuid4

import asyncpg
import httpx
import jwt
from tests.contract import Contract
from tests.live.shape import check_answer
from tests.live.socket import PATIENCE, Socket

if TYPE_CHECKING:  # generic in the stubs alone
    Hand = asyncpg.Connection[asyncpg.Record]

T = TypeVar("T")

SECRET = "a secret of the platform for tests alone"
API = "/api/v1/chat"
V1 = "/v1"
# What speaks another language than the envelopes of the API.
BARE = ("/health", "/metrics", "/docs", "/openapi.json", "/asyncapi.json")
EMPTY, UNCHANGED = 204, 304
Refusal = tuple[int, str, str]
Headers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """A REST answer; its shape was checked when it came in."""

    status: int
    body: Any
    headers: httpx.Headers
    raw: bytes

    @property
    def data(self) -> Any:
        """What a success carries."""
        assert self.status < 400, f"{self.status}: {self.body}"
        return self.body["data"]

    @property
    def error(self) -> Any:
        """What an error carries."""
        assert self.status >= 400, f"{self.status}: {self.body}"
        return self.body["error"]

    @property
    def refusal(self) -> Refusal:
        """Status, code and text of an error."""
        return self.status, self.error["code"], self.error["message"]


async def eventually(probe: Callable[[], Awaitable[T]], ready: Callable[[T], object]) -> T:
    """Ask until the answer is as it should be, and return it: for what follows from the end of a connection."""
    found = await probe()
    try:
        async with asyncio.timeout(PATIENCE):
            while not ready(found):
                await asyncio.sleep(0.01)
                found = await probe()
    except TimeoutError:
        raise AssertionError(f"it stayed {found}") from None
    return found


class Person:
    """Somebody with a token. Paths are below /api/v1/chat unless they begin with a slash."""

    def __init__(self, place: "Place", user_id: str, username: str, token: str) -> None:
        self.place = place
        self.id = user_id
        self.username = username
        self.token = token

    async def request(
        self, method: str, path: str, *, headers: Headers | None = None, body: Any = None, **query: Any
    ) -> Answer:
        """Send a request with the person's token; `body` is JSON, or bytes as they are."""
        known = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        return await self.place.request(method, path, headers=known, body=body, **query)

    async def get(self, path: str, *, headers: Headers | None = None, **query: Any) -> Answer:
        """GET."""
        return await self.request("GET", path, headers=headers, **query)

    async def post(self, path: str, body: Any = None, *, headers: Headers | None = None) -> Answer:
        """POST."""
        return await self.request("POST", path, headers=headers, body=body)

    async def patch(self, path: str, body: Any) -> Answer:
        """PATCH."""
        return await self.request("PATCH", path, body=body)

    async def put(self, path: str, body: Any = None) -> Answer:
        """PUT."""
        return await self.request("PUT", path, body=body)

    async def delete(self, path: str, body: Any = None) -> Answer:
        """DELETE."""
        return await self.request("DELETE", path, body=body)

    def socket(self, *, path: str = "/chat/ws", header: bool = False, greeted: bool = True, **query: Any) -> Socket:
        """Return a socket to enter: the token goes in the query, or in the header. `query` may be `since` and `epoch`."""
        if header:
            headers = {"Authorization": f"Bearer {self.token}"}
            return self.place.socket(path, headers=headers, greeted=greeted, **query)
        return self.place.socket(path, greeted=greeted, token=self.token, **query)

    # -- what nearly every test does ---------------------------------------------------------------------------------------

    async def conversation(self, other: "Person") -> str:
        """Open the conversation with somebody, or find it; return its id."""
        answer = await self.get(f"conversations/with/{other.username}")
        found: str = answer.data["id"]
        return found

    async def send(self, conversation: str, text: str = "Hello!", **more: Any) -> Any:
        """Send a message; return it."""
        answer = await self.post(f"conversations/{conversation}/messages", {"content": text, **more})
        assert answer.status == 201, answer.body
        return answer.data

    async def messages(self, conversation: str, **query: Any) -> Any:
        """Return a page of messages, newest first."""
        answer = await self.get(f"conversations/{conversation}/messages", **query)
        return answer.data["messages"]

    async def conversations(self, **query: Any) -> Any:
        """Return a page of the list."""
        answer = await self.get("conversations", **query)
        return answer.data["conversations"]

    async def unread(self) -> int:
        """Return the total of unread messages."""
        answer = await self.get("conversations/unread-count")
        count: int = answer.data["unreadCount"]
        return count

    async def walk(self, path: str, name: str, **query: Any) -> list[list[Any]]:
        """Follow `nextCursor` to the end; return the pages of `data.<name>`."""
        pages: list[list[Any]] = []
        cursor: str | None = None
        while True:
            answer = await self.get(path, **(query if cursor is None else {**query, "cursor": cursor}))
            pages.append(answer.data[name])
            meta = answer.data["meta"]
            assert meta["hasMore"] is ("nextCursor" in meta)
            if not meta["hasMore"]:
                return pages
            cursor = meta["nextCursor"]


@lru_cache
def _contract(openapi: str, asyncapi: str) -> Contract:
    """Make a contract of two documents, once for all servers that say the same."""
    return Contract(json.loads(openapi), json.loads(asyncapi))


class Place:
    """A running server with a base URL such as http://127.0.0.1:43211; its database and folder as an operator sees them.

    `patience`: seconds that an answer may take.
    """

    def __init__(self, url: str, dsn: str, folder: Path = Path(), *, patience: float = 20.0) -> None:
        self.url = url
        self.dsn = dsn
        self.folder = folder
        self._contract: Contract | None = None
        self._numbers = itertools.count(1)
        # A hundred requests at once are part of the tests; no proxy of the environment stands in between. An idle connection
        # is given up on this side first: never is one used that the server is just closing.
        limits = httpx.Limits(max_connections=200, max_keepalive_connections=20, keepalive_expiry=2.0)
        self._http = httpx.AsyncClient(base_url=url, timeout=patience, limits=limits, trust_env=False)

    async def read_contract(self) -> None:
        """Read what the server's own documents promise; from then on every answer and every frame is held against it."""
        texts = [(await self._http.get(path)).text for path in ("/openapi.json", "/asyncapi.json")]
        self._contract = _contract(*texts)

    async def document(self, path: str) -> Any:
        """A document of the server's, such as /openapi.json, as it is."""
        return json.loads((await self._http.get(path)).text)

    def routes(self) -> list[str]:
        """Every documented route, as "GET /path"."""
        assert self._contract is not None
        return self._contract.routes()

    def commands(self, socket: str) -> set[str]:
        """Every documented command of a socket."""
        assert self._contract is not None
        return self._contract.client_frames(socket)

    async def close(self) -> None:
        """Close what this side holds open."""
        await self._http.aclose()

    async def request(
        self, method: str, path: str, *, headers: Headers | None = None, body: Any = None, **query: Any
    ) -> Answer:
        """Send a request as it is, and check what comes back."""
        content = {"content": body} if isinstance(body, bytes) else {} if body is None else {"json": body}
        target = path if path.startswith("/") else f"{API}/{path}"
        raw_headers = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
        # httpx would drop the query of the path for an empty mapping of parameters.
        found = await self._http.request(method, target, headers=raw_headers, params=query or None, **content)
        raw = found.content
        if found.status_code == EMPTY or method == "HEAD":
            assert raw == b""
            return Answer(found.status_code, None, found.headers, raw)
        if target.startswith(BARE):
            return Answer(found.status_code, found.text, found.headers, raw)
        if "content-disposition" in found.headers or found.status_code == UNCHANGED:  # a file
            if self._contract is not None:
                self._contract.check_file(method, target.partition("?")[0], found.status_code, found.headers)
            return Answer(found.status_code, None, found.headers, raw)
        assert found.headers["content-type"].partition(";")[0] == "application/json"
        answer = check_answer(found.status_code, raw, snake=target.startswith(f"{V1}/"))
        if self._contract is not None:
            self._contract.check_response(method, target.partition("?")[0], found.status_code, answer, found.headers)
        return Answer(found.status_code, answer, found.headers, raw)

    async def get(self, path: str, *, headers: Headers | None = None, **query: Any) -> Answer:
        """GET without a token."""
        return await self.request("GET", path, headers=headers, **query)

    async def post(self, path: str, body: Any = None, *, headers: Headers | None = None) -> Answer:
        """POST without a token."""
        return await self.request("POST", path, headers=headers, body=body)

    def socket(
        self,
        path: str = "/chat/ws",
        *,
        headers: Headers | None = None,
        greeted: bool = False,
        **query: str | int,
    ) -> Socket:
        """Return a socket to enter, with this query and nothing else."""
        question = f"?{urlencode(query)}" if query else ""
        url = f"{self.url.replace('http', 'ws', 1)}{path}{question}"
        check = (
            None
            if self._contract is None
            else partial(self._contract.check_frame, "server", snake=path.startswith("/v1/"))
        )
        return Socket(url, headers=headers, greeted=greeted, check=check)

    # -- people -----------------------------------------------------------------------------------------------------------

    def token(self, user_id: str, username: str | None = None, *, secret: str = SECRET, **claims: Any) -> str:
        """Sign a platform's token, good for an hour unless the claims say otherwise; None leaves one out."""
        payload = {"user_id": user_id, "username": username, "exp": int(time.time()) + 3600, **claims}
        return jwt.encode({name: value for name, value in payload.items() if value is not None}, secret, "HS256")

    def stranger(self, username: str | None = None, **claims: Any) -> Person:
        """Return somebody whom the server has not seen yet."""
        user_id = str(uuid4())
        username = username or f"user{next(self._numbers)}"
        return Person(self, user_id, username, self.token(user_id, username, **claims))

    async def person(self, username: str | None = None, **claims: Any) -> Person:
        """Return a fresh user, known to the server by a first request."""
        person = self.stranger(username, **claims)
        answer = await person.get("conversations/unread-count")
        assert answer.status == 200, answer.body
        return person

    async def people(self, count: int) -> list[Person]:
        """Return fresh users."""
        return list(await asyncio.gather(*(self.person() for _ in range(count))))

    # -- the operator's side ----------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def hand(self) -> "AsyncIterator[Hand]":
        """A connection of its own to the database, as psql has one."""
        connection = await asyncpg.connect(self.dsn)
        try:
            yield connection
        finally:
            await connection.close()

    async def sql(self, query: str, *args: object) -> Sequence[asyncpg.Record]:
        """Run one statement by hand; its rows."""
        async with self.hand() as hand:
            rows: Sequence[asyncpg.Record] = await hand.fetch(query, *args)
        return rows

    async def someone_waits(self) -> bool:
        """Tell whether a connection to the database waits for a lock."""
        rows = await self.sql(
            "SELECT FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        return bool(rows)
