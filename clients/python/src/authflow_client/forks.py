"""What a forked child cannot share with its parent: connections, and locks that another thread may have held."""

from __future__ import annotations

import os
import weakref
from typing import Callable

Renew = Callable[[], None]

_renewals: set[weakref.WeakMethod[Renew]] = set()


def renew_in_children(renew: Renew) -> None:
    """Has a method called in every child that is forked from now on, before anything else runs there.

    It is how a client that was made early serves gunicorn --preload and multiprocessing. The method's object is not
    kept alive.
    """
    _renewals.add(weakref.WeakMethod(renew, _renewals.discard))


def _renew_all() -> None:
    for renewal in list(_renewals):
        renew = renewal()
        if renew is not None:
            renew()


# Windows has no fork.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_all)
