"""Why there is no connection, in a sentence with the address: gRPC's own has other words in each of its versions."""

from __future__ import annotations

import grpc

from .address import Address
from .errors import AuthFlowError

# How gRPC begins where it never got to send a request.
_NOT_CONNECTED = ("failed to connect to all addresses", "DNS resolution failed", "errors resolving")
_ENDED = ("Socket closed", "Connection reset", "Broken pipe", "EOF")


def explained(error: AuthFlowError, address: Address, *, tls: bool) -> AuthFlowError:
    """The same error, with a sentence that names address and cause where the error is that nobody answered."""
    if error.reason:
        return error
    if error.code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return _with_message(error, f"no answer from {address} in time")
    if error.code is grpc.StatusCode.UNAVAILABLE and error.message.startswith(_NOT_CONNECTED):
        return _with_message(error, f"no connection to {address}: {_cause(error.message, tls)}")
    return error


def _cause(details: str, tls: bool) -> str:
    if not details.startswith(_NOT_CONNECTED[0]):
        return "there is no such host"
    if "Connection refused" in details:
        return "the connection was refused"
    if "CERTIFICATE_VERIFY_FAILED" in details or "Peer name" in details or "Hostname Verification" in details:
        return "the server's certificate is not trusted"
    if "WRONG_VERSION_NUMBER" in details or "HTTP_REQUEST" in details:
        return "the server speaks clear text, the client TLS"
    if tls and ("Unwrap failed" in details or any(end in details for end in _ENDED)):
        return "the server ended TLS: it may demand a client's certificate, or speak none"
    if any(end in details for end in _ENDED):
        return "the server ended the connection: it may speak TLS, and the client speaks clear text"
    if "http1" in details:
        return "the server speaks HTTP/1, not gRPC: is it another port?"
    return details.rsplit("last error: ", 1)[-1]


def _with_message(error: AuthFlowError, message: str) -> AuthFlowError:
    told = AuthFlowError(error.reason, error.code, message, error.violations, error.retry_after)
    told.__cause__ = error.__cause__
    return told
