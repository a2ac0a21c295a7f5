"""The platform's own server as it calls the admin API, with its token and nobody's account."""

import json
from typing import Any

import httpx
from tests.live.people import Answer, Person, Place

ADMIN = "/api/v1/admin"
TOKEN = "the-admin-token-of-the-tests"


class Operator:
    """Calls below /api/v1/admin."""

    def __init__(self, place: Place, token: str = TOKEN) -> None:
        self.place = place
        self._headers = {"Authorization": f"Bearer {token}"}

    async def request(self, method: str, path: str, body: Any = None, **query: Any) -> Answer:
        """Send a request."""
        return await self.place.request(method, f"{ADMIN}/{path}", headers=self._headers, body=body, **query)

    async def get(self, path: str, **query: Any) -> Answer:
        """GET."""
        return await self.request("GET", path, **query)

    async def post(self, path: str, body: Any = None) -> Answer:
        """POST."""
        return await self.request("POST", path, body)

    async def put(self, path: str, body: Any) -> Answer:
        """PUT."""
        return await self.request("PUT", path, body)

    async def delete(self, path: str, **query: Any) -> Answer:
        """DELETE."""
        return await self.request("DELETE", path, **query)

    async def act(self, verb: str, person: Person) -> Any:
        """Deactivate, reactivate or disconnect somebody; return the answer's data."""
        answer = await self.post(f"users/{person.id}/{verb}")
        return answer.data

    async def erase(self, person: Person, **query: Any) -> None:
        """Erase somebody."""
        answer = await self.delete(f"users/{person.id}", **query)
        assert answer.status == 200, answer.body

    async def export(self, name: str) -> list[Any]:
        """Return the lines of somebody's copy."""
        async with httpx.AsyncClient(base_url=self.place.url, trust_env=False, timeout=20.0) as client:
            answer = await client.get(f"{ADMIN}/users/{name}/export", headers=self._headers)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].partition(";")[0] == "application/x-ndjson"
        return [json.loads(line) for line in answer.text.splitlines()]

    async def audit(self, action: str) -> list[Any]:
        """Return the newest entries of the audit log of this action."""
        answer = await self.get("audit", limit=50)
        return [entry for entry in answer.data["entries"] if entry["action"] == action]
