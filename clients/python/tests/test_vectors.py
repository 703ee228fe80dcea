"""Every case of the behaviour that all clients share, against a server that follows a script."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from typing import Any

import pytest
import stand
from conftest import MakeClient

from authflow_client import AuthFlowError, Client, Nonce

ARGUMENTS = {
    "identity": "email",
    "sessionToken": "session_token",
    "newPassword": "new_password",
    "newEmail": "new_email",
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
    method = getattr(client, snake(call["call"]))
    began_at = time.monotonic()
    try:
        result = method(**arguments_of(call))
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
        outcome = {"result": fields_of(result)}
    if "withinMs" in call:
        outcome["in time"] = (time.monotonic() - began_at) * 1000 <= call["withinMs"]
    return outcome


def _expected(call: Any) -> Any:
    expected = {name: call[name] for name in ("result", "error") if name in call}
    return {**expected, "in time": True} if "withinMs" in call else expected


def arguments_of(call: Any) -> dict[str, Any]:
    """A call's arguments by their names in Python, where those of `sign_up` cannot be left out."""
    defaults = {"fullname": ""} if call["call"] == "signUp" else {}
    return {**defaults, **{ARGUMENTS.get(name, name): value for name, value in call["arguments"].items()}}


def fields_of(result: Any) -> dict[str, Any]:
    """What a call answered, by the protocol's names."""
    if result is None:
        return {}
    if isinstance(result, int):
        return {"ended_sessions": result}
    if isinstance(result, list):
        return {"sessions": [each.to_dict() for each in result]}
    told = {"expires_at": rfc_3339(result.expires_at)} if isinstance(result, Nonce) else result.to_dict()
    return {**told, "token": result.token} if hasattr(result, "token") else told


def rfc_3339(instant: datetime) -> str:
    return instant.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", name)
