"""What the fake keeps."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from .factors import SecondFactor


@dataclass(eq=False)
class User:
    user_id: str
    email: str
    fullname: str
    created_at: datetime
    password: str = field(repr=False)
    email_verified: bool = False
    is_disabled: bool = False
    #: Whether the password must be changed before the next login.
    must_change: bool = False
    roles: tuple[str, ...] = ()
    #: Raised by what makes mailed tokens and challenges void.
    credential_version: int = 0
    factor: SecondFactor = field(default_factory=SecondFactor)


@dataclass(eq=False)
class Session:
    session_id: str
    user: User
    created_at: datetime
    expires_at: datetime
    client_ip: str
    user_agent: str
    is_live: bool = True


@dataclass(frozen=True)
class Token:
    """A session token, which ends by itself: a renewed session has several."""

    session: Session
    expires_at: datetime


@dataclass
class Settings:
    """The organization's."""

    require_verified_email: bool = False
    login_by_email: bool = False
    #: "optional", "required" or "off".
    second_factor: str = "optional"
