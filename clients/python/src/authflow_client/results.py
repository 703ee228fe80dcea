"""What the calls answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Nonce:
    """A single-use token for one sign-up or login by the stub."""

    #: Opaque; not shown when printed.
    token: str = field(repr=False)
    #: In UTC.
    expires_at: datetime


@dataclass(frozen=True)
class User:
    """A user of your organization. Key your own records by `user_id`."""

    user_id: str
    #: Normalized: as the server keeps it.
    email: str
    fullname: str
    org_id: str


@dataclass(frozen=True)
class Session(User):
    """A session that a login opened."""

    #: The session token, a JWT; not shown when printed.
    token: str = field(repr=False)
    #: In UTC.
    expires_at: datetime


@dataclass(frozen=True)
class SessionUser(User):
    """The user of a live session, as the server knows both now."""

    session_id: str
    #: In UTC.
    expires_at: datetime
