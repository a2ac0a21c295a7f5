"""How inspection and processing refuse a file, inside a worker process."""


class Unreadable(Exception):
    """The file is not what it says, or broken; the message is one word for programs."""


class Hostile(Exception):
    """The file would harm who opens it; the message is one word for programs."""
