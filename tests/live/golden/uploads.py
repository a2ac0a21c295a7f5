"""The part of both stories in which a file is uploaded in several requests."""

from tests.live.people import Person
from tests.live.tus import SPOKEN, checksum, create, created, patch


async def resumed(person: Person, at: str) -> None:
    """Begun, brought, looked at and given up; and what goes wrong on the way."""
    where = await created(person, 5, at=at)
    await patch(person, where, 1, b"hello")
    await patch(person, where, 0, b"hello", headers={"Content-Type": "text/plain"})
    await patch(person, where, 0, b"hello", headers={"Tus-Resumable": "0.2.2"})
    await patch(person, where, 0, b"hello", headers=checksum(b"another"))
    await patch(person, where, 0, b"hello")
    await person.get(where)
    for _ in range(2):
        await person.request("DELETE", where, headers=SPOKEN)
    await create(person, 5, "a.exe", at=at)
    await create(person, 1 << 40, at=at)
