"""Conversations of dialect B over REST: T-005, T-103 to T-112, numbered pages (G-23, G-24), positions."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.live.people import Person, Place, eventually

PATH = "/v1/conversations"


async def test_t103_a_conversation_is_made_once(live: Place) -> None:
    """The first request makes it, 201; the next finds it, 200, with the same id, from either side."""
    one, other = await live.people(2)
    answer = await one.post(PATH, {"recipient_id": other.id})
    assert answer.status == 201
    found = answer.data
    assert UUID(found["id"])
    assert found.pop("created_at") == found.pop("updated_at")
    assert found == {
        "id": found["id"],
        "participant": {
            "id": other.id,
            "username": other.username,
            "full_name": other.username,
            "avatar_url": None,
            "is_online": False,
            "last_seen": None,
        },
        "last_message": None,
        "unread_count": 0,
        "is_blocked": False,
    }
    again = await one.post(PATH, {"recipient_id": other.id})
    assert (again.status, again.data["id"]) == (200, found["id"])
    theirs = await other.post(PATH, {"recipient_id": one.id})
    assert (theirs.status, theirs.data["id"]) == (200, found["id"])
