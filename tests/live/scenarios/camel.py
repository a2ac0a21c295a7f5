"""Dialect A's words for the scenarios."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.live.scenarios.speaker import Ear, Entry, Said, Speaker, taken
from tests.live.socket import Socket

LOUD = (
    "message.new",
    "message.read_update",
    "message.delivered",
    "message.deleted",
    "typing.start",
    "typing.stop",
    "user.online",
    "user.offline",
)


def said(message: dict[str, Any]) -> Said:
    """A MessageDTO."""
    return Said(
        id=message["id"],
        conversation=message["conversationId"],
        sender=message["senderId"],
        text=message["content"],
        status=message["status"],
        is_read=message["isRead"],
        at=message["createdAt"],
    )


class CamelEar(Ear):
    """A socket of dialect A."""

    def __init__(self, socket: Socket) -> None:
        self._socket = socket

    async def say(self, conversation: str, text: str) -> Said:
        """`message.send`."""
        await self._socket.send("message.send", conversationId=conversation, content=text)
        return said((await self._socket.expect("message.sent")).payload["message"])

    async def type(self, conversation: str, *, on: bool) -> None:
        """`typing.start`, `typing.stop`."""
        await self._socket.send("typing.start" if on else "typing.stop", conversationId=conversation)

    async def hears_new(self, text: str) -> Said:
        """`message.new`."""
        while True:
            message = (await self._socket.expect("message.new")).payload["message"]
            if message["content"] == text:
                return said(message)

    async def hears_read(self, message_id: str) -> None:
        """`message.read_update`."""
        while message_id not in (await self._socket.expect("message.read_update")).payload["messageIds"]:
            pass

    async def hears_delivered(self, message_id: str) -> None:
        """`message.delivered`."""
        await self._socket.expect("message.delivered", upTo=message_id)

    async def hears_deleted(self, message_id: str) -> None:
        """`message.deleted`."""
        await self._socket.expect("message.deleted", messageId=message_id)

    async def hears_left(self, conversation: str) -> None:
        """`conversation.deleted`."""
        await self._socket.expect("conversation.deleted", conversationId=conversation)

    async def hears_typing(self, conversation: str, user_id: str, *, on: bool) -> None:
        """`typing.start`, `typing.stop`."""
        kind = "typing.start" if on else "typing.stop"
        await self._socket.expect(kind, conversationId=conversation, userId=user_id)

    async def hears_status(self, user_id: str, *, online: bool) -> None:
        """`user.online`, `user.offline`."""
        await self._socket.expect("user.online" if online else "user.offline", userId=user_id)

    async def hears_totals(self, unread: int) -> None:
        """`notification.unread` of no conversation, then `resume.done`."""
        await self._socket.expect("notification.unread", conversationId=None, totalUnread=unread)
        await self._socket.expect("resume.done")

    async def refused(self, conversation: str, text: str) -> str:
        """`error`."""
        await self._socket.send("message.send", conversationId=conversation, content=text)
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


class Camel(Speaker):
    """Speaks dialect A."""

    name = "A"

    async def open(self, other: Speaker) -> str:
        """GET conversations/with/:username."""
        answer = taken(await self.person.get(f"conversations/with/{other.person.username}"))
        found: str = answer.data["id"]
        return found

    async def say(self, conversation: str, text: str, *, key: str | None = None) -> Said:
        """POST messages."""
        headers = {} if key is None else {"Idempotency-Key": key}
        answer = await self.person.post(f"conversations/{conversation}/messages", {"content": text}, headers=headers)
        return said(taken(answer).data)

    async def history(self, conversation: str) -> list[Said]:
        """GET messages: marks nothing."""
        answer = taken(await self.person.get(f"conversations/{conversation}/messages", limit=50))
        return [said(message) for message in answer.data["messages"]]

    async def read(self, conversation: str) -> None:
        """POST read."""
        taken(await self.person.post(f"conversations/{conversation}/read"))

    async def delete(self, message_id: str) -> None:
        """DELETE messages/:id."""
        taken(await self.person.delete(f"messages/{message_id}"))

    async def leave(self, conversation: str) -> None:
        """DELETE conversations/:id."""
        taken(await self.person.delete(f"conversations/{conversation}"))

    async def inbox(self) -> list[Entry]:
        """GET conversations."""
        answer = taken(await self.person.get("conversations"))
        return [
            Entry(
                conversation=item["id"],
                other=item["otherUser"]["id"],
                last_id=item["lastMessage"] and item["lastMessage"]["id"],
                last_text=(item["lastMessage"] or {}).get("content") or None,
                unread=item["unreadCount"],
            )
            for item in answer.data["conversations"]
        ]

    async def unread(self) -> int:
        """GET conversations/unread-count."""
        count: int = taken(await self.person.get("conversations/unread-count")).data["totalUnread"]
        return count

    async def block(self, other: Speaker) -> None:
        """POST blocks."""
        taken(await self.person.post("blocks", {"username": other.person.username}))

    async def unblock(self, other: Speaker) -> None:
        """DELETE blocks/:username."""
        taken(await self.person.delete(f"blocks/{other.person.username}"))

    async def blocked(self) -> list[str]:
        """GET blocks."""
        answer = taken(await self.person.get("blocks"))
        return [block["blockedUser"]["id"] for block in answer.data["blocks"]]

    @asynccontextmanager
    async def ear(self, since: int | None = None) -> AsyncIterator[Ear]:
        """/chat/ws."""
        query: dict[str, Any] = {} if since is None else {"since": since}
        async with self.person.socket(**query) as socket:
            yield CamelEar(socket)
