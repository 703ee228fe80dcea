"""The fake does what a server does: the same cases are run against both."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Callable

import grpc
import pytest
import stand
from both import AsBlocking, Loop, make
from test_reasons import failure_of
from test_vectors import arguments_of, fields_of, snake

from authflow_client import AsyncAuthFlow, AsyncClient, AuthFlow, AuthFlowError, Client, Reason
from authflow_client.fake import AsyncAuthFlowFake, AuthFlowFake

USER = ("ada@example.com", stand.PASSWORD, "Ada Lovelace")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    for argument, vectors in (("case", "fake-behaviour"), ("account_case", "fake-account-behaviour")):
        if argument not in metafunc.fixturenames:
            continue
        try:
            text = Path(stand.setting("AUTHFLOW_TEST_VECTORS"), f"{vectors}.json").read_text("utf8")
            cases = [pytest.param(case, id=case["name"]) for case in json.loads(text)["cases"]]
        except stand.NoStand as why:
            cases = [pytest.param(why, id="needs servers")]
        metafunc.parametrize(argument, cases)


@pytest.fixture(params=[Client, AsyncClient, AuthFlowFake, AsyncAuthFlowFake], ids=lambda kind: str(kind.__name__))
def authflow(request: pytest.FixtureRequest, loop: Loop, organization: stand.Organization) -> Iterator[AuthFlow]:
    is_fake = request.param in (AuthFlowFake, AsyncAuthFlowFake)
    made = make(request.param, loop, *(() if is_fake else (stand.grpc_address(), organization.api_key)))
    yield made
    made.close()


def test_case(authflow: AuthFlow, case: Any) -> None:
    if isinstance(case, stand.NoStand):
        raise case
    saved: dict[str, str] = {}
    for step in case["steps"]:
        _take(authflow, step, saved)


@pytest.mark.parametrize("kind", [AuthFlowFake, AsyncAuthFlowFake])
def test_account_case(kind: Any, loop: Loop, account_case: Any) -> None:
    if isinstance(account_case, stand.NoStand):
        raise account_case
    fake = kind()
    calls = AsBlocking(loop, fake) if kind is AsyncAuthFlowFake else fake
    saved: dict[str, str] = {}
    for step in account_case["steps"]:
        if "roles" in step:
            fake.set_roles(step["email"], *step["roles"])
        elif "mail" in step:
            saved[step["save"]] = _mailed(fake, step["mail"], step["to"])
        else:
            _take(calls, step, saved)


def _take(authflow: Any, step: Any, saved: dict[str, str]) -> None:
    arguments = {name: _filled_in(value, saved) for name, value in arguments_of(step).items()}
    method = getattr(authflow, snake(step["call"]))
    if "error" in step:
        _assert_error(failure_of(lambda: method(**arguments)), step["error"])
        return
    result = method(**arguments)
    if "save" in step:
        saved[step["save"]] = result.token
    _assert_holds(fields_of(result), step["result"])


def _mailed(fake: AuthFlowFake | AsyncAuthFlowFake, kind: str, to: str) -> str:
    """The token of the last mail of a kind to an address."""
    return [mail.token for mail in fake.mails if (mail.kind, mail.to) == (kind, to)][-1]


def _assert_holds(told: Any, wanted: Any) -> None:
    """What was told has all that is wanted, among other fields."""
    if isinstance(wanted, dict):
        for name, value in wanted.items():
            _assert_holds(told[name], value)
    elif isinstance(wanted, list):
        assert len(told) == len(wanted)
        for each, value in zip(told, wanted):
            _assert_holds(each, value)
    else:
        assert told == wanted


def _filled_in(value: Any, saved: dict[str, str]) -> Any:
    return saved[value[1:]] if isinstance(value, str) and value.startswith("$") else value


def _assert_error(error: AuthFlowError, expected: Any) -> None:
    assert (error.code.name, error.reason) == (expected["code"], expected["reason"])
    assert error.message
    if "fields" in expected:
        assert sorted(violation.field for violation in error.violations) == sorted(expected["fields"])


def test_its_tokens_are_told_apart_and_refused_by_a_server(plain_client: Client) -> None:
    fake = AuthFlowFake()
    fake.sign_up(*USER, disclaimed=True)
    token = fake.login(*USER[:2]).token
    assert token.startswith("fake.")
    assert failure_of(lambda: plain_client.validate(token)).reason == Reason.SESSION_INVALID


def test_it_can_be_unreachable() -> None:
    fake = AuthFlowFake()
    fake.sign_up(*USER, disclaimed=True)
    token = fake.login(*USER[:2]).token
    fake.unreachable = True
    calls: list[Callable[[], object]] = [
        lambda: fake.foo_bar(USER[0]),
        lambda: fake.sign_up(*USER, disclaimed=True),
        lambda: fake.login(*USER[:2]),
        lambda: fake.validate(token),
        lambda: fake.change_password(token, stand.PASSWORD),
        lambda: fake.logout(token),
    ]
    for call in calls:
        error = failure_of(call)
        assert (error.reason, error.code, error.http_status) == ("", grpc.StatusCode.UNAVAILABLE, 503)
    fake.unreachable = False
    assert fake.validate(token).email == USER[0]


def test_the_fake_of_asyncio_can_be_unreachable() -> None:
    async def code() -> grpc.StatusCode:
        async with AsyncAuthFlowFake() as fake:
            fake.unreachable = True
            with pytest.raises(AuthFlowError) as failed:
                await fake.foo_bar(USER[0])
            return failed.value.code

    assert asyncio.run(code()) is grpc.StatusCode.UNAVAILABLE


def test_its_sessions_expire() -> None:
    fake = AuthFlowFake(session_ttl=timedelta(0))
    fake.sign_up(*USER, disclaimed=True)
    token = fake.login(*USER[:2]).token
    assert failure_of(lambda: fake.validate(token)).reason == Reason.SESSION_EXPIRED
    fake.logout(token)


def test_its_clock_can_be_put_forward() -> None:
    fake = AuthFlowFake()
    fake.sign_up(*USER, disclaimed=True)
    token = fake.login(*USER[:2]).token
    fake.forgot_password(USER[0])
    fake.advance(timedelta(minutes=30))
    assert failure_of(lambda: fake.reset_password(fake.mails[0].token, "Difference-1822")).reason == "TOKEN_EXPIRED"
    for call in (lambda: fake.change_email(token, "ada@example.org"), lambda: fake.delete_account(token)):
        error = failure_of(call)
        assert (error.reason, error.http_status) == (Reason.REAUTHENTICATION_REQUIRED, 403)
    fake.change_email(token, "ada@example.org", current_password=stand.PASSWORD)
    expires_at = fake.validate(token).expires_at
    assert fake.renew_session(token).expires_at == expires_at
    fake.advance(timedelta(days=6))
    renewed = fake.renew_session(token)
    assert renewed.expires_at - expires_at >= timedelta(days=6)
    fake.advance(timedelta(days=1))
    assert failure_of(lambda: fake.validate(token)).reason == Reason.SESSION_EXPIRED
    assert fake.validate(renewed.token).expires_at == renewed.expires_at
    with pytest.raises(LookupError, match="grace"):
        fake.set_roles("grace@example.com", "editor")
    assert fake.mails[0].token not in repr(fake.mails)


def test_a_closed_one_fails_as_a_closed_client_does() -> None:
    with AuthFlowFake() as fake:
        pass
    assert failure_of(lambda: fake.foo_bar(USER[0])).code is grpc.StatusCode.CANCELLED


def test_clients_and_fakes_are_of_one_interface() -> None:
    # Type checkers see to it.
    blocking: list[AuthFlow] = [Client("localhost:1", "af_key"), AuthFlowFake()]
    for_asyncio: list[AsyncAuthFlow] = [AsyncClient("localhost:1", "af_key"), AsyncAuthFlowFake()]
    assert len(blocking) == len(for_asyncio) == 2


def test_the_package_does_not_load_it() -> None:
    program = "import sys, authflow_client; sys.exit(any('fake' in name for name in sys.modules))"
    subprocess.run([sys.executable, "-c", program], check=True)
