"""Sessions that were valid a moment ago."""

from __future__ import annotations

import hashlib
import threading
import time
from datetime import datetime, timezone

from .forks import renew_in_children
from .results import SessionUser

#: Bounds for how long a session that has ended may still be let in.
LONGEST_MEMORY_SECONDS = 1.0
_MOST_REMEMBERED = 10_000


class Memory:
    """Keeps sessions by their tokens' digests: a dump of the process must not hold everybody's tokens.

    Safe for threads. It remembers nothing where `seconds` is 0; ValueError where that is more than a second.
    """

    def __init__(self, seconds: float) -> None:
        if not 0 <= seconds <= LONGEST_MEMORY_SECONDS:
            raise ValueError(f"a session can be remembered for 0 to {LONGEST_MEMORY_SECONDS} s, not {seconds}")
        self._seconds = seconds
        self._renew()
        renew_in_children(self, type(self)._renew)

    def recall(self, token: str) -> SessionUser | None:
        """The user of a session that was kept and has not ended by itself since."""
        if not self._seconds:
            return None
        with self._lock:
            until, user = self._sessions.get(_digest(token), (0.0, None))
        if user is None or time.monotonic() >= until or datetime.now(timezone.utc) >= user.expires_at:
            return None
        return user

    def keep(self, token: str, user: SessionUser, asked_at: float) -> None:
        """Keeps a session from the moment the server was asked: it may have ended while the reply was on its way."""
        if not self._seconds:
            return
        key = _digest(token)
        with self._lock:
            self._sessions.pop(key, None)
            self._forget()
            self._sessions[key] = (asked_at + self._seconds, user)

    def _renew(self) -> None:
        self._lock = threading.Lock()
        # In the order of arrival, which is nearly that of their ends.
        self._sessions: dict[bytes, tuple[float, SessionUser]] = {}

    def _forget(self) -> None:
        """Makes room for one more, and drops what is over."""
        now = time.monotonic()
        while self._sessions:
            first = next(iter(self._sessions))
            if self._sessions[first][0] > now and len(self._sessions) < _MOST_REMEMBERED:
                return
            del self._sessions[first]


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
