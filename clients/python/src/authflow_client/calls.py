"""The calls of AuthService without a transport: what each sends, and what it makes of the replies.

A call begins attempts. An attempt is a generator: it yields the requests to send, is sent their replies (or has their
errors thrown in), and returns the result. So the nonce is fetched anew by every attempt, and all clients share one
description.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, Callable, Generic, Literal, TypeVar

import grpc
from authflow_stubs.v1 import auth_service_pb2 as pb
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from .bearer import claimed_email
from .errors import AuthFlowError, Violation
from .previous_session import told_session
from .reasons import Reason
from .results import Nonce, Session, SessionUser, User
from .second_factor_results import Challenge, LoginStep

T = TypeVar("T")
S = TypeVar("S", bound=Session)
M = TypeVar("M", bound=Message)

_LONGEST_OF_VISITOR_BYTES = 1024
# Asks for the faults of a call whose e-mail got no nonce: the server tells them before it looks at a nonce.
_NO_NONCE = "-"


@dataclass(frozen=True)
class Request:
    """One request of an attempt."""

    #: The method's name in its service.
    method: str
    message: Message = field(repr=False)
    #: Whether it must not be repeated where it is not known what was done.
    once: bool = False
    #: The clients' property that is the service's stub.
    stub: Literal["stub", "account_stub", "second_factor_stub"] = "stub"


@dataclass(frozen=True)
class Visitor:
    """The person behind the caller, as far as the caller tells."""

    client_ip: str | bytes | None = None
    user_agent: str | bytes | None = None

    def sent(self) -> dict[str, Any]:
        """The fields of a request: what visitors tell of themselves must not fail a call."""
        return {name: _clipped(value) for name, value in vars(self).items()}


Attempt = Generator[Request, Any, T]


@dataclass(frozen=True)
class Call(Generic[T]):
    """What a method of the clients does."""

    #: As the clients' method is called.
    name: str
    begin: Callable[[], Attempt[T]] = field(repr=False)


def one_request(name: str, request: Request, read: Callable[[Any], T]) -> Call[T]:
    """A call whose attempts are one request."""

    def attempt() -> Attempt[T]:
        reply = yield request
        return read(reply)

    return Call(name, attempt)


def foo_bar(email: str, visitor: Visitor) -> Call[Nonce]:
    request = message_of(pb.FooBarRequest, visitor, identity=email)

    def attempt() -> Attempt[Nonce]:
        reply = yield Request("FooBar", request)
        return Nonce(reply.token, instant(reply.expires_at))

    return Call("foo_bar", attempt)


def sign_up(email: str, password: str, fullname: str, disclaimed: bool, visitor: Visitor) -> Call[User]:
    request = message_of(
        pb.SignUpRequest, visitor, email=email, password=password, fullname=fullname, disclaimed=disclaimed
    )

    def attempt() -> Attempt[User]:
        request.foobar = yield from _nonce(email, visitor)
        reply = yield Request("SignUp", request, once=True)
        return User(**user(reply))

    return Call("sign_up", attempt)


def login(email: str, password: str, session_token: str | None, visitor: Visitor) -> Call[Session]:
    request = message_of(
        pb.LoginRequest, visitor, email=email, password=password, session_token=told_session(session_token)
    )

    def attempt() -> Attempt[Session]:
        request.foobar = yield from _nonce(email, visitor)
        reply = yield Request("Login", request)
        return session(reply)

    return Call("login", attempt)


def login_step(email: str, password: str, session_token: str | None, visitor: Visitor) -> Call[LoginStep]:
    return or_challenge("login_step", login(email, password, session_token, visitor))


def validate(session_token: str, email: str | None, visitor: Visitor) -> Call[SessionUser]:
    request = message_of(pb.ValidateRequest, visitor, **session_fields(session_token, email))

    def attempt() -> Attempt[SessionUser]:
        reply = yield Request("Validate", request)
        return SessionUser(**session_user(reply))

    return Call("validate", attempt)


def change_password(
    session_token: str,
    email: str | None,
    new_password: str,
    current_password: str | None,
    code: str | None,
    visitor: Visitor,
) -> Call[int]:
    request = message_of(
        pb.ChangePasswordRequest,
        visitor,
        **session_fields(session_token, email),
        new_password=new_password,
        current_password=current_password,
        code=code,
    )

    def attempt() -> Attempt[int]:
        reply: pb.ChangePasswordResponse = yield Request("ChangePassword", request, once=True)
        return reply.ended_sessions

    return Call("change_password", attempt)


def logout(session_token: str, email: str | None, visitor: Visitor) -> Call[None]:
    request = message_of(pb.LogoutRequest, visitor, **session_fields(session_token, email))

    def attempt() -> Attempt[None]:
        yield Request("Logout", request)

    return Call("logout", attempt)


def _nonce(email: str, visitor: Visitor) -> Generator[Request, Any, str]:
    try:
        return (yield from foo_bar(email, visitor).begin()).token
    except AuthFlowError as error:
        if error.reason != Reason.INVALID_ARGUMENT:
            raise
        return _NO_NONCE


def or_challenge(name: str, call: Call[S]) -> Call[S | Challenge]:
    """The same call under a name of its own; a challenge that it fails with is what it answers."""

    def attempt() -> Attempt[S | Challenge]:
        try:
            return (yield from call.begin())
        except AuthFlowError as error:
            if error.challenge is None:
                raise
            return error.challenge

    return Call(name, attempt)


def session_fields(session_token: str, email: str | None) -> dict[str, str]:
    """The fields of a request about a session; SESSION_INVALID where no e-mail is given and the token names none."""
    if email is None:
        email = claimed_email(session_token) if isinstance(session_token, str) else None
    if email is None:
        raise AuthFlowError(
            Reason.SESSION_INVALID, grpc.StatusCode.UNAUTHENTICATED, "The session token is not valid: it names no user."
        )
    return {"session_token": session_token, "email": email}


def message_of(kind: type[M], visitor: Visitor, **fields: str | bool | None) -> M:
    """A request; INVALID_ARGUMENT with all its faults where the wire cannot carry it."""
    # protobuf's own error would show the value, a password perhaps. The server answers such values the same way.
    given = {**visitor.sent(), **fields}
    faults = tuple(
        Violation(kind.DESCRIPTOR.fields_by_name[name].json_name, fault)
        for name, value in given.items()
        if value is not None and (fault := _fault(bool if name == "disclaimed" else str, value))
    )
    if faults:
        message = " ".join(f"{violation.field} {violation.message}." for violation in faults)
        raise AuthFlowError(Reason.INVALID_ARGUMENT, grpc.StatusCode.INVALID_ARGUMENT, message, faults)
    return kind(**given)


def _clipped(value: object) -> object:
    """Text or bytes without what is no UTF-8, and as much of it as is sent; any other value as it is."""
    if isinstance(value, str):
        value = value.encode("utf-8", "ignore")
    if not isinstance(value, bytes):
        return value
    return value.decode("utf-8", "ignore").encode()[:_LONGEST_OF_VISITOR_BYTES].decode("utf-8", "ignore")


def _fault(expected: type, value: object) -> str | None:
    if not isinstance(value, expected):
        return "must be text" if expected is str else "must be true or false"
    try:
        if isinstance(value, str):
            value.encode()
    except UnicodeEncodeError:
        return "must be well-formed Unicode text"
    return None


def session_user(reply: Any) -> dict[str, Any]:
    """The fields of a `SessionUser`."""
    return {
        **user(reply),
        "session_id": reply.session_id,
        "expires_at": instant(reply.expires_at),
        "email_verified": reply.email_verified,
        "roles": tuple(reply.roles),
    }


def session(reply: Any) -> Session:
    """What a login answers."""
    return Session(**user(reply), token=reply.token, expires_at=instant(reply.expires_at))


def user(reply: Any) -> dict[str, str]:
    """The fields of a `User`."""
    return {
        "user_id": reply.user_id,
        "email": reply.email,
        "fullname": reply.fullname,
        "org_id": reply.org_id,
    }


def instant(timestamp: Timestamp) -> datetime:
    """In UTC."""
    return timestamp.ToDatetime(tzinfo=timezone.utc)
