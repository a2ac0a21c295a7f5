"""Which tokens are believed: a platform's, by secret, public key or JWKS, or our own. One of them, as configured."""

from contextlib import AsyncExitStack

import httpx

from duologue.app.errors import StartError
from duologue.auth.claims import Expected
from duologue.auth.jwks import RemoteKeys
from duologue.auth.keys import KeySource, pem_key, secret_keys
from duologue.auth.tokens import PlatformTokens
from duologue.config import Config
from duologue.core.ports import Clock


def platform_tokens(config: Config, *, clock: Clock, stack: AsyncExitStack) -> PlatformTokens | None:
    """The platform's tokens; None: stand-alone. `StartError` for keys that are none."""
    try:
        keys = _keys(config, clock=clock, stack=stack)
    except ValueError as error:
        raise StartError(f"{error}.") from error
    if keys is None:
        return None
    return PlatformTokens(keys, clock=clock.now, expected=Expected(config.jwt_audience or None, config.jwt_issuer))


def _keys(config: Config, *, clock: Clock, stack: AsyncExitStack) -> KeySource | None:
    if config.jwt_jwks_url:
        remote = RemoteKeys(config.jwt_jwks_url, client=httpx.AsyncClient(), monotonic=clock.monotonic)
        stack.push_async_callback(remote.aclose)
        return remote
    if config.jwt_public_key:
        return pem_key(config.jwt_public_key)
    if config.jwt_secret:
        return secret_keys([secret.encode() for secret in config.jwt_secret])
    return None
