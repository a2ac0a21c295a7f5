"""One socket of dialect A with its commands, each answered by the frame that carries its `id` (WSA, design part 5).

Nothing is tried again here and no position is kept: that is `session`.
"""

import asyncio
import itertools
from typing import Any, TypeVar

from duologue.client.codec import Frame, encode
from duologue.client.connection import Connection, SocketState
from duologue.client.errors import CommandError, ProtocolError, Unreachable
from duologue.client.frames import Failure, Hello, MessageSent, Pong, ReadAck, ResumeDone
from duologue.client.options import SocketOptions
from duologue.client.wire import Block

T = TypeVar("T")


class Socket(Connection):
    """One connection: `async with Socket(url, token=...) as socket`, then commands, and `async for frame in socket`.

    Commands enter in the order of their calls. Their answers also come as frames, in their place among the others.
    All commands raise CommandError (refused), Disconnected (closed, or closed before the answer: outcome unknown) and
    Unreachable (no answer in time).
    """

    def __init__(
        self,
        url: str,
        *,
        token: str,
        since: int | None = None,
        epoch: str | None = None,
        options: SocketOptions | None = None,
    ) -> None:
        super().__init__(url, token=token, since=since, epoch=epoch, options=options)
        self._numbers = itertools.count(1)
        self._replies: dict[str, asyncio.Future[Frame]] = {}

    async def send(self, conversation_id: str, content: str, *, temp_id: str | None = None) -> MessageSent:
        """Send a text; a UUID as `temp_id` makes it safe to send again (WSA-03)."""
        payload = {"conversationId": conversation_id, "content": content, "tempId": temp_id}
        return await self._ask("message.send", payload, MessageSent)

    async def read(self, conversation_id: str, *, message_id: str | None = None) -> ReadAck:
        """Mark as read: all, or all up to `message_id` (WSA-04)."""
        payload = {"conversationId": conversation_id, "messageId": message_id}
        return await self._ask("message.read", payload, ReadAck)

    async def typing(self, conversation_id: str, *, started: bool = True) -> None:
        """Say that the user types, or no longer; unanswered, a refusal comes as an `error` frame (WSA-05, WSA-06)."""
        self._must_be_open()
        await self._write(encode("typing.start" if started else "typing.stop", {"conversationId": conversation_id}))

    async def block(self, username: str) -> Block:
        """Block a user (WSA-07)."""
        return await self._ask("block.add", {"username": username}, Block)

    async def unblock(self, username: str) -> Block:
        """Take a block away (WSA-08)."""
        return await self._ask("block.remove", {"username": username}, Block)

    async def ping(self) -> Pong:
        """Ask for a `pong`, which carries the position up to which everything was sent (WSA-02)."""
        return await self._ask("ping", {}, Pong)

    async def auth(self, token: str) -> Hello:
        """Renew the token of this connection, for the same user (WSA-01)."""
        return await self._ask("auth", {"token": token}, Hello)

    async def resume(self, since: int, epoch: str | None = None) -> ResumeDone:
        """Ask for everything after `since`; a `ResumeReset` means that the log cannot say (design part 4)."""
        return await self._ask("resume", {"since": since, "epoch": epoch}, ResumeDone)

    async def command(self, kind: str, payload: dict[str, Any]) -> Frame:
        """Send any command under a new `id` and wait for the frame that answers it."""
        self._must_be_open()
        number = str(next(self._numbers))
        reply: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        reply.add_done_callback(
            lambda done: done.cancelled() or done.exception()
        )  # it may end while still being written
        self._replies[number] = reply
        try:
            async with asyncio.timeout(self.options.reply_timeout):
                await self._write(encode(kind, payload, number))
                return await reply
        except TimeoutError as error:
            raise Unreachable(f"{kind}: no answer") from error
        finally:
            del self._replies[number]

    async def _ask(self, kind: str, payload: dict[str, Any], answer: type[T]) -> T:
        frame = await self.command(kind, payload)
        if not isinstance(frame.payload, answer):
            raise ProtocolError(f"{kind} was answered by {frame.type}")
        return frame.payload

    def _must_be_open(self) -> None:
        if self.state is not SocketState.OPEN:
            raise self._gone()

    def _receive(self, frame: Frame) -> None:
        super()._receive(frame)
        reply = self._replies.get(frame.id) if isinstance(frame.id, str) else None
        if reply is None or reply.done() or frame.type == "message.error":  # which says again what `error` says
            return
        if isinstance(frame.payload, Failure):
            reply.set_exception(_refusal(frame.payload))
        else:
            reply.set_result(frame)

    def _end(self) -> None:
        super()._end()
        for reply in self._replies.values():
            if not reply.done():
                reply.set_exception(self._gone())


def _refusal(failure: Failure) -> CommandError:
    return CommandError(
        failure.code,
        failure.message,
        details=failure.details,
        retry_after=failure.retry_after,
        request_id=failure.request_id,
    )
