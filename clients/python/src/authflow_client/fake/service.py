"""AuthService in memory."""

from __future__ import annotations

import base64
import json
import secrets
import threading
import unicodedata
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any, Callable, TypeVar

import grpc
from authflow_stubs.v1 import auth_service_pb2 as pb

from authflow_client.calls import Call, Request
from authflow_client.errors import AuthFlowError, Violation
from authflow_client.reasons import Reason

from .rules import email_fault, fullname_fault, normalized_email, password_fault, policy_fault, required_fault

T = TypeVar("T")

_NONCE_TTL = timedelta(minutes=5)
_REFUSALS = {
    Reason.DISCLAIMER_REQUIRED: (grpc.StatusCode.INVALID_ARGUMENT, "The disclaimer must be accepted."),
    Reason.CREDENTIALS_INVALID: (grpc.StatusCode.UNAUTHENTICATED, "The password is wrong."),
    Reason.SESSION_INVALID: (grpc.StatusCode.UNAUTHENTICATED, "The session token is not valid."),
    Reason.SESSION_EXPIRED: (grpc.StatusCode.UNAUTHENTICATED, "The session has expired."),
    Reason.SESSION_REVOKED: (grpc.StatusCode.UNAUTHENTICATED, "The session has ended."),
    Reason.USER_NOT_FOUND: (grpc.StatusCode.NOT_FOUND, "There is no such user in this organization."),
    Reason.USER_EXISTS: (grpc.StatusCode.ALREADY_EXISTS, "This e-mail is already signed up in the organization."),
}


@dataclass
class _User:
    user_id: str
    email: str
    fullname: str
    password: str = field(repr=False)


@dataclass
class _Session:
    session_id: str
    user: _User
    expires_at: datetime
    is_live: bool = True


