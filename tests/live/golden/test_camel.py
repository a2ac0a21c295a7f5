"""Dialect A's golden answers and frames, and those of accounts and users, which have one address for both dialects (T-006)."""

import re
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.blobs.pictures import encoded, picture
from tests.live.files import post_files
from tests.live.golden.album import Album, compare, keys
from tests.live.golden.conftest import StartAlbum
from tests.live.golden.uploads import resumed
from tests.live.tus import CHAT_UPLOADS

FILE = Path(__file__).with_name("camel.json")
NOBODY = "00000000-0000-4000-8000-000000000000"


async def accounts(album: Album) -> None:
    """Sign up, in and out."""
    named = {"username": "carol", "password": "a long password"}
    signed = (await album.post("/api/v1/auth/register", {**named, "displayName": "Carol"})).data
    await album.post("/api/v1/auth/register", named)
    await album.post("/api/v1/auth/login", {**named, "password": "a wrong password"})
    signed = (await album.post("/api/v1/auth/login", named)).data
    await album.post("/api/v1/auth/refresh", {"refreshToken": signed["refreshToken"]})
    await album.post("/api/v1/auth/refresh", {"refreshToken": "none"})
    signed = (await album.post("/api/v1/auth/login", named)).data
    headers = {"Authorization": f"Bearer {signed['accessToken']}"}
    changed = {"password": named["password"], "newPassword": "another long password"}
    signed = (await album.post("/api/v1/auth/password", changed, headers=headers)).data
    await album.post("/api/v1/auth/logout", {"refreshToken": signed["refreshToken"]})
    signed = (await album.post("/api/v1/auth/login", {**named, "password": "another long password"})).data
    headers = {"Authorization": f"Bearer {signed['accessToken']}"}
    await album.post("/api/v1/auth/logout-all", headers=headers)


async def story(album: Album) -> None:
    """Everything that dialect A can say, once."""
    ada, bob = await album.register("ada"), await album.register("bob")
    await ada.get("/api/v1/users/me")
    await ada.get("/api/v1/users", query="bo")
    await ada.get("/api/v1/users")
    await ada.put("/api/v1/users/bob/follow")
    await ada.put("/api/v1/users/nobody/follow")
    await ada.delete("/api/v1/users/bob/follow")
    conversation = await ada.conversation(bob)
    async with bob.socket() as there, ada.socket() as here:
        await ada.patch("/api/v1/users/me", {"displayName": "Ada", "avatar": "https://example.com/ada.png"})
        await there.expect("user.online")
        await _talk(ada, here, there, conversation)
        await _read_and_delete(ada, bob, here, there, conversation)
        await _block(ada, bob, here, there, conversation)
    async with bob.socket(since=1) as there:
        await there.expect("resume.done")
        await there.send("resume", since=10**6)
        await there.expect("resume.reset")
        await there.expect("user.offline")
        await there.send("auth", token=bob.token)
        await there.expect("auth_success")
    await _files(ada, conversation)
    await _lists(ada, bob, conversation)
    await _erasure(album, ada)
    await _refusals(album, ada, conversation)
    async with album.socket(greeted=False) as unknown:
        await unknown.send("auth", token="none")
        await unknown.expect("auth_failed")


async def _talk(ada: Any, here: Any, there: Any, conversation: str) -> None:
    await here.send("typing.start", conversationId=conversation)
    await there.expect("typing.start")
    await here.send("typing.stop", conversationId=conversation)
    await there.expect("typing.stop")
    key = str(uuid4())
    for _ in range(2):  # the second one is a replay
        await here.send("message.send", command_id=1, conversationId=conversation, content="Hello", tempId=key)
        sent = await here.expect("message.sent")
    await here.expect("message.delivered", upTo=sent.payload["message"]["id"])
    await here.send("message.send", command_id="two", conversationId=conversation, content="", tempId="t")
    await here.expect("message.error")
    for number in (1, 2):
        headers = {"Idempotency-Key": f"00000000-0000-4000-8000-00000000000{number // 2}"}
        body = {"content": "By REST: https://example.com", "tempId": "mine"}
        sent = await ada.post(f"conversations/{conversation}/messages", body, headers=headers)
        await ada.post(f"conversations/{conversation}/messages", body, headers=headers)
    await here.expect("message.delivered", upTo=sent.data["id"])
    await here.send("ping", command_id="ping")
    await here.expect("pong")


