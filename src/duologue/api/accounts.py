"""Accounts over HTTP, below `/api/v1/auth`, of the stand-alone server (design part 6). Behind a platform none of it is mounted.

The core says who signed in; the tokens that name it are issued here. No cookie is set or read.
"""

from collections.abc import Iterator
from typing import Annotated, Any

from litestar import Request
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody
from litestar.types import Guard
from msgspec import Meta, Struct

from duologue.api.answers import Answer, Envelope
from duologue.api.bearer import Call
from duologue.api.caller import translated
from duologue.api.camel.bodies import DisplayName
from duologue.api.camel.errors import ErrorBody
from duologue.api.camel.wire import MeDTO
from duologue.api.exchange import Exchange
from duologue.api.routing import Route, handlers
from duologue.auth.tokens import StandaloneTokens
from duologue.core.accounts import MAX_PASSWORD, MIN_PASSWORD, Accounts, SignedIn
from duologue.core.users import REGISTRABLE

MOUNT = "/api/v1/auth"


NewName = Annotated[str, Meta(extra_json_schema={"pattern": f"^{REGISTRABLE.pattern}$"})]
NewPassword = Annotated[str, Meta(extra_json_schema={"minLength": MIN_PASSWORD, "maxLength": MAX_PASSWORD})]


class RegisterBody(Struct, rename="camel"):
    """A new account: a name of 3 to 32 of `A-Z a-z 0-9 _ . -`, a password of 8 to 1,024 characters."""

    username: NewName
    password: NewPassword
    display_name: DisplayName | None = None


class LoginBody(Struct):
    """Who signs in."""

    username: str
    password: str


class RefreshBody(Struct, rename="camel"):
    """A refresh token."""

    refresh_token: str


class PasswordBody(Struct, rename="camel"):
    """The password as it is, and as it shall be."""

    password: str
    new_password: NewPassword


class SignedInDTO(Struct, rename="camel"):
    """Who signed in, and their tokens; `expiresIn` is seconds of the access token."""

    user: MeDTO
    access_token: str
    refresh_token: str
    expires_in: int


class AccountsApi:
    """The endpoints of accounts."""

    def __init__(self, accounts: Accounts, tokens: StandaloneTokens) -> None:
        self._accounts = accounts
        self._tokens = tokens

    async def register(
        self, request: Request[Any, Any, State], data: JSONBody[RegisterBody]
    ) -> Answer[Envelope[SignedInDTO]]:
        """Make an account and sign in; a taken name is 409."""
        with translated():
            signed = await self._accounts.register(
                data.username,
                data.password,
                data.display_name,
                address=_address(request),
                charges=Exchange.of(request.scope).charges,
            )
        return self._signed_in("Account created successfully", signed, status=201)

    async def login(
        self, request: Request[Any, Any, State], data: JSONBody[LoginBody]
    ) -> Answer[Envelope[SignedInDTO]]:
        """Sign in; 401 for an unknown name and a wrong password alike."""
        charges = Exchange.of(request.scope).charges
        with translated():
            signed = await self._accounts.login(
                data.username, data.password, address=_address(request), charges=charges
            )
        return self._signed_in("Signed in successfully", signed)

    async def refresh(self, data: JSONBody[RefreshBody]) -> Answer[Envelope[SignedInDTO]]:
        """Change a refresh token, once, for new tokens; used again it ends its session."""
        with translated():
            claims = self._tokens.verify_refresh(data.refresh_token)
        signed = await self._accounts.refresh(claims.user_id, claims.session_id, claims.rotation)
        return self._signed_in("Tokens refreshed successfully", signed)

    async def logout(self, data: JSONBody[RefreshBody]) -> Answer[Envelope[None]]:
        """End the session of this refresh token: its tokens are 401, its sockets close with 4504."""
        with translated():
            claims = self._tokens.verify_refresh(data.refresh_token)
        await self._accounts.logout(claims.user_id, claims.session_id)
        return _done("Signed out successfully")

    async def logout_all(self, request: Call) -> Answer[Envelope[None]]:
        """End all sessions of the caller, this one included."""
        await self._accounts.logout_all(request.user)
        return _done("Signed out everywhere")

    async def change_password(self, request: Call, data: JSONBody[PasswordBody]) -> Answer[Envelope[SignedInDTO]]:
        """Set a new password; all sessions end, and a new one begins. 403 when the old password is wrong."""
        with translated():
            signed = await self._accounts.change_password(
                request.user, data.password, data.new_password, address=_address(request)
            )
        return self._signed_in("Password changed successfully", signed)

    def _signed_in(self, message: str, signed: SignedIn, *, status: int = 200) -> Answer[Envelope[SignedInDTO]]:
        pair = self._tokens.issue(signed.user.id, signed.session_id, signed.rotation)
        data = SignedInDTO(MeDTO.of(signed.user), pair.access, pair.refresh, pair.expires_in)
        return Answer(Envelope(True, message, data), status_code=status)


def account_handlers(api: AccountsApi, guard: Guard) -> Iterator[HTTPRouteHandler]:
    """Every path of accounts, and what answers it."""
    table = (
        Route(
            method="POST", path="/register", answer=api.register,
            status=201, limit="login", errors=(409,), open=True,
        ),
        Route(method="POST", path="/login", answer=api.login, limit="login", errors=(401, 403), open=True),
        Route(method="POST", path="/refresh", answer=api.refresh, errors=(401, 403), open=True),
        Route(method="POST", path="/logout", answer=api.logout, errors=(401,), open=True),
        Route(method="POST", path="/logout-all", answer=api.logout_all),
        Route(method="POST", path="/password", answer=api.change_password, limit="login"),
    )  # fmt: skip
    return handlers(table, (MOUNT,), guard=guard, error_body=ErrorBody, tag="accounts")


def _done(message: str) -> Answer[Envelope[None]]:
    return Answer(Envelope(True, message, None), status_code=200)


def _address(request: Request[Any, Any, State]) -> str:
    """The client's address; behind a trusted proxy the one it forwards."""
    return request.client.host if request.client else ""
