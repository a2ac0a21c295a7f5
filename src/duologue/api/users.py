"""Users over HTTP, below `/api/v1/users` (design part 6): own profile and settings, search, following. No rule, no SQL."""

import base64
from collections.abc import Iterator, Sequence
from typing import Annotated, Literal, TypeVar

import msgspec
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.types import Guard
from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import asdict

from duologue.api.answers import Answer, Envelope
from duologue.api.bearer import Call
from duologue.api.camel.bodies import Avatar, DisplayName
from duologue.api.camel.errors import ErrorBody
from duologue.api.camel.parameters import CursorText, LimitText, limit_of
from duologue.api.camel.wire import CursorMeta, MeDTO, UserShortDTO
from duologue.api.cursors import INVALID_CURSOR
from duologue.api.routing import Route, handlers
from duologue.core.errors import ValidationFailed
from duologue.core.users import Users

T = TypeVar("T")

MOUNT = "/api/v1/users"

TWO_AVATARS = "avatar and avatarUrl are the same; give one of them"

PrefixText = Annotated[
    str,
    QueryParameter(
        name="query", description="What the username begins with, without case", schema_extra={"minLength": 1}
    ),
]


class UpdateBody(Struct, rename="camel", forbid_unknown_fields=True):
    """What to change; what is left out stays. `avatar` may be called `avatarUrl`; "" is none.

    A username cannot be changed. Unknown fields are refused: a misspelt setting must not pass for one that was set.
    """

    display_name: DisplayName | UnsetType | None = UNSET
    avatar: Avatar | UnsetType | None = UNSET
    avatar_url: Avatar | UnsetType | None = UNSET
    who_can_message: Literal["everyone", "followers", "none"] | UnsetType = UNSET
    send_read_receipts: bool | UnsetType = UNSET
    show_last_seen: bool | UnsetType = UNSET

    def changes(self) -> dict[str, object]:
        """What was given, named as in `User`."""
        if self.avatar is not UNSET and self.avatar_url is not UNSET:
            raise ValidationFailed(TWO_AVATARS, details={"field": "avatarUrl"})
        changes = {name: value for name, value in asdict(self).items() if value is not UNSET}
        if "avatar" in changes:
            changes["avatar_url"] = changes.pop("avatar")
        if changes.get("avatar_url") == "":
            changes["avatar_url"] = None
        return changes


class UserList(Struct):
    """`data` of a search."""

    users: Sequence[UserShortDTO]
    meta: CursorMeta


class FollowDTO(Struct, rename="camel"):
    """Whether the caller follows a user now."""

    username: str
    is_following: bool


class UsersApi:
    """The endpoints of users."""

    def __init__(self, users: Users) -> None:
        self._users = users

    async def get_me(self, request: Call) -> Answer[Envelope[MeDTO]]:
        """The caller's profile and settings."""
        return _ok("User retrieved successfully", MeDTO.of(request.user.user))

    async def update_me(self, request: Call, data: JSONBody[UpdateBody]) -> Answer[Envelope[MeDTO]]:
        """Change profile or settings; the caller's devices are told. Behind a platform the profile is the platform's: 403."""
        user = await self._users.update(request.user, data.changes())
        return _ok("User updated successfully", MeDTO.of(user))

    async def search_users(
        self, request: Call, prefix: PrefixText = "", cursor: CursorText = "", limit: LimitText = ""
    ) -> Answer[Envelope[UserList]]:
        """Users whose name begins so, to start a conversation with."""
        found, has_more = await self._users.search(
            request.user, prefix, after=_decode_cursor(cursor), limit=limit_of(limit)
        )
        meta = CursorMeta(has_more, _encode_cursor(found[-1].username) if has_more else UNSET)
        return _ok("Users retrieved successfully", UserList([UserShortDTO.of(profile) for profile in found], meta))

    async def follow_user(self, request: Call, username: FromPath[str] = "me") -> Answer[Envelope[FollowDTO]]:
        """Follow a user: whoever takes messages from followers alone takes them from the caller then. Again changes nothing."""
        user = await self._users.follow(request.user, username)
        return _ok("User followed successfully", FollowDTO(user.username, True))

    async def unfollow_user(self, request: Call, username: FromPath[str] = "me") -> Answer[Envelope[FollowDTO]]:
        """Follow a user no longer; when not following changes nothing."""
        user = await self._users.unfollow(request.user, username)
        return _ok("User unfollowed successfully", FollowDTO(user.username, False))


def user_handlers(api: UsersApi, guard: Guard) -> Iterator[HTTPRouteHandler]:
    """Every path of users, and what answers it."""
    follow = "/{username:str}/follow"
    table = (
        Route(method="GET", path="", answer=api.search_users, limit="search_users"),
        Route(method="GET", path="/me", answer=api.get_me),
        Route(method="PATCH", path="/me", answer=api.update_me),
        Route(method="PUT", path=follow, answer=api.follow_user, errors=(404,)),
        Route(method="DELETE", path=follow, answer=api.unfollow_user, errors=(404,)),
        # Of a user named "me": the framework does not go back from a static segment to a parameter.
        Route(method="PUT", path="/me/follow", answer=api.follow_user, hidden=True),
        Route(method="DELETE", path="/me/follow", answer=api.unfollow_user, hidden=True),
    )
    return handlers(table, (MOUNT,), guard=guard, error_body=ErrorBody, tag="users")


class _Place(Struct):
    """Where a search goes on: after a name."""

    username: str


_place = msgspec.json.Decoder(_Place)


def _encode_cursor(username: str) -> str:
    return base64.b64encode(msgspec.json.encode(_Place(username))).decode("ascii")


def _decode_cursor(text: str | None) -> str:
    if not text:
        return ""
    try:
        return _place.decode(base64.b64decode(text.replace(" ", "+"), validate=True)).username
    except ValueError as error:  # msgspec's and base64's errors are ValueErrors
        raise ValidationFailed(INVALID_CURSOR) from error


def _ok(message: str, data: T) -> Answer[Envelope[T]]:
    return Answer(Envelope(True, message, data), status_code=200)
