"""A socket of either dialect as tests hold it: commands out, frames in, each awaited and never slept for."""

import asyncio
import itertools
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar

from tests.live.shape import check_frame
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

T = TypeVar("T")
PATIENCE = 5.0  # seconds that anything expected may take


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame as it came; `position` stands beside the type when it is a fact, `id` when it answers a command."""

    type: str
    payload: dict[str, Any]
    position: int | None
    id: Any
    raw: bytes

    def fits(self, kind: str, where: dict[str, Any]) -> bool:
        """Tell whether the frame is of this type and its payload has these members."""
        return self.type == kind and all(key in self.payload and self.payload[key] == where[key] for key in where)


class Socket:
    """One connection: `async with person.socket() as socket`. `frames` keeps everything that came, in order.

    `expect` takes a frame: the same one is not given twice. `quiet` is how to wait without sleeping: once the answer to
    a ping is here, everything the server had sent before on this connection is here too.
    """

    def __init__(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        greeted: bool = True,
        check: Callable[[dict[str, Any]], None] | None = None,
    ) -> None:
        """`greeted`: wait until the connection is authenticated and told who is online. `check` sees each frame."""
        self._check = check
        self.watchers: list[Callable[[Mapping[str, Any]], None]] = []  # told of every frame
        self._url = url
        self._snake = "/v1/ws/" in url  # dialect B's: fields of commands at top level, bodies of frames under `data`
        self._headers = headers or {}
        self._greeted = greeted
        self._numbers = itertools.count(1)
        self._news = asyncio.Event()
        self._taken: set[int] = set()
        self._fault: Exception | None = None
        self._over = False
        self.frames: list[Frame] = []

    async def __aenter__(self) -> Self:
        """Connect."""
        # Tests see each frame as it was written; the environment's proxies and limits of the library are not the subject.
        self.connection: ClientConnection = await connect(
            self._url,
            additional_headers=self._headers,
            compression=None,
            proxy=None,
            max_size=None,
            ping_interval=None,
            open_timeout=PATIENCE,
            close_timeout=PATIENCE,
        )
        self._reader = asyncio.create_task(self._read())
        if self._greeted:
            await self._until(lambda: self._find("status_bulk" if self._snake else "status.bulk", {}), "the greeting")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close, and tell of a frame that nobody could have expected."""
        await self.connection.close()
        await self._reader
        if self._fault is not None and error is None:
            raise self._fault

    async def _read(self) -> None:
        try:
            async for message in self.connection:
                raw = message.encode() if isinstance(message, str) else message
                frame = check_frame(raw, snake=self._snake)
                if self._check is not None:
                    self._check(frame)
                for watch in self.watchers:
                    watch(frame)
                body = frame["data" if self._snake else "payload"]
                self.frames.append(Frame(frame["type"], body, frame.get("position"), frame.get("id"), raw))
                self._wake()
        except ConnectionClosed:
            pass
        except Exception as error:  # noqa: BLE001  kept for whoever waits, or for the end
            self._fault = error
        finally:
            self._over = True
            self._wake()

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    async def _until(self, ready: Callable[[], T | None], what: str) -> T:
        try:
            async with asyncio.timeout(PATIENCE):
                while (found := ready()) is None:
                    if self._fault is not None:
                        raise self._fault
                    assert not self._over, f"closed with {self.connection.close_code} before {what}; {self._story()}"
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"{what} did not come; {self._story()}") from None
        return found

    def _story(self) -> str:
        return f"came: {[(frame.type, frame.payload) for frame in self.frames]}"

    def _find(self, kind: str, where: dict[str, Any]) -> int | None:
        return next(
            (n for n, frame in enumerate(self.frames) if n not in self._taken and frame.fits(kind, where)), None
        )

    # -- out --------------------------------------------------------------------------------------------------------------

    async def send(self, kind: str, /, *, command_id: Any = None, **payload: Any) -> None:
        """Send a command; `command_id` stands beside it as `id`."""
        named = {} if command_id is None else {"id": command_id}
        given = payload if self._snake else {"payload": payload}
        await self.connection.send(json.dumps({"type": kind, **named, **given}))

    async def send_raw(self, message: str | bytes) -> None:
        """Send a text frame as it is, or bytes as a binary one."""
        await self.connection.send(message)

    # -- in ---------------------------------------------------------------------------------------------------------------

    async def expect(self, kind: str, /, **where: Any) -> Frame:
        """Take the next frame of this type whose payload has these members, or wait for it."""
        number = await self._until(lambda: self._find(kind, where), f"{kind} {where or ''}")
        self._taken.add(number)
        return self.frames[number]

    async def reply(self, command_id: Any) -> Frame:
        """Take the frame that answers the command of this id, or wait for it."""

        def answer() -> int | None:
            return next((n for n, frame in enumerate(self.frames) if frame.id == command_id), None)

        number = await self._until(answer, f"the answer to {command_id!r}")
        self._taken.add(number)
        return self.frames[number]

    async def quiet(self) -> None:
        """Wait until everything that the server had sent is here."""
        name = f"quiet-{next(self._numbers)}"
        await self.send("ping", command_id=name)
        await self.reply(name)

    async def nothing(self, kind: str, /, *, within: float = 0.0, **where: Any) -> None:
        """Fail if such a frame is here that was not taken, or comes until the connection is quiet, or `within` seconds."""
        await self.quiet()
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                while self._find(kind, where) is None and not self._over:
                    await self._news.wait()
        assert self._find(kind, where) is None, f"{kind} was not to come; {self._story()}"

    async def closed(self) -> int:
        """Wait for the end of the connection, and return its close code: 1006 when there was none."""
        async with asyncio.timeout(PATIENCE):
            await asyncio.shield(self._reader)
        if self._fault is not None:
            raise self._fault
        return self.connection.close_code or 1006

    @property
    def close_reason(self) -> str:
        """What the server said with its close code."""
        return self.connection.close_reason or ""

    def kinds(self) -> list[str]:
        """Return the types of all frames that came, in order."""
        return [frame.type for frame in self.frames]
