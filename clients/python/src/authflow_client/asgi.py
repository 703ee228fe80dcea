"""ASGI middleware: for Starlette, FastAPI and every other ASGI application."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, Callable

from .bearer import Bearer, read_token
from .guard import KEY, Admitted, AsyncValidator, Guard, OnError, Refusal, admitted_of, checked_async_validator, report
from .http_answers import body_of, headers_of, status_of
from .previous_session import previous_session
from .public import Public, public_paths
from .results import SessionUser
from .roles import RoleCheck
from .sources import Extract, bearer_token, checked_source, cookie_value

if TYPE_CHECKING:
    Connection = Mapping[str, Any]
else:
    try:
        # A mapping of the scope, too; FastAPI injects it into a dependency whose parameter has this type.
        from starlette.requests import HTTPConnection as Connection
    except ImportError:
        Connection = Mapping

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_POLICY_VIOLATION = 1008


def user_of(connection: Connection) -> SessionUser:
    """The user of a request that `AuthFlowMiddleware` let in: of an ASGI scope, or of Starlette's Request or WebSocket;
    in FastAPI it is a dependency too, `Depends(user_of)`.

    LookupError where it has none: the middleware is not before the application, is optional, or lets the path through.
    """
    return admitted_of(connection).user


def optional_user_of(connection: Connection) -> SessionUser | None:
    """As `user_of`; None where the request has no user."""
    admitted: Admitted | None = connection.get(KEY)
    return admitted and admitted.user


def session_token_of(connection: Connection) -> str:
    """The session token of such a request, for `logout` and `change_password`. LookupError as `user_of`."""
    return admitted_of(connection).session_token


class AuthFlowMiddleware:
    """Lets requests through that carry a live session, as `Authorization: Bearer <token>` unless it is told otherwise.

    Their application finds the user by `user_of`, and the token by `session_token_of`. Other requests never reach it:
    those without a live session are answered 401, and 503 those whose session cannot be checked. A WebSocket is checked
    when it is opened, and not again while it lasts. A `login` of the application, on public paths too, tells the server
    the session token that the request came with.
    """

    def __init__(
        self,
        app: App,
        client: AsyncValidator,
        *,
        cookie: str | None = None,
        extract: Extract[Scope] | None = None,
        optional: bool = False,
        public: Public[Scope] = (),
        remember: float = 0.0,
        on_error: OnError | None = None,
    ) -> None:
        """Puts itself before an application; ValueError or TypeError where an option cannot work.

        client: any `AsyncAuthFlow`, so that a fake serves in tests.
        cookie: the name of the cookie that holds the token, in place of the header.
        extract: makes the token of the scope, in place of the header; also where the path is public.
        optional: lets those through without a user who have no live session.
        public: paths that are let through unasked, below where the application is mounted: `/login` is one,
        `/assets/*` is all that begins so. Or a function of the scope.
        remember: for how many seconds a session that was valid is let in again without asking the server, at most 1
        and never beyond its expiry; a logout is seen that much later. At most 10,000 sessions are remembered.
        on_error: is handed the error behind every 503; without it that goes to the logger `authflow_client`.
        """
        checked_source(cookie, extract)
        self._app = app
        self._client = checked_async_validator(client)
        self._cookie = cookie
        self._extract = extract
        self._is_public = public_paths(public, _path, _sent_path)
        self._guard = Guard(remember, optional=optional)
        self._on_error = on_error

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        bearer = self._bearer(scope)
        if self._is_public(scope):
            with previous_session(bearer):
                await self._app(scope, receive, send)
            return
        try:
            admitted = await self._guard.admit_async(self._client, bearer)
        except Refusal as refusal:
            report(self._on_error, refusal)
            await _refuse(refusal, scope, receive, send)
            return
        with previous_session(bearer):
            await self._app({**scope, KEY: admitted}, receive, send)

    def _bearer(self, scope: Scope) -> Bearer | None:
        return read_token(self._token(scope))

    def _token(self, scope: Scope) -> str | None:
        if self._extract is not None:
            return self._extract(scope)
        if self._cookie is not None:
            return cookie_value(_header(scope, b"cookie"), self._cookie)
        return bearer_token(_header(scope, b"authorization"))


def require_role(*roles: str) -> Callable[[App], App]:
    """Puts itself before an application that is behind `AuthFlowMiddleware`: only users with at least one of the roles
    get there. Others are answered 403, and 401 those without a session. It asks nobody.

    ValueError where there is no role, or one that no user can have.
    """
    required = RoleCheck(roles)

    def guarded(app: App) -> App:
        async def run(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "lifespan":
                try:
                    required.check(optional_user_of(scope))
                except Refusal as refusal:
                    await _refuse(refusal, scope, receive, send)
                    return
            await app(scope, receive, send)

        return run

    return guarded


def _path(scope: Scope) -> str:
    path, root = str(scope["path"]), str(scope.get("root_path", ""))
    return path[len(root) :] if root and path.startswith(f"{root.rstrip('/')}/") else path


def _sent_path(scope: Scope) -> str:
    # Some servers leave the query in it.
    return (scope.get("raw_path") or b"").partition(b"?")[0].decode("latin-1")


def _header(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name]


async def _refuse(refusal: Refusal, scope: Scope, receive: Receive, send: Send) -> None:
    kind = "http.response"
    if scope["type"] == "websocket":
        await receive()
        if "websocket.http.response" not in scope.get("extensions", {}):
            # Before it is accepted this is an answer 403.
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
            return
        kind = "websocket.http.response"
    body = json.dumps(body_of(refusal)).encode()
    headers = {**headers_of(refusal), "Content-Type": "application/json", "Content-Length": str(len(body))}
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": f"{kind}.start", "status": status_of(refusal), "headers": raw})
    await send({"type": f"{kind}.body", "body": body})
