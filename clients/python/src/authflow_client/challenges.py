"""How a challenge is read from an error's details."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone

from google.protobuf.timestamp_pb2 import Timestamp

from .reasons import Reason
from .second_factor_results import Challenge

_REASONS = (Reason.SECOND_FACTOR_REQUIRED, Reason.PASSWORD_CHANGE_REQUIRED)


def challenge_in(reason: str, metadata: Mapping[str, str]) -> Challenge | None:
    """The challenge of a google.rpc.ErrorInfo; None where there is none, or one that is not whole."""
    token = metadata.get("challenge")
    methods = tuple(method for method in metadata.get("methods", "").split(",") if method)
    expires_at = _instant(metadata.get("expires_at", ""))
    if reason not in _REASONS or not token or not methods or expires_at is None:
        return None
    return Challenge(reason, token, methods, expires_at)


def _instant(text: str) -> datetime | None:
    timestamp = Timestamp()
    try:
        timestamp.FromJsonString(text)
        return timestamp.ToDatetime(tzinfo=timezone.utc)
    except (ValueError, OverflowError):
        return None
