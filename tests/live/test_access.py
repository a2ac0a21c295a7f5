"""Who may do what: every documented route of both dialects against every kind of caller. A route without a row fails (AUTH-07, ERR-03).

The rows are by hand, the list of routes is the server's own. Each cell has people, conversation and message of its own.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

import pytest
from tests.live.conftest import StartServer
from tests.live.files import send_files, uploaded
from tests.live.people import Person, Place
from tests.live.tus import OCTETS, SPOKEN, begin_headers, created, id_of

ADMIN = "the-operators-token-for-tests-alone-0123456789"
DONE = 200  # or another success
ROLES = ("participant", "partner", "stranger", "blocked", "deactivated", "anonymous", "expired", "admin")


class Row(NamedTuple):
    """What the first four roles are answered; the others are answered alike everywhere."""

    participant: int
    partner: int
    stranger: int
    blocked: int
    body: Mapping[str, object] | bytes | None = None
    query: Mapping[str, str] = MappingProxyType({})
    headers: Mapping[str, str] = MappingProxyType({})
    with_file: bool = False


OWN = Row(DONE, DONE, DONE, DONE)
SHARED = Row(DONE, DONE, 403, DONE)
GALLERY = Row(DONE, DONE, 403, 403)  # C-10
FILE = SHARED._replace(with_file=True)
BEGUN = OWN._replace(headers=begin_headers(5, "notes.txt"))
UPLOAD = Row(DONE, 404, 404, 404, headers=SPOKEN)  # nobody else learns that it is there
CONTINUED = UPLOAD._replace(body=b"Not", headers={**SPOKEN, "Upload-Offset": "0", "Content-Type": OCTETS})
SENT = {"content": "Hello!", "message_type": "text"}
A, B = "/api/v1/chat", "/v1"
ROWS: Mapping[str, Row] = {
    f"GET {A}/conversations": OWN,
    f"GET {A}/conversations/unread-count": OWN,
    f"GET {A}/conversations/with/{{username}}": OWN,
    f"DELETE {A}/conversations/{{conversationId}}": SHARED,
    f"GET {A}/conversations/{{conversationId}}/messages": SHARED,
    f"POST {A}/conversations/{{conversationId}}/messages": Row(DONE, DONE, 403, 403, {"content": "Hello!"}),
    f"POST {A}/conversations/{{conversationId}}/read": SHARED,
    f"GET {A}/conversations/{{conversationId}}/media": GALLERY,
    f"GET {A}/conversations/{{conversationId}}/links": GALLERY,
    f"GET {A}/conversations/{{conversationId}}/files": GALLERY,
    f"GET {A}/messages/{{messageId}}": SHARED,
    f"GET {A}/messages/{{messageId}}/context": SHARED,
    f"DELETE {A}/messages/{{messageId}}": Row(DONE, 403, 403, 403),
    f"POST {A}/files/links": OWN._replace(body={"ids": []}),  # of what one may not see there is none
    f"POST {A}/uploads": BEGUN,
    f"GET {A}/uploads/{{uploadId}}": UPLOAD,
    f"PATCH {A}/uploads/{{uploadId}}": CONTINUED,
    f"DELETE {A}/uploads/{{uploadId}}": UPLOAD,
    f"GET {A}/blocks": OWN,
    f"POST {A}/blocks": OWN._replace(body={"username": "{username}"}),
    f"GET {A}/blocks/status/{{username}}": OWN,
    f"DELETE {A}/blocks/{{username}}": Row(404, 404, 404, 404),  # nobody of them blocks anybody
    f"GET {A}/events": OWN,
    f"POST {B}/conversations": OWN._replace(body={"recipient_id": "{user_id}"}),
    f"GET {B}/conversations": OWN,
    f"GET {B}/conversations/unread-count": OWN,
    f"GET {B}/conversations/{{conversation_id}}": SHARED,
    f"DELETE {B}/conversations/{{conversation_id}}": SHARED,
    f"GET {B}/conversations/{{conversation_id}}/messages": SHARED,
    f"POST {B}/conversations/{{conversation_id}}/messages": Row(DONE, DONE, 403, 403, SENT),
    f"POST {B}/conversations/{{conversation_id}}/read": SHARED,
    # Let in; that it wants a form is told afterwards.
    f"POST {B}/messages/upload": Row(415, 415, 415, 415, {"type": "image"}),
    f"GET {B}/messages/files/{{file_id}}": FILE,
    f"POST {B}/messages/files/links": OWN._replace(body={"ids": []}),
    f"POST {B}/uploads": BEGUN,
    f"GET {B}/uploads/{{upload_id}}": UPLOAD,
    f"PATCH {B}/uploads/{{upload_id}}": CONTINUED,
    f"DELETE {B}/uploads/{{upload_id}}": UPLOAD,
    f"DELETE {B}/messages/{{message_id}}": Row(DONE, 403, 403, 403),
    f"POST {B}/messages/{{message_id}}/read": Row(403, DONE, 403, DONE),
    f"GET {B}/users/blocked": OWN,
    f"POST {B}/users/{{user_id}}/block": OWN,
    f"DELETE {B}/users/{{user_id}}/block": Row(404, 404, 404, 404),
    f"GET {B}/users/{{user_id}}/can-message": OWN,
    f"GET {B}/events": OWN,
    "GET /uploads/{path}": FILE,
    "GET /api/v1/users": OWN._replace(query={"query": "user"}),
    "GET /api/v1/users/me": OWN,
    "PATCH /api/v1/users/me": OWN._replace(body={"showLastSeen": True}),
    # Behind a platform accounts and followers are the platform's.
    "DELETE /api/v1/users/me": Row(403, 403, 403, 403, {"password": "a long password"}),
    "PUT /api/v1/users/{username}/follow": Row(403, 403, 403, 403),
    "DELETE /api/v1/users/{username}/follow": Row(403, 403, 403, 403),
}
SHUT_OUT = {"deactivated": 403, "anonymous": 401, "expired": 401, "admin": 401}


@dataclass(frozen=True, slots=True)
class Scene:
    """One cell's people: `owner` sent `message` to `partner`; `actor` is who calls, `other` the one they call about.

    `file`, where it matters, is another message's; `upload` the owner's, which is not finished.
    """

    owner: Person
    actor: Person | None
    other: Person
    conversation: str
    message: str
    headers: Mapping[str, str]
    file: Mapping[str, str]
    upload: str

    def fill(self, text: str) -> str:
        """A path or a value with this scene's names in it."""
        names = {
            "conversationId": self.conversation,
            "conversation_id": self.conversation,
            "messageId": self.message,
            "message_id": self.message,
            "username": self.other.username,
            "user_id": self.other.id,
            "file_id": self.file["id"],
            "uploadId": self.upload,
            "upload_id": self.upload,
            "path": self.file["url"].removeprefix("/uploads/"),
        }
        for name, value in names.items():
            text = text.replace(f"{{{name}}}", value)
        return text


