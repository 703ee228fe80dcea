"""What a refused request is answered over HTTP."""

from __future__ import annotations

import math
from typing import Any

from .guard import Refusal


def status_of(refusal: Refusal) -> int:
    return 401 if refusal.failure is None else 503


def body_of(refusal: Refusal) -> dict[str, Any]:
    """In the shape of the server's own errors."""
    return {"statusCode": status_of(refusal), "error": refusal.reason, "message": refusal.message}


def headers_of(refusal: Refusal) -> dict[str, str]:
    headers = {"Cache-Control": "no-store"}
    if refusal.failure is None:
        headers["WWW-Authenticate"] = "Bearer"
    if refusal.retry_after is not None:
        headers["Retry-After"] = str(math.ceil(refusal.retry_after))
    return headers
