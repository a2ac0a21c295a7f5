"""Any input whatever: schemathesis makes requests from the server's own document and holds the answers against it (design part 8)."""

import asyncio
import os
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode, serializer
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.openapi import from_dict
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.live.conftest import StartServer
from tests.live.files import send_files, uploaded
from tests.live.people import Place
from tests.live.tus import OCTETS, created, id_of

serializer.alias(OCTETS, "application/octet-stream")  # bytes of a file go out as they are
EXAMPLES = 300 if os.environ.get("FULL") else 3  # of each kind, for each route
CHECKS: list[CheckFunction] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
ADMIN = "the-operators-token-for-tests-alone-0123456789"
UNHURRIED = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=not os.environ.get("FULL"),
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


async def known(place: Place) -> tuple[Mapping[str, str], str]:
    """Names that exist, for path parameters, and the token of somebody who may use them."""
    one, other = await place.people(2)
    conversation = await one.conversation(other)
    message = (await one.send(conversation, "see https://example.com"))["id"]
    (file,) = await uploaded(one, ("notes.txt", "text/plain", b"Notes."))
    await send_files(one, conversation, "file", file["id"])
    upload = id_of(await created(one, 1 << 20))
    names = {
        "file_id": file["id"],
        "path": file["url"].removeprefix("/uploads/"),
        "conversationId": conversation,
        "conversation_id": conversation,
        "messageId": message,
        "message_id": message,
        "username": other.username,
        "user_id": other.id,
        "id": other.id,
        "uploadId": upload,
        "upload_id": upload,
    }
    return names, one.token


def attack(operation: Any, mode: GenerationMode, url: str, names: Mapping[str, str], token: str) -> None:
    """Send requests of one route, half of them about what exists; fail at the first answer that the document does not allow."""

    @UNHURRIED
    @given(case=operation.as_strategy(generation_mode=mode), real=st.booleans())
    def run(case: Case[Any], real: bool) -> None:  # noqa: FBT001  hypothesis passes it by name
        if real:
            case.path_parameters.update({name: names[name] for name in case.path_parameters if name in names})
        if "wait" in case.query:
            case.query["wait"] = "0"
        case.headers.pop("Authorization", None)
        response = case.call(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=20.0)
        case.validate_response(response, checks=CHECKS)

    run()


@pytest.mark.parametrize("surface", ["/api/v1/chat", "/v1", "/uploads", "/api/v1/users", "/api/v1/admin"])
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["valid", "invalid"])
async def test_no_input_breaks_the_contract(start_server: StartServer, surface: str, mode: GenerationMode) -> None:
    """No status from 500 up, no status, header or body that the document does not name, for valid and for invalid requests."""
    place: Place = await start_server(RATE_LIMITS="off", ADMIN_TOKEN=ADMIN)
    document = (await place.document("/openapi.json")) | {"servers": [{"url": place.url}]}
    schema = from_dict(document)
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    mine = [each for each in operations if each.path == surface or each.path.startswith(f"{surface}/")]
    assert mine
    for operation in mine:
        names, token = await known(place)
        bearer = ADMIN if surface.endswith("admin") else token
        await asyncio.to_thread(attack, operation, mode, place.url, names, bearer)


async def test_the_fuzzer_sees_what_is_not_documented(start_server: StartServer) -> None:
    """With one status taken out of the document the very same run fails."""
    place: Place = await start_server(RATE_LIMITS="off")
    document = (await place.document("/openapi.json")) | {"servers": [{"url": place.url}]}
    del document["paths"]["/v1/users/{user_id}/can-message"]["get"]["responses"]["404"]
    operation = from_dict(document)["/v1/users/{user_id}/can-message"]["GET"]
    names, token = await known(place)
    with pytest.raises(FailureGroup):
        await asyncio.to_thread(attack, operation, GenerationMode.POSITIVE, place.url, names, token)
