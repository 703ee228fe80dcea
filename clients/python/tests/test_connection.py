"""No connection says why, in a sentence with the address."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
import stand
from conftest import MakeClient
from test_reasons import failure_of

from authflow_client import tls_credentials


@pytest.fixture
def http1_server() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(1024)
                    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

        threading.Thread(target=serve, daemon=True).start()
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)


def assert_told(make_client: MakeClient, address: str, cause: str, **options: Any) -> None:
    client = make_client(address, "af_key", timeout=5, **options)
    error = failure_of(lambda: client.foo_bar(stand.new_email()))
    assert (error.reason, error.code, error.http_status) == ("", grpc.StatusCode.UNAVAILABLE, 503)
    assert error.message == f"no connection to {address.split('//')[-1]}: {cause}"
    # It is for the log: a visitor is not told where the server is.
    assert address not in str(error.to_dict())


def test_refused(make_client: MakeClient) -> None:
    assert_told(make_client, stand.closed_port(), "the connection was refused")


def test_no_such_host(make_client: MakeClient) -> None:
    assert_told(make_client, "no-such-host.invalid:50051", "there is no such host")


def test_not_trusted(make_client: MakeClient) -> None:
    foreign = tls_credentials(stand.certificate("foreign-ca.pem"))
    address, cause = stand.setting("AUTHFLOW_TEST_TLS_GRPC"), "the server's certificate is not trusted"
    assert_told(make_client, address, cause, credentials=foreign)
    # The authorities that gRPC knows by itself do not sign test certificates.
    assert_told(make_client, f"https://{address}", cause)


def test_tls_against_clear_text(make_client: MakeClient) -> None:
    assert_told(make_client, f"https://{stand.grpc_address()}", "the server speaks clear text, the client TLS")


def test_clear_text_against_tls(make_client: MakeClient) -> None:
    cause = "the server ended the connection: it may speak TLS, and the client speaks clear text"
    assert_told(make_client, stand.setting("AUTHFLOW_TEST_TLS_GRPC"), cause)


def test_a_client_s_certificate_is_demanded(make_client: MakeClient) -> None:
    cause = "the server ended TLS: it may demand a client's certificate, or speak none"
    none = tls_credentials(stand.certificate("ca.pem"))
    assert_told(make_client, stand.setting("AUTHFLOW_TEST_MTLS_GRPC"), cause, credentials=none)


def test_another_port(make_client: MakeClient, http1_server: str) -> None:
    assert_told(make_client, http1_server, "the server speaks HTTP/1, not gRPC: is it another port?")


def test_no_answer_names_the_address(make_client: MakeClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        client = make_client(address, "af_key", timeout=0.2)
        error = failure_of(lambda: client.foo_bar(stand.new_email()))
    assert (error.code, error.http_status) == (grpc.StatusCode.DEADLINE_EXCEEDED, 504)
    assert error.message == f"no answer from {address} in time"
