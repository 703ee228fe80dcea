"""What the fake does with codes beyond what can be seen of a server in a moment: its clock, its mails, its counts."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Callable

import pyotp
import pytest
import stand
from test_reasons import failure_of
from test_two_steps import NEW_PASSWORD, logged_in, reason_of
from two_steps import App, BesideFake, Enrolled, challenge_of, enrolled, signed_up

from authflow_client import Challenge, Reason, RecoveredSession, Session
from authflow_client.fake import AuthFlowFake
from authflow_client.fake.codes import totp_code

WRONG_RECOVERY_CODE = "AAAA-AAAA-AAAA-AAAA"


@pytest.fixture
def fake() -> AuthFlowFake:
    return AuthFlowFake()


@pytest.fixture
def beside(fake: AuthFlowFake) -> BesideFake:
    return BesideFake(fake)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_its_codes_are_those_of_rfc_6238(seconds: int, code: str) -> None:
    # Appendix B: the secret is "12345678901234567890".
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert totp_code(secret, seconds // 30) == code
    assert pyotp.TOTP(secret).at(seconds) == code


def test_it_shows_what_an_app_would(fake: AuthFlowFake, beside: BesideFake) -> None:
    user = signed_up(fake)
    secret = fake.enable_totp(user.session.token).secret
    fake.confirm_totp(user.session.token, code=fake.totp_code(secret))
    fake.advance(timedelta(seconds=30))
    challenge = challenge_of(fake, user).challenge
    assert isinstance(fake.verify_totp(challenge, fake.totp_code(secret)), Session)


def test_a_code_is_good_for_one_step_more_and_less(fake: AuthFlowFake, beside: BesideFake) -> None:
    user = signed_up(fake)
    secret = fake.enable_totp(user.session.token).secret
    codes = [fake.totp_code(secret)]
    for _ in range(2):
        fake.advance(timedelta(seconds=30))
        codes.append(fake.totp_code(secret))
    assert reason_of(lambda: fake.confirm_totp(user.session.token, code=codes[0])) == Reason.CODE_INVALID
    fake.confirm_totp(user.session.token, code=codes[1])
    challenge = challenge_of(fake, user).challenge
    for code in codes[:2]:
        assert reason_of(partial(fake.verify_totp, challenge, code)) == Reason.CODE_INVALID
    assert isinstance(fake.verify_totp(challenge, codes[2]), Session)


def test_secrets_and_challenges_end_after_ten_minutes(fake: AuthFlowFake, beside: BesideFake) -> None:
    user = signed_up(fake)
    app = App(beside, fake.enable_totp(user.session.token).secret)
    beside.wait(601)
    error = failure_of(lambda: fake.confirm_totp(user.session.token, code=app.code()))
    assert error.reason == Reason.SECOND_FACTOR_NOT_ENABLED
    other = enrolled(fake, beside)
    challenge = challenge_of(fake, other).challenge
    beside.wait(601)
    assert reason_of(lambda: fake.verify_totp(challenge, other.app.code())) == Reason.CHALLENGE_INVALID


def test_a_user_has_ten_challenges(fake: AuthFlowFake, beside: BesideFake) -> None:
    user = enrolled(fake, beside)
    first, *others = [challenge_of(fake, user).challenge for _ in range(11)]
    assert reason_of(lambda: fake.verify_totp(first, user.app.code())) == Reason.CHALLENGE_INVALID
    assert isinstance(fake.verify_totp(others[0], user.app.code()), Session)


def test_the_code_of_a_mail_is_a_second_factor(fake: AuthFlowFake, beside: BesideFake) -> None:
    user = enrolled(fake, beside, verified=True)
    challenge = challenge_of(fake, user)
    assert challenge.methods == ("totp", "email", "recovery")
    assert reason_of(lambda: fake.verify_email_code(challenge.challenge, "123456")) == Reason.CODE_INVALID
    fake.send_email_code(challenge.challenge)
    first = beside.code("email_code", user.email)
    fake.send_email_code(challenge.challenge)
    second = beside.code("email_code", user.email)
    assert first not in repr(fake.mails)
    if first != second:
        # The latest is good alone.
        assert reason_of(lambda: fake.verify_email_code(challenge.challenge, first)) == Reason.CODE_INVALID
    assert isinstance(fake.verify_email_code(challenge.challenge, second), Session)


def test_the_code_of_a_mail_ends(fake: AuthFlowFake, beside: BesideFake) -> None:
    user = enrolled(fake, beside, verified=True)
    challenge = challenge_of(fake, user)
    beside.wait(60)
    assert fake.send_email_code(challenge.challenge) == challenge.expires_at
    beside.wait(541)
    code = beside.code("email_code", user.email)
    assert reason_of(lambda: fake.verify_email_code(challenge.challenge, code)) == Reason.CHALLENGE_INVALID


def test_a_setup_after_the_code_of_a_mail(fake: AuthFlowFake, beside: BesideFake) -> None:
    user = signed_up(fake, verified_beside=beside)
    fake.set_organization(second_factor="required")
    fake.set_password(user.email, user.password, must_change=True)
    challenge = challenge_of(fake, user)
    fake.send_email_code(challenge.challenge)
    step = fake.verify_email_code(challenge.challenge, beside.code("email_code", user.email))
    assert isinstance(step, Challenge)
    assert (step.reason, step.methods) == (Reason.SECOND_FACTOR_REQUIRED, ("setup",))
    app = App(beside, fake.enable_totp(challenge=step.challenge).secret)
    # The password must be changed first.
    confirmed = fake.confirm_totp(challenge=step.challenge, code=app.code())
    assert (confirmed.session, len(confirmed.recovery_codes)) == (None, 10)
    then = fake.verify_totp(challenge_of(fake, user).challenge, app.code())
    assert isinstance(then, Challenge)
    fake.reset_password(then.challenge, NEW_PASSWORD, current_password=user.password)
    assert isinstance(fake.login_step(user.email, NEW_PASSWORD), Challenge)


def test_a_login_by_mail_proves_the_address(fake: AuthFlowFake, beside: BesideFake) -> None:
    fake.set_organization(login_by_email=True, require_verified_email=True)
    email = stand.new_email()
    fake.sign_up(email, stand.PASSWORD, "Ada Lovelace", disclaimed=True)
    first = fake.send_login_code(email)
    code = fake.send_login_code(email.upper())
    mailed = beside.code("login_code", email)
    assert reason_of(lambda: fake.verify_email_code(first.challenge, mailed)) == Reason.CODE_INVALID
    session = fake.verify_email_code(code.challenge, mailed)
    assert isinstance(session, Session)
    assert fake.validate(session.token).email_verified
    assert reason_of(lambda: fake.verify_email_code(code.challenge, mailed)) == Reason.CHALLENGE_INVALID


def test_wrong_codes_of_logins_by_mail_are_counted_apart(fake: AuthFlowFake, beside: BesideFake) -> None:
    fake.set_organization(login_by_email=True)
    user = enrolled(fake, beside)
    for tried in range(50):
        if tried % 5 == 0:
            challenge = fake.send_login_code(user.email).challenge
        wrong = "111111" if beside.code("login_code", user.email) == "000000" else "000000"
        assert reason_of(partial(fake.verify_email_code, challenge, wrong)) == Reason.CODE_INVALID
    # From then on no code is right.
    challenge = fake.send_login_code(user.email).challenge
    code = beside.code("login_code", user.email)
    assert reason_of(lambda: fake.verify_email_code(challenge, code)) == Reason.CODE_INVALID
    assert isinstance(logged_in(fake, user), Session)
    fake.unlock_user(user.email)
    assert isinstance(fake.verify_email_code(challenge, code), Challenge)


def test_a_login_by_mail_is_no_second_factor(fake: AuthFlowFake, beside: BesideFake) -> None:
    fake.set_organization(login_by_email=True)
    user = enrolled(fake, beside, verified=True)
    code = fake.send_login_code(user.email)
    step = fake.verify_email_code(code.challenge, beside.code("login_code", user.email))
    assert isinstance(step, Challenge)
    assert step.methods == ("totp", "recovery")
    assert isinstance(fake.verify_totp(step.challenge, user.app.code()), Session)


def test_nobody_learns_who_exists(fake: AuthFlowFake) -> None:
    fake.set_organization(login_by_email=True)
    user = signed_up(fake)
    fake.disable_user(user.email)
    for email in (user.email, stand.new_email()):
        try_one = partial(fake.verify_email_code, fake.send_login_code(email).challenge, "123456")
        assert not fake.mails
        for _ in range(5):
            assert reason_of(try_one) == Reason.CODE_INVALID
        assert reason_of(try_one) == Reason.CHALLENGE_INVALID
    fake.enable_user(user.email)
    assert isinstance(fake.login_step(user.email, user.password), Session)


def test_one_mailbox_is_not_two_factors(fake: AuthFlowFake, beside: BesideFake) -> None:
    user = enrolled(fake, beside, verified=True)
    fake.forgot_password(user.email)
    fake.reset_password(beside.mailed("reset", user.email), user.password)
    challenge = challenge_of(fake, user)
    assert challenge.methods == ("totp", "recovery")
    fake.verify_totp(challenge.challenge, user.app.code())
    assert challenge_of(fake, user).methods == ("totp", "email", "recovery")


def test_a_reset_that_first_proves_the_address_takes_the_second_factor_off(
    fake: AuthFlowFake, beside: BesideFake
) -> None:
    user = enrolled(fake, beside)
    fake.forgot_password(user.email)
    fake.reset_password(beside.mailed("reset", user.email), NEW_PASSWORD)
    assert isinstance(fake.login_step(user.email, NEW_PASSWORD), Session)


def test_fifty_wrong_codes_lock(fake: AuthFlowFake, beside: BesideFake) -> None:
    user = enrolled(fake, beside)
    use_up_codes(fake, user)
    challenge = challenge_of(fake, user).challenge
    error = failure_of(lambda: fake.verify_totp(challenge, user.app.code()))
    assert (error.reason, error.http_status, error.retry_after) == (Reason.ACCOUNT_LOCKED, 429, None)
    assert reason_of(lambda: fake.disable_totp(user.session.token, user.app.code())) == Reason.ACCOUNT_LOCKED
    # A recovery code opens it.
    assert isinstance(fake.verify_recovery_code(challenge, user.recovery_codes[0]), RecoveredSession)
    assert isinstance(logged_in(fake, user), Session)
    use_up_codes(fake, user)
    fake.unlock_user(user.email)
    assert isinstance(logged_in(fake, user), Session)


def test_a_right_code_begins_the_count_anew(fake: AuthFlowFake, beside: BesideFake) -> None:
    user = enrolled(fake, beside)
    for _ in range(2):
        use_up_codes(fake, user, 49)
        logged_in(fake, user)


def test_recovery_codes_have_twenty_tries(fake: AuthFlowFake, beside: BesideFake) -> None:
    user = enrolled(fake, beside)
    for tried in range(20):
        if tried % 5 == 0:
            try_one = partial(fake.verify_recovery_code, challenge_of(fake, user).challenge, WRONG_RECOVERY_CODE)
        assert reason_of(try_one) == Reason.CODE_INVALID
    challenge = challenge_of(fake, user).challenge
    assert reason_of(lambda: fake.verify_recovery_code(challenge, user.recovery_codes[0])) == Reason.ACCOUNT_LOCKED
    assert isinstance(fake.verify_totp(challenge, user.app.code()), Session)


def test_a_login_is_fresh_for_fifteen_minutes(fake: AuthFlowFake, beside: BesideFake) -> None:
    user, plain = enrolled(fake, beside), signed_up(fake)
    beside.wait(901)
    codes = iter(user.recovery_codes)
    for call in (
        lambda: fake.enable_totp(plain.session.token),
        lambda: fake.change_password(user.session.token, NEW_PASSWORD, code=user.app.code()),
        lambda: fake.disable_totp(user.session.token, user.app.code()),
        lambda: fake.regenerate_recovery_codes(user.session.token, user.app.code()),
    ):
        assert reason_of(call) == Reason.REAUTHENTICATION_REQUIRED
    fake.enable_totp(plain.session.token, current_password=plain.password)
    # Who has no second factor needs neither.
    fake.change_password(plain.session.token, NEW_PASSWORD)
    fake.regenerate_recovery_codes(user.session.token, next(codes), current_password=user.password)


def test_codes_have_a_form(fake: AuthFlowFake, beside: BesideFake) -> None:
    user = enrolled(fake, beside)
    token, challenge = user.session.token, challenge_of(fake, user).challenge
    calls: dict[str, list[Callable[[], object]]] = {
        "code": [
            lambda: fake.verify_totp(challenge, "12345"),
            lambda: fake.verify_email_code(challenge, "12345a"),
            lambda: fake.confirm_totp(token, code=""),
            lambda: fake.disable_totp(token, ""),
            lambda: fake.regenerate_recovery_codes(token, "1234567"),
            lambda: fake.change_password(token, NEW_PASSWORD, code="UUUU-UUUU-UUUU-UUUU"),
            lambda: fake.change_email(token, stand.new_email(), code="1"),
            lambda: fake.delete_account(token, code="1"),
        ],
        "recovery_code": [lambda: fake.verify_recovery_code(challenge, "AAAA-AAAA-AAAA")],
    }
    for field, faulty in calls.items():
        for call in faulty:
            error = failure_of(call)
            assert (error.reason, [violation.field for violation in error.violations]) == ("INVALID_ARGUMENT", [field])
    code = user.app.code()
    assert isinstance(fake.verify_totp(challenge, f" {code[:3]} {code[3:]}"), Session)


def test_what_there_is_not_cannot_be_managed(fake: AuthFlowFake) -> None:
    for manage in (fake.disable_user, fake.enable_user, fake.unlock_user, fake.reset_second_factor):
        with pytest.raises(LookupError, match="grace"):
            manage("grace@example.com")
    with pytest.raises(LookupError, match="grace"):
        fake.set_password("grace@example.com", NEW_PASSWORD)
    with pytest.raises(ValueError, match="second_factor"):
        fake.set_organization(second_factor="never")


def use_up_codes(fake: AuthFlowFake, user: Enrolled, count: int = 50) -> None:
    wrong = user.app.wrong_code()
    for tried in range(count):
        if tried % 5 == 0:
            try_one = partial(fake.verify_totp, challenge_of(fake, user).challenge, wrong)
        assert reason_of(try_one) == Reason.CODE_INVALID
