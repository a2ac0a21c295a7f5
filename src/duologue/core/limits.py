"""Charging a use against a limit: one place that turns a full window into `RateLimited` (RLM-13), and tells who asked what is left."""

from dataclasses import replace

from duologue.core.errors import RateLimited
from duologue.core.model import Caller
from duologue.core.ports import Charge, Limiter


async def charge(limiter: Limiter, name: str, caller: Caller) -> Charge:
    """Count one use of `name` by the caller; `RateLimited` carries the limit, what remains and when it resets."""
    outcome = await limiter.charge(name, str(caller.id))
    if caller.charges is not None:
        caller.charges[name] = outcome
    if not outcome.allowed:
        raise RateLimited(retry_after=outcome.retry_after, limit=outcome.limit, reset_at=outcome.reset_at)
    return outcome


async def refund(limiter: Limiter, name: str, caller: Caller, charged: Charge) -> None:
    """Take a charge back: an answer to a retry, or an opening that made nothing, costs nothing."""
    if caller.charges is not None:
        caller.charges[name] = replace(charged, remaining=charged.remaining + 1)
    await limiter.refund(name, str(caller.id), charged.token)
