"""Load figures of a Duologue server: ``python -m bench``, or ``make bench``. Commands, never timed tests."""
