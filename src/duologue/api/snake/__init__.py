"""Dialect B: snake_case under /v1, socket frames `{type, data}`."""
