"""Lets one test drive both clients: AsyncClient on an event loop of its own, behind Client's methods."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, Callable, TypeVar, cast

from authflow_client import Client
from authflow_client.methods import AsyncMethods

T = TypeVar("T")


class Loop:
    """An event loop in a thread."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(60)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class AsBlocking:
    """A client for asyncio whose calls are waited for."""

    def __init__(self, loop: Loop, client: Any) -> None:
        self._loop = loop
        self._client = client

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call = getattr(self._client, name)
        return lambda *args, **kwargs: self._loop.run(call(*args, **kwargs))

    def __repr__(self) -> str:
        return repr(self._client)


def make(kind: Any, loop: Loop, *args: Any, **kwargs: Any) -> Client:
    if issubclass(kind, AsyncMethods):
        return cast(Client, AsBlocking(loop, kind(*args, **kwargs)))
    return cast(Client, kind(*args, **kwargs))
