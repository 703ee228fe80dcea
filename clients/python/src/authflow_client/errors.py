"""The one error of this package, and how it is read from a gRPC error."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import grpc
from google.protobuf.message import DecodeError, Message
from google.rpc import error_details_pb2, status_pb2

from .challenges import challenge_in
from .reasons import Reason
from .second_factor_results import Challenge

_HTTP_STATUSES = {
    grpc.StatusCode.INVALID_ARGUMENT: 400,
    grpc.StatusCode.FAILED_PRECONDITION: 400,
    grpc.StatusCode.UNAUTHENTICATED: 401,
    grpc.StatusCode.PERMISSION_DENIED: 403,
    grpc.StatusCode.NOT_FOUND: 404,
    grpc.StatusCode.ALREADY_EXISTS: 409,
    grpc.StatusCode.RESOURCE_EXHAUSTED: 429,
    grpc.StatusCode.CANCELLED: 499,
    grpc.StatusCode.UNAVAILABLE: 503,
    grpc.StatusCode.DEADLINE_EXCEEDED: 504,
}

# What its code alone does not tell.
_HTTP_STATUSES_OF_REASONS = {Reason.SECOND_FACTOR_NOT_ENABLED: 409}

# Who called the backend has no part in its keys.
_FAULTS_OF_THE_BACKEND = (Reason.API_KEY_INVALID, Reason.ADMIN_TOKEN_INVALID)

#: The domain of the server's own google.rpc.ErrorInfo.
ERROR_DOMAIN = "authflow"
STATUS_KEY = "grpc-status-details-bin"

M = TypeVar("M", bound=Message)


@dataclass(frozen=True)
class Violation:
    """What is wrong with one field."""

    #: The name in the protocol: "email", "newPassword".
    field: str
    message: str


class AuthFlowError(Exception):
    """What every call of a client fails with. It carries no error or frame of gRPC, whose locals hold the API key."""

    #: The server's, one of `Reason` or one that this release does not know yet; empty where the error is not the
    #: server's own: a broken connection, a deadline, a proxy.
    reason: str
    #: gRPC's status code. It tells what to do about a reason that is empty or not known.
    code: grpc.StatusCode
    #: A sentence for people, in the server's words where the reason is its own.
    message: str
    #: The faults of single fields, with INVALID_ARGUMENT.
    violations: tuple[Violation, ...]
    #: The wait that the server gave, in seconds; None where it gave none.
    retry_after: float | None
    #: What the login needs next, with SECOND_FACTOR_REQUIRED and PASSWORD_CHANGE_REQUIRED; None where none came. It is
    #: not in `to_dict`: `login_step` answers it.
    challenge: Challenge | None

    def __init__(
        self,
        reason: str,
        code: grpc.StatusCode,
        message: str,
        violations: tuple[Violation, ...] = (),
        retry_after: float | None = None,
        challenge: Challenge | None = None,
    ) -> None:
        super().__init__(reason, code, message, violations, retry_after, challenge)
        self.reason = reason
        self.code = code
        self.message = message
        self.violations = violations
        self.retry_after = retry_after
        self.challenge = challenge

    @property
    def http_status(self) -> int:
        """The HTTP status that a backend would answer with: a refused key is its own fault, and 503."""
        if self.reason in _FAULTS_OF_THE_BACKEND:
            return 503
        return _HTTP_STATUSES_OF_REASONS.get(self.reason) or _HTTP_STATUSES.get(self.code, 500)

    def to_dict(self) -> dict[str, Any]:
        """The body that a backend would answer with, in the shape of the server's own errors.

        Where the reason is empty it is UNAVAILABLE or INTERNAL, with a fixed sentence: the message of such an error
        is for your log, and may name your server's address. A refused key is UNAVAILABLE too.
        """
        if not self.reason or self.reason in _FAULTS_OF_THE_BACKEND:
            return self._hidden()
        body: dict[str, Any] = {"statusCode": self.http_status, "error": self.reason, "message": self.message}
        if self.violations:
            body["violations"] = [{"field": fault.field, "message": fault.message} for fault in self.violations]
        return body

    def _hidden(self) -> dict[str, Any]:
        if self.http_status in (503, 504):
            message = "The service cannot be reached at the moment."
            return {"statusCode": self.http_status, "error": Reason.UNAVAILABLE, "message": message}
        return {"statusCode": self.http_status, "error": Reason.INTERNAL, "message": "Something went wrong."}

    def __str__(self) -> str:
        return f"{self.reason or self.code.name}: {self.message}"


def decode_error(error: grpc.RpcError) -> AuthFlowError:
    """Reads an error of a generated stub.

    Details that cannot be read, or are not the server's, leave the reason empty. Raise it `from None`: the frames of
    the stub's error hold metadata, the API key too.
    """
    call = cast(grpc.Call, error)
    code = call.code() or grpc.StatusCode.UNKNOWN
    return _decode(code, call.details() or "", _details_in(call.trailing_metadata()))


def _decode(code: grpc.StatusCode, message: str, details: status_pb2.Status) -> AuthFlowError:
    info = _detail(details, error_details_pb2.ErrorInfo)
    if info is None or info.domain != ERROR_DOMAIN:
        # Details that somebody else gave say nothing about what our server did.
        return AuthFlowError("", code, message)
    faults = _detail(details, error_details_pb2.BadRequest)
    wait = _detail(details, error_details_pb2.RetryInfo)
    return AuthFlowError(
        info.reason,
        code,
        message,
        tuple(Violation(v.field, v.description) for v in faults.field_violations) if faults else (),
        _positive(wait.retry_delay.seconds + wait.retry_delay.nanos / 1e9) if wait else None,
        challenge_in(info.reason, info.metadata),
    )


def _details_in(metadata: Iterable[tuple[str, Any]] | None) -> status_pb2.Status:
    for key, value in metadata or ():
        if key == STATUS_KEY:
            try:
                return status_pb2.Status.FromString(value)
            except DecodeError:
                break
    return status_pb2.Status()


def _detail(status: status_pb2.Status, kind: type[M]) -> M | None:
    for packed in status.details:
        detail = kind()
        try:
            if packed.Unpack(detail):
                return detail
        except DecodeError:
            continue
    return None


def _positive(seconds: float) -> float | None:
    return seconds if seconds > 0 else None