class FakeService:
    """Answers the requests of calls. Safe for threads."""

    def __init__(self, session_ttl: timedelta) -> None:
        self._session_ttl = session_ttl
        self._org_id = str(uuid.uuid4())
        self._users: dict[str, _User] = {}
        self._sessions: dict[str, _Session] = {}
        self._lock = threading.Lock()
        self._closed = False

    def close(self) -> None:
        self._closed = True

    def run(self, call: Call[T], *, unreachable: bool) -> T:
        """Makes one attempt of a call."""
        if self._closed:
            raise AuthFlowError("", grpc.StatusCode.CANCELLED, "the client is closed")
        if unreachable:
            raise AuthFlowError("", grpc.StatusCode.UNAVAILABLE, "no connection to fake: the connection was refused")
        attempt = call.begin()
        try:
            request = next(attempt)
            while True:
                try:
                    reply = self._answer(request)
                except AuthFlowError as error:
                    request = attempt.throw(error)
                else:
                    request = attempt.send(reply)
        except StopIteration as done:
            result: T = done.value
            return result

    def _answer(self, request: Request) -> Any:
        answers: dict[str, Callable[[Any], Any]] = {
            "FooBar": self._foo_bar,
            "SignUp": self._sign_up,
            "Login": self._login,
            "Validate": self._validate,
            "ChangePassword": self._change_password,
            "Logout": self._logout,
        }
        with self._lock:
            return answers[request.method](request.message)

    def _foo_bar(self, request: pb.FooBarRequest) -> pb.FooBarResponse:
        _refuse_faults(identity=email_fault(request.identity))
        reply = pb.FooBarResponse(token=f"fake.{secrets.token_urlsafe(16)}")
        reply.expires_at.FromDatetime(_now() + _NONCE_TTL)
        return reply

    def _sign_up(self, request: pb.SignUpRequest) -> pb.SignUpResponse:
        _refuse_faults(
            email=email_fault(request.email),
            password=required_fault(request.password) or password_fault(request.password),
            fullname=fullname_fault(request.fullname),
        )
        password = _checked_policy(request.password)
        if not request.disclaimed:
            raise _refused(Reason.DISCLAIMER_REQUIRED)
        email = normalized_email(request.email) or ""
        if email in self._users:
            raise _refused(Reason.USER_EXISTS)
        user = _User(str(uuid.uuid4()), email, request.fullname.strip(), password)
        self._users[email] = user
        return pb.SignUpResponse(**self._told(user))

    def _login(self, request: pb.LoginRequest) -> pb.LoginResponse:
        _refuse_faults(
            email=email_fault(request.email),
            password=required_fault(request.password) or password_fault(request.password),
        )
        user = self._users.get(normalized_email(request.email) or "")
        if user is None:
            raise _refused(Reason.USER_NOT_FOUND)
        if user.password != _nfc(request.password):
            raise _refused(Reason.CREDENTIALS_INVALID)
        session = _Session(str(uuid.uuid4()), user, _now() + self._session_ttl)
        token = self._token(session)
        self._sessions[token] = session
        reply = pb.LoginResponse(**self._told(user), token=token)
        reply.expires_at.FromDatetime(session.expires_at)
        return reply

    def _validate(self, request: pb.ValidateRequest) -> pb.ValidateResponse:
        session = self._live_session(request)
        reply = pb.ValidateResponse(**self._told(session.user), session_id=session.session_id)
        reply.expires_at.FromDatetime(session.expires_at)
        return reply

    def _change_password(self, request: pb.ChangePasswordRequest) -> pb.ChangePasswordResponse:
        _refuse_faults(
            **_session_faults(request),
            newPassword=required_fault(request.new_password) or password_fault(request.new_password),
            currentPassword=password_fault(request.current_password),
        )
        password = _checked_policy(request.new_password)
        session = self._live_session(request)
        user = session.user
        if request.current_password and user.password != _nfc(request.current_password):
            raise _refused(Reason.CREDENTIALS_INVALID)
        user.password = password
        others = [
            other
            for other in self._sessions.values()
            if other.user is user and other is not session and other.is_live and other.expires_at > _now()
        ]
        for other in others:
            other.is_live = False
        return pb.ChangePasswordResponse(ended_sessions=len(others))

    def _logout(self, request: pb.LogoutRequest) -> pb.LogoutResponse:
        self._session(request).is_live = False
        return pb.LogoutResponse()

    def _live_session(self, request: Any) -> _Session:
        session = self._session(request)
        if session.expires_at <= _now():
            raise _refused(Reason.SESSION_EXPIRED)
        if not session.is_live:
            raise _refused(Reason.SESSION_REVOKED)
        return session

    def _session(self, request: Any) -> _Session:
        _refuse_faults(**_session_faults(request))
        session = self._sessions.get(request.session_token)
        if session is None or session.user.email != normalized_email(request.email):
            raise _refused(Reason.SESSION_INVALID)
        return session

    def _token(self, session: _Session) -> str:
        claims = {
            "email": session.user.email,
            "sub": session.user.user_id,
            "sid": session.session_id,
            "org_id": self._org_id,
            "exp": int(session.expires_at.timestamp()),
        }
        payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
        return f"fake.{payload}.{secrets.token_urlsafe(16)}"

    def _told(self, user: _User) -> dict[str, Any]:
        return {"user_id": user.user_id, "email": user.email, "fullname": user.fullname, "org_id": self._org_id}


def _session_faults(request: Any) -> dict[str, str | None]:
    return {"sessionToken": required_fault(request.session_token), "email": email_fault(request.email)}


def _refuse_faults(**faults: str | None) -> None:
    violations = tuple(Violation(name, fault) for name, fault in faults.items() if fault)
    if violations:
        message = " ".join(f"{violation.field} {violation.message}." for violation in violations)
        raise AuthFlowError(Reason.INVALID_ARGUMENT, grpc.StatusCode.INVALID_ARGUMENT, message, violations)


def _checked_policy(text: str) -> str:
    password = _nfc(text)
    fault = policy_fault(password)
    if fault is not None:
        raise AuthFlowError(Reason.PASSWORD_POLICY, grpc.StatusCode.INVALID_ARGUMENT, fault)
    return password


def _refused(reason: str) -> AuthFlowError:
    code, message = _REFUSALS[reason]
    return AuthFlowError(reason, code, message)


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _now() -> datetime:
    # The wire has whole seconds.
    return datetime.now(timezone.utc).replace(microsecond=0)
