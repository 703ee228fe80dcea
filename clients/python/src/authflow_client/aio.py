"""The client for asyncio."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Callable, TypeVar, cast

import grpc
import grpc.aio
from authflow_stubs.v1.auth_service_pb2_grpc import AuthServiceStub

from . import calls
from .calls import Call, Request
from .errors import AuthFlowError, decode_error
from .results import Nonce, Session, SessionUser, User
from .retry import RepeatBudget, Wait, repeat, timeout_until
from .settings import API_KEY_HEADER, DEFAULT_TIMEOUT_SECONDS, ChannelOptions, Settings, checked_timeout

if TYPE_CHECKING:
    from authflow_stubs.v1.auth_service_pb2_grpc import AuthServiceAsyncStub

T = TypeVar("T")


class AsyncClient:
    """`Client` for asyncio: the same calls, to be awaited. Cancelling a task ends its call and its waits.

    One client serves all tasks of one event loop over one connection, which the first call makes: a client may be made
    before its loop runs. It is an async context manager.
    """

    def __init__(
        self,
        address: str,
        api_key: str,
        *,
        timeout: float = DEFAULT_TIMEOUT_SECONDS,
        credentials: grpc.ChannelCredentials | None = None,
        options: ChannelOptions = (),
        interceptors: Sequence[grpc.aio.ClientInterceptor] = (),
    ) -> None:
        """As `Client`; the interceptors are those of grpc.aio."""
        self._settings = Settings(address, api_key, timeout, credentials, options)
        self._interceptors = [*interceptors, _KeyInterceptor(api_key)]
        self._channel: grpc.aio.Channel | None = None
        self._stub: AuthServiceAsyncStub | None = None
        self._budget = RepeatBudget()
        self._closed = False

    @property
    def stub(self) -> AuthServiceAsyncStub:
        """The generated stub, for use in the running event loop.

        It sends the key; it knows no default timeout and repeats nothing.
        """
        if self._stub is None:
            self._channel = self._open()
            self._stub = cast("AuthServiceAsyncStub", AuthServiceStub(self._channel))
        return self._stub

    async def foo_bar(self, email: str, *, timeout: float | None = None) -> Nonce:
        """As `Client.foo_bar`."""
        return await self._run(calls.foo_bar(email), timeout)

    async def sign_up(
        self,
        email: str,
        password: str,
        fullname: str,
        *,
        disclaimed: bool,
        timeout: float | None = None,
    ) -> User:
        """As `Client.sign_up`."""
        return await self._run(calls.sign_up(email, password, fullname, disclaimed), timeout)

    async def login(self, email: str, password: str, *, timeout: float | None = None) -> Session:
        """As `Client.login`."""
        return await self._run(calls.login(email, password), timeout)

    async def validate(
        self,
        session_token: str,
        email: str,
        *,
        timeout: float | None = None,
    ) -> SessionUser:
        """As `Client.validate`."""
        return await self._run(calls.validate(session_token, email), timeout)

    async def change_password(
        self,
        session_token: str,
        email: str,
        new_password: str,
        *,
        current_password: str | None = None,
        timeout: float | None = None,
    ) -> int:
        """As `Client.change_password`."""
        return await self._run(calls.change_password(session_token, email, new_password, current_password), timeout)

    async def logout(self, session_token: str, email: str, *, timeout: float | None = None) -> None:
        """As `Client.logout`."""
        await self._run(calls.logout(session_token, email), timeout)

    async def close(self) -> None:
        """Closes the connection; running calls and later ones end with the code CANCELLED."""
        self._closed = True
        if self._channel is not None:
            await self._channel.close()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._settings.address!r})"

    def _open(self) -> grpc.aio.Channel:
        address, credentials = self._settings.address, self._settings.credentials
        options = self._settings.channel_options()
        if credentials is None:
            return grpc.aio.insecure_channel(address, options, interceptors=self._interceptors)
        return grpc.aio.secure_channel(address, credentials, options, interceptors=self._interceptors)

    async def _run(self, call: Call[T], timeout: float | None) -> T:
        seconds = self._settings.timeout if timeout is None else checked_timeout(timeout)
        ends_at = time.monotonic() + seconds
        steps = repeat(call, self._budget, ends_at)
        try:
            step = next(steps)
            while True:
                if isinstance(step, Wait):
                    await asyncio.sleep(step.seconds)
                    step = next(steps)
                    continue
                try:
                    reply = await self._send(step, ends_at)
                except grpc.RpcError as error:
                    step = steps.throw(decode_error(error))
                else:
                    step = steps.send(reply)
        except StopIteration as done:
            result: T = done.value
            return result

    async def _send(self, request: Request, ends_at: float) -> Any:
        if not self._closed:
            method = cast("Callable[..., Any]", getattr(self.stub, request.method))
            try:
                return await method(request.message, timeout=timeout_until(ends_at))
            except (asyncio.CancelledError, grpc.aio.UsageError):
                # How gRPC tells that the channel was closed meanwhile.
                if not self._closed or _is_cancelled(asyncio.current_task()):
                    raise
        raise AuthFlowError("", grpc.StatusCode.CANCELLED, "the client is closed")


def _is_cancelled(task: asyncio.Task[Any] | None) -> bool:
    # Python before 3.11 cannot tell.
    cancelling = getattr(task, "cancelling", None)
    return cancelling is not None and cancelling() > 0


class _KeyInterceptor(grpc.aio.UnaryUnaryClientInterceptor):
    def __init__(self, api_key: str) -> None:
        self._key = (API_KEY_HEADER, api_key)

    async def intercept_unary_unary(self, continuation: Any, client_call_details: Any, request: Any) -> Any:
        metadata = grpc.aio.Metadata(*(client_call_details.metadata or ()), self._key)
        return await continuation(client_call_details._replace(metadata=metadata), request)
