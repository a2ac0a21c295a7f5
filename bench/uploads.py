"""Uploads of a run: files made once, sent as forms over bare sockets, so that the generator costs little beside the server."""

import asyncio
import contextlib
import io
import os
import zipfile
from dataclasses import dataclass
from time import perf_counter
from urllib.parse import urlsplit

from PIL import Image

from bench.users import User

MB = 1 << 20
PATH = "/v1/messages/upload"
_BOUNDARY = "duologue-bench-5f0c1d"


def photograph(size: int = MB) -> bytes:
    """Return a JPEG of about ``size`` bytes, with as many details as a photograph."""
    noise = Image.effect_noise((2000, 1500), 40).resize((4000, 3000), Image.Resampling.BICUBIC)
    image = Image.merge("RGB", (noise, noise.transpose(Image.Transpose.ROTATE_180), noise))
    low, high = 5, 95
    while low < high:
        quality = (low + high + 1) // 2
        low, high = (quality, high) if len(_jpeg(image, quality)) <= size else (low, quality - 1)
    return _jpeg(image, low)


def _jpeg(image: Image.Image, quality: int) -> bytes:
    target = io.BytesIO()
    image.save(target, "JPEG", quality=quality)
    return target.getvalue()


def text(size: int) -> bytes:
    """Return a text of ``size`` bytes."""
    line = b"What is said here is said again and again until the file is large enough.\n"
    return (line * (size // len(line) + 1))[:size]


def archive(size: int) -> bytes:
    """Return a ZIP of at most ``size`` bytes that cannot be made smaller."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as zipped:
        zipped.writestr("random.bin", os.urandom(size - 1024))
    return target.getvalue()


@dataclass(frozen=True)
class Form:
    """A request's body, ready to be sent."""

    body: bytes
    files: int
    payload: int  # bytes of the files


def form(name: str, data: bytes, *, files: int = 1) -> Form:
    """Return a form that holds a file so many times."""
    parts = []
    for number in range(files):
        head = f'Content-Disposition: form-data; name="files"; filename="{number}-{name}"\r\n\r\n'
        parts += [f"--{_BOUNDARY}\r\n".encode(), head.encode(), data, b"\r\n"]
    return Form(b"".join([*parts, f"--{_BOUNDARY}--\r\n".encode()]), files, files * len(data))


async def send(url: str, user: User, what: Form) -> int:
    """Upload, and return the status."""
    where = urlsplit(url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\nAuthorization: Bearer {user.token}\r\n"
        f"Content-Type: multipart/form-data; boundary={_BOUNDARY}\r\nContent-Length: {len(what.body)}\r\n\r\n"
    )
    try:
        writer.write(head.encode())
        writer.write(what.body)
        await writer.drain()
        status = int((await reader.readline()).split()[1])
        await reader.read()
        return status
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


@dataclass
class Tally:
    """What was uploaded while it was counted."""

    files: int = 0
    payload: int = 0
    seconds: float = 0.0
    refused: int = 0

    def figures(self, name: str) -> dict[str, float]:
        """Return files and megabytes (2^20 bytes) per second."""
        return {
            f"{name}_uploads_per_s": round(self.files / self.seconds, 2),
            f"{name}_mb_per_s": round(self.payload / MB / self.seconds, 1),
        }


async def upload_for(url: str, users: list[User], what: Form, seconds: float) -> Tally:
    """Let each of these users upload again and again, one after the other; what is under way at the end is awaited and counted."""
    tally, began = Tally(), perf_counter()

    async def keep_on(user: User) -> None:
        while True:  # once at least
            if await send(url, user, what) == 200:
                tally.files += what.files
                tally.payload += what.payload
            else:
                tally.refused += 1
            if perf_counter() - began >= seconds:
                return

    await asyncio.gather(*map(keep_on, users))
    tally.seconds = perf_counter() - began
    return tally
