"""Services that take files in, their media workers, and people who talk meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

import psutil
from tests.faults.crowd import until
from tests.faults.process import GONE, Service, service
from tests.live.people import Person, Place

PATIENCE = 120.0  # seconds
MB = 1 << 20
TEXT = ("a.txt", "text/plain", b"a\n" * MB)
WORKER = "duologue.blobs.worker_"


@asynccontextmanager
async def serving_files(dsn: str, **settings: str) -> AsyncIterator[tuple[Service, Place]]:
    """A service of its own on this database, and the way to it."""
    async with service(DATABASE_URL=dsn, **settings) as made:
        await made.start()
        async with going_on(made, dsn) as place:
            yield made, place


@asynccontextmanager
async def going_on(made: Service, dsn: str) -> AsyncIterator[Place]:
    """The way to a service that runs."""
    place = Place(made.url, dsn, made.folder, patience=PATIENCE)
    await place.read_contract()
    try:
        yield place
    finally:
        await place.close()


class Talk:
    """A pair that talks over sockets for as long as the context lasts: each word is acknowledged and arrives, in order."""

    def __init__(self, one: Person, other: Person) -> None:
        self._one, self._other = one, other
        self.said = 0

    async def __aenter__(self) -> Self:
        """Begin, and have something said."""
        self._chat = await self._one.conversation(self._other)
        self._task = asyncio.create_task(self._talk())
        await self.goes_on()
        return self

    async def __aexit__(self, failed: type[BaseException] | None, *_: object) -> None:
        """Say a few words more, and stop."""
        try:
            if failed is None:
                await self.goes_on()
        finally:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def goes_on(self, words: int = 5) -> None:
        """Wait until so many more are said and heard."""
        least = self.said + words
        await until(lambda: self._task.done() or self.said >= least, "people talk")
        if self._task.done():
            self._task.result()

    async def _talk(self) -> None:
        async with self._one.socket() as speaker, self._other.socket() as listener:
            while True:
                text = f"word {self.said}"
                await speaker.send("message.send", conversationId=self._chat, content=text)
                assert (await speaker.expect("message.sent")).payload["message"]["content"] == text
                assert (await listener.expect("message.new")).payload["message"]["content"] == text
                self.said += 1


@asynccontextmanager
async def talking(place: Place) -> AsyncIterator[Talk]:
    """Two people who talk."""
    one, other = await place.people(2)
    async with Talk(one, other) as talk:
        yield talk


def workers(parent: int) -> list[psutil.Process]:
    """The media workers of a server."""
    found = []
    for process in psutil.Process(parent).children(recursive=True):
        try:
            if any(word.startswith(WORKER) for word in process.cmdline()):
                found.append(process)
        except GONE:
            continue
    return found
