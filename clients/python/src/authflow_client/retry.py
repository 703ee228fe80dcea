"""When a call is repeated, and for how long it may be."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, Callable, TypeVar, Union

import grpc

from .calls import Call, Request
from .errors import AuthFlowError
from .hooks import tell
from .reasons import Reason

T = TypeVar("T")

_MAX_ATTEMPTS = 3
FIRST_BACKOFF_SECONDS = 0.1
LONGEST_BACKOFF_SECONDS = 1.0
# Counted in tenths of a repeat: a call that succeeds gives one back.
_FULL_BUDGET = 100
_ONE_REPEAT = 10
# gRPC rounds a time-out up, to a tenth of a second from ten seconds on: the server would be told of more than there is.
_ROUNDING_SECONDS = 0.002


@dataclass(frozen=True)
class Retry:
    """Tells an `on_retry` hook that a call will be repeated."""

    #: The client's method: "login".
    call: str
    #: The number of the attempt that failed, from 1.
    attempt: int
    #: As the error's; empty where it is not the server's own.
    reason: str
    code: grpc.StatusCode
    #: Seconds until the next attempt.
    wait: float


OnRetry = Callable[[Retry], object]


@dataclass(frozen=True)
class Wait:
    """A wait before the next attempt."""

    seconds: float


Step = Union[Request, Wait]


class Repeats:
    """A client's repeats, which have a budget: an outage is not met with a storm of them. Safe for threads."""

    def __init__(self, on_retry: OnRetry | None) -> None:
        self._on_retry = on_retry
        self.renew()

    def renew(self) -> None:
        """Begins anew, with a full budget."""
        self._tenths = _FULL_BUDGET
        self._lock = threading.Lock()

    def run(self, call: Call[T], ends_at: float) -> Generator[Step, Any, T]:
        """Makes attempts until one succeeds or nothing allows another, before an instant of `time.monotonic`.

        Whoever drives it sends the requests and waits; a request's AuthFlowError is thrown in.
        """
        for number in range(1, _MAX_ATTEMPTS + 1):
            attempt = call.begin()
            request = next(attempt)
            try:
                while True:
                    try:
                        reply = yield request
                    except AuthFlowError as error:
                        request = attempt.throw(error)
                    else:
                        request = attempt.send(reply)
            except StopIteration as done:
                self._earn()
                result: T = done.value
                return result
            except AuthFlowError as error:
                wait = _wait_before(number, error, request.once)
                if number == _MAX_ATTEMPTS or wait is None or wait >= ends_at - time.monotonic() or not self._take():
                    raise
                tell(self._on_retry, Retry(call.name, number, error.reason, error.code, wait))
            yield Wait(wait)
        raise AssertionError("the last attempt returns or raises")

    def _take(self) -> bool:
        """Takes one repeat; False where less than one is left."""
        with self._lock:
            if self._tenths < _ONE_REPEAT:
                return False
            self._tenths -= _ONE_REPEAT
            return True

    def _earn(self) -> None:
        """Gives a tenth of a repeat back."""
        with self._lock:
            self._tenths = min(self._tenths + 1, _FULL_BUDGET)


def timeout_until(ends_at: float) -> float:
    """The time-out of a request that is sent now, for gRPC; where it is not positive the request ends at once."""
    return ends_at - time.monotonic() - _ROUNDING_SECONDS


def _wait_before(number: int, error: AuthFlowError, once: bool) -> float | None:
    """How long to wait before the n-th repeat; None where there must be none."""
    # A lock is the user's to be told, whatever its wait.
    if error.code is grpc.StatusCode.DEADLINE_EXCEEDED or error.reason == Reason.ACCOUNT_LOCKED:
        return None
    if error.retry_after is not None:
        return error.retry_after
    if error.code is not grpc.StatusCode.UNAVAILABLE:
        return None
    if not error.reason and once:
        # It is not known what was done.
        return None
    return _backoff_before(number)


def _backoff_before(number: int) -> float:
    # Random, so that clients that failed together do not come back together.
    whole = min(FIRST_BACKOFF_SECONDS * 2 ** (number - 1), LONGEST_BACKOFF_SECONDS)
    return random.uniform(whole / 2, whole)
