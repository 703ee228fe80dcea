"""The calls of SecondFactorService without a transport, as those of `calls`."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Callable, TypeVar

from authflow_stubs.v1 import second_factor_service_pb2 as pb
from google.protobuf.message import Message

from .calls import (
    Call,
    Request,
    Visitor,
    instant,
    message_of,
    one_request,
    or_challenge,
    session,
    session_fields,
    user,
)
from .results import RecoveredSession
from .second_factor_results import Challenge, ConfirmedTotp, LoginStep, TotpSetup

T = TypeVar("T")


def enable_totp(
    session_token: str | None,
    email: str | None,
    challenge: str | None,
    current_password: str | None,
    visitor: Visitor,
) -> Call[TotpSetup]:
    fields = _session_or_challenge(session_token, email, challenge)
    request = message_of(pb.EnableTotpRequest, visitor, **fields, current_password=current_password)

    def read(reply: pb.EnableTotpResponse) -> TotpSetup:
        return TotpSetup(reply.secret, reply.otpauth_url, reply.qr_code, instant(reply.expires_at))

    return _call("enable_totp", "EnableTotp", request, read)


def confirm_totp(
    session_token: str | None, email: str | None, challenge: str | None, code: str, visitor: Visitor
) -> Call[ConfirmedTotp]:
    fields = _session_or_challenge(session_token, email, challenge)
    request = message_of(pb.ConfirmTotpRequest, visitor, **fields, code=code)

    def read(reply: pb.ConfirmTotpResponse) -> ConfirmedTotp:
        return ConfirmedTotp(tuple(reply.recovery_codes), session(reply) if reply.token else None)

    return _call("confirm_totp", "ConfirmTotp", request, read)


def disable_totp(
    session_token: str, email: str | None, code: str, current_password: str | None, visitor: Visitor
) -> Call[None]:
    fields = session_fields(session_token, email)
    request = message_of(pb.DisableTotpRequest, visitor, **fields, code=code, current_password=current_password)
    return _call("disable_totp", "DisableTotp", request, lambda _: None)


def regenerate_recovery_codes(
    session_token: str, email: str | None, code: str, current_password: str | None, visitor: Visitor
) -> Call[tuple[str, ...]]:
    fields = session_fields(session_token, email)
    request = message_of(
        pb.RegenerateRecoveryCodesRequest, visitor, **fields, code=code, current_password=current_password
    )

    def read(reply: pb.RegenerateRecoveryCodesResponse) -> tuple[str, ...]:
        return tuple(reply.recovery_codes)

    return _call("regenerate_recovery_codes", "RegenerateRecoveryCodes", request, read)


def verify_totp(challenge: str, code: str, visitor: Visitor) -> Call[LoginStep]:
    request = message_of(pb.VerifyTotpRequest, visitor, challenge=challenge, code=code)
    return or_challenge("verify_totp", _call("verify_totp", "VerifyTotp", request, session))


def send_email_code(challenge: str, visitor: Visitor) -> Call[datetime]:
    request = message_of(pb.SendEmailCodeRequest, visitor, challenge=challenge)

    def read(reply: pb.SendEmailCodeResponse) -> datetime:
        return instant(reply.expires_at)

    return _call("send_email_code", "SendEmailCode", request, read)


def verify_email_code(challenge: str, code: str, visitor: Visitor) -> Call[LoginStep]:
    request = message_of(pb.VerifyEmailCodeRequest, visitor, challenge=challenge, code=code)
    return or_challenge("verify_email_code", _call("verify_email_code", "VerifyEmailCode", request, session))


def verify_recovery_code(challenge: str, recovery_code: str, visitor: Visitor) -> Call[RecoveredSession | Challenge]:
    request = message_of(pb.VerifyRecoveryCodeRequest, visitor, challenge=challenge, recovery_code=recovery_code)

    def read(reply: pb.VerifyRecoveryCodeResponse) -> RecoveredSession:
        return RecoveredSession(
            **user(reply),
            token=reply.token,
            expires_at=instant(reply.expires_at),
            recovery_codes_left=reply.recovery_codes_left,
        )

    return or_challenge("verify_recovery_code", _call("verify_recovery_code", "VerifyRecoveryCode", request, read))


def _session_or_challenge(session_token: str | None, email: str | None, challenge: str | None) -> dict[str, str | None]:
    """The fields of a request that either may open; what is not given is the server's to refuse."""
    by_session = session_fields(session_token, email) if session_token is not None else {"email": email}
    return {**by_session, "challenge": challenge}


def _call(name: str, method: str, request: Message, read: Callable[[Any], T]) -> Call[T]:
    # Codes are good once, and each secret or mail makes the one before void: what was lost is not sent again.
    return one_request(name, Request(method, request, once=True, stub="second_factor_stub"), read)
