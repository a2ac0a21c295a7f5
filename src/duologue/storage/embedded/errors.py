"""The one error of the embedded PostgreSQL, and nothing else."""


class EmbeddedError(Exception):
    """The embedded PostgreSQL cannot run; the message is a sentence for the operator that says what to do."""


class StillRecoveringError(EmbeddedError):
    """PostgreSQL is alive and recovers, but not within the patience given; it is left at work."""
