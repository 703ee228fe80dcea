"""Every case of the behaviour that all clients share, against a server that follows a script."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, is_dataclass
from datetime import datetime, timezone
from typing import Any

import pytest
import stand
from conftest import MakeClient

from authflow_client import AuthFlowError, Client

ARGUMENTS = {
    "identity": "email",
    "sessionToken": "session_token",
    "newPassword": "new_password",
    "currentPassword": "current_password",
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    try:
        cases = [pytest.param(i, case, id=case["name"]) for i, case in enumerate(stand.vectors()["cases"])]
    except stand.NoStand as why:
        cases = [pytest.param(0, why, id="needs servers")]
    metafunc.parametrize(("number", "case"), cases)


def test_case(make_client: MakeClient, number: int, case: Any) -> None:
    if isinstance(case, stand.NoStand):
        raise case
    address = stand.control("POST", f"cases/{number}")["grpc"]
    options = {"timeout": case["deadlineMs"] / 1000} if "deadlineMs" in case else {}
    client = make_client(address, stand.vectors()["apiKey"], **options)
    with ThreadPoolExecutor(len(case["calls"]) if case.get("parallel") else 1) as threads:
        outcomes = list(threads.map(lambda call: _outcome(client, call), case["calls"]))
    assert outcomes == [_expected(call) for call in case["calls"]]
    assert stand.control("GET", f"cases/{number}") == {"faults": []}


def _outcome(client: Client, call: Any) -> Any:
    """What a call ended with, as far as the case tells what it should be."""
    method = getattr(client, _snake(call["call"]))
    began_at = time.monotonic()
    try:
        result = method(**{ARGUMENTS.get(name, name): value for name, value in call["arguments"].items()})
    except AuthFlowError as error:
        told: dict[str, Any] = {
            "reason": error.reason,
            "code": error.code.name,
            "message": error.message,
            "violations": [{"field": v.field, "message": v.message} for v in error.violations],
            "retryAfterMs": None if error.retry_after is None else round(error.retry_after * 1000),
        }
        outcome: dict[str, Any] = {"error": {name: told[name] for name in call.get("error", told)}}
    else:
        outcome = {"result": _fields(result)}
    if "withinMs" in call:
        outcome["in time"] = (time.monotonic() - began_at) * 1000 <= call["withinMs"]
    return outcome


def _expected(call: Any) -> Any:
    expected = {name: call[name] for name in ("result", "error") if name in call}
    return {**expected, "in time": True} if "withinMs" in call else expected


def _fields(result: Any) -> dict[str, Any]:
    if result is None:
        return {}
    if not is_dataclass(result) or isinstance(result, type):
        return {"ended_sessions": result}
    return {
        name: value.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(value, datetime) else value
        for name, value in asdict(result).items()
    }


def _snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", name)
