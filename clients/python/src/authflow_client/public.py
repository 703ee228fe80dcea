"""Which paths need no session."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Callable, TypeVar, Union

R = TypeVar("R")

# What one router reads as another path than the next.
_ESCAPED = re.compile(r"%2e|%2f|%5c", re.IGNORECASE)
_AMBIGUOUS = re.compile(r"\\|//|%2e|%2f|%5c|/\.{1,2}(/|$)", re.IGNORECASE)

#: A list of paths, or what tells it of a request.
Public = Union[Iterable[str], Callable[[R], bool]]


def public_paths(
    public: Public[R], path_of: Callable[[R], str], sent_path_of: Callable[[R], str] = lambda _: ""
) -> Callable[[R], bool]:
    """Tells of a request whether it is let through unasked.

    A request has its path decoded, and as it was sent (empty where that is not known): of `/a%2Fb` no two routers make
    the same, and no list holds it.

    In a list `/assets/*` is all that begins with `/assets/`, and anything else is one path. ValueError where an entry
    can be no path, TypeError where the list is a text.
    """
    if isinstance(public, str):
        raise TypeError("public is a list of paths, not a text")
    if callable(public):
        return public
    paths = list(public)
    if not all(path.startswith("/") for path in paths):
        raise ValueError("every public path must begin with /")
    exact = frozenset(paths)
    beginnings = tuple(path[:-1] for path in paths if path.endswith("/*"))

    def is_public(request: R) -> bool:
        if _ESCAPED.search(sent_path_of(request)):
            return False
        path = path_of(request)
        return path in exact or (path.startswith(beginnings) and _AMBIGUOUS.search(path) is None)

    return is_public
