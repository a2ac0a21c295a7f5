"""The documents: complete, sound, made from the structs; and a page that needs no other host."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import fields
from typing import Any, cast
from uuid import UUID, uuid4

import httpx
import pytest
from jsonschema import Draft202012Validator
from tests.api.conftest import OneCaller, zeros
from tests.contract import Broken, Contract

from duologue.api.accounts import AccountsApi, account_handlers
from duologue.api.answers import Envelope
from duologue.api.bearer import SignedIn
from duologue.api.camel.bodies import ConversationList, EventList, EventReset
from duologue.api.camel.commands import PAYLOADS
from duologue.api.camel.errors import error_body
from duologue.api.camel.frames import EVENTS
from duologue.api.camel.rest import Rest, Services
from duologue.api.camel.routes import SOCKET, rest_handlers, table
from duologue.api.camel.wire import ConversationDTO, CursorMeta, UserShortDTO
from duologue.api.docs import Docs
from duologue.api.json import encode
from duologue.api.metrics import Metrics
from duologue.api.server import Surroundings, frame
from duologue.api.users import UsersApi, user_handlers
from duologue.realtime.closing import CloseCode

CHAT = "/api/v1/chat"
ID = "0198c8f1-7b7c-7000-8000-3d2c6f0a1b2c"
CODES = {
    *("VALIDATION_ERROR", "UNAUTHORIZED", "FORBIDDEN", "BLOCKED", "NOT_FOUND", "CONFLICT", "PAYLOAD_TOO_LARGE"),
    *("METHOD_NOT_ALLOWED", "UNSUPPORTED_MEDIA_TYPE", "UPGRADE_REQUIRED", "RATE_LIMITED", "STORAGE_FULL"),
    *("UNAVAILABLE", "INTERNAL_ERROR", "RANGE_NOT_SATISFIABLE", "PRECONDITION_FAILED", "CHECKSUM_MISMATCH"),
}
NOW = "2026-01-01T00:00:00.000000Z"
READ = {"conversationId": ID, "messageIds": [ID], "count": 1, "readBy": ID, "readAt": NOW}
UPDATED = {"conversationId": ID, "unreadCount": 0, "totalUnread": 0}
PREVIEW = {
    "conversationId": ID,
    "lastMessage": {"id": ID, "senderId": ID, "type": "text", "content": "x", "createdAt": NOW, "isRead": False},
}
ANN = UserShortDTO(UUID(ID), "ann", "Ann", "", True)


def endpoints() -> Rest:
    """Return the endpoints over nothing: a document is made from what they say, not from what they do."""
    return Rest(Services(**{field.name: cast("Any", None) for field in fields(Services)}))


@pytest.fixture(scope="module")
def docs() -> Docs:
    """Give the documents of dialect A."""
    guard = SignedIn(OneCaller()).guard
    return Docs([*rest_handlers(endpoints(), guard)], [SOCKET], version="1.2.3")


@pytest.fixture(scope="module")
def whole() -> Any:
    """Give the OpenAPI document of a server with users and accounts of its own."""
    guard, nothing = SignedIn(OneCaller()).guard, cast("Any", None)
    users, accounts = UsersApi(nothing), AccountsApi(nothing, nothing)
    handlers = [*rest_handlers(endpoints(), guard), *user_handlers(users, guard), *account_handlers(accounts, guard)]
    return json.loads(Docs(handlers, [SOCKET], version="1.2.3").openapi)


@pytest.fixture(scope="module")
def openapi(docs: Docs) -> Any:
    """Give the OpenAPI document."""
    return json.loads(docs.openapi)


@pytest.fixture(scope="module")
def asyncapi(docs: Docs) -> Any:
    """Give the AsyncAPI document."""
    return json.loads(docs.asyncapi)


@pytest.fixture(scope="module")
def contract(openapi: Any, asyncapi: Any) -> Contract:
    """Give what the tests hold answers against."""
    return Contract(openapi, asyncapi)


@pytest.fixture
async def client(docs: Docs, clock: Any) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client of a server that has documents alone."""
    app = frame(docs.handlers, Surroundings(version="1.2.3", clock=clock, ids=uuid4, limits={}), Metrics(zeros()))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://duologue.test") as client:
        yield client