async def scene(place: Place, role: str, row: Row = OWN) -> Scene:
    """Make the people of one cell."""
    owner, partner, stranger = await place.people(3)
    conversation = await owner.conversation(partner)
    message = (await owner.send(conversation, "see https://example.com"))["id"]
    file = await _file(owner, conversation) if row.with_file else {"id": "", "url": ""}
    upload = id_of(await created(owner, 5)) if row.headers else ""
    actor = {"partner": partner, "blocked": partner, "stranger": stranger}.get(role, owner)
    other = partner if actor is owner else owner
    token = actor.token
    if role == "blocked":
        await owner.post("blocks", {"username": partner.username})
    elif role == "deactivated":
        path = f"/api/v1/admin/users/{owner.id}/deactivate"
        assert (await place.post(path, headers={"Authorization": f"Bearer {ADMIN}"})).status == 200
    elif role == "expired":
        token = place.token(owner.id, owner.username, exp=int(time.time()) - 60)
    elif role == "admin":
        token = ADMIN
    headers = {} if role == "anonymous" else {"Authorization": f"Bearer {token}"}
    return Scene(owner, None if role == "anonymous" else actor, other, conversation, message, headers, file, upload)


async def _file(owner: Person, conversation: str) -> Mapping[str, str]:
    """Send a file."""
    (found,) = await uploaded(owner, ("notes.txt", "text/plain", b"Notes."))
    assert (await send_files(owner, conversation, "file", found["id"])).status == 201
    return found


async def cell(place: Place, route: str, row: Row, role: str) -> str | None:
    """Call once; what is wrong with the answer."""
    made = await scene(place, role, row)
    method, path = route.split(" ")
    headers = {**made.headers, **row.headers}
    answer = await place.request(method, made.fill(path), headers=headers, body=_body(made, row), **row.query)
    expected = SHUT_OUT[role] if role in SHUT_OUT else int(getattr(row, role))
    seen = DONE if answer.status < 300 else answer.status
    return None if seen == expected else f"{route} as {role}: {answer.status} instead of {expected}"


def _body(made: Scene, row: Row) -> object:
    """The row's, with this scene's names in it."""
    if row.body is None or isinstance(row.body, bytes):
        return row.body
    return {name: made.fill(value) if isinstance(value, str) else value for name, value in row.body.items()}


@pytest.fixture
async def place(start_server: StartServer) -> Place:
    """Give a server behind a platform, with an operator."""
    found: Place = await start_server(RATE_LIMITS="off", ADMIN_TOKEN=ADMIN)
    return found


async def test_every_route_answers_every_role_as_its_row_says(place: Place) -> None:
    """The whole matrix; what the server documents and the rows do not, or the other way round, is a failure too."""
    routes = {route for route in place.routes() if "/admin/" not in route}
    assert routes == ROWS.keys()
    wrong: list[str | None] = []
    for route, row in ROWS.items():
        wrong += await asyncio.gather(*(cell(place, route, row, role) for role in ROLES))
    assert [each for each in wrong if each] == []


async def test_the_operators_routes_are_the_operators_alone(place: Place) -> None:
    """No user, no stranger and no expired token gets anything but 401 from any of them; the operator is let in."""
    routes = sorted(route for route in place.routes() if "/admin/" in route)
    assert len(routes) >= 12
    for route in routes:
        method, path = route.split(" ")
        for role in ROLES:
            if role == "deactivated":
                continue  # making one is what is tested
            made = await scene(place, role)
            answer = await place.request(method, made.fill(path.replace("{id}", made.owner.id)), headers=made.headers)
            assert (answer.status == 401) == (role != "admin"), f"{route} as {role}: {answer.status}"
