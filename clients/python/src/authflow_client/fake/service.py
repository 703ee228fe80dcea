"""AuthService in memory, and what it shares with AccountService."""

from __future__ import annotations

import base64
import json
import secrets
import threading
import uuid
from datetime import datetime, timedelta, timezone
from typing import Any, Callable, TypeVar

import grpc
from authflow_stubs.v1 import auth_service_pb2 as pb
from google.protobuf.timestamp_pb2 import Timestamp

from authflow_client.calls import Call, Request
from authflow_client.errors import AuthFlowError
from authflow_client.reasons import Reason
from authflow_client.second_factor_results import Challenge

from .challenges import Challenges
from .records import Session, Settings, Token, User
from .refusals import checked_policy, normalized_password, proof_faults, refuse_faults, refused, session_faults
from .rules import email_fault, fullname_fault, normalized_email, password_fault, required_fault

T = TypeVar("T")

_NONCE_TTL = timedelta(minutes=5)
_FRESH = timedelta(minutes=15)


class FakeService:
    """Answers the requests of calls. Safe for threads."""

    def __init__(self, session_ttl: timedelta) -> None:
        self._session_ttl = session_ttl
        self._org_id = str(uuid.uuid4())
        self._users: dict[str, User] = {}
        #: In the order of their logins.
        self._sessions: list[Session] = []
        self._tokens: dict[str, Token] = {}
        self._challenges = Challenges()
        self._settings = Settings()
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
        if user.is_disabled:
            raise refused(Reason.USER_DISABLED)
        if self._settings.require_verified_email and not user.email_verified:
            raise refused(Reason.EMAIL_NOT_VERIFIED)
        self._require_second_factor(user)
        self._require_kept_password(user)
        return pb.LoginResponse(**self._log_in(user, request))

    def _log_in(self, user: User, request: Any) -> dict[str, Any]:
        """Opens a session, and gives what a login answers."""
        now = self._now()
        session = Session(str(uuid.uuid4()), user, now, now + self._session_ttl, request.client_ip, request.user_agent)
        self._sessions.append(session)
        return self._opened(session)

    def _require_second_factor(self, user: User, *, by_mail: bool = False) -> None:
        """Refuses a login that has proven the password alone, or the mailbox alone."""
        has_mailbox = user.email_verified and not by_mail
        if user.factor.is_on:
            # One mailbox is not two factors.
            email = ("email",) if has_mailbox and not user.factor.mailbox_was_used else ()
            raise self._challenged(Reason.SECOND_FACTOR_REQUIRED, user, ("totp", *email, "recovery"))
        if self._settings.second_factor == "required":
            email = ("email",) if has_mailbox else ()
            raise self._challenged(Reason.SECOND_FACTOR_REQUIRED, user, (*email, "setup"))

    def _require_kept_password(self, user: User) -> None:
        if user.must_change:
            raise self._challenged(Reason.PASSWORD_CHANGE_REQUIRED, user, ("change_password",))

    def _challenged(self, reason: str, user: User, methods: tuple[str, ...]) -> AuthFlowError:
        opened = self._challenges.begin(user, methods, self._now())
        return refused(reason, Challenge(reason, opened.token, opened.methods, opened.expires_at))

    def _validate(self, request: pb.ValidateRequest) -> pb.ValidateResponse:
        return pb.ValidateResponse(**self._told_of(self._live(request)))

    def _change_password(self, request: pb.ChangePasswordRequest) -> pb.ChangePasswordResponse:
        refuse_faults(
            **session_faults(request),
            newPassword=required_fault(request.new_password) or password_fault(request.new_password),
            **proof_faults(request),
        )
        password = checked_policy(request.new_password)
        session = self._live(request).session
        user = session.user
        if user.factor.is_on:
            self._require_fresh_proof(session, request.current_password, request.code)
        elif request.current_password:
            require_password(user, request.current_password)
        set_password(user, password)
        return pb.ChangePasswordResponse(ended_sessions=self._end(user, lambda each: each is not session))

    def _logout(self, request: pb.LogoutRequest) -> pb.LogoutResponse:
        self._known(request).session.is_live = False
        return pb.LogoutResponse()

    def _require_fresh_proof(self, session: Session, current_password: str, code: str) -> None:
        """Of a user with a second factor a code belongs to it, which is compared last."""
        factor = session.user.factor
        if factor.is_on and not code:
            raise refused(Reason.REAUTHENTICATION_REQUIRED)
        self._require_fresh_login(session, current_password)
        if factor.is_on:
            factor.take(code, self._now())

    def _require_fresh_login(self, session: Session, current_password: str) -> None:
        if current_password:
            require_password(session.user, current_password)
        elif self._now() - session.created_at > _FRESH:
            raise refused(Reason.REAUTHENTICATION_REQUIRED)

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


def set_password(user: User, password: str) -> None:
    user.password = password
    user.must_change = False
    user.credential_version += 1


def require_password(user: User, password: str) -> None:
    if user.password != normalized_password(password):
        raise refused(Reason.CREDENTIALS_INVALID)


def timestamp(instant: datetime) -> Timestamp:
    made = Timestamp()
    made.FromDatetime(instant)
    return made
