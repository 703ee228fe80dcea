"""What is read from a request, and what is remembered of it."""

from __future__ import annotations

import base64
import hashlib
import json
import pickle
import time
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from authflow_client import SessionUser
from authflow_client.bearer import read_token
from authflow_client.memory import Memory
from authflow_client.sources import bearer_token, cookie_value


def unsigned(claims: Any) -> str:
    """A token that looks like one, with a signature that is none."""
    payload = json.dumps(claims).encode()
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (b"{}", payload, b"signature"))


def test_the_e_mail_is_read_from_the_claims() -> None:
    token = unsigned({"email": "ada@example.com"})
    bearer = read_token(bearer_token([f"Bearer {token}"]))
    assert bearer is not None
    assert (bearer.token, bearer.email) == (token, "ada@example.com")
    assert token not in repr(bearer)


@pytest.mark.parametrize(
    "authorization",
    [
        [f"Bearer {unsigned({'email': 'ada@example.com'})}é"],
        [f"Bearer {unsigned({'email': ''})}"],
        [f"Bearer {unsigned({'email': chr(0xD800)})}"],
        [f"Bearer {unsigned(['email'])}"],
        [f"Bearer {unsigned(None)}"],
        ["Bearer a.b.c"],
        ["Bearer a..c"],
        [f"Bearer a.{base64.urlsafe_b64encode(b'[' * 4000).decode()}.c"],
        [f"Bearer a.{base64.urlsafe_b64encode(b'[' * 6000).decode()}.c"],
        [f"Bearer {unsigned({'email': 'ada@example.com', 'more': 'x' * 9000})}"],
        [f"Token {unsigned({'email': 'ada@example.com'})}"],
    ],
)
def test_what_is_no_token_with_an_e_mail_is_none(authorization: list[str]) -> None:
    assert read_token(bearer_token(authorization)) is None


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("session=a.b.c", "a.b.c"),
        ("theme=dark; session=a.b.c; other={broken", "a.b.c"),
        ('session="a.b.c"', "a.b.c"),
        ("session=first; session=second", "first"),
        ("other-session=a", None),
        ("session", None),
        ("", None),
    ],
)
def test_a_cookie_is_found_by_its_name(header: str, value: str | None) -> None:
    assert cookie_value([header], "session") == value


def test_ten_thousand_sessions_are_remembered_and_the_oldest_makes_room() -> None:
    memory, user = Memory(1.0), _user()
    # As if they had been asked about in a minute: the test may be slower than a second.
    asked_at = time.monotonic() + 60
    for number in range(10_001):
        memory.keep(str(number), user, asked_at)
    assert memory.recall("0") is None
    assert memory.recall("1") == memory.recall("10000") == user


def test_what_is_over_is_forgotten() -> None:
    memory = Memory(1.0)
    memory.keep("old", _user(), time.monotonic() - 1.0)
    assert memory.recall("old") is None
    memory.keep("new", _user(), time.monotonic() + 60)
    assert len(memory._sessions) == 1


def test_a_session_is_not_remembered_beyond_its_expiry() -> None:
    memory = Memory(1.0)
    memory.keep("token", _user(expires_in=timedelta(seconds=-1)), time.monotonic() + 60)
    assert memory.recall("token") is None


def test_tokens_are_remembered_by_their_digests() -> None:
    memory = Memory(1.0)
    memory.keep("token", _user(), time.monotonic())
    assert list(memory._sessions) == [hashlib.sha256(b"token").digest()]
    assert b"token" not in pickle.dumps(memory._sessions)


def test_nothing_is_remembered_by_default() -> None:
    memory = Memory(0)
    memory.keep("token", _user(), time.monotonic() + 60)
    assert memory.recall("token") is None


def _user(expires_in: timedelta = timedelta(days=1)) -> SessionUser:
    return SessionUser("u", "ada@example.com", "Ada", "o", "s", datetime.now(timezone.utc) + expires_in, False, ())
