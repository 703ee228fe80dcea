"""What a forked child cannot share with its parent: connections, and locks that another thread may have held."""

from __future__ import annotations

import os
import weakref
from typing import Any, Callable, TypeVar

T = TypeVar("T")

# No weakref.WeakMethod: one whose object goes with the interpreter complains on stderr.
_renewals: weakref.WeakKeyDictionary[Any, Callable[[Any], None]] = weakref.WeakKeyDictionary()


def renew_in_children(owner: T, renew: Callable[[T], None]) -> None:
    """Has an object's method called in every child that is forked from now on, before anything else runs there.

    It is how a client that was made early serves gunicorn --preload and multiprocessing. The object is not kept alive.
    """
    _renewals[owner] = renew


def _renew_all() -> None:
    for owner, renew in list(_renewals.items()):
        renew(owner)


# Windows has no fork.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_all)
