"""What a client can do, for signatures and for tests: the clients and the fakes are both this."""

from __future__ import annotations

from typing import Protocol

from .account_interfaces import Accounts, AsyncAccounts
from .results import Nonce, Session, SessionUser, User
from .second_factor_interfaces import AsyncSecondFactors, SecondFactors
from .second_factor_results import LoginStep


class AuthFlow(Accounts, SecondFactors, Protocol):
    """Signs up, logs in and validates the users of one organization. Every call raises `AuthFlowError` and no other.

    Safe for threads. All calls take `timeout`, the seconds for the call, and `client_ip` and `user_agent`, the address
    and the User-Agent of the person behind your backend, where you want them known. What is no UTF-8 in them is
    dropped, and at most 1,024 bytes of either are sent.
    """

    def foo_bar(
        self,
        email: str,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> Nonce:
        """Fetches a nonce for an e-mail, for those who sign up or log in by the stub.

        It never tells whether the user exists. Reasons: INVALID_ARGUMENT, API_KEY_INVALID. It is repeated freely.
        """
        ...

    def sign_up(
        self,
        email: str,
        password: str,
        fullname: str,
        *,
        disclaimed: bool,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> User:
        """Makes a user. `disclaimed` tells that the user has accepted your terms; it must be True.

        After a lost reply it is not repeated, because the user may have been made: log in to find out.

        Reasons: INVALID_ARGUMENT, PASSWORD_POLICY, DISCLAIMER_REQUIRED, API_KEY_INVALID, OVERLOADED, USER_EXISTS.
        """
        ...

    def login(
        self,
        email: str,
        password: str,
        *,
        session_token: str | None = None,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> Session:
        """Checks a password and opens a session.

        `session_token` is the last one of the person's device, expired or ended too: a sign of a known device, whose
        tries are counted apart from everybody else's. Where it is None it is the one that the request came with in
        whose handler, behind our middleware, this is called; "" is none. One that proves nothing is as none.

        After a lost reply it is repeated with a new nonce; the session of the lost one expires by itself.

        Reasons: INVALID_ARGUMENT, API_KEY_INVALID, OVERLOADED, ACCOUNT_LOCKED, USER_NOT_FOUND, CREDENTIALS_INVALID,
        USER_DISABLED, EMAIL_NOT_VERIFIED, SECOND_FACTOR_REQUIRED, PASSWORD_CHANGE_REQUIRED.
        """
        ...

    def login_step(
        self,
        email: str,
        password: str,
        *,
        session_token: str | None = None,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> LoginStep:
        """As `login`; where that raises SECOND_FACTOR_REQUIRED or PASSWORD_CHANGE_REQUIRED this answers their
        `Challenge`.
        """
        ...

    def validate(
        self,
        session_token: str,
        email: str | None = None,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> SessionUser:
        """Tells whose live session a token is; the session must belong to the e-mail, which is the token's own where
        none is given.

        It asks the server every time, so a session that was ended a moment ago is refused. It is repeated freely.

        Reasons: INVALID_ARGUMENT, API_KEY_INVALID, SESSION_INVALID, SESSION_EXPIRED, SESSION_REVOKED.
        """
        ...

    def change_password(
        self,
        session_token: str,
        new_password: str,
        *,
        current_password: str | None = None,
        code: str | None = None,
        email: str | None = None,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> int:
        """Sets a new password, ends the user's other sessions and tells how many those were.

        `current_password` must be right where it is given; a server of the profile "strict" demands it. A user with a
        second factor needs `code`, of the authenticator app or a recovery code, and where the session's login is older
        than 15 minutes `current_password`. The e-mail is the token's own where none is given. After a lost reply the
        call is not repeated: log in to find out.

        Reasons: INVALID_ARGUMENT, PASSWORD_POLICY, API_KEY_INVALID, SESSION_INVALID, SESSION_EXPIRED, SESSION_REVOKED,
        OVERLOADED, CREDENTIALS_INVALID, REAUTHENTICATION_REQUIRED, CODE_INVALID, ACCOUNT_LOCKED, ACCESS_DENIED.
        """
        ...

    def logout(
        self,
        session_token: str,
        email: str | None = None,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> None:
        """Ends a session; the e-mail is the token's own where none is given. Ending one again, or one that has
        expired, is a success. It is repeated freely.

        Reasons: INVALID_ARGUMENT, API_KEY_INVALID, SESSION_INVALID.
        """
        ...

    def close(self) -> None:
        """Closes the connection; running calls and later ones end with the code CANCELLED."""
        ...


class AsyncAuthFlow(AsyncAccounts, AsyncSecondFactors, Protocol):
    """`AuthFlow` for asyncio: the same calls, to be awaited. Cancelling a task ends its call."""

    async def foo_bar(
        self,
        email: str,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> Nonce:
        """As `AuthFlow.foo_bar`."""
        ...

    async def sign_up(
        self,
        email: str,
        password: str,
        fullname: str,
        *,
        disclaimed: bool,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> User:
        """As `AuthFlow.sign_up`."""
        ...

    async def login(
        self,
        email: str,
        password: str,
        *,
        session_token: str | None = None,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> Session:
        """As `AuthFlow.login`."""
        ...

    async def login_step(
        self,
        email: str,
        password: str,
        *,
        session_token: str | None = None,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> LoginStep:
        """As `AuthFlow.login_step`."""
        ...

    async def validate(
        self,
        session_token: str,
        email: str | None = None,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> SessionUser:
        """As `AuthFlow.validate`."""
        ...

    async def change_password(
        self,
        session_token: str,
        new_password: str,
        *,
        current_password: str | None = None,
        code: str | None = None,
        email: str | None = None,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> int:
        """As `AuthFlow.change_password`."""
        ...

    async def logout(
        self,
        session_token: str,
        email: str | None = None,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> None:
        """As `AuthFlow.logout`."""
        ...

    async def close(self) -> None:
        """As `AuthFlow.close`."""
        ...
