"""The client for asyncio."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Callable, NamedTuple, TypeVar, cast

import grpc
import grpc.aio
from authflow_stubs.v1.account_service_pb2_grpc import AccountServiceStub
from authflow_stubs.v1.auth_service_pb2_grpc import AuthServiceStub
from authflow_stubs.v1.second_factor_service_pb2_grpc import SecondFactorServiceStub

from .arguments import hidden
from .calls import Call, Request
from .connection_errors import ConnectionErrors
from .errors import AuthFlowError, decode_error
from .forks import renew_in_children
from .methods import AsyncMethods
from .retry import OnRetry, Repeats, Wait, timeout_until
from .settings import API_KEY_HEADER, DEFAULT_TIMEOUT_SECONDS, ChannelOptions, Settings, checked_timeout

if TYPE_CHECKING:
    from authflow_stubs.v1.account_service_pb2_grpc import AccountServiceAsyncStub
    from authflow_stubs.v1.auth_service_pb2_grpc import AuthServiceAsyncStub
    from authflow_stubs.v1.second_factor_service_pb2_grpc import SecondFactorServiceAsyncStub

T = TypeVar("T")


class AsyncClient(AsyncMethods):
    """`Client` for asyncio: the same calls, to be awaited. Cancelling a task ends its call and its waits.

    One client serves all tasks of an event loop over one connection, which the first call makes: a client may be made
    before its loop runs, and serves a later loop over another connection. It serves forked children if it made no call
    before the fork: not every release of gRPC can fork after one. It is an async context manager.
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
        interceptors: Sequence[grpc.aio.ClientInterceptor] = (),
        on_retry: OnRetry | None = None,
    ) -> None:
        """As `Client`; the interceptors are those of grpc.aio."""
        self._settings = Settings.read(
            address, api_key, timeout=timeout, credentials=credentials, plaintext=plaintext, options=options
        )
        self._interceptors = [*interceptors, _KeyInterceptor(self._settings.api_key)]
        self._repeats = Repeats(on_retry)
        self._errors = ConnectionErrors(self._settings.address, tls=self._settings.credentials is not None)
        self._connections: dict[asyncio.AbstractEventLoop, _Connection] = {}
        self._closed = False
        renew_in_children(self, type(self)._renew)

    @property
    def stub(self) -> AuthServiceAsyncStub:
        """The generated stub, for use in the running event loop.

        It sends the key; it knows no default timeout and repeats nothing.
        """
        return self._connected().stub

    @property
    def account_stub(self) -> AccountServiceAsyncStub:
        """The generated stub of AccountService, which is as the others."""
        return self._connected().account_stub

    @property
    def second_factor_stub(self) -> SecondFactorServiceAsyncStub:
        """The generated stub of SecondFactorService, which is as the others."""
        return self._connected().second_factor_stub

    async def close(self) -> None:
        self._closed = True
        here = asyncio.get_running_loop()
        connections, self._connections = self._connections, {}
        for loop, connection in connections.items():
            if loop is here:
                await connection.channel.close()
            elif not loop.is_closed():
                asyncio.run_coroutine_threadsafe(connection.channel.close(), loop)

    def _renew(self) -> None:
        """Makes anew what a forked child cannot share."""
        self._connections = {}
        self._repeats.renew()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self._settings.address)!r})"

    def _connected(self) -> _Connection:
        if self._closed:
            raise _closed_error()
        loop = asyncio.get_running_loop()
        if loop not in self._connections:
            self._connections = {one: kept for one, kept in self._connections.items() if not one.is_closed()}
            self._connections[loop] = self._open()
        return self._connections[loop]

    def _open(self) -> _Connection:
        target, credentials = self._settings.address.target, self._settings.credentials
        options = self._settings.channel_options()
        channel = (
            grpc.aio.insecure_channel(target, options, interceptors=self._interceptors)
            if credentials is None
            else grpc.aio.secure_channel(target, credentials, options, interceptors=self._interceptors)
        )
        return _Connection(
            channel,
            cast("AuthServiceAsyncStub", AuthServiceStub(channel)),
            cast("AccountServiceAsyncStub", AccountServiceStub(channel)),
            cast("SecondFactorServiceAsyncStub", SecondFactorServiceStub(channel)),
        )

    async def _run(self, call: Call[T], timeout: float | None) -> T:
        seconds = self._settings.timeout if timeout is None else checked_timeout(timeout)
        ends_at = time.monotonic() + seconds
        steps = self._repeats.run(call, ends_at)
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
                    step = steps.throw(self._errors.explain(decode_error(error)))
                else:
                    self._errors.forget()
                    step = steps.send(reply)
        except StopIteration as done:
            result: T = done.value
            return result

    async def _send(self, request: Request, ends_at: float) -> Any:
        method = cast("Callable[..., Any]", getattr(getattr(self, request.stub), request.method))
        try:
            return await method(request.message, timeout=timeout_until(ends_at))
        except (asyncio.CancelledError, grpc.aio.UsageError):
            # How gRPC tells that the channel was closed meanwhile.
            if not self._closed or _is_cancelled(asyncio.current_task()):
                raise
        raise _closed_error()


class _Connection(NamedTuple):
    channel: grpc.aio.Channel
    stub: AuthServiceAsyncStub
    account_stub: AccountServiceAsyncStub
    second_factor_stub: SecondFactorServiceAsyncStub


class _KeyInterceptor(grpc.aio.UnaryUnaryClientInterceptor):
    def __init__(self, api_key: str) -> None:
        self._key = (API_KEY_HEADER, api_key)

    async def intercept_unary_unary(self, continuation: Any, client_call_details: Any, request: Any) -> Any:
        # The key is no local of this frame: error trackers record those.
        return await continuation(
            client_call_details._replace(
                metadata=grpc.aio.Metadata(*(client_call_details.metadata or ()), self._key),
            ),
            request,
        )


def _is_cancelled(task: asyncio.Task[Any] | None) -> bool:
    # Python before 3.11 cannot tell.
    cancelling = getattr(task, "cancelling", None)
    return cancelling is not None and cancelling() > 0


def _closed_error() -> AuthFlowError:
    return AuthFlowError("", grpc.StatusCode.CANCELLED, "the client is closed")
