"""Deadlines, a server that goes away, and the ends that a caller makes."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator

import grpc
import pytest
import stand
from conftest import MakeClient
from test_reasons import failure_of, signed_up

from authflow_client import AsyncClient, AuthFlowError, Client

#: The wait that the vectors' overloaded server gives.
OVERLOAD_SECONDS = 0.3


@pytest.fixture
def silent() -> Iterator[str]:
    """An address that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"127.0.0.1:{listener.getsockname()[1]}"


def test_a_call_ends_with_its_deadline(make_client: MakeClient, silent: str) -> None:
    client = make_client(silent, "af_key", timeout=0.3)
    began_at = time.monotonic()
    error = failure_of(lambda: client.validate("token", "ada@example.com"))
    assert error.code is grpc.StatusCode.DEADLINE_EXCEEDED
    assert not error.reason
    assert 0.29 <= time.monotonic() - began_at < 5


def test_a_call_s_own_deadline_counts(make_client: MakeClient, silent: str) -> None:
    client = make_client(silent, "af_key", timeout=60)
    error = failure_of(lambda: client.login("ada@example.com", stand.PASSWORD, timeout=0.2))
    assert error.code is grpc.StatusCode.DEADLINE_EXCEEDED


@pytest.mark.parametrize("timeout", [0, -1, float("nan"), float("inf")])
def test_a_deadline_is_positive(timeout: float) -> None:
    with pytest.raises(ValueError, match="timeout"):
        Client("127.0.0.1:1", "af_key", timeout=timeout)


def test_nobody_answers(make_client: MakeClient) -> None:
    client = make_client(stand.closed_port(), "af_key")
    error = failure_of(lambda: client.foo_bar("ada@example.com"))
    assert (error.reason, error.code) == ("", grpc.StatusCode.UNAVAILABLE)


def test_a_client_outlives_its_server(client: Client) -> None:
    session = signed_up(client)
    restarting = threading.Thread(target=stand.control, args=("POST", "restart?down_ms=300"))
    restarting.start()
    failures: list[AuthFlowError] = []
    for _ in stand.attempts(pause=0):
        # The server is down for a moment from when the control has answered.
        was_stopped = not restarting.is_alive()
        try:
            client.validate(session.token, session.email)
        except AuthFlowError as error:
            failures.append(error)
        else:
            if was_stopped:
                break
    restarting.join()
    # Three attempts can all fall into the pause; nothing else may be seen of it.
    assert {error.code for error in failures} <= {grpc.StatusCode.UNAVAILABLE}
    for _ in range(20):
        assert client.validate(session.token, session.email).user_id == session.user_id
    assert client.login(session.email, stand.PASSWORD).user_id == session.user_id


def test_closing_ends_running_calls_and_later_ones(make_client: MakeClient) -> None:
    ended: list[AuthFlowError] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = make_client(f"127.0.0.1:{listener.getsockname()[1]}", "af_key", timeout=30)
        running = threading.Thread(target=lambda: ended.append(failure_of(lambda: client.foo_bar("ada@example.com"))))
        running.start()
        connection, _ = listener.accept()
        with connection:
            client.close()
            running.join(10)
    assert [error.code for error in ended] == [grpc.StatusCode.CANCELLED]
    assert failure_of(lambda: client.foo_bar("ada@example.com")).code is grpc.StatusCode.CANCELLED


def test_closing_ends_a_wait() -> None:
    def seconds() -> float:
        client = Client(overloaded(), stand.vectors()["apiKey"])
        began_at = time.monotonic()
        closing = threading.Timer(0.1, client.close)
        closing.start()
        error = failure_of(lambda: client.login("ada@example.com", stand.PASSWORD))
        assert error.code is grpc.StatusCode.CANCELLED
        closing.join()
        return time.monotonic() - began_at

    # A busy machine may need more than one try to be within the wait.
    stand.until(lambda: seconds() < OVERLOAD_SECONDS)


def test_cancelling_a_task_ends_its_wait() -> None:
    async def seconds() -> float:
        async with AsyncClient(overloaded(), stand.vectors()["apiKey"]) as client:
            began_at = time.monotonic()
            task = asyncio.create_task(client.login("ada@example.com", stand.PASSWORD))
            await asyncio.sleep(0.1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return time.monotonic() - began_at

    stand.until(lambda: asyncio.run(seconds()) < OVERLOAD_SECONDS)


def test_cancelling_a_task_ends_its_request(silent: str) -> None:
    async def cancelled() -> None:
        async with AsyncClient(silent, "af_key") as client:
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(client.validate("token", "ada@example.com"), 0.1)

    asyncio.run(cancelled())


def test_one_for_asyncio_serves_one_loop_after_the_other(organization: stand.Organization) -> None:
    async def twice(client: AsyncClient) -> None:
        await asyncio.gather(client.foo_bar(stand.new_email()), client.foo_bar(stand.new_email()))

    client = AsyncClient(stand.grpc_address(), organization.api_key)
    for _ in range(3):
        asyncio.run(twice(client))
    assert len(client._connections) == 1
    asyncio.run(client.close())


def overloaded() -> str:
    """A server that tells the first login to wait."""
    name = "login waits as told when the server is overloaded, then takes a new nonce"
    cases: list[dict[str, str]] = stand.vectors()["cases"]
    number = next(i for i, case in enumerate(cases) if case["name"] == name)
    address: str = stand.control("POST", f"cases/{number}")["grpc"]
    return address
