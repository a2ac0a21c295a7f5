"""Accounts of the stand-alone server: register, sign in and out, passwords, sessions (design part 6). A platform has its own.

Tokens are not made here: a sign-in answers user, session and rotation, and whoever called issues tokens that name them.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID

from duologue.core.errors import Conflict, Forbidden, Unauthorized, ValidationFailed
from duologue.core.events import EndReason, SessionsEnded
from duologue.core.limits import Charges, charge_key
from duologue.core.model import Caller, User, UserState
from duologue.core.ports import Broker, Clock, Ids, Limiter
from duologue.core.users import NO_USER, check_display_name, check_registrable, is_username, username_key

MIN_PASSWORD, MAX_PASSWORD = 8, 1_024  # characters
SESSION_TTL = 30 * 24 * 3600.0  # seconds since the last refresh

NOT_SIGNED_IN = "Invalid username or password"
WRONG_PASSWORD = "Wrong password"  # noqa: S105  a text, no secret
BAD_PASSWORD = f"must be {MIN_PASSWORD} to {MAX_PASSWORD:,} characters"
TAKEN = "Username is taken"
SESSION_ENDED = "Session has ended"
DEACTIVATED = "Account is deactivated"


@dataclass(frozen=True, slots=True)
class Session:
    """A sign-in session as it begins; `expires_at` moves with every refresh."""

    id: UUID
    user_id: UUID
    at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who signed in, and what their tokens name."""

    user: User
    session_id: UUID
    rotation: int = 0


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user, and the hash their password must fit."""

    user: User
    password_hash: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of the operator's list of users."""

    user: User
    external_id: str | None
    has_password: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a session was not refreshed: what its user is, and whether it was ended because its token had been used before."""

    state: UserState
    was_ended: bool


class Passwords(Protocol):
    """Hashes of passwords; slow by intention, off the event loop."""

    async def hash(self, password: str) -> str:
        """A hash of its own."""
        ...

    async def verify(self, known: str | None, password: str) -> bool:
        """Whether the password fits; None costs the same and never does."""
        ...

    def needs_rehash(self, known: str) -> bool:
        """Whether a hash was made with other parameters than today's."""
        ...


class AccountStore(Protocol):
    """Accounts and sessions."""

    async def is_taken(self, username: str) -> bool:
        """Whether somebody has the name."""
        ...

    async def register(self, user: User, password_hash: str, session: Session | None) -> None:
        """A new user with account, position row and, if wanted, session; `Conflict` when the name is taken."""
        ...

    async def credentials(self, username: str) -> Credentials | None:
        """Of a user by name, if they have an account."""
        ...

    async def credentials_of(self, user_id: UUID) -> Credentials | None:
        """Of a user by id."""
        ...

    async def open_session(self, session: Session, password_hash: str | None) -> bool:
        """Begin a session; with a hash only while it is still the account's."""
        ...

    async def refresh(self, session: Session, rotation: int) -> User | None:
        """Move a living session of an active user on from this rotation; None if it cannot be."""
        ...

    async def refuse(self, session: Session, rotation: int) -> Refusal | None:
        """End a living session that is beyond this rotation; what there is to say of it."""
        ...

    async def end_session(self, user_id: UUID, session_id: UUID, at: datetime) -> bool:
        """End one session; False when it had ended."""
        ...

    async def end_sessions(self, user_id: UUID, at: datetime) -> Sequence[UUID]:
        """End all sessions of a user; those that ended now."""
        ...

    async def change_password(self, old_hash: str, new_hash: str, session: Session) -> Sequence[UUID] | None:
        """Replace the hash, end all sessions, begin this one; those that ended, None when the old hash is not the account's any more."""
        ...

    async def rehash(self, user_id: UUID, old_hash: str, new_hash: str) -> None:
        """The same password under another hash."""
        ...

    async def page(self, after: str, limit: int) -> Sequence[Listed]:
        """Users in the order of their names, beginning after a username; "" is the beginning."""
        ...

    async def prune_sessions(self, before: datetime) -> int:
        """Delete at most 500 sessions that expired before; how many went."""
        ...


