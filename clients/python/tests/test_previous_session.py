"""What a login tells the server of the session that a device had before: given, or by middleware."""

# No `from __future__ import annotations`: FastAPI reads the annotations of inner functions at run time.

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Callable, Optional

import grpc
import grpc.aio
import pytest
from authflow_stubs.v1 import auth_service_pb2 as pb
from both import Loop
from conftest import MakeClient
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient
from flask import Flask
from werkzeug.test import Client as WsgiClient

from authflow_client import AsyncClient, Client, asgi, wsgi
from authflow_client.fake import AsyncAuthFlowFake, AuthFlowFake
from authflow_client.fastapi import Sessions
from authflow_client.interceptors import AsyncSessionInterceptor, SessionInterceptor

ADA = ("ada@example.com", "Analytical-1843", "Ada Lovelace")
SECRET_OF_ANOTHER = "another-partys-secret"


class Recorder(grpc.GenericRpcHandler):
    """A server that notes the session token of every login."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def service(self, handler_call_details: Any) -> Any:
        return grpc.unary_unary_rpc_method_handler(
            self._log_in if handler_call_details.method.endswith("/Login") else lambda *_: b""
        )

    def _log_in(self, request: bytes, context: Any) -> bytes:
        self.told.append(pb.LoginRequest.FromString(request).session_token)
        return b""


@contextmanager
def serving(handler: grpc.GenericRpcHandler, *interceptors: grpc.ServerInterceptor) -> Iterator[str]:
    server = grpc.server(ThreadPoolExecutor(4), handlers=[handler], interceptors=list(interceptors))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(None).wait()


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def address(recorder: Recorder) -> Iterator[str]:
    with serving(recorder) as served:
        yield served


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (None, ""),
        ("", ""),
        ("header.payload.signature", "header.payload.signature"),
        ("a" * 8192, "a" * 8192),
        # What a visitor sends must not fail a call.
        ("a" * 8193, ""),
        ("header.payload.\ud800", ""),
    ],
)
def test_a_login_tells_what_a_request_can_carry(
    make_client: MakeClient, address: str, recorder: Recorder, given: Optional[str], told: str
) -> None:
    make_client(address, "af_device").login(*ADA[:2], session_token=given)
    assert recorder.told == [told]


class Tokens:
    """A fake with a user, and tokens of a session that is live and of one that has ended."""

    def __init__(self) -> None:
        self.fake = AuthFlowFake()
        self.fake.sign_up(*ADA, disclaimed=True)
        self.ended, self.live = (self.fake.login(*ADA[:2]).token for _ in range(2))
        self.fake.logout(self.ended)

    def of(self, name: Optional[str]) -> Optional[str]:
        return getattr(self, name, name) if name else None

    def for_asyncio(self) -> AsyncAuthFlowFake:
        fake = AsyncAuthFlowFake()
        fake._service = self.fake._service
        return fake


@pytest.fixture
def tokens() -> Tokens:
    return Tokens()


#: Makes a request with a session token, or none, to an application behind middleware that logs in as it is told.
Visit = Callable[[Optional[str], Any, Any], None]


def _asgi(address: str, tokens: Tokens) -> Visit:
    def visit(token: Optional[str], options: Any, arguments: Any) -> None:
        app = FastAPI()

        @app.get("/login")
        async def login() -> None:
            async with AsyncClient(address, "af_device") as client:
                await client.login(*ADA[:2], **arguments)

        app.add_middleware(asgi.AuthFlowMiddleware, client=tokens.for_asyncio(), **options)
        assert TestClient(app).get("/login", headers=_bearer(token)).status_code == 200

    return visit


def _wsgi(address: str, tokens: Tokens) -> Visit:
    def visit(token: Optional[str], options: Any, arguments: Any) -> None:
        app = Flask("test")

        @app.get("/login")
        def login() -> str:
            with Client(address, "af_device") as client:
                client.login(*ADA[:2], **arguments)
            return ""

        guarded = wsgi.AuthFlowMiddleware(app.wsgi_app, tokens.fake, **options)
        assert WsgiClient(guarded).get("/login", headers=_bearer(token)).status_code == 200

    return visit


def _bearer(token: Optional[str]) -> dict[str, str]:
    return {} if token is None else {"Authorization": f"Bearer {token}"}


@pytest.fixture(params=[_asgi, _wsgi], ids=["ASGI", "WSGI"])
def visit(request: pytest.FixtureRequest, address: str, tokens: Tokens) -> Visit:
    made: Visit = request.param(address, tokens)
    return made


CASES = [
    ("live", {}, {}, "live"),
    ("ended", {"optional": True}, {}, "ended"),
    ("ended", {"public": ["/login"]}, {}, "ended"),
    (SECRET_OF_ANOTHER, {"optional": True}, {}, ""),
    (SECRET_OF_ANOTHER, {"public": ["/login"]}, {}, ""),
    (None, {"public": ["/login"]}, {}, ""),
    ("live", {}, {"session_token": "header.payload.signature"}, "header.payload.signature"),
    ("live", {}, {"session_token": ""}, ""),
]


@pytest.mark.parametrize(("sent", "options", "arguments", "told"), CASES)
def test_middleware_lets_a_login_tell_the_session_of_its_request(
    visit: Visit, recorder: Recorder, tokens: Tokens, sent: Any, options: Any, arguments: Any, told: str
) -> None:
    visit(tokens.of(sent), options, arguments)
    assert recorder.told == [tokens.of(told) or ""]


def test_a_session_is_kept_no_longer_than_its_request(visit: Visit, recorder: Recorder, tokens: Tokens) -> None:
    for token in (tokens.live, None):
        visit(token, {"optional": True}, {})
    assert recorder.told == [tokens.live, ""]


@pytest.mark.parametrize("is_async", [True, False], ids=["a coroutine", "a function"])
@pytest.mark.parametrize("sent", ["live", "ended", SECRET_OF_ANOTHER, None])
def test_fastapi_lets_an_endpoint_tell_it(
    address: str, recorder: Recorder, tokens: Tokens, sent: Optional[str], is_async: bool
) -> None:
    sessions = Sessions(tokens.for_asyncio())
    app = FastAPI()

    async def login() -> None:
        async with AsyncClient(address, "af_device") as client:
            await client.login(*ADA[:2])

    def blocking_login() -> None:
        with Client(address, "af_device") as client:
            client.login(*ADA[:2])

    app.get("/login", dependencies=[Depends(sessions.previous_session)])(login if is_async else blocking_login)
    client = TestClient(app)
    for token in (tokens.of(sent), None):
        assert client.get("/login", headers=_bearer(token)).status_code == 200
    assert recorder.told == ["" if sent == SECRET_OF_ANOTHER else tokens.of(sent) or "", ""]
    assert "security" not in client.get("/openapi.json").json()["paths"]["/login"]["get"]


def test_fastapi_tells_a_session_that_it_has_checked(address: str, recorder: Recorder, tokens: Tokens) -> None:
    sessions = Sessions(tokens.for_asyncio())
    app = FastAPI()

    @app.get("/login", dependencies=[Depends(sessions.optional_user)])
    async def login() -> None:
        async with AsyncClient(address, "af_device") as client:
            await client.login(*ADA[:2])

    for token in (tokens.live, tokens.ended):
        assert TestClient(app).get("/login", headers=_bearer(token)).status_code == 200
    assert recorder.told == [tokens.live, tokens.ended]


class _Shop(grpc.GenericRpcHandler):
    def __init__(self, login: Any) -> None:
        self._login = login

    def service(self, handler_call_details: Any) -> Any:
        return grpc.unary_unary_rpc_method_handler(self._login)


@contextmanager
def _threads(address: str, tokens: Tokens, **options: Any) -> Iterator[str]:
    def login(request: bytes, context: Any) -> bytes:
        with Client(address, "af_device") as client:
            client.login(*ADA[:2])
        return b""

    with serving(_Shop(login), SessionInterceptor(tokens.fake, **options)) as shop:
        yield shop


@contextmanager
def _asyncio(loop: Loop, address: str, tokens: Tokens, **options: Any) -> Iterator[str]:
    async def login(request: bytes, context: Any) -> bytes:
        async with AsyncClient(address, "af_device") as client:
            await client.login(*ADA[:2])
        return b""

    async def start() -> tuple[grpc.aio.Server, int]:
        interceptor = AsyncSessionInterceptor(tokens.for_asyncio(), **options)
        server = grpc.aio.server(handlers=[_Shop(login)], interceptors=[interceptor])
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        return server, port

    server, port = loop.run(start())
    yield f"127.0.0.1:{port}"
    loop.run(server.stop(None))


@pytest.mark.parametrize("kind", ["threads", "asyncio"])
@pytest.mark.parametrize(
    ("sent", "options", "told"),
    [
        ("live", {}, "live"),
        ("ended", {"optional": True}, "ended"),
        ("ended", {"public": ["/shop.Shop/LogIn"]}, "ended"),
        (SECRET_OF_ANOTHER, {"public": ["/shop.Shop/LogIn"]}, ""),
    ],
)
def test_interceptors_let_a_login_tell_the_session_of_its_call(
    loop: Loop, address: str, recorder: Recorder, tokens: Tokens, kind: str, sent: str, options: Any, told: str
) -> None:
    serving = _threads(address, tokens, **options) if kind == "threads" else _asyncio(loop, address, tokens, **options)
    with serving as shop, grpc.insecure_channel(shop) as channel:
        log_in: Any = channel.unary_unary("/shop.Shop/LogIn")
        log_in(b"", timeout=10, metadata=[("authorization", f"Bearer {tokens.of(sent)}")])
    assert recorder.told == [tokens.of(told) or ""]
