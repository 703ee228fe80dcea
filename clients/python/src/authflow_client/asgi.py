"""ASGI middleware: for Starlette, FastAPI and every other ASGI application."""

from __future__ import annotations

import json
import math
from collections.abc import Awaitable, Mapping, MutableMapping
from typing import Any, Callable, cast

from .guard import AsyncValidator, Guard, Refusal
from .results import SessionUser

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_USER_KEY = "authflow.user"
_POLICY_VIOLATION = 1008


def user_of(scope: Mapping[str, Any]) -> SessionUser:
    """The user of a request that `AuthFlowMiddleware` let in: of an ASGI scope, or of a Request of Starlette's.

    KeyError where the middleware is not before the application.
    """
    return cast(SessionUser, scope[_USER_KEY])


class AuthFlowMiddleware:
    """Lets requests through that carry a live session as `Authorization: Bearer <token>`.

    Their application finds the user by `user_of`, which reads `scope["authflow.user"]`. Other requests never reach it:
    those without a live session are answered 401, and 503 those whose session cannot be checked. A WebSocket is checked
    when it is opened, and not again while it lasts.
    """

    def __init__(
        self,
        app: App,
        client: AsyncValidator,
        *,
        remember: float = 0.0,
        on_error: Callable[[Exception], None] | None = None,
    ) -> None:
        """Puts itself before an application.

        remember: for how many seconds a session that was valid is let in again without asking the server, at most 1
        and never beyond its expiry; a logout is seen that much later. At most 10,000 sessions are remembered.
        on_error: is handed the error behind every 503, for the log.
        """
        self._app = app
        self._client = client
        self._guard = Guard(remember)
        self._on_error = on_error

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        try:
            user = await self._guard.admit_async(self._client, _authorization(scope))
        except Refusal as refusal:
            if refusal.failure is not None and self._on_error is not None:
                self._on_error(refusal.failure)
            await _refuse(refusal, scope, receive, send)
            return
        await self._app({**scope, _USER_KEY: user}, receive, send)


def _authorization(scope: Scope) -> list[str]:
    return [value.decode("latin-1") for name, value in scope["headers"] if name.lower() == b"authorization"]


async def _refuse(refusal: Refusal, scope: Scope, receive: Receive, send: Send) -> None:
    kind = "http.response"
    if scope["type"] == "websocket":
        await receive()
        if "websocket.http.response" not in scope.get("extensions", {}):
            # Before it is accepted this is an answer 403.
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
            return
        kind = "websocket.http.response"
    status, headers, body = _answer(refusal)
    await send({"type": f"{kind}.start", "status": status, "headers": headers})
    await send({"type": f"{kind}.body", "body": body})


def _answer(refusal: Refusal) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """The status, headers and body in the shape of the server's own errors."""
    status = 401 if refusal.failure is None else 503
    body = json.dumps({"statusCode": status, "error": refusal.reason, "message": refusal.message}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
    ]
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    if refusal.retry_after is not None:
        headers.append((b"retry-after", b"%d" % math.ceil(refusal.retry_after)))
    return status, headers, body
