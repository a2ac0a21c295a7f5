"""What reaches a log: types and places of errors, never words, variables or tokens."""

import io
import json
import logging
from collections.abc import Callable, Iterator

import pytest
import structlog

from duologue.app.logs import configure_logs

CANARY = "canary-text-of-a-message"


@pytest.fixture
def lines() -> Iterator[Callable[[], list[dict[str, object]]]]:
    """Give what was logged, line by line."""
    output = io.StringIO()
    configure_logs("info", output)
    yield lambda: [json.loads(line) for line in output.getvalue().splitlines()]
    structlog.reset_defaults()
    logging.basicConfig(force=True)
    logging.getLogger("uvicorn.error").setLevel(logging.NOTSET)


def fail(text: str) -> None:
    """Raise an error that quotes a text, out of a frame that holds it."""
    try:
        int(text)
    except ValueError as error:
        raise RuntimeError(f"cannot store {text}") from error


@pytest.mark.parametrize("logger", ["ours", "a library's"])
def test_an_error_is_logged_without_its_words(logger: str, lines: Callable[[], list[dict[str, object]]]) -> None:
    """Design part 8: message texts never reach a log; type and place do."""
    try:
        fail(CANARY)
    except RuntimeError:
        if logger == "ours":
            structlog.get_logger().exception("failed")
        else:
            logging.getLogger("somebody").exception("failed")

    (line,) = lines()
    assert CANARY not in json.dumps(line)
    assert line["event"] == "failed"
    assert [error["type"] for error in line["errors"]] == ["RuntimeError", "ValueError"]  # type: ignore[attr-defined]
    assert "test_logs.py" in json.dumps(line["errors"])


def test_lines_below_the_level_are_left_out(lines: Callable[[], list[dict[str, object]]]) -> None:
    """LOG_LEVEL counts for us and for the libraries."""
    structlog.get_logger().debug("quiet")
    logging.getLogger("somebody").debug("quiet")
    structlog.get_logger().info("told", user="u")

    assert [line["event"] for line in lines()] == ["told"]


def test_the_server_below_warns_but_does_not_chat(lines: Callable[[], list[dict[str, object]]]) -> None:
    """Uvicorn's line for every accepted socket is left out, what goes wrong in it is told."""
    for logger in ("uvicorn.error", "uvicorn.error.more"):
        logging.getLogger(logger).info('127.0.0.1:1 - "WebSocket /chat/ws" [accepted]')
    logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")

    assert [line["event"] for line in lines()] == ["Invalid HTTP request received."]


def test_the_server_below_keeps_to_a_stricter_level(lines: Callable[[], list[dict[str, object]]]) -> None:
    """LOG_LEVEL=error leaves its warnings out too."""
    output = io.StringIO()
    configure_logs("error", output)
    logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")

    assert output.getvalue() == ""
    assert lines() == []
