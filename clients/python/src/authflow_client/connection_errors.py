"""Why there is no connection, in a sentence with the address: gRPC's own has other words in each of its versions."""

from __future__ import annotations

import grpc

from .address import Address
from .errors import AuthFlowError

# How gRPC begins where it never got to send a request.
_NOT_CONNECTED = ("failed to connect to all addresses", "DNS resolution failed", "errors resolving")
_REFUSED = "the connection was refused"
_ENDED = ("Socket closed", "Connection reset", "Broken pipe", "EOF")


class ConnectionErrors:
    """Explains the errors of one client. Safe for threads."""

    def __init__(self, address: Address, *, tls: bool) -> None:
        self._address = address
        self._tls = tls
        self._telling: str | None = None

    def explain(self, error: AuthFlowError) -> AuthFlowError:
        """The same error, with a sentence that names address and cause where the error is that nobody answered."""
        if error.reason:
            return error
        if error.code is grpc.StatusCode.DEADLINE_EXCEEDED:
            return _with_message(error, f"no answer from {self._address} in time")
        if error.code is grpc.StatusCode.UNAVAILABLE and error.message.startswith(_NOT_CONNECTED):
            return _with_message(error, f"no connection to {self._address}: {self._most_telling(error.message)}")
        return error

    def forget(self) -> None:
        """Tells that there was a connection."""
        self._telling = None

    def _most_telling(self, details: str) -> str:
        # Of a name with several addresses gRPC tells the last failure alone: localhost's ::1 may have refused after
        # 127.0.0.1 had shown a certificate that is not trusted.
        cause = _cause(details, self._tls)
        if cause != _REFUSED:
            self._telling = cause
        return self._telling or cause


def _cause(details: str, tls: bool) -> str:
    if not details.startswith(_NOT_CONNECTED[0]):
        return "there is no such host"
    if "Connection refused" in details:
        return _REFUSED
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
    return AuthFlowError(error.reason, error.code, message, error.violations, error.retry_after)
