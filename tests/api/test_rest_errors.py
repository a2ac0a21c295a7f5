"""Every refusal has the envelope, a stable code, the right status and headers; our own faults are logged without what they say."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs
from tests.api.conftest import SECRET, TOKEN, Ask

from duologue.api.bodies import MAX_BODY
from duologue.api.exchange import App

SIGNED_IN = {"Authorization": f"Bearer {TOKEN}"}


def check_envelope(answer: httpx.Response, status: int, code: str, message: str) -> dict[str, Any]:
    """Check a refusal of dialect A; return its `error`."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert set(body) == {"success", "message", "error"}
    assert body["success"] is False
    assert body["message"] == body["error"]["message"] == message
    assert body["error"]["code"] == code
    assert body["error"]["requestId"] == answer.headers["x-request-id"]
    error: dict[str, Any] = body["error"]
    return error


async def test_an_unknown_route_is_404_in_the_envelope(ask: Ask) -> None:
    """The framework's own refusals look like all others."""
    check_envelope(await ask("GET", "/api/v1/chat/nothing"), 404, "NOT_FOUND", "No such route")


@pytest.mark.parametrize(("path", "is_b"), [("/v1", True), ("/v1/x/y", True), ("/v1x", False), ("/api/v1/x", False)])
async def test_an_unknown_route_below_v1_answers_as_dialect_b(ask: Ask, path: str, is_b: bool) -> None:  # noqa: FBT001
    """Names are snake_case there, and nowhere else."""
    error = (await ask("GET", path)).json()["error"]
    assert set(error) == {"code", "message", "request_id" if is_b else "requestId"}


@pytest.mark.parametrize(
    ("path", "is_b"),
    [("//greet", False), ("/v1//refuse/Blocked", True), ("/refuse//Blocked", False), ("/greet//", False)],
)
async def test_slashes_are_not_joined(ask: Ask, path: str, is_b: bool) -> None:  # noqa: FBT001
    """A proxy that guards a path must not be passed by writing it otherwise."""
    answer = await ask("GET", f"http://duologue.test{path}", headers=SIGNED_IN)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")
    assert answer.json()["error"]["request_id" if is_b else "requestId"] == answer.headers["x-request-id"]


async def test_dialect_b_says_retry_after_in_its_own_way(ask: Ask) -> None:
    """The same error below /v1 has the same header and another name in the body."""
    answer = await ask("GET", "/v1/refuse/RateLimited")
    assert answer.json()["error"]["retry_after"] == 3
    assert answer.headers["retry-after"] == "3"


async def test_another_method_is_405_and_says_which_are_allowed(ask: Ask) -> None:
    """RFC 9110, 15.5.6."""
    answer = await ask("PUT", "/greet")
    check_envelope(answer, 405, "METHOD_NOT_ALLOWED", "Method not allowed")
    assert set(answer.headers["allow"].split(", ")) == {"GET", "OPTIONS"}


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("ValidationFailed", 400, "VALIDATION_ERROR"),
        ("Unauthorized", 401, "UNAUTHORIZED"),
        ("TokenHasExpired", 401, "UNAUTHORIZED"),
        ("Forbidden", 403, "FORBIDDEN"),
        ("NotParticipant", 403, "FORBIDDEN"),
        ("PrivacyRefused", 403, "FORBIDDEN"),
        ("Blocked", 403, "BLOCKED"),
        ("NotFound", 404, "NOT_FOUND"),
        ("Conflict", 409, "CONFLICT"),
        ("Unavailable", 503, "UNAVAILABLE"),
    ],
)
async def test_an_error_of_the_core_has_its_status(ask: Ask, name: str, status: int, code: str) -> None:
    """What the core refuses comes out with its code, its text and its details."""
    error = check_envelope(await ask("GET", f"/refuse/{name}"), status, code, f"{name} it is")
    assert error["details"] == {"why": "because"}


async def test_unavailable_always_says_when_to_try_again(ask: Ask) -> None:
    """Also where nobody knew."""
    answer = await ask("GET", "/refuse/Unavailable")
    assert answer.headers["retry-after"] == "1"
    assert answer.json()["error"]["retryAfter"] == 1


async def test_a_limit_without_a_caller_is_announced_too(ask: Ask) -> None:
    """Whole seconds, rounded up (design part 9)."""
    answer = await ask("GET", "/refuse/RateLimited")
    error = check_envelope(answer, 429, "RATE_LIMITED", "Too many requests")
    assert error["retryAfter"] == 3
    assert answer.headers["retry-after"] == "3"
    assert answer.headers["x-ratelimit-limit"] == "10"
    assert answer.headers["x-ratelimit-remaining"] == "0"
    assert answer.headers["x-ratelimit-reset"] == "1000061"
    assert "ratelimit" not in answer.headers


@pytest.mark.parametrize(
    ("header", "challenge", "message"),
    [
        (None, "Bearer", "Authentication required"),
        ("Basic YTpi", 'Bearer error="invalid_token"', "Authentication required"),
        ("Bearer", 'Bearer error="invalid_token"', "Authentication required"),
        ("Bearer ", 'Bearer error="invalid_token"', "Authentication required"),
        ("Bearer nonsense", 'Bearer error="invalid_token"', "Invalid token"),
        ("Bearer \u00e4", 'Bearer error="invalid_token"', "Invalid token"),
    ],
)
async def test_a_route_of_somebody_asks_for_a_token(ask: Ask, header: str | None, challenge: str, message: str) -> None:
    """401 with a challenge (RFC 6750, 3), whatever is wrong with the header."""
    headers = {} if header is None else {"Authorization": header.encode("latin-1")}
    answer = await ask("GET", "/greet", headers=headers)
    check_envelope(answer, 401, "UNAUTHORIZED", message)
    assert answer.headers["www-authenticate"] == challenge


