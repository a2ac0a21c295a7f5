"""The brokers of a single node, kept in memory: no Redis needed. One event loop uses them, so they need no locks."""
