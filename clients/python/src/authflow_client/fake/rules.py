"""What a server finds wrong with parameters, near enough for tests: docs/contract.md, sections 1 and 3."""

from __future__ import annotations

import re
import unicodedata

_LONGEST_EMAIL_BYTES = 254
_LONGEST_FULLNAME = 200
_LONGEST_PASSWORD_BYTES = 1024
_LOCAL_PART = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_NUMBER_AT_END = re.compile(r"(?:^|\.)[0-9]+$")


def normalized_email(text: str) -> str | None:
    """The form that is kept; None where it is no e-mail."""
    local, _, domain = text.strip().rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode().lower()
    except UnicodeError:
        return None
    email = f"{unicodedata.normalize('NFC', local).lower()}@{ascii_domain}"
    is_email = _LOCAL_PART.fullmatch(local) and _DOMAIN.fullmatch(ascii_domain) and not _NUMBER_AT_END.search(domain)
    return email if is_email and len(email.encode()) <= _LONGEST_EMAIL_BYTES else None


def email_fault(text: str) -> str | None:
    if not text:
        return "is required"
    return None if normalized_email(text) else f"must be an e-mail address of at most {_LONGEST_EMAIL_BYTES} bytes"


def fullname_fault(text: str) -> str | None:
    name = text.strip()
    if not name:
        return "is required"
    if any(unicodedata.category(character) == "Cc" for character in name):
        return "must not hold control characters"
    return None if len(name) <= _LONGEST_FULLNAME else f"must have at most {_LONGEST_FULLNAME} characters"


def required_fault(text: str) -> str | None:
    return None if text else "is required"


def password_fault(text: str) -> str | None:
    return "must have at most 1,024 bytes" if len(text.encode()) > _LONGEST_PASSWORD_BYTES else None


def policy_fault(password: str) -> str | None:
    """Which rule a new password breaks."""
    categories = [unicodedata.category(character) for character in password]
    if not 8 <= len(password) <= 32:
        return "The password must have 8 to 32 characters."
    if "Cc" in categories:
        return "The password must not hold control characters."
    for category, needed in (("Lu", "an upper-case letter"), ("Ll", "a lower-case letter"), ("Nd", "a digit")):
        if category not in categories:
            return f"The password needs {needed}."
    if all(category[0] in "LN" for category in categories):
        return "The password needs a special character."
    return None
