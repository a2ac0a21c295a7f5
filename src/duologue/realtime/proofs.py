"""What a client proves by where it goes on in the log: all before that position has reached it (G-05; design part 4, Resume).

Marks enter the pipeline like all others; the log keeps how far it was done. Nobody waits for it, least of all a replay.
"""

from collections.abc import Sequence
from uuid import UUID

from duologue.core.answers import Answering
from duologue.core.errors import ChatError, Unavailable
from duologue.core.items import Deliver, Delivered
from duologue.core.model import Message
from duologue.core.ports import DeliveryLog, Pipeline
from duologue.realtime.runtime import Runtime, Timer

INTERVAL = 0.5  # seconds: a client that resumes proves its `since`, and page by page what is written
MOST = 50_000  # users who wait; one beyond them proves as much the next time
AT_ONCE = 4  # users
WAVE = 64  # marks of one user in the pipeline at a time


class Proofs:
    """The proofs of this node that are not written down yet."""

    def __init__(self, *, pipeline: Pipeline, log: DeliveryLog, runtime: Runtime) -> None:
        self._pipeline = pipeline
        self._log = log
        self._runtime = runtime
        self._waiting: dict[UUID, int] = {}
        self._timer: Timer | None = None
        self._working = 0
        self._stopped = False

    def proved(self, user_id: UUID, upto: int) -> None:
        """The user has everything up to this position. Never blocks, never raises."""
        known = self._waiting.get(user_id)
        if upto <= (known or 0) or (known is None and len(self._waiting) >= MOST) or self._stopped:
            return
        self._waiting[user_id] = upto
        if self._timer is None:
            self._timer = self._runtime.later(INTERVAL, self._round)

    def stop(self) -> None:
        """Begin nothing any more; the next resume proves it again."""
        self._stopped = True
        self._waiting.clear()
        if self._timer is not None:
            self._timer.cancel()

    def _round(self) -> None:
        self._timer = None
        for _ in range(min(AT_ONCE - self._working, len(self._waiting))):
            self._working += 1
            self._runtime.background.spawn(self._work(), "mark what was proved")

    async def _work(self) -> None:
        try:
            while self._waiting:
                user_id, upto = self._waiting.popitem()
                try:
                    await self._prove(user_id, upto)
                except Unavailable:
                    self.proved(user_id, upto)  # in the next round
                    return
        finally:
            self._working -= 1

    async def _prove(self, user_id: UUID, upto: int) -> None:
        """Mark what the log holds up to the position, 5,000 facts at a time, then keep how far it was done."""
        while True:
            messages, reached = await self._log.unmarked(user_id, upto)
            if not reached:
                return
            for start in range(0, len(messages), WAVE):
                await self._mark(user_id, messages[start : start + WAVE])
            await self._log.marked(user_id, reached)
            if reached >= upto:
                return

    async def _mark(self, user_id: UUID, messages: Sequence[Message]) -> None:
        wave: list[Answering[Delivered]] = []
        for message in messages:
            answering = Answering[Delivered]()
            item = Deliver(
                user_id=user_id,
                done=answering.done,
                conversation_id=message.conversation_id,
                message_id=message.id,
                up_to=message.created_at,
            )
            await self._pipeline.enter(item)
            wave.append(answering)
        for answering in wave:
            try:
                await answering.result()
            except Unavailable:
                raise
            except ChatError:  # what may not be marked stays as it is
                continue
