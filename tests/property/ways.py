"""How a step reaches the server where the Python client, which speaks dialect A, has no way: dialect B's REST.

This is the seam for steps in either dialect: a step says what is done, and here stands how.
"""

from tests.live.people import Answer, Person


def _judge(answer: Answer, *refusals: tuple[int, str]) -> None:
    """Accept a success, and what a step may run into as others act at the same time."""
    assert answer.status < 400 or answer.refusal[:2] in refusals, answer.refusal


async def unsend(person: Person, message_id: str, *, mine: bool) -> None:
    """Delete a message for both; the partner's is refused."""
    answer = await person.delete(f"/v1/messages/{message_id}")
    _judge(answer, (404, "NOT_FOUND"), *([] if mine else [(403, "FORBIDDEN")]))
    assert mine or answer.status >= 400, "somebody else's message was deleted"


async def forget(person: Person, conversation_id: str) -> None:
    """Delete a conversation for oneself."""
    _judge(await person.delete(f"/v1/conversations/{conversation_id}"))


async def look(person: Person, conversation_id: str) -> None:
    """Fetch the newest messages, which marks those returned as read (C-29)."""
    _judge(await person.get(f"/v1/conversations/{conversation_id}/messages", limit=3))


async def read_one(person: Person, message_id: str) -> None:
    """Mark exactly one message as read (C-28)."""
    _judge(await person.post(f"/v1/messages/{message_id}/read"), (404, "NOT_FOUND"))
