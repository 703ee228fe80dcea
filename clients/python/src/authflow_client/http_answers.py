"""What a refused request is answered over HTTP."""

from __future__ import annotations

import math
from typing import Any

from .guard import Refusal
from .reasons import Reason


def status_of(refusal: Refusal) -> int:
    if refusal.failure is not None:
        return 503
    return 403 if refusal.reason == Reason.ACCESS_DENIED else 401


def body_of(refusal: Refusal) -> dict[str, Any]:
    """In the shape of the server's own errors."""
    return {"statusCode": status_of(refusal), "error": refusal.reason, "message": refusal.message}


def headers_of(refusal: Refusal) -> dict[str, str]:
    headers = {"Cache-Control": "no-store"}
    if status_of(refusal) == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if refusal.retry_after is not None:
        headers["Retry-After"] = str(math.ceil(refusal.retry_after))
    return headers
