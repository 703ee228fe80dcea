"""The calls about second factors as methods, over whatever runs them."""

from __future__ import annotations

from abc import abstractmethod
from datetime import datetime
from typing import TypeVar

from . import account_calls
from . import second_factor_calls as calls
from .arguments import hidden, hidden_async
from .calls import Call, Visitor
from .results import RecoveredSession
from .second_factor_interfaces import AsyncSecondFactors, SecondFactors
from .second_factor_results import Challenge, ConfirmedTotp, LoginCode, LoginStep, TotpSetup

T = TypeVar("T")


class BlockingSecondFactorMethods(SecondFactors):
    """`SecondFactors`."""

    @abstractmethod
    def _run(self, call: Call[T], timeout: float | None) -> T: ...

    @hidden
    def enable_totp(
        self,
        session_token: str | None = None,
        *,
        challenge: str | None = None,
        current_password: str | None = None,
        email: str | None = None,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> TotpSetup:
        call = calls.enable_totp(session_token, email, challenge, current_password, Visitor(client_ip, user_agent))
        return self._run(call, timeout)

    @hidden
    def confirm_totp(
        self,
        session_token: str | None = None,
        *,
        code: str,
        challenge: str | None = None,
        email: str | None = None,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> ConfirmedTotp:
        call = calls.confirm_totp(session_token, email, challenge, code, Visitor(client_ip, user_agent))
        return self._run(call, timeout)

    @hidden
    def disable_totp(
        self,
        session_token: str,
        code: str,
        *,
        current_password: str | None = None,
        email: str | None = None,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> None:
        call = calls.disable_totp(session_token, email, code, current_password, Visitor(client_ip, user_agent))
        self._run(call, timeout)

    @hidden
    def regenerate_recovery_codes(
        self,
        session_token: str,
        code: str,
        *,
        current_password: str | None = None,
        email: str | None = None,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> tuple[str, ...]:
        call = calls.regenerate_recovery_codes(
            session_token, email, code, current_password, Visitor(client_ip, user_agent)
        )
        return self._run(call, timeout)

    @hidden
    def verify_totp(
        self,
        challenge: str,
        code: str,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> LoginStep:
        return self._run(calls.verify_totp(challenge, code, Visitor(client_ip, user_agent)), timeout)

    @hidden
    def send_email_code(
        self,
        challenge: str,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> datetime:
        return self._run(calls.send_email_code(challenge, Visitor(client_ip, user_agent)), timeout)

    @hidden
    def verify_email_code(
        self,
        challenge: str,
        code: str,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> LoginStep:
        return self._run(calls.verify_email_code(challenge, code, Visitor(client_ip, user_agent)), timeout)

    @hidden
    def verify_recovery_code(
        self,
        challenge: str,
        recovery_code: str,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> RecoveredSession | Challenge:
        return self._run(calls.verify_recovery_code(challenge, recovery_code, Visitor(client_ip, user_agent)), timeout)

    @hidden
    def send_login_code(
        self,
        email: str,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> LoginCode:
        return self._run(account_calls.send_login_code(email, Visitor(client_ip, user_agent)), timeout)


class AsyncSecondFactorMethods(AsyncSecondFactors):
    """`AsyncSecondFactors`."""

    @abstractmethod
    async def _run(self, call: Call[T], timeout: float | None) -> T: ...

    @hidden_async
    async def enable_totp(
        self,
        session_token: str | None = None,
        *,
        challenge: str | None = None,
        current_password: str | None = None,
        email: str | None = None,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> TotpSetup:
        call = calls.enable_totp(session_token, email, challenge, current_password, Visitor(client_ip, user_agent))
        return await self._run(call, timeout)

    @hidden_async
    async def confirm_totp(
        self,
        session_token: str | None = None,
        *,
        code: str,
        challenge: str | None = None,
        email: str | None = None,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> ConfirmedTotp:
        call = calls.confirm_totp(session_token, email, challenge, code, Visitor(client_ip, user_agent))
        return await self._run(call, timeout)

    @hidden_async
    async def disable_totp(
        self,
        session_token: str,
        code: str,
        *,
        current_password: str | None = None,
        email: str | None = None,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> None:
        call = calls.disable_totp(session_token, email, code, current_password, Visitor(client_ip, user_agent))
        await self._run(call, timeout)

    @hidden_async
    async def regenerate_recovery_codes(
        self,
        session_token: str,
        code: str,
        *,
        current_password: str | None = None,
        email: str | None = None,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> tuple[str, ...]:
        call = calls.regenerate_recovery_codes(
            session_token, email, code, current_password, Visitor(client_ip, user_agent)
        )
        return await self._run(call, timeout)

    @hidden_async
    async def verify_totp(
        self,
        challenge: str,
        code: str,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> LoginStep:
        return await self._run(calls.verify_totp(challenge, code, Visitor(client_ip, user_agent)), timeout)

    @hidden_async
    async def send_email_code(
        self,
        challenge: str,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> datetime:
        return await self._run(calls.send_email_code(challenge, Visitor(client_ip, user_agent)), timeout)

    @hidden_async
    async def verify_email_code(
        self,
        challenge: str,
        code: str,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> LoginStep:
        return await self._run(calls.verify_email_code(challenge, code, Visitor(client_ip, user_agent)), timeout)

    @hidden_async
    async def verify_recovery_code(
        self,
        challenge: str,
        recovery_code: str,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> RecoveredSession | Challenge:
        call = calls.verify_recovery_code(challenge, recovery_code, Visitor(client_ip, user_agent))
        return await self._run(call, timeout)

    @hidden_async
    async def send_login_code(
        self,
        email: str,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> LoginCode:
        return await self._run(account_calls.send_login_code(email, Visitor(client_ip, user_agent)), timeout)
