"""What a backend or an administrator does beside the calls of clients, in memory."""

from __future__ import annotations

from .codes import step_at, totp_code
from .records import User
from .refusals import checked_policy
from .second_factors import FakeSecondFactors

_SECOND_FACTORS = ("optional", "required", "off")


class ManagedFake(FakeSecondFactors):
    """All that the fakes do. Safe for threads."""

    def set_roles(self, email: str, roles: tuple[str, ...]) -> None:
        with self._lock:
            user = self._named(email)
            if not set(user.roles) <= set(roles):
                self._end(user)
            user.roles = roles

    def set_password(self, email: str, password: str, *, must_change: bool) -> None:
        with self._lock:
            user = self._named(email)
            user.password = checked_policy(password)
            user.must_change = must_change
            user.credential_version += 1
            self._end(user)

    def set_disabled(self, email: str, *, is_disabled: bool) -> None:
        with self._lock:
            user = self._named(email)
            user.is_disabled = is_disabled
            if is_disabled:
                user.credential_version += 1
                self._end(user)

    def unlock(self, email: str) -> None:
        with self._lock:
            self._named(email).factor.unlock()

    def reset_second_factor(self, email: str) -> None:
        with self._lock:
            user = self._named(email)
            user.factor.turn_off()
            user.credential_version += 1
            self._end(user)

    def set_organization(
        self, *, require_verified_email: bool | None, login_by_email: bool | None, second_factor: str | None
    ) -> None:
        if second_factor not in (None, *_SECOND_FACTORS):
            raise ValueError(f"second_factor is one of {', '.join(_SECOND_FACTORS)}, not {second_factor!r}")
        with self._lock:
            if require_verified_email is not None:
                self._settings.require_verified_email = require_verified_email
            if login_by_email is not None:
                self._settings.login_by_email = login_by_email
            if second_factor is not None:
                self._settings.second_factor = second_factor

    def totp_code(self, secret: str) -> str:
        with self._lock:
            return totp_code(secret, step_at(self._now()))

    def _named(self, email: str) -> User:
        user = self._users.get(email)
        if user is None:
            raise LookupError(f"there is no user {email}")
        return user
