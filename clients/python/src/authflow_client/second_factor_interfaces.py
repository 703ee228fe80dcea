"""What a client can do about second factors; `AuthFlow` and `AsyncAuthFlow` have these calls too."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from .results import RecoveredSession
from .second_factor_results import Challenge, ConfirmedTotp, LoginCode, LoginStep, TotpSetup


class SecondFactors(Protocol):
    """The second step of a login, logins by mail, and what users do with their second factor.

    Codes are good once, so no call is repeated where it is not known what was done.
    """

    def enable_totp(
        self,
        session_token: str | None = None,
        *,
        challenge: str | None = None,
        current_password: str | None = None,
        email: str | None = None,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> TotpSetup:
        """Makes a secret for an authenticator app; nothing changes until `confirm_totp`. One that was made before is
        void.

        It is opened by a session, whose e-mail is the token's own where none is given, or by the challenge of a login
        whose method is "setup". With a session it needs `current_password` or a login of the last 15 minutes.

        After a lost reply it is not repeated. Reasons: INVALID_ARGUMENT, API_KEY_INVALID, SESSION_INVALID,
        SESSION_EXPIRED, SESSION_REVOKED, ACCESS_DENIED, CHALLENGE_INVALID, CREDENTIALS_INVALID,
        REAUTHENTICATION_REQUIRED, SECOND_FACTOR_ALREADY_ENABLED, SECOND_FACTOR_NOT_ENABLED (the organization takes
        none), OVERLOADED.
        """
        ...

    def confirm_totp(
        self,
        session_token: str | None = None,
        *,
        code: str,
        challenge: str | None = None,
        email: str | None = None,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> ConfirmedTotp:
        """Takes the first code of a new secret: from now on logins need one. It ends the user's other sessions.

        It is opened as `enable_totp`. A challenge also opens the session, unless the password must be changed first.

        After a lost reply it is not repeated: `me` or a login tells. Reasons: INVALID_ARGUMENT, API_KEY_INVALID,
        SESSION_INVALID, SESSION_EXPIRED, SESSION_REVOKED, ACCESS_DENIED, CHALLENGE_INVALID, CODE_INVALID,
        ACCOUNT_LOCKED, SECOND_FACTOR_ALREADY_ENABLED, SECOND_FACTOR_NOT_ENABLED (no secret to confirm, or too old).
        """
        ...

    def disable_totp(
        self,
        session_token: str,
        code: str,
        *,
        current_password: str | None = None,
        email: str | None = None,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> None:
        """Takes the second factor off, with its recovery codes, and ends the user's other sessions.

        `code` is one of the authenticator app, or a recovery code. Where the session's login is older than 15 minutes
        `current_password` is needed; it must be right where it is given. The e-mail is the token's own where none is
        given.

        After a lost reply it is not repeated: `me` tells. Reasons: INVALID_ARGUMENT, API_KEY_INVALID,
        SESSION_INVALID, SESSION_EXPIRED, SESSION_REVOKED, ACCESS_DENIED, CREDENTIALS_INVALID,
        REAUTHENTICATION_REQUIRED, CODE_INVALID, ACCOUNT_LOCKED, SECOND_FACTOR_NOT_ENABLED, OVERLOADED.
        """
        ...

    def regenerate_recovery_codes(
        self,
        session_token: str,
        code: str,
        *,
        current_password: str | None = None,
        email: str | None = None,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> tuple[str, ...]:
        """Gives ten new recovery codes, which are shown this once; those before are void. The rest is as in
        `disable_totp`."""
        ...

    def verify_totp(
        self,
        challenge: str,
        code: str,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> LoginStep:
        """Answers a challenge by a code of the authenticator app, which is good once. A `Challenge` comes back where
        the password must be changed.

        After a lost reply it is not repeated: log in again. Reasons: INVALID_ARGUMENT, API_KEY_INVALID,
        CHALLENGE_INVALID, CODE_INVALID, ACCOUNT_LOCKED.
        """
        ...

    def send_email_code(
        self,
        challenge: str,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> datetime:
        """Mails a code of six digits to the user's proven address, and tells until when it is good, in UTC. The latest
        code is good alone.

        After a lost reply it is not repeated. Reasons: INVALID_ARGUMENT, API_KEY_INVALID, CHALLENGE_INVALID.
        """
        ...

    def verify_email_code(
        self,
        challenge: str,
        code: str,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> LoginStep:
        """Answers a challenge by the code of a mail: of `send_email_code`, or of `send_login_code`.

        A `Challenge` comes back where the user has a second factor and logs in by mail, where one must be set up (its
        method is "setup"), and where the password must be changed. The rest is as in `verify_totp`.
        """
        ...

    def verify_recovery_code(
        self,
        challenge: str,
        recovery_code: str,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> RecoveredSession | Challenge:
        """Answers a challenge by a recovery code, in any spelling. Each is good once; the session tells how many are
        left. The rest is as in `verify_totp`."""
        ...

    def send_login_code(
        self,
        email: str,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> LoginCode:
        """Mails a code of six digits that logs in by `verify_email_code`, where the organization has that on. It never
        tells whether there is such a user. The latest code is good alone.

        After a lost reply it is not repeated. Reasons: INVALID_ARGUMENT, API_KEY_INVALID, ACCESS_DENIED (the
        organization takes no logins by mail), RATE_LIMITED.
        """
        ...


class AsyncSecondFactors(Protocol):
    """`SecondFactors` for asyncio."""

    async def enable_totp(
        self,
        session_token: str | None = None,
        *,
        challenge: str | None = None,
        current_password: str | None = None,
        email: str | None = None,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> TotpSetup:
        """As `SecondFactors.enable_totp`."""
        ...

    async def confirm_totp(
        self,
        session_token: str | None = None,
        *,
        code: str,
        challenge: str | None = None,
        email: str | None = None,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> ConfirmedTotp:
        """As `SecondFactors.confirm_totp`."""
        ...

    async def disable_totp(
        self,
        session_token: str,
        code: str,
        *,
        current_password: str | None = None,
        email: str | None = None,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> None:
        """As `SecondFactors.disable_totp`."""
        ...

    async def regenerate_recovery_codes(
        self,
        session_token: str,
        code: str,
        *,
        current_password: str | None = None,
        email: str | None = None,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> tuple[str, ...]:
        """As `SecondFactors.regenerate_recovery_codes`."""
        ...

    async def verify_totp(
        self,
        challenge: str,
        code: str,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> LoginStep:
        """As `SecondFactors.verify_totp`."""
        ...

    async def send_email_code(
        self,
        challenge: str,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> datetime:
        """As `SecondFactors.send_email_code`."""
        ...

    async def verify_email_code(
        self,
        challenge: str,
        code: str,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> LoginStep:
        """As `SecondFactors.verify_email_code`."""
        ...

    async def verify_recovery_code(
        self,
        challenge: str,
        recovery_code: str,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> RecoveredSession | Challenge:
        """As `SecondFactors.verify_recovery_code`."""
        ...

    async def send_login_code(
        self,
        email: str,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> LoginCode:
        """As `SecondFactors.send_login_code`."""
        ...
