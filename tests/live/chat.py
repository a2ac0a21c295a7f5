"""Two people with a conversation, for whatever happens between them on sockets; and a few words on what their frames must be."""

from typing import Any, NamedTuple

from tests.live.people import Person, Place
from tests.live.socket import Frame, Socket

GREETING = ["auth_success", "connection.success", "status.bulk"]


class Chat(NamedTuple):
    """A conversation's id and its two people; `one` opened it."""

    one: Person
    two: Person
    id: str


async def chat(place: Place) -> Chat:
    """Make two people and open their conversation: the first fact of both."""
    one, two = await place.people(2)
    return Chat(one, two, await one.conversation(two))


async def say(socket: Socket, conversation: str, text: str = "Hello!", **more: Any) -> Frame:
    """Send a message over a socket; return `message.sent`."""
    await socket.send("message.send", conversationId=conversation, content=text, **more)
    return await socket.expect("message.sent")


def positions(socket: Socket) -> list[int]:
    """Return the positions of the facts that came, in order."""
    return [frame.position for frame in socket.frames if frame.position is not None]


def contents(socket: Socket, kind: str = "message.new") -> list[str]:
    """Return the texts of the messages that came, in order."""
    return [frame.payload["message"]["content"] for frame in socket.frames if frame.type == kind]


def after_greeting(socket: Socket) -> list[str]:
    """Return the types of the frames that followed the greeting, pongs left out."""
    kinds = socket.kinds()
    assert kinds[:3] == GREETING
    return [kind for kind in kinds[3:] if kind != "pong"]


def refusal(frame: Frame) -> tuple[str, str]:
    """Return code and text of an `error`."""
    assert frame.type == "error", frame
    return frame.payload["code"], frame.payload["message"]
