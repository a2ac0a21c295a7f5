"""What the commands of socket B do (WSB-01 to WSB-03). Their form is commands.py's, their answers codec.py's."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar
from uuid import UUID

from duologue.api.commands import Connection, Given, Handler, Later, SocketCommands, caller_of
from duologue.api.incoming import Malformed
from duologue.api.snake.codec import SnakeCodec
from duologue.api.snake.commands import NO_PLACE, Message, Read, Typing, decode, made_out
from duologue.api.snake.wire import SEND_LIMIT, TEMP_ID, files_of
from duologue.api.wire import send_key
from duologue.core import presence
from duologue.core.conversations import Conversations
from duologue.core.errors import ChatError, ValidationFailed
from duologue.core.events import Origin
from duologue.core.items import Done, Marked, Sent
from duologue.core.model import Caller, MessageType
from duologue.core.receipts import Receipts
from duologue.core.sends import Draft, Sends
from duologue.realtime.codec import CommandId
from duologue.realtime.link import text_frames
from duologue.realtime.session import Session
from duologue.realtime.typing import TypingTable


@dataclass(frozen=True, slots=True)
class Services:
    """What the commands call."""

    conversations: Conversations
    sends: Sends
    receipts: Receipts
    typing: presence.Typing
    typing_table: TypingTable


class SnakeCommands(SocketCommands):
    """Takes the messages of dialect B's sockets."""

    codec: SnakeCodec

    def __init__(self, services: Services, connection: Connection) -> None:
        super().__init__(SnakeCodec(), connection)
        self._do = services

    def read(self, data: bytes) -> Given | Malformed:
        """Fields at top level."""
        frame = decode(data)
        if isinstance(frame, Malformed):
            return frame
        name: str = frame.__struct_config__.tag
        return Given(name, self.handlers[name], frame, frame.id)

    def made_out(self, data: bytes) -> Malformed:
        """Type, `temp_id` and `id`, as far as they are there."""
        return made_out(data)

    async def _message(self, session: Session, command: Message, command_id: CommandId) -> Later:
        """Send a message: `message_sent` comes with the fact, by the hub; here only what makes no fact is answered."""
        caller, temp_id = caller_of(session), command.temp_id
        kind, files = MessageType(command.message_type), files_of(command.attachments)
        draft = Draft(command.content, kind, temp_id, send_key(temp_id, TEMP_ID), files)
        conversation_id = await self._place(caller, command)

        def done(outcome: Sent | ChatError) -> None:
            try:
                if isinstance(outcome, ChatError):
                    self.refuse(session, Malformed(outcome, "message", temp_id, command_id))
                elif outcome.replayed:
                    session.send(text_frames((self.codec.sent_before(outcome.message, temp_id, command_id),)))
            finally:
                session.release()

        origin = session.origin if command_id is None else Origin(session.id, command_id)
        await self._do.sends.enter(caller, conversation_id, draft, done=done, limit_name=SEND_LIMIT, origin=origin)
        return True

    async def _place(self, caller: Caller, command: Message) -> UUID:
        """The conversation, made first if a user is named (B-38): nothing behind it on this connection is read meanwhile."""
        if command.conversation_id is not None:
            return command.conversation_id
        if command.recipient_id is None:
            raise ValidationFailed(NO_PLACE)
        conversation, _ = await self._do.conversations.open(caller, command.recipient_id)
        return conversation.id

    async def _read(self, session: Session, command: Read, command_id: CommandId) -> Later:
        """Mark as read: `message_read_ack` comes with the fact; nothing marked is answered here."""
        caller, origin = caller_of(session), Origin(session.id, command_id)
        done = self._read_done(session, command_id)
        if command.message_id is not None:
            await self._do.receipts.enter_one(caller, command.message_id, done=done, origin=origin)
        elif command.conversation_id is not None:
            await self._do.receipts.enter(caller, command.conversation_id, done=done, origin=origin)
        return True

    def _read_done(self, session: Session, command_id: CommandId) -> Done:
        def done(outcome: Marked | ChatError) -> None:
            try:
                if isinstance(outcome, ChatError):
                    self.refuse(session, Malformed(outcome, "read", None, command_id))
                elif not outcome.count:
                    session.send(text_frames((self.codec.nothing_read(outcome, command_id),)))
            finally:
                session.release()

        return done

    async def _typing(self, session: Session, command: Typing, _id: CommandId) -> Later:
        """Tell the partner; that somebody types again and again, until it ends."""
        caller, table = caller_of(session), self._do.typing_table
        if not command.is_typing:
            table.stopped(caller.id, command.conversation_id)
        partner = await self._do.typing.change(caller, command.conversation_id, is_typing=command.is_typing)
        if partner is not None and command.is_typing:
            table.started(caller.id, command.conversation_id, partner, self._connection.clock.monotonic())
        return False

    handlers: ClassVar[Mapping[str, Handler]] = MappingProxyType(
        {
            "auth": SocketCommands.auth,
            "ping": SocketCommands.ping,
            "resume": SocketCommands.resume,
            "message": _message,
            "read": _read,
            "typing": _typing,
        }
    )
