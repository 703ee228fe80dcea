"""What goes along with calls, and what may be left out."""

from __future__ import annotations

from typing import Any, Callable

import grpc
import pytest
import stand
from conftest import MakeClient
from test_bearer import unsigned
from test_reasons import failure_of, signed_up

from authflow_client import AuthFlowError, Client, Reason, Violation

PERSON: Any = {"client_ip": "198.51.100.7", "user_agent": "Browser/1"}


class _Recording(grpc.UnaryUnaryClientInterceptor):
    def __init__(self) -> None:
        self.requests: list[Any] = []

    def intercept_unary_unary(self, continuation: Any, client_call_details: Any, request: Any) -> Any:
        self.requests.append(request)
        return continuation(client_call_details, request)


def test_the_person_behind_the_backend_goes_along_with_every_request(organization: stand.Organization) -> None:
    recording, email = _Recording(), stand.new_email()
    with Client(stand.grpc_address(), organization.api_key, interceptors=[recording]) as client:
        client.sign_up(email, stand.PASSWORD, "Ada Lovelace", disclaimed=True, **PERSON)
        token = client.login(email, stand.PASSWORD, **PERSON).token
        client.validate(token, **PERSON)
        client.change_password(token, "Difference-1822", **PERSON)
        client.logout(token, **PERSON)
        client.foo_bar(email, **PERSON)
    # A sign-up and a login have a nonce each.
    assert len(recording.requests) == 8
    assert {(request.client_ip, request.user_agent) for request in recording.requests} == {tuple(PERSON.values())}


class _Refusing(_Recording):
    """Makes no call."""

    def intercept_unary_unary(self, continuation: Any, client_call_details: Any, request: Any) -> Any:
        self.requests.append(request)
        raise AuthFlowError("", grpc.StatusCode.NOT_FOUND, "not made")


def test_the_person_goes_along_with_every_call_about_accounts() -> None:
    recording, token, email = _Refusing(), unsigned({"email": "ada@example.com"}), "ada@example.com"
    with Client(stand.closed_port(), "af_key", interceptors=[recording]) as client:
        calls: list[Callable[[], object]] = [
            lambda: client.me(token, **PERSON),
            lambda: client.send_verification_email(email, **PERSON),
            lambda: client.verify_email("token", **PERSON),
            lambda: client.forgot_password(email, **PERSON),
            lambda: client.reset_password("token", stand.PASSWORD, **PERSON),
            lambda: client.renew_session(token, **PERSON),
            lambda: client.list_my_sessions(token, **PERSON),
            lambda: client.end_my_sessions(token, **PERSON),
            lambda: client.update_profile(token, "Ada King", **PERSON),
            lambda: client.change_email(token, "ada@example.org", **PERSON),
            lambda: client.delete_account(token, **PERSON),
        ]
        for call in calls:
            assert failure_of(call).message == "not made"
    assert len(recording.requests) == len(calls)
    assert {(request.client_ip, request.user_agent) for request in recording.requests} == {tuple(PERSON.values())}
    # Where none is given Me is sent none, and the others the one that the token claims.
    assert recording.requests[0].email == ""
    assert {request.email for request in recording.requests[5:]} == {email}


def test_the_person_goes_along_with_every_call_about_second_factors() -> None:
    recording, token, email = _Refusing(), unsigned({"email": "ada@example.com"}), "ada@example.com"
    with Client(stand.closed_port(), "af_key", interceptors=[recording]) as client:
        by_session: list[Callable[[], object]] = [
            lambda: client.enable_totp(token, **PERSON),
            lambda: client.confirm_totp(token, code="123456", **PERSON),
            lambda: client.disable_totp(token, "123456", **PERSON),
            lambda: client.regenerate_recovery_codes(token, "123456", **PERSON),
        ]
        by_challenge: list[Callable[[], object]] = [
            lambda: client.enable_totp(challenge="challenge", **PERSON),
            lambda: client.confirm_totp(challenge="challenge", code="123456", **PERSON),
            lambda: client.verify_totp("challenge", "123456", **PERSON),
            lambda: client.send_email_code("challenge", **PERSON),
            lambda: client.verify_email_code("challenge", "123456", **PERSON),
            lambda: client.verify_recovery_code("challenge", "code", **PERSON),
        ]
        for call in [*by_session, *by_challenge, lambda: client.send_login_code(email, **PERSON)]:
            assert failure_of(call).message == "not made"
    *rest, login_code = recording.requests
    assert {(request.client_ip, request.user_agent) for request in recording.requests} == {tuple(PERSON.values())}
    assert {(request.session_token, request.email) for request in rest[:4]} == {(token, email)}
    assert {request.challenge for request in rest[4:]} == {"challenge"}
    # A challenge comes alone.
    assert {(request.session_token, request.email) for request in rest[4:6]} == {("", "")}
    assert login_code.email == email


@pytest.mark.parametrize(
    ("told", "sent"),
    [
        ("Browser/1\ud800 (X)", "Browser/1 (X)"),
        (b"Browser/1\xff\xc3 (X)", "Browser/1 (X)"),
        ("Bröwser/1".encode(), "Bröwser/1"),
        ("a" * 2000, "a" * 1024),
        # No character is cut in two.
        ("a" + "ö" * 600, "a" + "ö" * 511),
        (b"\xff" * 10 + b"a" * 2000, "a" * 1024),
        ("", ""),
        ("\udcff", ""),
    ],
)
def test_what_a_visitor_tells_fails_no_call(organization: stand.Organization, told: str | bytes, sent: str) -> None:
    recording = _Recording()
    with Client(stand.grpc_address(), organization.api_key, interceptors=[recording]) as client:
        client.foo_bar(stand.new_email(), client_ip=told, user_agent=told)
    (request,) = recording.requests
    assert (request.client_ip, request.user_agent) == (sent, sent)


def test_a_session_s_e_mail_may_be_left_out(client: Client) -> None:
    session = signed_up(client)
    assert client.validate(session.token).email == session.email
    assert client.change_password(session.token, "Difference-1822") == 0
    client.logout(session.token)
    assert failure_of(lambda: client.validate(session.token)).reason == Reason.SESSION_REVOKED


@pytest.mark.parametrize("token", ["", "a.b.c", unsigned({}), unsigned({"email": "a@example.com", "x": "x" * 9000})])
def test_a_token_that_names_nobody_is_refused_without_a_call(make_client: MakeClient, token: str) -> None:
    client = make_client(stand.closed_port(), "af_key")
    calls: list[Callable[[], object]] = [
        lambda: client.validate(token),
        lambda: client.change_password(token, stand.PASSWORD),
        lambda: client.logout(token),
    ]
    for call in calls:
        error = failure_of(call)
        assert (error.reason, error.code) == (Reason.SESSION_INVALID, grpc.StatusCode.UNAUTHENTICATED)


def test_values_of_another_type_are_faults_and_not_shown(make_client: MakeClient) -> None:
    wrong: Any = 1234_5678
    error = failure_of(lambda: make_client(stand.closed_port(), "af_key").login("ada@example.com", wrong))
    assert (error.reason, error.violations) == (Reason.INVALID_ARGUMENT, (Violation("password", "must be text"),))
    assert "12345678" not in f"{error!r}{error.__context__!r}"
    yes: Any = "yes"
    sign_up = make_client(stand.closed_port(), "af_key").sign_up
    error = failure_of(lambda: sign_up("ada@example.com", stand.PASSWORD, "Ada", disclaimed=yes))
    assert error.violations == (Violation("disclaimed", "must be true or false"),)
