"""Charging a use against a limit: one place that turns a full window into `RateLimited` (RLM-13), and tells who asked what is left."""

from dataclasses import replace
from typing import Any

from duologue.core.errors import RateLimited
from duologue.core.model import Caller
from duologue.core.ports import Charge, Limiter

# Takes what each limit answered, where the transport wants to know: limit's name -> `Charge`.
Charges = dict[str, Any] | None


async def charge(limiter: Limiter, name: str, caller: Caller) -> Charge:
    """Count one use of `name` by the caller; `RateLimited` carries the limit, what remains and when it resets."""
    return await charge_key(limiter, name, str(caller.id), caller.charges)


async def charge_key(limiter: Limiter, name: str, key: str, charges: Charges) -> Charge:
    """As `charge`, where the use is not a caller's: a sign-in is an address's and a name's."""
    outcome = await limiter.charge(name, key)
    if charges is not None:
        charges[name] = outcome
    if not outcome.allowed:
        raise RateLimited(retry_after=outcome.retry_after, limit=outcome.limit, reset_at=outcome.reset_at)
    return outcome


async def refund(limiter: Limiter, name: str, caller: Caller, charged: Charge) -> None:
    """Take a charge back: an answer to a retry, or an opening that made nothing, costs nothing."""
    if caller.charges is not None:
        caller.charges[name] = replace(charged, remaining=charged.remaining + 1)
    await limiter.refund(name, str(caller.id), charged.token)
