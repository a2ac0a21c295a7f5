"""Users: how their names are compared, what they may change of themselves, finding and following others.

Passwords and sessions are accounts.py, tokens to users callers.py. Behind a platform profile and graph are its own (design part 6).
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from urllib.parse import urlsplit
from uuid import UUID

from duologue.core.errors import Blocked, Forbidden, NotFound, ValidationFailed
from duologue.core.events import Notice, SettingsChanged
from duologue.core.limits import charge
from duologue.core.model import Caller, Profile, User, UserState, WhoCanMessage
from duologue.core.ports import Broker, Limiter, UserStore
from duologue.core.rules import check_not_self, why_not

MAX_USERNAME = 64  # characters
MAX_DISPLAY_NAME = 100  # characters
MAX_AVATAR_URL = 2_048  # characters
SEARCH_LIMIT = 20
REGISTRABLE = re.compile(r"[A-Za-z0-9_.-]{3,32}")

NO_USER = "User not found"
YOURSELF = "Cannot follow yourself"
FOLLOW_BLOCKED = "Cannot follow this user"
PLATFORM_OWNS = "The platform manages profiles and followers"
NO_QUERY = "query is required"
BAD_USERNAME = "username must be 3 to 32 of the letters A to Z, digits, '_', '.' and '-'"
BAD_DISPLAY_NAME = f"displayName must be 1 to {MAX_DISPLAY_NAME} characters without control characters"
BAD_AVATAR = f"avatar must be an http or https address of at most {MAX_AVATAR_URL} characters"
FOREIGN_AVATAR = "avatar must be at one of the allowed origins"

_UNSAFE_IN_URL = re.compile(r'[\s\\<>"]')
_STANDARD_PORTS = {"http": ":80", "https": ":443"}
_PROFILE = frozenset({"display_name", "avatar_url"})


# -- names --------------------------------------------------------------------------------------------------------------


def username_key(name: str) -> str:
    """A username as it is compared: without case, and whichever way its accents are encoded (design part 6).

    Case folding, not lower case, so that "STRASSE" meets "straße"; NFC before and after, because folding may take composed
    letters apart. Not NFKC: it would make one name of `x2` and `x²`, and one user would take the other's name. Keys stay
    valid for ever, since Unicode never changes the folding or composition of a letter it has once assigned.
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def is_username(name: str) -> bool:
    """Whether anybody can have this name: 1 to 64 characters, no control characters or `/` (design part 6)."""
    return 1 <= len(name) <= MAX_USERNAME and "/" not in name and is_printable(name)


def check_registrable(name: str) -> str:
    """A name that a person may register; narrower than what a platform may bring."""
    if not REGISTRABLE.fullmatch(name):
        raise ValidationFailed(BAD_USERNAME, details={"field": "username"})
    return name


def generated_usernames(user_id: UUID) -> tuple[str, str]:
    """Stable names for a user without one, the second for when somebody has the first.

    The end of the id, not its beginning: in a UUIDv7 that is the time, which users who come together share.
    """
    return f"user-{user_id.hex[-12:]}", f"user-{user_id.hex}"


def is_printable(text: str) -> bool:
    """No control character and no lone surrogate: PostgreSQL and UTF-8 refuse some of them."""
    return all(unicodedata.category(character) not in {"Cc", "Cs"} for character in text)


# -- what may be changed ------------------------------------------------------------------------------------------------


def check_display_name(name: str | None) -> str | None:
    """A display name without the spaces around it; None shows the username (G-45)."""
    if name is None:
        return None
    kept = name.strip()
    if not 1 <= len(kept) <= MAX_DISPLAY_NAME or not is_printable(kept):
        raise ValidationFailed(BAD_DISPLAY_NAME, details={"field": "displayName"})
    return kept


def check_avatar(url: str | None, origins: Collection[str]) -> str | None:
    """An address that browsers may load an image from; if `origins` are given, one of theirs. None is no avatar."""
    if url is None:
        return None
    origin = None if len(url) > MAX_AVATAR_URL or _UNSAFE_IN_URL.search(url) or not is_printable(url) else _origin(url)
    if origin is None:
        raise ValidationFailed(BAD_AVATAR, details={"field": "avatar"})
    if origins and origin not in origins:
        raise ValidationFailed(FOREIGN_AVATAR, details={"field": "avatar"})
    return url


