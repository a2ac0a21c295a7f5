"""Server to server over HTTP, below `/api/v1/admin` (design part 6): who may call, what is asked and what is answered. No rule, no SQL.

Without `ADMIN_TOKEN` none of it is mounted. The token is nobody's: it opens nothing else, and no user's token opens this.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.params import JSONBody, PathParameter, QueryParameter
from msgspec import UNSET, Meta, Struct, UnsetType

from duologue.api.answers import Answer, Envelope, Lines, ok
from duologue.api.bearer import INVALID_TOKEN, bearer_token
from duologue.api.camel.bodies import Avatar, Name, meta_of
from duologue.api.camel.errors import ErrorBody
from duologue.api.camel.parameters import CursorText, LimitText, MessageId, limit_of
from duologue.api.camel.wire import CursorMeta
from duologue.api.cursors import decode_cursor
from duologue.api.export import ExportLine, lines_of
from duologue.api.routing import Route, handlers
from duologue.api.wire import Audience, Count, Time, timestamp
from duologue.core.admin import MAX_ITEMS, Admin, Edge, Known
from duologue.core.audit import Action, Actor, Entry
from duologue.core.erasure import Erasure, Fate
from duologue.core.errors import Unauthorized, ValidationFailed
from duologue.core.export import Export
from duologue.core.model import Block
from duologue.core.standing import Standing
from duologue.core.upserts import MAX_EXTERNAL_ID, MAX_NAME, Upserts, Wanted

MOUNT = "/api/v1/admin"
MAX_BODY = 8 * 2**20  # bytes: a thousand users with all their fields, each character escaped
BAD_FATE = "messages must be keep or remove"
TWO_AVATARS = "avatar and avatarUrl are the same; give one of them"

UserName = Annotated[str, PathParameter(name="user", description="The user's id, or the platform's id of them")]
FateText = Annotated[
    str,
    QueryParameter(
        name="messages",
        description="What becomes of the messages that the user wrote",
        schema_extra={"enum": ["keep", "remove"], "default": "keep"},
    ),
]
ExternalId = Annotated[str, Meta(extra_json_schema={"minLength": 1, "maxLength": MAX_EXTERNAL_ID})]
LongName = Annotated[str, Meta(extra_json_schema={"minLength": 1, "maxLength": MAX_NAME})]


class AdminGuard:
    """Lets in who has the token; what is compared takes the same time however much of it is right."""

    def __init__(self, token: str) -> None:
        self._digest = _digest(token)

    async def guard(self, connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
        """Litestar's guard."""
        token = bearer_token(connection.scope["headers"])
        if not hmac.compare_digest(_digest(token), self._digest):
            raise Unauthorized(INVALID_TOKEN)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


# -- requests -----------------------------------------------------------------------------------------------------------


class UserItem(Struct, rename="camel", forbid_unknown_fields=True):
    """A user to make or change, by `id`, `externalId` or both. What is left out stays; null takes display name or avatar away."""

    id: UUID | None = None
    external_id: ExternalId | None = None
    username: Name | None = None
    display_name: LongName | UnsetType | None = UNSET
    avatar: Avatar | UnsetType | None = UNSET
    avatar_url: Avatar | UnsetType | None = UNSET

    def wanted(self) -> Wanted:
        """For the core."""
        if self.avatar is not UNSET and self.avatar_url is not UNSET:
            raise ValidationFailed(TWO_AVATARS, details={"field": "avatarUrl"})
        avatar = self.avatar if self.avatar is not UNSET else self.avatar_url
        changes: dict[str, str | None] = {"username": self.username}
        if self.display_name is not UNSET:
            changes["display_name"] = self.display_name
        if avatar is not UNSET:
            changes["avatar_url"] = avatar or None
        return Wanted(self.id, self.external_id, changes)


class UpsertBody(Struct, forbid_unknown_fields=True):
    """Users to make or change: all of them, or none."""

    users: Annotated[list[UserItem], Meta(extra_json_schema={"maxItems": MAX_ITEMS})]


class FollowItem(Struct, forbid_unknown_fields=True):
    """Somebody follows somebody; both named by id, or by the platform's id."""

    follower: str
    followed: str

    def edge(self) -> Edge:
        """For the core."""
        return Edge(self.follower, self.followed)


class FollowsBody(Struct, forbid_unknown_fields=True):
    """Follows to add and to remove, 1,000 at most together: all of them, or none."""

    add: list[FollowItem] = []
    remove: list[FollowItem] = []


# -- answers ------------------------------------------------------------------------------------------------------------


