"""Users, follows, messages and figures by the platform's server: all or nothing, by id or by the platform's id (design part 6)."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from tests.live.chat import chat
from tests.live.conftest import StartServer
from tests.live.operator import TOKEN, Operator
from tests.live.people import Answer, Person, Place
from tests.shelf import Shelf

from duologue.storage.postgres import Postgres


def fresh(word: str = "user") -> str:
    """Return a name that nobody has."""
    return f"{word}-{uuid4().hex[:12]}"


def faults(answer: Answer) -> list[tuple[Any, ...]]:
    """Return index, field and code of each fault."""
    return [(each["index"], each.get("field"), each["code"]) for each in answer.error["details"]["errors"]]


# -- upsert ---------------------------------------------------------------------------------------------------------------


async def test_users_are_made_and_changed_in_one_call(live: Place, operator: Operator) -> None:
    """By id and by external id; what is left out stays, null takes away, and others can write to them at once."""
    user_id, name, external = str(uuid4()), fresh(), fresh("customer")
    items = [{"id": user_id, "username": name, "displayName": "Ann", "avatar": "https://a.b/c.png"}]
    made = await operator.put("users", {"users": [*items, {"externalId": external}]})
    ann, other = made.data["users"]
    assert (ann["id"], ann["username"], ann["displayName"], ann["created"]) == (user_id, name, "Ann", True)
    assert (other["externalId"], other["username"].startswith("user-"), other["created"]) == (external, True, True)
    renamed = fresh()
    changes = [{"id": user_id, "displayName": None}, {"externalId": external, "username": renamed}]
    ann, other = (await operator.put("users", {"users": changes})).data["users"]
    assert (ann["username"], ann["displayName"], ann["avatar"]) == (name, name, "https://a.b/c.png")
    assert (ann["created"], other["created"], other["username"]) == (False, False, renamed)
    somebody = await live.person()
    assert (await somebody.get(f"conversations/with/{renamed}")).status == 200


async def test_a_token_leads_to_the_user_that_was_made(live: Place, operator: Operator) -> None:
    """An external id gives the id that tokens with it as `sub` give; one that is a UUID is the id itself."""
    external, user_id = fresh("customer"), str(uuid4())
    items = [{"externalId": external}, {"externalId": user_id}]
    one, other = (await operator.put("users", {"users": items})).data["users"]
    assert (other["id"], other["externalId"]) == (user_id, None)
    me = await Person(live, "", "", live.token(external, sub=external)).get("/api/v1/users/me")
    assert me.data["id"] == one["id"]


async def test_all_or_nothing_with_every_fault_named(live: Place, operator: Operator) -> None:
    """Bad names, doubles and missing ids: 400 with index, field and code of each, and not one of the good items is applied."""
    good, name = fresh(), fresh()
    items = [
        {"id": str(uuid4()), "username": good},
        {"username": "nobody"},
        {"id": str(uuid4()), "username": "a/b"},
        {"id": str(uuid4()), "username": name},
        {"id": str(uuid4()), "username": name.upper()},
        {"externalId": "line\nbreak"},
        {"id": str(uuid4()), "avatar": "javascript:alert(1)"},
        {"id": str(uuid4()), "displayName": " "},
    ]
    refused = await operator.put("users", {"users": items})
    assert refused.refusal == (400, "VALIDATION_ERROR", "Some items cannot be applied; nothing was changed")
    assert faults(refused) == [
        (1, "id", "VALIDATION_ERROR"),
        (2, "username", "VALIDATION_ERROR"),
        (4, "username", "VALIDATION_ERROR"),
        (5, "externalId", "VALIDATION_ERROR"),
        (6, "avatar", "VALIDATION_ERROR"),
        (7, "displayName", "VALIDATION_ERROR"),
    ]
    somebody = await live.person()
    assert (await somebody.get(f"conversations/with/{good}")).status == 404


async def test_what_stands_against_an_item_is_a_conflict(live: Place, operator: Operator) -> None:
    """An erased user, somebody else's external id: 409, and nothing is applied."""
    gone, external, good = await live.person(), fresh("customer"), fresh()
    await operator.erase(gone)
    await operator.put("users", {"users": [{"id": str(uuid4()), "externalId": external}]})
    items = [
        {"id": gone.id, "username": fresh()},
        {"id": str(uuid4()), "externalId": external},
        {"id": str(uuid4()), "username": good},
    ]
    refused = await operator.put("users", {"users": items})
    assert refused.refusal[:2] == (409, "CONFLICT")
    assert faults(refused) == [(0, None, "CONFLICT"), (1, "externalId", "CONFLICT")]
    somebody = await live.person()
    assert (await somebody.get(f"conversations/with/{good}")).status == 404


