"""The gRPC server interceptors, over a real socket: the same tests for threads and for asyncio."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any, Callable

import echo
import grpc
import grpc.aio
import pytest
import stand
from both import Loop
from test_bearer import unsigned
from test_reasons import signed_up

from authflow_client import AsyncClient, AuthFlowError, Client, Reason, Session, decode_error
from authflow_client.interceptors import AsyncSessionInterceptor, SessionInterceptor, current_user

Serve = Callable[..., Any]


@pytest.fixture(params=["threads", "asyncio"])
def serve(request: pytest.FixtureRequest, loop: Loop) -> Serve:
    return _threads if request.param == "threads" else lambda *args, **kwargs: _asyncio(loop, *args, **kwargs)


@contextmanager
def _threads(address: str, api_key: str, **kwargs: Any) -> Iterator[grpc.Channel]:
    with Client(address, api_key, timeout=5) as client:
        # One thread: a call that is asked about must not keep the server from taking others.
        interceptor = SessionInterceptor(client, **kwargs)
        server = grpc.server(ThreadPoolExecutor(1), handlers=[echo.handler()], interceptors=[interceptor])
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield channel
        server.stop(None).wait()


@contextmanager
def _asyncio(loop: Loop, address: str, api_key: str, **kwargs: Any) -> Iterator[grpc.Channel]:
    client = AsyncClient(address, api_key, timeout=5)

    async def start() -> tuple[grpc.aio.Server, int]:
        interceptor = AsyncSessionInterceptor(client, **kwargs)
        server = grpc.aio.server(handlers=[echo.async_handler()], interceptors=[interceptor])
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        return server, port

    server, port = loop.run(start())
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield channel
    loop.run(server.stop(None))
    loop.run(client.close())


@pytest.fixture
def session(plain_client: Client) -> Session:
    return signed_up(plain_client)


def test_every_kind_of_call_finds_its_user(serve: Serve, organization: stand.Organization, session: Session) -> None:
    with serve(stand.grpc_address(), organization.api_key) as channel:
        for kind in echo.KINDS:
            answers = echo.call(channel, kind, [f"Bearer {session.token}"])
            assert [answer["user_id"] for answer in answers] == [session.user_id] * len(answers)
            assert len(answers) == (2 if kind.endswith("stream") else 1)


@pytest.mark.parametrize("kind", echo.KINDS)
@pytest.mark.parametrize("authorization", [[], ["Bearer garbage"], ["Basic YWRhOmFkYQ=="]])
def test_without_a_usable_token_every_kind_is_refused(
    serve: Serve, organization: stand.Organization, kind: str, authorization: list[str]
) -> None:
    # Nobody answers there: nobody is asked.
    with serve(stand.closed_port(), organization.api_key) as channel:
        error = failure_of(lambda: echo.call(channel, kind, authorization))
    assert (error.reason, error.code) == (Reason.SESSION_INVALID, grpc.StatusCode.UNAUTHENTICATED)
    assert error.message


def test_users_are_kept_apart(serve: Serve, organization: stand.Organization, plain_client: Client) -> None:
    sessions = [signed_up(plain_client) for _ in range(4)]
    with serve(stand.grpc_address(), organization.api_key) as channel, ThreadPoolExecutor(8) as threads:
        calls = [
            (session, threads.submit(echo.call, channel, kind, [f"Bearer {session.token}"]))
            for session in sessions
            for kind in echo.KINDS
        ]
        for session, answers in calls:
            assert {answer["user_id"] for answer in answers.result()} == {session.user_id}
    with pytest.raises(LookupError):
        current_user()


def test_a_forged_or_ended_session_is_refused(
    serve: Serve, organization: stand.Organization, session: Session, plain_client: Client
) -> None:
    plain_client.logout(session.token, session.email)
    with serve(stand.grpc_address(), organization.api_key) as channel:
        error = failure_of(lambda: echo.call(channel, "unary_unary", [f"Bearer {session.token}"]))
        assert (error.reason, error.code) == (Reason.SESSION_REVOKED, grpc.StatusCode.UNAUTHENTICATED)
        forged = unsigned({"email": session.email})
        error = failure_of(lambda: echo.call(channel, "stream_stream", [f"Bearer {forged}"]))
        assert (error.reason, error.code) == (Reason.SESSION_INVALID, grpc.StatusCode.UNAUTHENTICATED)


def test_a_session_that_cannot_be_checked_is_unavailable(serve: Serve, session: Session) -> None:
    reported: list[tuple[str, Exception]] = []

    def on_error(method: str, error: Exception) -> None:
        reported.append((method, error))

    for address in (stand.closed_port(), stand.grpc_address()):
        with serve(address, f"af_{'A' * 43}", on_error=on_error) as channel:
            error = failure_of(partial(echo.call, channel, "unary_unary", [f"Bearer {session.token}"]))
        assert (error.reason, error.code) == (Reason.UNAVAILABLE, grpc.StatusCode.UNAVAILABLE)
    assert [method for method, _ in reported] == ["/echo.Echo/unary_unary"] * 2
    assert [getattr(error, "reason", None) for _, error in reported] == ["", Reason.API_KEY_INVALID]


def test_a_public_method_needs_no_session(serve: Serve, organization: stand.Organization) -> None:
    with serve(stand.closed_port(), organization.api_key, public=["/echo.Echo/open"]) as channel:
        assert echo.call(channel, "open", []) == ["a"]
        assert failure_of(lambda: echo.call(channel, "unary_unary", [])).reason == Reason.SESSION_INVALID
    with serve(stand.closed_port(), organization.api_key) as channel:
        assert failure_of(lambda: echo.call(channel, "open", [])).reason == Reason.SESSION_INVALID


def test_a_remembered_session_is_seen_to_end(
    serve: Serve, organization: stand.Organization, session: Session, plain_client: Client
) -> None:
    with serve(stand.grpc_address(), organization.api_key, remember=0.5) as channel:
        assert echo.call(channel, "unary_unary", [f"Bearer {session.token}"])
        plain_client.logout(session.token, session.email)

        def is_refused() -> bool:
            try:
                echo.call(channel, "unary_unary", [f"Bearer {session.token}"])
            except grpc.RpcError as error:
                return decode_error(error).reason == Reason.SESSION_REVOKED
            return False

        stand.until(is_refused)


def test_all_of_a_service_can_be_public(serve: Serve, organization: stand.Organization) -> None:
    with serve(stand.closed_port(), organization.api_key, public=["/echo.Echo/*"]) as channel:
        assert echo.call(channel, "open", []) == ["a"]
    is_open = {"public": lambda details: details.method.endswith("/open")}
    with serve(stand.closed_port(), organization.api_key, **is_open) as channel:
        assert echo.call(channel, "open", []) == ["a"]


def test_an_optional_interceptor_lets_the_refused_through(
    serve: Serve, organization: stand.Organization, session: Session, plain_client: Client
) -> None:
    with serve(stand.grpc_address(), organization.api_key, optional=True) as channel:
        assert echo.call(channel, "optional", [f"Bearer {session.token}"]) == [{"user_id": session.user_id}]
        plain_client.logout(session.token)
        for authorization in ([], ["Bearer garbage"], [f"Bearer {session.token}"]):
            assert echo.call(channel, "optional", authorization) == [{"user_id": None}]
    with serve(stand.closed_port(), organization.api_key, optional=True) as channel:
        error = failure_of(lambda: echo.call(channel, "optional", [f"Bearer {session.token}"]))
    assert error.code is grpc.StatusCode.UNAVAILABLE


def test_the_token_can_come_from_elsewhere(serve: Serve, organization: stand.Organization, session: Session) -> None:
    def extract(details: Any) -> str | None:
        return next((value for name, value in details.invocation_metadata if name == "authorization"), None)

    with serve(stand.grpc_address(), organization.api_key, extract=extract) as channel:
        (answer,) = echo.call(channel, "unary_unary", [session.token])
    assert answer["user_id"] == session.user_id
    assert answer["email_of_token"] == session.email


def test_no_more_than_a_second_is_remembered(plain_client: Client) -> None:
    with pytest.raises(ValueError, match="remembered"):
        SessionInterceptor(plain_client, remember=2)


def failure_of(call: Callable[[], Any]) -> AuthFlowError:
    with pytest.raises(grpc.RpcError) as failed:
        call()
    return decode_error(failed.value)