class AdminUserDTO(Struct, rename="camel"):
    """A user as operators see them. `created` stands in the answer of an upsert, `isOnline` where one user was asked for.

    `files` and `bytes`: what their files take, sent or not, thumbnails left out; not in the answer of an upsert.
    """

    id: UUID
    external_id: str | None
    username: str
    display_name: str
    avatar: str
    who_can_message: Audience
    send_read_receipts: bool
    show_last_seen: bool
    state: Literal["active", "deactivated", "erased"]
    last_seen: Time | None
    created_at: Time
    is_online: bool | UnsetType = UNSET
    created: bool | UnsetType = UNSET
    files: Count | UnsetType = UNSET
    bytes: Count | UnsetType = UNSET

    @classmethod
    def of(
        cls, known: Known, *, is_online: bool | UnsetType = UNSET, created: bool | UnsetType = UNSET
    ) -> "AdminUserDTO":
        """A user."""
        user = known.user
        return cls(
            user.id,
            known.external_id,
            user.username,
            user.display_name or user.username,
            user.avatar_url or "",
            user.who_can_message.value,
            user.send_read_receipts,
            user.show_last_seen,
            user.state.value,
            None if user.last_seen_at is None else timestamp(user.last_seen_at),
            timestamp(known.created_at),
            is_online,
            created,
            UNSET if known.use is None else known.use.files,
            UNSET if known.use is None else known.use.bytes,
        )


class UpsertDTO(Struct):
    """The users as they are now, in the order in which they were given."""

    users: Sequence[AdminUserDTO]


class AdminBlockDTO(Struct, rename="camel"):
    """A block that the user put."""

    id: UUID
    blocked_id: UUID
    blocked_username: str
    reason: str | None
    created_at: Time

    @classmethod
    def of(cls, block: Block) -> "AdminBlockDTO":
        """A block."""
        return cls(block.id, block.blocked.id, block.blocked.username, block.reason, timestamp(block.created_at))


class AdminBlockList(Struct):
    """Blocks, newest first."""

    blocks: Sequence[AdminBlockDTO]
    meta: CursorMeta


class RemovedDTO(Struct, rename="camel"):
    """A message that is gone for both."""

    message_id: UUID
    conversation_id: UUID
    deleted_at: Time


class FollowsDTO(Struct):
    """How many follows came and went; those that were there already, or not, do not count."""

    added: Count
    removed: Count


class StatsDTO(Struct):
    """How much there is: exact up to 100,000, from there the database's estimate.

    `files` and `bytes` are exact, thumbnails left out. `connections`: open sockets of this node.
    """

    users: Count
    accounts: Count
    conversations: Count
    messages: Count
    blocks: Count
    follows: Count
    files: Count
    bytes: Count
    connections: Count


class AuditDTO(Struct, rename="camel"):
    """An act: who, what, to whom (ids of users and messages), and how it ended."""

    id: UUID
    at: Time | None
    actor: Annotated[str, Meta(extra_json_schema={"enum": [actor.value for actor in Actor]})]
    action: Annotated[str, Meta(extra_json_schema={"enum": [action.value for action in Action]})]
    target_ids: Sequence[UUID]
    details: Mapping[str, object]

    @classmethod
    def of(cls, entry: Entry) -> "AuditDTO":
        """An entry."""
        at = None if entry.at is None else timestamp(entry.at)
        return cls(entry.id, at, entry.actor.value, entry.action.value, entry.target_ids, entry.details or {})


class AuditList(Struct):
    """The log, newest first."""

    entries: Sequence[AuditDTO]
    meta: CursorMeta


# -- endpoints ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminServices:
    """What the endpoints call. `connections`: how many sockets are open here."""

    admin: Admin
    upserts: Upserts
    standing: Standing
    erasure: Erasure
    export: Export
    connections: Callable[[], int]