def _origin(url: str) -> str | None:
    """The origin as browsers write it; None for what is no http(s) address with a host, or names a user."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in _STANDARD_PORTS and parts.hostname and "@" not in parts.netloc
        _ = parts.port  # raises for what is no port
    except ValueError:
        return None
    return f"{parts.scheme}://{parts.netloc.lower()}".removesuffix(_STANDARD_PORTS[parts.scheme]) if usable else None


class Users:
    """The use cases of users. `platform`: one owns profiles and followers; `avatar_origins`: empty allows every one."""

    def __init__(
        self,
        *,
        store: UserStore,
        limiter: Limiter,
        broker: Broker,
        avatar_origins: Collection[str] = (),
        platform: bool,
    ) -> None:
        self._store = store
        self._limiter = limiter
        self._broker = broker
        self._platform = platform
        self._checks: Mapping[str, Callable[..., object]] = MappingProxyType(
            {
                "display_name": check_display_name,
                "avatar_url": lambda url: check_avatar(url, avatar_origins),
                "who_can_message": WhoCanMessage,
                "send_read_receipts": bool,
                "show_last_seen": bool,
            }
        )

    async def update(self, caller: Caller, changes: Mapping[str, object]) -> User:
        """Change profile fields or settings, named as in `User`; the user as they are then. Own devices are told (design part 4).

        What is so already changes nothing and tells nobody. Behind a platform profile fields are `Forbidden`.
        """
        if self._platform and not _PROFILE.isdisjoint(changes):
            raise Forbidden(PLATFORM_OWNS)
        checked = {name: self._checks[name](value) for name, value in changes.items()}
        changed = {name: value for name, value in checked.items() if value != getattr(caller.user, name)}
        if not changed:
            return caller.user
        user, position, total = await self._store.update(caller.id, changed)
        self._broker.publish((SettingsChanged(user, (Notice(user.id, position, total_unread=total),)),))
        return user

    async def search(
        self, caller: Caller, query: str, *, after: str = "", limit: int = SEARCH_LIMIT
    ) -> tuple[list[Profile], bool]:
        """Active users whose name begins with `query`, in order, beginning after a name; and whether there are more.

        Presence is not filled in: it is for partners.
        """
        if not query:
            raise ValidationFailed(NO_QUERY, details={"field": "query"})
        await charge(self._limiter, "search_users", caller)
        if not is_username(query):
            return [], False
        found = await self._store.search(query, limit + 1, except_id=caller.id, after=after)
        return found[:limit], len(found) > limit

    async def can_message(self, caller: Caller, user_id: UUID) -> str | None:
        """Why the caller cannot write to a user, None if they can (RN-21, G-18). `NotFound` for an unknown one."""
        reach = await self._store.reach(caller.id, user_id)
        if reach is None:
            raise NotFound(NO_USER)
        return why_not(caller.user, reach)

    async def follow(self, caller: Caller, username: str) -> User:
        """Follow a user by name; again changes nothing. Not while either of the two blocks the other (C-09)."""
        other = await self._other(username)
        check_not_self(caller.id, other.id, YOURSELF)
        reach = await self._store.reach(caller.id, other.id)
        if reach is None or reach.other.state is not UserState.ACTIVE:
            raise NotFound(NO_USER)
        if reach.is_blocking or reach.is_blocked_by:
            raise Blocked(FOLLOW_BLOCKED)
        await self._store.follow(caller.id, other.id)
        return other

    async def unfollow(self, caller: Caller, username: str) -> User:
        """Follow a user no longer; when not following changes nothing."""
        other = await self._other(username)
        check_not_self(caller.id, other.id, YOURSELF)
        await self._store.unfollow(caller.id, other.id)
        return other

    async def _other(self, username: str) -> User:
        if self._platform:
            raise Forbidden(PLATFORM_OWNS)
        other = await self._store.by_username(username)
        if other is None:
            raise NotFound(NO_USER)
        return other
