"""What people do with files again and again: forms, uploads, messages that carry them. Nothing of the product inside."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from tests.live.people import Answer, Person, Place, eventually
from tests.live.v1 import CONVERSATIONS

UPLOAD = "/v1/messages/upload"
UNSUPPORTED = (400, "VALIDATION_ERROR", "File type not supported. Allowed: JPEG, PNG, PDF, DOCX, etc.")
REJECTED = (403, "FORBIDDEN", "File rejected: Security scan failed")
EMPTY = (400, "VALIDATION_ERROR", "File is empty")
NO_ROOM = (507, "STORAGE_FULL", "Server storage limit reached. Please try again later.")

HALF = 1 << 20  # bytes of half a slow file

# A file of a form: the field, its name, its declared type (None: none is declared), its bytes.
Part = tuple[str, str, str | None, bytes]


def form(parts: Sequence[Part], **texts: str) -> tuple[bytes, dict[str, str]]:
    """A form's body and headers; texts stand before the files."""
    boundary = uuid4().hex
    lines: list[bytes] = []
    for name, text in texts.items():
        lines.append(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'.encode())
    for field, name, kind, data in parts:
        declared = "" if kind is None else f"Content-Type: {kind}\r\n"
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"; filename="{quoted}"\r\n{declared}\r\n'
        lines += [head.encode(), data, b"\r\n"]
    lines.append(f"--{boundary}--\r\n".encode())
    return b"".join(lines), {"Content-Type": f"multipart/form-data; boundary={boundary}"}


async def upload(person: Person, *parts: Part | tuple[str, str | None, bytes], **texts: str) -> Answer:
    """Upload by dialect B."""
    whole: list[Part] = [part if len(part) == 4 else ("files", *part) for part in parts]
    body, headers = form(whole, **texts)
    return await person.request("POST", UPLOAD, headers=headers, body=body)


async def uploaded(person: Person, *parts: Part | tuple[str, str | None, bytes], **texts: str) -> list[dict[str, Any]]:
    """Upload by dialect B; return the attachments."""
    found: list[dict[str, Any]] = (await upload(person, *parts, **texts)).data["attachments"]
    return found


async def post_files(
    person: Person,
    conversation: str,
    *parts: Part | tuple[str, str | None, bytes],
    key: str | None = None,
    **texts: str,
) -> Answer:
    """Send files by dialect A, in one request."""
    whole: list[Part] = [part if len(part) == 4 else ("files", *part) for part in parts]
    body, headers = form(whole, **texts)
    if key is not None:
        headers["Idempotency-Key"] = key
    return await person.request("POST", f"conversations/{conversation}/messages", headers=headers, body=body)


async def send_files(person: Person, conversation: str, kind: str, *ids: str, **more: Any) -> Answer:
    """Send uploads by dialect B."""
    body = {"message_type": kind, "attachments": [{"id": id_} for id_ in ids], **more}
    return await person.post(f"{CONVERSATIONS}/{conversation}/messages", body)


def stored(place: Place) -> list[Path]:
    """Every file in the store and in the spool, but what marks the spool as taken."""
    return [path for path in (place.folder / "files").rglob("*") if path.is_file() and path.name != "lock"]


async def records(place: Place) -> int:
    """How many files and messages the database knows."""
    (row,) = await place.sql("SELECT (SELECT count(*) FROM attachments) + (SELECT count(*) FROM messages) AS found")
    found: int = row["found"]
    return found


def file_of(answer: Answer) -> dict[str, Any]:
    """The one file of an answer, in either dialect."""
    (file,) = answer.data["media"] if "media" in answer.data else answer.data["attachments"]
    found: dict[str, Any] = file
    return found


def urls(found: dict[str, Any]) -> list[str]:
    """Where file and thumbnail are fetched."""
    return [url for name in ("url", "thumbnailUrl", "thumbnail_url") if (url := found.get(name))]


def blobs(place: Place, file: dict[str, Any]) -> list[Path]:
    """Where file and thumbnail lie."""
    return [place.folder / "files" / url.removeprefix("/uploads/") for url in urls(file)]


class Slow:
    """A request whose file comes in two halves."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, rest: bytes) -> None:
        self._reader, self._writer, self._rest = reader, writer, rest

    @classmethod
    async def begin(cls, place: Place, person: Person, path: str = UPLOAD) -> "Slow":
        """Send a head and half a body; return when the server has the beginning of the file."""
        body, headers = form([("files", "slow.txt", "text/plain", b"a" * (2 * HALF))])
        where: Any = urlsplit(place.url)
        reader, writer = await asyncio.open_connection(where.hostname, where.port)
        lines = {"Host": "t", "Authorization": f"Bearer {person.token}", "Content-Length": str(len(body)), **headers}
        head = f"POST {path} HTTP/1.1\r\n" + "".join(f"{name}: {text}\r\n" for name, text in lines.items()) + "\r\n"
        before = len(stored(place))
        writer.write(head.encode() + body[:HALF])

        async def count() -> int:
            return len(stored(place))

        await eventually(count, lambda now: now > before)
        return cls(reader, writer, body[HALF:])

    def cut(self) -> None:
        """Leave in the middle."""
        self._writer.transport.abort()

    async def finish(self) -> int:
        """Send the rest; return the status."""
        self._writer.write(self._rest)
        line = await self._reader.readline()
        self._writer.close()
        return int(line.split()[1])