class AdminApi:
    """The endpoints."""

    def __init__(self, services: AdminServices) -> None:
        self._do = services

    async def upsert_users(self, data: JSONBody[UpsertBody]) -> Answer[Envelope[UpsertDTO]]:
        """Make or change up to 1,000 users: all of them, or none and `details.errors` says which items are at fault and why."""
        done = await self._do.upserts.upsert([item.wanted() for item in data.users], Actor.API)
        users = [AdminUserDTO.of(one.known, created=one.created) for one in done]
        return ok("Users saved successfully", UpsertDTO(users))

    async def get_any_user(self, user: UserName) -> Answer[Envelope[AdminUserDTO]]:
        """Any user."""
        known, is_online = await self._do.admin.get(user, Actor.API)
        return ok("User retrieved successfully", AdminUserDTO.of(known, is_online=is_online))

    async def deactivate_user(self, user: UserName) -> Answer[Envelope[AdminUserDTO]]:
        """Shut a user out, reversibly: sockets close with 4502, tokens are 403, nobody writes to them. Again changes nothing."""
        known = await self._do.admin.known(user)
        await self._do.standing.deactivate(known.user.id, Actor.API)
        return ok("User deactivated successfully", AdminUserDTO.of(await self._do.admin.known(str(known.user.id))))

    async def reactivate_user(self, user: UserName) -> Answer[Envelope[AdminUserDTO]]:
        """Let a deactivated user in again, as they were. Again changes nothing."""
        known = await self._do.admin.known(user)
        await self._do.standing.reactivate(known.user.id, Actor.API)
        return ok("User reactivated successfully", AdminUserDTO.of(await self._do.admin.known(str(known.user.id))))

    async def disconnect_user(self, user: UserName) -> Answer[Envelope[None]]:
        """Close a user's sockets with 4504 and end their sign-in sessions; a token of the platform opens new ones."""
        known = await self._do.admin.known(user)
        await self._do.standing.disconnect(known.user.id, Actor.API)
        return ok("User disconnected successfully", None)

    async def erase_user(self, user: UserName, fate: FateText = "") -> Answer[Envelope[None]]:
        """Erase a user for ever. Answered when all is gone; cut short, the same call again finishes it."""
        if fate not in ("", *Fate):
            raise ValidationFailed(BAD_FATE, details={"field": "messages"})
        known = await self._do.admin.known(user)
        await self._do.erasure.erase(known.user.id, Fate(fate or Fate.KEEP), Actor.API)
        return ok("User erased successfully", None)

    async def export_user(self, user: UserName) -> Lines[ExportLine]:
        """Everything that is kept of a user, one JSON object a line; the last line is of kind `end`, else the copy is cut short."""
        chunks = await self._do.export.begin(await self._do.admin.known(user), Actor.API)
        return Lines(lines_of(chunks))

    async def list_blocks_of_user(
        self, user: UserName, cursor: CursorText = "", limit: LimitText = ""
    ) -> Answer[Envelope[AdminBlockList]]:
        """Whom a user blocks, newest first."""
        place = decode_cursor(cursor, "created_at")
        page = await self._do.admin.blocks(user, place, limit_of(limit), Actor.API)
        blocks = [AdminBlockDTO.of(block) for block in page.items]
        return ok("Blocks retrieved successfully", AdminBlockList(blocks, meta_of(page, "created_at")))

    async def remove_message(self, message_id: MessageId) -> Answer[Envelope[RemovedDTO]]:
        """Delete anybody's message for both sides. Its row stays, unseen, until its sender is erased."""
        gone = await self._do.admin.delete_message(message_id, Actor.API)
        data = RemovedDTO(gone.message_id, gone.conversation_id, timestamp(gone.deleted_at))
        return ok("Message deleted successfully", data)

    async def change_follows(self, data: JSONBody[FollowsBody]) -> Answer[Envelope[FollowsDTO]]:
        """Add and remove follows: all of them, or none and `details.errors` says which items are at fault and why."""
        add, remove = [item.edge() for item in data.add], [item.edge() for item in data.remove]
        edges = await self._do.admin.change_follows(add, remove, Actor.API)
        return ok("Follows changed successfully", FollowsDTO(edges.added, edges.removed))

    async def get_stats(self) -> Answer[Envelope[StatsDTO]]:
        """How much there is."""
        counts = await self._do.admin.counts()
        return ok("Stats retrieved successfully", StatsDTO(**counts, connections=self._do.connections()))

    async def list_audit(self, cursor: CursorText = "", limit: LimitText = "") -> Answer[Envelope[AuditList]]:
        """What was done here and on the command line, newest first."""
        page = await self._do.admin.audit(decode_cursor(cursor, "created_at"), limit_of(limit), Actor.API)
        entries = [AuditDTO.of(entry) for entry in page.items]
        return ok("Audit log retrieved successfully", AuditList(entries, meta_of(page, "created_at")))


def admin_table(api: AdminApi) -> Sequence[Route]:
    """The surface."""
    user = "/users/{user:str}"
    return (
        Route(method="PUT", path="/users", answer=api.upsert_users, errors=(409,), max_body=MAX_BODY),
        Route(method="GET", path=user, answer=api.get_any_user, errors=(404,)),
        Route(method="DELETE", path=user, answer=api.erase_user, errors=(404,)),
        Route(method="POST", path=f"{user}/deactivate", answer=api.deactivate_user, errors=(404, 409)),
        Route(method="POST", path=f"{user}/reactivate", answer=api.reactivate_user, errors=(404, 409)),
        Route(method="POST", path=f"{user}/disconnect", answer=api.disconnect_user, errors=(404,)),
        Route(method="GET", path=f"{user}/export", answer=api.export_user, errors=(404,)),
        Route(method="GET", path=f"{user}/blocks", answer=api.list_blocks_of_user, errors=(404,)),
        Route(method="DELETE", path="/messages/{messageId:uuid}", answer=api.remove_message, errors=(404,)),
        Route(method="POST", path="/follows", answer=api.change_follows, errors=(404, 409), max_body=MAX_BODY),
        Route(method="GET", path="/stats", answer=api.get_stats),
        Route(method="GET", path="/audit", answer=api.list_audit),
    )


def admin_handlers(api: AdminApi, token: str) -> Iterator[HTTPRouteHandler]:
    """Every path of operators, and what answers it."""
    return handlers(admin_table(api), (MOUNT,), guard=AdminGuard(token).guard, error_body=ErrorBody, tag="admin")
