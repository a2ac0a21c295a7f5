"""Golden messages that carry files: every shape of a file, in every place that shows one, in both dialects.

Files are recorded by hand, so that what stands of them in the page is what this one says and not what decoders make of it.
"""

from pathlib import Path
from typing import Any
from uuid import UUID

from tests.live.golden.album import Album, compare
from tests.live.golden.conftest import StartAlbum
from tests.shelf import a_file

from duologue.core.files import StoredFile
from duologue.core.model import FileKind
from duologue.storage.attachments import AttachmentStore
from duologue.storage.postgres import Postgres

HERE = Path(__file__)
WS = "/v1/ws/messages"
# The places that show files; what else a story answers is in the dialects' own pages.
CAMEL = "/api/v1/chat/conversations/{conversationId}"
SNAKE = "/v1/conversations/{conversation_id}/messages"


def every_shape() -> list[StoredFile]:
    """An image with thumbnail, a video with one, a voice message, a plain file."""
    measured: dict[str, Any] = {"width": 4, "height": 3, "placeholder": "LEHV6nWB2yk8"}
    return [
        a_file(**measured),
        a_file(
            **measured,
            kind=FileKind.VIDEO,
            name="film.mp4",
            media_type="video/mp4",
            key="messages/videos/f.mp4",
            duration=2.5,
        ),
        a_file(
            kind=FileKind.AUDIO,
            name="voice.m4a",
            media_type="audio/mp4",
            key="messages/audio/v.m4a",
            thumbnail_key=None,
            duration=1.5,
            waveform=(0, 50, 100),
        ),
        a_file(
            kind=FileKind.FILE,
            name="Größe <1>.pdf",
            media_type="application/pdf",
            key="messages/documents/p.pdf",
            thumbnail_key=None,
        ),
    ]


async def taken_in(postgres: Postgres, owner_id: str) -> list[dict[str, str]]:
    """Record files of somebody, ready to be sent."""
    files = every_shape()
    await AttachmentStore(postgres).add(UUID(owner_id), files)
    return [{"id": str(file.id)} for file in files]


def shown(album: Album, *frames: str) -> dict[str, Any]:
    """What an album holds of places that show files."""
    kinds = {name: frame for name, frame in album.frames.items() if name.partition(" ")[0] in frames}
    return {"answers": album.answers, "frames": kinds}


async def test_files_are_as_written_in_dialect_a(start_album: StartAlbum, postgres: Postgres) -> None:
    """Sent over REST and over the socket, as its receiver hears of it, in history and galleries."""
    album = await start_album(CAMEL.partition("{")[0])
    ada, bob = await album.register("ada"), await album.register("bob")
    conversation = await ada.conversation(bob)
    body = {"type": "file", "content": "See https://example.com"}
    async with bob.socket() as there, ada.socket() as here:
        media = await taken_in(postgres, ada.id)
        await here.send("message.send", conversationId=conversation, media=media, **body)
        sent = await here.expect("message.sent")
        await there.expect("message.new")
        await here.expect("message.delivered", upTo=sent.payload["message"]["id"])
        media = await taken_in(postgres, ada.id)
        answer = await ada.post(f"conversations/{conversation}/messages", {"type": "file", "media": media})
        await here.expect("message.delivered", upTo=answer.data["id"])
        for place in ("messages", "media", "files"):
            await bob.get(f"conversations/{conversation}/{place}")
    compare(HERE.with_name("files_camel.json"), shown(album, "message.sent", "message.new"))


async def test_files_are_as_written_in_dialect_b(start_album: StartAlbum, postgres: Postgres) -> None:
    """Sent over REST and over the socket, as its receiver hears of it, in a history and in a filtered one."""
    album = await start_album(SNAKE.partition("{")[0])
    ada, bob = await album.register("ada"), await album.register("bob")
    conversation = (await ada.post("/v1/conversations", {"recipient_id": bob.id})).data["id"]
    body = {"message_type": "file", "content": "See https://example.com"}
    path = f"/v1/conversations/{conversation}/messages"
    async with bob.socket(path=WS) as there, ada.socket(path=WS) as here:
        files = await taken_in(postgres, ada.id)
        await here.send("message", conversation_id=conversation, attachments=files, **body)
        sent = await here.expect("message_sent")
        await there.expect("new_message")
        await here.expect("message_delivered", up_to=sent.payload["id"])
        files = await taken_in(postgres, ada.id)
        answer = await ada.post(path, {"message_type": "file", "attachments": files})
        await here.expect("message_delivered", up_to=answer.data["id"])
    filtered = (await bob.get(path, filter="media")).data
    assert filtered == (await bob.get(path, filter="files")).data
    assert [message["attachments"] for message in (await ada.get(path)).data["messages"]] == [
        message["attachments"] for message in filtered["messages"]
    ]
    compare(HERE.with_name("files_snake.json"), shown(album, "message_sent", "new_message"))
