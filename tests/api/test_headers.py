"""Headers of every answer: the request's id, what browsers may do, rate limits, other origins, the address behind proxies."""

from collections.abc import Callable
from uuid import UUID

import httpx
import pytest
from tests.api.conftest import TOKEN, Ask, ManualClock

SIGNED_IN = {"Authorization": f"Bearer {TOKEN}"}
ORIGIN = "https://chat.example"
Client = Callable[..., httpx.AsyncClient]


@pytest.mark.parametrize(
    ("path", "status"), [("/greet", 200), ("/nothing", 404), ("/fail/x", 500), ("/refuse/Blocked", 403)]
)
async def test_every_answer_is_data_that_is_neither_stored_nor_framed(ask: Ask, path: str, status: int) -> None:
    """Security headers stand on answers of every kind."""
    answer = await ask("GET", path, headers=SIGNED_IN)
    assert answer.status_code == status
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "given", ["a", "0198c8f1-7b7c-7000-8000-3d2c6f0a1b2c", "Root=1-67891233:abc/def+=@._-", "x" * 128]
)
async def test_a_plain_request_id_is_kept(ask: Ask, given: str) -> None:
    """The client's id, so that its log and ours name the same request."""
    answer = await ask("GET", "/nothing", headers={"X-Request-Id": given})
    assert answer.headers["x-request-id"] == given
    assert answer.json()["error"]["requestId"] == given


@pytest.mark.parametrize("given", [None, "", "a b", "<b>", "x" * 129, "a\tb", "\u00e4"])
async def test_any_other_request_id_is_replaced(ask: Ask, given: str | None) -> None:
    """A log line cannot be forged by a header."""
    headers = {} if given is None else {"X-Request-Id": given.encode("latin-1")}
    answer = await ask("GET", "/greet", headers=headers)
    assert UUID(answer.headers["x-request-id"])


async def test_two_requests_have_two_ids(ask: Ask) -> None:
    """Unless the client says otherwise."""
    assert (await ask("GET", "/greet")).headers["x-request-id"] != (await ask("GET", "/greet")).headers["x-request-id"]


async def test_a_limit_says_what_is_left_on_every_answer(ask: Ask, clock: ManualClock) -> None:
    """Limit, remaining and reset in Unix seconds, rounded up, on success; and in the IETF's form (G-34)."""
    first = await ask("GET", "/greet", headers=SIGNED_IN)
    assert first.headers["x-ratelimit-limit"] == "2"
    assert first.headers["x-ratelimit-remaining"] == "1"
    assert first.headers["x-ratelimit-reset"] == "1000061"
    assert first.headers["ratelimit-policy"] == '"greet";q=2;w=60'
    assert first.headers["ratelimit"] == '"greet";r=1;t=60'
    assert "retry-after" not in first.headers
    clock.at += 10
    second = await ask("GET", "/greet", headers=SIGNED_IN)
    assert second.headers["x-ratelimit-remaining"] == "0"


async def test_over_the_limit_is_429_with_the_time_to_wait(ask: Ask, clock: ManualClock) -> None:
    """`Retry-After` in whole seconds; what was refused counts for nothing."""
    for _ in range(2):
        await ask("GET", "/greet", headers=SIGNED_IN)
        clock.at += 8.75
    answer = await ask("GET", "/greet", headers=SIGNED_IN)
    assert answer.status_code == 429
    assert answer.json()["error"]["code"] == "RATE_LIMITED"
    assert answer.json()["error"]["retryAfter"] == 43
    assert answer.headers["retry-after"] == "43"
    assert answer.headers["x-ratelimit-remaining"] == "0"
    assert answer.headers["x-ratelimit-reset"] == "1000070"  # when both are free again
    assert answer.headers["ratelimit"] == '"greet";r=0;t=43'  # when one is
    clock.at += 43
    assert (await ask("GET", "/greet", headers=SIGNED_IN)).status_code == 200


async def test_without_a_limit_nothing_is_announced(client: Client) -> None:
    """RATE_LIMITS=off."""
    answer = await client(limits={}).get("/greet", headers=SIGNED_IN)
    assert answer.status_code == 200
    assert [name for name in answer.headers if "ratelimit" in name] == []


