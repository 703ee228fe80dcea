"""AccountService in memory, beside AuthService."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Callable

import grpc
from authflow_stubs.v1 import account_service_pb2 as pb

from authflow_client.errors import AuthFlowError
from authflow_client.reasons import Reason

from .challenges import PREFIX
from .records import Session, Token, User
from .refusals import checked_policy, proof_faults, refuse_faults, refused, session_faults
from .rules import email_fault, fullname_fault, normalized_email, password_fault, required_fault
from .service import FakeService, require_password, set_password, timestamp

# A server's.
_SESSION_MAX_AGE = timedelta(days=30)
_MAIL_TTL = {"verify": timedelta(days=1), "reset": timedelta(minutes=30), "change_email": timedelta(hours=1)}


@dataclass(frozen=True)
class Mail:
    """A mail that the fake would have sent."""

    #: What it asks its reader to do: `verify`, `reset` or `change_email`; of codes `login_code` or `email_code`.
    kind: str
    #: The address that it went to.
    to: str
    #: What `verify_email` or `reset_password` takes; empty where the mail has a code.
    token: str = field(default="", repr=False)
    #: What `verify_email_code` takes: six digits.
    code: str = field(default="", repr=False)


@dataclass(frozen=True)
class _MailToken:
    kind: str
    user: User
    #: The user's when it was made.
    email: str
    #: The one that it proves.
    new_email: str
    credential_version: int
    expires_at: datetime


class FakeAccounts(FakeService):
    """Answers the requests of all calls. Safe for threads."""

    def __init__(self, session_ttl: timedelta) -> None:
        super().__init__(session_ttl)
        self._mails: list[Mail] = []
        self._mail_tokens: dict[str, _MailToken] = {}

    def mails(self) -> list[Mail]:
        with self._lock:
            return list(self._mails)

    def _answers(self) -> dict[str, Callable[[Any], Any]]:
        return {
            **super()._answers(),
            "Me": self._me,
            "SendVerificationEmail": self._send_verification_email,
            "VerifyEmail": self._verify_email,
            "ForgotPassword": self._forgot_password,
            "ResetPassword": self._reset_password,
            "RenewSession": self._renew_session,
            "ListMySessions": self._list_my_sessions,
            "EndMySessions": self._end_my_sessions,
            "UpdateProfile": self._update_profile,
            "ChangeEmail": self._change_email,
            "DeleteAccount": self._delete_account,
        }

    def _me(self, request: pb.MeRequest) -> pb.MeResponse:
        return pb.MeResponse(**self._account(self._live(request)))

    def _send_verification_email(self, request: pb.SendVerificationEmailRequest) -> pb.SendVerificationEmailResponse:
        user = self._user_at(request.email)
        if user is not None and not user.email_verified:
            self._mail("verify", user, user.email)
        return pb.SendVerificationEmailResponse()

    def _verify_email(self, request: pb.VerifyEmailRequest) -> pb.VerifyEmailResponse:
        refuse_faults(token=required_fault(request.token))
        mailed = self._mailed(request.token, "verify", "change_email")
        user = mailed.user
        if mailed.kind == "change_email":
            if mailed.new_email in self._users:
                raise refused(Reason.USER_EXISTS)
            del self._users[user.email]
            self._users[mailed.new_email] = user
            user.email = mailed.new_email
            user.credential_version += 1
            self._end(user)
        user.email_verified = True
        return pb.VerifyEmailResponse(email=user.email, user_id=user.user_id, org_id=self._org_id)

    def _forgot_password(self, request: pb.ForgotPasswordRequest) -> pb.ForgotPasswordResponse:
        user = self._user_at(request.email)
        if user is not None:
            self._mail("reset", user, user.email)
        return pb.ForgotPasswordResponse()

    def _reset_password(self, request: pb.ResetPasswordRequest) -> pb.ResetPasswordResponse:
        refuse_faults(
            token=required_fault(request.token),
            newPassword=required_fault(request.new_password) or password_fault(request.new_password),
            currentPassword=password_fault(request.current_password),
        )
        password = checked_policy(request.new_password)
        if request.token.startswith(PREFIX):
            user = self._challenged_user(request)
        else:
            user = self._mailed(request.token, "reset").user
            if not user.email_verified:
                # Whoever set it up before may not have been who reads the mails.
                user.factor.turn_off()
            user.email_verified = True
            user.factor.mailbox_was_used = user.factor.is_on
        set_password(user, password)
        return pb.ResetPasswordResponse(email=user.email, org_id=self._org_id, ended_sessions=self._end(user))

    def _renew_session(self, request: pb.RenewSessionRequest) -> pb.RenewSessionResponse:
        session = self._live(request).session
        renewed = min(self._now() + self._session_ttl, session.created_at + _SESSION_MAX_AGE)
        if renewed - session.expires_at >= self._session_ttl / 8:
            session.expires_at = renewed
        return pb.RenewSessionResponse(**self._opened(session))

    def _list_my_sessions(self, request: pb.ListMySessionsRequest) -> pb.ListMySessionsResponse:
        asking = self._live(request).session
        sessions = [_told_session(each, asking) for each in reversed(self._live_sessions(asking.user))]
        return pb.ListMySessionsResponse(sessions=sessions)

    def _end_my_sessions(self, request: pb.EndMySessionsRequest) -> pb.EndMySessionsResponse:
        asking = self._live(request).session

        def is_meant(each: Session) -> bool:
            return each.session_id == request.session_id if request.session_id else each is not asking

        return pb.EndMySessionsResponse(ended_sessions=self._end(asking.user, is_meant))

    def _update_profile(self, request: pb.UpdateProfileRequest) -> pb.UpdateProfileResponse:
        refuse_faults(**session_faults(request), fullname=fullname_fault(request.fullname))
        token = self._live(request)
        token.session.user.fullname = request.fullname.strip()
        return pb.UpdateProfileResponse(**self._account(token))

    def _change_email(self, request: pb.ChangeEmailRequest) -> pb.ChangeEmailResponse:
        refuse_faults(**session_faults(request), newEmail=email_fault(request.new_email), **proof_faults(request))
        session = self._live(request).session
        self._require_fresh_proof(session, request.current_password, request.code)
        self._mail("change_email", session.user, normalized_email(request.new_email) or "")
        return pb.ChangeEmailResponse()

    def _delete_account(self, request: pb.DeleteAccountRequest) -> pb.DeleteAccountResponse:
        refuse_faults(**session_faults(request), **proof_faults(request))
        session = self._live(request).session
        self._require_fresh_proof(session, request.current_password, request.code)
        del self._users[session.user.email]
        session.user.credential_version += 1
        return pb.DeleteAccountResponse(ended_sessions=self._end(session.user))

    def _user_at(self, email: str) -> User | None:
        refuse_faults(email=email_fault(email))
        return self._users.get(normalized_email(email) or "")

    def _challenged_user(self, request: pb.ResetPasswordRequest) -> User:
        refuse_faults(currentPassword=None if request.current_password else "is required with a challenge")
        if request.new_password == request.current_password:
            message = "The new password must be another one than the present."
            raise AuthFlowError(Reason.PASSWORD_POLICY, grpc.StatusCode.INVALID_ARGUMENT, message)
        challenge = self._challenges.try_at(request.token, "change_password", self._now())
        assert challenge.user is not None
        require_password(challenge.user, request.current_password)
        self._challenges.spend(challenge)
        return challenge.user

    def _mail(self, kind: str, user: User, new_email: str) -> None:
        token = f"fake.mail.{uuid.uuid4()}"
        expires_at = self._now() + _MAIL_TTL[kind]
        self._mail_tokens[token] = _MailToken(kind, user, user.email, new_email, user.credential_version, expires_at)
        self._mails.append(Mail(kind, new_email, token))

    def _mailed(self, token: str, *kinds: str) -> _MailToken:
        mailed = self._mail_tokens.get(token)
        if mailed is None or mailed.kind not in kinds:
            raise refused(Reason.TOKEN_INVALID)
        if mailed.expires_at <= self._now():
            raise refused(Reason.TOKEN_EXPIRED)
        # That of a verification is bound to the address alone.
        is_void = mailed.kind != "verify" and mailed.credential_version != mailed.user.credential_version
        if is_void or self._users.get(mailed.email) is not mailed.user:
            raise refused(Reason.TOKEN_INVALID)
        return mailed

    def _account(self, token: Token) -> dict[str, Any]:
        user = token.session.user
        role = user.roles[0] if user.roles else "user"
        return {
            **self._told_of(token),
            "role": role,
            "second_factor": user.factor.is_on,
            "recovery_codes_left": len(user.factor.recovery_codes),
            "created_at": timestamp(user.created_at),
        }


def _told_session(session: Session, asking: Session) -> pb.MySession:
    return pb.MySession(
        session_id=session.session_id,
        created_at=timestamp(session.created_at),
        last_used_at=timestamp(session.created_at),
        expires_at=timestamp(session.expires_at),
        client_ip=session.client_ip,
        user_agent=session.user_agent,
        current=session is asking,
    )
