"""The client for threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Any, Callable, NamedTuple, TypeVar, cast

import grpc
from authflow_stubs.v1.account_service_pb2_grpc import AccountServiceStub
from authflow_stubs.v1.auth_service_pb2_grpc import AuthServiceStub
from authflow_stubs.v1.second_factor_service_pb2_grpc import SecondFactorServiceStub

from .arguments import hidden
from .calls import Call, Request
from .connection_errors import ConnectionErrors
from .errors import AuthFlowError, decode_error
from .forks import renew_in_children
from .methods import BlockingMethods
from .retry import OnRetry, Repeats, Wait, timeout_until
from .settings import API_KEY_HEADER, DEFAULT_TIMEOUT_SECONDS, ChannelOptions, Settings, checked_timeout

T = TypeVar("T")


class Client(BlockingMethods):
    """Signs up, logs in and validates the users of one organization. Every call raises `AuthFlowError` and no other.

    One client serves all threads over one connection, which the first call makes. It is a context manager; `close`
    ends its running calls and their waits. A client that was made before a fork serves the children too, over
    connections of their own, as long as no call was running when the process forked: gRPC cannot fork within one.
    """

    @hidden
    def __init__(
        self,
        address: str | None = None,
        api_key: str | None = None,
        *,
        timeout: float = DEFAULT_TIMEOUT_SECONDS,
        credentials: grpc.ChannelCredentials | None = None,
        plaintext: bool = False,
        options: ChannelOptions = (),
        interceptors: Sequence[Any] = (),
        on_retry: OnRetry | None = None,
    ) -> None:
        """Makes a client; ValueError, with a sentence, where something cannot work.

        address: `host:port`, `http://host:port` or `https://host:port`; AUTHFLOW_ADDRESS where it is not given. Without
        a scheme a loopback is spoken to in clear text, every other host by TLS.
        api_key: your organization's; AUTHFLOW_API_KEY where it is not given. It is sent with every request.
        timeout: seconds for each call, its attempts, nonces and waits together.
        credentials: of `tls_credentials` or gRPC's own; they mean TLS.
        plaintext: clear text, whatever the host.
        options: channel arguments for gRPC, after the client's own. gRPC's own retries would multiply the client's.
        interceptors: gRPC's, around each request. They do not see the key.
        on_retry: is told of every repeat before its wait. What it raises is logged.
        """
        self._settings = Settings.read(
            address, api_key, timeout=timeout, credentials=credentials, plaintext=plaintext, options=options
        )
        self._interceptors = [*interceptors, _KeyInterceptor(self._settings.api_key)]
        self._repeats = Repeats(on_retry)
        self._errors = ConnectionErrors(self._settings.address, tls=self._settings.credentials is not None)
        self._connection: _Connection | None = None
        self._lock = threading.Lock()
        self._closed = threading.Event()
        renew_in_children(self, type(self)._renew)

    @property
    def stub(self) -> AuthServiceStub:
        """The generated stub. It sends the key; it knows no default timeout and repeats nothing.

        Ask for it anew after a fork.
        """
        return self._connected().stub

    @property
    def account_stub(self) -> AccountServiceStub:
        """The generated stub of AccountService, which is as the others."""
        return self._connected().account_stub

    @property
    def second_factor_stub(self) -> SecondFactorServiceStub:
        """The generated stub of SecondFactorService, which is as the others."""
        return self._connected().second_factor_stub

    def close(self) -> None:
        self._closed.set()
        with self._lock:
            if self._connection is not None:
                self._connection.channel.close()

    def _renew(self) -> None:
        """Makes anew what a forked child cannot share."""
        self._lock = threading.Lock()
        self._connection = None
        self._repeats.renew()
        was_closed, self._closed = self._closed.is_set(), threading.Event()
        if was_closed:
            self._closed.set()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self._settings.address)!r})"

    def _connected(self) -> _Connection:
        with self._lock:
            if self._closed.is_set():
                raise _closed_error()
            if self._connection is None:
                self._connection = self._open()
            return self._connection

    def _open(self) -> _Connection:
        target, credentials = self._settings.address.target, self._settings.credentials
        options = self._settings.channel_options()
        channel = (
            grpc.insecure_channel(target, options)
            if credentials is None
            else grpc.secure_channel(target, credentials, options)
        )
        channel = grpc.intercept_channel(channel, *self._interceptors)
        return _Connection(
            channel, AuthServiceStub(channel), AccountServiceStub(channel), SecondFactorServiceStub(channel)
        )

    def _run(self, call: Call[T], timeout: float | None) -> T:
        seconds = self._settings.timeout if timeout is None else checked_timeout(timeout)
        ends_at = time.monotonic() + seconds
        steps = self._repeats.run(call, ends_at)
        try:
            step = next(steps)
            while True:
                if isinstance(step, Wait):
                    self._closed.wait(step.seconds)
                    step = next(steps)
                    continue
                try:
                    reply = self._send(step, ends_at)
                except grpc.RpcError as error:
                    step = steps.throw(self._errors.explain(decode_error(error)))
                else:
                    self._errors.forget()
                    step = steps.send(reply)
        except StopIteration as done:
            result: T = done.value
            return result

    def _send(self, request: Request, ends_at: float) -> Any:
        method = cast("Callable[..., Any]", getattr(getattr(self, request.stub), request.method))
        try:
            return method(request.message, timeout=timeout_until(ends_at))
        except ValueError:
            # How gRPC tells that the channel was closed meanwhile.
            if not self._closed.is_set():
                raise
        raise _closed_error()


class _Connection(NamedTuple):
    channel: grpc.Channel
    stub: AuthServiceStub
    account_stub: AccountServiceStub
    second_factor_stub: SecondFactorServiceStub


class _Details(NamedTuple):
    method: str
    timeout: float | None
    metadata: Sequence[tuple[str, Any]]
    credentials: grpc.CallCredentials | None
    wait_for_ready: bool | None
    compression: grpc.Compression | None


class _KeyInterceptor(grpc.UnaryUnaryClientInterceptor):
    def __init__(self, api_key: str) -> None:
        self._key = (API_KEY_HEADER, api_key)

    def intercept_unary_unary(self, continuation: Any, client_call_details: Any, request: Any) -> Any:
        d = client_call_details
        # The key is no local of this frame: error trackers record those.
        return continuation(
            _Details(
                d.method,
                d.timeout,
                (*(d.metadata or ()), self._key),
                d.credentials,
                d.wait_for_ready,
                d.compression,
            ),
            request,
        )


def _closed_error() -> AuthFlowError:
    return AuthFlowError("", grpc.StatusCode.CANCELLED, "the client is closed")
