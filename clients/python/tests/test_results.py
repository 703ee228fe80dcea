"""What is printed, logged and serialized of results and errors."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
from datetime import datetime, timezone
from typing import Any

import grpc
import pytest
from fastapi.encoders import jsonable_encoder
from pydantic import TypeAdapter

from authflow_client import (
    Account,
    AuthFlowError,
    Challenge,
    ConfirmedTotp,
    LoginCode,
    Nonce,
    Reason,
    RecoveredSession,
    Session,
    SessionUser,
    TotpSetup,
    User,
    Violation,
)

EXPIRES_AT = datetime(2030, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
SESSION = Session("u", "ada@example.com", "Ada Lovelace", "o", token="secret", expires_at=EXPIRES_AT)
NONCE = Nonce("secret", EXPIRES_AT)
USER = {"user_id": "u", "email": "ada@example.com", "fullname": "Ada Lovelace", "org_id": "o"}
WIRE = {**USER, "expires_at": "2030-01-02T03:04:05Z"}
LIVE = SessionUser(**USER, session_id="s", expires_at=EXPIRES_AT, email_verified=True, roles=("editor", "billing"))
LIVE_WIRE = {**WIRE, "session_id": "s", "email_verified": True, "roles": ["editor", "billing"]}
RECOVERED = RecoveredSession(**USER, token="secret", expires_at=EXPIRES_AT, recovery_codes_left=3)
CHALLENGE = Challenge(Reason.SECOND_FACTOR_REQUIRED, "secret", ("totp", "other"), EXPIRES_AT)
LOGIN_CODE = LoginCode("secret", EXPIRES_AT)
SETUP = TotpSetup("secret", "otpauth:secret", "data:secret", EXPIRES_AT)
CONFIRMED = ConfirmedTotp(("secret", "secret too"), SESSION)
SECRETS = [SESSION, NONCE, RECOVERED, CHALLENGE, LOGIN_CODE, SETUP, CONFIRMED]


def test_a_session_becomes_json_with_the_wire_s_names_and_without_its_token() -> None:
    assert SESSION.to_dict() == WIRE
    assert json.loads(json.dumps(SESSION.to_dict())) == WIRE
    assert LIVE.to_dict() == LIVE_WIRE
    account = Account(
        **vars(LIVE), second_factor=True, recovery_codes_left=7, public_metadata="{}", created_at=EXPIRES_AT
    )
    assert account.to_dict() == {
        **LIVE_WIRE,
        "second_factor": True,
        "recovery_codes_left": 7,
        "public_metadata": "{}",
        "created_at": "2030-01-02T03:04:05Z",
    }
    assert User(**USER).to_dict() == USER


def test_roles_are_asked_for_by_any_of_them() -> None:
    assert LIVE.has_role("admin", "billing")
    assert not LIVE.has_role("admin", "bill")
    assert not LIVE.has_role()


def test_serializers_of_others_agree() -> None:
    assert json.loads(TypeAdapter(SessionUser).dump_json(LIVE)) == LIVE_WIRE
    assert json.loads(TypeAdapter(Session).dump_json(SESSION)) == WIRE
    assert jsonable_encoder(SESSION) == {**WIRE, "expires_at": "2030-01-02T03:04:05+00:00"}


def as_people_write_it(value: Any) -> Any:
    """A default of json.dumps."""
    return str(value) if isinstance(value, datetime) else vars(value)


@pytest.mark.parametrize("secret", SECRETS, ids=lambda secret: type(secret).__name__)
def test_no_secret_is_shown(secret: Any) -> None:
    shown = [repr(secret), str(secret), f"{secret}", str(vars(secret)), str(dataclasses.asdict(secret))]
    shown += [str(dataclasses.astuple(secret)), str(secret.__dict__), json.dumps(secret, default=as_people_write_it)]
    shown += [str(secret.to_dict()) if hasattr(secret, "to_dict") else "", str(jsonable_encoder(secret))]
    shown += [TypeAdapter(type(secret)).dump_json(secret).decode()]
    assert "secret" not in "".join(shown)
    assert "secret" in secrets_of(secret)


@pytest.mark.parametrize("secret", SECRETS, ids=lambda secret: type(secret).__name__)
def test_copies_keep_the_secrets(secret: Any) -> None:
    for same in (copy.copy(secret), copy.deepcopy(secret), pickle.loads(pickle.dumps(secret))):
        assert same == secret
        assert hash(same) == hash(secret)
        assert secrets_of(same) == secrets_of(secret)


def secrets_of(holder: Any) -> list[str]:
    names = ("token", "challenge", "secret", "otpauth_url", "qr_code")
    told = [getattr(holder, name) for name in names if hasattr(holder, name)]
    return [*told, *getattr(holder, "recovery_codes", ())]


def test_what_a_login_leads_to_becomes_json() -> None:
    assert RECOVERED.to_dict() == {**WIRE, "recovery_codes_left": 3}
    assert CHALLENGE.to_dict() == {
        "reason": "SECOND_FACTOR_REQUIRED",
        "methods": ["totp", "other"],
        "expires_at": "2030-01-02T03:04:05Z",
    }
    assert CONFIRMED.to_dict() == {"session": WIRE}
    assert ConfirmedTotp((), None).to_dict() == {"session": None}


def test_those_of_other_secrets_differ() -> None:
    assert Challenge(CHALLENGE.reason, "other", CHALLENGE.methods, EXPIRES_AT) != CHALLENGE
    assert Session(**USER, token="other", expires_at=EXPIRES_AT) != SESSION
    assert Nonce("other", EXPIRES_AT) != NONCE
    assert User(**USER) != SESSION


def test_a_session_does_not_change() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        SESSION.email = "eve@example.com"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        SESSION.token = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("INVALID_ARGUMENT", 400),
        ("UNAUTHENTICATED", 401),
        ("PERMISSION_DENIED", 403),
        ("NOT_FOUND", 404),
        ("ALREADY_EXISTS", 409),
        ("FAILED_PRECONDITION", 400),
        ("RESOURCE_EXHAUSTED", 429),
        ("UNAVAILABLE", 503),
        ("DEADLINE_EXCEEDED", 504),
        ("CANCELLED", 499),
        ("INTERNAL", 500),
        ("UNKNOWN", 500),
        ("UNIMPLEMENTED", 500),
    ],
)
def test_an_error_has_an_http_status(code: str, status: int) -> None:
    assert AuthFlowError("", grpc.StatusCode[code], "m").http_status == status


def test_an_error_becomes_the_server_s_own_body() -> None:
    faults = (Violation("email", "is required"),)
    error = AuthFlowError(Reason.INVALID_ARGUMENT, grpc.StatusCode.INVALID_ARGUMENT, "email is required.", faults)
    assert error.to_dict() == {
        "statusCode": 400,
        "error": "INVALID_ARGUMENT",
        "message": "email is required.",
        "violations": [{"field": "email", "message": "is required"}],
    }
    refused = AuthFlowError(Reason.USER_EXISTS, grpc.StatusCode.ALREADY_EXISTS, "m")
    assert refused.to_dict() == {"statusCode": 409, "error": "USER_EXISTS", "message": "m"}


def test_a_missing_second_factor_is_a_conflict() -> None:
    error = AuthFlowError(Reason.SECOND_FACTOR_NOT_ENABLED, grpc.StatusCode.FAILED_PRECONDITION, "m")
    assert (error.http_status, error.to_dict()["statusCode"]) == (409, 409)


def test_a_challenge_is_not_in_an_error_s_body() -> None:
    error = AuthFlowError(CHALLENGE.reason, grpc.StatusCode.UNAUTHENTICATED, "m", challenge=CHALLENGE)
    assert error.to_dict() == {"statusCode": 401, "error": "SECOND_FACTOR_REQUIRED", "message": "m"}
    shown = [repr(error), str(error), str(error.args), str(vars(error)), json.dumps(vars(error), default=str)]
    assert "secret" not in "".join(shown)


@pytest.mark.parametrize("reason", [Reason.API_KEY_INVALID, Reason.ADMIN_TOKEN_INVALID])
def test_a_refused_key_is_the_backend_s_own_fault(reason: str) -> None:
    error = AuthFlowError(reason, grpc.StatusCode.UNAUTHENTICATED, "The API key is not valid.")
    away = AuthFlowError("", grpc.StatusCode.UNAVAILABLE, "m")
    assert (error.reason, error.http_status) == (reason, 503)
    assert error.to_dict() == away.to_dict()


@pytest.mark.parametrize(("code", "reason"), [("UNAVAILABLE", "UNAVAILABLE"), ("UNKNOWN", "INTERNAL")])
def test_an_error_that_is_not_the_server_s_tells_strangers_nothing(code: str, reason: str) -> None:
    body = AuthFlowError("", grpc.StatusCode[code], "no connection to 10.0.0.7:50051").to_dict()
    assert body["error"] == reason
    assert "10.0.0.7" not in body["message"]
