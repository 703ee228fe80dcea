"""What the calls answer."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, timezone
from typing import Any


class _WithToken:
    """Holds a token beside the fields: nothing that prints or serializes a dataclass finds it. Copies keep it."""

    __slots__ = ("_token",)
    _token: str

    @property
    def token(self) -> str:
        return self._token

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and isinstance(other, _WithToken) and self._parts() == other._parts()

    def __hash__(self) -> int:
        return hash(self._parts())

    def __setstate__(self, state: tuple[dict[str, Any], dict[str, Any]]) -> None:
        self._set(*state)

    def _set(self, values: dict[str, Any], slots: dict[str, Any]) -> None:
        for name, value in {**values, **slots}.items():
            object.__setattr__(self, name, value)

    def _parts(self) -> tuple[Any, ...]:
        return (self._token, *vars(self).values())


@dataclass(frozen=True, init=False, eq=False)
class Nonce(_WithToken):
    """A single-use token for one sign-up or login by the stub: `token`, which is not shown when printed."""

    #: In UTC.
    expires_at: datetime

    def __init__(self, token: str, expires_at: datetime) -> None:
        self._set({"expires_at": expires_at}, {"_token": token})


@dataclass(frozen=True)
class User:
    """A user of your organization. Key your own records by `user_id`."""

    user_id: str
    #: Normalized: as the server keeps it.
    email: str
    fullname: str
    org_id: str

    def to_dict(self) -> dict[str, str]:
        """For JSON, by the names of the protocol; instants in RFC 3339. A session is without its token."""
        return {field.name: _text(getattr(self, field.name)) for field in fields(self)}


@dataclass(frozen=True, init=False, eq=False)
class Session(_WithToken, User):
    """A session that a login opened.

    Its `token`, a JWT, is no field: it is neither printed nor serialized. Hand it on by its name. `pickle` and `copy`
    keep it.
    """

    #: In UTC.
    expires_at: datetime

    def __init__(self, user_id: str, email: str, fullname: str, org_id: str, token: str, expires_at: datetime) -> None:
        user = {"user_id": user_id, "email": email, "fullname": fullname, "org_id": org_id}
        self._set({**user, "expires_at": expires_at}, {"_token": token})


@dataclass(frozen=True)
class SessionUser(User):
    """The user of a live session, as the server knows both now."""

    session_id: str
    #: In UTC.
    expires_at: datetime


def _text(value: str | datetime) -> str:
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return value
