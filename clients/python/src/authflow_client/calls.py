"""The six calls without a transport: what each sends, and what it makes of the replies.

A call is a function that begins an attempt. An attempt is a generator: it yields the requests to send, is sent their
replies, and returns the result. So the nonce is fetched anew by every attempt, and both clients share one description.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, Callable, TypeVar

import grpc
from authflow_stubs.v1 import auth_service_pb2 as pb
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from .errors import AuthFlowError, Violation
from .reasons import Reason
from .results import Nonce, Session, SessionUser, User

T = TypeVar("T")
M = TypeVar("M", bound=Message)


@dataclass(frozen=True)
class Request:
    """One request of an attempt."""

    #: The method's name in AuthService.
    method: str
    message: Message = field(repr=False)
    #: Whether it must not be repeated where it is not known what was done.
    once: bool = False


Attempt = Generator[Request, Any, T]
Call = Callable[[], Attempt[T]]


def foo_bar(email: str) -> Call[Nonce]:
    request = _message(pb.FooBarRequest, identity=email)

    def attempt() -> Attempt[Nonce]:
        reply = yield Request("FooBar", request)
        return Nonce(reply.token, _instant(reply.expires_at))

    return attempt


def sign_up(email: str, password: str, fullname: str, disclaimed: bool) -> Call[User]:
    request = _message(pb.SignUpRequest, email=email, password=password, fullname=fullname, disclaimed=disclaimed)

    def attempt() -> Attempt[User]:
        request.foobar = (yield from foo_bar(email)()).token
        reply = yield Request("SignUp", request, once=True)
        return User(**_user(reply))

    return attempt


def login(email: str, password: str) -> Call[Session]:
    request = _message(pb.LoginRequest, email=email, password=password)

    def attempt() -> Attempt[Session]:
        request.foobar = (yield from foo_bar(email)()).token
        reply = yield Request("Login", request)
        return Session(**_user(reply), token=reply.token, expires_at=_instant(reply.expires_at))

    return attempt


def validate(session_token: str, email: str) -> Call[SessionUser]:
    request = _message(pb.ValidateRequest, session_token=session_token, email=email)

    def attempt() -> Attempt[SessionUser]:
        reply = yield Request("Validate", request)
        return SessionUser(**_user(reply), session_id=reply.session_id, expires_at=_instant(reply.expires_at))

    return attempt


def change_password(session_token: str, email: str, new_password: str, current_password: str | None) -> Call[int]:
    request = _message(
        pb.ChangePasswordRequest,
        session_token=session_token,
        email=email,
        new_password=new_password,
        current_password=current_password or "",
    )

    def attempt() -> Attempt[int]:
        reply: pb.ChangePasswordResponse = yield Request("ChangePassword", request, once=True)
        return reply.ended_sessions

    return attempt


def logout(session_token: str, email: str) -> Call[None]:
    request = _message(pb.LogoutRequest, session_token=session_token, email=email)

    def attempt() -> Attempt[None]:
        yield Request("Logout", request)

    return attempt


def _message(kind: type[M], **fields: str | bool) -> M:
    # protobuf's own error would show the value, a password perhaps. The server answers such text the same way.
    broken = tuple(
        Violation(kind.DESCRIPTOR.fields_by_name[name].json_name, "is not well-formed Unicode.")
        for name, value in fields.items()
        if isinstance(value, str) and not _is_well_formed(value)
    )
    if broken:
        raise AuthFlowError(
            Reason.INVALID_ARGUMENT, grpc.StatusCode.INVALID_ARGUMENT, "Text is not well-formed Unicode.", broken
        )
    return kind(**fields)


def _is_well_formed(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _user(reply: Any) -> dict[str, str]:
    return {
        "user_id": reply.user_id,
        "email": reply.email,
        "fullname": reply.fullname,
        "org_id": reply.org_id,
    }


def _instant(timestamp: Timestamp) -> datetime:
    return timestamp.ToDatetime(tzinfo=timezone.utc)
