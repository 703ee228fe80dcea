"""A user's second factor, and the tries at codes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from authflow_client.reasons import Reason

from .codes import new_recovery_codes, new_secret, read_digits, read_recovery_code, step_of
from .refusals import refused

_PENDING_TTL = timedelta(minutes=10)
_MOST_WRONG_CODES = 50
_MOST_WRONG_RECOVERY_CODES = 20


@dataclass
class Tries:
    """Counts wrong codes, each before it is compared."""

    most: int
    count: int = 0

    @property
    def are_over(self) -> bool:
        return self.count >= self.most

    def take(self) -> None:
        """ACCOUNT_LOCKED where none is left."""
        if self.are_over:
            raise refused(Reason.ACCOUNT_LOCKED)
        self.count += 1

    def forget(self) -> None:
        self.count = 0


@dataclass(eq=False)
class SecondFactor:
    """What the second step of a user's login is checked against."""

    #: In force; None where the user has no second factor.
    secret: str | None = field(default=None, repr=False)
    recovery_codes: set[str] = field(default_factory=set, repr=False)
    #: Whether a reset by mail was the last proof: then a code of a mail is no second one.
    mailbox_was_used: bool = False
    codes: Tries = field(default_factory=lambda: Tries(_MOST_WRONG_CODES))
    #: Of codes that log in by mail.
    login_codes: Tries = field(default_factory=lambda: Tries(_MOST_WRONG_CODES))
    _recovery: Tries = field(default_factory=lambda: Tries(_MOST_WRONG_RECOVERY_CODES))
    _pending: tuple[str, datetime] | None = field(default=None, repr=False)
    _last_step: int = -1

    @property
    def is_on(self) -> bool:
        return self.secret is not None

    def begin(self, now: datetime) -> tuple[str, datetime]:
        """Makes a secret, and tells until when it can be confirmed."""
        self._pending = (new_secret(), now + _PENDING_TTL)
        return self._pending

    def confirm(self, code: str, now: datetime) -> list[str]:
        """Puts the new secret in force, and gives the recovery codes."""
        if self._pending is None or self._pending[1] <= now:
            raise refused(Reason.SECOND_FACTOR_NOT_ENABLED)
        secret, _ = self._pending
        self._last_step = self._compared(secret, code, now, after=-1)
        self.secret, self._pending = secret, None
        self._recovery.forget()
        return self.renew_recovery_codes()

    def renew_recovery_codes(self) -> list[str]:
        made = new_recovery_codes()
        self.recovery_codes = {code.replace("-", "") for code in made}
        return made

    def take(self, code: str, now: datetime) -> None:
        """Takes a code of the app, or a recovery code; CODE_INVALID where it is neither."""
        if read_digits(code):
            self.take_totp(code, now)
        else:
            self.take_recovery_code(code)

    def take_totp(self, code: str, now: datetime) -> None:
        if self.secret is None:
            raise refused(Reason.CODE_INVALID)
        self._last_step = self._compared(self.secret, code, now, after=self._last_step)
        self.mailbox_was_used = False

    def take_recovery_code(self, code: str) -> None:
        self._recovery.take()
        read = read_recovery_code(code)
        if read not in self.recovery_codes:
            raise refused(Reason.CODE_INVALID)
        self.recovery_codes.remove(read)
        self.codes.forget()
        self._recovery.forget()
        self.mailbox_was_used = False

    def turn_off(self) -> None:
        self.secret = self._pending = None
        self.recovery_codes = set()
        self.mailbox_was_used = False
        self.codes.forget()
        self._recovery.forget()

    def unlock(self) -> None:
        for tries in (self.codes, self.login_codes, self._recovery):
            tries.forget()

    def _compared(self, secret: str, code: str, now: datetime, after: int) -> int:
        """The step of a right code."""
        self.codes.take()
        step = step_of(secret, read_digits(code) or "", now, after)
        if step is None:
            raise refused(Reason.CODE_INVALID)
        self.codes.forget()
        return step
