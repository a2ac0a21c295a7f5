"""Messages of dialect A over REST: T-028 to T-041, T-043 to T-046, newer pages and the total order of design parts 1 and 5."""

import asyncio
import statistics
import time
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.live.people import Person, Place

MISSING = (404, "NOT_FOUND", "Conversation not found")
FOREIGN = (403, "FORBIDDEN", "Not a participant")


async def two_talking(live: Place) -> tuple[Person, Person, str]:
    """Return two users and their conversation."""
    one, other = await live.people(2)
    return one, other, await one.conversation(other)


async def say(person: Person, conversation: str, count: int) -> list[str]:
    """Send so many messages one after the other; return their ids, oldest first."""
    return [(await person.send(conversation, f"message {number}"))["id"] for number in range(count)]


def ids(messages: list[dict[str, str]]) -> list[str]:
    """Return the ids of messages."""
    return [message["id"] for message in messages]


async def test_t028_a_message_is_answered_whole(live: Place) -> None:
    """A sent message is 201 and comes back with everything a client shows."""
    one, other, conversation = await two_talking(live)
    answer = await one.post(f"conversations/{conversation}/messages", {"content": "Hello!"})
    assert answer.status == 201
    message = answer.data
    assert UUID(message.pop("id")).version == 7
    assert message.pop("createdAt") == message.pop("updatedAt")
    sender = message.pop("sender")
    assert (sender["id"], sender["username"]) == (one.id, one.username)
    assert message == {
        "conversationId": conversation,
        "senderId": one.id,
        "receiverId": other.id,
        "type": "text",
        "content": "Hello!",
        "media": [],
        "status": "sent",
        "isRead": False,
    }


async def test_t028_the_temp_id_comes_back_to_its_sender_alone(live: Place) -> None:
    """A tempId is echoed, kept for the sender's lists, and shown to nobody else."""
    one, other, conversation = await two_talking(live)
    sent = await one.send(conversation, tempId="temp-123")
    assert sent["tempId"] == "temp-123"
    assert (await one.messages(conversation))[0]["tempId"] == "temp-123"
    assert (await one.get(f"messages/{sent['id']}")).data["tempId"] == "temp-123"
    assert "tempId" not in (await other.messages(conversation))[0]


@pytest.mark.parametrize(
    "body",
    [None, {}, {"content": None}, {"content": ""}, {"content": " \t\n "}, {"content": "\u0000\u0007"}],
    ids=["no body", "missing", "null", "empty", "blank", "controls"],
)
async def test_t029_a_message_without_content_is_400(live: Place, body: object) -> None:
    """Nothing to say is refused and nothing is stored, whether missing, empty, blank or made of controls alone."""
    one, other, conversation = await two_talking(live)
    answer = await one.post(f"conversations/{conversation}/messages", body)
    assert (answer.status, answer.error["code"]) == (400, "VALIDATION_ERROR")
    assert await other.messages(conversation) == []


async def test_t030_ten_thousand_characters_and_no_more(live: Place) -> None:
    """10,000 characters are taken and come back whole; one more is 400."""
    one, other, conversation = await two_talking(live)
    await one.send(conversation, "x" * 10_000)
    assert (await other.messages(conversation))[0]["content"] == "x" * 10_000
    answer = await one.post(f"conversations/{conversation}/messages", {"content": "x" * 10_001})
    assert answer.refusal == (400, "VALIDATION_ERROR", "content must be at most 10000 characters")
    assert len(await other.messages(conversation)) == 1


async def test_t031_characters_are_counted_not_bytes(live: Place) -> None:
    """10,000 emoji of four bytes are 10,000 characters, also when JSON writes each as an escaped pair."""
    one, other, conversation = await two_talking(live)
    text = "\U0001f600" * 10_000
    await one.send(conversation, text)
    escaped = b'{"content":"' + b"\\ud83d\\ude00" * 10_000 + b'"}'
    json = {"Content-Type": "application/json"}
    assert (await one.post(f"conversations/{conversation}/messages", escaped, headers=json)).status == 201
    assert [message["content"] for message in await other.messages(conversation)] == [text, text]
    assert (await one.post(f"conversations/{conversation}/messages", {"content": text + "!"})).status == 400


async def test_t032_unknown_conversation_is_404(live: Place) -> None:
    """Whatever is asked of a conversation that is none, it is not found."""
    one = await live.person()
    path = f"conversations/{uuid4()}"
    assert (await one.post(f"{path}/messages", {"content": "Hello!"})).refusal == MISSING
    assert (await one.post(f"{path}/read")).refusal == MISSING
    for list_ in ("messages", "media", "links", "files"):
        assert (await one.get(f"{path}/{list_}")).refusal == MISSING


