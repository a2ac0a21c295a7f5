"""Charging a use against a limit: one place that turns a full window into `RateLimited` (RLM-13)."""

from uuid import UUID

from duologue.core.errors import RateLimited
from duologue.core.ports import Charge, Limiter


async def charge(limiter: Limiter, name: str, user_id: UUID) -> Charge:
    """Count one use of `name` by a user; `RateLimited` carries the limit, what remains and when it resets."""
    outcome = await limiter.charge(name, str(user_id))
    if not outcome.allowed:
        raise RateLimited(retry_after=outcome.retry_after, limit=outcome.limit, reset_at=outcome.reset_at)
    return outcome
