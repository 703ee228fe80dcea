"""Nothing that is printed or logged holds a key, a token or a password."""

# No `from __future__ import annotations`: FastAPI reads the annotations of inner functions at run time.

import asyncio
import logging
import socket
import traceback
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Callable, cast

import grpc
import pytest
import stand
from conftest import MakeClient
from echo import asgi_server
from fastapi import Depends, FastAPI, HTTPException, Response
from fastapi.testclient import TestClient
from flask import Flask
from test_asgi import echo, get
from test_bearer import unsigned
from test_reasons import signed_up

from authflow_client import AsyncClient, AuthFlowError, Client, SessionUser, wsgi
from authflow_client.asgi import AuthFlowMiddleware
from authflow_client.fastapi import Sessions

SOURCE = Path(wsgi.__file__).parent


def test_nothing_secret_is_shown(
    make_client: MakeClient,
    organization: stand.Organization,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    client = make_client(stand.grpc_address(), organization.api_key)
    unreachable = make_client(stand.closed_port(), organization.api_key)
    shown = [repr(client), str(client)]
    session = signed_up(client)
    nonce = client.foo_bar(session.email)
    user = client.validate(session.token, session.email)
    shown += [repr(session), str(session), repr(nonce), repr(user)]
    for call in (
        lambda: client.login(session.email, f"{stand.PASSWORD}-wrong"),
        lambda: client.change_password(session.token, stand.PASSWORD, current_password="Wrong-one-1"),
        lambda: client.validate(f"{session.token}AAAA", session.email),
        lambda: unreachable.login(session.email, stand.PASSWORD),
        lambda: unreachable.login(session.email, stand.PASSWORD, session_token=session.token),
    ):
        with pytest.raises(AuthFlowError) as failed:
            call()
        shown += [repr(failed.value), *traceback.format_exception(None, failed.value, failed.value.__traceback__)]
    errors: list[Exception] = []
    for address in (stand.grpc_address(), stand.closed_port()):
        guard = AuthFlowMiddleware(echo, AsyncClient(address, organization.api_key, timeout=2), on_error=errors.append)
        with asgi_server(guard) as served:
            get(served, f"Bearer {session.token}")
            get(served, f"Bearer {session.token[:-4]}AAAA")
    for error in errors:
        shown += [repr(error), *traceback.format_exception(None, error, error.__traceback__)]
    printed = capfd.readouterr()
    # uvicorn's own trace log holds the headers of requests: it is the application's, which the user turned on.
    logged = [record.getMessage() for record in caplog.records if not record.name.startswith("uvicorn")]
    everything = "\n".join([*shown, *logged, printed.out, printed.err])
    for secret in (organization.api_key, session.token, session.token.split(".")[2], nonce.token, stand.PASSWORD):
        assert secret not in everything


@pytest.mark.parametrize("kind", [Client, AsyncClient])
@pytest.mark.parametrize("key", ["", "af_secret\n", "af_secret key", "af_sécret"])
def test_a_key_that_cannot_be_sent_is_refused_without_being_shown(kind: type[Client], key: str) -> None:
    with pytest.raises(ValueError, match="API key") as refused:
        kind("127.0.0.1:1", key)
    assert "cret" not in str(refused.value)


def test_no_traceback_with_locals_holds_a_secret(make_client: MakeClient, organization: stand.Organization) -> None:
    address, wrong_key = stand.grpc_address(), f"af_{'A' * 43}"
    client = make_client(address, organization.api_key)
    session = signed_up(client)
    # Frames of this test hold the secrets themselves: these calls are without.
    forged, wrong_type = f"{session.token}AAAA", cast(str, b"Wrong-password-1")
    clients = (client, make_client(stand.closed_port(), organization.api_key), make_client(address, wrong_key))
    calls: list[Callable[[], object]] = [partial(one.login, session.email, "Wrong-password-1") for one in clients]
    calls += [partial(one.validate, forged, session.email) for one in clients]
    calls += [
        partial(clients[1].login, session.email, "Wrong-password-1", session_token=session.token),
        partial(client.login, session.email, wrong_type),
        partial(client.login, session.email, "Wrong-password-1", timeout=-1),
        partial(client.change_password, session.token, stand.PASSWORD, current_password="Wrong-password-1"),
        partial(client.logout, f"af.{'A' * 43}.secret"),
    ]
    for call in calls:
        shown = traceback_with_locals(call)
        for secret in (organization.api_key, wrong_key, session.token, "Wrong-password-1", f"{'A' * 43}.secret"):
            assert secret not in shown


def test_a_cancelled_call_holds_no_secret(organization: stand.Organization) -> None:
    async def shown() -> str:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            async with AsyncClient(f"127.0.0.1:{silent.getsockname()[1]}", organization.api_key) as client:
                login = partial(client.login, "ada@example.com", "Wrong-password-1")
                try:
                    await asyncio.wait_for(login(), 0.1)
                except asyncio.TimeoutError as error:
                    return with_locals(error.with_traceback(None))
        raise AssertionError

    everything = asyncio.run(shown())
    assert organization.api_key not in everything
    assert "Wrong-password-1" not in everything


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_a_refused_key_is_in_no_frame_of_the_client(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for make in (
        partial(kind, "localhost:1", "af_secret key"),
        partial(kind, "nowhere", "af_secret-key"),
        partial(kind, "localhost:1", "af_secret-key", tls=True),
    ):
        assert "af_secret" not in traceback_with_locals(make)
    monkeypatch.setenv("AUTHFLOW_API_KEY", "af_secret key")
    assert "af_secret" not in traceback_with_locals(partial(kind, "localhost:1"))


def test_the_fault_of_an_interceptor_shows_where_it_is() -> None:
    class Faulty(grpc.UnaryUnaryClientInterceptor):
        def intercept_unary_unary(self, continuation: Any, client_call_details: Any, request: Any) -> Any:
            raise ValueError("a fault")

    client = Client("localhost:1", "af_key", interceptors=[Faulty()])
    with pytest.raises(ValueError, match="a fault") as failed:
        client.foo_bar("ada@example.com")
    assert any(entry.name == "intercept_unary_unary" for entry in failed.traceback)


def test_what_a_hook_is_handed_holds_no_token(organization: stand.Organization) -> None:
    token = unsigned({"email": "ada@example.com"})
    errors: list[Exception] = []
    address = stand.closed_port()
    app = AuthFlowMiddleware(echo, AsyncClient(address, organization.api_key, timeout=2), on_error=errors.append)
    with asgi_server(app) as served:
        get(served, f"Bearer {token}")
    with Client(address, organization.api_key, timeout=2) as client:
        blocking = wsgi.AuthFlowMiddleware(Flask("test"), client, on_error=errors.append)
        blocking({"HTTP_AUTHORIZATION": f"Bearer {token}", "PATH_INFO": "/"}, lambda *_: lambda _: None)
    fastapi = FastAPI()
    sessions = Sessions(AsyncClient(address, organization.api_key, timeout=2))

    @fastapi.get("/me")
    async def me(user: Annotated[SessionUser, Depends(sessions.current_user)]) -> None: ...

    @fastapi.exception_handler(HTTPException)
    async def keep(_: Any, error: Exception) -> Response:
        errors.append(error.with_traceback(None))
        return Response(status_code=503)

    TestClient(fastapi).get("/me", headers={"Authorization": f"Bearer {token}"})
    assert len(errors) == 3
    for error in errors:
        shown = with_locals(error)
        assert token not in shown
        assert organization.api_key not in shown


def traceback_with_locals(call: Callable[[], object]) -> str:
    """What an error tracker would keep of a call's failure, without the frame of this function."""
    try:
        call()
    except (AuthFlowError, ValueError, TypeError) as error:
        return with_locals(from_the_client_on(error))
    raise AssertionError("it did not fail")


def from_the_client_on(error: BaseException) -> BaseException:
    """Without the frames of the test and its tools, which hold what they give."""
    trace = error.__traceback__
    while trace is not None and SOURCE not in Path(trace.tb_frame.f_code.co_filename).parents:
        trace = trace.tb_next
    assert trace is not None
    return error.with_traceback(trace)


def with_locals(error: BaseException) -> str:
    return "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
