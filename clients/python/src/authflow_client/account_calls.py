"""The calls of AccountService without a transport, as those of `calls`."""

from __future__ import annotations

from functools import partial
from typing import Any, Callable, TypeVar

from authflow_stubs.v1 import account_service_pb2 as pb
from google.protobuf.message import Message

from .calls import Attempt, Call, Request, Visitor, instant, message_of, session_fields, session_user, user
from .results import Account, MySession, PasswordReset, Session, VerifiedEmail

T = TypeVar("T")


def me(session_token: str, email: str | None, visitor: Visitor) -> Call[Account]:
    request = message_of(pb.MeRequest, visitor, session_token=session_token, email=email)
    return _call("me", "Me", request, _account)


def send_verification_email(email: str, visitor: Visitor) -> Call[None]:
    request = message_of(pb.SendVerificationEmailRequest, visitor, email=email)
    return _call("send_verification_email", "SendVerificationEmail", request, _nothing)


def verify_email(token: str, visitor: Visitor) -> Call[VerifiedEmail]:
    request = message_of(pb.VerifyEmailRequest, visitor, token=token)

    def read(reply: pb.VerifyEmailResponse) -> VerifiedEmail:
        return VerifiedEmail(reply.email, reply.user_id, reply.org_id)

    return _call("verify_email", "VerifyEmail", request, read)


def forgot_password(email: str, visitor: Visitor) -> Call[None]:
    request = message_of(pb.ForgotPasswordRequest, visitor, email=email)
    return _call("forgot_password", "ForgotPassword", request, _nothing)


def reset_password(token: str, new_password: str, visitor: Visitor) -> Call[PasswordReset]:
    request = message_of(pb.ResetPasswordRequest, visitor, token=token, new_password=new_password)

    def read(reply: pb.ResetPasswordResponse) -> PasswordReset:
        return PasswordReset(reply.email, reply.org_id, reply.ended_sessions)

    return _call("reset_password", "ResetPassword", request, read, once=True)


def renew_session(session_token: str, email: str | None, visitor: Visitor) -> Call[Session]:
    request = message_of(pb.RenewSessionRequest, visitor, **session_fields(session_token, email))

    def read(reply: pb.RenewSessionResponse) -> Session:
        return Session(**user(reply), token=reply.token, expires_at=instant(reply.expires_at))

    return _call("renew_session", "RenewSession", request, read)


def list_my_sessions(session_token: str, email: str | None, visitor: Visitor) -> Call[list[MySession]]:
    request = message_of(pb.ListMySessionsRequest, visitor, **session_fields(session_token, email))

    def read(reply: pb.ListMySessionsResponse) -> list[MySession]:
        return [_my_session(each) for each in reply.sessions]

    return _call("list_my_sessions", "ListMySessions", request, read)


def end_my_sessions(session_token: str, email: str | None, session_id: str | None, visitor: Visitor) -> Call[int]:
    request = message_of(
        pb.EndMySessionsRequest, visitor, **session_fields(session_token, email), session_id=session_id
    )
    return _call("end_my_sessions", "EndMySessions", request, _ended)


def update_profile(session_token: str, email: str | None, fullname: str, visitor: Visitor) -> Call[Account]:
    request = message_of(pb.UpdateProfileRequest, visitor, **session_fields(session_token, email), fullname=fullname)
    return _call("update_profile", "UpdateProfile", request, _account)


def change_email(
    session_token: str,
    email: str | None,
    new_email: str,
    current_password: str | None,
    code: str | None,
    visitor: Visitor,
) -> Call[None]:
    request = message_of(
        pb.ChangeEmailRequest,
        visitor,
        **session_fields(session_token, email),
        new_email=new_email,
        current_password=current_password,
        code=code,
    )
    return _call("change_email", "ChangeEmail", request, _nothing)


def delete_account(
    session_token: str, email: str | None, current_password: str | None, code: str | None, visitor: Visitor
) -> Call[int]:
    request = message_of(
        pb.DeleteAccountRequest,
        visitor,
        **session_fields(session_token, email),
        current_password=current_password,
        code=code,
    )
    return _call("delete_account", "DeleteAccount", request, _ended, once=True)


def _call(name: str, method: str, request: Message, read: Callable[[Any], T], *, once: bool = False) -> Call[T]:
    return Call(name, partial(_attempt, Request(method, request, once, of_accounts=True), read))


def _attempt(request: Request, read: Callable[[Any], T]) -> Attempt[T]:
    reply = yield request
    return read(reply)


def _nothing(_: object) -> None:
    return None


def _ended(reply: pb.EndMySessionsResponse | pb.DeleteAccountResponse) -> int:
    return reply.ended_sessions


def _account(reply: pb.MeResponse | pb.UpdateProfileResponse) -> Account:
    return Account(
        **session_user(reply),
        second_factor=reply.second_factor,
        recovery_codes_left=reply.recovery_codes_left,
        public_metadata=reply.public_metadata,
        created_at=instant(reply.created_at),
    )


def _my_session(session: pb.MySession) -> MySession:
    return MySession(
        session.session_id,
        instant(session.created_at),
        instant(session.last_used_at),
        instant(session.expires_at),
        session.client_ip,
        session.user_agent,
        session.current,
    )
