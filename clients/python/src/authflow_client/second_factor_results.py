"""What the calls about second factors answer, and what a login leads to."""

# No `from __future__ import annotations`: pydantic reads the annotations at run time.

from dataclasses import dataclass
from datetime import datetime
from typing import Optional, Union

from .results import OnTheWire, Session, WithSecrets


@dataclass(frozen=True, init=False, eq=False)
class Challenge(WithSecrets, OnTheWire):
    """What a login needs after its password.

    Its `challenge`, an opaque token, is no field: it is neither printed nor serialized. Keep it in your backend, and
    hand it on by its name. `pickle` and `copy` keep it.
    """

    #: `Reason.SECOND_FACTOR_REQUIRED` or `Reason.PASSWORD_CHANGE_REQUIRED`.
    reason: str
    #: What answers it: "totp", "email" and "recovery"; "setup" where a second factor must be set up first (where
    #: "email" stands beside it, after the code of a mail); "change_password". Keep those that you do not know.
    methods: tuple[str, ...]
    #: In UTC.
    expires_at: datetime

    def __init__(self, reason: str, challenge: str, methods: tuple[str, ...], expires_at: datetime) -> None:
        self._hold(challenge, reason=reason, methods=methods, expires_at=expires_at)

    @property
    def challenge(self) -> str:
        """What `verify_totp` and its like take; `reset_password` does where the method is "change_password"."""
        return self._secrets[0]


#: What a login, or a code that answers a challenge, leads to: a session, or what it needs next.
LoginStep = Union[Session, Challenge]


@dataclass(frozen=True, init=False, eq=False)
class LoginCode(WithSecrets, OnTheWire):
    """That a code was mailed which logs in. Its `challenge` is neither printed nor serialized."""

    #: In UTC.
    expires_at: datetime

    def __init__(self, challenge: str, expires_at: datetime) -> None:
        self._hold(challenge, expires_at=expires_at)

    @property
    def challenge(self) -> str:
        """What `verify_email_code` takes, with the code of the mail."""
        return self._secrets[0]


@dataclass(frozen=True, init=False, eq=False)
class TotpSetup(WithSecrets, OnTheWire):
    """A new secret for the user's authenticator app, in three forms, which are neither printed nor serialized.

    Show them to the user alone.
    """

    #: Until when `confirm_totp` takes a code of it. In UTC.
    expires_at: datetime

    def __init__(self, secret: str, otpauth_url: str, qr_code: str, expires_at: datetime) -> None:
        self._hold(secret, otpauth_url, qr_code, expires_at=expires_at)

    @property
    def secret(self) -> str:
        """In base32, to be typed in."""
        return self._secrets[0]

    @property
    def otpauth_url(self) -> str:
        """A link for authenticator apps."""
        return self._secrets[1]

    @property
    def qr_code(self) -> str:
        """That link as a QR code: a data URL of an SVG image."""
        return self._secrets[2]


@dataclass(frozen=True, init=False, eq=False)
class ConfirmedTotp(WithSecrets, OnTheWire):
    """That logins need a code from now on. The recovery codes are neither printed nor serialized."""

    #: The new session where a challenge was answered; None with a session, and where the password must be changed
    #: first: then log in again.
    session: Optional[Session]

    def __init__(self, recovery_codes: tuple[str, ...], session: Optional[Session]) -> None:
        self._hold(*recovery_codes, session=session)

    @property
    def recovery_codes(self) -> tuple[str, ...]:
        """Each is good once. Show them to the user, this once."""
        return self._secrets
