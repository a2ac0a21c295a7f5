"""What the commands of socket A do (WSA-01 to WSA-08). Their form is commands.py's, their answers codec.py's."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

from duologue.api.camel.codec import CamelCodec
from duologue.api.camel.commands import BlockPayload, ReadPayload, SendPayload, TypingPayload, decode, made_out
from duologue.api.camel.wire import TEMP_ID
from duologue.api.commands import Connection, Given, Handler, Later, SocketCommands, caller_of
from duologue.api.incoming import Malformed
from duologue.api.wire import named_files, send_key
from duologue.core.blocks import Blocks
from duologue.core.errors import ChatError, ValidationFailed
from duologue.core.events import Origin
from duologue.core.items import Done, Marked, Sent
from duologue.core.model import MessageType
from duologue.core.presence import Typing
from duologue.core.receipts import Receipts
from duologue.core.sends import Draft, Sends
from duologue.realtime.codec import CommandId
from duologue.realtime.link import text_frames
from duologue.realtime.session import Session
from duologue.realtime.typing import TypingTable


@dataclass(frozen=True, slots=True)
class Services:
    """What the commands call."""

    sends: Sends
    receipts: Receipts
    blocks: Blocks
    typing: Typing
    typing_table: TypingTable


class CamelCommands(SocketCommands):
    """Takes the messages of dialect A's sockets."""

    codec: CamelCodec

    def __init__(self, services: Services, connection: Connection) -> None:
        super().__init__(CamelCodec(), connection)
        self._do = services

    def read(self, data: bytes) -> Given | Malformed:
        """`{type, payload, id}`."""
        frame = decode(data)
        if isinstance(frame, Malformed):
            return frame
        name: str = frame.__struct_config__.tag
        return Given(name, self.handlers[name], frame.payload, frame.id)

    def made_out(self, data: bytes) -> Malformed:
        """Type, `tempId` and `id`, as far as they are there."""
        return made_out(data)

    # -- messages ---------------------------------------------------------------------------------------------------------

    async def _send(self, session: Session, payload: SendPayload, command_id: CommandId) -> Later:
        """Send: `message.sent` comes with the fact, by the hub; here only what makes no fact is answered."""
        caller, temp_id = caller_of(session), payload.temp_id
        kind, files = MessageType(payload.type), named_files(payload.media)
        draft = Draft(payload.content, kind, temp_id, send_key(temp_id, TEMP_ID), files)

        def done(outcome: Sent | ChatError) -> None:
            try:
                if isinstance(outcome, ChatError):
                    self.refuse(session, Malformed(outcome, "message.send", temp_id, command_id))
                elif outcome.replayed:
                    session.send(text_frames((self.codec.sent_before(outcome.message, temp_id, command_id),)))
            finally:
                session.release()

        origin = session.origin if command_id is None else Origin(session.id, command_id)
        await self._do.sends.enter(caller, payload.conversation_id, draft, done=done, origin=origin)
        return True

    async def _read(self, session: Session, payload: ReadPayload, command_id: CommandId) -> Later:
        """Mark as read: `message.read_ack` comes with the fact; nothing marked is answered here."""
        caller = caller_of(session)
        origin = Origin(session.id, command_id)
        done = self._read_done(session, command_id)
        await self._do.receipts.enter(caller, payload.conversation_id, payload.message_id, done=done, origin=origin)
        return True

    def _read_done(self, session: Session, command_id: CommandId) -> Done:
        def done(outcome: Marked | ChatError) -> None:
            try:
                if isinstance(outcome, ChatError):
                    self.refuse(session, Malformed(outcome, "message.read", None, command_id))
                elif not outcome.count:
                    session.send(text_frames((self.codec.nothing_read(outcome, command_id),)))
            finally:
                session.release()

        return done

    async def _typing_start(self, session: Session, payload: TypingPayload, _id: CommandId) -> Later:
        """Tell the partner, and again until it ends."""
        caller = caller_of(session)
        partner = await self._do.typing.change(caller, payload.conversation_id, is_typing=True)
        if partner is not None:
            now = self._connection.clock.monotonic()
            self._do.typing_table.started(caller.id, payload.conversation_id, partner, now)
        return False

    async def _typing_stop(self, session: Session, payload: TypingPayload, _id: CommandId) -> Later:
        """Tell the partner."""
        caller = caller_of(session)
        self._do.typing_table.stopped(caller.id, payload.conversation_id)
        await self._do.typing.change(caller, payload.conversation_id, is_typing=False)
        return False

    # -- blocks -----------------------------------------------------------------------------------------------------------

    async def _block(self, session: Session, payload: BlockPayload, command_id: CommandId) -> Later:
        """Block by name: `block.added` comes with the fact, or here if the block stood already."""
        name = _username(payload)
        put = await self._do.blocks.put(caller_of(session), name, origin=Origin(session.id, command_id))
        if not put.changed:
            session.send(text_frames((self.codec.blocked_before(put.block, command_id),)))
        return False

    async def _unblock(self, session: Session, payload: BlockPayload, command_id: CommandId) -> Later:
        """Unblock by name: `block.removed` comes with the fact."""
        await self._do.blocks.remove(caller_of(session), _username(payload), origin=Origin(session.id, command_id))
        return False

    handlers: ClassVar[Mapping[str, Handler]] = MappingProxyType(
        {
            "auth": SocketCommands.auth,
            "ping": SocketCommands.ping,
            "resume": SocketCommands.resume,
            "message.send": _send,
            "message.read": _read,
            "typing.start": _typing_start,
            "typing.stop": _typing_stop,
            "block.add": _block,
            "block.remove": _unblock,
        }
    )


def _username(payload: BlockPayload) -> str:
    if not payload.username:
        raise ValidationFailed("username is required")
    return payload.username