def operations(openapi: Any) -> Iterator[tuple[str, str, Any]]:
    """Yield method, path and operation."""
    for path, item in openapi["paths"].items():
        for method in item.keys() & {"get", "post", "put", "patch", "delete"}:
            yield method.upper(), path, item[method]


def references(node: Any) -> Iterator[str]:
    """Yield every `$ref` of a document."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def resolved(document: Any, reference: str) -> Any:
    """Return what a reference within a document leads to."""
    assert reference.startswith("#/")
    for step in reference[2:].split("/"):
        document = document[step.replace("~1", "/").replace("~0", "~")]
    return document


# -- OpenAPI --------------------------------------------------------------------------------------------------------------


def test_every_route_is_documented_and_nothing_else(openapi: Any) -> None:
    """The table is the document."""
    lines = {
        (route.method, CHAT + re.sub(r":\w+\}", "}", route.path)) for route in table(endpoints()) if not route.hidden
    }
    assert {(method, path) for method, path, _ in operations(openapi)} == lines
    assert len(lines) == 23  # 15 of the seeds, both deletions, links to files, resumable uploads, and events


def test_operations_have_names_of_their_own(openapi: Any) -> None:
    """A generator of clients makes functions of them."""
    names = [operation["operationId"] for _, _, operation in operations(openapi)]
    assert len(set(names)) == len(names)
    assert {"listConversations", "openConversation", "sendMessage", "markRead", "block", "unblock"} <= set(names)


def test_every_reference_leads_somewhere(openapi: Any, asyncapi: Any) -> None:
    """In both documents."""
    for document in (openapi, asyncapi):
        found = set(references(document))
        assert found
        assert all(resolved(document, reference) is not None for reference in found)


def is_slow(method: str, path: str) -> bool:
    """Bytes may be brought, or taken in, as often as one likes, but not for many files at a time."""
    return path == f"{CHAT}/uploads/{{uploadId}}" and method in ("GET", "PATCH")


def test_every_route_says_what_can_go_wrong(openapi: Any) -> None:
    """Each status from 400 up has the error body; bodies, limits and names add theirs."""
    limited = {(route.method, CHAT + re.sub(r":\w+\}", "}", route.path)) for route in table(endpoints()) if route.limit}
    for method, path, operation in operations(openapi):
        statuses = {int(status) for status in operation["responses"]}
        assert {400, 401, 403, 500, 503} <= statuses, path
        assert ({413, 415} <= statuses) is ("requestBody" in operation)
        assert (429 in statuses) is ((method, path) in limited or is_slow(method, path))
        assert operation["security"] == [{"bearer": []}]
        for status, answer in operation["responses"].items():
            if status == "204":
                assert "content" not in answer
                continue
            schema = answer["content"]["application/json"]["schema"]
            assert (schema == {"$ref": "#/components/schemas/ErrorBody"}) is (int(status) >= 400)


def test_created_and_repeated_answers_are_documented(openapi: Any) -> None:
    """201, and 200 for the repeat of a send or a block (C-50, G-13)."""
    for path in (f"{CHAT}/conversations/{{conversationId}}/messages", f"{CHAT}/blocks"):
        responses = openapi["paths"][path]["post"]["responses"]
        assert responses["200"]["content"] == responses["201"]["content"]


def test_bodies_and_parameters_are_those_of_the_structs(openapi: Any) -> None:
    """A body is the struct; a limit is a number with its default."""
    send = openapi["paths"][f"{CHAT}/conversations/{{conversationId}}/messages"]["post"]
    body = resolved(openapi, send["requestBody"]["content"]["application/json"]["schema"]["$ref"])
    assert set(body["properties"]) == {"content", "type", "media", "tempId"}
    assert {field for choice in body["anyOf"] for field in choice["required"]} == {"content", "media"}
    parameters = {each["name"]: each for each in send["parameters"]}
    assert (parameters["Idempotency-Key"]["in"], parameters["conversationId"]["in"]) == ("header", "path")
    listing = openapi["paths"][f"{CHAT}/conversations"]["get"]
    limit = next(each for each in listing["parameters"] if each["name"] == "limit")
    assert (limit["schema"]["type"], limit["schema"]["default"], limit["required"]) == ("integer", 20, False)


def parameter(openapi: Any, method: str, path: str, name: str) -> Any:
    """Return a documented parameter."""
    return next(each for each in openapi["paths"][path][method]["parameters"] if each["name"] == name)


def test_numbers_that_are_clamped_have_no_maximum(whole: Any) -> None:
    """C-08: a larger one is answered, so the document must not forbid it; the description says what happens."""
    found = [each for _, _, operation in operations(whole) for each in operation["parameters"]]
    numbers = [each for each in found if each["schema"]["type"] == "integer" and each["in"] == "query"]
    assert {each["name"] for each in numbers} == {"limit", "before", "after", "wait", "since"}
    assert all("maximum" not in each["schema"] for each in numbers)
    assert all("if it is more" in each["description"] for each in numbers if each["name"] != "since")


def test_a_parameter_is_described_by_one_valid_schema(whole: Any) -> None:
    """A default fits its type; a header or query is never null."""
    for _, path, operation in operations(whole):
        for each in operation["parameters"]:
            schema = each["schema"]
            assert "oneOf" not in schema, path
            assert "default" not in schema or Draft202012Validator(schema).is_valid(schema["default"]), each
            assert schema.get("default") != ""
    assert parameter(whole, "get", f"{CHAT}/events", "since")["schema"] == {"type": "integer", "minimum": 0}
    key = parameter(whole, "post", f"{CHAT}/conversations/{{conversationId}}/messages", "Idempotency-Key")
    assert (key["schema"], key["required"]) == ({"type": "string", "format": "uuid"}, False)


def test_a_search_needs_its_query(whole: Any) -> None:
    """Without it the answer is 400."""
    assert parameter(whole, "get", "/api/v1/users", "query")["required"] is True
    assert parameter(whole, "get", "/api/v1/users", "cursor")["required"] is False


def test_a_body_that_may_be_missing_is_not_required(whole: Any) -> None:
    """Reading needs none: it marks everything then; a send does. An upload may begin with bytes."""
    needed = {(m, p): op["requestBody"]["required"] for m, p, op in operations(whole) if "requestBody" in op}
    optional = {line for line, is_needed in needed.items() if not is_needed}
    reading, uploading = f"{CHAT}/conversations/{{conversationId}}/read", f"{CHAT}/uploads"
    assert optional == {("POST", reading), ("POST", uploading), ("PATCH", "/api/v1/users/me")}


def test_path_parameters_are_camel_case(whole: Any) -> None:
    """RM-02: every path names what its parameters describe."""
    for _, path, operation in operations(whole):
        named = re.findall(r"\{(\w+)\}", path)
        assert named == [each["name"] for each in operation["parameters"] if each["in"] == "path"]
        assert "_" not in "".join(named)


def test_headers_of_answers_are_documented(whole: Any) -> None:
    """The request's id on all; a challenge on 401, a time to wait on 429 and 503, limits where there are some."""
    for method, path, operation in operations(whole):
        for status, answer in operation["responses"].items():
            required = {name for name, header in answer["headers"].items() if header.get("required")}
            assert "X-Request-Id" in required
            assert ("WWW-Authenticate" in required) is (status == "401"), path
            assert ("Retry-After" in required) is (status in ("429", "503")), path
            limited = status == "429" or (
                "429" in operation["responses"] and int(status) < 300 and not is_slow(method, path)
            )
            assert ("X-RateLimit-Remaining" in answer["headers"]) is limited
            replayed = path.endswith("/messages") and (method, status) == ("POST", "200")
            assert ("Idempotent-Replayed" in required) is replayed


