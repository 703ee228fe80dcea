"""What all middleware has in common: from a session token to the user of a session, or to a refusal."""

from __future__ import annotations

import inspect
import time
from collections.abc import Awaitable, Mapping
from typing import Any, Callable, NamedTuple, Protocol

from .bearer import Bearer
from .errors import AuthFlowError
from .hooks import LOGGER, tell
from .memory import Memory
from .methods import AsyncMethods, BlockingMethods
from .reasons import Reason
from .results import SessionUser

#: Where a request carries what it was let in with.
KEY = "authflow"

OnError = Callable[[Exception], object]


class Validator(Protocol):
    """Tells whose session a token is; every `AuthFlow` is one. It must be safe for threads."""

    def validate(self, session_token: str, email: str) -> SessionUser: ...


class AsyncValidator(Protocol):
    """Tells whose session a token is; every `AsyncAuthFlow` is one."""

    def validate(self, session_token: str, email: str) -> Awaitable[SessionUser]: ...


class Admitted(NamedTuple):
    """Who was let in."""

    user: SessionUser
    session_token: str

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.user!r})"


def checked_validator(client: Validator) -> Validator:
    """The same; TypeError where it is one for asyncio."""
    if isinstance(client, AsyncMethods) or inspect.iscoroutinefunction(client.validate):
        raise TypeError(f"this middleware is synchronous, and needs a Client or AuthFlowFake, not {_kind(client)}")
    return client


def checked_async_validator(client: AsyncValidator) -> AsyncValidator:
    """The same; TypeError where it is a client or fake for threads."""
    if isinstance(client, BlockingMethods):
        raise TypeError(
            f"this middleware is asynchronous, and needs an AsyncClient or AsyncAuthFlowFake, not {_kind(client)}"
        )
    return client


def _kind(client: object) -> str:
    return type(client).__name__


def admitted_of(request: Mapping[str, Any]) -> Admitted:
    """Who a request was let in as; LookupError where it carries nobody."""
    admitted: Admitted | None = request.get(KEY)
    if admitted is None:
        raise LookupError(
            "the request has no user: AuthFlowMiddleware is not before the application, is optional, "
            "or lets this path through"
        )
    return admitted


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

    def __init__(self, remember: float, *, optional: bool) -> None:
        self._memory = Memory(remember)
        self._optional = optional

    def admit(self, validator: Validator, came: Bearer | None) -> Admitted | None:
        """Who a session token lets in; `Refusal` where the request is not let in, None where it is without a user."""
        try:
            bearer, user = self._begin(came)
            if user is None:
                asked_at = time.monotonic()
                try:
                    user = validator.validate(bearer.token, bearer.email)
                except Exception as error:
                    raise _refusal_of(error) from None
                self._memory.keep(bearer.token, user, asked_at)
        except Refusal as refusal:
            if self._optional and refusal.failure is None:
                return None
            raise
        return Admitted(user, bearer.token)

    async def admit_async(self, validator: AsyncValidator, came: Bearer | None) -> Admitted | None:
        """As `admit`."""
        try:
            bearer, user = self._begin(came)
            if user is None:
                asked_at = time.monotonic()
                try:
                    user = await validator.validate(bearer.token, bearer.email)
                except Exception as error:
                    raise _refusal_of(error) from None
                self._memory.keep(bearer.token, user, asked_at)
        except Refusal as refusal:
            if self._optional and refusal.failure is None:
                return None
            raise
        return Admitted(user, bearer.token)

    def _begin(self, bearer: Bearer | None) -> tuple[Bearer, SessionUser | None]:
        if bearer is None:
            raise Refusal(Reason.SESSION_INVALID, "A session token is needed.")
        return bearer, self._memory.recall(bearer.token)


def report(on_error: Callable[..., object] | None, refusal: Refusal, *where: str) -> None:
    """Hands the error behind a 503 to the hook, or to the log where there is none."""
    if refusal.failure is None:
        return
    if on_error is None:
        LOGGER.error("a session could not be checked: %s", refusal.failure)
    tell(on_error, *where, refusal.failure)


def _refusal_of(error: Exception) -> Refusal:
    if error.__traceback__ is not None:
        # The first frame is the guard's, which holds the token: error trackers record locals.
        error.__traceback__ = error.__traceback__.tb_next
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
