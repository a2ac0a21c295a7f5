"""What people do in dialect B's REST again and again: open, say, read, list. Nothing of the product inside."""

from typing import Any

from tests.live.people import Answer, Person

CONVERSATIONS = "/v1/conversations"
MISSING = (404, "NOT_FOUND", "Conversation not found")
FOREIGN = (403, "FORBIDDEN", "Not a participant")


async def opened(one: Person, other: Person) -> str:
    """Open the conversation with somebody, or find it; return its id."""
    answer = await one.post(CONVERSATIONS, {"recipient_id": other.id})
    found: str = answer.data["id"]
    return found


async def send(person: Person, conversation: str, **body: Any) -> Answer:
    """Send a message as the body says."""
    return await person.post(f"{CONVERSATIONS}/{conversation}/messages", body)


async def say(person: Person, conversation: str, *texts: str) -> list[str]:
    """Send texts one after the other; return the messages' ids, oldest first."""
    return [
        (await send(person, conversation, message_type="text", content=text)).data["id"] for text in texts or ("Hey!",)
    ]


async def history(person: Person, conversation: str, **query: Any) -> Any:
    """Return `data` of a page of messages."""
    return (await person.get(f"{CONVERSATIONS}/{conversation}/messages", **query)).data


async def inbox(person: Person, **query: Any) -> Any:
    """Return `data` of a page of the list."""
    return (await person.get(CONVERSATIONS, **query)).data


async def listed(person: Person) -> list[str]:
    """Return the ids of the list's first page."""
    return ids((await inbox(person))["conversations"])


async def totals(person: Person) -> tuple[int, int]:
    """Return unread messages, and conversations that hold them."""
    data = (await person.get(f"{CONVERSATIONS}/unread-count")).data
    return data["total_unread"], data["unread_conversations"]


def ids(items: list[dict[str, Any]]) -> list[str]:
    """Return the ids of items."""
    return [item["id"] for item in items]
