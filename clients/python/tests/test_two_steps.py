"""Second factors from their setup to their end: a fake does what a server does."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, Callable, NamedTuple, cast

import pyotp
import pytest
import stand
from both import AsBlocking, Loop, make
from test_reasons import failure_of
from two_steps import App, BesideFake, BesideServer, Enrolled, challenge_of, enrolled, signed_up
from two_steps import Beside as BesideAny

from authflow_client import AsyncClient, AuthFlow, Challenge, Client, Reason, RecoveredSession, Session
from authflow_client.fake import AsyncAuthFlowFake, AuthFlowFake

NEW_PASSWORD = "Difference-1822"


class Stage(NamedTuple):
    authflow: AuthFlow
    beside: BesideAny


@pytest.fixture(params=[AuthFlowFake, AsyncAuthFlowFake, Client, AsyncClient])
def stage(request: pytest.FixtureRequest, loop: Loop) -> Iterator[Stage]:
    kind: Any = request.param
    if kind in (AuthFlowFake, AsyncAuthFlowFake):
        fake = kind()
        yield Stage(cast(AuthFlow, fake if kind is AuthFlowFake else AsBlocking(loop, fake)), BesideFake(fake))
        return
    organizations: stand.Organizations = request.getfixturevalue("organizations")
    organization: stand.Organization = request.getfixturevalue("organization")
    client = make(kind, loop, stand.grpc_address(), organization.api_key)
    yield Stage(client, BesideServer(organizations, organization))
    client.close()


def test_a_login_with_two_steps(stage: Stage) -> None:
    authflow, beside = stage
    user = enrolled(authflow, beside)
    account = authflow.me(user.session.token)
    assert (account.second_factor, account.recovery_codes_left) == (True, 10)
    error = failure_of(lambda: authflow.login(user.email, user.password))
    assert (error.reason, error.http_status) == (Reason.SECOND_FACTOR_REQUIRED, 401)
    assert error.challenge is not None
    challenge = challenge_of(authflow, user)
    assert (challenge.reason, challenge.methods) == (Reason.SECOND_FACTOR_REQUIRED, ("totp", "recovery"))
    assert 590 < challenge.expires_at.timestamp() - beside.now() <= 600
    error = failure_of(lambda: authflow.verify_totp(challenge.challenge, user.app.wrong_code()))
    assert (error.reason, error.http_status) == (Reason.CODE_INVALID, 401)
    code = user.app.code()
    session = authflow.verify_totp(challenge.challenge, code)
    assert isinstance(session, Session)
    assert authflow.validate(session.token).email == user.email
    # Challenge and code are spent.
    assert reason_of(lambda: authflow.verify_totp(challenge.challenge, code)) == Reason.CHALLENGE_INVALID
    again = challenge_of(authflow, user)
    assert reason_of(lambda: authflow.verify_totp(again.challenge, code)) == Reason.CODE_INVALID
    assert reason_of(lambda: authflow.login_step(user.email, NEW_PASSWORD)) == Reason.CREDENTIALS_INVALID


def test_what_a_setup_gives(stage: Stage) -> None:
    authflow, beside = stage
    user = signed_up(authflow)
    other = authflow.login(user.email, user.password)
    setup = authflow.enable_totp(user.session.token, email=user.email)
    app = pyotp.parse_uri(setup.otpauth_url)
    assert isinstance(app, pyotp.TOTP)
    assert (app.secret, app.name, app.digits, app.interval) == (setup.secret, user.email, 6, 30)
    assert setup.qr_code.startswith("data:image/svg+xml")
    assert 590 < setup.expires_at.timestamp() - beside.now() <= 600
    # Nothing has changed yet, and another one makes it void.
    assert isinstance(authflow.login_step(user.email, user.password), Session)
    second = App(beside, authflow.enable_totp(user.session.token).secret)
    wrong = second.wrong_code()
    assert reason_of(lambda: authflow.confirm_totp(user.session.token, code=wrong)) == Reason.CODE_INVALID
    confirmed = authflow.confirm_totp(user.session.token, code=second.code())
    assert confirmed.session is None
    assert len(set(confirmed.recovery_codes)) == 10
    assert all(len(group) == 4 for code in confirmed.recovery_codes for group in code.split("-"))
    assert authflow.validate(user.session.token).email == user.email
    assert reason_of(lambda: authflow.validate(other.token)) == Reason.SESSION_REVOKED
    error = failure_of(lambda: authflow.enable_totp(user.session.token))
    assert (error.reason, error.http_status) == (Reason.SECOND_FACTOR_ALREADY_ENABLED, 409)


def test_a_setup_needs_a_session_or_a_challenge_and_a_secret(stage: Stage) -> None:
    authflow, _ = stage
    user = signed_up(authflow)
    assert reason_of(lambda: authflow.enable_totp()) == Reason.INVALID_ARGUMENT
    assert reason_of(lambda: authflow.enable_totp(challenge="none")) == Reason.CHALLENGE_INVALID
    wrong = failure_of(lambda: authflow.enable_totp(user.session.token, current_password=NEW_PASSWORD))
    assert wrong.reason == Reason.CREDENTIALS_INVALID
    for call in (
        lambda: authflow.confirm_totp(user.session.token, code="123456"),
        lambda: authflow.disable_totp(user.session.token, "123456"),
        lambda: authflow.regenerate_recovery_codes(user.session.token, "123456"),
    ):
        error = failure_of(call)
        assert (error.reason, error.http_status) == (Reason.SECOND_FACTOR_NOT_ENABLED, 409)


def test_a_recovery_code_is_good_once_in_any_spelling(stage: Stage) -> None:
    authflow, beside = stage
    user = enrolled(authflow, beside)
    first, second, *_ = user.recovery_codes
    session = authflow.verify_recovery_code(challenge_of(authflow, user).challenge, first)
    assert isinstance(session, RecoveredSession)
    assert session.recovery_codes_left == 9
    challenge = challenge_of(authflow, user)
    assert reason_of(lambda: authflow.verify_recovery_code(challenge.challenge, first)) == Reason.CODE_INVALID
    spelled = second.replace("-", " ").lower().replace("1", "l").replace("0", "o")
    session = authflow.verify_recovery_code(challenge.challenge, spelled)
    assert isinstance(session, RecoveredSession)
    assert authflow.me(session.token).recovery_codes_left == 8


def test_a_challenge_takes_five_tries(stage: Stage) -> None:
    authflow, beside = stage
    user = enrolled(authflow, beside)
    challenge, wrong = challenge_of(authflow, user).challenge, user.app.wrong_code()
    assert reason_of(lambda: authflow.verify_recovery_code(challenge, "AAAA-AAAA-AAAA-AAAA")) == Reason.CODE_INVALID
    for _ in range(4):
        assert reason_of(lambda: authflow.verify_totp(challenge, wrong)) == Reason.CODE_INVALID
    assert reason_of(lambda: authflow.verify_totp(challenge, user.app.code())) == Reason.CHALLENGE_INVALID


def test_a_challenge_takes_its_methods_alone_and_ends_with_the_credentials(stage: Stage) -> None:
    authflow, beside = stage
    user = enrolled(authflow, beside)
    challenge = challenge_of(authflow, user).challenge
    for call in (
        lambda: authflow.send_email_code(challenge),
        lambda: authflow.verify_email_code(challenge, "123456"),
        lambda: authflow.enable_totp(challenge=challenge),
        lambda: authflow.confirm_totp(challenge=challenge, code="123456"),
        lambda: authflow.reset_password(challenge, NEW_PASSWORD, current_password=user.password),
    ):
        assert reason_of(call) == Reason.CHALLENGE_INVALID
    code = user.recovery_codes[0]
    authflow.change_password(user.session.token, NEW_PASSWORD, current_password=user.password, code=code)
    assert reason_of(lambda: authflow.verify_totp(challenge, user.app.code())) == Reason.CHALLENGE_INVALID


def test_what_changes_an_account_needs_a_code(stage: Stage) -> None:
    authflow, beside = stage
    user = enrolled(authflow, beside)
    token, codes = user.session.token, iter(user.recovery_codes)
    calls: list[Callable[..., object]] = [
        lambda **code: authflow.change_password(token, NEW_PASSWORD, **code),
        lambda **code: authflow.change_email(token, stand.new_email(), **code),
        lambda **code: authflow.delete_account(token, **code),
    ]
    for call in calls:
        error = failure_of(call)
        assert (error.reason, error.http_status) == (Reason.REAUTHENTICATION_REQUIRED, 403)
        assert reason_of(partial(call, code=user.app.wrong_code())) == Reason.CODE_INVALID
        call(code=next(codes))
    assert reason_of(lambda: authflow.login(user.email, NEW_PASSWORD)) == Reason.USER_NOT_FOUND


def test_recovery_codes_are_made_anew(stage: Stage) -> None:
    authflow, beside = stage
    user = enrolled(authflow, beside)
    made = authflow.regenerate_recovery_codes(user.session.token, user.app.code())
    assert len({*made, *user.recovery_codes}) == 20
    challenge = challenge_of(authflow, user).challenge
    before = user.recovery_codes[0]
    assert reason_of(lambda: authflow.verify_recovery_code(challenge, before)) == Reason.CODE_INVALID
    assert isinstance(authflow.verify_recovery_code(challenge, made[0]), RecoveredSession)


def test_a_second_factor_is_taken_off(stage: Stage) -> None:
    authflow, beside = stage
    user = enrolled(authflow, beside)
    other = logged_in(authflow, user)
    authflow.disable_totp(user.session.token, user.recovery_codes[0], current_password=user.password)
    assert reason_of(lambda: authflow.validate(other.token)) == Reason.SESSION_REVOKED
    account = authflow.me(user.session.token)
    assert (account.second_factor, account.recovery_codes_left) == (False, 0)
    assert isinstance(authflow.login_step(user.email, user.password), Session)


def test_an_administrator_takes_it_off(stage: Stage) -> None:
    authflow, beside = stage
    user = enrolled(authflow, beside)
    beside.reset_second_factor(user.email)
    assert reason_of(lambda: authflow.validate(user.session.token)) == Reason.SESSION_REVOKED
    assert isinstance(authflow.login_step(user.email, user.password), Session)


def test_an_organization_may_require_one(stage: Stage) -> None:
    authflow, beside = stage
    user = signed_up(authflow)
    beside.set_organization(second_factor="required")
    challenge = challenge_of(authflow, user)
    assert (challenge.reason, challenge.methods) == (Reason.SECOND_FACTOR_REQUIRED, ("setup",))
    app = App(beside, authflow.enable_totp(challenge=challenge.challenge).secret)
    wrong = app.wrong_code()
    assert reason_of(lambda: authflow.confirm_totp(challenge=challenge.challenge, code=wrong)) == Reason.CODE_INVALID
    confirmed = authflow.confirm_totp(challenge=challenge.challenge, code=app.code())
    assert confirmed.session is not None
    assert authflow.validate(confirmed.session.token).email == user.email
    assert reason_of(lambda: authflow.enable_totp(challenge=challenge.challenge)) == Reason.CHALLENGE_INVALID
    assert challenge_of(authflow, user).methods == ("totp", "recovery")


def test_before_a_setup_comes_the_code_of_a_mail_where_the_address_is_proven(stage: Stage) -> None:
    authflow, beside = stage
    user = signed_up(authflow, verified_beside=beside)
    beside.set_organization(second_factor="required")
    challenge = challenge_of(authflow, user)
    assert challenge.methods == ("email", "setup")
    assert reason_of(lambda: authflow.enable_totp(challenge=challenge.challenge)) == Reason.CHALLENGE_INVALID
    until = authflow.send_email_code(challenge.challenge)
    assert 590 < until.timestamp() - beside.now() <= 600


def test_an_organization_may_take_none(stage: Stage) -> None:
    authflow, beside = stage
    user, other = enrolled(authflow, beside), signed_up(authflow)
    beside.set_organization(second_factor="off")
    error = failure_of(lambda: authflow.enable_totp(other.session.token))
    assert (error.reason, error.http_status) == (Reason.SECOND_FACTOR_NOT_ENABLED, 409)
    # Who has one still needs it.
    assert isinstance(logged_in(authflow, user), Session)


def test_an_organization_may_require_a_proven_address(stage: Stage) -> None:
    authflow, beside = stage
    user, verified = signed_up(authflow), signed_up(authflow, verified_beside=beside)
    beside.set_organization(require_verified_email=True)
    error = failure_of(lambda: authflow.login_step(user.email, user.password))
    assert (error.reason, error.http_status, error.challenge) == (Reason.EMAIL_NOT_VERIFIED, 403, None)
    assert isinstance(authflow.login_step(verified.email, verified.password), Session)


def test_a_password_that_must_be_changed(stage: Stage) -> None:
    authflow, beside = stage
    user = signed_up(authflow)
    beside.set_password(user.email, NEW_PASSWORD)
    error = failure_of(lambda: authflow.login(user.email, NEW_PASSWORD))
    assert (error.reason, error.http_status) == (Reason.PASSWORD_CHANGE_REQUIRED, 403)
    step = authflow.login_step(user.email, NEW_PASSWORD)
    assert isinstance(step, Challenge)
    assert (step.reason, step.methods) == (Reason.PASSWORD_CHANGE_REQUIRED, ("change_password",))
    third = "Engine-Number-3"
    reset = authflow.reset_password
    assert reason_of(lambda: reset(step.challenge, third)) == Reason.INVALID_ARGUMENT
    assert reason_of(lambda: reset(step.challenge, "weak", current_password=NEW_PASSWORD)) == Reason.PASSWORD_POLICY
    same = failure_of(lambda: reset(step.challenge, NEW_PASSWORD, current_password=NEW_PASSWORD))
    assert same.reason == Reason.PASSWORD_POLICY
    wrong = failure_of(lambda: reset(step.challenge, third, current_password=stand.PASSWORD))
    assert wrong.reason == Reason.CREDENTIALS_INVALID
    assert reset(step.challenge, third, current_password=NEW_PASSWORD).email == user.email
    assert reason_of(lambda: reset(step.challenge, NEW_PASSWORD, current_password=third)) == Reason.CHALLENGE_INVALID
    session = authflow.login(user.email, third)
    assert not authflow.validate(session.token).email_verified


def test_a_login_s_faults_have_an_order(stage: Stage) -> None:
    authflow, beside = stage
    user = enrolled(authflow, beside)
    beside.set_password(user.email, NEW_PASSWORD)
    step = authflow.login_step(user.email, NEW_PASSWORD)
    assert isinstance(step, Challenge)
    assert step.reason == Reason.SECOND_FACTOR_REQUIRED
    then = authflow.verify_totp(step.challenge, user.app.code())
    assert isinstance(then, Challenge)
    assert (then.reason, then.methods) == (Reason.PASSWORD_CHANGE_REQUIRED, ("change_password",))
    beside.set_organization(require_verified_email=True)
    assert reason_of(lambda: authflow.login_step(user.email, NEW_PASSWORD)) == Reason.EMAIL_NOT_VERIFIED
    beside.disable(user.email)
    assert reason_of(lambda: authflow.login_step(user.email, NEW_PASSWORD)) == Reason.USER_DISABLED
    assert reason_of(lambda: authflow.login_step(user.email, user.password)) == Reason.CREDENTIALS_INVALID


def test_logins_by_mail_are_off_at_first(stage: Stage) -> None:
    authflow, beside = stage
    error = failure_of(lambda: authflow.send_login_code(stand.new_email()))
    assert (error.reason, error.http_status) == (Reason.ACCESS_DENIED, 403)
    beside.set_organization(login_by_email=True)
    code = authflow.send_login_code(stand.new_email())
    assert 590 < code.expires_at.timestamp() - beside.now() <= 600
    assert reason_of(lambda: authflow.verify_email_code(code.challenge, "123456")) == Reason.CODE_INVALID
    assert reason_of(lambda: authflow.send_login_code("ada")) == Reason.INVALID_ARGUMENT


def logged_in(authflow: AuthFlow, user: Enrolled) -> Session:
    session = authflow.verify_totp(challenge_of(authflow, user).challenge, user.app.code())
    assert isinstance(session, Session)
    return session


def reason_of(call: Callable[[], object]) -> str:
    return failure_of(call).reason
