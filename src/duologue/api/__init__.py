"""The framework floor: what turns HTTP and WebSocket into calls of the core, and its answers into bodies and frames."""
