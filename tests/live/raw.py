"""A WebSocket client of which the test decides every byte: it answers no ping, reads only when asked, and may break the rules."""

import asyncio
import base64
import json
import os
import socket
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from tests.live.people import Place
from websockets.frames import Frame, Opcode

PATIENCE = 5.0  # seconds that anything expected may take


class RawSocket:
    """One TCP connection: `async with RawSocket(place, token=person.token) as raw`.

    `receive_buffer` in bytes makes it a slow reader. Without `upgrade` the test writes the handshake itself.
    """

    def __init__(
        self, place: Place, *, token: str | None = None, receive_buffer: int | None = None, upgrade: bool = True
    ) -> None:
        self._place = place
        self._token = token
        self._receive_buffer = receive_buffer
        self._upgrade = upgrade
        self._buffer = bytearray()

    async def __aenter__(self) -> Self:
        """Connect, and shake hands."""
        address = urlsplit(self._place.url)
        assert address.hostname is not None
        self._socket = socket.socket()
        self._socket.setblocking(False)
        if self._receive_buffer is not None:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._receive_buffer)
        await asyncio.get_running_loop().sock_connect(self._socket, (address.hostname, address.port))
        if self._upgrade:
            await self.write(self.handshake())
            head = await self.head()
            assert head.startswith(b"HTTP/1.1 101 "), head
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up without a word."""
        self._socket.close()

    @property
    def address(self) -> tuple[str, int]:
        """This side's address, as the server sees it."""
        host, port = self._socket.getsockname()
        return host, port

    def handshake(self) -> bytes:
        """Return the request that opens a WebSocket (RFC 6455, 4.1)."""
        query = "" if self._token is None else f"?token={self._token}"
        return (
            f"GET /chat/ws{query} HTTP/1.1\r\nHost: duologue\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\nSec-WebSocket-Version: 13\r\n\r\n"
        ).encode()

    # -- bytes ------------------------------------------------------------------------------------------------------------

    async def write(self, data: bytes) -> None:
        """Send bytes as they are."""
        async with asyncio.timeout(PATIENCE):
            await asyncio.get_running_loop().sock_sendall(self._socket, data)

    async def _more(self) -> bool:
        """Read what is there, or wait for it; False at the end, orderly or not."""
        try:
            async with asyncio.timeout(PATIENCE):
                data = await asyncio.get_running_loop().sock_recv(self._socket, 65_536)
        except ConnectionError:
            return False
        self._buffer += data
        return bool(data)

    async def head(self) -> bytes:
        """Read the head of an HTTP answer, or what came before the end."""
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            if not await self._more():
                return bytes(self._buffer)
        head = bytes(self._buffer[: end + 4])
        del self._buffer[: end + 4]
        return head

    async def refusal(self) -> tuple[int, dict[str, str], Any]:
        """Read a refusal to the end of the connection: status, headers, body."""
        first, *lines = (await self.head()).decode("ascii").strip().split("\r\n")
        while await self._more():
            pass
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        assert int(headers["content-length"]) == len(self._buffer)
        return int(first.split(" ")[1]), headers, json.loads(self._buffer)

    # -- frames -----------------------------------------------------------------------------------------------------------

    async def send(self, kind: str, /, **payload: Any) -> None:
        """Send a command."""
        await self.frame(Opcode.TEXT, json.dumps({"type": kind, "payload": payload}).encode())

    async def frame(self, opcode: Opcode, data: bytes = b"", *, fin: bool = True, mask: bool = True) -> None:
        """Send one frame."""
        await self.write(Frame(opcode, data, fin).serialize(mask=mask))

    async def next(self) -> tuple[Opcode, bytes] | None:
        """Read the next frame; None at the end."""
        while (found := self._whole()) is None:
            if not await self._more():
                return None
        return found

    def _whole(self) -> tuple[Opcode, bytes] | None:
        """Take a whole frame from what was read; the server's are short of nothing but their mask."""
        buffer, place = self._buffer, 2
        if len(buffer) < place:
            return None
        length = buffer[1]
        if length >= 126:
            place += 2 if length == 126 else 8
            if len(buffer) < place:
                return None
            length = int.from_bytes(buffer[2:place])
        if len(buffer) < place + length:
            return None
        data = bytes(buffer[place : place + length])
        opcode = Opcode(buffer[0] & 0x0F)
        del buffer[: place + length]
        return opcode, data

    async def expect(self, kind: str) -> dict[str, Any]:
        """Read on to the next event of this type; its payload."""
        while (found := await self.next()) is not None:
            if found[0] is Opcode.TEXT:
                event = json.loads(found[1])
                if event["type"] == kind:
                    payload: dict[str, Any] = event["payload"]
                    return payload
        raise AssertionError(f"the connection ended before {kind}")

    async def ping(self) -> None:
        """Read on to the next ping, and leave it unanswered."""
        while (found := await self.next()) is not None:
            if found[0] is Opcode.PING:
                return
        raise AssertionError("the connection ended before a ping")

    async def pong(self) -> None:
        """Send a pong."""
        await self.frame(Opcode.PONG)

    def here(self) -> list[Opcode]:
        """Take the frames that have come, without waiting; the last one is CLOSE where the connection has ended."""
        found: list[Opcode] = []
        try:
            while data := self._socket.recv(65_536):
                self._buffer += data
            found.append(Opcode.CLOSE)
        except BlockingIOError:
            pass
        except ConnectionError:
            found.append(Opcode.CLOSE)
        frames: list[Opcode] = []
        while (frame := self._whole()) is not None:
            frames.append(frame[0])
        return frames + found

    async def closed(self) -> int:
        """Read on to the end; the close code, 1006 when there was no close frame."""
        while (found := await self.next()) is not None:
            if found[0] is Opcode.CLOSE:
                return int.from_bytes(found[1][:2])
        return 1006
