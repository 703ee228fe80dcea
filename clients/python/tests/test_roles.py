"""What is only for users with some role, over the fake: FastAPI, Starlette, Flask and gRPC."""

# No `from __future__ import annotations`: FastAPI reads the annotations of inner functions at run time.

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Annotated, Any, Optional

import echo
import grpc
import grpc.aio
import pytest
from both import AsBlocking, Loop
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient
from flask import Flask, request
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route
from test_interceptors import failure_of
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client as WsgiClient

from authflow_client import Reason, Session, SessionUser, asgi, wsgi
from authflow_client.fake import AsyncAuthFlowFake, AuthFlowFake
from authflow_client.fastapi import Sessions, install_error_handlers
from authflow_client.interceptors import AsyncSessionInterceptor, SessionInterceptor

ADA = ("ada@example.com", "Analytical-1843", "Ada Lovelace")
ROLES = ("admin", "editor")

Get = Callable[[Optional[str]], "tuple[int, Any, dict[str, str]]"]


def _fastapi(fake: Any) -> Get:
    app = FastAPI()
    install_error_handlers(app)
    sessions = Sessions(fake)

    @app.get("/managed")
    async def managed(user: Annotated[SessionUser, Depends(sessions.require_role(*ROLES))]) -> SessionUser:
        return user

    return _by_test_client(app)


def _starlette(fake: Any) -> Get:
    async def managed(request: Request) -> JSONResponse:
        return JSONResponse(asgi.user_of(request).to_dict())

    inner = Starlette(routes=[Route("/", managed)])
    outer = Starlette(routes=[Mount("/managed", app=asgi.require_role(*ROLES)(inner))])
    return _by_test_client(asgi.AuthFlowMiddleware(outer, fake, optional=True))


def _flask(fake: Any) -> Get:
    app = Flask("test")

    @app.get("/")
    def managed() -> dict[str, Any]:
        return wsgi.user_of(request.environ).to_dict()

    mounted: Any = DispatcherMiddleware(Flask("outer"), {"/managed": wsgi.require_role(*ROLES)(app.wsgi_app)})
    client = WsgiClient(wsgi.AuthFlowMiddleware(mounted, fake, optional=True), use_cookies=False)

    def get(token: Optional[str]) -> tuple[int, Any, dict[str, str]]:
        answer = client.get("/managed/", headers=_headers(token))
        return answer.status_code, answer.get_json(), {k.lower(): v for k, v in answer.headers.items()}

    return get


def _by_test_client(app: Any) -> Get:
    client = TestClient(app)

    def get(token: Optional[str]) -> tuple[int, Any, dict[str, str]]:
        answer = client.get("/managed", headers=_headers(token))
        return answer.status_code, answer.json(), {k.lower(): v for k, v in answer.headers.items()}

    return get


def _headers(token: Optional[str]) -> dict[str, str]:
    return {} if token is None else {"Authorization": f"Bearer {token}"}


def _session(loop: Loop, fake: Any) -> Session:
    calls = AsBlocking(loop, fake) if isinstance(fake, AsyncAuthFlowFake) else fake
    calls.sign_up(*ADA, disclaimed=True)
    session: Session = calls.login(*ADA[:2])
    return session


@pytest.mark.parametrize(
    ("serve", "kind"),
    [(_fastapi, AsyncAuthFlowFake), (_starlette, AsyncAuthFlowFake), (_flask, AuthFlowFake)],
    ids=["FastAPI", "Starlette", "Flask"],
)
def test_any_one_of_the_roles_is_enough(loop: Loop, serve: Callable[[Any], Get], kind: Any) -> None:
    fake = kind()
    get, token = serve(fake), _session(loop, fake).token
    for roles in ((), ("edit", "editors")):
        fake.set_roles(ADA[0], *roles)
        status, body, headers = get(token)
        assert (status, set(body), body["error"]) == (403, {"statusCode", "error", "message"}, Reason.ACCESS_DENIED)
        assert (body["statusCode"], headers["cache-control"]) == (403, "no-store")
        assert "www-authenticate" not in headers
    fake.set_roles(ADA[0], "edit", "editors", "editor")
    status, body, _ = get(token)
    assert (status, body["roles"]) == (200, ["edit", "editors", "editor"])
    status, body, headers = get(None)
    assert (status, body["error"], headers["www-authenticate"]) == (401, Reason.SESSION_INVALID, "Bearer")
    # A role that is taken away ends the sessions.
    fake.set_roles(ADA[0])
    assert get(token)[0] == 401


