"""What realtime asks of a dialect: frames for facts, ephemeral events and the connection itself, as JSON texts in UTF-8."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from duologue.core.errors import ChatError
from duologue.core.events import Fact, Notice, PresenceChanged, TypingChanged
from duologue.core.model import Unread

CommandId = str | int | None  # what a client put beside its command, to be echoed


class ResetReason(StrEnum):
    """Why a client cannot catch up from where it is (design part 4, Resume)."""

    EXPIRED = "expired"
    TOO_FAR = "too_far"
    AHEAD = "ahead"
    EPOCH = "epoch"


@dataclass(slots=True)
class Greeting:
    """What a connection is told first: `position` and `epoch` are where it stands, or what it asked to resume from."""

    user_id: UUID
    connection_id: UUID
    connected_at: datetime
    position: int
    epoch: str


class Codec(Protocol):
    """One dialect's frames. Pure: the same arguments give the same bytes."""

    def fact_frames(
        self, fact: Fact, notice: Notice, *, origin: bool = False, command_id: CommandId = None
    ) -> Sequence[bytes]:
        """A fact's group of frames for one user, in the order of G-07; the first carries the position unless it is None.

        `origin`: for the connection whose command it was, which is answered by it.
        """
        ...

    def first_frame(self, fact: Fact, notice: Notice) -> bytes | None:
        """The first of the group, as replays and event lists carry it; None if the dialect does not show this fact."""
        ...

    def ephemeral(self, event: TypingChanged | PresenceChanged, viewer_id: UUID) -> bytes | None:
        """What has no position."""
        ...

    def greeting(self, greeting: Greeting, command_id: CommandId = None) -> Sequence[bytes]:
        """The frames that open a connection."""
        ...

    def authenticated(self, greeting: Greeting, command_id: CommandId) -> bytes:
        """The answer to `auth` on a connection that was open already."""
        ...

    def auth_failed(self, error: ChatError, command_id: CommandId = None) -> bytes:
        """A token was refused; the connection will close."""
        ...

    def statuses(self, statuses: Mapping[UUID, bool]) -> bytes:
        """Who of the partners is online."""
        ...

    def unread_totals(self, unread: Unread) -> bytes:
        """Today's totals, after a replay."""
        ...

    def resume_done(self, position: int, epoch: str, command_id: CommandId = None) -> bytes:
        """Everything up to `position` was sent."""
        ...

    def resume_reset(self, position: int, epoch: str, reason: ResetReason, command_id: CommandId = None) -> bytes:
        """Catching up is not possible: take a snapshot, and go on from `position`."""
        ...

    def error(self, error: ChatError, command_id: CommandId = None) -> bytes:
        """Something was refused."""
        ...
