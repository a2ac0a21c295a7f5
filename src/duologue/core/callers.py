"""From what a token says to the one who calls: the user's row, made or refreshed if a platform's token says more than it.

Look-ups that wait are one statement: a thousand sockets that come back at once cost a few. What a token is, is auth's.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from duologue.core.errors import Forbidden, Unauthorized
from duologue.core.events import EndReason
from duologue.core.model import Caller, User, UserState

MAX_TOGETHER = 500  # look-ups in one statement
ENDED = "Session has ended"
DEACTIVATED = "Account is deactivated"


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom a verified token names. `session_id` stands in tokens of our own alone; the names are a platform's claims, None: not said.

    `expires_at` is in Unix seconds.
    """

    user_id: UUID
    expires_at: float | None = None
    session_id: UUID | None = None
    external_id: str | None = None
    username: str | None = None
    display_name: str | None = None
    avatar_url: str | None = None


Asked = tuple[UUID, UUID | None]  # user, session


@dataclass(frozen=True, slots=True)
class Found:
    """A user with head position and unread total. `lives`: the session asked for stands, or none was asked for."""

    user: User
    head: int
    unread_total: int
    lives: bool


class CallerStore(Protocol):
    """Where callers are looked up."""

    async def find(self, asked: Sequence[Asked]) -> dict[Asked, Found]:
        """Those who are there, in one statement."""
        ...

    async def admit(self, identity: Identity, *, is_new: bool) -> None:
        """Make or refresh the row as a platform's claims say; a user who is not active stays as they are.

        `is_new`: a look-up has just found nobody. Somebody else may be making the row all the same.

        A taken username is taken over, its former holder gets a generated one (design part 6).
        """
        ...


class Callers:
    """Resolves identities; nothing is remembered, so a logout or a deactivation holds from the next request on."""

    def __init__(self, store: CallerStore) -> None:
        self._store = store
        self._waiting: dict[Asked, asyncio.Future[Found | None]] = {}
        self._reading: asyncio.Task[None] | None = None

    async def resolve(self, identity: Identity) -> Caller:
        """The caller. `Unauthorized`: unknown, erased or signed out; `Forbidden`: deactivated."""
        found = await self._find(identity)
        if identity.session_id is None and _is_news(identity, found):
            await self._store.admit(identity, is_new=found is None)
            found = await self._find(identity)
        if found is None or found.user.state is UserState.ERASED:
            raise Unauthorized
        if not found.lives:
            raise Unauthorized(ENDED)
        if found.user.state is not UserState.ACTIVE:
            raise Forbidden(DEACTIVATED)
        return Caller(found.user, found.head, identity.session_id, identity.expires_at, found.unread_total)

    async def ended(self, caller: Caller) -> EndReason | None:
        """Why somebody who was let in no longer is, None while all stands: for who waits, to ask once their end would reach them."""
        found = await self._find(Identity(caller.id, session_id=caller.session_id))
        if found is None or found.user.state is not UserState.ACTIVE:
            return EndReason.DEACTIVATED
        return None if found.lives else EndReason.SIGNED_OUT

    async def _find(self, identity: Identity) -> Found | None:
        """Join the next look-up; whoever asks the same by then shares the answer. It is read after it was asked for."""
        asked = (identity.user_id, identity.session_id)
        answer = self._waiting.get(asked)
        if answer is None:
            answer = self._waiting[asked] = asyncio.get_running_loop().create_future()
            if self._reading is None:
                self._reading = asyncio.get_running_loop().create_task(self._read(), name="callers")
        return await asyncio.shield(answer)  # who hangs up must not take it from the others

    async def _read(self) -> None:
        """Take what waits, again and again, until nothing does; what comes in meanwhile gathers for the next statement."""
        try:
            while self._waiting:
                batch = {asked: self._waiting.pop(asked) for asked in list(self._waiting)[:MAX_TOGETHER]}
                await self._answer(batch)
        finally:
            self._reading = None

    async def _answer(self, batch: "dict[Asked, asyncio.Future[Found | None]]") -> None:
        try:
            found = await self._store.find(tuple(batch))
        except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to those who wait
            for answer in batch.values():
                answer.set_exception(error)
                answer.exception()  # if all of them have left, the loop must not complain
            return
        for asked, answer in batch.items():
            answer.set_result(found.get(asked))


def _is_news(identity: Identity, found: Found | None) -> bool:
    """Whether a platform's token says more of its user than the row does; of one who is not active nothing is written."""
    if found is None:
        return True
    user = found.user
    said = (
        (identity.username, user.username),
        (identity.display_name, user.display_name),
        (identity.avatar_url, user.avatar_url),
    )
    return user.state is UserState.ACTIVE and any(claim is not None and claim != kept for claim, kept in said)
