"""Users made and changed by the platform's own server, up to 1,000 at once: all of them or none (design part 6)."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from duologue.core.admin import MAX_ITEMS, TOO_MANY, Fault, Known, as_uuid, refusal
from duologue.core.audit import Action, Actor, Entry
from duologue.core.errors import ChatError, ValidationFailed
from duologue.core.ports import Ids
from duologue.core.users import check_avatar, is_printable, is_username, username_key

MAX_EXTERNAL_ID = 255  # characters, as of a token's `sub`
MAX_NAME = 200  # characters of a platform's display name, as of a token's `name`
NO_ID = "id or externalId is required"
BAD_EXTERNAL_ID = f"externalId must be 1 to {MAX_EXTERNAL_ID} printable characters"
BAD_USERNAME = "username must be 1 to 64 characters without control characters and '/'"
BAD_NAME = f"displayName must be 1 to {MAX_NAME} printable characters"
NAME_TAKEN = "Somebody else has this username"
OTHERS_EXTERNAL_ID = "Somebody else has this external id"
TWICE = "Stands here twice"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A user to make or change. `changes`: of `username`, `display_name`, `avatar_url`, those that were said.

    `derived`: the id is what tokens make of the external id; a user who has that external id under another id is meant then.
    """

    id: UUID | None
    external_id: str | None
    changes: Mapping[str, str | None] = field(default_factory=dict)
    derived: bool = False


@dataclass(frozen=True, slots=True)
class Upserted:
    """A user as they are after an upsert, and whether it made them."""

    known: Known
    created: bool


class UpsertStore(Protocol):
    """Where users are kept."""

    async def upsert(self, wanted: Sequence[Wanted], entry: Entry) -> Sequence[Upserted] | Sequence[Fault]:
        """Make or change all of them, or nothing and say why. Ids are set."""
        ...


class Upserts:
    """The use case. `id_of` tells the id that tokens give an external id; `avatar_origins`: empty allows every one."""

    def __init__(
        self, *, store: UpsertStore, ids: Ids, id_of: Callable[[str], UUID], avatar_origins: Collection[str] = ()
    ) -> None:
        self._store = store
        self._ids = ids
        self._id_of = id_of
        self._avatar_origins = avatar_origins

    async def upsert(self, wanted: Sequence[Wanted], actor: Actor) -> Sequence[Upserted]:
        """Make or change users: all or none. Refused with a list of faults in `details.errors`."""
        if len(wanted) > MAX_ITEMS:
            raise ValidationFailed(f"users: {TOO_MANY}", details={"field": "users"})
        resolved, faults = self._resolve(wanted)
        if faults:
            raise refusal(faults)
        if not resolved:
            return ()
        entry = Entry.of(self._ids, actor, Action.USERS_UPSERT)  # its targets are known when it is written
        outcome = await self._store.upsert(resolved, entry)
        faults = [one for one in outcome if isinstance(one, Fault)]
        if faults:
            raise refusal(faults)
        return [one for one in outcome if isinstance(one, Upserted)]

    def _resolve(self, wanted: Sequence[Wanted]) -> tuple[list[Wanted], list[Fault]]:
        resolved: list[Wanted] = []
        faults: list[Fault] = []
        taken: set[object] = set()
        for index, item in enumerate(wanted):
            try:
                one = self._checked(item)
            except ChatError as error:
                faults.append(Fault(index, error, field=str((error.details or {}).get("field", ""))))
                continue
            for key, name in _names(one):
                if key in taken:
                    faults.append(Fault(index, ValidationFailed(TWICE), field=name))
                taken.add(key)
            resolved.append(one)
        return resolved, faults

    def _checked(self, item: Wanted) -> Wanted:
        """An external id that is a UUID is the id itself, as in tokens; any other gives the id that tokens give it."""
        user_id, external_id = item.id, item.external_id
        if external_id is not None and not (1 <= len(external_id) <= MAX_EXTERNAL_ID and is_printable(external_id)):
            raise ValidationFailed(BAD_EXTERNAL_ID, details={"field": "externalId"})
        if user_id is None and external_id is not None:
            user_id = as_uuid(external_id)
            external_id = None if user_id else external_id
        if user_id is None and external_id is None:
            raise ValidationFailed(NO_ID, details={"field": "id"})
        changes = dict(item.changes)
        if changes.get("username") is None:
            changes.pop("username", None)
        elif not is_username(changes["username"] or "") or changes["username"] in {".", ".."}:
            raise ValidationFailed(BAD_USERNAME, details={"field": "username"})
        name = changes.get("display_name")
        if name is not None:
            changes["display_name"] = name = name.strip()
            if not (1 <= len(name) <= MAX_NAME and is_printable(name)):
                raise ValidationFailed(BAD_NAME, details={"field": "displayName"})
        check_avatar(changes.get("avatar_url"), self._avatar_origins)
        if user_id is not None:
            return Wanted(user_id, external_id, changes)
        return Wanted(self._id_of(external_id or ""), external_id, changes, derived=True)


def _names(one: Wanted) -> Iterator[tuple[object, str]]:
    """What no other item may claim, and the field that says it."""
    yield one.id, "id"
    if one.external_id is not None:
        yield one.external_id, "externalId"
    if (username := one.changes.get("username")) is not None:
        yield ("username", username_key(username)), "username"
