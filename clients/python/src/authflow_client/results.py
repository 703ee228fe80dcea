"""What the calls answer."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, timezone
from typing import Any, cast


class WithSecrets:
    """Holds secrets beside the fields: nothing that prints or serializes a dataclass finds them. Copies keep them."""

    __slots__ = ("_secrets",)
    _secrets: tuple[str, ...]

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and isinstance(other, WithSecrets) and self._parts() == other._parts()

    def __hash__(self) -> int:
        return hash(self._parts())

    def __setstate__(self, state: tuple[dict[str, Any], dict[str, Any]]) -> None:
        self._set(*state)

    def _hold(self, *secrets: str, **values: Any) -> None:
        self._set(values, {"_secrets": secrets})

    def _set(self, values: dict[str, Any], slots: dict[str, Any]) -> None:
        for name, value in {**values, **slots}.items():
            object.__setattr__(self, name, value)

    def _parts(self) -> tuple[Any, ...]:
        return (*self._secrets, *vars(self).values())


class WithToken(WithSecrets):
    """Its secret is a token."""

    __slots__ = ()

    @property
    def token(self) -> str:
        return self._secrets[0]


@dataclass(frozen=True, init=False, eq=False)
class Nonce(WithToken):
    """A single-use token for one sign-up or login by the stub: `token`, which is not shown when printed."""

    #: In UTC.
    expires_at: datetime

    def __init__(self, token: str, expires_at: datetime) -> None:
        self._hold(token, expires_at=expires_at)


class OnTheWire:
    """Becomes JSON by the names of the protocol."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """For JSON, by the names of the protocol; instants in RFC 3339. It is without secrets, such as tokens."""
        return {field.name: _plain(getattr(self, field.name)) for field in fields(cast(Any, self))}


@dataclass(frozen=True)
class User(OnTheWire):
    """A user of your organization. Key your own records by `user_id`."""

    user_id: str
    #: Normalized: as the server keeps it.
    email: str
    fullname: str
    org_id: str


@dataclass(frozen=True, init=False, eq=False)
class Session(WithToken, User):
    """A session that a login opened.

    Its `token`, a JWT, is no field: it is neither printed nor serialized. Hand it on by its name. `pickle` and `copy`
    keep it.
    """

    #: In UTC.
    expires_at: datetime

    def __init__(self, user_id: str, email: str, fullname: str, org_id: str, token: str, expires_at: datetime) -> None:
        self._hold(token, user_id=user_id, email=email, fullname=fullname, org_id=org_id, expires_at=expires_at)


@dataclass(frozen=True, init=False, eq=False)
class RecoveredSession(Session):
    """A session that a recovery code opened."""

    #: Of the user's second factor. Where few are left it is time for `regenerate_recovery_codes`.
    recovery_codes_left: int

    def __init__(
        self,
        user_id: str,
        email: str,
        fullname: str,
        org_id: str,
        token: str,
        expires_at: datetime,
        recovery_codes_left: int,
    ) -> None:
        super().__init__(user_id, email, fullname, org_id, token, expires_at)
        object.__setattr__(self, "recovery_codes_left", recovery_codes_left)


@dataclass(frozen=True)
class SessionUser(User):
    """The user of a live session, as the server knows both now."""

    session_id: str
    #: When the session token stops being accepted. In UTC.
    expires_at: datetime
    #: Whether the user has proven to read mail at the e-mail.
    email_verified: bool
    #: In the order in which they were given.
    roles: tuple[str, ...]

    def has_role(self, *roles: str) -> bool:
        """Whether the user has at least one of them."""
        return any(role in self.roles for role in roles)


@dataclass(frozen=True)
class Account(SessionUser):
    """The user of a live session with all that is told of it, as the server knows it now."""

    #: Whether a login of the user needs a second factor.
    second_factor: bool
    #: Of the second factor.
    recovery_codes_left: int
    #: The text of a JSON object that your backend keeps with the user; empty where there is none.
    public_metadata: str
    #: When the user signed up. In UTC.
    created_at: datetime


@dataclass(frozen=True)
class VerifiedEmail(OnTheWire):
    """Whose address is proven."""

    email: str
    user_id: str
    org_id: str


@dataclass(frozen=True)
class PasswordReset(OnTheWire):
    """What a reset of the password did."""

    email: str
    org_id: str
    #: How many live sessions it ended.
    ended_sessions: int


@dataclass(frozen=True)
class MySession(OnTheWire):
    """One live session, as its user sees it. Instants are in UTC."""

    session_id: str
    #: When the login was.
    created_at: datetime
    #: To within an hour.
    last_used_at: datetime
    #: When it ends unless it is renewed.
    expires_at: datetime
    #: As your backend told when it was used last; empty where it did not.
    client_ip: str
    #: As your backend told when it was used last; empty where it did not.
    user_agent: str
    #: Whether it is the session that asks.
    current: bool


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, OnTheWire):
        return value.to_dict()
    return list(value) if isinstance(value, tuple) else value
