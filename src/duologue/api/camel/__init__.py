"""Dialect A: camelCase under /api/v1/chat, socket frames `{type, payload}`."""
