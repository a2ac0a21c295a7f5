"""What a person can do in either dialect, in words of neither: scenarios are written once and spoken in both.

The dialects' own words are camel.py's and snake.py's; what they say beyond this is their own tests' business.
"""

from abc import ABC, abstractmethod
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from tests.live.people import Answer, Person


@dataclass(frozen=True, slots=True)
class Said:
    """A message as somebody sees it; `status` is sent, delivered or read."""

    id: str
    conversation: str
    sender: str
    text: str
    status: str
    is_read: bool
    at: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A conversation as somebody's list shows it. `last_text` is None of a deleted message, and when there is none."""

    conversation: str
    other: str
    last_id: str | None
    last_text: str | None
    unread: int


@dataclass
class Refused(Exception):
    """The server said no."""

    status: int
    code: str
    text: str


def taken(answer: Answer) -> Answer:
    """The answer, if it is a success; else `Refused`."""
    if answer.status >= 400:
        raise Refused(*answer.refusal)
    return answer


class Ear(ABC):
    """An open socket. Each `hears_` waits for its frame; a frame is heard once."""

    @abstractmethod
    async def say(self, conversation: str, text: str) -> Said:
        """Send, and wait for the acknowledgement."""

    @abstractmethod
    async def type(self, conversation: str, *, on: bool) -> None:
        """Start or stop typing."""

    @abstractmethod
    async def hears_new(self, text: str) -> Said:
        """A message with this text."""

    @abstractmethod
    async def hears_read(self, message_id: str) -> None:
        """The partner read this message among others."""

    @abstractmethod
    async def hears_delivered(self, message_id: str) -> None:
        """The partner got all up to this message."""

    @abstractmethod
    async def hears_deleted(self, message_id: str) -> None:
        """This message is gone."""

    @abstractmethod
    async def hears_left(self, conversation: str) -> None:
        """An own device took the conversation out of the list."""

    @abstractmethod
    async def hears_typing(self, conversation: str, user_id: str, *, on: bool) -> None:
        """The partner types, or stopped."""

    @abstractmethod
    async def hears_status(self, user_id: str, *, online: bool) -> None:
        """The partner came, or went."""

    @abstractmethod
    async def hears_totals(self, unread: int) -> None:
        """What was missed has been sent, and this is unread in all."""

    @abstractmethod
    async def refused(self, conversation: str, text: str) -> str:
        """Try to send what must be refused; the code of the refusal."""

    @abstractmethod
    async def nothing_more(self) -> None:
        """No message, receipt, deletion, typing or status came that was not heard."""

    @property
    @abstractmethod
    def position(self) -> int:
        """Everything up to here was sent on this socket."""


class Speaker(ABC):
    """A person and the dialect they speak."""

    name: str

    def __init__(self, person: Person) -> None:
        self.person = person
        self.id = person.id

    @abstractmethod
    async def open(self, other: "Speaker") -> str:
        """Get or make the conversation; its id."""

    @abstractmethod
    async def say(self, conversation: str, text: str, *, key: str | None = None) -> Said:
        """Send over REST."""

    @abstractmethod
    async def history(self, conversation: str) -> list[Said]:
        """The newest messages, newest first. In one dialect this marks them as read, in the other it does not (C-29)."""

    @abstractmethod
    async def read(self, conversation: str) -> None:
        """Mark everything as read."""

    @abstractmethod
    async def delete(self, message_id: str) -> None:
        """Delete one's own message."""

    @abstractmethod
    async def leave(self, conversation: str) -> None:
        """Delete the conversation for oneself."""

    @abstractmethod
    async def inbox(self) -> list[Entry]:
        """The list, newest first."""

    @abstractmethod
    async def unread(self) -> int:
        """Unread messages in all conversations."""

    @abstractmethod
    async def block(self, other: "Speaker") -> None:
        """Block."""

    @abstractmethod
    async def unblock(self, other: "Speaker") -> None:
        """Unblock."""

    @abstractmethod
    async def blocked(self) -> list[str]:
        """Ids of those whom this person blocks."""

    @abstractmethod
    def ear(self, since: int | None = None) -> AbstractAsyncContextManager[Ear]:
        """A socket, greeted; with `since` it catches up first."""

    async def settings(self, **changes: object) -> None:
        """Change one's settings, which have one address for both dialects."""
        taken(await self.person.patch("/api/v1/users/me", changes))
