"""Which users a handler is for."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .guard import Refusal
from .reasons import Reason
from .results import SessionUser

# UserService's form.
_ROLE = re.compile(r"[a-z][a-z0-9_.:-]{0,63}")


class RoleCheck:
    """Lets users through who have at least one of the roles."""

    def __init__(self, roles: Iterable[str]) -> None:
        """ValueError where there is no role, or one that no user can have; TypeError where they are one text."""
        if isinstance(roles, str):
            raise TypeError("roles are a list, not a text")
        self._roles = tuple(roles)
        if not self._roles:
            raise ValueError("require_role needs a role")
        for role in self._roles:
            if not _ROLE.fullmatch(role):
                raise ValueError(f"{role!r} is no role: a-z, then up to 63 of a-z, 0-9, _, ., : and -")

    def check(self, user: SessionUser | None) -> None:
        """`Refusal` where the user is not let through, or is none."""
        if user is None:
            raise Refusal(Reason.SESSION_INVALID, "A session token is needed.")
        if not user.has_role(*self._roles):
            raise Refusal(Reason.ACCESS_DENIED, "You may not do this.")
