"""The client for threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Callable, NamedTuple, TypeVar, cast

import grpc
from authflow_stubs.v1.auth_service_pb2_grpc import AuthServiceStub

from . import calls
from .calls import Call, Request
from .errors import AuthFlowError, decode_error
from .results import Nonce, Session, SessionUser, User
from .retry import RepeatBudget, Wait, repeat, timeout_until
from .settings import API_KEY_HEADER, DEFAULT_TIMEOUT_SECONDS, ChannelOptions, Settings, checked_timeout

T = TypeVar("T")


class Client:
    """Signs up, logs in and validates the users of one organization. Every call raises `AuthFlowError` and no other.

    One client serves all threads over one connection, which the first call makes. It is a context manager; `close`
    ends its running calls and their waits. Make it after a fork: gRPC's threads do not survive one.
    """

    def __init__(
        self,
        address: str,
        api_key: str,
        *,
        timeout: float = DEFAULT_TIMEOUT_SECONDS,
        credentials: grpc.ChannelCredentials | None = None,
        options: ChannelOptions = (),
        interceptors: Sequence[Any] = (),
    ) -> None:
        """Makes a client of `host:port`; ValueError where an argument cannot be used.

        timeout: seconds for each call, its attempts, nonces and waits together.
        credentials: of `tls_credentials` or gRPC's own; without them the connection is in clear text.
        options: channel arguments for gRPC, after the client's own. gRPC's own retries would multiply the client's.
        interceptors: gRPC's, around each request. They do not see the key.
        """
        self._settings = settings = Settings(address, api_key, timeout, credentials, options)
        channel = (
            grpc.insecure_channel(address, settings.channel_options())
            if credentials is None
            else grpc.secure_channel(address, credentials, settings.channel_options())
        )
        self._channel = grpc.intercept_channel(channel, *interceptors, _KeyInterceptor(api_key))
        self._stub = AuthServiceStub(self._channel)
        self._budget = RepeatBudget()
        self._closed = threading.Event()

    @property
    def stub(self) -> AuthServiceStub:
        """The generated stub. It sends the key; it knows no default timeout and repeats nothing."""
        return self._stub

    def foo_bar(self, email: str, *, timeout: float | None = None) -> Nonce:
        """Fetches a nonce for an e-mail, for those who sign up or log in by the stub.

        It never tells whether the user exists. Reasons: INVALID_ARGUMENT, API_KEY_INVALID. It is repeated freely.
        """
        return self._run(calls.foo_bar(email), timeout)

    def sign_up(
        self, email: str, password: str, fullname: str, *, disclaimed: bool, timeout: float | None = None
    ) -> User:
        """Makes a user. `disclaimed` tells that the user has accepted your terms; it must be True.

        After a lost reply it is not repeated, because the user may have been made: log in to find out.

        Reasons: INVALID_ARGUMENT, PASSWORD_POLICY, DISCLAIMER_REQUIRED, API_KEY_INVALID, OVERLOADED, USER_EXISTS.
        """
        return self._run(calls.sign_up(email, password, fullname, disclaimed), timeout)

    def login(self, email: str, password: str, *, timeout: float | None = None) -> Session:
        """Checks a password and opens a session.

        After a lost reply it is repeated with a new nonce; the session of the lost one expires by itself.

        Reasons: INVALID_ARGUMENT, API_KEY_INVALID, OVERLOADED, ACCOUNT_LOCKED, USER_NOT_FOUND, CREDENTIALS_INVALID,
        USER_DISABLED.
        """
        return self._run(calls.login(email, password), timeout)

    def validate(self, session_token: str, email: str, *, timeout: float | None = None) -> SessionUser:
        """Tells whose live session a token is; the session must belong to the e-mail.

        It asks the server every time, so a session that was ended a moment ago is refused. It is repeated freely.

        Reasons: INVALID_ARGUMENT, API_KEY_INVALID, SESSION_INVALID, SESSION_EXPIRED, SESSION_REVOKED.
        """
        return self._run(calls.validate(session_token, email), timeout)

    def change_password(
        self,
        session_token: str,
        email: str,
        new_password: str,
        *,
        current_password: str | None = None,
        timeout: float | None = None,
    ) -> int:
        """Sets a new password, ends the user's other sessions and tells how many those were.

        `current_password` must be right where it is given; a server of the profile "strict" demands it. After a lost
        reply the call is not repeated: log in to find out.

        Reasons: INVALID_ARGUMENT, PASSWORD_POLICY, API_KEY_INVALID, SESSION_INVALID, SESSION_EXPIRED, SESSION_REVOKED,
        OVERLOADED, CREDENTIALS_INVALID.
        """
        return self._run(calls.change_password(session_token, email, new_password, current_password), timeout)

    def logout(self, session_token: str, email: str, *, timeout: float | None = None) -> None:
        """Ends a session. Ending one again, or one that has expired, is a success. It is repeated freely.

        Reasons: INVALID_ARGUMENT, API_KEY_INVALID, SESSION_INVALID.
        """
        self._run(calls.logout(session_token, email), timeout)

    def close(self) -> None:
        """Closes the connection; running calls and later ones end with the code CANCELLED."""
        self._closed.set()
        self._channel.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._settings.address!r})"

    def _run(self, call: Call[T], timeout: float | None) -> T:
        seconds = self._settings.timeout if timeout is None else checked_timeout(timeout)
        ends_at = time.monotonic() + seconds
        steps = repeat(call, self._budget, ends_at)
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
                    step = steps.throw(decode_error(error))
                else:
                    step = steps.send(reply)
        except StopIteration as done:
            result: T = done.value
            return result

    def _send(self, request: Request, ends_at: float) -> Any:
        method = cast("Callable[..., Any]", getattr(self._stub, request.method))
        try:
            if not self._closed.is_set():
                return method(request.message, timeout=timeout_until(ends_at))
        except ValueError:
            # How gRPC tells that the channel was closed meanwhile.
            if not self._closed.is_set():
                raise
        raise AuthFlowError("", grpc.StatusCode.CANCELLED, "the client is closed")


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
        metadata = (*(d.metadata or ()), self._key)
        return continuation(
            _Details(d.method, d.timeout, metadata, d.credentials, d.wait_for_ready, d.compression), request
        )