async def test_t033_a_stranger_neither_reads_nor_writes(live: Place) -> None:
    """Somebody outside the conversation is refused, and the two notice nothing."""
    one, other, conversation = await two_talking(live)
    third = await live.person()
    await one.send(conversation)
    assert (await third.post(f"conversations/{conversation}/messages", {"content": "Hello!"})).refusal == FOREIGN
    assert (await third.get(f"conversations/{conversation}/messages")).refusal == FOREIGN
    assert len(await other.messages(conversation)) == 1


@pytest.mark.parametrize("name", ["abc", "0", "%27%20OR%201=1", "00000000000000000000000000000000", "..%2F..%2Fblocks"])
async def test_t034_an_id_that_is_none_is_refused(live: Place, name: str) -> None:
    """A path id that is no UUID in its usual form is a client's fault wherever it stands."""
    one = await live.person()
    for path in (f"conversations/{name}/messages", f"messages/{name}", f"messages/{name}/context"):
        assert (await one.get(path)).status in (400, 404)
    assert (await one.post(f"conversations/{name}/messages", {"content": "Hello!"})).status in (400, 404)
    assert (await one.post(f"conversations/{name}/read")).status in (400, 404)


async def test_t035_all_pages_together_are_the_history(live: Place) -> None:
    """45 messages in pages of 20: each once, newest first, and the last page says so."""
    one, other, conversation = await two_talking(live)
    sent = await say(one, conversation, 45)
    pages = await other.walk(f"conversations/{conversation}/messages", "messages", limit=20)
    assert [len(page) for page in pages] == [20, 20, 5]
    found = [message for page in pages for message in page]
    assert ids(found) == sent[::-1]
    times = [message["createdAt"] for message in found]
    assert times == sorted(set(times), reverse=True)


async def test_t035_a_page_has_twenty_and_at_most_a_hundred(live: Place) -> None:
    """Without a limit 20 messages, and never more than 100 (C-07)."""
    one, _, conversation = await two_talking(live)
    await asyncio.gather(*(one.send(conversation) for _ in range(101)))
    assert len(await one.messages(conversation)) == 20
    assert len(await one.messages(conversation, limit=1000)) == 100


async def test_t036_a_thousand_messages_are_walked_quickly(live: Place) -> None:
    """1,000 messages are 1,000 distinct ids over 50 pages, and 95 of 100 pages answer within 100 ms."""
    one, other, conversation = await two_talking(live)
    turns = asyncio.Semaphore(10)

    async def send(number: int) -> str:
        async with turns:
            message_id: str = (await one.send(conversation, f"message {number}"))["id"]
            return message_id

    sent = await asyncio.gather(*(send(number) for number in range(1000)))
    found: list[str] = []
    took: list[float] = []
    cursor = ""
    while not took or cursor:
        begun = time.perf_counter()
        data = (await other.get(f"conversations/{conversation}/messages", cursor=cursor)).data
        took.append(time.perf_counter() - begun)
        found += ids(data["messages"])
        cursor = data["meta"].get("nextCursor", "")
    assert len(took) == 50
    assert len(found) == 1000
    assert set(found) == set(sent)
    assert sorted(took)[47] < 0.1, f"pages took {sorted(took)[-5:]} s"


async def test_an_answer_does_not_wait_for_an_acknowledgement(live: Place) -> None:
    """Head and body of an answer leave at once, not 40 ms apart as they would if TCP waited for more to send (Nagle)."""
    took: list[float] = []
    for _ in range(60):
        begun = time.perf_counter()
        await live.get("/health/live")
        took.append(time.perf_counter() - begun)
    assert statistics.median(took[20:]) < 0.03, f"answers took {took[20:]} s"


async def test_t037_equal_times_neither_repeat_nor_skip(live: Place) -> None:
    """Messages of one and the same moment are paged one by one, each once: the id decides."""
    one, other, conversation = await two_talking(live)
    sent = await say(one, conversation, 7)
    # The product gives each message a time of its own; rows from elsewhere may share one.
    await live.sql("UPDATE messages SET created_at = '2026-01-01' WHERE conversation_id = $1", UUID(conversation))
    pages = await other.walk(f"conversations/{conversation}/messages", "messages", limit=1)
    assert [ids(page) for page in pages] == [[message_id] for message_id in sorted(sent, reverse=True)]


