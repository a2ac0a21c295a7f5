"""Loading an inbox: the position first, then everything, also while the list moves."""

from tests.client.standin import CONVERSATION, ME, NOW, Answer, Standin, conversation, message, page, user

from duologue.client import Rest, load, take

LIST = "/api/v1/chat/conversations"
OTHER = conversation(2)["id"]


def prepare(standin: Standin) -> None:
    """Answer everything but the list."""
    standin.answer("GET", "/api/v1/users/me", Answer({"id": ME, "username": "me"}))
    standin.answer("GET", f"{LIST}/unread-count", Answer({"totalUnread": 5}))
    standin.answer(
        "GET", "/api/v1/chat/blocks", page("blocks", [{"id": "b", "blockedUser": user(9), "createdAt": NOW}])
    )
    first = page("messages", [message(2)], cursor="older")
    standin.answer("GET", f"{LIST}/{CONVERSATION}/messages", first, page("messages", [message(1)]))
    standin.answer("GET", f"{LIST}/{OTHER}/messages", page("messages", []))


async def test_a_snapshot_holds_everything_from_its_position_on(rest: Rest, standin: Standin) -> None:
    """Position of the first list, conversations of all pages, histories, totals, blocks."""
    prepare(standin)
    pages = [page("conversations", [conversation(1)], "c", 41), page("conversations", [conversation(2)], None, 44)]
    standin.answer("GET", LIST, *pages, page("conversations", [conversation(1)], "c", 45))
    inbox = await take(rest, limit=1)
    assert inbox.position == 41
    assert set(inbox.conversations) == {CONVERSATION, OTHER}
    assert [item.id for item in inbox.history(CONVERSATION)] == [message(2)["id"], message(1)["id"]]
    assert (inbox.total_unread, len(inbox.blocks), inbox.unloaded()) == (5, 1, [])
    assert standin.requests[0].path == LIST


async def test_a_conversation_that_moved_up_while_the_list_was_walked_is_found(rest: Rest, standin: Standin) -> None:
    """It was below the cursor, then above it: the top is read again until nothing is new."""
    prepare(standin)
    standin.answer(
        "GET",
        LIST,
        page("conversations", [conversation(1)], "c", 41),
        page("conversations", []),
        page("conversations", [conversation(2)], "d"),
        page("conversations", [conversation(1)], "e"),
    )
    inbox = await take(rest, histories=False)
    assert set(inbox.conversations) == {CONVERSATION, OTHER}
    assert [seen.query.get("cursor") for seen in standin.requests if seen.path == LIST] == [None, "c", None, "d"]
    assert set(inbox.unloaded()) == {CONVERSATION, OTHER}
    await load(rest, inbox, CONVERSATION)
    assert inbox.unloaded() == [OTHER]
