"""A device as a careful client keeps it: one connection at a time, a position that survives it, and every fact it was ever given.

It judges what comes: positions rise on each connection, no fact comes twice, no connection ends but by this side.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum

from tests.live.people import Person

from duologue.client import Disconnected, Frame, Inbox, Rest, Socket, SocketOptions, load, take
from duologue.client.frames import Pong, ResumeDone
from duologue.client.paths import socket_url

PATIENCE = 5.0  # seconds that anything expected may take


class How(StrEnum):
    """The ways to come back and catch up."""

    QUERY = "query"  # connect with since and epoch
    EVENT = "event"  # connect, then ask with `resume`
    POLL = "poll"  # no socket: long polling


@dataclass(slots=True)
class Line:
    """One connection. `asked`: the position behind a `resume` that is not answered yet; what comes meanwhile waits in `early`."""

    socket: Socket
    last: int
    asked: int | None = None
    restarted: bool = False
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    early: dict[int, Frame] = field(default_factory=dict)
    left: bool = False
    reader: "asyncio.Task[None] | None" = None

    def judge(self, position: int) -> None:
        """Positions rise; an asked-for replay may begin anew once, behind the position that was asked for."""
        if self.asked is not None and not self.restarted and position <= self.last:
            self.restarted = True
            self.last = self.asked
        assert position > self.last, f"position {position} came after {self.last}"
        self.last = position


class Device:
    """One of a user's devices."""

    def __init__(self, person: Person, rest: Rest, inbox: Inbox, epoch: str) -> None:
        self.person = person
        self.rest = rest
        self.inbox = inbox
        self.start = self.position = inbox.position
        self.epoch = epoch
        self.facts: dict[int, Frame] = {}
        self._line: Line | None = None
        self._polls: asyncio.Task[None] | None = None
        self._ended: list[asyncio.Task[None]] = []
        self._turn = asyncio.Lock()

    @property
    def socket(self) -> Socket | None:
        """The open socket, if there is one."""
        return self._line.socket if self._line is not None else None

    # -- coming and going -------------------------------------------------------------------------------------------------

    async def join(self, how: How) -> None:
        """Connect and catch up from the stored position; on an open socket EVENT asks for what it has not seen, again."""
        async with self._turn:
            if self._line is not None and how is How.EVENT:
                await self._ask(self._line)
            if self._line is not None or self._polls is not None:
                return
            if how is How.POLL:
                self._polls = asyncio.create_task(self._poll())
                return
            self._line = await self._connect(how)
            if how is How.EVENT:
                await self._ask(self._line)

    async def _connect(self, how: How) -> Line:
        since = {"since": self.position, "epoch": self.epoch} if how is How.QUERY else {}
        socket = Socket(
            socket_url(self.person.place.url),
            token=self.person.token,
            options=SocketOptions(ping_interval=None, reply_timeout=PATIENCE, open_timeout=PATIENCE),
            **since,  # type: ignore[arg-type]
        )
        line = Line(socket, last=self.position if how is How.QUERY else 0)
        await socket.open()
        if how is How.EVENT:
            line.asked = self.position  # what comes before the replay waits for it
        line.reader = asyncio.create_task(self._read(line))
        return line

    async def _ask(self, line: Line) -> None:
        line.asked = self.position
        line.restarted = False
        line.answered.clear()
        with suppress(Disconnected):
            done = await line.socket.resume(line.asked, self.epoch)
            assert done.epoch == self.epoch
            await line.answered.wait()  # the socket has the answer before the reader

    async def drop(self, *, clean: bool) -> None:
        """End the connection, by a close frame or as a network does."""
        async with self._turn:
            if self._polls is not None:
                await self._stop_polls()
            line, self._line = self._line, None
            if line is None or line.reader is None:
                return
            line.left = True
            if not clean:
                line.socket.abort()
            await line.socket.close()
            self._ended.append(line.reader)
            await asyncio.wait({line.reader})

    async def _stop_polls(self) -> None:
        polls, self._polls = self._polls, None
        if polls is not None:
            polls.cancel()
            await asyncio.wait({polls})
            self._ended.append(polls)

    # -- what comes in ----------------------------------------------------------------------------------------------------

    async def _read(self, line: Line) -> None:
        try:
            async for frame in line.socket:
                self._take(line, frame)
            assert line.left, f"the server closed with {line.socket.close_code} {line.socket.close_reason}"
        finally:
            line.answered.set()

    def _take(self, line: Line, frame: Frame) -> None:
        told = frame.payload
        assert frame.type != "resume.reset", told
        if frame.position is not None:
            line.judge(frame.position)
            if line.asked is None:
                self._keep(frame, frame.position)
            else:
                line.early[frame.position] = frame
        elif isinstance(told, ResumeDone) and (line.asked is None) is (frame.id is None):  # not of the one before
            for position in sorted(line.early):
                self._keep(line.early[position], position)
            line.asked = None
            line.early.clear()
            line.answered.set()
            self._reached(told.position)
        elif isinstance(told, Pong) and line.asked is None and told.position is not None:
            self._reached(told.position)

    async def _poll(self) -> None:
        while True:
            page = await self.rest.events(since=self.position, epoch=self.epoch, limit=3, wait=5)
            assert not page.reset, page
            assert page.epoch == self.epoch
            assert len(page.frames) <= 3
            for frame in page.frames:
                assert frame.position is not None
                self._keep(frame, frame.position)
            self._reached(page.position)

    def _keep(self, frame: Frame, position: int) -> None:
        assert position > self.position, f"position {position} was given to a device that had {self.position}"
        self.facts[position] = frame
        self.position = position
        self.inbox.apply(frame)

    def _reached(self, position: int) -> None:
        self.position = max(self.position, position)

    # -- what it knows ----------------------------------------------------------------------------------------------------

    async def snapshot(self) -> None:
        """Load everything anew, as a client may at any time: what came meanwhile is applied, what is held already changes nothing."""
        inbox = await take(self.rest)
        for position in sorted(self.facts):
            inbox.apply(self.facts[position])
        self.inbox = inbox

    async def reaches(self, head: int) -> None:
        """Wait until everything up to `head` is here; only a `pong` tells of a fact that is not shown."""
        try:
            async with asyncio.timeout(PATIENCE):
                while self.position < head:
                    self.judge()
                    line = self._line
                    if line is not None and line.asked is None:
                        await line.socket.ping()
                    await asyncio.sleep(0.005)
        except TimeoutError:
            raise AssertionError(f"a device of {self.person.username} stays at {self.position} of {head}") from None

    def judge(self) -> None:
        """Raise what a reader found."""
        running = [self._polls, self._line.reader if self._line else None]
        for task in [*self._ended, *running]:
            if task is not None and task.done() and not task.cancelled():
                task.result()

    async def load_returned(self) -> None:
        """Load the histories of conversations that came back into the list, whose messages nobody has sent since."""
        for conversation_id in self.inbox.unloaded():
            await load(self.rest, self.inbox, conversation_id)

    def message_ids(self) -> dict[str, list[str]]:
        """The messages of each conversation in the order in which they were told, the ids alone."""
        told: dict[str, list[str]] = {}
        for position in sorted(self.facts):
            frame = self.facts[position]
            if frame.type in {"message.new", "message.sent"}:
                message = frame.payload.message
                told.setdefault(message.conversation_id, []).append(message.id)
        return told
