"""Duologue: self-hosted direct messaging for two."""

from importlib.metadata import version

__version__ = version("duologue")
