"""The challenges of logins that need more than a password."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from authflow_client.reasons import Reason

from .codes import new_email_code, read_digits
from .records import User
from .refusals import refused

#: How each begins: `reset_password` takes the tokens of mails too.
PREFIX = "fake.challenge."

_TTL = timedelta(minutes=10)
_MOST_TRIES = 5
_MOST_OF_A_USER = 10


@dataclass(eq=False)
class OpenChallenge:
    token: str = field(repr=False)
    #: None where nobody has the address that a login by mail was asked for.
    user: User | None
    #: Whether a login by mail was asked for, and nothing was proven yet.
    is_of_login_code: bool
    methods: tuple[str, ...]
    credential_version: int
    expires_at: datetime
    tries: int = 0
    #: The latest of a mail, and until when it is good.
    email_code: tuple[str, datetime] | None = field(default=None, repr=False)

    def take_email_code(self, code: str, now: datetime) -> None:
        """CODE_INVALID where it is not the one that was mailed. Of a login by mail nothing else is told of its user."""
        user = self.user
        if user is None or (self.is_of_login_code and (self.is_void or user.factor.login_codes.are_over)):
            raise refused(Reason.CODE_INVALID)
        tries = user.factor.login_codes if self.is_of_login_code else user.factor.codes
        tries.take()
        if self.email_code is None or self.email_code[0] != read_digits(code) or self.email_code[1] <= now:
            raise refused(Reason.CODE_INVALID)
        self.email_code = None
        tries.forget()

    @property
    def is_void(self) -> bool:
        return self.user is not None and self.credential_version != self.user.credential_version


class Challenges:
    """Those that are open. Not safe for threads."""

    def __init__(self) -> None:
        #: The oldest first.
        self._open: dict[str, OpenChallenge] = {}

    def begin(
        self, user: User | None, methods: tuple[str, ...], now: datetime, is_of_login_code: bool = False
    ) -> OpenChallenge:
        """Opens one; of more than a user may have the oldest ends, but for those of logins by mail."""
        if user is not None and not is_of_login_code:
            for each in [each for each in self._of(user) if not each.is_of_login_code][: 1 - _MOST_OF_A_USER]:
                self.spend(each)
        version = user.credential_version if user else 0
        made = OpenChallenge(
            f"{PREFIX}{secrets.token_urlsafe(32)}", user, is_of_login_code, methods, version, now + _TTL
        )
        self._open[made.token] = made
        return made

    def new_email_code(self, challenge: OpenChallenge, now: datetime) -> tuple[str, datetime]:
        """A code, and until when it is good; it takes the place of all that the user was mailed before."""
        for each in self._of(challenge.user):
            each.email_code = None
        challenge.email_code = (new_email_code(), min(now + _TTL, challenge.expires_at))
        return challenge.email_code

    def find(self, token: str, method: str, now: datetime) -> OpenChallenge:
        """CHALLENGE_INVALID where it is none, or none that takes the method."""
        found = self._open.get(token)
        if found is None or found.expires_at <= now or found.tries >= _MOST_TRIES:
            raise refused(Reason.CHALLENGE_INVALID)
        if found.is_void and not found.is_of_login_code:
            raise refused(Reason.CHALLENGE_INVALID)
        if method not in found.methods:
            raise refused(Reason.CHALLENGE_INVALID)
        return found

    def try_at(self, token: str, method: str, now: datetime) -> OpenChallenge:
        """As `find`, for what takes one of its tries."""
        found = self.find(token, method, now)
        found.tries += 1
        return found

    def spend(self, challenge: OpenChallenge) -> None:
        self._open.pop(challenge.token, None)

    def _of(self, user: User | None) -> list[OpenChallenge]:
        return [each for each in self._open.values() if each.user is user]
