"""Dialect B's words for the scenarios."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.live.scenarios.speaker import Ear, Entry, Said, Speaker, taken
from tests.live.socket import Socket

LOUD = ("new_message", "message_read", "message_delivered", "message_deleted", "user_typing", "user_status")


def said(message: dict[str, Any]) -> Said:
    """A MessageResponse."""
    return Said(
        id=message["id"],
        conversation=message["conversation_id"],
        sender=message["sender_id"],
        text=message["content"],
        status=message["status"],
        is_read=message["is_read"],
        at=message["created_at"],
    )


class SnakeEar(Ear):
    """A socket of dialect B."""

    def __init__(self, socket: Socket) -> None:
        self._socket = socket

    async def say(self, conversation: str, text: str) -> Said:
        """`message`."""
        await self._socket.send("message", conversation_id=conversation, message_type="text", content=text)
        return said((await self._socket.expect("message_sent")).payload)

    async def type(self, conversation: str, *, on: bool) -> None:
        """`typing`."""
        await self._socket.send("typing", conversation_id=conversation, is_typing=on)

    async def hears_new(self, text: str) -> Said:
        """`new_message`."""
        return said((await self._socket.expect("new_message", content=text)).payload)

    async def hears_read(self, message_id: str) -> None:
        """`message_read`."""
        while message_id not in (await self._socket.expect("message_read")).payload["message_ids"]:
            pass

    async def hears_delivered(self, message_id: str) -> None:
        """`message_delivered`."""
        await self._socket.expect("message_delivered", up_to=message_id)

    async def hears_deleted(self, message_id: str) -> None:
        """`message_deleted`."""
        await self._socket.expect("message_deleted", message_id=message_id)

    async def hears_left(self, conversation: str) -> None:
        """`conversation_deleted`."""
        await self._socket.expect("conversation_deleted", conversation_id=conversation)

    async def hears_typing(self, conversation: str, user_id: str, *, on: bool) -> None:
        """`user_typing`."""
        await self._socket.expect("user_typing", conversation_id=conversation, user_id=user_id, is_typing=on)

    async def hears_status(self, user_id: str, *, online: bool) -> None:
        """`user_status`."""
        await self._socket.expect("user_status", user_id=user_id, is_online=online)

    async def hears_totals(self, unread: int) -> None:
        """`unread_count` of no conversation, then `resume_done`."""
        await self._socket.expect("unread_count", conversation_id=None, total_unread=unread)
        await self._socket.expect("resume_done")

    async def refused(self, conversation: str, text: str) -> str:
        """`error`."""
        await self._socket.send("message", conversation_id=conversation, message_type="text", content=text)
        code: str = (await self._socket.expect("error")).payload["code"]
        return code

    async def nothing_more(self) -> None:
        """None of the loud frames is left."""
        for kind in LOUD:
            await self._socket.nothing(kind)

    @property
    def position(self) -> int:
        """The last position told, in a fact or in the greeting."""
        told = [frame.position or frame.payload.get("position", 0) for frame in self._socket.frames]
        return max(told)


class Snake(Speaker):
    """Speaks dialect B."""

    name = "B"

    async def open(self, other: Speaker) -> str:
        """POST conversations."""
        answer = taken(await self.person.post("/v1/conversations", {"recipient_id": other.id}))
        found: str = answer.data["id"]
        return found

    async def say(self, conversation: str, text: str, *, key: str | None = None) -> Said:
        """POST messages."""
        body = {"message_type": "text", "content": text}
        headers = {} if key is None else {"Idempotency-Key": key}
        answer = await self.person.post(f"/v1/conversations/{conversation}/messages", body, headers=headers)
        return said(taken(answer).data)

    async def history(self, conversation: str) -> list[Said]:
        """GET messages: marks what it returns (C-29)."""
        answer = taken(await self.person.get(f"/v1/conversations/{conversation}/messages"))
        return [said(message) for message in answer.data["messages"]]

    async def read(self, conversation: str) -> None:
        """POST read."""
        taken(await self.person.post(f"/v1/conversations/{conversation}/read"))

    async def delete(self, message_id: str) -> None:
        """DELETE messages/:id."""
        taken(await self.person.delete(f"/v1/messages/{message_id}"))

    async def leave(self, conversation: str) -> None:
        """DELETE conversations/:id."""
        taken(await self.person.delete(f"/v1/conversations/{conversation}"))

    async def inbox(self) -> list[Entry]:
        """GET conversations."""
        answer = taken(await self.person.get("/v1/conversations"))
        return [
            Entry(
                conversation=item["id"],
                other=item["participant"]["id"],
                last_id=item["last_message"] and item["last_message"]["id"],
                last_text=(item["last_message"] or {}).get("content"),
                unread=item["unread_count"],
            )
            for item in answer.data["conversations"]
        ]

    async def unread(self) -> int:
        """GET conversations/unread-count."""
        count: int = taken(await self.person.get("/v1/conversations/unread-count")).data["total_unread"]
        return count

    async def block(self, other: Speaker) -> None:
        """POST users/:id/block."""
        taken(await self.person.post(f"/v1/users/{other.id}/block"))

    async def unblock(self, other: Speaker) -> None:
        """DELETE users/:id/block."""
        taken(await self.person.delete(f"/v1/users/{other.id}/block"))

    async def blocked(self) -> list[str]:
        """GET users/blocked."""
        answer = taken(await self.person.get("/v1/users/blocked"))
        return [user["id"] for user in answer.data["blocked_users"]]

    @asynccontextmanager
    async def ear(self, since: int | None = None) -> AsyncIterator[Ear]:
        """/v1/ws/messages."""
        query: dict[str, Any] = {} if since is None else {"since": since}
        async with self.person.socket(path="/v1/ws/messages", **query) as socket:
            yield SnakeEar(socket)
