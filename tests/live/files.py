"""What people do with files again and again: forms, uploads, messages that carry them. Nothing of the product inside."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.live.people import Answer, Person, Place
from tests.live.v1 import CONVERSATIONS

UPLOAD = "/v1/messages/upload"
UNSUPPORTED = (400, "VALIDATION_ERROR", "File type not supported. Allowed: JPEG, PNG, PDF, DOCX, etc.")
REJECTED = (403, "FORBIDDEN", "File rejected: Security scan failed")
EMPTY = (400, "VALIDATION_ERROR", "File is empty")

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
    return [path for path in place.folder.rglob("*") if path.is_file() and path.name != "lock"]
