"""From sign-up to logout, on a real server, in clear text and with TLS."""

from __future__ import annotations

from datetime import datetime, timezone

import grpc
import pytest
import stand
from conftest import MakeClient

from authflow_client import AuthFlowError, Client, Reason, tls_credentials


def test_a_user_signs_up_logs_in_changes_the_password_and_logs_out(
    client: Client, organization: stand.Organization
) -> None:
    round_trip(client, organization)


def test_the_stub_sends_the_key(plain_client: Client, organization: stand.Organization) -> None:
    from authflow_stubs.v1.auth_service_pb2 import FooBarRequest, LoginRequest, SignUpRequest

    email, stub = stand.new_email(), plain_client.stub
    nonce = plain_client.foo_bar(email)
    reply = stub.SignUp(
        SignUpRequest(
            foobar=nonce.token, email=email, password=stand.PASSWORD, fullname="Ada Lovelace", disclaimed=True
        )
    )
    assert reply.org_id == organization.org_id
    session = stub.Login(
        LoginRequest(foobar=stub.FooBar(FooBarRequest(identity=email)).token, email=email, password=stand.PASSWORD)
    )
    assert plain_client.validate(session.token, email).user_id == reply.user_id


class TestTls:
    def test_the_authority_s_file_opens_tls(self, make_client: MakeClient) -> None:
        address, trusted = stand.setting("AUTHFLOW_TEST_TLS_GRPC"), tls_credentials(stand.certificate("ca.pem"))
        with stand.Organizations(address, trusted) as organizations:
            organization = organizations.create()
        round_trip(make_client(address, organization.api_key, credentials=trusted), organization)

    def test_another_authority_s_file_does_not(self, make_client: MakeClient) -> None:
        foreign = tls_credentials(stand.certificate("foreign-ca.pem"))
        assert_refused(make_client(stand.setting("AUTHFLOW_TEST_TLS_GRPC"), "af_key", credentials=foreign, timeout=5))

    def test_clear_text_does_not_reach_a_server_with_tls(self, make_client: MakeClient) -> None:
        assert_refused(make_client(stand.setting("AUTHFLOW_TEST_TLS_GRPC"), "af_key", timeout=5))


class TestMutualTls:
    def test_a_certificate_of_the_authority_is_let_in(self, make_client: MakeClient) -> None:
        address, shown = stand.setting("AUTHFLOW_TEST_MTLS_GRPC"), certificate("client")
        with stand.Organizations(address, shown) as organizations:
            organization = organizations.create()
        round_trip(make_client(address, organization.api_key, credentials=shown), organization)

    def test_no_certificate_is_refused(self, make_client: MakeClient) -> None:
        none = tls_credentials(stand.certificate("ca.pem"))
        assert_refused(make_client(stand.setting("AUTHFLOW_TEST_MTLS_GRPC"), "af_key", credentials=none, timeout=5))

    def test_a_certificate_of_another_authority_is_refused(self, make_client: MakeClient) -> None:
        foreign = certificate("foreign")
        assert_refused(make_client(stand.setting("AUTHFLOW_TEST_MTLS_GRPC"), "af_key", credentials=foreign, timeout=5))

    def test_a_certificate_without_its_key_is_no_option(self) -> None:
        with pytest.raises(ValueError, match="key_file"):
            tls_credentials(cert_file=stand.certificate("client.pem"))


def certificate(name: str) -> grpc.ChannelCredentials:
    files = [stand.certificate(file) for file in ("ca.pem", f"{name}.pem", f"{name}-key.pem")]
    return tls_credentials(*files)


def round_trip(client: Client, organization: stand.Organization) -> None:
    email, new_password = stand.new_email(), "Difference-1822"
    user = client.sign_up(email, stand.PASSWORD, "Ada Lovelace", disclaimed=True)
    assert (user.email, user.fullname, user.org_id) == (email, "Ada Lovelace", organization.org_id)

    other = client.login(email, stand.PASSWORD)
    session = client.login(email, stand.PASSWORD)
    assert (session.user_id, session.org_id) == (user.user_id, organization.org_id)
    assert session.expires_at.tzinfo == timezone.utc
    assert session.expires_at > datetime.now(timezone.utc)

    valid = client.validate(session.token, email)
    assert (valid.user_id, valid.email, valid.fullname) == (user.user_id, email, "Ada Lovelace")
    assert valid.session_id
    assert valid.expires_at == session.expires_at

    assert client.change_password(session.token, new_password, current_password=stand.PASSWORD) == 1
    with pytest.raises(AuthFlowError) as ended:
        client.validate(other.token, email)
    assert ended.value.reason == Reason.SESSION_REVOKED
    assert client.login(email, new_password).user_id == user.user_id

    client.logout(session.token, email)
    client.logout(session.token, email)
    with pytest.raises(AuthFlowError) as ended:
        client.validate(session.token, email)
    assert ended.value.reason == Reason.SESSION_REVOKED


def assert_refused(client: Client) -> None:
    with pytest.raises(AuthFlowError) as refused:
        client.foo_bar(stand.new_email())
    assert (refused.value.reason, refused.value.code) == ("", grpc.StatusCode.UNAVAILABLE)
