"""Loading an inbox over REST, so that facts can be applied to it from there on (design part 4)."""

from duologue.client.rest import Rest
from duologue.client.state import Inbox


async def take(rest: Rest, *, histories: bool = True, limit: int = 50) -> Inbox:
    """A fresh inbox: the position first, then everything else, so that no fact falls between.

    `histories` loads all messages of all conversations; without it they are loaded when needed (`Inbox.load_messages`).
    Take it while a session is open, and apply what the session has yielded since.
    """
    first = await rest.conversations(limit=limit)
    inbox = Inbox(await rest.me(), position=first.position or 0)
    inbox.load_conversations(first)
    cursor = first.next_cursor
    while cursor is not None:
        page = await rest.conversations(cursor=cursor, limit=limit)
        inbox.load_conversations(page)
        cursor = page.next_cursor
    await _again(rest, inbox, limit)
    inbox.total_unread = await rest.unread_count()
    async for block in rest.every_block(limit=limit):
        inbox.load_blocks([block])
    if histories:
        for key in inbox.unloaded():
            await load(rest, inbox, key)
    return inbox


async def load(rest: Rest, inbox: Inbox, conversation_id: str) -> None:
    """Load a whole history into an inbox."""
    inbox.load_messages(conversation_id, [])
    async for message in rest.every_message(conversation_id, limit=100):
        inbox.load_messages(conversation_id, [message])


async def _again(rest: Rest, inbox: Inbox, limit: int) -> None:
    """Find the conversations that moved to the top, past the cursor, while the list was walked."""
    cursor: str | None = None
    while True:
        page = await rest.conversations(cursor=cursor, limit=limit)
        known = all(item.id in inbox.conversations for item in page)
        inbox.load_conversations(page)
        cursor = page.next_cursor
        if known or cursor is None:
            return
