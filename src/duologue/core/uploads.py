"""Taking files in: charged, checked and stored by the intake, then recorded as their owner's own until they are sent (G-31)."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import UUID

from duologue.core.attachments import UploadStore, type_of
from duologue.core.errors import ChatError, OutcomeUnknown, ValidationFailed
from duologue.core.files import UNSUPPORTED, FileRules, Intake, StoredFile, UploadBatch
from duologue.core.limits import charge
from duologue.core.model import Caller, MessageType
from duologue.core.ports import Limiter


class Uploads:
    """The use case of taking files in."""

    def __init__(self, *, intake: Intake, store: UploadStore, limiter: Limiter) -> None:
        self._intake = intake
        self._store = store
        self._limiter = limiter

    @asynccontextmanager
    async def taking(self, caller: Caller, rules: FileRules) -> "AsyncIterator[Taking]":
        """One request's files, by a dialect's rules. Leave it on an error, and nothing of them is left."""
        async with AsyncExitStack() as stack:
            yield Taking(self._intake, self._store, self._limiter, stack, (caller, rules))

    async def withdraw(self, caller: Caller, files: Sequence[StoredFile]) -> None:
        """Give up what was kept, unless a message carries it: its sending was refused, or had happened before."""
        if files:
            await self._intake.discard(await self._store.take_back(caller.id, [file.id for file in files]))


class Taking:
    """The files of one request while they come in: `begin` with the first one, `keep` after the last."""

    def __init__(
        self,
        intake: Intake,
        store: UploadStore,
        limiter: Limiter,
        stack: AsyncExitStack,
        terms: tuple[Caller, FileRules],
    ) -> None:
        self._intake = intake
        self._store = store
        self._limiter = limiter
        self._stack = stack
        self._caller, self._rules = terms
        self._batch: UploadBatch | None = None

    async def begin(self, kind: MessageType | None) -> UploadBatch:
        """`kind` is what they are to be sent as, None: as they come (G-29).

        Raises:
            RateLimited: too many uploads within a minute, or at a time.
        """
        await charge(self._limiter, "upload", self._caller)
        self._batch = await self._stack.enter_async_context(self._intake.batch(self._caller.id, self._rules, kind))
        return self._batch

    async def keep(self, files: Sequence[StoredFile]) -> None:
        """Record them as the caller's own."""
        if self._batch is not None and files:
            await record(self._store, self._batch, self._caller.id, files)


async def record(store: UploadStore, batch: UploadBatch, owner_id: UUID, files: Sequence[StoredFile]) -> None:
    """Record what a batch has stored. If nobody knows whether that was done, it stays stored.

    Blobs without records are found by housekeeping; a record without its blobs would be a loss.
    """
    try:
        await store.add(owner_id, files)
    except BaseException as error:
        if isinstance(error, OutcomeUnknown) or not isinstance(error, ChatError):
            batch.release()
        raise


def sent_as(kind: MessageType | None, files: Sequence[StoredFile]) -> MessageType:
    """The type of a message that carries these files: as said, if they fit (G-28, G-29), or as they are.

    Raises:
        ValidationFailed: they do not fit what was said (ERR-09).
    """
    fitting = type_of([file.kind for file in files])
    if kind in (MessageType.IMAGE, MessageType.VIDEO) and kind is not fitting:
        raise ValidationFailed(UNSUPPORTED, details={"reason": "message_type"})
    return kind or fitting


def sources_of(files: Sequence[StoredFile]) -> tuple[UUID, ...]:
    """What names the contents of files, where their ids are new with each try: the first half of a SHA-256."""
    return tuple(UUID(bytes=file.source[:16]) for file in files)