def test_errors_have_the_codes_of_the_design(openapi: Any, asyncapi: Any) -> None:
    """As an enumeration; the request's id is always there. Sockets have two more."""
    info = openapi["components"]["schemas"]["ErrorInfo"]
    assert set(info["properties"]["code"]["enum"]) == CODES
    assert set(info["required"]) == {"code", "message", "requestId"}
    for name in ("Error", "MessageError"):
        code = asyncapi["components"]["schemas"][name]["properties"]["code"]
        assert set(code["enum"]) == CODES | {"INVALID_MESSAGE", "UNKNOWN_EVENT"}


def test_times_are_times(whole: Any, asyncapi: Any) -> None:
    """Every field named so, in both documents, with six digits and `Z`."""
    found = set()
    for document in (whole, asyncapi):
        for schema in document["components"]["schemas"].values():
            for name, what in schema.get("properties", {}).items():
                if name.endswith("At") or name in ("lastSeen", "timestamp", "serverTime"):
                    found.add(name)
                    (time,) = [each for each in what.get("anyOf", [what]) if each != {"type": "null"}]
                    assert time["format"] == "date-time", name
                    assert re.search(time["pattern"], NOW), name
    assert found >= {"createdAt", "updatedAt", "readAt", "deletedAt", "lastSeen", "onlineAt", "connectedAt"}


