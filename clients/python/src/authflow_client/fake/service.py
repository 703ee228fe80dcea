"""AuthService in memory, and what it shares with AccountService."""

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
from authflow_stubs.v1.account_service_pb2 import MeRequest
from google.protobuf.timestamp_pb2 import Timestamp

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
    Reason.TOKEN_INVALID: (grpc.StatusCode.UNAUTHENTICATED, "The token is not valid."),
    Reason.TOKEN_EXPIRED: (grpc.StatusCode.UNAUTHENTICATED, "The token is too old."),
    Reason.REAUTHENTICATION_REQUIRED: (
        grpc.StatusCode.PERMISSION_DENIED,
        "The present password is needed, or a new login.",
    ),
    Reason.USER_EXISTS: (grpc.StatusCode.ALREADY_EXISTS, "This e-mail is already signed up in the organization."),
}


@dataclass(eq=False)
class User:
    user_id: str
    email: str
    fullname: str
    created_at: datetime
    password: str = field(repr=False)
    email_verified: bool = False
    roles: tuple[str, ...] = ()
    #: Raised by what makes mailed tokens void.
    credential_version: int = 0


@dataclass(eq=False)
class Session:
    session_id: str
    user: User
    created_at: datetime
    expires_at: datetime
    client_ip: str
    user_agent: str
    is_live: bool = True


@dataclass(frozen=True)
class Token:
    """A session token, which ends by itself: a renewed session has several."""

    session: Session
    expires_at: datetime


