"""A platform's key endpoint for tests: a small HTTP server on loopback, and members of its key set."""

import asyncio
import json
from contextlib import suppress

import httpx
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

Private = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
Jwk = dict[str, object]


def jwk(key: Private | ed448.Ed448PrivateKey, kid: str | None, **more: object) -> Jwk:
    """The public half as a member of a key set."""
    match key:
        case rsa.RSAPrivateKey():
            members = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
        case ec.EllipticCurvePrivateKey():
            members = ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
        case _:
            members = OKPAlgorithm.to_jwk(key.public_key(), as_dict=True)
    named = {} if kid is None else {"kid": kid}
    return {**members, **named, **more}


def key_set(*members: object) -> bytes:
    """The body of an endpoint."""
    return json.dumps({"keys": members}).encode()


class Endpoint:
    """A small HTTP server: what it answers can be changed, held back and counted."""

    def __init__(self) -> None:
        self.answer = b""
        self.requests = 0
        self.asked = asyncio.Event()
        self.open = asyncio.Event()
        self.open.set()
        self._server: asyncio.Server | None = None
        self.url = ""

    def serve(self, body: bytes, *, status: str = "200 OK", headers: str = "") -> None:
        """Answer this from now on."""
        self.answer = f"HTTP/1.1 {status}\r\nconnection: close\r\n{headers}\r\n".encode() + body

    async def start(self) -> None:
        """Listen on a free port, the same one after `stop`."""
        port = httpx.URL(self.url).port if self.url else 0
        self._server = await asyncio.start_server(self._handle, "127.0.0.1", port)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/keys"

    async def stop(self) -> None:
        """Go away."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            self.requests += 1
            self.asked.set()
            await self.open.wait()
            writer.write(self.answer)
            await writer.drain()
        writer.close()