def test_what_is_sent_has_its_bounds(whole: Any) -> None:
    """Of text, names and passwords; of text and files one is needed and not null."""
    schemas = whole["components"]["schemas"]
    text, null = schemas["SendBody"]["properties"]["content"]["anyOf"]
    assert (text, null) == ({"type": "string", "minLength": 1, "maxLength": 10_000}, {"type": "null"})
    send = Draft202012Validator({**schemas["SendBody"], "components": whole["components"]})
    valid: list[Any] = [{"content": "x"}, {"media": [{"id": ID}]}, {"content": None, "media": []}]
    assert all(send.is_valid(body) for body in valid)
    assert not any(send.is_valid(body) for body in ({}, {"type": "image"}, {"content": None}, {"media": None}))
    assert schemas["BlockBody"]["properties"]["username"] == {"type": "string", "minLength": 1, "maxLength": 64}
    register = schemas["RegisterBody"]["properties"]
    assert register["username"]["pattern"] == "^[A-Za-z0-9_.-]{3,32}$"
    assert register["password"] == {"type": "string", "minLength": 8, "maxLength": 1_024}
    assert schemas["PasswordBody"]["properties"]["newPassword"] == register["password"]
    assert "minLength" not in schemas["LoginBody"]["properties"]["password"]  # a short one is 401 like any wrong one


def test_a_field_that_may_be_missing_has_one_schema(whole: Any) -> None:
    """No choice of one."""
    for schema in whole["components"]["schemas"].values():
        for name, what in schema["properties"].items():
            assert len(what.get("oneOf", what.get("anyOf", [1, 2]))) > 1, name


def test_events_are_facts(openapi: Any) -> None:
    """Objects with type, payload and position."""
    events = openapi["components"]["schemas"]["EventList"]["properties"]["events"]["items"]
    assert events["type"] == "object"
    assert set(events["required"]) == set(events["properties"]) == {"type", "payload", "position"}


def test_the_document_says_how_to_sign_in(openapi: Any) -> None:
    """A bearer token."""
    assert openapi["openapi"].startswith("3.1")
    assert openapi["info"]["version"] == "1.2.3"
    assert openapi["components"]["securitySchemes"]["bearer"] == {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
    }


def test_names_in_the_documents_are_for_readers(openapi: Any, asyncapi: Any) -> None:
    """No module path, and none of the ids by which we name requirements."""
    text = json.dumps([openapi, asyncapi])
    assert "duologue.api" not in text
    assert re.findall(r"\b(?:RA|RM|RK|DTOA|WSA|ERR|T|C|G)-\d+", text) == []


# -- AsyncAPI -------------------------------------------------------------------------------------------------------------


