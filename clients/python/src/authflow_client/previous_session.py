"""The session that a device had before: middleware keeps that of a request for the logins of its handler."""

from __future__ import annotations

import contextvars
from collections.abc import Iterator
from contextlib import contextmanager

from .bearer import Bearer, is_sendable

_kept: contextvars.ContextVar[Bearer | None] = contextvars.ContextVar("authflow_previous_session", default=None)


def keep_previous_session(bearer: Bearer | None) -> contextvars.Token[Bearer | None]:
    """Keeps what a request came with, live or not, for the logins of the present context."""
    return _kept.set(bearer)


@contextmanager
def previous_session(bearer: Bearer | None) -> Iterator[None]:
    """As `keep_previous_session`, until the end of the block."""
    before = keep_previous_session(bearer)
    try:
        yield
    finally:
        _kept.reset(before)


def told_session(given: object) -> str:
    """The token that a login sends: the one that was given, else the request's. Empty where there is none, or none
    that a request can carry: what a visitor sends must not fail a call.
    """
    if given is None:
        kept = _kept.get()
        return kept.token if kept else ""
    return given if isinstance(given, str) and is_sendable(given) else ""
