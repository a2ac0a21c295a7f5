"""Files over REST: sent with a message, fetched by those who may (RM-07, C-36). HTTP itself is in `transport`."""

import mimetypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from duologue.client.accounts import AccountCalls
from duologue.client.keys import is_key
from duologue.client.paths import CHAT, CONVERSATIONS, segment
from duologue.client.transport import Call, Form, data_of
from duologue.client.wire import FileLink, FileLinks, Media, Message, Sent


@dataclass(frozen=True, slots=True)
class File:
    """A file to send: a path, or bytes with a name. `media_type` follows from the name unless it is said."""

    source: Path | bytes
    name: str = ""
    media_type: str = ""

    @property
    def shown_as(self) -> tuple[str, str]:
        """Its name and type as they are declared."""
        name = self.name or (self.source.name if isinstance(self.source, Path) else "file")
        return name, self.media_type or mimetypes.guess_type(name)[0] or "application/octet-stream"


class FileCalls(AccountCalls):
    """What is done with files in dialect A."""

    async def send_files(
        self,
        conversation_id: str,
        files: Sequence[File | Path],
        content: str | None = None,
        *,
        kind: str | None = None,
        temp_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> Sent:
        """Send files as one message, with a text below them if there is one; `kind` is image, video or file, else what they are.

        Files are read as they are sent. Keys as in `Rest.send`.
        """
        texts = {"type": kind, "content": content, "tempId": temp_id}
        given = [file if isinstance(file, File) else File(file) for file in files]
        form = Form(
            {name: text for name, text in texts.items() if text is not None},
            [(*file.shown_as, file.source) for file in given],
        )
        return await self._post(conversation_id, temp_id, idempotency_key, form=form)

    async def download(self, file: Media | str, target: Path) -> None:
        """Fetch a file, or what lies at an `url` or `thumbnail_url`, into `target`, which is there whole or not at all."""
        url = file if isinstance(file, str) else file.url
        beside = target.with_name(f".{target.name}.{uuid4().hex}")
        try:
            with beside.open("wb") as into:
                await self.call(Call("GET", url, into=into, repeatable=True))
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)

    async def file_links(self, ids: Sequence[str]) -> Sequence[FileLink]:
        """Links to files that need no token for a while, 50 at most; files that the caller may not see are left out."""
        call = Call("POST", f"{CHAT}/files/links", body={"ids": list(ids)}, repeatable=True)
        return data_of(await self.call(call), FileLinks).links

    async def _post(
        self,
        conversation_id: str,
        temp_id: str | None,
        idempotency_key: str | None,
        *,
        body: Mapping[str, Any] | None = None,
        form: Form | None = None,
    ) -> Sent:
        """Send a message, as a body or as a form, so that trying again never makes a second one."""
        if idempotency_key is None and self.tries > 1 and not is_key(temp_id):
            idempotency_key = str(uuid4())
        response = await self.call(
            Call(
                "POST",
                f"{CONVERSATIONS}/{segment(conversation_id)}/messages",
                body=body,
                form=form,
                headers={} if idempotency_key is None else {"Idempotency-Key": idempotency_key},
                repeatable=idempotency_key is not None or is_key(temp_id),
            )
        )
        return Sent(data_of(response, Message), response.headers.get("Idempotent-Replayed") == "true")