def test_every_command_and_event_is_documented(asyncapi: Any) -> None:
    """Both directions, each message once in the channel and in its operation."""
    names = {f"chat.client.{kind}" for kind in PAYLOADS} | {f"chat.server.{kind}" for kind in EVENTS}
    assert set(asyncapi["components"]["messages"]) == names
    assert set(asyncapi["channels"]["chat"]["messages"]) == names
    operated = [message["$ref"] for each in asyncapi["operations"].values() for message in each["messages"]]
    assert sorted(operated) == sorted(f"#/channels/chat/messages/{name}" for name in names)
    assert {name: each["action"] for name, each in asyncapi["operations"].items()} == {
        "chat.receive": "receive",
        "chat.send": "send",
    }


def test_the_channel_names_its_addresses(asyncapi: Any) -> None:
    """The canonical one, and the aliases (PATH-05)."""
    assert asyncapi["asyncapi"] == "3.0.0"
    channel = asyncapi["channels"]["chat"]
    assert channel["address"] == "/chat/ws"
    assert "/api/v1/chat/ws" in channel["description"]
    assert set(channel["bindings"]["ws"]["query"]["properties"]) == {"token", "since", "epoch"}


def test_close_codes_are_listed(asyncapi: Any) -> None:
    """All that the server sends, and whether to come back (design part 5)."""
    codes = asyncapi["channels"]["chat"]["x-close-codes"]
    assert set(codes) == {str(code) for code in (1002, 1007, 1009, *map(int, CloseCode))}
    assert all(what["description"] for what in codes.values())
    assert {code for code, what in codes.items() if not what["reconnect"]} == {str(4500 + n) for n in range(5)}


def test_the_document_says_how_a_socket_signs_in(asyncapi: Any) -> None:
    """A header, a query parameter, or a command."""
    schemes = asyncapi["components"]["securitySchemes"]
    assert {scheme["type"] for scheme in schemes.values()} == {"http", "httpApiKey"}
    for operation in asyncapi["operations"].values():
        assert [resolved(asyncapi, each["$ref"]) for each in operation["security"]] == list(schemes.values())


# -- the page -------------------------------------------------------------------------------------------------------------


async def test_the_page_needs_no_other_host(client: httpx.AsyncClient) -> None:
    """Everything it loads lies here, and its policy allows nothing else."""
    page = await client.get("/docs")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "//" not in re.sub(r"<!doctype[^>]*>", "", page.text)
    links = re.findall(r'(?:src|href)="(/[^"]+)"', page.text)
    assert {"/docs/swagger-ui.css", "/docs/swagger-ui-bundle.js", "/docs/start.js", "/openapi.json"} <= set(links)
    for link in links:
        answer = await client.get(link)
        assert answer.status_code == 200, link
        assert answer.content
    (policy,) = page.headers.get_list("content-security-policy")  # its own in place of the API's
    assert policy.startswith("default-src 'none'; script-src 'self'; ")
    assert "http" not in policy
    assert page.headers.get_list("x-frame-options") == ["DENY"]


async def test_the_servers_address_leads_to_the_page(client: httpx.AsyncClient) -> None:
    """Whoever opens it sees something; the method stays (307)."""
    answer = await client.get("/")
    assert (answer.status_code, answer.headers["location"]) == (307, "/docs")
    assert (await client.post("/")).status_code == 405


async def test_the_pages_files_may_be_kept(client: httpx.AsyncClient) -> None:
    """For a day; the documents themselves are always today's."""
    kept = {
        path: (await client.get(path)).headers.get_list("cache-control") for path in ("/docs/start.js", "/openapi.json")
    }
    assert kept == {"/docs/start.js": ["public, max-age=86400"], "/openapi.json": ["no-store"]}


async def test_the_pages_files_have_their_types(client: httpx.AsyncClient) -> None:
    """`nosniff` makes browsers insist."""
    kinds = {"/docs/start.js": "text/javascript", "/docs/swagger-ui-bundle.js": "text/javascript"}
    for path, kind in {**kinds, "/docs/swagger-ui.css": "text/css", "/openapi.json": "application/json"}.items():
        assert (await client.get(path)).headers["content-type"].partition(";")[0] == kind