async def test_behind_a_platform_a_given_name_is_won(live: Place, operator: Operator) -> None:
    """As by a claim: the former holder gets a generated one. Two can swap theirs."""
    one, two = await live.people(2)
    swapped = [{"id": one.id, "username": two.username}, {"id": two.id, "username": one.username}]
    users = (await operator.put("users", {"users": swapped})).data["users"]
    assert [user["username"] for user in users] == [two.username, one.username]
    taken = (await operator.put("users", {"users": [{"id": str(uuid4()), "username": one.username}]})).data["users"]
    assert taken[0]["username"] == one.username
    assert (await operator.get(f"users/{two.id}")).data["username"].startswith("user-")


async def test_where_accounts_are_ours_nobody_loses_their_name(start_server: StartServer) -> None:
    """A taken name is a fault of its item; users of the same call may still swap theirs."""
    place = await start_server(JWT_SECRET="", RATE_LIMITS="off", ADMIN_TOKEN=TOKEN)
    operator, ada, bob = Operator(place), str(uuid4()), str(uuid4())
    made = [{"id": ada, "username": "ada"}, {"id": bob, "username": "bob"}]
    await operator.put("users", {"users": made})
    refused = await operator.put("users", {"users": [{"id": str(uuid4()), "username": "ADA"}]})
    assert refused.status == 409
    assert faults(refused) == [(0, "username", "CONFLICT")]
    swapped = [{"id": ada, "username": "bob"}, {"id": bob, "username": "ada"}]
    users = (await operator.put("users", {"users": swapped})).data["users"]
    assert [user["username"] for user in users] == ["bob", "ada"]


async def test_a_thousand_at_once_and_not_one_more(operator: Operator) -> None:
    """1,000 are one call; 1,001 are 400. None is answered with none."""
    items = [{"id": str(uuid4()), "username": fresh()} for _ in range(1001)]
    assert (await operator.put("users", {"users": items})).status == 400
    made = await operator.put("users", {"users": items[:1000]})
    assert [user["id"] for user in made.data["users"]] == [item["id"] for item in items[:1000]]
    assert (await operator.put("users", {"users": []})).data == {"users": []}


async def test_a_thousand_users_with_all_their_fields_are_one_call(operator: Operator) -> None:
    """Bodies may be larger here than elsewhere: 2 MB of names and addresses."""
    avatar = f"https://cdn.example.com/{'x' * 2_000}"
    items = [
        {"id": str(uuid4()), "username": fresh(), "displayName": "\N{SNOWMAN}" * 200, "avatar": avatar}
        for _ in range(1000)
    ]
    assert (await operator.put("users", {"users": items})).status == 200
    assert (await operator.post("follows", {"add": [], "unknown": "x" * 300_000})).status == 400
    assert (await operator.put("users", {"users": [{"id": "x" * 9_000_000}]})).status == 413


@pytest.mark.parametrize(
    "body", [{}, {"users": [{"id": "x"}]}, {"users": [{"id": 7}]}, {"users": [{"id": None, "name": "x"}]}, []]
)
async def test_a_body_that_is_none_is_refused_with_its_place(operator: Operator, body: Any) -> None:
    """Misspelt fields included."""
    assert (await operator.put("users", body)).refusal[:2] == (400, "VALIDATION_ERROR")


