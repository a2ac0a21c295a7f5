"""The audit log: who among operators did what to whom, and how it ended. Ids and figures alone, never a name or a text.

An act that is one transaction writes its entry inside it; one that is many writes it first, and how it ended afterwards.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from duologue.core.model import Cursor, Page
from duologue.core.ports import Ids


class Actor(StrEnum):
    """Who acts: the platform's server, the command line, or somebody on their own behalf."""

    API = "api"
    COMMAND = "command"
    USER = "user"


class Action(StrEnum):
    """What is done. Stays for ever: the log is read by programs."""

    USERS_UPSERT = "users.upsert"
    USER_GET = "user.get"
    USER_DEACTIVATE = "user.deactivate"
    USER_REACTIVATE = "user.reactivate"
    USER_DISCONNECT = "user.disconnect"
    USER_ERASE = "user.erase"
    USER_EXPORT = "user.export"
    USER_BLOCKS = "user.blocks"
    MESSAGE_DELETE = "message.delete"
    FOLLOWS_CHANGE = "follows.change"
    AUDIT_READ = "audit.read"


@dataclass(frozen=True, slots=True)
class Entry:
    """One act. `details` hold figures and words of ours."""

    id: UUID
    actor: Actor
    action: Action
    target_ids: Sequence[UUID] = ()
    details: Mapping[str, object] | None = None
    at: datetime | None = None  # set by the database

    @classmethod
    def of(cls, ids: Ids, actor: Actor, action: Action, *targets: UUID, **details: object) -> "Entry":
        """A new entry."""
        return cls(ids(), actor, action, targets, details)


class AuditLog(Protocol):
    """Where entries are kept."""

    async def note(self, entry: Entry) -> None:
        """Keep an entry."""
        ...

    async def conclude(self, entry: Entry, **details: object) -> None:
        """Add to an entry how its act ended."""
        ...

    async def page(self, cursor: Cursor | None, limit: int) -> Page[Entry]:
        """The log, newest first."""
        ...
