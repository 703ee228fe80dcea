"""Client of AuthFlow: sign-up, login and session checks for your backend.

Middleware: `authflow_client.asgi`, `.fastapi`, `.wsgi` and `.interceptors`. For tests: `authflow_client.fake`.
"""

from .aio import AsyncClient
from .client import Client
from .errors import AuthFlowError, Violation, decode_error
from .interfaces import AsyncAuthFlow, AuthFlow
from .reasons import Reason
from .results import (
    Account,
    MySession,
    Nonce,
    PasswordReset,
    RecoveredSession,
    Session,
    SessionUser,
    User,
    VerifiedEmail,
)
from .retry import Retry
from .second_factor_results import Challenge, ConfirmedTotp, LoginCode, LoginStep, TotpSetup
from .settings import tls_credentials

__all__ = [
    "Account",
    "AsyncAuthFlow",
    "AsyncClient",
    "AuthFlow",
    "AuthFlowError",
    "Challenge",
    "Client",
    "ConfirmedTotp",
    "LoginCode",
    "LoginStep",
    "MySession",
    "Nonce",
    "PasswordReset",
    "Reason",
    "RecoveredSession",
    "Retry",
    "Session",
    "SessionUser",
    "TotpSetup",
    "User",
    "VerifiedEmail",
    "Violation",
    "decode_error",
    "tls_credentials",
]
