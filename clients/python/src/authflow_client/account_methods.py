"""The calls about accounts as methods, over whatever runs them."""

from __future__ import annotations

from abc import abstractmethod
from typing import TypeVar

from . import account_calls as calls
from .account_interfaces import Accounts, AsyncAccounts
from .arguments import hidden, hidden_async
from .calls import Call, Visitor
from .results import Account, MySession, PasswordReset, Session, VerifiedEmail

T = TypeVar("T")


class BlockingAccountMethods(Accounts):
    """`Accounts`."""

    @abstractmethod
    def _run(self, call: Call[T], timeout: float | None) -> T: ...

    @hidden
    def me(
        self,
        session_token: str,
        email: str | None = None,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> Account:
        return self._run(calls.me(session_token, email, Visitor(client_ip, user_agent)), timeout)

    @hidden
    def send_verification_email(
        self,
        email: str,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> None:
        self._run(calls.send_verification_email(email, Visitor(client_ip, user_agent)), timeout)

    @hidden
    def verify_email(
        self,
        token: str,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> VerifiedEmail:
        return self._run(calls.verify_email(token, Visitor(client_ip, user_agent)), timeout)

    @hidden
    def forgot_password(
        self,
        email: str,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> None:
        self._run(calls.forgot_password(email, Visitor(client_ip, user_agent)), timeout)

    @hidden
    def reset_password(
        self,
        token: str,
        new_password: str,
        *,
        current_password: str | None = None,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> PasswordReset:
        call = calls.reset_password(token, new_password, current_password, Visitor(client_ip, user_agent))
        return self._run(call, timeout)

    @hidden
    def renew_session(
        self,
        session_token: str,
        email: str | None = None,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> Session:
        return self._run(calls.renew_session(session_token, email, Visitor(client_ip, user_agent)), timeout)

    @hidden
    def list_my_sessions(
        self,
        session_token: str,
        email: str | None = None,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> list[MySession]:
        return self._run(calls.list_my_sessions(session_token, email, Visitor(client_ip, user_agent)), timeout)

    @hidden
    def end_my_sessions(
        self,
        session_token: str,
        session_id: str | None = None,
        *,
        email: str | None = None,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> int:
        call = calls.end_my_sessions(session_token, email, session_id, Visitor(client_ip, user_agent))
        return self._run(call, timeout)

    @hidden
    def update_profile(
        self,
        session_token: str,
        fullname: str,
        *,
        email: str | None = None,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> Account:
        return self._run(calls.update_profile(session_token, email, fullname, Visitor(client_ip, user_agent)), timeout)

    @hidden
    def change_email(
        self,
        session_token: str,
        new_email: str,
        *,
        current_password: str | None = None,
        code: str | None = None,
        email: str | None = None,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> None:
        call = calls.change_email(
            session_token, email, new_email, current_password, code, Visitor(client_ip, user_agent)
        )
        self._run(call, timeout)

    @hidden
    def delete_account(
        self,
        session_token: str,
        *,
        current_password: str | None = None,
        code: str | None = None,
        email: str | None = None,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> int:
        call = calls.delete_account(session_token, email, current_password, code, Visitor(client_ip, user_agent))
        return self._run(call, timeout)


class AsyncAccountMethods(AsyncAccounts):
    """`AsyncAccounts`."""

    @abstractmethod
    async def _run(self, call: Call[T], timeout: float | None) -> T: ...

    @hidden_async
    async def me(
        self,
        session_token: str,
        email: str | None = None,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> Account:
        return await self._run(calls.me(session_token, email, Visitor(client_ip, user_agent)), timeout)

    @hidden_async
    async def send_verification_email(
        self,
        email: str,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> None:
        await self._run(calls.send_verification_email(email, Visitor(client_ip, user_agent)), timeout)

    @hidden_async
    async def verify_email(
        self,
        token: str,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> VerifiedEmail:
        return await self._run(calls.verify_email(token, Visitor(client_ip, user_agent)), timeout)

    @hidden_async
    async def forgot_password(
        self,
        email: str,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> None:
        await self._run(calls.forgot_password(email, Visitor(client_ip, user_agent)), timeout)

    @hidden_async
    async def reset_password(
        self,
        token: str,
        new_password: str,
        *,
        current_password: str | None = None,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> PasswordReset:
        call = calls.reset_password(token, new_password, current_password, Visitor(client_ip, user_agent))
        return await self._run(call, timeout)

    @hidden_async
    async def renew_session(
        self,
        session_token: str,
        email: str | None = None,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> Session:
        return await self._run(calls.renew_session(session_token, email, Visitor(client_ip, user_agent)), timeout)

    @hidden_async
    async def list_my_sessions(
        self,
        session_token: str,
        email: str | None = None,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> list[MySession]:
        return await self._run(calls.list_my_sessions(session_token, email, Visitor(client_ip, user_agent)), timeout)

    @hidden_async
    async def end_my_sessions(
        self,
        session_token: str,
        session_id: str | None = None,
        *,
        email: str | None = None,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> int:
        call = calls.end_my_sessions(session_token, email, session_id, Visitor(client_ip, user_agent))
        return await self._run(call, timeout)

    @hidden_async
    async def update_profile(
        self,
        session_token: str,
        fullname: str,
        *,
        email: str | None = None,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> Account:
        call = calls.update_profile(session_token, email, fullname, Visitor(client_ip, user_agent))
        return await self._run(call, timeout)

    @hidden_async
    async def change_email(
        self,
        session_token: str,
        new_email: str,
        *,
        current_password: str | None = None,
        code: str | None = None,
        email: str | None = None,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> None:
        call = calls.change_email(
            session_token, email, new_email, current_password, code, Visitor(client_ip, user_agent)
        )
        await self._run(call, timeout)

    @hidden_async
    async def delete_account(
        self,
        session_token: str,
        *,
        current_password: str | None = None,
        code: str | None = None,
        email: str | None = None,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> int:
        call = calls.delete_account(session_token, email, current_password, code, Visitor(client_ip, user_agent))
        return await self._run(call, timeout)