async def test_upserts_of_the_same_users_race_without_harm(live: Place, operator: Operator) -> None:
    """Ten calls with the same users in any order, and their tokens beside them: each user is there once, nobody sees an error."""
    ids, names = [str(uuid4()) for _ in range(20)], [fresh() for _ in range(20)]
    items = [{"id": id_, "username": name} for id_, name in zip(ids, names, strict=True)]
    calls = [operator.put("users", {"users": items[n:] + items[:n]}) for n in range(10)]
    tokens = [Person(live, id_, name, live.token(id_, name)) for id_, name in zip(ids, names, strict=True)]
    answers = await asyncio.gather(*calls, *(person.get("conversations") for person in tokens))
    assert {answer.status for answer in answers} == {200}
    created = [user["id"] for answer in answers[:10] for user in answer.data["users"] if user["created"]]
    assert len(created) == len(set(created))
    assert sorted(user["username"] for user in answers[0].data["users"]) == sorted(names)


# -- looking --------------------------------------------------------------------------------------------------------------


async def test_a_user_is_shown_by_id_and_external_id(live: Place, operator: Operator) -> None:
    """Profile, settings, state, and whether they are online."""
    person, external = await live.person(), fresh("customer")
    await operator.put("users", {"users": [{"id": person.id, "externalId": external}]})
    async with person.socket():
        shown = (await operator.get(f"users/{external}")).data
        assert shown == (await operator.get(f"users/{person.id}")).data
    assert (shown["id"], shown["externalId"], shown["state"], shown["isOnline"]) == (
        person.id,
        external,
        "active",
        True,
    )
    assert (await operator.get(f"users/{uuid4()}")).refusal == (404, "NOT_FOUND", "User not found")


async def test_blocks_are_listed_with_their_reasons(live: Place, operator: Operator) -> None:
    """Newest first, page by page."""
    person, *others = await live.people(4)
    for other in others:
        await person.post("blocks", {"username": other.username})
    async with live.hand() as hand:
        await hand.execute("UPDATE blocks SET reason = 'spam' WHERE blocker_id = $1", UUID(person.id))
    first = (await operator.get(f"users/{person.id}/blocks", limit=2)).data
    rest = (await operator.get(f"users/{person.id}/blocks", limit=2, cursor=first["meta"]["nextCursor"])).data
    blocks = first["blocks"] + rest["blocks"]
    assert [block["blockedId"] for block in blocks] == [other.id for other in reversed(others)]
    assert {block["reason"] for block in blocks} == {"spam"}
    assert rest["meta"] == {"hasMore": False}


async def test_a_copy_holds_everything_of_a_user(live: Place, operator: Operator) -> None:
    """Profile, follows of both directions, blocks, conversations, messages of both sides but no deleted text; `end` comes last."""
    talk, stranger = await chat(live), await live.person()
    for number in range(3):
        await talk.one.send(talk.id, f"mine {number}")
    await talk.two.send(talk.id, "theirs <b>")
    gone = await talk.one.send(talk.id, "deleted text")
    await operator.delete(f"messages/{gone['id']}")
    await talk.one.post("blocks", {"username": stranger.username})
    add = [{"follower": talk.one.id, "followed": talk.two.id}, {"follower": stranger.id, "followed": talk.one.id}]
    await operator.post("follows", {"add": add})
    lines = await operator.export(talk.one.id)
    kinds = [line["kind"] for line in lines]
    assert kinds == ["user", "follow", "follow", "block", "conversation", *["message"] * 5, "end"]
    assert lines[0]["username"] == talk.one.username
    assert [line["isFollower"] for line in lines[1:3]] == [False, True]
    assert [line["content"] for line in lines[5:10]] == ["mine 0", "mine 1", "mine 2", "theirs <b>", ""]
    assert lines[-1]["records"] == len(lines) - 1
    [entry] = [each for each in await operator.audit("user.export") if each["targetIds"] == [talk.one.id]]
    assert (entry["details"]["finished"], entry["details"]["records"]) == (True, len(lines) - 1)