class Accounts:
    """The use cases of accounts. `address` is the client's; `charges` takes what the limit answered."""

    def __init__(
        self,
        *,
        store: AccountStore,
        passwords: Passwords,
        limiter: Limiter,
        broker: Broker,
        clock: Clock,
        ids: Ids,
        session_ttl: float = SESSION_TTL,
    ) -> None:
        self._store = store
        self._passwords = passwords
        self._limiter = limiter
        self._broker = broker
        self._clock = clock
        self._ids = ids
        self._session_ttl = timedelta(seconds=session_ttl)

    async def register(
        self, username: str, password: str, display_name: str | None = None, *, address: str, charges: Charges = None
    ) -> SignedIn:
        """Make an account and sign in; a taken name is `Conflict`. Charged per address."""
        user = self._new_user(username, password, display_name)
        await charge_key(self._limiter, "login", f"{_origin(address)}|", charges)
        session = self._session(user.id)
        await self._register(user, password, session)
        return SignedIn(user, session.id)

    async def add(self, username: str, password: str, display_name: str | None = None) -> User:
        """Make an account on the operator's behalf: no limit, nobody is signed in."""
        user = self._new_user(username, password, display_name)
        await self._register(user, password, None)
        return user

    async def login(self, username: str, password: str, *, address: str, charges: Charges = None) -> SignedIn:
        """Sign in. Unknown user and wrong password are told in the same words after the same work."""
        name = username_key(username) if is_username(username) else None
        await self._charge(address, name, charges)
        known = await self._store.credentials(username) if name is not None else None
        if not await self._fits(known, password) or known is None:
            raise Unauthorized(NOT_SIGNED_IN)
        _check_state(known.user.state, NOT_SIGNED_IN)
        session = self._session(known.user.id)
        if not await self._store.open_session(session, known.password_hash):  # the password was changed meanwhile
            raise Unauthorized(NOT_SIGNED_IN)
        if self._passwords.needs_rehash(known.password_hash):
            await self._store.rehash(known.user.id, known.password_hash, await self._passwords.hash(password))
        return SignedIn(known.user, session.id)

    async def sign_in(self, user: User) -> SignedIn:
        """Begin a session on the operator's behalf, without a password, also for a user who has none."""
        _check_state(user.state, NO_USER)
        session = self._session(user.id)
        await self._store.open_session(session, None)
        return SignedIn(user, session.id)

    async def refresh(self, user_id: UUID, session_id: UUID, rotation: int) -> SignedIn:
        """Change a refresh token for the next; one that was changed before ends its session: somebody else holds it too."""
        session = self._session(user_id, session_id)
        user = await self._store.refresh(session, rotation)
        if user is not None:
            return SignedIn(user, session_id, rotation + 1)
        refusal = await self._store.refuse(session, rotation)
        if refusal is not None and refusal.was_ended:
            self._tell(user_id, (session_id,))
        elif refusal is not None:
            _check_state(refusal.state, SESSION_ENDED)
        raise Unauthorized(SESSION_ENDED)

    async def logout(self, user_id: UUID, session_id: UUID) -> None:
        """End a session at once: its tokens are refused, its sockets close. Again changes nothing."""
        if await self._store.end_session(user_id, session_id, self._now()):
            self._tell(user_id, (session_id,))

    async def logout_all(self, caller: Caller) -> None:
        """End all sessions of the caller, this one included."""
        self._tell(caller.id, await self._store.end_sessions(caller.id, self._now()))

    async def change_password(self, caller: Caller, password: str, new_password: str, *, address: str) -> SignedIn:
        """Set a new password, given the old one; all sessions end, and a new one begins."""
        check_password(new_password, "newPassword")
        known = await self.confirm(caller, password, address=address)
        new_hash = await self._passwords.hash(new_password)
        session = self._session(caller.id)
        ended = await self._store.change_password(known.password_hash, new_hash, session)
        if ended is None:
            raise Forbidden(WRONG_PASSWORD)
        self._tell(caller.id, ended)
        return SignedIn(known.user, session.id)

    async def confirm(self, caller: Caller, password: str, *, address: str) -> Credentials:
        """The caller's credentials, given their password; `Forbidden` when it is not theirs. Charged as a sign-in."""
        await self._charge(address, username_key(caller.user.username), caller.charges)
        known = await self._store.credentials_of(caller.id)
        if not await self._fits(known, password) or known is None:
            raise Forbidden(WRONG_PASSWORD)
        return known

    def _new_user(self, username: str, password: str, display_name: str | None) -> User:
        check_registrable(username)
        check_password(password, "password")
        return User(self._ids(), username, check_display_name(display_name))

    async def _register(self, user: User, password: str, session: Session | None) -> None:
        if await self._store.is_taken(user.username):  # before the hash, which is what costs
            raise Conflict(TAKEN)
        await self._store.register(user, await self._passwords.hash(password), session)

    async def _fits(self, known: Credentials | None, password: str) -> bool:
        """The same work whether there is an account or not."""
        return await self._passwords.verify(None if known is None else known.password_hash, password)

    async def _charge(self, address: str, name: str | None, charges: Charges) -> None:
        """Per address and name; what nobody can be called ("/" is no name) counts as one name."""
        await charge_key(self._limiter, "login", f"{_origin(address)}|{name or '/'}", charges)

    def _session(self, user_id: UUID, session_id: UUID | None = None) -> Session:
        now = self._now()
        return Session(session_id or self._ids(), user_id, now, now + self._session_ttl)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock.now(), UTC)

    def _tell(self, user_id: UUID, session_ids: Sequence[UUID]) -> None:
        """One by one, so that a session begun meanwhile stays."""
        self._broker.publish([SessionsEnded(user_id, session_id, EndReason.SIGNED_OUT) for session_id in session_ids])


def check_password(password: str, field: str) -> None:
    """A password that may be set: 8 to 1,024 characters that UTF-8 can hold."""
    try:
        password.encode()
    except UnicodeEncodeError:
        raise ValidationFailed(f"{field} must be valid Unicode text", details={"field": field}) from None
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise ValidationFailed(f"{field} {BAD_PASSWORD}", details={"field": field})


def _check_state(state: UserState, unknown: str) -> None:
    """An erased user is not there; a deactivated one is told so."""
    if state is UserState.ERASED:
        raise Unauthorized(unknown)
    if state is not UserState.ACTIVE:
        raise Forbidden(DEACTIVATED)


def _origin(address: str) -> str:
    """What counts as one address: a whole /64 of IPv6, which one subscriber has at least (RFC 6177)."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return address
    return str(found.ipv4_mapped or ipaddress.IPv6Network((int(found), 64), strict=False).network_address)
