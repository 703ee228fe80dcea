"""WSGI middleware: for Flask, Django and every other WSGI application."""

from __future__ import annotations

import json
from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Callable

from .bearer import Bearer, read_token
from .guard import KEY, Admitted, Guard, OnError, Refusal, Validator, admitted_of, checked_validator, report
from .http_answers import body_of, headers_of, status_of
from .previous_session import previous_session
from .public import Public, public_paths
from .results import SessionUser
from .roles import RoleCheck
from .sources import Extract, bearer_token, checked_source, cookie_value

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

Environ = dict[str, Any]


def user_of(environ: Environ) -> SessionUser:
    """The user of a request that `AuthFlowMiddleware` let in: Flask has the environ as `request.environ`, Django as
    `request.META`.

    LookupError where it has none: the middleware is not before the application, is optional, or lets the path through.
    """
    return admitted_of(environ).user


def optional_user_of(environ: Environ) -> SessionUser | None:
    """As `user_of`; None where the request has no user."""
    admitted: Admitted | None = environ.get(KEY)
    return admitted and admitted.user


def session_token_of(environ: Environ) -> str:
    """The session token of such a request, for `logout` and `change_password`. LookupError as `user_of`."""
    return admitted_of(environ).session_token


class AuthFlowMiddleware:
    """Lets requests through that carry a live session, as `Authorization: Bearer <token>` unless it is told otherwise.

    Their application finds the user by `user_of`, and the token by `session_token_of`. Other requests never reach it:
    those without a live session are answered 401, and 503 those whose session cannot be checked. A `login` of the
    application, on public paths too, tells the server the session token that the request came with, until the
    application has returned its answer. Safe for threads.
    """

    def __init__(
        self,
        app: WSGIApplication,
        client: Validator,
        *,
        cookie: str | None = None,
        extract: Extract[Environ] | None = None,
        optional: bool = False,
        public: Public[Environ] = (),
        remember: float = 0.0,
        on_error: OnError | None = None,
    ) -> None:
        """Puts itself before an application; ValueError or TypeError where an option cannot work.

        client: any `AuthFlow`, so that a fake serves in tests.
        cookie: the name of the cookie that holds the token, in place of the header.
        extract: makes the token of the environ, in place of the header; also where the path is public.
        optional: lets those through without a user who have no live session.
        public: paths that are let through unasked, below where the application is mounted: `/login` is one,
        `/assets/*` is all that begins so. Or a function of the environ.
        remember: for how many seconds a session that was valid is let in again without asking the server, at most 1
        and never beyond its expiry; a logout is seen that much later. At most 10,000 sessions are remembered.
        on_error: is handed the error behind every 503; without it that goes to the logger `authflow_client`.
        """
        checked_source(cookie, extract)
        self._app = app
        self._client = checked_validator(client)
        self._cookie = cookie
        self._extract = extract
        self._is_public = public_paths(public, _path, _sent_path)
        self._guard = Guard(remember, optional=optional)
        self._on_error = on_error

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        bearer = self._bearer(environ)
        if not self._is_public(environ):
            try:
                environ[KEY] = self._guard.admit(self._client, bearer)
            except Refusal as refusal:
                report(self._on_error, refusal)
                return _refuse(refusal, start_response)
        with previous_session(bearer):
            return self._app(environ, start_response)

    def _bearer(self, environ: Environ) -> Bearer | None:
        return read_token(self._token(environ))

    def _token(self, environ: Environ) -> str | None:
        if self._extract is not None:
            return self._extract(environ)
        if self._cookie is not None:
            return cookie_value([environ.get("HTTP_COOKIE", "")], self._cookie)
        return bearer_token([environ.get("HTTP_AUTHORIZATION", "")])


def require_role(*roles: str) -> Callable[[WSGIApplication], WSGIApplication]:
    """Puts itself before an application that is behind `AuthFlowMiddleware`: only users with at least one of the roles
    get there. Others are answered 403, and 401 those without a session. It asks nobody.

    ValueError where there is no role, or one that no user can have.
    """
    required = RoleCheck(roles)

    def guarded(app: WSGIApplication) -> WSGIApplication:
        def run(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
            try:
                required.check(optional_user_of(environ))
            except Refusal as refusal:
                return _refuse(refusal, start_response)
            return app(environ, start_response)

        return run

    return guarded


def _path(environ: Environ) -> str:
    # WSGI decodes paths as Latin-1, whatever they are.
    return str(environ.get("PATH_INFO", "")).encode("latin-1").decode("utf-8", "replace")


def _sent_path(environ: Environ) -> str:
    # By the names of gunicorn and uWSGI; other servers do not tell.
    return str(environ.get("RAW_URI") or environ.get("REQUEST_URI") or "").partition("?")[0]


def _refuse(refusal: Refusal, start_response: StartResponse) -> list[bytes]:
    status = HTTPStatus(status_of(refusal))
    body = json.dumps(body_of(refusal)).encode()
    headers = {**headers_of(refusal), "Content-Type": "application/json", "Content-Length": str(len(body))}
    start_response(f"{status.value} {status.phrase}", list(headers.items()))
    return [body]
