"""A fake for tests: the clients' interface, with users and sessions in memory and no server.

Its tokens begin with `fake.`, and a server refuses them. It sends no mail, and keeps what it would send.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TypeVar

from authflow_client.calls import Call
from authflow_client.methods import AsyncMethods, BlockingMethods

from .accounts import FakeAccounts, Mail

__all__ = ["AsyncAuthFlowFake", "AuthFlowFake", "Mail"]

T = TypeVar("T")
_WEEK = timedelta(days=7)


class _Beside:
    """What is done beside the calls."""

    _service: FakeAccounts

    @property
    def mails(self) -> list[Mail]:
        """What would have been sent, the oldest first: one for each call that asked, however often."""
        return self._service.mails()

    def set_roles(self, email: str, *roles: str) -> None:
        """Gives a user these roles and no others, as a backend does by UserService; LookupError where there is none.

        A role that is taken away ends the user's sessions.
        """
        self._service.set_roles(email, roles)

    def advance(self, by: timedelta) -> None:
        """Puts the fake's clock forward: sessions and tokens of mails end, and logins are no longer fresh."""
        self._service.advance(by)


class AuthFlowFake(_Beside, BlockingMethods):
    """`AuthFlow` without a server, with the reasons of a real one. Safe for threads.

    It knows the users that were signed up at it, and no limits: nothing is repeated, locked or overloaded, and the
    session that a device had before makes no difference to a login.
    """

    #: While this is True every call fails as it does where nobody answers: UNAVAILABLE without a reason.
    unreachable: bool

    def __init__(self, *, session_ttl: timedelta = _WEEK) -> None:
        """session_ttl: how long a session lives; one of 0 has expired when it begins."""
        self._service = FakeAccounts(session_ttl)
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
        self._service = FakeAccounts(session_ttl)
        self.unreachable = False

    async def close(self) -> None:
        """As `AuthFlowFake.close`."""
        self._service.close()

    async def _run(self, call: Call[T], timeout: float | None) -> T:
        return self._service.run(call, unreachable=self.unreachable)
