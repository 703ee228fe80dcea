"""The calls as methods, over whatever runs them: what a client and its fake have in common."""

from __future__ import annotations

from types import TracebackType
from typing import TypeVar

from . import calls
from .account_methods import AsyncAccountMethods, BlockingAccountMethods
from .arguments import hidden, hidden_async
from .calls import Visitor
from .interfaces import AsyncAuthFlow, AuthFlow
from .results import Nonce, Session, SessionUser, User
from .second_factor_methods import AsyncSecondFactorMethods, BlockingSecondFactorMethods
from .second_factor_results import LoginStep

B = TypeVar("B", bound="BlockingMethods")
A = TypeVar("A", bound="AsyncMethods")


class BlockingMethods(BlockingAccountMethods, BlockingSecondFactorMethods, AuthFlow):
    """`AuthFlow`, as a context manager that closes it."""

    @hidden
    def foo_bar(
        self,
        email: str,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> Nonce:
        return self._run(calls.foo_bar(email, Visitor(client_ip, user_agent)), timeout)

    @hidden
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
        visitor = Visitor(client_ip, user_agent)
        return self._run(calls.sign_up(email, password, fullname, disclaimed, visitor), timeout)

    @hidden
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
        return self._run(calls.login(email, password, session_token, Visitor(client_ip, user_agent)), timeout)

    @hidden
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
        return self._run(calls.login_step(email, password, session_token, Visitor(client_ip, user_agent)), timeout)

    @hidden
    def validate(
        self,
        session_token: str,
        email: str | None = None,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> SessionUser:
        return self._run(calls.validate(session_token, email, Visitor(client_ip, user_agent)), timeout)

    @hidden
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
        call = calls.change_password(
            session_token, email, new_password, current_password, code, Visitor(client_ip, user_agent)
        )
        return self._run(call, timeout)

    @hidden
    def logout(
        self,
        session_token: str,
        email: str | None = None,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> None:
        self._run(calls.logout(session_token, email, Visitor(client_ip, user_agent)), timeout)

    def __enter__(self: B) -> B:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncMethods(AsyncAccountMethods, AsyncSecondFactorMethods, AsyncAuthFlow):
    """`AsyncAuthFlow`, as an async context manager that closes it."""

    @hidden_async
    async def foo_bar(
        self,
        email: str,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> Nonce:
        return await self._run(calls.foo_bar(email, Visitor(client_ip, user_agent)), timeout)

    @hidden_async
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
        visitor = Visitor(client_ip, user_agent)
        return await self._run(calls.sign_up(email, password, fullname, disclaimed, visitor), timeout)

    @hidden_async
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
        return await self._run(calls.login(email, password, session_token, Visitor(client_ip, user_agent)), timeout)

    @hidden_async
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
        call = calls.login_step(email, password, session_token, Visitor(client_ip, user_agent))
        return await self._run(call, timeout)

    @hidden_async
    async def validate(
        self,
        session_token: str,
        email: str | None = None,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> SessionUser:
        return await self._run(calls.validate(session_token, email, Visitor(client_ip, user_agent)), timeout)

    @hidden_async
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
        call = calls.change_password(
            session_token, email, new_password, current_password, code, Visitor(client_ip, user_agent)
        )
        return await self._run(call, timeout)

    @hidden_async
    async def logout(
        self,
        session_token: str,
        email: str | None = None,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> None:
        await self._run(calls.logout(session_token, email, Visitor(client_ip, user_agent)), timeout)

    async def __aenter__(self: A) -> A:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