async def test_t037_every_message_has_a_time_of_its_own(live: Place) -> None:
    """However many are sent at once, by both, their times increase strictly, and both see one order."""
    one, other, conversation = await two_talking(live)
    people = [one, other] * 30
    await asyncio.gather(*(person.send(conversation, f"message {n}") for n, person in enumerate(people)))
    mine, theirs = [await person.messages(conversation, limit=100) for person in (one, other)]
    times = [message["createdAt"] for message in mine]
    assert len(times) == 60
    assert times == sorted(set(times), reverse=True)
    assert ids(mine) == ids(theirs)


async def test_t038_new_messages_leave_older_pages_alone(live: Place) -> None:
    """What is sent while somebody pages does not move what they have yet to see."""
    one, other, conversation = await two_talking(live)
    sent = await say(one, conversation, 10)
    first = (await other.get(f"conversations/{conversation}/messages", limit=4)).data
    await say(one, conversation, 3)
    path = f"conversations/{conversation}/messages"
    rest = await other.walk(path, "messages", limit=4, cursor=first["meta"]["nextCursor"])
    assert [ids(page) for page in rest] == [sent[5:1:-1], sent[1::-1]]


async def test_t039_a_message_is_for_its_two_alone(live: Place) -> None:
    """Both participants get a message by id, a stranger 403, and an unknown id is 404."""
    one, other, conversation = await two_talking(live)
    third = await live.person()
    sent = await one.send(conversation)
    assert (await one.get(f"messages/{sent['id']}")).data == sent
    assert (await other.get(f"messages/{sent['id']}")).data["content"] == "Hello!"
    for path in (f"messages/{sent['id']}", f"messages/{sent['id']}/context"):
        assert (await third.get(path)).refusal == FOREIGN
    for path in (f"messages/{uuid4()}", f"messages/{uuid4()}/context"):
        assert (await one.get(path)).refusal == (404, "NOT_FOUND", "Message not found")


async def test_t040_a_message_with_its_neighbours(live: Place) -> None:
    """The 30th of 60 messages comes with 20 older and 20 newer ones, newest first, and where to go on."""
    one, other, conversation = await two_talking(live)
    sent = await say(one, conversation, 60)
    answer = await other.get(f"messages/{sent[29]}/context")
    data = answer.data
    assert ids(data["messages"]) == sent[9:50][::-1]
    assert data["targetMessageId"] == sent[29]
    assert (data["hasMoreBefore"], data["hasMoreAfter"]) == (True, True)
    path = f"conversations/{conversation}/messages"
    older = (await other.get(path, cursor=data["beforeCursor"])).data
    newer = (await other.get(path, after=data["afterCursor"])).data
    assert ids(older["messages"]) == sent[:9][::-1]
    assert ids(newer["messages"]) == sent[50:][::-1]


async def test_t040_as_many_neighbours_as_asked_for(live: Place) -> None:
    """`before` and `after` are counts, at most 50 each, and may be none; at the ends there is no more."""
    one, _, conversation = await two_talking(live)
    sent = await say(one, conversation, 8)

    async def context(number: int, **query: Any) -> tuple[list[str], bool, bool]:
        data = (await one.get(f"messages/{sent[number]}/context", **query)).data
        assert ("beforeCursor" in data, "afterCursor" in data) == (data["hasMoreBefore"], data["hasMoreAfter"])
        return ids(data["messages"]), data["hasMoreBefore"], data["hasMoreAfter"]

    assert await context(4, before=2, after=1) == (sent[2:6][::-1], True, True)
    assert await context(4, before=0, after=0) == ([sent[4]], True, True)
    assert await context(4, before=4, after=3) == (sent[::-1], False, False)
    assert await context(0, before=5, after=500) == (sent[::-1], False, False)
    assert await context(7, before="x", after=-1) == (sent[::-1], False, False)


async def test_t041_links_are_found_in_messages(live: Place) -> None:
    """Both URLs of a message are listed with it, and messages without one are not."""
    one, other, conversation = await two_talking(live)
    await one.send(conversation, "no link here, not even example.com")
    message = await one.send(conversation, "see https://example.com/a and http://b.org")
    found = (await other.get(f"conversations/{conversation}/links")).data["links"]
    about = {"messageId": message["id"], "senderId": one.id, "createdAt": message["createdAt"]}
    assert sorted(found, key=lambda link: str(link["url"])) == [
        {"url": "http://b.org", **about},
        {"url": "https://example.com/a", **about},
    ]


async def test_t043_links_are_paged(live: Place) -> None:
    """30 links in pages of ten are three pages, each link once, also where one message holds several."""
    one, other, conversation = await two_talking(live)
    for number in range(10):
        await one.send(conversation, " ".join(f"https://example.com/{number}/{part}" for part in range(3)))
    pages = await other.walk(f"conversations/{conversation}/links", "links", limit=10)
    assert [len(page) for page in pages] == [10, 10, 10]
    urls = [link["url"] for page in pages for link in page]
    assert len(set(urls)) == 30
    newest_first = [url.split("/")[3] for url in urls]
    assert newest_first == sorted(newest_first, reverse=True)


