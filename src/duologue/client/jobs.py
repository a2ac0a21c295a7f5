"""Background tasks and their end."""

import asyncio
from collections.abc import Sequence


async def stop(jobs: Sequence[asyncio.Task[None]]) -> list[Exception]:
    """Cancel what still runs, wait for all, and return what had failed."""
    for job in jobs:
        job.cancel()
    ends = await asyncio.gather(*jobs, return_exceptions=True)
    return [end for end in ends if isinstance(end, Exception)]
