"""Client of AuthFlow: sign-up, login and session checks for your backend.

Middleware: `authflow_client.asgi` and `authflow_client.interceptors`.
"""

from .aio import AsyncClient
from .client import Client
from .errors import AuthFlowError, Violation, decode_error
from .reasons import Reason
from .results import Nonce, Session, SessionUser, User
from .settings import tls_credentials

__all__ = [
    "AsyncClient",
    "AuthFlowError",
    "Client",
    "Nonce",
    "Reason",
    "Session",
    "SessionUser",
    "User",
    "Violation",
    "decode_error",
    "tls_credentials",
]
