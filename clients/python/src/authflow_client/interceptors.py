"""gRPC server interceptors, for threads and for asyncio."""

from __future__ import annotations

import contextvars
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Callable

import grpc
import grpc.aio
from google.protobuf.any_pb2 import Any as PackedAny
from google.protobuf.duration_pb2 import Duration
from google.rpc import error_details_pb2, status_pb2

from .arguments import without_frames
from .bearer import Bearer, read_token
from .errors import ERROR_DOMAIN, STATUS_KEY
from .guard import (
    Admitted,
    AsyncValidator,
    Guard,
    Refusal,
    Validator,
    checked_async_validator,
    checked_validator,
    report,
)
from .previous_session import keep_previous_session
from .public import Public, public_paths
from .reasons import Reason
from .results import SessionUser
from .roles import RoleCheck
from .sources import Extract, bearer_token

OnError = Callable[[str, Exception], object]

_admitted: contextvars.ContextVar[Admitted | None] = contextvars.ContextVar("authflow", default=None)


def current_user() -> SessionUser:
    """The user of the call that is being handled.

    LookupError where it has none: no interceptor of this module let it in, or one that is optional, or the method is
    public.
    """
    return _current().user


def optional_user() -> SessionUser | None:
    """As `current_user`; None where the call has no user."""
    admitted = _admitted.get()
    return admitted and admitted.user


def current_session_token() -> str:
    """The session token of the call that is being handled, for `logout`. LookupError as `current_user`."""
    return _current().session_token


def _current() -> Admitted:
    admitted = _admitted.get()
    if admitted is None:
        raise LookupError("the call has no user: no interceptor let it in, one is optional, or the method is public")
    return admitted


class SessionInterceptor(grpc.ServerInterceptor):
    """Lets calls through that carry a live session as the metadata `authorization: Bearer <token>`.

    Their handlers find the user by `current_user`. Other calls never reach one: those without a live session end with
    UNAUTHENTICATED, and with UNAVAILABLE those whose session cannot be checked. A stream is checked when it begins, and
    not again while it lasts. A `login` of their handlers, of public methods too, tells the server the session token
    that the call came with.
    """

    def __init__(
        self,
        client: Validator,
        *,
        extract: Extract[grpc.HandlerCallDetails] | None = None,
        optional: bool = False,
        public: Public[grpc.HandlerCallDetails] = (),
        roles: Mapping[str, Iterable[str]] = MappingProxyType({}),
        remember: float = 0.0,
        on_error: OnError | None = None,
    ) -> None:
        """Makes an interceptor for `grpc.server`; ValueError or TypeError where an option cannot work.

        client: any `AuthFlow`, so that a fake serves in tests.
        extract: makes the token of the call's details, in place of the metadata `authorization`.
        optional: lets those through without a user who have no live session.
        public: full names of methods that need no session: `/grpc.health.v1.Health/Check` is one,
        `/grpc.health.v1.Health/*` is all of a service. Or a function of the call's details.
        roles: of methods that are only for users with at least one of the roles, by their names as in `public`. Calls
        of others end with PERMISSION_DENIED. Such a method is neither public nor optional.
        remember: for how many seconds a session that was valid is let in again without asking the server, at most 1
        and never beyond its expiry; a logout is seen that much later. At most 10,000 sessions are remembered.
        on_error: is handed the method and the error behind every UNAVAILABLE; without it the error goes to the logger
        `authflow_client`.
        """
        self._client = checked_validator(client)
        self._extract = extract
        self._is_public = public_paths(public, _method)
        self._roles = _RolesOfMethods(roles)
        self._guard = Guard(remember, optional=optional)
        self._on_error = on_error

    def intercept_service(self, continuation: Any, handler_call_details: Any) -> Any:
        handler = continuation(handler_call_details)
        if handler is None:
            return handler
        required = self._roles.of(handler_call_details)
        if not required and self._is_public(handler_call_details):
            return _wrapped(handler, lambda _: _context_of(_bearer(handler_call_details, self._extract)))

        # The call is asked about in the handler's thread: this one takes all calls of the server.
        def admit(context: grpc.ServicerContext) -> contextvars.Context:
            bearer = _bearer(handler_call_details, self._extract)
            own = _context_of(bearer)
            try:
                admitted = self._guard.admit(self._client, bearer)
                _check(required, admitted)
                own.run(_admitted.set, admitted)
            except Refusal as refused:
                # What aborting raises must not lead to frames that hold the token.
                refusal = without_frames(refused)
            else:
                return own
            report(self._on_error, refusal, handler_call_details.method)
            context.set_trailing_metadata(_trailers_of(refusal))
            context.abort(_code_of(refusal), refusal.message)
            raise AssertionError("aborting raises")

        return _wrapped(handler, admit)


