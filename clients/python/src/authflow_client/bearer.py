"""A session token as it came, and the e-mail that it claims."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass, field

# The longest that the server reads; one beyond its message limit would look like an outage.
_LONGEST_TOKEN = 8192
_JWT = re.compile(r"[A-Za-z0-9_-]+\.([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+", re.ASCII)


@dataclass(frozen=True)
class Bearer:
    """What Validate is asked about."""

    token: str = field(repr=False)
    #: Read from the token's claims, which prove nothing before Validate has.
    email: str


def read_token(token: str | None) -> Bearer | None:
    """None where it is no token that could be a session's, with an e-mail."""
    email = claimed_email(token) if token else None
    return Bearer(token, email) if token and email else None


def is_sendable(token: str) -> bool:
    """Whether a request can carry a token, of whatever form."""
    try:
        return len(token.encode()) <= _LONGEST_TOKEN
    except UnicodeEncodeError:
        return False


def claimed_email(token: str) -> str | None:
    """The e-mail in a token's claims, unverified; None where there is none."""
    jwt = _JWT.fullmatch(token) if len(token) <= _LONGEST_TOKEN else None
    return _email_in(jwt[1]) if jwt else None


def _email_in(payload: str) -> str | None:
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        email = claims.get("email") if isinstance(claims, dict) else None
        if isinstance(email, str):
            # JSON can hold half a character, which no request can.
            email.encode()
            return email or None
    except (ValueError, RecursionError):
        pass
    return None
