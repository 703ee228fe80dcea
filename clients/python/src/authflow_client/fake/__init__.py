"""A fake for tests: the clients' interface, with users and sessions in memory and no server.

Its tokens begin with `fake.`, and a server refuses them. It sends no mail, and keeps what it would send.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TypeVar

from authflow_client.calls import Call
from authflow_client.methods import AsyncMethods, BlockingMethods

from .accounts import Mail
from .managed import ManagedFake

__all__ = ["AsyncAuthFlowFake", "AuthFlowFake", "Mail"]

T = TypeVar("T")
_WEEK = timedelta(days=7)


class _Beside:
    """What is done beside the calls."""

    _service: ManagedFake

    @property
    def mails(self) -> list[Mail]:
        """What would have been sent, the oldest first: one for each call that asked, however often."""
        return self._service.mails()

    def set_roles(self, email: str, *roles: str) -> None:
        """Gives a user these roles and no others, as a backend does by UserService; LookupError where there is none.

        A role that is taken away ends the user's sessions.
        """
        self._service.set_roles(email, roles)

    def set_password(self, email: str, password: str, *, must_change: bool = False) -> None:
        """Gives a user another password, and ends all sessions, as UserService.SetPassword does; LookupError where
        there is no such user, and PASSWORD_POLICY where a server would refuse it.

        must_change: whether the user must set another before the next login.
        """
        self._service.set_password(email, password, must_change=must_change)

    def disable_user(self, email: str) -> None:
        """Lets a user no longer in, and ends all sessions; LookupError where there is none."""
        self._service.set_disabled(email, is_disabled=True)

    def enable_user(self, email: str) -> None:
        """Lets a user in again; LookupError where there is none."""
        self._service.set_disabled(email, is_disabled=False)

    def unlock_user(self, email: str) -> None:
        """Begins the counts of a user's wrong codes anew; LookupError where there is none."""
        self._service.unlock(email)

    def reset_second_factor(self, email: str) -> None:
        """Takes a user's second factor off, and ends all sessions; LookupError where there is no such user."""
        self._service.reset_second_factor(email)

    def set_organization(
        self,
        *,
        require_verified_email: bool | None = None,
        login_by_email: bool | None = None,
        second_factor: str | None = None,
    ) -> None:
        """Changes the organization's settings that are given, as OrganizationService.UpdateOrganization does.

        require_verified_email: whether logins need a proven e-mail; they do not at first.
        login_by_email: whether `send_login_code` is taken; it is not at first.
        second_factor: "optional", as at first, "required" or "off"; ValueError where it is another.
        """
        self._service.set_organization(
            require_verified_email=require_verified_email, login_by_email=login_by_email, second_factor=second_factor
        )

    def totp_code(self, secret: str) -> str:
        """What an authenticator app shows for a secret of `enable_totp`, by the fake's clock. Each code is good once:
        `advance` by 30 seconds brings the next one.
        """
        return self._service.totp_code(secret)

    def advance(self, by: timedelta) -> None:
        """Puts the fake's clock forward: sessions, challenges, codes and tokens of mails end, and logins are no longer
        fresh.
        """
        self._service.advance(by)


class AuthFlowFake(_Beside, BlockingMethods):
    """`AuthFlow` without a server, with the reasons of a real one. Safe for threads.

    It knows the users that were signed up at it, and no limits but those of wrong codes: nothing is repeated or
    overloaded, no wrong password locks anybody, and the session that a device had before makes no difference to a
    login. The image of `enable_totp` shows its link in letters.
    """

    #: While this is True every call fails as it does where nobody answers: UNAVAILABLE without a reason.
    unreachable: bool

    def __init__(self, *, session_ttl: timedelta = _WEEK) -> None:
        """session_ttl: how long a session lives; one of 0 has expired when it begins."""
        self._service = ManagedFake(session_ttl)
        self.unreachable = False

    def close(self) -> None:
        """Later calls end with the code CANCELLED."""
        self._service.close()

    def _run(self, call: Call[T], timeout: float | None) -> T:
        return self._service.run(call, unreachable=self.unreachable)


class AsyncAuthFlowFake(_Beside, AsyncMethods):
    """`AuthFlowFake` for asyncio."""

    #: As `AuthFlowFake.unreachable`.
    unreachable: bool

    def __init__(self, *, session_ttl: timedelta = _WEEK) -> None:
        """As `AuthFlowFake`."""
        self._service = ManagedFake(session_ttl)
        self.unreachable = False

    async def close(self) -> None:
        """As `AuthFlowFake.close`."""
        self._service.close()

    async def _run(self, call: Call[T], timeout: float | None) -> T:
        return self._service.run(call, unreachable=self.unreachable)
