"""Duologue."""
