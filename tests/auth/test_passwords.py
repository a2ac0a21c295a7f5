"""Passwords: hashed off the loop, checked with equal work for users who do not exist."""

import asyncio
import unicodedata
from collections.abc import Iterator
from threading import Barrier
from typing import Literal

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.profiles import CHEAPEST

from duologue.auth.passwords import (
    MAX_WAITING,
    THREADS,
    PasswordRefused,
    Passwords,
    PasswordsBusy,
    default_hasher,
)

SECRET = "correct horse battery"


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    """With the cheapest real argon2 there is."""
    made = Passwords(PasswordHasher.from_parameters(CHEAPEST))
    yield made
    made.close()


async def test_a_password_fits_its_hash_and_no_other(passwords: Passwords) -> None:
    """Each hash has a salt of its own."""
    first, second = await passwords.hash(SECRET), await passwords.hash(SECRET)
    assert first != second
    assert await passwords.verify(first, SECRET)
    assert await passwords.verify(second, SECRET)
    for wrong in ("", SECRET[:-1], SECRET.upper(), f"{SECRET} ", f"{SECRET}\x00"):
        assert not await passwords.verify(first, wrong)


async def test_an_unknown_user_fits_nothing_and_costs_the_same_work() -> None:
    """The hash of nobody has the parameters of everybody, as argon2 itself reads them, and a digest of its own."""
    for hasher in (default_hasher(), PasswordHasher.from_parameters(CHEAPEST)):
        passwords = Passwords(hasher)
        try:
            nobody = passwords._nobody
            assert extract_parameters(nobody) == extract_parameters(await passwords.hash(SECRET))
            assert not await passwords.verify(nobody, SECRET)
            for attempt in ("", SECRET, nobody):
                assert not await passwords.verify(None, attempt)
        finally:
            passwords.close()


class CountingHasher(PasswordHasher):
    """Argon2 that counts its verifications."""

    verified = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - the library names it
        """As ever, counted."""
        self.verified += 1
        return super().verify(hash, password)


async def test_argon2_runs_once_whether_the_user_exists_or_not() -> None:
    """Work tells nobody who has an account; too long a password costs nothing for either."""
    hasher = CountingHasher(time_cost=1, memory_cost=8, parallelism=1)
    passwords = Passwords(hasher)
    known = await passwords.hash(SECRET)
    for attempt, runs in ((SECRET, 1), ("wrong", 1), ("x" * 1025, 0), ("\ud800", 0)):
        for row in (known, None):
            hasher.verified = 0
            await passwords.verify(row, attempt)
            assert hasher.verified == runs
    passwords.close()


async def test_the_work_is_that_of_the_parameters_in_force() -> None:
    """Argon2id, 46 MiB, two passes, one lane; older hashes still verify and ask to be made anew."""
    today, old = Passwords(default_hasher()), Passwords(PasswordHasher.from_parameters(CHEAPEST))
    fresh, stale = await today.hash(SECRET), await old.hash(SECRET)
    assert fresh.startswith("$argon2id$v=19$m=47104,t=2,p=1$")
    assert not today.needs_rehash(fresh)
    assert today.needs_rehash(stale)
    assert await today.verify(stale, SECRET)
    today.close()
    old.close()


async def test_one_thousand_and_twenty_four_characters_is_the_limit(passwords: Passwords) -> None:
    """One more is never hashed and never fits, not even what was cut to the limit."""
    longest = "ü" * 1024
    known = await passwords.hash(longest)
    assert await passwords.verify(known, longest)
    assert not await passwords.verify(known, longest + "x")
    with pytest.raises(PasswordRefused):
        await passwords.hash(longest + "x")


async def test_what_cannot_be_encoded_is_refused(passwords: Passwords) -> None:
    """A lone surrogate is an error for a new password and a mismatch for an old one."""
    known = await passwords.hash(SECRET)
    with pytest.raises(PasswordRefused):
        await passwords.hash("\ud800aaaaaaa")
    assert not await passwords.verify(known, "\ud800aaaaaaa")


async def test_composed_and_decomposed_letters_are_one_password(passwords: Passwords) -> None:
    """Keyboards differ in how they write an accent."""
    composed = unicodedata.normalize("NFC", "Zoë Çelik")
    decomposed = unicodedata.normalize("NFD", composed)
    assert composed != decomposed
    assert await passwords.verify(await passwords.hash(composed), decomposed)


async def test_an_unreadable_hash_lets_nobody_in(passwords: Passwords) -> None:
    """A damaged row is closed, not open, and no crash."""
    for damaged in ("", "x", "$argon2id$v=19$m=8,t=1,p=1$", "$2b$12$abcdefghijklmnopqrstuv", "$argon2id$"):
        assert not await passwords.verify(damaged, SECRET)


class MeetingHasher(PasswordHasher):
    """Argon2 whose threads meet the test at two gates, so that what runs and what waits is certain."""

    entered = Barrier(THREADS + 1)
    leave = Barrier(THREADS + 1)

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        """As ever, between two gates."""
        self.entered.wait(10)
        self.leave.wait(10)
        return super().hash(password, salt=salt)


async def test_two_run_while_the_loop_runs_and_the_queue_is_bounded() -> None:
    """The loop is free while both threads are busy; the 65th waiting sign-in is refused at once, and places come back."""
    hasher = MeetingHasher(time_cost=1, memory_cost=8, parallelism=1)
    passwords = Passwords(hasher)
    work = [asyncio.create_task(passwords.hash(SECRET)) for _ in range(MAX_WAITING)]
    for batch in range(MAX_WAITING // THREADS):
        await asyncio.to_thread(hasher.entered.wait, 10)
        if batch == 0:
            with pytest.raises(PasswordsBusy):
                await passwords.hash(SECRET)
            with pytest.raises(PasswordsBusy):
                await passwords.verify(None, SECRET)
        await asyncio.to_thread(hasher.leave.wait, 10)
    assert len(set(await asyncio.gather(*work))) == MAX_WAITING
    assert not await passwords.verify(None, SECRET)
    passwords.close()
