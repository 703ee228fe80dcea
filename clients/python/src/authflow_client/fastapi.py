"""Dependencies for FastAPI: a session as a parameter of an endpoint, with its security scheme in the OpenAPI page."""

# No `from __future__ import annotations`: FastAPI reads the annotations of inner functions at run time.

from typing import Annotated, Any, Callable, Optional

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.openapi.models import APIKey, APIKeyIn, HTTPBearer
from fastapi.responses import JSONResponse
from fastapi.security.base import SecurityBase
from starlette.requests import HTTPConnection

from .arguments import without_frames
from .bearer import Bearer, read_token
from .errors import AuthFlowError
from .guard import Admitted, AsyncValidator, Guard, OnError, Refusal, checked_async_validator, report
from .hooks import LOGGER
from .http_answers import body_of, headers_of, status_of
from .previous_session import keep_previous_session
from .results import SessionUser
from .roles import RoleCheck
from .sources import Extract, bearer_token, checked_source, cookie_value


class SessionRefused(HTTPException):
    """A request without a live session (401), without a role that is needed (403), or that cannot be checked (503).

    `install_error_handlers` answers it in the shape of the server's own errors; FastAPI alone answers that as "detail".
    """

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(status_of(refusal), detail=body_of(refusal), headers=headers_of(refusal))


class Sessions:
    """Reads sessions for endpoints, by `Depends` of its attributes. An endpoint asks the server once.

    One serves a whole application.
    """

    #: The user of a live session; a request without one is answered 401.
    current_user: Callable[..., Any]
    #: The user of a live session, or None.
    optional_user: Callable[..., Any]
    #: The token of a live session, for `logout` and `change_password`; a request without one is answered 401.
    session_token: Callable[..., Any]
    #: For the endpoint of a login: its `login` tells the server the session token that the request came with, live or
    #: not, and nobody is asked about it. The others do so too.
    previous_session: Callable[..., Any]

    def __init__(
        self,
        client: AsyncValidator,
        *,
        cookie: Optional[str] = None,
        extract: Optional[Extract[HTTPConnection]] = None,
        remember: float = 0.0,
        on_error: Optional[OnError] = None,
    ) -> None:
        """Makes the dependencies; ValueError or TypeError where an option cannot work.

        client: any `AsyncAuthFlow`, so that a fake serves in tests.
        cookie: the name of the cookie that holds the token, in place of `Authorization: Bearer <token>`.
        extract: makes the token of the Request or WebSocket, in place of the header.
        remember: for how many seconds a session that was valid is let in again without asking the server, at most 1
        and never beyond its expiry; a logout is seen that much later. At most 10,000 sessions are remembered.
        on_error: is handed the error behind every 503; without it that goes to the logger `authflow_client`.
        """
        checked_source(cookie, extract)
        admission = _Admission(client, cookie, extract, Guard(remember, optional=False), on_error)

        async def current_user(outcome: Annotated[_Outcome, Depends(admission)]) -> SessionUser:
            return outcome.required().user

        async def optional_user(outcome: Annotated[_Outcome, Depends(admission)]) -> Optional[SessionUser]:
            admitted = outcome.optional()
            return admitted and admitted.user

        async def session_token(outcome: Annotated[_Outcome, Depends(admission)]) -> str:
            return outcome.required().session_token

        self.current_user = current_user
        self.optional_user = optional_user

        async def previous_session(connection: HTTPConnection) -> None:
            keep_previous_session(admission.bearer(connection))

        self.session_token = session_token
        self.previous_session = previous_session
        self._admission = admission

    def require_role(self, *roles: str) -> Callable[..., Any]:
        """Makes a dependency that is the user of a live session with at least one of the roles.

        A request of any other user is answered 403, and one without a session 401. ValueError where there is no role,
        or one that no user can have.
        """
        required = RoleCheck(roles)

        async def user_with_role(outcome: Annotated[_Outcome, Depends(self._admission)]) -> SessionUser:
            user = outcome.required().user
            try:
                required.check(user)
            except Refusal as refusal:
                raise SessionRefused(refusal) from None
            return user

        return user_with_role


def install_error_handlers(app: FastAPI) -> None:
    """Answers what an endpoint does not catch in the shape of the server's own errors: refused sessions, and every
    AuthFlowError with its HTTP status. What is 500 or more goes to the logger `authflow_client`.
    """

    async def answer_error(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, AuthFlowError)
        if error.http_status >= 500:
            LOGGER.error("a call failed: %s", error)
        return JSONResponse(error.to_dict(), error.http_status)

    async def answer_refusal(_: Request, refused: Exception) -> JSONResponse:
        assert isinstance(refused, SessionRefused)
        return JSONResponse(refused.detail, refused.status_code, refused.headers)

    app.add_exception_handler(AuthFlowError, answer_error)
    app.add_exception_handler(SessionRefused, answer_refusal)


class _Outcome:
    """What came of asking about a session."""

    def __init__(self, admitted: Optional[Admitted], refusal: Optional[Refusal]) -> None:
        self._admitted = admitted
        self._refusal = refusal

    def required(self) -> Admitted:
        if self._admitted is None:
            assert self._refusal is not None
            raise SessionRefused(self._refusal) from self._refusal
        return self._admitted

    def optional(self) -> Optional[Admitted]:
        if self._refusal is not None and self._refusal.failure is not None:
            raise SessionRefused(self._refusal) from self._refusal
        return self._admitted


class _Admission(SecurityBase):
    """The security scheme, which FastAPI asks once for each request."""

    def __init__(
        self,
        client: AsyncValidator,
        cookie: Optional[str],
        extract: Optional[Extract[HTTPConnection]],
        guard: Guard,
        on_error: Optional[OnError],
    ) -> None:
        self.scheme_name = "AuthFlow"
        self.model = HTTPBearer(bearerFormat="JWT") if cookie is None else _cookie_model(cookie)
        self._client = checked_async_validator(client)
        self._cookie = cookie
        self._extract = extract
        self._guard = guard
        self._on_error = on_error

    async def __call__(self, connection: HTTPConnection) -> _Outcome:
        bearer = self.bearer(connection)
        # The endpoint shares the context: dependencies that are coroutines run in its task.
        keep_previous_session(bearer)
        try:
            return _Outcome(await self._guard.admit_async(self._client, bearer), None)
        except Refusal as refusal:
            report(self._on_error, refusal)
            # The frames that it passed hold the token: error trackers record locals.
            return _Outcome(None, without_frames(refusal))

    def bearer(self, connection: HTTPConnection) -> Optional[Bearer]:
        return read_token(self._token(connection))

    def _token(self, connection: HTTPConnection) -> Optional[str]:
        if self._extract is not None:
            return self._extract(connection)
        if self._cookie is not None:
            return cookie_value(connection.headers.getlist("cookie"), self._cookie)
        return bearer_token(connection.headers.getlist("authorization"))


def _cookie_model(name: str) -> APIKey:
    # Its field is called "in", which Python cannot write as an argument.
    return APIKey.model_validate({"in": APIKeyIn.cookie, "name": name})
