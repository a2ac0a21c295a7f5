"""The people of a run: tokens signed as a platform would, sockets, conversations. No load here.

Registering over REST would pay for argon2, so the server runs behind a platform: the first token creates the user.
"""

import asyncio
import itertools
import secrets
import time
import uuid
from dataclasses import dataclass

import httpx
import jwt
from picows import ws_connect

from bench.ledger import Ledger
from bench.server import Target
from bench.socket import Talker

AT_ONCE = 64
TOKEN_LIFE = 3600


@dataclass(frozen=True)
class User:
    """Somebody the platform knows."""

    id: str
    username: str
    token: str


def invent(count: int, secret: str) -> list[User]:
    """Return ``count`` users nobody has seen before, with HS256 tokens that live an hour."""
    run = secrets.token_hex(4)
    expires = int(time.time()) + TOKEN_LIFE
    users = []
    for number in range(count):
        user_id, username = str(uuid.uuid4()), f"bench-{run}-{number}"
        claims = {"sub": user_id, "username": username, "exp": expires}
        users.append(User(user_id, username, jwt.encode(claims, secret, algorithm="HS256")))
    return users


async def connect(target: Target, users: list[User], ledger: Ledger, buffer: int = 16384) -> list[Talker]:
    """Open one socket per user, at most 64 at a time, each ready (connection.success seen) when this returns."""
    address = target.url.replace("http", "ws", 1) + "/api/v1/chat/ws?token="
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(user: User) -> Talker:
        async with gate:
            talker = Talker(user.id, ledger)
            await ws_connect(
                lambda: talker,
                address + user.token,
                websocket_handshake_timeout=30,
                read_buffer_init_size=buffer,
            )
            await asyncio.wait_for(talker.ready, 30)
            return talker

    return list(await asyncio.gather(*map(one, users)))


async def open_conversations(target: Target, pairs: list[tuple[User, User]]) -> list[str]:
    """Open a conversation for each pair and return the ids."""
    gate = asyncio.Semaphore(8)

    async with httpx.AsyncClient(base_url=target.url, timeout=30) as client:

        async def one(user: User, partner: User) -> str:
            async with gate:
                answer = await client.get(
                    f"/api/v1/chat/conversations/with/{partner.username}",
                    headers={"Authorization": f"Bearer {user.token}"},
                )
            return str(answer.raise_for_status().json()["data"]["id"])

        return list(await asyncio.gather(*itertools.starmap(one, pairs)))


async def pair_up(target: Target, pairs: int, ledger: Ledger, *, keys: bool = False) -> list[Talker]:
    """Return two connected talkers per pair, neighbours in the list, each with the other as partner.

    ``keys`` makes every tempId a UUID, which names the send for ever (G-08); otherwise it is a short string.
    """
    users = invent(2 * pairs, target.secret)
    talkers = await connect(target, users, ledger)
    ids = await open_conversations(target, list(zip(users[::2], users[1::2], strict=True)))
    temp_id = f"{secrets.token_hex(4)}-0000-4000-8000-%012x" if keys else "t%010d"
    for left, right, conversation_id in zip(talkers[::2], talkers[1::2], ids, strict=True):
        left.talk(right, conversation_id, temp_id)
        right.talk(left, conversation_id, temp_id)
    return talkers


async def part(talkers: list[Talker]) -> None:
    """Close all the sockets."""
    await asyncio.gather(*(talker.leave() for talker in talkers))
