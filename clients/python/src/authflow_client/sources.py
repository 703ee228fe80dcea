"""Where a request's session token is: in its Authorization header or in a cookie."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Callable, TypeVar

R = TypeVar("R")

Extract = Callable[[R], "str | None"]


def bearer_token(authorization: Sequence[str]) -> str | None:
    """The token in the values of an Authorization header, of which there must be one."""
    if len(authorization) != 1:
        return None
    scheme, _, token = authorization[0].partition(" ")
    return token.strip(" ") if scheme.lower() == "bearer" else None


def cookie_value(headers: Iterable[str], name: str) -> str | None:
    """The first cookie of a name: browsers send that of the longest path first."""
    for header in headers:
        for cookie in header.split(";"):
            key, separator, value = cookie.strip(" \t").partition("=")
            if separator and key == name:
                return value.strip('"')
    return None


def checked_source(cookie: str | None, extract: object | None) -> None:
    """ValueError where both are given, or the cookie has no name."""
    if cookie is not None and extract is not None:
        raise ValueError("the session is taken from a cookie or by extract: give one of them")
    if cookie == "":
        raise ValueError("the cookie has no name")
