"""The caller's hooks, which can change nothing."""

from __future__ import annotations

import logging
from typing import Any, Callable

LOGGER = logging.getLogger("authflow_client")


def tell(hook: Callable[..., object] | None, *told: Any) -> None:
    """Calls a hook, if there is one. What it raises is logged and goes no further."""
    if hook is None:
        return
    try:
        hook(*told)
    except Exception:
        LOGGER.exception("a hook failed")
