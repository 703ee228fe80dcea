"""The calls of AccountService without a transport, as those of `calls`."""

from __future__ import annotations

from typing import Any, Callable, TypeVar

from authflow_stubs.v1 import account_service_pb2 as pb
from google.protobuf.message import Message

from .calls import Call, Request, Visitor, instant, message_of, one_request, session, session_fields, session_user
from .results import Account, MySession, PasswordReset, Session, VerifiedEmail
from .second_factor_results import LoginCode

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


def reset_password(
    token: str, new_password: str, current_password: str | None, visitor: Visitor
) -> Call[PasswordReset]:
    request = message_of(
        pb.ResetPasswordRequest, visitor, token=token, new_password=new_password, current_password=current_password
    )

    def read(reply: pb.ResetPasswordResponse) -> PasswordReset:
        return PasswordReset(reply.email, reply.org_id, reply.ended_sessions)

    return _call("reset_password", "ResetPassword", request, read, once=True)


def renew_session(session_token: str, email: str | None, visitor: Visitor) -> Call[Session]:
    request = message_of(pb.RenewSessionRequest, visitor, **session_fields(session_token, email))
    return _call("renew_session", "RenewSession", request, session)


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
    # A code is good once: after a lost reply it would be a wrong one.
    return _call("change_email", "ChangeEmail", request, _nothing, once=bool(code))


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


def send_login_code(email: str, visitor: Visitor) -> Call[LoginCode]:
    request = message_of(pb.SendLoginCodeRequest, visitor, email=email)

    def read(reply: pb.SendLoginCodeResponse) -> LoginCode:
        return LoginCode(reply.challenge, instant(reply.expires_at))

    return _call("send_login_code", "SendLoginCode", request, read, once=True)


def _call(name: str, method: str, request: Message, read: Callable[[Any], T], *, once: bool = False) -> Call[T]:
    return one_request(name, Request(method, request, once, "account_stub"), read)


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


def _my_session(told: pb.MySession) -> MySession:
    return MySession(
        told.session_id,
        instant(told.created_at),
        instant(told.last_used_at),
        instant(told.expires_at),
        told.client_ip,
        told.user_agent,
        told.current,
    )