async def test_a_limit_of_another_route_is_not_announced(ask: Ask) -> None:
    """Only what this request was charged."""
    assert [name for name in (await ask("GET", "/address")).headers if "ratelimit" in name] == []


# -- other origins --------------------------------------------------------------------------------------------------------


async def test_without_configured_origins_no_other_may_call(ask: Ask) -> None:
    """The default."""
    answer = await ask("GET", "/greet", headers={**SIGNED_IN, "Origin": ORIGIN})
    assert [name for name in answer.headers if name.startswith("access-control")] == []


async def test_a_configured_origin_may_call_and_read_our_headers(client: Client) -> None:
    """And no other; no cookie is let through."""
    chat = client(cors_origins=[ORIGIN])
    answer = await chat.get("/greet", headers={**SIGNED_IN, "Origin": ORIGIN})
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["vary"] == "Origin"
    assert "access-control-allow-credentials" not in answer.headers
    exposed = set(answer.headers["access-control-expose-headers"].split(", "))
    assert exposed >= {"Duologue-Position", "Retry-After", "X-RateLimit-Remaining", "X-Request-Id"}


@pytest.mark.parametrize("origin", [None, "https://evil.example", "null", f"{ORIGIN}.evil.example"])
@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/greet"), ("GET", "/nothing"), ("OPTIONS", "/greet"), ("GET", "//")]
)
async def test_an_origin_that_may_not_call_is_told_nothing(
    client: Client, method: str, path: str, origin: str | None
) -> None:
    """Neither origins, headers nor methods; and a cache must tell origins apart, also from no origin."""
    headers = SIGNED_IN if origin is None else {**SIGNED_IN, "Origin": origin}
    answer = await client(cors_origins=[ORIGIN]).request(method, f"http://duologue.test{path}", headers=headers)
    assert [name for name in answer.headers if name.startswith("access-control")] == []
    assert answer.headers.get_list("vary") == ["Origin"]


async def test_a_refusal_can_be_read_across_origins(client: Client) -> None:
    """Otherwise a browser's script could not tell 401 from no network."""
    answer = await client(cors_origins=[ORIGIN]).get("/greet", headers={"Origin": ORIGIN})
    assert answer.status_code == 401
    assert answer.headers["access-control-allow-origin"] == ORIGIN


async def test_a_preflight_lets_our_headers_and_methods_through(client: Client) -> None:
    """A browser asks before it sends a token."""
    asked = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "DELETE",
        "Access-Control-Request-Headers": "authorization, content-type, idempotency-key",
    }
    answer = await client(cors_origins=[ORIGIN]).options("/greet", headers=asked)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers.get_list("vary") == ["Origin"]
    assert "DELETE" in answer.headers["access-control-allow-methods"]
    assert "idempotency-key" in answer.headers["access-control-allow-headers"]


async def test_a_refused_preflight_has_the_envelope(client: Client) -> None:
    """Every status from 400 up has it."""
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"}
    answer = await client(cors_origins=[ORIGIN]).options("/greet", headers=asked)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "VALIDATION_ERROR"
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert "access-control-allow-origin" not in answer.headers


# -- the address ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("proxies", "peer", "forwarded", "host"),
    [
        ([], "192.0.2.9", "203.0.113.1", "192.0.2.9"),
        (["10.0.0.0/8"], "192.0.2.9", "203.0.113.1", "192.0.2.9"),
        (["192.0.2.9"], "192.0.2.9", "203.0.113.1", "203.0.113.1"),
        (["192.0.2.0/24"], "192.0.2.9", "203.0.113.1", "203.0.113.1"),
        (["192.0.2.0/24"], "192.0.2.9", "198.51.100.7, 203.0.113.1, 192.0.2.8", "203.0.113.1"),
        (["192.0.2.0/24"], "192.0.2.9", None, "192.0.2.9"),
    ],
)
async def test_a_forwarding_header_counts_from_trusted_proxies_alone(
    client: Client, proxies: list[str], peer: str, forwarded: str | None, host: str
) -> None:
    """The nearest address that is no proxy of ours: what stands before it anybody can have written."""
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    answer = await client(peer, trusted_proxies=proxies).get("/address", headers=headers)
    assert answer.json() == {"host": host}