class AsyncSessionInterceptor(grpc.aio.ServerInterceptor):
    """`SessionInterceptor` for `grpc.aio.server`. Handlers that are no coroutines cannot see the user."""

    def __init__(
        self,
        client: AsyncValidator,
        *,
        extract: Extract[grpc.HandlerCallDetails] | None = None,
        optional: bool = False,
        public: Public[grpc.HandlerCallDetails] = (),
        roles: Mapping[str, Iterable[str]] = MappingProxyType({}),
        remember: float = 0.0,
        on_error: OnError | None = None,
    ) -> None:
        """As `SessionInterceptor`."""
        self._client = checked_async_validator(client)
        self._extract = extract
        self._is_public = public_paths(public, _method)
        self._roles = _RolesOfMethods(roles)
        self._guard = Guard(remember, optional=optional)
        self._on_error = on_error

    async def intercept_service(self, continuation: Any, handler_call_details: Any) -> Any:
        handler = await continuation(handler_call_details)
        if handler is None:
            return handler
        # This runs in the call's own task, whose context the handler shares.
        bearer = _bearer(handler_call_details, self._extract)
        keep_previous_session(bearer)
        required = self._roles.of(handler_call_details)
        if not required and self._is_public(handler_call_details):
            return handler
        try:
            admitted = await self._guard.admit_async(self._client, bearer)
            _check(required, admitted)
            _admitted.set(admitted)
        except Refusal as refusal:
            report(self._on_error, refusal, handler_call_details.method)
            return _refusing(handler, refusal)
        return handler


class _RolesOfMethods:
    """What roles methods need."""

    def __init__(self, roles: Mapping[str, Iterable[str]]) -> None:
        self._checks = [(public_paths([name], _method), RoleCheck(needed)) for name, needed in roles.items()]

    def of(self, details: Any) -> list[RoleCheck]:
        return [check for is_meant, check in self._checks if is_meant(details)]


def _check(required: list[RoleCheck], admitted: Admitted | None) -> None:
    for check in required:
        check.check(admitted and admitted.user)


def _context_of(bearer: Bearer | None) -> contextvars.Context:
    """A context in which a login tells the session of the call."""
    own = contextvars.copy_context()
    own.run(keep_previous_session, bearer)
    return own


def _wrapped(handler: Any, admit: Callable[[grpc.ServicerContext], contextvars.Context]) -> Any:
    """The same handler, after admission."""
    behaviour = _behaviour_of(handler)

    def unary(request: Any, context: grpc.ServicerContext) -> Any:
        return admit(context).run(behaviour, request, context)

    def stream(request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        # gRPC may take each message of a stream in another thread.
        own = admit(context)
        messages = iter(own.run(behaviour, request, context))
        while True:
            try:
                message = own.run(next, messages)
            except StopIteration:
                return
            yield message

    return _made_like(handler, stream if handler.response_streaming else unary)


def _refusing(handler: Any, refusal: Refusal) -> Any:
    """A handler of the same kind that ends every call."""

    async def unary(request: Any, context: grpc.aio.ServicerContext[Any, Any]) -> None:
        await context.abort(_code_of(refusal), refusal.message, _trailers_of(refusal))

    async def stream(request: Any, context: grpc.aio.ServicerContext[Any, Any]) -> Any:
        await context.abort(_code_of(refusal), refusal.message, _trailers_of(refusal))
        yield None

    return _made_like(handler, stream if handler.response_streaming else unary)


def _behaviour_of(handler: Any) -> Callable[[Any, grpc.ServicerContext], Any]:
    behaviours = (handler.unary_unary, handler.unary_stream, handler.stream_unary, handler.stream_stream)
    behaviour: Callable[[Any, grpc.ServicerContext], Any] = next(one for one in behaviours if one is not None)
    return behaviour


def _made_like(handler: Any, behaviour: Callable[..., Any]) -> Any:
    make = {
        (False, False): grpc.unary_unary_rpc_method_handler,
        (False, True): grpc.unary_stream_rpc_method_handler,
        (True, False): grpc.stream_unary_rpc_method_handler,
        (True, True): grpc.stream_stream_rpc_method_handler,
    }[handler.request_streaming, handler.response_streaming]
    return make(behaviour, handler.request_deserializer, handler.response_serializer)


def _bearer(details: Any, extract: Extract[grpc.HandlerCallDetails] | None) -> Bearer | None:
    return read_token(_token(details, extract))


def _token(details: Any, extract: Extract[grpc.HandlerCallDetails] | None) -> str | None:
    if extract is not None:
        return extract(details)
    return bearer_token([value for name, value in details.invocation_metadata if name == "authorization"])


def _method(details: Any) -> str:
    return str(details.method)


def _code_of(refusal: Refusal) -> grpc.StatusCode:
    if refusal.failure is not None:
        return grpc.StatusCode.UNAVAILABLE
    denied = refusal.reason == Reason.ACCESS_DENIED
    return grpc.StatusCode.PERMISSION_DENIED if denied else grpc.StatusCode.UNAUTHENTICATED


def _trailers_of(refusal: Refusal) -> tuple[tuple[str, bytes], ...]:
    """The reason and the wait in the shape of the server's own errors."""
    details = [_packed(error_details_pb2.ErrorInfo(reason=refusal.reason, domain=ERROR_DOMAIN))]
    if refusal.retry_after is not None:
        delay = Duration()
        delay.FromNanoseconds(int(refusal.retry_after * 1e9))
        details.append(_packed(error_details_pb2.RetryInfo(retry_delay=delay)))
    status = status_pb2.Status(code=_code_of(refusal).value[0], message=refusal.message, details=details)
    return ((STATUS_KEY, status.SerializeToString()),)


def _packed(detail: Any) -> PackedAny:
    packed = PackedAny()
    packed.Pack(detail)
    return packed
