"""Keeps what a call was given out of tracebacks: error trackers record the locals of every frame."""

from __future__ import annotations

import asyncio
import functools
import traceback
from collections.abc import Awaitable
from typing import Any, Callable, TypeVar, cast

from .errors import AuthFlowError

F = TypeVar("F", bound=Callable[..., Any])
E = TypeVar("E", bound=BaseException)
A = TypeVar("A", bound=Callable[..., Awaitable[Any]])

_KINDS = (AuthFlowError, ValueError)
_PACKAGE = __name__.partition(".")[0]


def hidden(function: F) -> F:
    """The same; what it refuses has no frames that hold keys, tokens or passwords, neither gRPC's nor ours.

    Faults of other code, such as an interceptor's, keep the frames that show where they are.
    """

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except _KINDS as error:
            if isinstance(error, ValueError) and not _is_ours(error):
                raise
            failure = without_frames(error)
        finally:
            del args, kwargs
        raise failure

    return cast(F, run)


def hidden_async(function: A) -> A:
    """As `hidden`; a cancelled task has no such frames either."""

    @functools.wraps(function)
    async def run(*args: Any, **kwargs: Any) -> Any:
        failure: BaseException
        try:
            return await function(*args, **kwargs)
        except (*_KINDS, asyncio.CancelledError) as error:
            if isinstance(error, ValueError) and not _is_ours(error):
                raise
            failure = without_frames(error)
        finally:
            del args, kwargs
        raise failure

    return cast(A, run)


def without_frames(error: E) -> E:
    """The same error, as if it had not been raised yet."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


def _is_ours(error: BaseException) -> bool:
    """Whether it was raised in this package."""
    *_, (frame, _) = traceback.walk_tb(error.__traceback__)
    return str(frame.f_globals.get("__name__")).partition(".")[0] == _PACKAGE