async def test_a_copy_of_more_than_a_chunk_is_whole(live: Place, operator: Operator) -> None:
    """1,200 messages, each once, oldest first; what the user deleted with the conversation is left out, but not what they wrote."""
    talk = await chat(live)
    async with live.hand() as hand:
        await hand.execute(
            "INSERT INTO messages (id, conversation_id, sender_id, receiver_id, content, created_at, updated_at, read_at) "
            "SELECT gen_random_uuid(), $1, $2, $3, n::text, at, at, at FROM generate_series(1, 1200) n, "
            "LATERAL (SELECT now() - interval '1 day' + n * interval '1 millisecond' AS at) times",
            *(UUID(talk.id), UUID(talk.one.id), UUID(talk.two.id)),
        )
    texts = [line["content"] for line in await operator.export(talk.two.id) if line["kind"] == "message"]
    assert texts == [str(n) for n in range(1, 1201)]
    async with live.hand() as hand:
        await hand.execute(
            "UPDATE conversation_participants SET deleted_to = now() WHERE conversation_id = $1", UUID(talk.id)
        )
    assert [line["kind"] for line in await operator.export(talk.two.id)] == ["user", "conversation", "end"]
    assert len(await operator.export(talk.one.id)) == 1203


async def test_a_copy_that_breaks_off_is_seen_to_be_cut_short(start_server: StartServer) -> None:
    """A fault on the way ends the connection before its time, and the audit does not call the copy finished."""
    place = await start_server(RATE_LIMITS="off", ADMIN_TOKEN=TOKEN)
    talk = await chat(place)
    await talk.one.send(talk.id, "x")
    async with place.hand() as hand:
        await hand.execute("ALTER TABLE messages RENAME TO elsewhere")
        with pytest.raises(httpx.RemoteProtocolError):
            await Operator(place).export(talk.one.id)
        await hand.execute("ALTER TABLE elsewhere RENAME TO messages")
    [entry] = await Operator(place).audit("user.export")
    assert entry["details"] == {"finished": False}
    assert (await Operator(place).export(talk.one.id))[-1]["kind"] == "end"


async def test_a_copy_of_nobody_is_not_found(operator: Operator) -> None:
    """404 before anything is streamed."""
    assert (await operator.get(f"users/{uuid4()}/export")).status == 404


# -- changing -------------------------------------------------------------------------------------------------------------


async def test_a_message_is_deleted_by_the_platform(live: Place, operator: Operator) -> None:
    """For both, as if its sender had deleted it; a second time it is not found."""
    talk = await chat(live)
    sent = await talk.one.send(talk.id, "bad words")
    async with talk.two.socket() as socket:
        gone = await operator.delete(f"messages/{sent['id']}")
        assert (gone.data["messageId"], gone.data["conversationId"]) == (sent["id"], talk.id)
        await socket.expect("message.deleted", messageId=sent["id"])
    assert await talk.one.messages(talk.id) == []
    assert await talk.two.unread() == 0
    assert (await operator.delete(f"messages/{sent['id']}")).refusal == (404, "NOT_FOUND", "Message not found")
    [entry] = [each for each in await operator.audit("message.delete") if sent["id"] in each["targetIds"]]
    assert (entry["targetIds"], entry["details"]) == ([sent["id"], talk.one.id], {"deleted": True})


async def test_follows_are_added_and_removed_together(live: Place, operator: Operator) -> None:
    """Whoever takes messages from followers alone takes them then; what is there already does not count."""
    one, two, three = await live.people(3)
    await two.patch("/api/v1/users/me", {"whoCanMessage": "followers"})
    assert (await one.get(f"conversations/with/{two.username}")).status == 403
    edge, other = {"follower": one.id, "followed": two.id}, {"follower": three.id, "followed": two.id}
    assert (await operator.post("follows", {"add": [edge, other, edge]})).data == {"added": 2, "removed": 0}
    assert (await operator.post("follows", {"add": [edge], "remove": [other]})).data == {"added": 0, "removed": 1}
    assert (await one.get(f"conversations/with/{two.username}")).status == 200
    assert (await three.get(f"conversations/with/{two.username}")).status == 403


