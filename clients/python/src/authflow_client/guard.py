"""What all middleware has in common: from an Authorization header to the user of a session, or to a refusal."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Sequence
from typing import Protocol

from .bearer import Bearer, read_bearer
from .errors import AuthFlowError
from .memory import Memory
from .reasons import Reason
from .results import SessionUser


class Validator(Protocol):
    """Tells whose session a token is; `Client` is one. It must be safe for threads."""

    def validate(self, session_token: str, email: str) -> SessionUser: ...


class AsyncValidator(Protocol):
    """Tells whose session a token is; `AsyncClient` is one."""

    def validate(self, session_token: str, email: str) -> Awaitable[SessionUser]: ...


class Refusal(Exception):
    """Why a request is not let in."""

    def __init__(
        self, reason: str, message: str, failure: Exception | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        #: Set where it is not the session's fault that it could not be checked.
        self.failure = failure
        #: The wait that the server gave, in seconds.
        self.retry_after = retry_after


class Guard:
    """Lets requests in by their session tokens. Safe for threads and tasks."""

    def __init__(self, remember: float) -> None:
        self._memory = Memory(remember)

    def admit(self, validator: Validator, authorization: Sequence[str]) -> SessionUser:
        """The user of the session that the header's values hold; `Refusal` where the request is not let in."""
        bearer, user = self._begin(authorization)
        if user is None:
            asked_at = time.monotonic()
            try:
                user = validator.validate(bearer.token, bearer.email)
            except Exception as error:
                raise _refusal_of(error) from error
            self._memory.keep(bearer.token, user, asked_at)
        return user

    async def admit_async(self, validator: AsyncValidator, authorization: Sequence[str]) -> SessionUser:
        """As `admit`."""
        bearer, user = self._begin(authorization)
        if user is None:
            asked_at = time.monotonic()
            try:
                user = await validator.validate(bearer.token, bearer.email)
            except Exception as error:
                raise _refusal_of(error) from error
            self._memory.keep(bearer.token, user, asked_at)
        return user

    def _begin(self, authorization: Sequence[str]) -> tuple[Bearer, SessionUser | None]:
        bearer = read_bearer(authorization)
        if bearer is None:
            raise Refusal(Reason.SESSION_INVALID, "A session token is needed.")
        return bearer, self._memory.recall(bearer.token)


def _refusal_of(error: Exception) -> Refusal:
    reason = error.reason if isinstance(error, AuthFlowError) else ""
    if reason in (Reason.SESSION_INVALID, Reason.SESSION_EXPIRED, Reason.SESSION_REVOKED):
        return Refusal(reason, str(getattr(error, "message", "")))
    if reason == Reason.INVALID_ARGUMENT:
        # Token and e-mail are all that was sent, and both came from the visitor: a made-up e-mail claim is no outage.
        return Refusal(Reason.SESSION_INVALID, "The session token is not valid.")
    return Refusal(
        Reason.UNAVAILABLE,
        "The session cannot be checked at the moment.",
        error,
        error.retry_after if isinstance(error, AuthFlowError) else None,
    )