async def _read_and_delete(ada: Any, bob: Any, here: Any, there: Any, conversation: str) -> None:
    newest = (await bob.messages(conversation))[0]["id"]
    await bob.post(f"conversations/{conversation}/read", {"messageId": newest})
    await here.expect("message.read_update")
    await there.expect("message.read_ack")
    await there.send("message.read", conversationId=conversation)
    await there.expect("message.read_ack", markedCount=0)
    gone = await ada.send(conversation, "regretted")
    await ada.delete(f"messages/{gone['id']}")
    await there.expect("message.deleted")
    await bob.get("conversations")
    await ada.delete(f"messages/{gone['id']}")
    await bob.delete(f"messages/{newest}")
    await bob.delete(f"conversations/{conversation}")
    await there.expect("conversation.deleted")
    back = await ada.send(conversation, "and back")
    await here.expect("message.delivered", upTo=back["id"])
    await ada.patch("/api/v1/users/me", {"showLastSeen": True, "sendReadReceipts": False})
    await bob.post(f"conversations/{conversation}/read")
    await here.expect("settings.updated")


async def _block(ada: Any, bob: Any, here: Any, there: Any, conversation: str) -> None:
    await ada.post("blocks", {"username": "bob"})
    await ada.post("blocks", {"username": "bob"})
    await there.expect("conversation.updated", hidden=True)
    await bob.post(f"conversations/{conversation}/messages", {"content": "let me in"})
    await there.send("message.send", conversationId=conversation, content="let me in")
    await there.expect("error", code="BLOCKED")
    await ada.get("blocks")
    await ada.get("blocks/status/bob")
    await ada.delete("blocks/bob")
    await there.expect("conversation.updated", hidden=False)
    await ada.delete("blocks/bob")
    await here.send("block.add", username="bob")
    await here.send("block.add", username="bob")
    await here.send("block.remove", username="bob")
    await here.expect("block.removed")


async def _files(ada: Any, conversation: str) -> None:
    """A picture, sent and linked to; what is there to be fetched is no JSON."""
    sent = await post_files(ada, conversation, ("a.png", "image/png", encoded(picture(32, 24), "PNG")))
    await ada.post("files/links", {"ids": [sent.data["media"][0]["id"]]})
    await ada.post("files/links", {"ids": ["x"]})
    await resumed(ada, CHAT_UPLOADS)


async def _lists(ada: Any, bob: Any, conversation: str) -> None:
    await ada.get("conversations", limit=1)
    await ada.get("conversations/with/bob")
    messages = await ada.messages(conversation)
    await ada.get(f"conversations/{conversation}/messages", limit=2)
    await ada.get(f"messages/{messages[1]['id']}")
    await ada.get(f"messages/{messages[1]['id']}/context", before=1, after=1)
    for gallery in ("media", "links", "files"):
        await ada.get(f"conversations/{conversation}/{gallery}")
    await ada.get("events", since=0)
    await ada.get("events", since=10**6)
    await bob.get("conversations/unread-count")


async def _erasure(album: Album, ada: Any) -> None:
    """Somebody goes for good while a partner looks on."""
    dave = await album.register("dave")
    conversation = await dave.conversation(ada)
    async with ada.socket() as here:
        await dave.delete("/api/v1/users/me", {"password": "wrong"})
        await dave.delete("/api/v1/users/me", {"password": "a long password"})
        changed = await here.expect("conversation.updated", conversationId=conversation)
        assert changed.payload["otherUser"]["displayName"] == "Deleted account"
    await ada.post(f"conversations/{conversation}/messages", {"content": "gone?"})


async def _refusals(album: Album, ada: Any, conversation: str) -> None:
    erin = await album.register("erin")
    await erin.get(f"conversations/{conversation}/messages")
    await ada.get(f"conversations/{NOBODY}/messages")
    await ada.get("conversations", cursor="none")
    await ada.get("conversations/with/nobody")
    await album.get("conversations")
    await ada.put("conversations")
    await ada.post(f"conversations/{conversation}/messages", b"{", headers={"Content-Type": "application/json"})


async def test_dialect_a_is_as_written(start_album: StartAlbum) -> None:
    """Every answer and frame of the story is the file's; nothing that the documents name is missing; all keys are camelCase."""
    album = await start_album("/api/")
    await accounts(album)
    await story(album)
    album.check_complete("chat", lambda path: path.startswith("/api/v1/") and not path.startswith("/api/v1/admin"))
    found = {"answers": album.answers, "frames": album.frames}
    assert {key for key in keys(found["answers"]) if "_" in key} == set()
    assert not any(re.search(r"_", key) for frame in album.frames.values() for key in keys(frame))
    compare(FILE, found)
