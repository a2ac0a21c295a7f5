"""Which dialect a path speaks, where nobody else knows: errors of unknown routes, and of requests that reach none (design part 5)."""

from duologue.api.camel import errors as camel
from duologue.api.errors import ErrorBodies
from duologue.api.snake import errors as snake

_B = "/v1/"


def error_bodies(path: str) -> ErrorBodies:
    """B below `/v1`, else A."""
    return snake.error_body if f"{path}/".startswith(_B) else camel.error_body
