"""Dialect B's golden answers and frames (T-007)."""

from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.blobs.pictures import encoded, picture
from tests.live.files import send_files, uploaded
from tests.live.golden.album import Album, compare, keys
from tests.live.golden.conftest import StartAlbum
from tests.live.golden.uploads import resumed
from tests.live.tus import V1_UPLOADS

FILE = Path(__file__).with_name("snake.json")
NOBODY = "00000000-0000-4000-8000-000000000000"
WS = "/v1/ws/messages"
TEXT = {"message_type": "text", "content": "By REST: https://example.com", "temp_id": "mine"}


async def story(album: Album) -> None:
    """Everything that dialect B can say, once."""
    ada, bob = await album.register("ada"), await album.register("bob")
    conversation = (await ada.post("/v1/conversations", {"recipient_id": bob.id})).data["id"]
    await ada.post("/v1/conversations", {"recipient_id": bob.id})
    async with bob.socket(path=WS) as there, ada.socket(path=WS) as here:
        await ada.patch("/api/v1/users/me", {"displayName": "Ada", "avatar": "https://example.com/ada.png"})
        await there.expect("user_status", is_online=True)
        await here.expect("settings_updated")
        await _talk(ada, here, there, conversation)
        await _read_and_delete(ada, bob, here, there, conversation)
        await _block(ada, bob, here, there, conversation)
    async with bob.socket(path=WS, since=1) as there:
        await there.expect("resume_done")
        await there.send("resume", since=10**6)
        await there.expect("resume_reset")
        await there.expect("user_status", is_online=False)
        await there.send("auth", token=bob.token)
        await there.expect("auth_success")
    await _files(ada, conversation)
    await _lists(ada, bob, conversation)
    await _erasure(album, ada)
    await _refusals(album, ada, conversation)
    async with album.socket(path=WS, greeted=False) as unknown:
        await unknown.send("ping")
        await unknown.expect("error", code="UNAUTHORIZED")
        await unknown.send("auth", token="none")
        await unknown.expect("auth_failed")


async def _talk(ada: Any, here: Any, there: Any, conversation: str) -> None:
    for typing in (True, False):
        await here.send("typing", conversation_id=conversation, is_typing=typing)
        await there.expect("user_typing", is_typing=typing)
    key = str(uuid4())
    for _ in range(2):  # the second one is a replay
        await here.send(
            "message", command_id=1, conversation_id=conversation, message_type="text", content="Hello", temp_id=key
        )
        sent = await here.expect("message_sent")
    await here.expect("message_delivered", up_to=sent.payload["id"])
    await here.send("message", command_id="two", conversation_id=conversation, content="", temp_id="t")
    await here.expect("error")
    headers = {"Idempotency-Key": str(uuid4())}
    for _ in range(2):
        answer = await ada.post(f"/v1/conversations/{conversation}/messages", TEXT, headers=headers)
    await here.expect("message_delivered", up_to=answer.data["id"])
    await here.send("ping", command_id="ping")
    await here.expect("pong")


async def _read_and_delete(ada: Any, bob: Any, here: Any, there: Any, conversation: str) -> None:
    messages = (await ada.get(f"/v1/conversations/{conversation}/messages")).data["messages"]
    await bob.post(f"/v1/messages/{messages[0]['id']}/read")
    await here.expect("message_read")
    await bob.post(f"/v1/conversations/{conversation}/read")
    await here.expect("message_read")
    await there.send("read", message_id=messages[0]["id"])
    await there.expect("message_read_ack", marked_count=0)
    gone = (
        await ada.post(f"/v1/conversations/{conversation}/messages", {"message_type": "text", "content": "no"})
    ).data
    await ada.delete(f"/v1/messages/{gone['id']}")
    await there.expect("message_deleted")
    await bob.get("/v1/conversations")
    await ada.delete(f"/v1/messages/{gone['id']}")
    await bob.delete(f"/v1/messages/{messages[0]['id']}")
    await bob.delete(f"/v1/conversations/{conversation}")
    await there.expect("conversation_deleted")
    back = (await ada.post(f"/v1/conversations/{conversation}/messages", TEXT)).data
    await here.expect("message_delivered", up_to=back["id"])


async def _block(ada: Any, bob: Any, here: Any, there: Any, conversation: str) -> None:
    await ada.post(f"/v1/users/{bob.id}/block", {"reason": "spam"})
    await here.expect("block_added")
    await there.expect("conversation_updated", hidden=True)
    await bob.post(f"/v1/conversations/{conversation}/messages", TEXT)
    await bob.get(f"/v1/users/{ada.id}/can-message")
    await ada.get("/v1/users/blocked")
    await ada.get(f"/v1/conversations/{conversation}")
    await ada.delete(f"/v1/users/{bob.id}/block")
    await there.expect("conversation_updated", hidden=False)
    await ada.delete(f"/v1/users/{bob.id}/block")


async def _files(ada: Any, conversation: str) -> None:
    """A picture, uploaded, sent, linked to and fetched: whole, in part, and not again."""
    (file,) = await uploaded(ada, ("a.png", "image/png", encoded(picture(32, 24), "PNG")), type="image")
    await send_files(ada, conversation, "image", file["id"])
    await ada.post("/v1/messages/files/links", {"ids": [file["id"]]})
    await ada.post("/v1/messages/files/links", {"ids": ["x"]})
    path = f"/v1/messages/files/{file['id']}"
    for headers in ({}, {"Range": "bytes=0-1"}, {"If-None-Match": "*"}, {"Range": "bytes=999999-"}):
        await ada.get(path, headers=headers)
    await ada.get(f"/v1/messages/files/{NOBODY}")
    await resumed(ada, V1_UPLOADS)


async def _lists(ada: Any, bob: Any, conversation: str) -> None:
    await ada.get("/v1/conversations", limit=1)
    await bob.get("/v1/conversations/unread-count")
    await bob.get(f"/v1/conversations/{conversation}/messages", limit=1)
    await ada.get("/v1/events", since=0)
    await ada.get("/v1/events", since=10**6)


async def _erasure(album: Album, ada: Any) -> None:
    """Somebody goes for good while a partner looks on."""
    dave = await album.register("dave")
    conversation = (await dave.post("/v1/conversations", {"recipient_id": ada.id})).data["id"]
    async with ada.socket(path=WS) as here:
        await dave.delete("/api/v1/users/me", {"password": "a long password"})
        changed = await here.expect("conversation_updated", conversation_id=conversation)
        assert changed.payload["other_user"]["full_name"] == "Deleted account"
    await ada.post(f"/v1/conversations/{conversation}/messages", TEXT)


async def _refusals(album: Album, ada: Any, conversation: str) -> None:
    erin = await album.register("erin")
    await erin.get(f"/v1/conversations/{conversation}/messages")
    await ada.get(f"/v1/conversations/{NOBODY}")
    await ada.post("/v1/conversations", {})
    await ada.post("/v1/conversations", {"recipient_id": NOBODY})
    await album.get("/v1/conversations")
    await ada.put("/v1/conversations")
    await ada.get("/v1/nowhere")


async def test_dialect_b_is_as_written(start_album: StartAlbum) -> None:
    """Every answer and frame of the story is the file's; nothing that the documents name is missing; all keys are snake_case."""
    album = await start_album("/v1/")
    await story(album)
    album.check_complete("messages", lambda path: path.startswith("/v1/"))
    found = {"answers": album.answers, "frames": album.frames}
    assert {key for body in found.values() for key in keys(list(body.values())) if key != key.lower()} == set()
    compare(FILE, found)
