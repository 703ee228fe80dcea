"""Servers to guard: an ASGI application under uvicorn, and a gRPC service that tells who called."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import grpc
import stand
import uvicorn

from authflow_client.asgi import App
from authflow_client.bearer import claimed_email
from authflow_client.interceptors import current_session_token, current_user, optional_user

KINDS = ("unary_unary", "unary_stream", "stream_unary", "stream_stream")


@contextmanager
def asgi_server(app: App) -> Iterator[str]:
    """Serves an application on a free port."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="trace", lifespan="on"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        stand.until(lambda: server.started)
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def _told(request: bytes) -> bytes:
    told = {
        "user_id": current_user().user_id,
        "email_of_token": claimed_email(current_session_token()),
        "request": request.decode(),
    }
    return json.dumps(told).encode()


def _told_if_any() -> bytes:
    user = optional_user()
    return json.dumps({"user_id": user and user.user_id}).encode()


class _Echo(grpc.GenericRpcHandler):
    """Answers each kind of call with who called, once for every message.

    "open" is open to everybody, and "optional" answers those without a user too.
    """

    def __init__(self, behaviours: Any) -> None:
        self._behaviours = behaviours

    def service(self, handler_call_details: Any) -> Any:
        kind = handler_call_details.method.rsplit("/", 1)[-1]
        if kind in ("open", "optional"):
            return grpc.unary_unary_rpc_method_handler(getattr(self._behaviours, kind))
        return getattr(grpc, f"{kind}_rpc_method_handler")(getattr(self._behaviours, kind))


class Behaviours:
    def open(self, request: bytes, context: Any) -> bytes:
        return request

    def optional(self, request: bytes, context: Any) -> bytes:
        return _told_if_any()

    def unary_unary(self, request: bytes, context: Any) -> bytes:
        return _told(request)

    def unary_stream(self, request: bytes, context: Any) -> Iterator[bytes]:
        yield _told(request)
        yield _told(request)

    def stream_unary(self, requests: Iterator[bytes], context: Any) -> bytes:
        return _told(b"".join(requests))

    def stream_stream(self, requests: Iterator[bytes], context: Any) -> Iterator[bytes]:
        for request in requests:
            yield _told(request)


class AsyncBehaviours:
    async def open(self, request: bytes, context: Any) -> bytes:
        return request

    async def optional(self, request: bytes, context: Any) -> bytes:
        return _told_if_any()

    async def unary_unary(self, request: bytes, context: Any) -> bytes:
        return _told(request)

    async def unary_stream(self, request: bytes, context: Any) -> AsyncIterator[bytes]:
        yield _told(request)
        yield _told(request)

    async def stream_unary(self, requests: AsyncIterator[bytes], context: Any) -> bytes:
        return _told(b"".join([request async for request in requests]))

    async def stream_stream(self, requests: AsyncIterator[bytes], context: Any) -> AsyncIterator[bytes]:
        async for request in requests:
            yield _told(request)


def handler() -> grpc.GenericRpcHandler:
    return _Echo(Behaviours())


def async_handler() -> grpc.GenericRpcHandler:
    return _Echo(AsyncBehaviours())


def call(channel: grpc.Channel, kind: str, authorization: list[str]) -> list[Any]:
    """Calls one kind of method with a message "a" (streams: "a", "b") and gives the decoded answers."""
    multi = getattr(channel, "unary_unary" if kind in ("open", "optional") else kind)(f"/echo.Echo/{kind}")
    request: Any = iter([b"a", b"b"]) if kind.startswith("stream") else b"a"
    answer = multi(request, timeout=10, metadata=[("authorization", value) for value in authorization])
    return [json.loads(m) if m != b"a" else "a" for m in ([answer] if isinstance(answer, bytes) else answer)]