@contextmanager
def _threads(_: Loop, fake: Any, **options: Any) -> Iterator[grpc.Channel]:
    interceptor = SessionInterceptor(fake, **options)
    server = grpc.server(ThreadPoolExecutor(1), handlers=[echo.handler()], interceptors=[interceptor])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield channel
    server.stop(None).wait()


@contextmanager
def _asyncio(loop: Loop, fake: Any, **options: Any) -> Iterator[grpc.Channel]:
    async def start() -> tuple[grpc.aio.Server, int]:
        interceptor = AsyncSessionInterceptor(fake, **options)
        server = grpc.aio.server(handlers=[echo.async_handler()], interceptors=[interceptor])
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        return server, port

    server, port = loop.run(start())
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield channel
    loop.run(server.stop(None))


@pytest.mark.parametrize(
    ("serve", "kind"), [(_threads, AuthFlowFake), (_asyncio, AsyncAuthFlowFake)], ids=["threads", "asyncio"]
)
def test_methods_of_grpc_need_roles(loop: Loop, serve: Any, kind: Any) -> None:
    fake = kind()
    bearer = [f"Bearer {_session(loop, fake).token}"]
    roles = {"/echo.Echo/unary_unary": ROLES, "/echo.Echo/stream_stream": ["editor"], "/other.Service/*": ["admin"]}
    with serve(loop, fake, roles=roles) as channel:
        for name in ("unary_unary", "stream_stream"):
            error = failure_of(lambda name=name: echo.call(channel, name, bearer))  # type: ignore[misc]
            assert (error.reason, error.code) == (Reason.ACCESS_DENIED, grpc.StatusCode.PERMISSION_DENIED)
            error = failure_of(lambda name=name: echo.call(channel, name, []))  # type: ignore[misc]
            assert (error.reason, error.code) == (Reason.SESSION_INVALID, grpc.StatusCode.UNAUTHENTICATED)
        assert len(echo.call(channel, "unary_stream", bearer)) == 2
        fake.set_roles(ADA[0], "editor")
        assert len(echo.call(channel, "unary_unary", bearer)) == 1
        assert len(echo.call(channel, "stream_stream", bearer)) == 2
    with serve(loop, fake, roles={"/echo.Echo/*": ROLES}, public=["/echo.Echo/open"], optional=True) as channel:
        for name in ("open", "optional"):
            error = failure_of(lambda name=name: echo.call(channel, name, []))  # type: ignore[misc]
            assert (error.reason, error.code) == (Reason.SESSION_INVALID, grpc.StatusCode.UNAUTHENTICATED)


@pytest.mark.parametrize("roles", [(), ("editor", "Admin"), ("",), ("1st",)])
def test_what_cannot_be_a_role_is_refused_at_once(roles: tuple[str, ...]) -> None:
    for make in (asgi.require_role, wsgi.require_role, Sessions(AsyncAuthFlowFake()).require_role):
        with pytest.raises(ValueError, match="role"):
            make(*roles)
    with pytest.raises(ValueError, match="role"):
        SessionInterceptor(AuthFlowFake(), roles={"/echo.Echo/*": roles})


def test_one_text_is_no_list_of_roles() -> None:
    with pytest.raises(TypeError, match="not a text"):
        SessionInterceptor(AuthFlowFake(), roles={"/echo.Echo/*": "editor"})
