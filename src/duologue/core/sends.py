"""Sending: every way of sending a message meets in `Sends.enter` (design part 1, G-08; part 3). Reading is messages.py's.

Text, key and limit become an item of the pipeline; twins of one key wait for the first.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from duologue.core import text
from duologue.core.answers import Answering
from duologue.core.attachments import check_named
from duologue.core.errors import ChatError, Conflict, Internal, RateLimited
from duologue.core.events import Origin
from duologue.core.items import Done, Send, Sent
from duologue.core.limits import charge, refund
from duologue.core.model import Caller, Message, MessageType
from duologue.core.ports import Ids, Limiter, MessageStore, Pipeline, Presence
from duologue.core.presence import fill

KEY_TAKEN = "This key names another message"

_UnderWay = tuple[bytes, Sent | None]  # the first twin's fingerprint, and its answer unless it was refused


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wants to send. `key` is the UUID that names the send (tempId or Idempotency-Key; G-08).

    `attachments` are ids of uploads; `sources` name their contents, where ids are new with each try (a multipart send).
    """

    content: str | None
    type: MessageType = MessageType.TEXT
    temp_id: str | None = None
    key: UUID | None = None
    attachments: Sequence[UUID] = ()
    sources: Sequence[UUID] = ()


class Sends:
    """The use case of sending. `limit_name` is the dialect's send limit (C-30)."""

    def __init__(
        self, *, pipeline: Pipeline, store: MessageStore, limiter: Limiter, presence: Presence, ids: Ids
    ) -> None:
        self._pipeline = pipeline
        self._store = store
        self._limiter = limiter
        self._presence = presence
        self._ids = ids
        self._under_way: dict[tuple[UUID, UUID], asyncio.Future[_UnderWay]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def send(
        self, caller: Caller, conversation_id: UUID, draft: Draft, *, limit_name: str = "send_message"
    ) -> Sent:
        """Send and wait for the outcome; raises what refused it. The way of REST."""
        online = caller.id in await self._presence.online((caller.id,))
        answering = Answering[Sent]()
        await self.enter(caller, conversation_id, draft, done=answering.done, limit_name=limit_name, online=online)
        return await answering.result()

    async def enter(
        self,
        caller: Caller,
        conversation_id: UUID,
        draft: Draft,
        *,
        done: Done,
        limit_name: str = "send_message",
        origin: Origin | None = None,
        online: bool = True,
    ) -> None:
        """Queue a send and return; `done` gets `Sent` or an error, once. Raises what can be refused at the door.

        The way of sockets: sends of one connection enter in order and are answered in the order of their commits.
        """
        item = self._item(caller, conversation_id, draft, done)
        item.origin, item.sender_online = origin, online
        if item.key is None:
            await charge(self._limiter, limit_name, caller)
            await self._pipeline.enter(item)
        else:
            await self._enter_keyed(caller, item, item.key, limit_name)

    def _item(self, caller: Caller, conversation_id: UUID, draft: Draft, done: Done) -> Send:
        named = draft.attachments
        if named or draft.type is not MessageType.TEXT:
            check_named(draft.type, named)
            content = text.caption(draft.content)
        else:
            content = text.check(draft.content)
        found = text.links(content) if content else None
        return Send(
            user_id=caller.id,
            done=done,
            conversation_id=conversation_id,
            message_id=self._ids(),
            type=draft.type,
            content=content,
            temp_id=draft.temp_id,
            key=draft.key,
            fingerprint=self._fingerprint(conversation_id, draft, content) if draft.key else b"",
            links=tuple((self._ids(), url) for url in found) if found else (),
            attachments=self._places(named) if named else (),
            size=200 + (len(content.encode()) if content else 0) + 500 * len(named),
        )

    def _fingerprint(self, conversation_id: UUID, draft: Draft, content: str | None) -> bytes:
        return text.fingerprint(conversation_id, draft.type, content, draft.sources or draft.attachments)

    def _places(self, named: Sequence[UUID]) -> Sequence[tuple[UUID, UUID]]:
        """Each with its place in galleries, where the highest place comes first: so the first one gets the highest id."""
        return tuple(zip(named, sorted((self._ids() for _ in named), reverse=True), strict=True))

    async def _enter_keyed(self, caller: Caller, item: Send, key: UUID, limit_name: str) -> None:
        """Twins under way on this node: the first goes on, the others wait for its answer (design part 1)."""
        name = (caller.id, key)
        first = self._under_way.get(name)
        if first is not None:
            self._spawn(self._after_twin(first, caller, item, key, limit_name))
            return
        under_way: asyncio.Future[_UnderWay] = asyncio.get_running_loop().create_future()
        self._under_way[name] = under_way
        done = item.done

        def settle(outcome: Sent | ChatError) -> None:
            self._settle(name, under_way, item.fingerprint, outcome if isinstance(outcome, Sent) else None)
            done(outcome)

        item.done = settle
        try:
            await self._go_on(caller, item, key, limit_name)
        except BaseException:
            self._settle(name, under_way, item.fingerprint, None)
            raise

    def _settle(
        self, name: tuple[UUID, UUID], under_way: "asyncio.Future[_UnderWay]", fingerprint: bytes, sent: Sent | None
    ) -> None:
        """Tell the twins, once; only its own place is given up."""
        if self._under_way.get(name) is under_way:
            del self._under_way[name]
        if not under_way.done():
            under_way.set_result((fingerprint, sent))

    async def _after_twin(
        self, first: "asyncio.Future[_UnderWay]", caller: Caller, item: Send, key: UUID, limit_name: str
    ) -> None:
        fingerprint, sent = await asyncio.shield(first)
        if sent is not None:
            item.done(replay(fingerprint, item.fingerprint, sent.message))
            return
        try:  # the first was refused: this one is judged anew
            await self._enter_keyed(caller, item, key, limit_name)
        except ChatError as error:
            item.done(error)
        except Exception:
            item.done(Internal())
            raise

    async def _go_on(self, caller: Caller, item: Send, key: UUID, limit_name: str) -> None:
        """Charge and queue; over the limit the keys are asked before it is refused, and a replay costs nothing."""
        try:
            charged = await charge(self._limiter, limit_name, caller)
        except RateLimited:
            known = await self._store.by_key(caller.id, key)
            if known is None:
                raise
            await self._fill(known.message)
            item.done(replay(known.fingerprint, item.fingerprint, known.message))
            return
        settle = item.done

        def refunding(outcome: Sent | ChatError) -> None:
            if isinstance(outcome, Sent) and outcome.replayed:
                self._spawn(refund(self._limiter, limit_name, caller, charged))
            settle(outcome)

        item.done = refunding
        await self._pipeline.enter(item)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _fill(self, message: Message) -> None:
        """Set whether the sender is online."""
        await fill(self._presence, [message.sender] if message.sender is not None else [])


def replay(fingerprint: bytes, mine: bytes, message: Message) -> Sent | Conflict:
    """The answer to a key that is taken: the original for the same send, else a conflict."""
    if fingerprint != mine:
        return Conflict(KEY_TAKEN)
    return Sent(message, replayed=True)