class FakeService:
    """Answers the requests of calls. Safe for threads."""

    def __init__(self, session_ttl: timedelta) -> None:
        self._session_ttl = session_ttl
        self._org_id = str(uuid.uuid4())
        self._users: dict[str, User] = {}
        #: In the order of their logins.
        self._sessions: list[Session] = []
        self._tokens: dict[str, Token] = {}
        self._elapsed = timedelta()
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

    def advance(self, by: timedelta) -> None:
        with self._lock:
            self._elapsed += by

    def set_roles(self, email: str, roles: tuple[str, ...]) -> None:
        with self._lock:
            user = self._users.get(email)
            if user is None:
                raise LookupError(f"there is no user {email}")
            if not set(user.roles) <= set(roles):
                self._end(user)
            user.roles = roles

    def _answer(self, request: Request) -> Any:
        with self._lock:
            return self._answers()[request.method](request.message)

    def _answers(self) -> dict[str, Callable[[Any], Any]]:
        return {
            "FooBar": self._foo_bar,
            "SignUp": self._sign_up,
            "Login": self._login,
            "Validate": self._validate,
            "ChangePassword": self._change_password,
            "Logout": self._logout,
        }

    def _foo_bar(self, request: pb.FooBarRequest) -> pb.FooBarResponse:
        refuse_faults(identity=email_fault(request.identity))
        reply = pb.FooBarResponse(token=f"fake.{secrets.token_urlsafe(16)}")
        reply.expires_at.FromDatetime(self._now() + _NONCE_TTL)
        return reply

    def _sign_up(self, request: pb.SignUpRequest) -> pb.SignUpResponse:
        refuse_faults(
            email=email_fault(request.email),
            password=required_fault(request.password) or password_fault(request.password),
            fullname=fullname_fault(request.fullname),
        )
        password = checked_policy(request.password)
        if not request.disclaimed:
            raise refused(Reason.DISCLAIMER_REQUIRED)
        email = normalized_email(request.email) or ""
        if email in self._users:
            raise refused(Reason.USER_EXISTS)
        user = User(str(uuid.uuid4()), email, request.fullname.strip(), self._now(), password)
        self._users[email] = user
        return pb.SignUpResponse(**self._told(user))

    def _login(self, request: pb.LoginRequest) -> pb.LoginResponse:
        refuse_faults(
            email=email_fault(request.email),
            password=required_fault(request.password) or password_fault(request.password),
        )
        user = self._users.get(normalized_email(request.email) or "")
        if user is None:
            raise refused(Reason.USER_NOT_FOUND)
        require_password(user, request.password)
        now = self._now()
        session = Session(str(uuid.uuid4()), user, now, now + self._session_ttl, request.client_ip, request.user_agent)
        self._sessions.append(session)
        return pb.LoginResponse(**self._opened(session))

    def _validate(self, request: pb.ValidateRequest) -> pb.ValidateResponse:
        return pb.ValidateResponse(**self._told_of(self._live(request)))

    def _change_password(self, request: pb.ChangePasswordRequest) -> pb.ChangePasswordResponse:
        refuse_faults(
            **session_faults(request),
            newPassword=required_fault(request.new_password) or password_fault(request.new_password),
            currentPassword=password_fault(request.current_password),
        )
        password = checked_policy(request.new_password)
        session = self._live(request).session
        user = session.user
        if request.current_password:
            require_password(user, request.current_password)
        user.password = password
        user.credential_version += 1
        return pb.ChangePasswordResponse(ended_sessions=self._end(user, lambda each: each is not session))

    def _logout(self, request: pb.LogoutRequest) -> pb.LogoutResponse:
        self._known(request).session.is_live = False
        return pb.LogoutResponse()

    def _live(self, request: Any) -> Token:
        token = self._known(request)
        if token.expires_at <= self._now():
            raise refused(Reason.SESSION_EXPIRED)
        if not token.session.is_live:
            raise refused(Reason.SESSION_REVOKED)
        return token

    def _known(self, request: Any) -> Token:
        refuse_faults(**session_faults(request))
        token = self._tokens.get(request.session_token)
        if token is None or (request.email and token.session.user.email != normalized_email(request.email)):
            raise refused(Reason.SESSION_INVALID)
        return token

    def _live_sessions(self, user: User) -> list[Session]:
        now = self._now()
        return [each for each in self._sessions if each.user is user and each.is_live and each.expires_at > now]

    def _end(self, user: User, is_meant: Callable[[Session], bool] = lambda _: True) -> int:
        ended = [each for each in self._live_sessions(user) if is_meant(each)]
        for session in ended:
            session.is_live = False
        return len(ended)

    def _opened(self, session: Session) -> dict[str, Any]:
        """What a login answers, with a token more of the session."""
        token = self._token(session)
        self._tokens[token] = Token(session, session.expires_at)
        return {**self._told(session.user), "token": token, "expires_at": timestamp(session.expires_at)}

    def _told_of(self, token: Token) -> dict[str, Any]:
        user = token.session.user
        return {
            **self._told(user),
            "session_id": token.session.session_id,
            "expires_at": timestamp(token.expires_at),
            "email_verified": user.email_verified,
            "roles": user.roles,
        }

    def _token(self, session: Session) -> str:
        claims = {
            "email": session.user.email,
            "sub": session.user.user_id,
            "sid": session.session_id,
            "org_id": self._org_id,
            "exp": int(session.expires_at.timestamp()),
        }
        payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
        return f"fake.{payload}.{secrets.token_urlsafe(16)}"

    def _told(self, user: User) -> dict[str, Any]:
        return {"user_id": user.user_id, "email": user.email, "fullname": user.fullname, "org_id": self._org_id}

    def _now(self) -> datetime:
        # The wire has whole seconds.
        return (datetime.now(timezone.utc) + self._elapsed).replace(microsecond=0)


def session_faults(request: Any) -> dict[str, str | None]:
    # Me alone may come without an e-mail: of the others the clients fill it in.
    email = None if isinstance(request, MeRequest) and not request.email else email_fault(request.email)
    return {"sessionToken": required_fault(request.session_token), "email": email}


def require_password(user: User, password: str) -> None:
    if user.password != _nfc(password):
        raise refused(Reason.CREDENTIALS_INVALID)


def timestamp(instant: datetime) -> Timestamp:
    made = Timestamp()
    made.FromDatetime(instant)
    return made


def refuse_faults(**faults: str | None) -> None:
    violations = tuple(Violation(name, fault) for name, fault in faults.items() if fault)
    if violations:
        message = " ".join(f"{violation.field} {violation.message}." for violation in violations)
        raise AuthFlowError(Reason.INVALID_ARGUMENT, grpc.StatusCode.INVALID_ARGUMENT, message, violations)


def checked_policy(text: str) -> str:
    password = _nfc(text)
    fault = policy_fault(password)
    if fault is not None:
        raise AuthFlowError(Reason.PASSWORD_POLICY, grpc.StatusCode.INVALID_ARGUMENT, fault)
    return password


def refused(reason: str) -> AuthFlowError:
    code, message = _REFUSALS[reason]
    return AuthFlowError(reason, code, message)


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)
