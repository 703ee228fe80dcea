"""Every reason that a real server gives without much trickery; the others come by the vectors."""

from __future__ import annotations

import pickle
from datetime import datetime, timezone
from typing import Any, Callable

import grpc
import pytest
import stand
from authflow_stubs.v1 import auth_service_pb2 as pb
from authflow_stubs.v1 import organization_service_pb2 as organization_pb
from authflow_stubs.v1.error_reason_pb2 import DESCRIPTOR
from conftest import MakeClient

from authflow_client import AuthFlowError, Challenge, Client, Reason, Session, Violation, decode_error

CHALLENGE = Challenge("R", "c", ("totp",), datetime(2030, 1, 2, tzinfo=timezone.utc))
NO_ID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"


@pytest.fixture
def session(client: Client) -> Session:
    return signed_up(client)


class TestOfTheSixCalls:
    def test_invalid_argument_names_every_faulty_field(self, client: Client) -> None:
        error = failure_of(lambda: client.sign_up(stand.new_email(), "", "", disclaimed=True))
        assert error.reason == Reason.INVALID_ARGUMENT
        assert [violation.field for violation in error.violations] == ["password", "fullname"]
        assert all(violation.message for violation in error.violations)

    def test_text_that_is_no_unicode_is_refused_the_same_way_and_not_shown(self, client: Client) -> None:
        error = failure_of(lambda: client.change_password("t", "Secret-1\ud800", email="ada@example.com"))
        assert (error.reason, error.code) == (Reason.INVALID_ARGUMENT, grpc.StatusCode.INVALID_ARGUMENT)
        assert error.violations == (Violation("newPassword", "must be well-formed Unicode text"),)
        assert "Secret" not in f"{error!r}{error.__context__!r}"

    def test_password_policy(self, client: Client) -> None:
        error = failure_of(lambda: client.sign_up(stand.new_email(), "short", "Ada", disclaimed=True))
        assert (error.reason, error.code) == (Reason.PASSWORD_POLICY, grpc.StatusCode.INVALID_ARGUMENT)

    def test_disclaimer_required(self, client: Client) -> None:
        sign_up = client.sign_up
        error = failure_of(lambda: sign_up(stand.new_email(), stand.PASSWORD, "Ada", disclaimed=False))
        assert error.reason == Reason.DISCLAIMER_REQUIRED

    def test_api_key_invalid(self, make_client: MakeClient) -> None:
        client = make_client(stand.grpc_address(), f"af_{'A' * 43}")
        error = failure_of(lambda: client.foo_bar(stand.new_email()))
        assert (error.reason, error.code) == (Reason.API_KEY_INVALID, grpc.StatusCode.UNAUTHENTICATED)

    def test_credentials_invalid(self, client: Client, session: Session) -> None:
        error = failure_of(lambda: client.login(session.email, "Wrong-password-1"))
        assert error.reason == Reason.CREDENTIALS_INVALID

    def test_user_not_found(self, client: Client) -> None:
        error = failure_of(lambda: client.login(stand.new_email(), stand.PASSWORD))
        assert (error.reason, error.code) == (Reason.USER_NOT_FOUND, grpc.StatusCode.NOT_FOUND)

    def test_user_exists(self, client: Client, session: Session) -> None:
        error = failure_of(lambda: client.sign_up(session.email, stand.PASSWORD, "Ada", disclaimed=True))
        assert (error.reason, error.code) == (Reason.USER_EXISTS, grpc.StatusCode.ALREADY_EXISTS)

    def test_user_disabled(self, client: Client, session: Session) -> None:
        stand.control("POST", f"disable?org_id={session.org_id}&email={session.email}")
        error = failure_of(lambda: client.login(session.email, stand.PASSWORD))
        assert (error.reason, error.code) == (Reason.USER_DISABLED, grpc.StatusCode.PERMISSION_DENIED)

    def test_session_invalid(self, client: Client, session: Session) -> None:
        error = failure_of(lambda: client.validate(f"{session.token[:-8]}AAAAAAAA", session.email))
        assert (error.reason, error.code) == (Reason.SESSION_INVALID, grpc.StatusCode.UNAUTHENTICATED)

    def test_session_revoked(self, client: Client, session: Session) -> None:
        client.logout(session.token, session.email)
        assert failure_of(lambda: client.validate(session.token, session.email)).reason == Reason.SESSION_REVOKED

    @pytest.mark.moves_the_clock
    def test_session_expired(self, client: Client, session: Session) -> None:
        stand.control("POST", f"clock?seconds={8 * 24 * 3600}")
        assert failure_of(lambda: client.validate(session.token, session.email)).reason == Reason.SESSION_EXPIRED


