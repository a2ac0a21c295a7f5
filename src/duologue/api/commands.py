"""What sockets of both dialects do with a message: read it, run its command, answer what is refused; and the commands they share.

Which commands there are and how they read is the dialects' (`camel/ws.py`, `snake/ws.py`).
"""

import traceback
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Protocol

import structlog
from msgspec import Struct

from duologue.api.incoming import Malformed
from duologue.api.socket import Admission
from duologue.api.wire import timestamp
from duologue.core.errors import ChatError, Forbidden, Internal, RateLimited, Unauthorized
from duologue.core.model import Caller
from duologue.core.ports import Clock, EventLog
from duologue.core.rules import MAX_TEMP_ID
from duologue.realtime.codec import Codec, CommandId, Greeting
from duologue.realtime.link import text_frames
from duologue.realtime.resume import Resume, parse_since
from duologue.realtime.session import Session

_log = structlog.get_logger(__name__)

ANOTHER_USER = "This connection belongs to another user"

# Whether the answer comes later: then whoever gives it also gives the place among the 32 outstanding back.
Later = bool
Handler = Callable[[Any, Session, Any, CommandId], Awaitable[Later]]


class Given(Struct):
    """A command that reads: its name, what does it, what it says, and the `id` to echo."""

    name: str
    handler: Handler
    payload: Any
    id: CommandId


class CommandCodec(Codec, Protocol):
    """A dialect's frames, answers to commands included."""

    def refused(
        self, error: ChatError, command: str, *, temp_id: str | None = None, command_id: CommandId = None
    ) -> Sequence[bytes]:
        """`error`, and what else follows a failed command."""
        ...

    def pong(self, at: str, position: int, command_id: CommandId) -> bytes:
        """`pong`."""
        ...


@dataclass(frozen=True, slots=True)
class Connection:
    """What the commands of the connection itself call."""

    resume: Resume
    log: EventLog
    admission: Admission
    clock: Clock


class SocketCommands(ABC):
    """Takes the messages of one dialect's sockets (`socket.Commands`)."""

    codec: CommandCodec
    handlers: ClassVar[Mapping[str, Handler]]

    def __init__(self, codec: CommandCodec, connection: Connection) -> None:
        self.codec = codec
        self._connection = connection

    @abstractmethod
    def read(self, data: bytes) -> Given | Malformed:
        """A message as a command; never raises for the message's sake."""

    @abstractmethod
    def made_out(self, data: bytes) -> Malformed:
        """What a message is, without looking at it further than an answer needs."""

    async def handle(self, session: Session, data: bytes) -> None:
        """Do what a message asks for, or answer an error; the socket stays usable whatever comes."""
        incoming = self.read(data)
        if isinstance(incoming, Malformed):
            if session.caller is None and incoming.is_json and incoming.command != "auth":
                incoming.error = Unauthorized()  # what is wrong with a command is told to who may give one (C-25)
            self.refuse(session, incoming)
            return
        session.outstanding += 1
        later = False
        try:
            later = await incoming.handler(self, session, incoming.payload, incoming.id)
        except ChatError as error:
            self.refuse(session, _failed(error, incoming))
        except Exception as error:  # noqa: BLE001  a fault of ours must not cost the connection
            report(error, incoming.name)
            self.refuse(session, _failed(Internal(), incoming))
        finally:
            if not later:
                session.release()

    def limited(self, session: Session, error: RateLimited, data: bytes | None) -> None:
        """Too many frames: the message is told so, and not looked at further."""
        refused = self.made_out(data) if data is not None else Malformed(error)
        refused.error = error
        self.refuse(session, refused)

    def refuse(self, session: Session, what: Malformed) -> None:
        """Answer an error."""
        frames = self.codec.refused(what.error, what.command, temp_id=what.temp_id, command_id=what.id)
        session.send(text_frames(frames))
        if isinstance(what.error, RateLimited):
            session.refused(self._connection.clock.monotonic())

    async def auth(self, session: Session, payload: Any, command_id: CommandId) -> Later:
        """The first token, or a fresh one of the same user; another user's changes nothing."""
        connection = self._connection
        if session.caller is None:
            await connection.admission.admit(session, payload.token, command_id)
            return False
        caller = await connection.admission.caller(payload.token)
        if caller.id != session.caller.id:
            raise Forbidden(ANOTHER_USER)
        await connection.admission.renew(session, caller)
        epoch = await connection.log.epoch()
        greeting = Greeting(caller.id, session.id, session.connected_at, session.sent, epoch)
        session.send(text_frames((self.codec.authenticated(greeting, command_id),)))
        return False

    async def ping(self, session: Session, _payload: Any, command_id: CommandId) -> Later:
        """A sign of life of the application; presence needs none (B-06)."""
        caller_of(session)
        at = timestamp(datetime.fromtimestamp(self._connection.clock.now(), UTC))
        session.send(text_frames((self.codec.pong(at, session.sent, command_id),)))
        return False

    async def resume(self, session: Session, payload: Any, command_id: CommandId) -> Later:
        """Catch up from where the client is."""
        caller_of(session)
        await self._connection.resume.resume(session, parse_since(payload.since), payload.epoch, command_id)
        return False


def caller_of(session: Session) -> Caller:
    """Before authentication everything but `auth` is refused (C-25)."""
    if session.caller is None:
        raise Unauthorized
    return session.caller


def _failed(error: ChatError, given: Given) -> Malformed:
    temp_id = getattr(given.payload, "temp_id", None)
    if temp_id is not None and len(temp_id) > MAX_TEMP_ID:
        temp_id = None
    return Malformed(error, given.name, temp_id, given.id)


def report(error: Exception, name: str) -> None:
    """A fault of ours in the log: the error's own words may quote a message's text, so its type and place have to do."""
    place = "".join(traceback.format_tb(error.__traceback__))
    _log.error("command failed", command=name, error=type(error).__name__, place=place)
