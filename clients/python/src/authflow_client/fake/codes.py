"""The codes of second factors: those of authenticator apps (RFC 6238), of mails, and recovery codes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import struct
from datetime import datetime
from urllib.parse import quote, urlencode

from .rules import required_fault

_SECRET_BYTES = 20
_DIGITS = 6
_STEP_SECONDS = 30
# Crockford's base32.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_RECOVERY_CODES = 10
_RECOVERY_LETTERS = 16
_GROUP = 4
_READ_AS = str.maketrans("ILO", "110")
_BETWEEN = re.compile(r"[\s-]")
_SIX_DIGITS = re.compile(r"[0-9]{6}", re.ASCII)


def new_secret() -> str:
    """For an authenticator app, in base32."""
    return base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def otpauth_url(secret: str, issuer: str, email: str) -> str:
    """What an authenticator app reads."""
    asked = {"secret": secret, "issuer": issuer, "algorithm": "SHA1", "digits": _DIGITS, "period": _STEP_SECONDS}
    return f"otpauth://totp/{quote(issuer)}:{quote(email)}?{urlencode(asked, quote_via=quote)}"


def image_of(text: str) -> str:
    """A data URL of an SVG image that shows a text."""
    letters = text.replace("&", "&amp;")
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 20"><text y="15">{letters}</text></svg>'
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def step_at(now: datetime) -> int:
    """Which code is good at an instant."""
    return int(now.timestamp()) // _STEP_SECONDS


def totp_code(secret: str, step: int) -> str:
    """The code of a step."""
    mac = hmac.new(base64.b32decode(secret), struct.pack(">Q", step), hashlib.sha1).digest()
    offset = mac[-1] & 0xF
    number = int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**_DIGITS:0{_DIGITS}}"


def step_of(secret: str, code: str, now: datetime, after: int) -> int | None:
    """The step of a code that is good now, one more or less; None where it is of none after the one given."""
    steps = range(max(step_at(now) - 1, after + 1), step_at(now) + 2)
    return next((step for step in steps if hmac.compare_digest(totp_code(secret, step).encode(), code.encode())), None)


def new_email_code() -> str:
    return f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}}"


def new_recovery_codes() -> list[str]:
    """In groups, as they are shown."""
    return [
        _in_groups("".join(secrets.choice(_ALPHABET) for _ in range(_RECOVERY_LETTERS))) for _ in range(_RECOVERY_CODES)
    ]


def read_digits(text: str) -> str | None:
    """Of an app or a mail; None where it is no such code."""
    digits = text.replace(" ", "")
    return digits if _SIX_DIGITS.fullmatch(digits) else None


def read_recovery_code(text: str) -> str | None:
    """In its one spelling: groups, case and likely misreadings do not matter. None where it is no such code."""
    code = _BETWEEN.sub("", text).upper().translate(_READ_AS)
    return code if len(code) == _RECOVERY_LETTERS and set(code) <= set(_ALPHABET) else None


def digits_fault(text: str) -> str | None:
    return _fault(text, read_digits(text), "must be six digits")


def recovery_code_fault(text: str) -> str | None:
    return _fault(text, read_recovery_code(text), "must be a recovery code of 16 letters and digits")


def code_fault(text: str) -> str | None:
    """Of a code of either kind."""
    read = read_digits(text) or read_recovery_code(text)
    return _fault(text, read, "must be six digits, or a recovery code of 16 letters and digits")


def _fault(text: str, read: str | None, fault: str) -> str | None:
    return required_fault(text) or (None if read else fault)


def _in_groups(letters: str) -> str:
    return "-".join(letters[start : start + _GROUP] for start in range(0, len(letters), _GROUP))
