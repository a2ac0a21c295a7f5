"""Sending again: a tempId or an Idempotency-Key that is a UUID names a send for ever (design part 1, Idempotent send)."""

import asyncio
from uuid import uuid4

import pytest
from tests.live.people import Answer, Person, Place


@pytest.fixture
def live(still: Place) -> Place:
    """Count every fact: none of delivery may come between."""
    return still


async def two_talking(live: Place) -> tuple[Person, Person, str]:
    """Return two users and their conversation."""
    one, other = await live.people(2)
    return one, other, await one.conversation(other)


async def post(person: Person, conversation: str, text: str = "Hello!", *, key: str = "", **more: str) -> Answer:
    """Send, under an Idempotency-Key if there is one."""
    headers = {"Idempotency-Key": key} if key else None
    return await person.post(f"conversations/{conversation}/messages", {"content": text, **more}, headers=headers)


def is_replay(answer: Answer, first: Answer) -> bool:
    """Tell whether an answer gives the first one's message again, and says so."""
    said = answer.headers.get("idempotent-replayed")
    return (answer.status, said, answer.data["id"]) == (200, "true", first.data["id"])


async def test_a_repeat_by_temp_id_is_the_same_message(live: Place) -> None:
    """The same send under the same UUID is answered 200 with the original, which exists once."""
    one, other, conversation = await two_talking(live)
    name = str(uuid4())
    first = await post(one, conversation, tempId=name)
    again = await post(one, conversation, tempId=name)
    assert first.status == 201
    assert "idempotent-replayed" not in first.headers
    assert is_replay(again, first)
    assert again.data["content"] == "Hello!"
    assert again.data["tempId"] == name
    assert len(await other.messages(conversation)) == 1
    assert await other.unread() == 1


async def test_a_repeat_by_header_is_the_same_message(live: Place) -> None:
    """The header does the same, quoted or not, and needs no tempId."""
    one, other, conversation = await two_talking(live)
    key = str(uuid4())
    first = await post(one, conversation, key=key)
    assert is_replay(await post(one, conversation, key=key), first)
    assert is_replay(await post(one, conversation, key=f'"{key}"'), first)
    assert is_replay(await post(one, conversation, key=key.upper()), first)
    assert len(await other.messages(conversation)) == 1


async def test_header_and_temp_id_are_one_key_space(live: Place) -> None:
    """A key is the same however it is given, and the header wins over a tempId."""
    one, other, conversation = await two_talking(live)
    key, name = str(uuid4()), str(uuid4())
    first = await post(one, conversation, key=key, tempId=name)
    assert is_replay(await post(one, conversation, tempId=key), first)
    fresh = await post(one, conversation, tempId=name)
    assert fresh.status == 201
    assert len(await other.messages(conversation)) == 2


async def test_a_temp_id_that_is_no_uuid_names_nothing(live: Place) -> None:
    """Other tempIds are echoed alone: each send is a new message."""
    one, other, conversation = await two_talking(live)
    for _ in range(2):
        assert (await post(one, conversation, tempId="temp-1")).status == 201
    assert len(await other.messages(conversation)) == 2


@pytest.mark.parametrize("difference", ["text", "conversation"])
async def test_a_key_for_something_else_is_409(live: Place, difference: str) -> None:
    """Another text or another conversation under the same key is a conflict, and nothing is stored."""
    one, other, conversation = await two_talking(live)
    third = await live.person()
    elsewhere = await one.conversation(third)
    key = str(uuid4())
    await post(one, conversation, key=key)
    target, text = (conversation, "Hello?") if difference == "text" else (elsewhere, "Hello!")
    refused = await post(one, target, text, key=key)
    assert (refused.status, refused.error["code"]) == (409, "CONFLICT")
    assert len(await other.messages(conversation)) == 1
    assert await third.messages(elsewhere) == []


async def test_a_key_belongs_to_its_sender(live: Place) -> None:
    """Two people may choose the same key."""
    one, other, conversation = await two_talking(live)
    key = str(uuid4())
    assert [(await post(person, conversation, key=key)).status for person in (one, other)] == [201, 201]
    assert len(await other.messages(conversation)) == 2


@pytest.mark.parametrize("key", ["7", "not-a-key", "\u00fc", "{0190a5c8-5b7e-7c3a-9d55-000000000001}", ",", '"'])
async def test_a_key_that_is_no_uuid_is_400(live: Place, key: str) -> None:
    """A header that cannot name the send is refused before anything is stored."""
    one, other, conversation = await two_talking(live)
    refused = await post(one, conversation, key=key)
    assert (refused.status, refused.error["code"]) == (400, "VALIDATION_ERROR")
    assert await other.messages(conversation) == []


async def test_a_repeat_is_answered_although_sending_is_refused_by_now(live: Place) -> None:
    """Across a block that came after it, a repeat still gets its original; a new key is refused."""
    one, other, conversation = await two_talking(live)
    key = str(uuid4())
    first = await post(one, conversation, key=key)
    await other.post("blocks", {"username": one.username})
    assert is_replay(await post(one, conversation, key=key), first)
    assert (await post(one, conversation, key=str(uuid4()))).status == 403
    assert (await post(one, conversation, "Hello?", key=key)).status == 409


async def test_a_refused_send_does_not_use_up_its_key(live: Place) -> None:
    """What was refused may be sent under the same key once it is allowed."""
    one, other, conversation = await two_talking(live)
    key = str(uuid4())
    await other.post("blocks", {"username": one.username})
    assert (await post(one, conversation, key=key)).status == 403
    await other.delete(f"blocks/{one.username}")
    assert (await post(one, conversation, key=key)).status == 201


async def test_a_hundred_at_once_are_one_message(live: Place) -> None:
    """Of 100 parallel sends with one key one is 201, 99 are 200, and all name the same message."""
    one, other, conversation = await two_talking(live)
    key = str(uuid4())
    answers = await asyncio.gather(*(post(one, conversation, key=key) for _ in range(100)))
    assert sorted(answer.status for answer in answers) == [200] * 99 + [201]
    assert len({answer.data["id"] for answer in answers}) == 1
    assert len(await other.messages(conversation)) == 1
    assert await other.unread() == 1


async def test_a_repeat_tells_nobody_again(live: Place) -> None:
    """A replay moves no position and emits no frame."""
    one, other, conversation = await two_talking(live)
    key = str(uuid4())
    async with other.socket() as socket:
        await post(one, conversation, key=key)
        await socket.expect("message.new")
        head = (await one.get("conversations")).headers["duologue-position"]
        await post(one, conversation, key=key)
        await socket.nothing("message.new")
    assert (await one.get("conversations")).headers["duologue-position"] == head
