"""Why a server cannot start."""


class StartError(Exception):
    """The server cannot start; the sentence says what to change."""
