"""What the commands of socket A do (WSA-01 to WSA-08). Their form is commands.py's, their answers codec.py's."""

import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog

from duologue.api.camel.codec import CamelCodec
from duologue.api.camel.commands import (
    FRAMES,
    AuthPayload,
    BlockPayload,
    Malformed,
    PingPayload,
    ReadPayload,
    ResumePayload,
    SendPayload,
    TypingPayload,
    decode,
    made_out,
)
from duologue.api.camel.wire import TEMP_ID
from duologue.api.socket import Admission
from duologue.api.wire import send_key, timestamp
from duologue.core.blocks import Blocks
from duologue.core.errors import ChatError, Forbidden, Internal, RateLimited, Unauthorized, ValidationFailed
from duologue.core.events import Origin
from duologue.core.items import Done, Marked, Sent
from duologue.core.model import Caller, MessageType
from duologue.core.ports import Clock, EventLog
from duologue.core.presence import Typing
from duologue.core.receipts import Receipts
from duologue.core.sends import Draft, Sends
from duologue.realtime.codec import CommandId, Greeting
from duologue.realtime.link import text_frames
from duologue.realtime.resume import Resume, parse_since
from duologue.realtime.session import Session
from duologue.realtime.typing import TypingTable

_log = structlog.get_logger(__name__)

ANOTHER_USER = "This connection belongs to another user"

# Whether the answer comes later: then whoever gives it also gives the place among the 32 outstanding back.
_Later = bool
_Handler = Callable[["CamelCommands", Session, Any, CommandId], Awaitable[_Later]]
_HANDLERS: dict[type, tuple[str, _Handler]] = {}


def command(name: str) -> Callable[[_Handler], _Handler]:
    """Register what a command does."""

    def register(handler: _Handler) -> _Handler:
        _HANDLERS[FRAMES[name]] = (name, handler)
        return handler

    return register


@dataclass(frozen=True, slots=True)
class Services:
    """What the commands call."""

    sends: Sends
    receipts: Receipts
    blocks: Blocks
    typing: Typing
    typing_table: TypingTable
    resume: Resume
    log: EventLog
    admission: Admission
    clock: Clock