class TestByTheStub:
    def test_nonce_invalid_and_used(self, plain_client: Client) -> None:
        session = signed_up(plain_client)
        nonce = plain_client.foo_bar(session.email).token
        assert stub_failure(lambda: by_stub(plain_client, session.email, "made up")).reason == Reason.NONCE_INVALID
        by_stub(plain_client, session.email, nonce)
        error = stub_failure(lambda: by_stub(plain_client, session.email, nonce))
        assert (error.reason, error.code) == (Reason.NONCE_USED, grpc.StatusCode.UNAUTHENTICATED)

    @pytest.mark.moves_the_clock
    def test_nonce_expired(self, plain_client: Client) -> None:
        session = signed_up(plain_client)
        nonce = plain_client.foo_bar(session.email).token
        stand.control("POST", "clock?seconds=600")
        assert stub_failure(lambda: by_stub(plain_client, session.email, nonce)).reason == Reason.NONCE_EXPIRED

    def test_organization_not_found(self, organizations: stand.Organizations) -> None:
        from authflow_stubs.v1.auth_service_pb2_grpc import AuthServiceStub

        # Without a key it is the organization's id that is looked for.
        stub, email = AuthServiceStub(organizations.channel), stand.new_email()
        nonce = stub.FooBar(pb.FooBarRequest(identity=email)).token
        request = pb.LoginRequest(foobar=nonce, email=email, password=stand.PASSWORD, org_id=NO_ID)
        assert stub_failure(lambda: stub.Login(request)).reason == Reason.ORGANIZATION_NOT_FOUND

    def test_organization_exists(self, organizations: stand.Organizations, organization: stand.Organization) -> None:
        error = stub_failure(lambda: organizations.create(organization.name))
        assert (error.reason, error.code) == (Reason.ORGANIZATION_EXISTS, grpc.StatusCode.ALREADY_EXISTS)

    def test_api_key_not_found(self, organizations: stand.Organizations, organization: stand.Organization) -> None:
        request = organization_pb.RevokeApiKeyRequest(org_id=organization.org_id, key_id=NO_ID)
        revoke, metadata = organizations.stub.RevokeApiKey, organizations.metadata
        assert stub_failure(lambda: revoke(request, metadata=metadata)).reason == Reason.API_KEY_NOT_FOUND

    def test_admin_token_invalid(self) -> None:
        with stand.Organizations(stand.grpc_address(), admin_token=f"afadm_{'B' * 43}") as organizations:
            error = stub_failure(organizations.create)
        assert (error.reason, error.code) == (Reason.ADMIN_TOKEN_INVALID, grpc.StatusCode.UNAUTHENTICATED)


class TestTheError:
    def test_there_is_a_constant_for_every_reason_of_the_protocol(self) -> None:
        documented = {
            name.replace("ERROR_REASON_", "") for name in DESCRIPTOR.enum_types_by_name["ErrorReason"].values_by_name
        }
        known = {value for name, value in vars(Reason).items() if name.isupper()}
        assert known == documented - {"UNSPECIFIED"}

    def test_it_can_cross_to_another_process(self) -> None:
        error = AuthFlowError("R", grpc.StatusCode.NOT_FOUND, "m", (Violation("email", "m"),), 1.5, CHALLENGE)
        copy = pickle.loads(pickle.dumps(error))
        assert vars(copy) == vars(error)
        assert str(copy) == "R: m"

    def test_no_error_of_grpc_is_behind_it(self, client: Client) -> None:
        error = failure_of(lambda: client.login(stand.new_email(), stand.PASSWORD))
        assert (error.__cause__, error.__context__) == (None, None)


def signed_up(client: Client) -> Session:
    email = stand.new_email()
    client.sign_up(email, stand.PASSWORD, "Ada Lovelace", disclaimed=True)
    return client.login(email, stand.PASSWORD)


def by_stub(client: Client, email: str, nonce: str) -> pb.LoginResponse:
    return client.stub.Login(pb.LoginRequest(foobar=nonce, email=email, password=stand.PASSWORD))


def failure_of(call: Callable[[], Any]) -> AuthFlowError:
    with pytest.raises(AuthFlowError) as failed:
        call()
    return failed.value


def stub_failure(call: Callable[[], Any]) -> AuthFlowError:
    with pytest.raises(grpc.RpcError) as failed:
        call()
    return decode_error(failed.value)
