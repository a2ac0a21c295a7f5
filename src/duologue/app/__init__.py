"""The composition root: the only room that knows everybody. Settings in, a running server out. Nothing here decides anything."""

from duologue.app.errors import StartError
from duologue.app.process import serve
from duologue.app.server import CLIENT_FOLDER, POSTGRES_FOLDER, Server

__all__ = ["CLIENT_FOLDER", "POSTGRES_FOLDER", "Server", "StartError", "serve"]
