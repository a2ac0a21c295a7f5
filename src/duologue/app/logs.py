"""Logs: JSON lines on standard error, of our own and of the libraries'. Types and places of errors, never their words.

An error's message may quote what somebody wrote, and a frame's variables hold it; neither leaves the process (design part 8).
"""

import logging
import sys
import traceback
from collections.abc import Sequence
from types import TracebackType
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

_FRAMES = 20  # of a traceback, the innermost
_SERVER = "uvicorn.error"  # where uvicorn says everything but its access lines


def configure_logs(level: str, output: TextIO = sys.stderr) -> None:
    """Write everything from `level` upwards, one JSON object a line."""
    before: Sequence[Processor] = (
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _errors,
    )
    renderer = structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[*before, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(output),
    )
    handler = logging.StreamHandler(output)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(allow=()), *before],
        )
    )
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    # The server below writes a line per accepted socket: clients that come back together would fill the log.
    logging.getLogger(_SERVER).setLevel(max(logging.WARNING, logging.getLogger().level))


def _errors(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """What was raised as types and places, cause by cause."""
    raised = event.pop("exc_info", None)
    error = _raised(raised)
    if error is not None:
        event["errors"] = list(_chain(error))
    return event


def _raised(raised: Any) -> BaseException | None:
    if isinstance(raised, BaseException):
        return raised
    if isinstance(raised, tuple):
        return raised[1] if isinstance(raised[1], BaseException) else None
    return sys.exc_info()[1] if raised else None


def _chain(error: BaseException | None) -> Sequence[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while error is not None and len(found) < _FRAMES:
        found.append({"type": type(error).__name__, "at": _places(error.__traceback__)})
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return found


def _places(trace: TracebackType | None) -> list[str]:
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)[-_FRAMES:]]