@pytest.mark.parametrize("header", [f"Bearer {TOKEN}", f"bearer {TOKEN}", f"BEARER   {TOKEN}  "])
async def test_a_token_is_found_whatever_the_case_of_its_scheme(ask: Ask, header: str) -> None:
    """RFC 9110, 11.1: schemes are compared without case."""
    answer = await ask("GET", "/greet", headers={"Authorization": header})
    assert answer.json() == {"hello": "ann"}


async def test_a_body_over_the_limit_is_413_before_it_is_read(ask: Ask) -> None:
    """By its announced length."""
    answer = await ask("POST", "/echo", content=b'{"text":"' + b"a" * MAX_BODY + b'"}')
    check_envelope(answer, 413, "PAYLOAD_TOO_LARGE", "The body is too large")


async def test_a_body_that_grows_over_the_limit_is_413(ask: Ask) -> None:
    """Without an announced length, as soon as it is too long."""

    async def endless() -> Any:
        yield b'{"text":"'
        while True:
            yield b"a" * 65_536

    answer = await ask("POST", "/echo", content=endless())
    check_envelope(answer, 413, "PAYLOAD_TOO_LARGE", "The body is too large")


async def test_a_body_of_the_limit_is_taken(ask: Ask) -> None:
    """256 KiB, not one byte less."""
    body = b'{"text":"%b"}' % (b"a" * (MAX_BODY - 11))
    assert len(body) == MAX_BODY
    assert (await ask("POST", "/echo", content=body)).status_code == 200


@pytest.mark.parametrize(
    ("path", "kind"), [("/fail/ours", "RuntimeError"), ("/fail/framework", "InternalServerException")]
)
async def test_a_fault_is_500_and_logged_once_without_its_words(ask: Ask, path: str, kind: str) -> None:
    """The log says where it arose; what it says may quote a text or a token, so neither log nor answer holds it."""
    with capture_logs() as logs:
        answer = await ask("GET", f"{path}?token={SECRET}", headers=SIGNED_IN)
    check_envelope(answer, 500, "INTERNAL_ERROR", "Internal error")
    assert len(logs) == 1
    log = logs[0]
    assert log["event"] == "request_failed"
    assert log["log_level"] == "error"
    assert log["request_id"] == answer.headers["x-request-id"]
    assert (log["method"], log["route"]) == ("GET", "/fail/{kind}")
    assert log["causes"][0]["kind"] == kind
    assert "in fail\n" in log["causes"][0]["trace"][-1]
    assert SECRET not in str(log)
    assert SECRET not in answer.text
    assert TOKEN not in str(log)


async def test_an_internal_error_of_the_core_is_a_fault_too(ask: Ask) -> None:
    """500 without details, and one line in the log."""
    with capture_logs() as logs:
        answer = await ask("GET", "/refuse/Internal")
    assert "details" not in check_envelope(answer, 500, "INTERNAL_ERROR", "Internal error")
    assert [log["causes"][0]["kind"] for log in logs] == ["Internal"]


async def test_what_is_refused_is_not_logged(ask: Ask) -> None:
    """A client's mistakes are no news to the operator."""
    with capture_logs() as logs:
        await ask("GET", "/nothing")
        await ask("GET", "/greet")
        await ask("POST", "/echo", content=b"{")
        await ask("GET", "/refuse/Blocked")
    assert logs == []


async def test_a_client_that_leaves_in_the_middle_of_its_body_is_no_fault(build: Callable[..., App]) -> None:
    """Nothing is logged, and nothing fails."""
    events = iter([{"type": "http.request", "body": b'{"te', "more_body": True}, {"type": "http.disconnect"}])
    sent: list[Any] = []

    async def receive() -> Any:
        return next(events)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "path": "/echo", "query_string": b"", "scheme": "http",
        "headers": [(b"host", b"duologue.test"), (b"content-length", b"100")], "client": ("192.0.2.9", 1),
        "server": ("duologue.test", 80), "root_path": "",
    }  # fmt: skip
    with capture_logs() as logs:
        await build()(scope, receive, send)
    assert logs == []
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    assert sent[0]["status"] == 400


async def test_head_is_get_without_a_body(ask: Ask) -> None:
    """RFC 9110, 9.3.2: the headers of a GET, also of a refusal."""
    got, head = [await ask(method, "/greet", headers=SIGNED_IN) for method in ("GET", "HEAD")]
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == got.headers["content-length"]
    refused = await ask("HEAD", "/greet")
    assert (refused.status_code, refused.content) == (401, b"")


async def test_options_says_what_is_allowed(ask: Ask) -> None:
    """204, with the methods."""
    answer = await ask("OPTIONS", "/greet")
    assert (answer.status_code, answer.content) == (204, b"")
    assert set(answer.headers["allow"].split(", ")) == {"GET", "OPTIONS"}


async def test_a_bad_host_header_is_400_in_the_envelope(ask: Ask) -> None:
    """Nothing of it comes back."""
    check_envelope(await ask("GET", "/greet", headers={"Host": "a b"}), 400, "VALIDATION_ERROR", "Invalid request")
