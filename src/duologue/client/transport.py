"""HTTP to the server: token, error mapping and retries, for every endpoint alike. No endpoint stands here."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self, TypeVar

import httpx
import msgspec

from duologue.client.backoff import Backoff
from duologue.client.errors import ApiError, ProtocolError, Unreachable, api_error
from duologue.client.timing import Timing
from duologue.client.tokens import FixedToken, TokenProvider

T = TypeVar("T")

NOTHING_DONE = frozenset({429, 503})
"""Refused before anything happened: any request may be made again."""

OUTCOME_UNKNOWN = frozenset({502, 504})
"""A proxy lost the answer: only what does the same when done twice may be made again."""


@dataclass(frozen=True, slots=True)
class Form:
    """A form: texts by name, and files as (name, media type, where their bytes are)."""

    texts: Mapping[str, str]
    files: Sequence[tuple[str, str, Path | bytes]]


@dataclass(frozen=True, slots=True)
class Call:
    """One request.

    `repeatable`: doing it twice does the same as once; `signed`: it carries the token; `wait`: seconds the server may hold it;
    `into`: where the answer's bytes go. ValueError for a `path` that is none: a whole URL would take the token elsewhere.
    """

    method: str
    path: str
    params: Mapping[str, str | int | None] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    form: Form | None = None
    into: BinaryIO | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    repeatable: bool = False
    signed: bool = True
    wait: float = 0.0

    def __post_init__(self) -> None:
        if not self.path.startswith("/"):
            raise ValueError(f"a path of the server begins with /: {self.path.partition('?')[0]}")


class Transport:
    """Makes calls to `base_url` (scheme, host, port).

    `token` is a token, a provider of tokens, or None before signing in. `tries` is how often one call is made in all: a 429
    or 503 is tried again after its `Retry-After` (else full-jitter backoff), a lost answer only where twice is the same as once.
    """

    def __init__(
        self,
        base_url: str,
        *,
        token: str | TokenProvider | None = None,
        tries: int = 1,
        timeout: float = 30.0,
        timing: Timing | None = None,
    ) -> None:
        self.token = token
        self.tries = tries
        self._timeout = timeout
        self._timing = timing or Timing()
        self._http = httpx.AsyncClient(base_url=base_url)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the pooled connections."""
        await self._http.aclose()

    async def get(self, path: str, kind: type[T], **params: str | int | None) -> T:
        """GET `path` and read `data` as `kind`; parameters that are None are left out."""
        return data_of(await self.call(Call("GET", path, params, repeatable=True)), kind)

    async def call(self, call: Call) -> httpx.Response:
        """Make a call until it is answered below 400 or the tries are used up.

        Raises:
            ApiError: the server refused.
            Unreachable: no answer came; it is unknown what became of the call.
        """
        backoff = Backoff(random=self._timing.random)
        while True:
            again = backoff.tries + 1 < self.tries
            try:
                return await self._authorised(call)
            except Unreachable:
                if not (again and call.repeatable):
                    raise
                delay = None
            except ApiError as error:
                retryable = error.status in NOTHING_DONE or (call.repeatable and error.status in OUTCOME_UNKNOWN)
                if not (again and retryable):
                    raise
                delay = error.retry_after
            drawn = backoff.next()
            await self._timing.sleep(drawn if delay is None else delay)

    async def _authorised(self, call: Call) -> httpx.Response:
        """Once more with a fresh token after a 401, if a provider can make one."""
        try:
            return await self._once(call, fresh=False)
        except ApiError as error:
            if error.status != 401 or not call.signed or self.token is None or isinstance(self.token, str | FixedToken):
                raise
            return await self._once(call, fresh=True)

    async def _once(self, call: Call, *, fresh: bool) -> httpx.Response:
        headers = dict(call.headers)
        if call.signed and self.token is not None:
            token = self.token if isinstance(self.token, str) else await self.token(fresh=fresh)
            headers["Authorization"] = f"Bearer {token}"
        try:
            with ExitStack() as opened:
                request = self._http.build_request(
                    call.method,
                    call.path,
                    params={name: value for name, value in call.params.items() if value is not None} or None,
                    json=call.body,
                    headers=headers,
                    timeout=self._timeout + call.wait,
                    **({} if call.form is None else _form(call.form, opened)),
                )
                response = await self._http.send(request, stream=call.into is not None)
                if call.into is not None:
                    await _pour(response, call.into)
        except httpx.TransportError as error:
            raise Unreachable(f"{call.method} {call.path}: {type(error).__name__}") from error
        if response.status_code >= 400:
            raise api_error(response.status_code, response.headers, response.content)
        return response


def _form(form: Form, opened: ExitStack) -> dict[str, Any]:
    """A form as the library takes it; files are opened anew for each try, and read as they are sent."""
    parts = [
        ("files", (name, source if isinstance(source, bytes) else opened.enter_context(source.open("rb")), kind))
        for name, kind, source in form.files
    ]
    return {"data": dict(form.texts), "files": parts}


async def _pour(response: httpx.Response, into: BinaryIO) -> None:
    """Write a success's bytes, in place of what an earlier try left; a refusal's are read."""
    try:
        if response.status_code >= 400:
            await response.aread()
            return
        into.seek(0)
        into.truncate()
        async for chunk in response.aiter_bytes():
            into.write(chunk)
    finally:
        await response.aclose()


def data_of(response: httpx.Response, kind: type[T]) -> T:
    """The envelope's `data` as `kind`.

    Raises:
        ProtocolError: the body is no envelope, or its data does not fit.
    """
    try:
        envelope = msgspec.json.decode(response.content, type=dict[str, msgspec.Raw])
        return msgspec.json.decode(envelope.get("data", b"null"), type=kind)
    except msgspec.MsgspecError as error:
        raise ProtocolError(f"{response.request.method} {response.request.url.path}: {error}") from error
