"""What connections need from the database, read for all that wait in one statement: a storm of connects stays cheap."""

import asyncio
from uuid import UUID

from duologue.core.ports import Connect, Connects
from duologue.realtime.background import Background

BATCH = 500  # users in one statement


class Batched:
    """`Connects` for one user at a time; who asks while a statement runs shares the next one with all others who do."""

    def __init__(self, store: Connects, background: Background) -> None:
        self._store = store
        self._background = background
        self._waiting: dict[UUID, asyncio.Future[Connect]] = {}
        self._running = False

    async def load(self, user_id: UUID) -> Connect:
        """What the user's connection needs, read after this call; raises `Unavailable`."""
        future = self._waiting.get(user_id)
        if future is None:
            future = self._waiting[user_id] = asyncio.get_running_loop().create_future()
        if not self._running:
            self._running = True
            self._background.spawn(self._run(), "load connects")
        return await asyncio.shield(future)

    async def _run(self) -> None:
        try:
            while self._waiting:
                user_ids = list(self._waiting)[:BATCH]
                await self._answer({user_id: self._waiting.pop(user_id) for user_id in user_ids})
        finally:
            self._running = False

    async def _answer(self, asking: "dict[UUID, asyncio.Future[Connect]]") -> None:
        try:
            found = await self._store.load(list(asking))
        except Exception as error:  # noqa: BLE001  whoever waits gets it
            for future in asking.values():
                future.set_exception(error)
                future.exception()  # somebody who left must not make the loop complain
            return
        for user_id, future in asking.items():
            future.set_result(found.get(user_id) or Connect(0, (), frozenset()))
