"""A fact's group of frames, alike in both dialects: which there are, for whom, and in which order (G-07, design part 4).

How each frame reads is the dialects' (`camel/codec.py`, `snake/codec.py`).
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from uuid import UUID

from duologue.core import events
from duologue.core.events import Fact, Notice
from duologue.core.model import Message
from duologue.realtime.codec import CommandId

# Every fact but a message, which has its own, shorter way.
Rarer = (
    events.MessagesRead
    | events.MessagesDelivered
    | events.MessageDeleted
    | events.ConversationOpened
    | events.ConversationDeleted
    | events.BlockChanged
    | events.SettingsChanged
    | events.UserChanged
)
# Those that are not about a message.
OfConversation = (
    events.ConversationOpened
    | events.ConversationDeleted
    | events.BlockChanged
    | events.SettingsChanged
    | events.UserChanged
)
# Those that show a conversation otherwise.
Updating = events.ConversationOpened | events.BlockChanged | events.UserChanged


class Groups(ABC):
    """The part of a `Codec` that makes groups."""

    def __init__(self) -> None:
        self._preview: tuple[Message | None, bytes] = (None, b"")  # both users get the same: made once per message

    @abstractmethod
    def message(
        self, fact: events.MessageSent, notice: Notice, *, origin: bool = False, command_id: CommandId = None
    ) -> bytes:
        """The first frame of a message, or its acknowledgement."""

    @abstractmethod
    def first(self, fact: Rarer, notice: Notice, command_id: CommandId) -> bytes:
        """The first frame of any other fact."""

    @abstractmethod
    def preview(self, message: Message) -> bytes:
        """That a message is a conversation's last."""

    @abstractmethod
    def unread(self, conversation_id: UUID, notice: Notice) -> bytes:
        """Counts after a fact."""

    def fact_frames(
        self, fact: Fact, notice: Notice, *, origin: bool = False, command_id: CommandId = None
    ) -> Sequence[bytes]:
        """A fact's group for one user; on the connection whose command it was, the first frame is the answer."""
        if isinstance(fact, events.MessageSent):
            message = fact.message
            first = self.message(fact, notice, origin=origin, command_id=command_id)
            if notice.user_id != message.receiver_id:
                return (first, self._preview_of(message))
            return (first, self._preview_of(message), self.unread(message.conversation_id, notice))
        first = self.first(fact, notice, command_id if origin else None)
        if isinstance(fact, events.MessagesRead) and notice.user_id == fact.reader_id:
            return (first, self.unread(fact.conversation_id, notice))  # B-17
        return (first,)

    def first_frame(self, fact: Fact, notice: Notice) -> bytes | None:
        """The frame with the position, as on a connection that did not cause the fact."""
        if isinstance(fact, events.MessageSent):
            return self.message(fact, notice)
        return self.first(fact, notice, None)

    def _preview_of(self, message: Message) -> bytes:
        if self._preview[0] is not message:
            self._preview = (message, self.preview(message))
        return self._preview[1]