class CamelCommands:
    """Takes the messages of dialect A's sockets."""

    def __init__(self, services: Services) -> None:
        self.codec = CamelCodec()
        self._do = services

    async def handle(self, session: Session, data: bytes) -> None:
        """Do what a message asks for, or answer an error; the socket stays usable whatever comes."""
        incoming = decode(data)
        if isinstance(incoming, Malformed):
            if session.caller is None and incoming.is_json and incoming.command != "auth":
                incoming.error = Unauthorized()  # what is wrong with a command is told to who may give one (C-25)
            self._refuse(session, incoming)
            return
        name, handler = _HANDLERS[type(incoming)]
        session.outstanding += 1
        later = False
        try:
            later = await handler(self, session, incoming.payload, incoming.id)
        except ChatError as error:
            self._refuse(session, _of(error, name, incoming))
        except Exception as error:  # noqa: BLE001  a fault of ours must not cost the connection
            _report(error, name)
            self._refuse(session, _of(Internal(), name, incoming))
        finally:
            if not later:
                session.release()

    def limited(self, session: Session, error: RateLimited, data: bytes | None) -> None:
        """Too many frames: the message is told so, and not looked at further."""
        refused = made_out(data) if data is not None else Malformed(error)
        refused.error = error
        self._refuse(session, refused)

    def _refuse(self, session: Session, what: Malformed) -> None:
        frames = self.codec.refused(what.error, what.command, temp_id=what.temp_id, command_id=what.id)
        session.send(text_frames(frames))
        if isinstance(what.error, RateLimited):
            session.refused(self._do.clock.monotonic())

    # -- the connection ---------------------------------------------------------------------------------------------------

    @command("auth")
    async def _auth(self, session: Session, payload: AuthPayload, command_id: CommandId) -> _Later:
        """The first token, or a fresh one of the same user; another user's changes nothing."""
        if session.caller is None:
            await self._do.admission.admit(session, payload.token, command_id)
            return False
        caller = await self._do.admission.caller(payload.token)
        if caller.id != session.caller.id:
            raise Forbidden(ANOTHER_USER)
        await self._do.admission.renew(session, caller)
        epoch = await self._do.log.epoch()
        greeting = Greeting(caller.id, session.id, session.connected_at, session.sent, epoch)
        session.send(text_frames((self.codec.authenticated(greeting, command_id),)))
        return False

    @command("ping")
    async def _ping(self, session: Session, _payload: PingPayload | None, command_id: CommandId) -> _Later:
        """A sign of life of the application; presence needs none (B-06)."""
        _caller(session)
        at = timestamp(datetime.fromtimestamp(self._do.clock.now(), UTC))
        session.send(text_frames((self.codec.pong(at, session.sent, command_id),)))
        return False

    @command("resume")
    async def _resume(self, session: Session, payload: ResumePayload, command_id: CommandId) -> _Later:
        """Catch up from where the client is."""
        _caller(session)
        await self._do.resume.resume(session, parse_since(payload.since), payload.epoch, command_id)
        return False

    # -- messages ---------------------------------------------------------------------------------------------------------

    @command("message.send")
    async def _send(self, session: Session, payload: SendPayload, command_id: CommandId) -> _Later:
        """Send a text: `message.sent` comes with the fact, by the hub; here only what makes no fact is answered."""
        caller, temp_id = _caller(session), payload.temp_id
        draft = Draft(payload.content, MessageType.TEXT, temp_id, send_key(temp_id, TEMP_ID))

        def done(outcome: Sent | ChatError) -> None:
            try:
                if isinstance(outcome, ChatError):
                    self._refuse(session, Malformed(outcome, "message.send", temp_id, command_id))
                elif outcome.replayed:
                    session.send(text_frames((self.codec.sent_before(outcome.message, temp_id, command_id),)))
            finally:
                session.release()

        origin = session.origin if command_id is None else Origin(session.id, command_id)
        await self._do.sends.enter(caller, payload.conversation_id, draft, done=done, origin=origin)
        return True

    @command("message.read")
    async def _read(self, session: Session, payload: ReadPayload, command_id: CommandId) -> _Later:
        """Mark as read: `message.read_ack` comes with the fact; nothing marked is answered here."""
        caller = _caller(session)
        origin = Origin(session.id, command_id)
        done = self._read_done(session, command_id)
        await self._do.receipts.enter(caller, payload.conversation_id, payload.message_id, done=done, origin=origin)
        return True

    def _read_done(self, session: Session, command_id: CommandId) -> Done:
        def done(outcome: Marked | ChatError) -> None:
            try:
                if isinstance(outcome, ChatError):
                    self._refuse(session, Malformed(outcome, "message.read", None, command_id))
                elif not outcome.count:
                    session.send(text_frames((self.codec.nothing_read(outcome, command_id),)))
            finally:
                session.release()

        return done

    @command("typing.start")
    async def _typing_start(self, session: Session, payload: TypingPayload, _id: CommandId) -> _Later:
        """Tell the partner, and again until it ends."""
        caller = _caller(session)
        partner = await self._do.typing.change(caller, payload.conversation_id, is_typing=True)
        if partner is not None:
            now = self._do.clock.monotonic()
            self._do.typing_table.started(caller.id, payload.conversation_id, partner, now)
        return False

    @command("typing.stop")
    async def _typing_stop(self, session: Session, payload: TypingPayload, _id: CommandId) -> _Later:
        """Tell the partner."""
        caller = _caller(session)
        self._do.typing_table.stopped(caller.id, payload.conversation_id)
        await self._do.typing.change(caller, payload.conversation_id, is_typing=False)
        return False

    # -- blocks -----------------------------------------------------------------------------------------------------------

    @command("block.add")
    async def _block(self, session: Session, payload: BlockPayload, command_id: CommandId) -> _Later:
        """Block by name: `block.added` comes with the fact, or here if the block stood already."""
        name = _username(payload)
        put = await self._do.blocks.put(_caller(session), name, origin=Origin(session.id, command_id))
        if not put.changed:
            session.send(text_frames((self.codec.blocked_before(put.block, command_id),)))
        return False

    @command("block.remove")
    async def _unblock(self, session: Session, payload: BlockPayload, command_id: CommandId) -> _Later:
        """Unblock by name: `block.removed` comes with the fact."""
        await self._do.blocks.remove(_caller(session), _username(payload), origin=Origin(session.id, command_id))
        return False


def _caller(session: Session) -> Caller:
    """Before authentication everything but `auth` is refused (C-25)."""
    if session.caller is None:
        raise Unauthorized
    return session.caller


def _username(payload: BlockPayload) -> str:
    if not payload.username:
        raise ValidationFailed("username is required")
    return payload.username


def _of(error: ChatError, name: str, incoming: Any) -> Malformed:
    temp_id = incoming.payload.temp_id if isinstance(incoming.payload, SendPayload) else None
    if temp_id is not None and len(temp_id) > 200:
        temp_id = None
    return Malformed(error, name, temp_id, incoming.id)


def _report(error: Exception, name: str) -> None:
    # The error's own words may quote a message's text, so its type and place have to do.
    place = "".join(traceback.format_tb(error.__traceback__))
    _log.error("command failed", command=name, error=type(error).__name__, place=place)
