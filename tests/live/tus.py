"""A client of tus 1.0 as the tests need it: headers by hand, bytes in pieces, connections that are cut. Nothing of the product inside."""

import asyncio
import base64
import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from tests.live.people import Answer, Person, eventually

V1_UPLOADS, CHAT_UPLOADS = "/v1/uploads", "/api/v1/chat/uploads"
SPOKEN = {"Tus-Resumable": "1.0.0"}
OCTETS = "application/offset+octet-stream"
TEXT = b"All work and no play.\n" * 50_000  # more than the server gathers in memory
MISSING = (404, "NOT_FOUND", "Upload not found")


def metadata(**said: str) -> str:
    """What a client says of a file."""
    return ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in said.items())


def checksum(data: bytes, algorithm: str = "sha1") -> dict[str, str]:
    """The header for these bytes."""
    return {"Upload-Checksum": f"{algorithm} {base64.b64encode(hashlib.new(algorithm, data).digest()).decode()}"}


def begin_headers(length: int, name: str, **said: str) -> dict[str, str]:
    """What begins an upload."""
    return {**SPOKEN, "Upload-Length": str(length), "Upload-Metadata": metadata(filename=name, **said)}


async def create(
    person: Person,
    length: int,
    name: str = "a.txt",
    *,
    at: str = V1_UPLOADS,
    data: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    **said: str,
) -> Answer:
    """Begin an upload; `data` goes with it."""
    body = {} if data is None else {"Content-Type": OCTETS}
    return await person.request(
        "POST", at, headers={**begin_headers(length, name, **said), **body, **(headers or {})}, body=data
    )


async def created(person: Person, length: int, name: str = "a.txt", **more: Any) -> str:
    """Begin an upload; return where it goes on."""
    answer = await create(person, length, name, **more)
    assert answer.status == 201, answer.body
    where: str = answer.headers["Location"]
    return where


async def patch(
    person: Person, where: str, offset: int, data: bytes, *, headers: Mapping[str, str] | None = None
) -> Answer:
    """Bring the next bytes."""
    said = {**SPOKEN, "Upload-Offset": str(offset), "Content-Type": OCTETS, **(headers or {})}
    return await person.request("PATCH", where, headers=said, body=data)


async def head(person: Person, where: str) -> Answer:
    """Ask how far it is, to go on."""
    return await person.request("HEAD", where, headers=SPOKEN)


async def offset_of(person: Person, where: str) -> int:
    """How far it is."""
    answer = await head(person, where)
    assert answer.status == 200, answer.status
    return int(answer.headers["Upload-Offset"])


async def brought(person: Person, data: bytes, name: str = "a.txt", **more: Any) -> str:
    """Upload a file in two requests; return where it went."""
    where = await created(person, len(data), name, **more)
    answer = await patch(person, where, 0, data)
    assert answer.status == 204, answer.body
    return where


def id_of(where: str) -> str:
    """The attachment's id."""
    return where.rpartition("/")[2]


class Stream:
    """A PATCH on a connection of its own, of which the test writes every byte."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def begin(
        cls, person: Person, where: str, offset: int, announced: int, headers: Mapping[str, str] | None = None
    ) -> "Stream":
        """Send the head; `announced` bytes are to follow."""
        address: Any = urlsplit(person.place.url)
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        lines = {
            "Host": "t",
            "Authorization": f"Bearer {person.token}",
            "Content-Type": OCTETS,
            "Content-Length": str(announced),
            "Upload-Offset": str(offset),
            **SPOKEN,
            **(headers or {}),
        }
        text = f"PATCH {where} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        writer.write(f"{text}\r\n".encode())
        return cls(reader, writer)

    async def write(self, data: bytes) -> None:
        """Send bytes."""
        self._writer.write(data)
        await self._writer.drain()

    def cut(self) -> None:
        """Leave in the middle."""
        self._writer.transport.abort()

    async def status(self) -> int:
        """Read the answer's first line."""
        line = await self._reader.readline()
        return int(line.split()[1])

    async def close(self) -> None:
        """Leave in order."""
        self._writer.close()
        await self._writer.wait_closed()


async def arrived(person: Person, where: str, least: int) -> None:
    """Wait until so many bytes lie there, without disturbing whoever brings them."""

    async def size() -> int:
        return int((await person.get(where)).headers["Upload-Offset"])

    await eventually(size, lambda now: now >= least)
