"""What every answer and every frame must look like; applied by the harness to all that passes it.

Envelopes (G-01), camelCase or snake_case (T-006, T-007), times (design part 1, Order), no live markup in the bytes (design part 1, Text).
"""

import json
import re
from collections.abc import Iterator
from typing import Any

TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z")
LOOKS_LIKE_A_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")
WRITTEN_BY_PEOPLE = {
    *("content", "username", "displayName", "tempId", "url", "id", "message", "reason", "query"),
    *("full_name", "temp_id"),
}
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")  # who is online is a mapping of users
SNAKE = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")
CODES = {
    "VALIDATION_ERROR": 400,
    "UNAUTHORIZED": 401,
    "FORBIDDEN": 403,
    "BLOCKED": 403,
    "NOT_FOUND": 404,
    "METHOD_NOT_ALLOWED": 405,
    "CONFLICT": 409,
    "PRECONDITION_FAILED": 412,
    "PAYLOAD_TOO_LARGE": 413,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "RANGE_NOT_SATISFIABLE": 416,
    "UPGRADE_REQUIRED": 426,
    "RATE_LIMITED": 429,
    "CHECKSUM_MISMATCH": 460,
    "UNAVAILABLE": 503,
    "STORAGE_FULL": 507,
}


def members(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every (key, value) of a JSON document, however deep; an item of a list has the list's key."""
    yield key, value
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from members(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from members(inner, key)


def check_text(raw: bytes, *, snake: bool = False) -> Any:
    """Check one JSON text of dialect A or, `snake`, B, and return it decoded."""
    assert b"<" not in raw, f"markup stands in the bytes: {raw[:500]!r}"
    document = json.loads(raw)
    for key, value in members(document):
        if snake:
            assert not key or SNAKE.fullmatch(key) or UUID.fullmatch(key), f"a key that is not in snake_case: {key}"
        else:
            assert "_" not in key, f"a key with an underscore: {key}"
        if isinstance(value, str) and key not in WRITTEN_BY_PEOPLE:
            is_time = key.endswith(("At", "_at")) or key in {"lastSeen", "last_seen"} or LOOKS_LIKE_A_TIME.match(value)
            assert not is_time or TIME.fullmatch(value), f"{key} is no time as all others are: {value}"
    return document


def check_answer(status: int, raw: bytes, *, snake: bool = False) -> Any:
    """Check a REST answer: the envelope of a success below 400, that of an error from there on; return the body."""
    body = check_text(raw, snake=snake)
    if status < 400:
        assert body["success"] is True
        assert isinstance(body["message"], str)
        assert body["message"]
        assert set(body) <= {"success", "message", "data"}
        return body
    assert set(body) == {"success", "message", "error"}
    error = body["error"]
    assert body["success"] is False
    assert body["message"]
    assert error["message"] == body["message"]
    assert CODES.get(error["code"]) == status, f"{error['code']} with status {status}"
    request_id, retry_after = ("request_id", "retry_after") if snake else ("requestId", "retryAfter")
    assert error[request_id]
    assert set(error) <= {"code", "message", "details", retry_after, request_id}
    return body


def check_frame(raw: bytes, *, snake: bool = False) -> dict[str, Any]:
    """Check a frame of dialect A or, `snake`, B: type and body, and beside them only what the design places there."""
    frame = check_text(raw, snake=snake)
    body = "data" if snake else "payload"
    assert isinstance(frame, dict)
    assert isinstance(frame["type"], str)
    assert isinstance(frame[body], dict)
    assert set(frame) <= {"type", body, "position", "id"}
    if "position" in frame:
        assert type(frame["position"]) is int
        assert frame["position"] > 0
    return frame