@pytest.mark.parametrize("name", ["swagger-ui.js", "..%2f..%2f__init__.py", "%2e%2e", "x"])
async def test_no_other_file_is_served(client: httpx.AsyncClient, name: str) -> None:
    """404 in the envelope."""
    answer = await client.get(f"/docs/{name}")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "NOT_FOUND"


async def test_documents_are_served_as_they_are_made(client: httpx.AsyncClient, docs: Docs) -> None:
    """The same bytes, again and again."""
    for path, document in (("/openapi.json", docs.openapi), ("/asyncapi.json", docs.asyncapi)):
        assert [(await client.get(path)).content for _ in range(2)] == [document, document]


# -- what tests hold answers against --------------------------------------------------------------------------------------


def plain(body: object) -> Any:
    """Return a body as a client decodes it."""
    return json.loads(encode(body))


def conversations() -> Any:
    """Return an answer as the server makes it."""
    conversation = ConversationDTO(UUID(ID), ANN, None, 0, NOW, False)
    return plain(
        Envelope(True, "Conversations retrieved successfully", ConversationList([conversation], CursorMeta(False)))
    )


def test_an_answer_as_documented_passes(contract: Contract) -> None:
    """At every address of the dialect."""
    for mount in (CHAT, "/chat", "/api/chat"):
        contract.check_response("GET", f"{mount}/conversations", 200, conversations())


def test_an_answer_with_a_field_too_many_is_found(contract: Contract) -> None:
    """However deep it stands."""
    for steps in ((), ("data",), ("data", "conversations", 0, "otherUser")):
        body = place = conversations()
        for step in steps:
            place = place[step]
        place["secret"] = 1
        with pytest.raises(Broken, match="secret"):
            contract.check_response("GET", f"{CHAT}/conversations", 200, body)


@pytest.mark.parametrize(("field", "value"), [("unreadCount", "0"), ("id", "no uuid"), ("isBlocked", None)])
def test_an_answer_with_a_wrong_field_is_found(contract: Contract, field: str, value: object) -> None:
    """Type, format and null."""
    body = conversations()
    body["data"]["conversations"][0][field] = value
    with pytest.raises(Broken, match=field):
        contract.check_response("GET", f"{CHAT}/conversations", 200, body)
    del body["data"]["conversations"][0][field]
    with pytest.raises(Broken, match="required"):
        contract.check_response("GET", f"{CHAT}/conversations", 200, body)


@pytest.mark.parametrize(
    ("headers", "fault"),
    [
        ({"Duologue-Position": "1"}, "lacks the header X-Request-Id"),
        ({"X-Request-Id": "a"}, "lacks the header Duologue-Position"),
        ({"X-Request-Id": "a", "Duologue-Position": "x"}, "Duologue-Position: 'x'"),
        ({"X-Request-Id": "a", "Duologue-Position": "1", "X-RateLimit-Limit": "-1"}, "X-RateLimit-Limit: '-1'"),
    ],
)
def test_a_header_that_is_missing_or_wrong_is_found(contract: Contract, headers: dict[str, str], fault: str) -> None:
    """Of an answer that is right otherwise."""
    fine = {"X-Request-Id": "a", "Duologue-Position": "0"}
    contract.check_response("GET", f"{CHAT}/conversations", 200, conversations(), fine)
    with pytest.raises(Broken, match=fault):
        contract.check_response("GET", f"{CHAT}/conversations", 200, conversations(), headers)


def test_a_status_that_nobody_documented_is_found(contract: Contract) -> None:
    """Such as a 201 where there is none."""
    with pytest.raises(Broken, match="201"):
        contract.check_response("GET", f"{CHAT}/conversations", 201, conversations())


