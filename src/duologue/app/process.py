"""The process around a server: logs, signals, the exit code."""

import asyncio
import signal
from collections.abc import Awaitable, Callable

from duologue.app.logs import configure_logs
from duologue.app.server import Server
from duologue.config import Config


async def serve(config: Config, *, migrate: bool, ready: Callable[[str], Awaitable[None]]) -> int:
    """Serve until SIGINT or SIGTERM; the exit code. `ready` is told the URL once it is served."""
    configure_logs(config.log_level)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    server = Server(config, migrate=migrate)
    try:
        await ready(await server.start())
        await stopping.wait()
    finally:
        await server.stop()
    return 0
