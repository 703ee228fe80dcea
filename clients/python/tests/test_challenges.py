"""What is read of a login that needs more than its password, and what of it is repeated and printed."""

from __future__ import annotations

import json
import pickle
import traceback
from datetime import datetime, timezone
from functools import partial
from typing import Any, Callable

import grpc
import pytest
import stand
from authflow_stubs.v1 import account_service_pb2 as accounts_pb
from authflow_stubs.v1 import auth_service_pb2 as auth_pb
from authflow_stubs.v1 import second_factor_service_pb2 as pb
from conftest import MakeClient
from fastapi import FastAPI
from fastapi.testclient import TestClient
from scripted import METADATA, TOKEN, Refusal, scripted, second_factor_required
from test_bearer import unsigned
from test_reasons import failure_of
from test_secrets import traceback_with_locals

from authflow_client import AuthFlowError, Challenge, Client, Reason, RecoveredSession, Session
from authflow_client.fastapi import install_error_handlers

SESSION_TOKEN = unsigned({"email": "ada@example.com"})
EXPIRES_AT = datetime(2030, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
LOST = Refusal(grpc.StatusCode.UNAVAILABLE)
NOT_DONE = Refusal(grpc.StatusCode.UNAVAILABLE, "UNAVAILABLE")

STEPS: dict[str, tuple[Callable[[Client], Any], Any]] = {
    "login_step": (lambda client: client.login_step("ada@example.com", stand.PASSWORD), auth_pb.LoginResponse),
    "verify_totp": (lambda client: client.verify_totp("c", "123456"), pb.VerifyTotpResponse),
    "verify_email_code": (lambda client: client.verify_email_code("c", "123456"), pb.VerifyEmailCodeResponse),
    "verify_recovery_code": (lambda client: client.verify_recovery_code("c", "A"), pb.VerifyRecoveryCodeResponse),
}


@pytest.mark.parametrize("name", STEPS)
def test_a_step_leads_to_a_session_or_to_a_challenge(make_client: MakeClient, name: str) -> None:
    call, reply = STEPS[name]
    with scripted(reply(token="token", email="ada@example.com"), second_factor_required()) as script:
        client = make_client(script.address, "af_key")
        session = call(client)
        assert isinstance(session, Session)
        assert (session.token, session.email) == ("token", "ada@example.com")
        challenge = call(client)
    assert isinstance(challenge, Challenge)
    assert challenge == Challenge("SECOND_FACTOR_REQUIRED", TOKEN, ("totp", "email", "recovery"), EXPIRES_AT)
    assert challenge.challenge == TOKEN


def test_a_recovery_code_s_session_tells_how_many_are_left(make_client: MakeClient) -> None:
    with scripted(pb.VerifyRecoveryCodeResponse(token="token", recovery_codes_left=3)) as script:
        session = make_client(script.address, "af_key").verify_recovery_code("c", "A")
    assert isinstance(session, RecoveredSession)
    assert (session.recovery_codes_left, session.to_dict()["recovery_codes_left"]) == (3, 3)


def test_a_login_raises_it(make_client: MakeClient) -> None:
    refused = Refusal(
        grpc.StatusCode.PERMISSION_DENIED, Reason.PASSWORD_CHANGE_REQUIRED, {**METADATA, "methods": "x,y"}
    )
    with scripted(refused) as script:
        error = failure_of(lambda: make_client(script.address, "af_key").login("ada@example.com", stand.PASSWORD))
    assert error.challenge == Challenge(Reason.PASSWORD_CHANGE_REQUIRED, TOKEN, ("x", "y"), EXPIRES_AT)
    assert error.http_status == 403


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {**METADATA, "challenge": ""},
        {**METADATA, "methods": ""},
        {**METADATA, "methods": ","},
        {**METADATA, "expires_at": ""},
        {**METADATA, "expires_at": "soon"},
        {**METADATA, "expires_at": "2030-01-02"},
        {**METADATA, "expires_at": "2030-13-02T03:04:05Z"},
        {**METADATA, "expires_at": "0001-01-01T00:00:00+23:59"},
        {name: value for name, value in METADATA.items() if name != "challenge"},
        {name: value for name, value in METADATA.items() if name != "methods"},
        {name: value for name, value in METADATA.items() if name != "expires_at"},
    ],
)
def test_one_that_is_not_whole_is_none(make_client: MakeClient, metadata: dict[str, str]) -> None:
    with scripted(second_factor_required(metadata), second_factor_required(metadata)) as script:
        client = make_client(script.address, "af_key")
        for login in (client.login, client.login_step):
            error = failure_of(partial(login, "ada@example.com", stand.PASSWORD))
            assert (error.reason, error.challenge) == (Reason.SECOND_FACTOR_REQUIRED, None)


def test_another_reason_s_is_none(make_client: MakeClient) -> None:
    with scripted(Refusal(grpc.StatusCode.UNAUTHENTICATED, "CODE_INVALID", METADATA)) as script:
        error = failure_of(lambda: make_client(script.address, "af_key").verify_totp("c", "123456"))
    assert (error.reason, error.challenge) == ("CODE_INVALID", None)


