"""Every type that is taken, up and down: documents, archives, data and videos byte for byte, pictures and sounds as what they are."""

import io
from collections.abc import Awaitable, Callable, Mapping

import av
import pytest
from PIL import Image
from tests.blobs.papers import legacy, office, pdf, rar, seven, zipped
from tests.blobs.pictures import animation, encoded, picture
from tests.blobs.recordings import film, voice
from tests.live.files import post_files, send_files, uploaded
from tests.live.people import Person
from tests.live.v1 import history, opened

Pair = tuple[Person, Person]

KEPT: Mapping[str, bytes] = {
    "a.pdf": pdf(),
    "a.doc": legacy("doc"),
    "a.docx": office("docx"),
    "a.xls": legacy("xls"),
    "a.xlsx": office("xlsx"),
    "a.ppt": legacy("ppt"),
    "a.pptx": office("pptx"),
    "a.txt": "Grüße aus dem Süden\n".encode(),
    "a.zip": zipped({"a.txt": b"a"}),
    "a.rar": rar({"a.txt": (b"a", 1)}),
    "a.7z": seven({"a.txt": b"a"}),
    "a.csv": b"a,b\n1,2\n",
    "a.json": b'{"a": 1}',
    "a.xml": b"<a/>",
}
FILMS: Mapping[str, bytes] = {
    "a.mp4": film("mp4", "mpeg4"),
    "a.mov": film("mov", "mpeg4"),
    "a.webm": film("webm", "libvpx"),
}
PICTURES: Mapping[str, tuple[str, bytes]] = {
    "a.jpg": ("JPEG", encoded(picture(), "JPEG")),
    "a.png": ("PNG", encoded(picture(), "PNG")),
    "a.gif": ("GIF", animation("GIF")),
    "a.webp": ("WEBP", encoded(picture(), "WEBP")),
}
SOUNDS: Mapping[str, tuple[str, bytes]] = {
    "a.m4a": ("audio/mp4", voice("mp4", "aac")),
    "a.mp3": ("audio/mpeg", voice("mp3", "mp3")),
    "a.ogg": ("audio/ogg", voice("ogg", "libopus")),
    "a.webm": ("audio/webm", voice("webm", "libopus")),
    "a.wav": ("audio/wav", voice("wav", "pcm_s16le")),
}


async def by_a(pair: Pair, kind: str, name: str, media_type: str | None, data: bytes) -> tuple[str, str, bytes]:
    """Sent by dialect A, fetched by its receiver from `url`; the message's type, the file's, and the bytes."""
    one, other = pair
    chat = await one.conversation(other)
    assert (await post_files(one, chat, (name, media_type, data))).data["type"] == kind
    message = (await other.messages(chat))[0]
    (media,) = message["media"]
    return message["type"], media["type"], (await other.get(media["url"])).raw


async def by_b(pair: Pair, kind: str, name: str, media_type: str | None, data: bytes) -> tuple[str, str, bytes]:
    """Uploaded and sent by dialect B, fetched by its receiver by id."""
    one, other = pair
    chat = await opened(one, other)
    (file,) = await uploaded(one, (name, media_type, data))
    assert (await send_files(one, chat, kind, file["id"])).status == 201
    message = (await history(other, chat))["messages"][0]
    (attachment,) = message["attachments"]
    return message["message_type"], attachment["type"], (await other.get(f"/v1/messages/files/{attachment['id']}")).raw


Way = Callable[[Pair, str, str, str | None, bytes], Awaitable[tuple[str, str, bytes]]]
WAYS = pytest.mark.parametrize("way", [by_a, by_b], ids=["A", "B"])


@WAYS
@pytest.mark.parametrize("name", KEPT)
async def test_t138_documents_archives_and_data_come_back_byte_for_byte(way: Way, name: str, pair: Pair) -> None:
    """In both dialects, as a message of type file."""
    assert await way(pair, "file", name, None, KEPT[name]) == ("file", "file", KEPT[name])


@pytest.mark.parametrize("name", FILMS)
async def test_videos_come_back_byte_for_byte(name: str, pair: Pair) -> None:
    """Dialect A sends them; dialect B shows them to who reads there (C-35)."""
    assert await by_a(pair, "video", name, f"video/{'quicktime' if name == 'a.mov' else name[2:]}", FILMS[name]) == (
        "video",
        "video",
        FILMS[name],
    )
    one, other = pair
    message = (await history(other, await opened(one, other)))["messages"][0]
    assert (message["message_type"], message["attachments"][0]["type"]) == ("video", "video")


@WAYS
@pytest.mark.parametrize("name", PICTURES)
async def test_pictures_come_back_in_their_format(way: Way, name: str, pair: Pair) -> None:
    """Written anew (SEC-16), of the same size; an animation still moves."""
    kind, data = PICTURES[name]
    *types, raw = await way(pair, "image", name, None, data)
    assert types == ["image", "image"]
    before, after = Image.open(io.BytesIO(data)), Image.open(io.BytesIO(raw))
    assert (after.format, after.size) == (kind, before.size)
    assert getattr(after, "n_frames", 1) == getattr(before, "n_frames", 1)


@WAYS
@pytest.mark.parametrize("name", SOUNDS)
async def test_sounds_come_back_playable_everywhere(way: Way, name: str, pair: Pair) -> None:
    """A voice message is a file with an audio attachment, AAC in MP4, of the same duration."""
    media_type, data = SOUNDS[name]
    *types, raw = await way(pair, "file", name, media_type, data)
    assert types == ["file", "audio"]
    with av.open(io.BytesIO(raw), "r") as sound:
        assert sound.streams.audio[0].codec_context.name == "aac"
        assert sound.duration is not None
        assert abs(sound.duration / av.time_base - 2.0) < 0.2
