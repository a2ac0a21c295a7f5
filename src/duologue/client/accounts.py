"""Accounts and users over REST (design part 6): one method per endpoint. Conversations are in `rest`."""

from typing import Any

from duologue.client.pages import page
from duologue.client.paths import segment
from duologue.client.transport import Call, Transport, data_of
from duologue.client.wire import Page, SignedIn, User, UserShort

AUTH = "/api/v1/auth"
USERS = "/api/v1/users"


class AccountCalls(Transport):
    """`/api/v1/auth/*` and `/api/v1/users/*`. Signing in does not change `token`: set it, or use `SignIn`."""

    async def register(self, username: str, password: str, display_name: str | None = None) -> SignedIn:
        """Make an account; a taken name is 409 CONFLICT."""
        body = {"username": username, "password": password}
        if display_name is not None:
            body["displayName"] = display_name
        return await self._sign_in("register", body)

    async def login(self, username: str, password: str) -> SignedIn:
        """Sign in; a wrong name or password is 401."""
        return await self._sign_in("login", {"username": username, "password": password})

    async def refresh(self, refresh_token: str) -> SignedIn:
        """Change a refresh token, once, for new tokens."""
        return await self._sign_in("refresh", {"refreshToken": refresh_token})

    async def logout(self, refresh_token: str) -> None:
        """End the session of this refresh token; its sockets close with 4504."""
        await self.call(Call("POST", f"{AUTH}/logout", body={"refreshToken": refresh_token}))

    async def logout_all(self) -> None:
        """End all sessions of the caller."""
        await self.call(Call("POST", f"{AUTH}/logout-all"))

    async def change_password(self, password: str, new_password: str) -> SignedIn:
        """Set a new password; ends all sessions and begins a new one."""
        body = {"password": password, "newPassword": new_password}
        return data_of(await self.call(Call("POST", f"{AUTH}/password", body=body)), SignedIn)

    async def me(self) -> User:
        """The caller's profile and settings."""
        return await self.get(f"{USERS}/me", User)

    async def update_me(self, **fields: Any) -> User:
        """Change profile or settings; names as on the wire (`whoCanMessage`, `sendReadReceipts`, `displayName` ...)."""
        return data_of(await self.call(Call("PATCH", f"{USERS}/me", body=fields, repeatable=True)), User)

    async def delete_me(self, password: str) -> None:
        """Erase the caller's account."""
        await self.call(Call("DELETE", f"{USERS}/me", body={"password": password}))

    async def search_users(self, query: str, *, cursor: str | None = None, limit: int | None = None) -> Page[UserShort]:
        """Users whose name begins with `query`."""
        call = Call("GET", USERS, {"query": query, "cursor": cursor, "limit": limit}, repeatable=True)
        return page(await self.call(call), "users", UserShort)

    async def follow(self, username: str) -> None:
        """Follow a user; twice is the same as once."""
        await self.call(Call("PUT", f"{USERS}/{segment(username)}/follow", repeatable=True))

    async def unfollow(self, username: str) -> None:
        """Follow a user no longer."""
        await self.call(Call("DELETE", f"{USERS}/{segment(username)}/follow"))

    async def _sign_in(self, action: str, body: dict[str, str]) -> SignedIn:
        return data_of(await self.call(Call("POST", f"{AUTH}/{action}", body=body, signed=False)), SignedIn)