async def test_follows_are_all_or_nothing(live: Place, operator: Operator) -> None:
    """Unknown and erased users, oneself, both ways at once: each is named, and nothing is changed."""
    one, two, gone = await live.people(3)
    await operator.erase(gone)
    good = {"follower": one.id, "followed": two.id}
    add = [good, {"follower": one.id, "followed": one.id}, {"follower": "nobody", "followed": gone.id}]
    refused = await operator.post("follows", {"add": add, "remove": [good]})
    assert refused.status == 400
    assert [
        (each["list"], *fault) for each, fault in zip(refused.error["details"]["errors"], faults(refused), strict=True)
    ] == [
        ("add", 1, None, "VALIDATION_ERROR"),
        ("add", 2, "follower", "NOT_FOUND"),
        ("add", 2, "followed", "NOT_FOUND"),
        ("remove", 0, None, "VALIDATION_ERROR"),
    ]
    assert (await operator.post("follows", {"add": [add[2]]})).status == 404
    async with live.hand() as hand:
        assert await hand.fetchval("SELECT count(*) FROM follows WHERE follower_id = $1", UUID(one.id)) == 0
    assert (await operator.post("follows", {"add": [good] * 1001})).status == 400


async def test_figures_count_what_there_is(start_server: StartServer, postgres: Postgres, tmp_path: Path) -> None:
    """Users, conversations, messages, blocks, follows, files and their bytes, open sockets."""
    place = await start_server(RATE_LIMITS="off", ADMIN_TOKEN=TOKEN)
    talk = await chat(place)
    await talk.one.send(talk.id, "x")
    await talk.one.post("blocks", {"username": talk.two.username})
    for person, content in ((talk.one, b"1234567"), (talk.one, b"123"), (talk.two, b"12")):
        await Shelf(postgres, tmp_path / "files").take_in(UUID(person.id), content)
    async with talk.one.socket(), talk.two.socket():
        stats = (await Operator(place).get("stats")).data
    assert stats == {
        "users": 2,
        "accounts": 0,
        "conversations": 1,
        "messages": 1,
        "blocks": 1,
        "follows": 0,
        "files": 3,
        "bytes": 12,
        "connections": 2,
    }


# -- the audit log --------------------------------------------------------------------------------------------------------


async def test_every_act_and_every_look_is_in_the_log(start_server: StartServer) -> None:
    """One entry each, newest first, with ids and figures alone; asked page by page nothing is lost or doubled."""
    place = await start_server(RATE_LIMITS="off", ADMIN_TOKEN=TOKEN)
    operator, talk = Operator(place), await chat(place)
    sent = await talk.one.send(talk.id, "secret words")
    user = f"users/{talk.one.id}"
    await operator.put("users", {"users": [{"id": talk.one.id, "displayName": "Secret Name"}]})
    await operator.get(user)
    await operator.act("deactivate", talk.one)
    await operator.act("reactivate", talk.one)
    await operator.act("disconnect", talk.one)
    await operator.export(talk.one.id)
    await operator.get(f"{user}/blocks")
    await operator.delete(f"messages/{sent['id']}")
    await operator.post("follows", {"add": [{"follower": talk.one.id, "followed": talk.two.id}]})
    await operator.get("audit")
    await operator.erase(talk.one)
    cursor: dict[str, Any] = {}
    entries: list[Any] = []
    while True:
        page = (await operator.get("audit", limit=3, **cursor)).data
        entries += page["entries"]
        if not page["meta"]["hasMore"]:
            break
        cursor = {"cursor": page["meta"]["nextCursor"]}
    assert [entry["action"] for entry in entries if entry["action"] != "audit.read"] == [
        *("user.erase", "follows.change", "message.delete", "user.blocks", "user.export", "user.disconnect"),
        *("user.reactivate", "user.deactivate", "user.get", "users.upsert"),
    ]
    assert len({entry["id"] for entry in entries}) == len(entries)
    assert {entry["actor"] for entry in entries} == {"api"}
    assert {talk.one.id} <= {target for entry in entries for target in entry["targetIds"]}
    async with place.hand() as hand:
        texts = await hand.fetch("SELECT audit::text AS line FROM audit")
    for secret in ("secret", talk.one.username, talk.two.username):
        assert not any(secret in row["line"].lower() for row in texts)


async def test_a_refused_upsert_leaves_no_entry(live: Place, operator: Operator) -> None:
    """Nothing was done, and the entry stands in the act's own transaction."""
    gone = await live.person()
    await operator.erase(gone)
    before = len(await operator.audit("users.upsert"))
    assert (await operator.put("users", {"users": [{"id": gone.id}]})).status == 409
    assert len(await operator.audit("users.upsert")) == before
