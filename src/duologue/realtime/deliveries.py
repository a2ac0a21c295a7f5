"""What reached its receivers: gathered for half a second, then marked through the pipeline (G-05, design part 5, Receipts).

Implements `core.ports.Deliveries`. A busy conversation costs one mark and one fact for many messages. What a client proves by
where it goes on in the log is proofs.py's.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from duologue.core.errors import ChatError, Unavailable
from duologue.core.events import Fact, MessageSent
from duologue.core.items import Deliver, Delivered
from duologue.core.model import Message
from duologue.core.ports import DeliveryLog, Pipeline
from duologue.realtime.proofs import Proofs
from duologue.realtime.runtime import Runtime, Timer

INTERVAL = 0.5  # seconds: with a flush behind it a mark is visible within one
MOST = 50_000  # conversations that wait to be marked; what comes beyond waits for the next resume
PLACES = 256  # marks in the pipeline at a time: sends find room beside them

_Place = tuple[UUID, UUID]  # conversation, receiver
_Mark = tuple[datetime, UUID]  # the newest message: its place in the order


class Deliveries:
    """The marks of this node. Nothing here raises or blocks."""

    def __init__(self, *, pipeline: Pipeline, log: DeliveryLog, runtime: Runtime) -> None:
        self._pipeline = pipeline
        self._runtime = runtime
        self._proofs = Proofs(pipeline=pipeline, log=log, runtime=runtime)
        self._gathered: dict[_Place, _Mark] = {}
        self._due: dict[_Place, _Mark] = {}  # gathered in an earlier interval, not in the pipeline yet
        self._places = asyncio.Semaphore(PLACES)
        self._timer: Timer | None = None
        self._entering = False
        self._is_away = False  # the pipeline refused one since this round began
        self._stopped = False

    def reached(self, receiver_id: UUID, message: Message) -> None:
        """A message was written to a socket of its receiver, or fetched by them (`core.ports.Deliveries`)."""
        if message.receiver_id is not receiver_id and message.receiver_id != receiver_id:
            return
        if message.deleted_at is None and not message.delivered:
            self._gather((message.conversation_id, receiver_id), (message.created_at, message.id))

    def told(self, user_id: UUID, facts: Sequence[Fact]) -> None:
        """Facts of the log were written or answered to this user."""
        for fact in facts:
            if isinstance(fact, MessageSent):
                self.reached(user_id, fact.message)

    def proved(self, user_id: UUID, upto: int) -> None:
        """The user has everything up to this position, in whatever way it came."""
        self._proofs.proved(user_id, upto)

    def stop(self) -> None:
        """Enter what is gathered now, in the background; no further round."""
        self._stopped = True
        self._proofs.stop()
        if self._timer is not None:
            self._timer.cancel()
            self._round()

    def _gather(self, place: _Place, mark: _Mark) -> None:
        known = self._gathered.get(place)
        if known is None:
            if len(self._gathered) + len(self._due) >= MOST:
                return
        elif known >= mark:
            return
        self._gathered[place] = mark
        if self._timer is None and not self._stopped:
            self._timer = self._runtime.later(INTERVAL, self._round)

    def _round(self) -> None:
        """What one interval gathered becomes due; what is left of an earlier one with it."""
        self._timer = None
        self._is_away = False
        gathered, self._gathered = self._gathered, {}
        for place, mark in gathered.items():
            known = self._due.get(place)
            if known is None or known < mark:
                self._due[place] = mark
        if not self._entering:
            self._entering = True
            self._runtime.background.spawn(self._enter(), "mark deliveries")

    async def _enter(self) -> None:
        try:
            while self._due and not self._is_away:
                await self._places.acquire()
                await self._enter_one(*self._due.popitem())
        finally:
            self._entering = False

    async def _enter_one(self, place: _Place, mark: _Mark) -> None:
        done = partial(self._answered, place, mark)
        at, message_id = mark
        item = Deliver(user_id=place[1], done=done, conversation_id=place[0], message_id=message_id, up_to=at)
        try:
            await self._pipeline.enter(item)
        except ChatError as error:
            done(error)
        except BaseException:
            self._places.release()
            raise

    def _answered(self, place: _Place, mark: _Mark, outcome: Delivered | ChatError) -> None:
        """Marked, or not to be marked. What could not be entered now waits for the next round, behind anything newer."""
        self._places.release()
        if isinstance(outcome, Unavailable):
            self._is_away = True
            self._gather(place, mark)