ONCE: dict[str, tuple[Callable[[Client], Any], Any]] = {
    **{name: step for name, step in STEPS.items() if name != "login_step"},
    "enable_totp": (lambda client: client.enable_totp(challenge="c"), pb.EnableTotpResponse),
    "confirm_totp": (lambda client: client.confirm_totp(SESSION_TOKEN, code="123456"), pb.ConfirmTotpResponse),
    "disable_totp": (lambda client: client.disable_totp(SESSION_TOKEN, "123456"), pb.DisableTotpResponse),
    "regenerate_recovery_codes": (
        lambda client: client.regenerate_recovery_codes(SESSION_TOKEN, "123456"),
        pb.RegenerateRecoveryCodesResponse,
    ),
    "send_email_code": (lambda client: client.send_email_code("c"), pb.SendEmailCodeResponse),
    "send_login_code": (lambda client: client.send_login_code("ada@example.com"), accounts_pb.SendLoginCodeResponse),
    "change_email with a code": (
        lambda client: client.change_email(SESSION_TOKEN, "ada@example.org", code="123456"),
        accounts_pb.ChangeEmailResponse,
    ),
}
FREELY: dict[str, tuple[Callable[[Client], Any], Any]] = {
    "login_step": STEPS["login_step"],
    "change_email without a code": (
        lambda client: client.change_email(SESSION_TOKEN, "ada@example.org"),
        accounts_pb.ChangeEmailResponse,
    ),
}


@pytest.mark.parametrize("name", ONCE)
def test_what_takes_or_makes_a_code_is_not_repeated_after_a_lost_reply(make_client: MakeClient, name: str) -> None:
    call, reply = ONCE[name]
    with scripted(LOST, NOT_DONE, reply()) as script:
        client = make_client(script.address, "af_key")
        assert failure_of(lambda: call(client)).code is grpc.StatusCode.UNAVAILABLE
        assert len(script.called) == 1
        # Of what was not done nothing is lost.
        call(client)
        assert len(script.called) == 3


@pytest.mark.parametrize("name", FREELY)
def test_the_rest_is(make_client: MakeClient, name: str) -> None:
    call, reply = FREELY[name]
    with scripted(LOST, reply()) as script:
        call(make_client(script.address, "af_key"))
        assert len(script.called) == 2


def test_the_key_goes_with_calls_and_with_the_stub(make_client: MakeClient) -> None:
    with scripted(pb.VerifyTotpResponse(), pb.VerifyTotpResponse()) as script:
        make_client(script.address, "af_key").verify_totp("c", "123456")
        with Client(script.address, "af_other") as client:
            client.second_factor_stub.VerifyTotp(pb.VerifyTotpRequest(challenge="c", code="123456"))
    assert script.keys == ["af_key", "af_other"]


@pytest.mark.parametrize(
    ("code", "reason", "status"),
    [
        ("UNAUTHENTICATED", "SECOND_FACTOR_REQUIRED", 401),
        ("UNAUTHENTICATED", "CHALLENGE_INVALID", 401),
        ("UNAUTHENTICATED", "CODE_INVALID", 401),
        ("PERMISSION_DENIED", "EMAIL_NOT_VERIFIED", 403),
        ("PERMISSION_DENIED", "PASSWORD_CHANGE_REQUIRED", 403),
        ("PERMISSION_DENIED", "REAUTHENTICATION_REQUIRED", 403),
        ("ALREADY_EXISTS", "SECOND_FACTOR_ALREADY_ENABLED", 409),
        ("FAILED_PRECONDITION", "SECOND_FACTOR_NOT_ENABLED", 409),
    ],
)
def test_an_endpoint_answers_it_without_the_challenge(code: str, reason: str, status: int) -> None:
    app = FastAPI()
    install_error_handlers(app)

    @app.post("/login")
    async def login() -> None:
        challenge = Challenge(reason, TOKEN, ("totp",), EXPIRES_AT)
        raise AuthFlowError(reason, grpc.StatusCode[code], "refused", challenge=challenge)

    answer = TestClient(app).post("/login")
    assert answer.status_code == status
    assert answer.json() == {"statusCode": status, "error": reason, "message": "refused"}


def test_a_challenge_is_in_nothing_that_is_printed(make_client: MakeClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    with scripted(second_factor_required(), second_factor_required()) as script:
        client = make_client(script.address, "af_key")
        error = failure_of(lambda: client.login("ada@example.com", stand.PASSWORD))
        locals_of_frames = traceback_with_locals(partial(client.login, "ada@example.com", "Wrong-password-1"))
    shown = [repr(error), str(error), str(error.args), str(vars(error)), json.dumps(error.to_dict()), locals_of_frames]
    shown += traceback.format_exception(None, error, error.__traceback__)
    shown += [json.dumps(vars(error), default=str), caplog.text, repr(error.challenge)]
    assert TOKEN not in "".join(shown)
    copy = pickle.loads(pickle.dumps(error))
    assert isinstance(copy, AuthFlowError)
    assert copy.challenge == error.challenge


def test_no_traceback_with_locals_holds_a_code_or_a_challenge(make_client: MakeClient) -> None:
    client = make_client(stand.closed_port(), "af_key")
    for call in (
        partial(client.verify_totp, TOKEN, "918273"),
        partial(client.verify_email_code, TOKEN, "918273"),
        partial(client.verify_recovery_code, TOKEN, "918273"),
        partial(client.send_email_code, TOKEN),
        partial(client.enable_totp, challenge=TOKEN, current_password=stand.PASSWORD),
        partial(client.confirm_totp, challenge=TOKEN, code="918273"),
        partial(client.disable_totp, SESSION_TOKEN, "918273", current_password=stand.PASSWORD),
        partial(client.regenerate_recovery_codes, SESSION_TOKEN, "918273"),
        partial(client.login_step, "ada@example.com", stand.PASSWORD),
    ):
        shown = traceback_with_locals(call)
        for secret in (TOKEN, "918273", SESSION_TOKEN, stand.PASSWORD):
            assert secret not in shown