def test_a_route_that_nobody_documented_is_found(contract: Contract) -> None:
    """If it answers; a refusal must have the error body."""
    with pytest.raises(Broken, match="not documented"):
        contract.check_response("GET", f"{CHAT}/secrets", 200, {})
    contract.check_response("GET", f"{CHAT}/secrets", 404, plain(error_body("NOT_FOUND", "x", request_id="y")))
    with pytest.raises(Broken):
        contract.check_response("GET", f"{CHAT}/secrets", 404, {"detail": "x"})


def test_ids_and_names_in_paths_find_their_route(contract: Contract) -> None:
    """A static segment before a parameter."""
    refusal = plain(error_body("NOT_FOUND", "User not found", request_id="y"))
    contract.check_response("GET", f"{CHAT}/conversations/with/unread-count", 404, refusal)
    with pytest.raises(Broken, match="unread-count answers 404"):
        contract.check_response("GET", f"{CHAT}/conversations/unread-count", 404, refusal)


def test_events_in_an_answer_are_frames(contract: Contract) -> None:
    """Each is held against the other document."""
    body = plain(Envelope(True, "m", EventList([], 1, "e", False)))
    contract.check_response("GET", f"{CHAT}/events", 200, body)
    contract.check_response("GET", f"{CHAT}/events", 200, plain(Envelope(True, "m", EventReset(True, "ahead", 1, "e"))))
    body["data"]["events"] = [{"type": "pong", "payload": {}, "position": 1}]
    with pytest.raises(Broken, match=r"chat\.server\.pong"):
        contract.check_response("GET", f"{CHAT}/events", 200, body)


def test_a_frame_as_documented_passes(contract: Contract) -> None:
    """Of the server, and of the client."""
    typing = {"conversationId": ID, "userId": ID}
    contract.check_frame("server", {"type": "typing.start", "payload": typing})
    contract.check_frame("client", {"type": "message.read", "payload": {"conversationId": ID}, "id": 7})
    contract.check_frame("server", {"type": "message.read_update", "payload": READ, "position": 1})
    contract.check_frame("server", {"type": "conversation.updated", "payload": UPDATED, "position": 1})
    contract.check_frame("server", {"type": "conversation.updated", "payload": PREVIEW})
    ack = {"conversationId": ID, "markedCount": 0, "readAt": None, "unreadCount": 0, "totalUnread": 0}
    contract.check_frame("server", {"type": "message.read_ack", "payload": ack, "id": 1})
    contract.check_frame("server", {"type": "message.read_ack", "payload": ack, "position": 1})


@pytest.mark.parametrize(
    "frame",
    [
        {"type": "typing.start", "payload": {"conversationId": ID, "userId": ID, "text": "x"}},
        {"type": "typing.start", "payload": {"conversationId": ID}},
        {"type": "typing.start", "payload": {"conversationId": ID, "userId": ID}, "extra": 1},
        {"type": "typing.start", "payload": {"conversationId": ID, "userId": ID}, "position": 0},
        {"type": "typing.start", "payload": {"conversationId": ID, "userId": ID}, "position": 1},
        {"type": "typing.start", "payload": {"conversationId": ID, "userId": ID}, "id": 1},
        {"type": "message.read_update", "payload": READ},
        {"type": "message.read_update", "payload": READ, "position": 1, "id": 1},
        {"type": "message.read_update", "payload": {**READ, "readAt": "2026-01-01T00:00:00Z"}, "position": 1},
        {"type": "conversation.updated", "payload": UPDATED},
        {"type": "conversation.updated", "payload": PREVIEW, "position": 1},
        {"type": "error", "payload": {"code": "OOPS", "message": "m"}},
        {"type": "error", "payload": {"code": "NOT_FOUND", "message": "m"}, "position": 1},
        {"type": "unheard.of", "payload": {}},
    ],
)
def test_a_frame_that_breaks_its_document_is_found(contract: Contract, frame: Any) -> None:
    """A field too many, one too few, a bad position, none or one that may not be there, another type or code."""
    with pytest.raises(Broken):
        contract.check_frame("server", frame)
