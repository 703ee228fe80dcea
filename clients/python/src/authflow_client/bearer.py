"""The session token of a request, and the e-mail that it claims."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
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


def read_bearer(authorization: Sequence[str]) -> Bearer | None:
    """Reads the values of an Authorization header; None where they hold no token with an e-mail."""
    if len(authorization) != 1:
        return None
    scheme, _, token = authorization[0].partition(" ")
    token = token.strip(" ")
    if scheme.lower() != "bearer" or len(token) > _LONGEST_TOKEN:
        return None
    jwt = _JWT.fullmatch(token)
    email = _email_in(jwt[1]) if jwt else None
    return Bearer(token, email) if email else None


def _email_in(payload: str) -> str | None:
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        email = claims.get("email") if isinstance(claims, dict) else None
        if isinstance(email, str):
            # JSON can hold half a character, which no request can.
            email.encode()
            return email
    except (ValueError, RecursionError):
        pass
    return None
