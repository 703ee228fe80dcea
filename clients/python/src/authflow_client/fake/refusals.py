"""The errors of the fake, as a server's."""

from __future__ import annotations

import unicodedata
from typing import Any

import grpc
from authflow_stubs.v1.account_service_pb2 import MeRequest

from authflow_client.errors import AuthFlowError, Violation
from authflow_client.reasons import Reason
from authflow_client.second_factor_results import Challenge

from .codes import code_fault
from .rules import email_fault, password_fault, policy_fault, required_fault

_REFUSALS = {
    Reason.DISCLAIMER_REQUIRED: (grpc.StatusCode.INVALID_ARGUMENT, "The disclaimer must be accepted."),
    Reason.CREDENTIALS_INVALID: (grpc.StatusCode.UNAUTHENTICATED, "The password is wrong."),
    Reason.SESSION_INVALID: (grpc.StatusCode.UNAUTHENTICATED, "The session token is not valid."),
    Reason.SESSION_EXPIRED: (grpc.StatusCode.UNAUTHENTICATED, "The session has expired."),
    Reason.SESSION_REVOKED: (grpc.StatusCode.UNAUTHENTICATED, "The session has ended."),
    Reason.USER_NOT_FOUND: (grpc.StatusCode.NOT_FOUND, "There is no such user in this organization."),
    Reason.USER_DISABLED: (grpc.StatusCode.PERMISSION_DENIED, "The user is disabled."),
    Reason.TOKEN_INVALID: (grpc.StatusCode.UNAUTHENTICATED, "The token is not valid."),
    Reason.TOKEN_EXPIRED: (grpc.StatusCode.UNAUTHENTICATED, "The token is too old."),
    Reason.REAUTHENTICATION_REQUIRED: (
        grpc.StatusCode.PERMISSION_DENIED,
        "The present password is needed, or a new login; of a user with a second factor also a code.",
    ),
    Reason.USER_EXISTS: (grpc.StatusCode.ALREADY_EXISTS, "This e-mail is already signed up in the organization."),
    Reason.ACCESS_DENIED: (grpc.StatusCode.PERMISSION_DENIED, "The organization takes no logins by mail."),
    Reason.ACCOUNT_LOCKED: (grpc.StatusCode.RESOURCE_EXHAUSTED, "Too many failed tries for this account."),
    Reason.EMAIL_NOT_VERIFIED: (grpc.StatusCode.PERMISSION_DENIED, "The e-mail must be verified first."),
    Reason.SECOND_FACTOR_REQUIRED: (grpc.StatusCode.UNAUTHENTICATED, "The login needs a second factor."),
    Reason.PASSWORD_CHANGE_REQUIRED: (grpc.StatusCode.PERMISSION_DENIED, "The password must be changed first."),
    Reason.CHALLENGE_INVALID: (grpc.StatusCode.UNAUTHENTICATED, "The challenge is not valid, or not any more."),
    Reason.CODE_INVALID: (grpc.StatusCode.UNAUTHENTICATED, "The code is wrong."),
    Reason.SECOND_FACTOR_ALREADY_ENABLED: (
        grpc.StatusCode.ALREADY_EXISTS,
        "The user has a second factor already.",
    ),
    Reason.SECOND_FACTOR_NOT_ENABLED: (grpc.StatusCode.FAILED_PRECONDITION, "The user has no second factor."),
}


def refused(reason: str, challenge: Challenge | None = None) -> AuthFlowError:
    code, message = _REFUSALS[reason]
    return AuthFlowError(reason, code, message, challenge=challenge)


def refuse_faults(**faults: str | None) -> None:
    violations = tuple(Violation(name, fault) for name, fault in faults.items() if fault)
    if violations:
        message = " ".join(f"{violation.field} {violation.message}." for violation in violations)
        raise AuthFlowError(Reason.INVALID_ARGUMENT, grpc.StatusCode.INVALID_ARGUMENT, message, violations)


def session_faults(request: Any) -> dict[str, str | None]:
    # Me alone may come without an e-mail: of the others the clients fill it in.
    email = None if isinstance(request, MeRequest) and not request.email else email_fault(request.email)
    return {"sessionToken": required_fault(request.session_token), "email": email}


def proof_faults(request: Any) -> dict[str, str | None]:
    """Of what proves that the session's user is there."""
    code = code_fault(request.code) if request.code else None
    return {"currentPassword": password_fault(request.current_password), "code": code}


def checked_policy(text: str) -> str:
    password = normalized_password(text)
    fault = policy_fault(password)
    if fault is not None:
        raise AuthFlowError(Reason.PASSWORD_POLICY, grpc.StatusCode.INVALID_ARGUMENT, fault)
    return password


def normalized_password(text: str) -> str:
    return unicodedata.normalize("NFC", text)
