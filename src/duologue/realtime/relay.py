"""From the broker to the hub, and the repair of what got lost between them (design part 4, Loss). It never publishes again (B-08)."""

from collections.abc import Sequence

from duologue.core.events import BlockChanged, Event, MessageSent
from duologue.core.ports import Broker, EventLog
from duologue.realtime.closing import CloseCode
from duologue.realtime.hub import Hub
from duologue.realtime.resume import Resume
from duologue.realtime.runtime import Runtime, Timer
from duologue.realtime.typing import TypingTable

INTERVAL = 30.0  # seconds
BATCH = 1_000  # users in one statement


class Relay:
    """Delivers what is published, and every 30 s compares what was sent with heads and name of the log in the database."""

    def __init__(
        self,
        *,
        hub: Hub,
        broker: Broker,
        typing: TypingTable,
        log: EventLog,
        resume: Resume,
        runtime: Runtime,
    ) -> None:
        self._hub = hub
        self._broker = broker
        self._typing = typing
        self._log = log
        self._resume = resume
        self._runtime = runtime
        self._timer: Timer | None = None

    def start(self) -> None:
        """Listen, and repair from time to time."""
        self._broker.subscribe(self.deliver)
        self._timer = self._runtime.later(INTERVAL, self._tick)

    def stop(self) -> None:
        """No further repairs."""
        if self._timer is not None:
            self._timer.cancel()

    def deliver(self, events: Sequence[Event]) -> None:
        """What the broker calls."""
        self._hub.deliver(events)
        for event in events:
            if isinstance(event, MessageSent):
                self._typing.sent(event.message.sender_id, event.message.conversation_id)
            elif isinstance(event, BlockChanged) and event.added and event.conversation_id is not None:
                self._typing.blocked(event.block.blocker_id, event.block.blocked.id, event.conversation_id)

    def _tick(self) -> None:
        self._timer = self._runtime.later(INTERVAL, self._tick)
        self._runtime.background.spawn(self.repair(), "repair gaps")

    async def repair(self) -> None:
        """Find the sessions that are behind their user's head and, after 100 ms, fill them; reset those whose log is gone.

        Sessions of users who were shut out are closed: nobody may have told this process.
        """
        users = self._hub.users
        # With nobody here too: polls, and who comes next, go by the name.
        for start in range(0, len(users) or 1, BATCH):
            batch = users[start : start + BATCH]
            stood = {session: session.sent for user_id in batch for session in self._hub.of_user(user_id)}
            epoch, heads = await self._log.named_heads(batch)
            for session, sent in stood.items():
                if session.caller is None:
                    continue
                head = heads.get(session.caller.id)
                if head is None:  # shut out by somebody who could not tell this process, such as the command line
                    session.close(CloseCode.DEACTIVATED)
                else:
                    self._resume.compare(session, head, epoch, sent)