async def test_t044_galleries_are_for_the_two_alone(live: Place) -> None:
    """A stranger gets no media, links or files of a foreign conversation; the two get theirs."""
    one, _, conversation = await two_talking(live)
    third = await live.person()
    for gallery in ("media", "links", "files"):
        path = f"conversations/{conversation}/{gallery}"
        assert (await third.get(path)).refusal == FOREIGN
        assert (await one.get(path)).data == {gallery: [], "meta": {"hasMore": False}}


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "a < b & c", "<img src=x onerror=alert(1)>", "</script><!--"]
)
async def test_t045_markup_is_data(live: Place, text: str) -> None:
    """Text comes back as it was written, in answers and in frames whose bytes hold no live markup."""
    one, other, conversation = await two_talking(live)
    async with other.socket() as socket:
        sent = await one.send(conversation, text)
        frame = await socket.expect("message.new")
    listed = await other.get(f"conversations/{conversation}/messages")
    assert sent["content"] == frame.payload["message"]["content"] == listed.data["messages"][0]["content"] == text
    for raw in (listed.raw, frame.raw):
        assert b"<" not in raw
        assert b"\\u003c" in raw


async def test_t046_sql_in_a_message_is_text(live: Place) -> None:
    """What would be a statement elsewhere is stored as written, and everything works on."""
    one, other, conversation = await two_talking(live)
    text = "'; DROP TABLE messages;--"
    await one.send(conversation, text)
    assert (await other.messages(conversation))[0]["content"] == text
    assert (await other.conversations())[0]["lastMessage"]["content"] == text
    assert (await other.get("conversations/with/'; DROP TABLE users;--")).status == 404
    await one.send(conversation)
    assert len(await other.messages(conversation)) == 2


async def test_control_characters_go_and_everything_else_stays(live: Place) -> None:
    """C0 and C1 controls but tab and newline are removed, CR LF becomes LF, joiners and bidi marks stay."""
    one, other, conversation = await two_talking(live)
    family, bidi = "\U0001f468\u200d\U0001f469", "\u202eabc\u202c"
    await one.send(conversation, f"a\u0000b\u001b[31mc\td\r\ne\u0085f {family} {bidi}")
    assert (await other.messages(conversation))[0]["content"] == f"ab[31mc\td\nef {family} {bidi}"


# -- newer pages (design part 5) ------------------------------------------------------------------------------------------


async def test_after_a_cursor_come_the_next_newer_ones(live: Place) -> None:
    """`after` answers the messages next above a place, newest first, page by page until nothing newer remains."""
    one, other, conversation = await two_talking(live)
    sent = await say(one, conversation, 9)
    path = f"conversations/{conversation}/messages"
    oldest = (await other.get(f"messages/{sent[0]}/context", before=0, after=0)).data
    pages: list[list[str]] = []
    place = oldest["afterCursor"]
    has_more = True
    while has_more:
        data = (await other.get(path, after=place, limit=3)).data
        pages.append(ids(data["messages"]))
        has_more = data["meta"]["hasMore"]
        place = data["meta"].get("nextCursor", "")
    assert pages == [sent[1:4][::-1], sent[4:7][::-1], sent[7:9][::-1]]


async def test_cursor_and_after_together_are_400(live: Place) -> None:
    """One goes down, the other up: both at once mean nothing."""
    one, _, conversation = await two_talking(live)
    await say(one, conversation, 2)
    path = f"conversations/{conversation}/messages"
    place = (await one.get(path, limit=1)).data["meta"]["nextCursor"]
    answer = await one.get(path, cursor=place, after=place)
    assert (answer.status, answer.error["code"]) == (400, "VALIDATION_ERROR")
    assert ids((await one.get(f"{path}?cursor=&after={place.replace('+', '%2B')}")).data["messages"]) == []


@pytest.mark.parametrize("place", ["!!!", "e30=", "bm90IGpzb24="])
async def test_a_place_that_is_none_is_400(live: Place, place: str) -> None:
    """Every list refuses a cursor that is none of its own, in the same words."""
    one, _, conversation = await two_talking(live)
    lists = ["messages", "media", "links", "files"]
    answers = [await one.get(f"conversations/{conversation}/{name}", cursor=place) for name in lists]
    answers.append(await one.get(f"conversations/{conversation}/messages", after=place))
    answers.append(await one.get("blocks", cursor=place))
    assert [answer.refusal for answer in answers] == [(400, "VALIDATION_ERROR", "Invalid cursor")] * 6
