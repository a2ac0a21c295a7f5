"""The process around a server: logs, signals, the exit code."""

import asyncio
import logging
import signal
import sys

import structlog

from duologue.app.server import Server
from duologue.config import Config


async def serve(config: Config, *, migrate: bool, demo: bool) -> int:
    """Serve until SIGINT or SIGTERM; the exit code."""
    configure_logs(config.log_level)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    server = Server(config, migrate=migrate)
    url = await server.start()
    print(f"Duologue is ready on {url}", flush=True)  # noqa: T201 - for whoever typed the command
    await stopping.wait()
    await server.stop()
    return 0


def configure_logs(level: str) -> None:
    """JSON lines on standard error, from `level` upwards; no message text and no token is ever given to them."""
    logging.basicConfig(level=level.upper(), format="%(message)s", stream=sys.stderr, force=True)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.dict_tracebacks,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
