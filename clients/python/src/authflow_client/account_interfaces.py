"""What a client can do about accounts; `AuthFlow` and `AsyncAuthFlow` have these calls too."""

from __future__ import annotations

from typing import Protocol

from .results import Account, MySession, PasswordReset, Session, VerifiedEmail


class Accounts(Protocol):
    """What users do with their own accounts, through your backend."""

    def me(
        self,
        session_token: str,
        email: str | None = None,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> Account:
        """Tells all about the user of a live session; an e-mail that is given must be the session's. It is repeated
        freely.

        Reasons: INVALID_ARGUMENT, API_KEY_INVALID, SESSION_INVALID, SESSION_EXPIRED, SESSION_REVOKED.
        """
        ...

    def send_verification_email(
        self,
        email: str,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> None:
        """Mails a link that proves an address. It never tells whether somebody has it. It is repeated freely.

        Reasons: INVALID_ARGUMENT, API_KEY_INVALID, RATE_LIMITED.
        """
        ...

    def verify_email(
        self,
        token: str,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> VerifiedEmail:
        """Takes the token of a mail: it proves the address, or moves the user to the one that `change_email` was told,
        which ends all sessions.

        After a lost reply it is repeated: a change of address that was done by then is TOKEN_INVALID.

        Reasons: INVALID_ARGUMENT, TOKEN_INVALID, TOKEN_EXPIRED, USER_EXISTS.
        """
        ...

    def forgot_password(
        self,
        email: str,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> None:
        """Mails a link that sets a new password. It never tells whether there is such a user. It is repeated freely.

        Reasons: INVALID_ARGUMENT, API_KEY_INVALID, RATE_LIMITED.
        """
        ...

    def reset_password(
        self,
        token: str,
        new_password: str,
        *,
        current_password: str | None = None,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> PasswordReset:
        """Sets a new password by the token of a mail, and ends all sessions of the user. It also takes the challenge of
        PASSWORD_CHANGE_REQUIRED, with `current_password`.

        After a lost reply it is not repeated, because the token may be spent: log in to find out.

        Reasons: INVALID_ARGUMENT, PASSWORD_POLICY, TOKEN_INVALID, TOKEN_EXPIRED, CHALLENGE_INVALID,
        CREDENTIALS_INVALID, OVERLOADED.
        """
        ...

    def renew_session(
        self,
        session_token: str,
        email: str | None = None,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> Session:
        """Makes a live session last as long as a new one, and gives a new token of it; older ones stay good until
        their own end. The e-mail is the token's own where none is given. It is repeated freely.

        Reasons: INVALID_ARGUMENT, API_KEY_INVALID, SESSION_INVALID, SESSION_EXPIRED, SESSION_REVOKED.
        """
        ...

    def list_my_sessions(
        self,
        session_token: str,
        email: str | None = None,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> list[MySession]:
        """Lists the live sessions of the session's user, newest first. The e-mail is the token's own where none is
        given. It is repeated freely.

        Reasons: INVALID_ARGUMENT, API_KEY_INVALID, SESSION_INVALID, SESSION_EXPIRED, SESSION_REVOKED.
        """
        ...

    def end_my_sessions(
        self,
        session_token: str,
        session_id: str | None = None,
        *,
        email: str | None = None,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> int:
        """Ends one session of the session's user, or all but the one that asks, and tells how many those were.

        Ending one again is a success. The e-mail is the token's own where none is given. It is repeated freely: what a
        lost reply counted is not counted again.

        Reasons: INVALID_ARGUMENT, API_KEY_INVALID, SESSION_INVALID, SESSION_EXPIRED, SESSION_REVOKED.
        """
        ...

    def update_profile(
        self,
        session_token: str,
        fullname: str,
        *,
        email: str | None = None,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> Account:
        """Changes the name of the session's user. The e-mail is the token's own where none is given. It is repeated
        freely.

        Reasons: INVALID_ARGUMENT, API_KEY_INVALID, SESSION_INVALID, SESSION_EXPIRED, SESSION_REVOKED.
        """
        ...

    def change_email(
        self,
        session_token: str,
        new_email: str,
        *,
        current_password: str | None = None,
        code: str | None = None,
        email: str | None = None,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> None:
        """Mails a link to a new address that moves the user there, and a warning to the present one.

        `current_password` must be right where it is given, and is needed where the session's login is older than 15
        minutes. A user with a second factor needs `code`, of the authenticator app or a recovery code. The e-mail is
        the token's own where none is given. It is repeated freely, but after a lost reply not with a code, which is
        good once.

        Reasons: INVALID_ARGUMENT, API_KEY_INVALID, SESSION_INVALID, SESSION_EXPIRED, SESSION_REVOKED,
        CREDENTIALS_INVALID, REAUTHENTICATION_REQUIRED, CODE_INVALID, ACCOUNT_LOCKED, ACCESS_DENIED, RATE_LIMITED,
        OVERLOADED.
        """
        ...

    def delete_account(
        self,
        session_token: str,
        *,
        current_password: str | None = None,
        code: str | None = None,
        email: str | None = None,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> int:
        """Removes the session's user, and tells how many live sessions that ended.

        The rest is as in `change_email`, but after a lost reply it is not repeated: log in to find out.

        Reasons: INVALID_ARGUMENT, API_KEY_INVALID, SESSION_INVALID, SESSION_EXPIRED, SESSION_REVOKED,
        CREDENTIALS_INVALID, REAUTHENTICATION_REQUIRED, CODE_INVALID, ACCOUNT_LOCKED, ACCESS_DENIED, OVERLOADED.
        """
        ...


class AsyncAccounts(Protocol):
    """`Accounts` for asyncio."""

    async def me(
        self,
        session_token: str,
        email: str | None = None,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> Account:
        """As `Accounts.me`."""
        ...

    async def send_verification_email(
        self,
        email: str,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> None:
        """As `Accounts.send_verification_email`."""
        ...

    async def verify_email(
        self,
        token: str,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> VerifiedEmail:
        """As `Accounts.verify_email`."""
        ...

    async def forgot_password(
        self,
        email: str,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> None:
        """As `Accounts.forgot_password`."""
        ...

    async def reset_password(
        self,
        token: str,
        new_password: str,
        *,
        current_password: str | None = None,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> PasswordReset:
        """As `Accounts.reset_password`."""
        ...

    async def renew_session(
        self,
        session_token: str,
        email: str | None = None,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> Session:
        """As `Accounts.renew_session`."""
        ...

    async def list_my_sessions(
        self,
        session_token: str,
        email: str | None = None,
        *,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> list[MySession]:
        """As `Accounts.list_my_sessions`."""
        ...

    async def end_my_sessions(
        self,
        session_token: str,
        session_id: str | None = None,
        *,
        email: str | None = None,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> int:
        """As `Accounts.end_my_sessions`."""
        ...

    async def update_profile(
        self,
        session_token: str,
        fullname: str,
        *,
        email: str | None = None,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> Account:
        """As `Accounts.update_profile`."""
        ...

    async def change_email(
        self,
        session_token: str,
        new_email: str,
        *,
        current_password: str | None = None,
        code: str | None = None,
        email: str | None = None,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> None:
        """As `Accounts.change_email`."""
        ...

    async def delete_account(
        self,
        session_token: str,
        *,
        current_password: str | None = None,
        code: str | None = None,
        email: str | None = None,
        client_ip: str | bytes | None = None,
        user_agent: str | bytes | None = None,
        timeout: float | None = None,
    ) -> int:
        """As `Accounts.delete_account`."""
        ...
