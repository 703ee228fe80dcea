"""The fake does what a server does: the same cases are run against both."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Callable, Protocol, cast
from urllib.parse import urlencode

import grpc
import pytest
import stand
from both import AsBlocking, Loop
from test_reasons import failure_of
from test_vectors import arguments_of, fields_of, snake

from authflow_client import AsyncAuthFlow, AsyncClient, AuthFlow, AuthFlowError, Client, Reason
from authflow_client.fake import AsyncAuthFlowFake, AuthFlowFake

USER = ("ada@example.com", stand.PASSWORD, "Ada Lovelace")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" not in metafunc.fixturenames:
        return
    try:
        cases = [
            pytest.param(case, id=case["name"])
            for vectors in ("fake-behaviour", "fake-account-behaviour")
            for case in json.loads(Path(stand.setting("AUTHFLOW_TEST_VECTORS"), f"{vectors}.json").read_text("utf8"))[
                "cases"
            ]
        ]
    except stand.NoStand as why:
        cases = [pytest.param(why, id="needs servers")]
    metafunc.parametrize("case", cases)


@pytest.mark.parametrize("kind", [AuthFlowFake, AsyncAuthFlowFake])
def test_case_on_a_fake(kind: type[AuthFlowFake] | type[AsyncAuthFlowFake], loop: Loop, case: Any) -> None:
    fake = kind()
    _play(
        case, cast(AuthFlow, AsBlocking(loop, fake)) if isinstance(fake, AsyncAuthFlowFake) else fake, BesideFake(fake)
    )


def test_case_on_a_server(
    client: Client, organizations: stand.Organizations, organization: stand.Organization, case: Any
) -> None:
    _play(case, client, BesideServer(organizations, organization))


class Beside(Protocol):
    """What is not a client's: a backend gives roles, a user reads mail."""

    def give_roles(self, email: str, roles: list[str]) -> None: ...

    def mailed(self, kind: str, email: str, to: str, age_seconds: int) -> str: ...


@dataclass(frozen=True)
class BesideFake:
    fake: AuthFlowFake | AsyncAuthFlowFake

    def give_roles(self, email: str, roles: list[str]) -> None:
        self.fake.set_roles(email, *roles)

    def mailed(self, kind: str, email: str, to: str, age_seconds: int) -> str:
        token = [mail.token for mail in self.fake.mails if (mail.kind, mail.to) == (kind, to)][-1]
        self.fake.advance(timedelta(seconds=age_seconds))
        return token


@dataclass(frozen=True)
class BesideServer:
    organizations: stand.Organizations
    organization: stand.Organization

    def give_roles(self, email: str, roles: list[str]) -> None:
        self.organizations.give_roles(self.organization, email, roles)

    def mailed(self, kind: str, email: str, to: str, age_seconds: int) -> str:
        asked = {"org_id": self.organization.org_id, "kind": kind, "email": email, "to": to, "age_seconds": age_seconds}
        token: str = stand.control("POST", f"mail-tokens?{urlencode(asked)}")["token"]
        return token


def _play(case: Any, authflow: AuthFlow, beside: Beside) -> None:
    if isinstance(case, stand.NoStand):
        raise case
    saved: dict[str, str] = {}
    for step in case["steps"]:
        if "roles" in step:
            beside.give_roles(step["email"], step["roles"])
        elif "mail" in step:
            saved[step["save"]] = beside.mailed(step["mail"], step["email"], step["to"], step.get("age_seconds", 0))
        else:
            _take(authflow, step, saved)


def _take(authflow: Any, step: Any, saved: dict[str, str]) -> None:
    arguments = {name: _filled_in(value, saved) for name, value in arguments_of(step).items()}
    method = getattr(authflow, snake(step["call"]))
    if "error" in step:
        _assert_error(failure_of(lambda: method(**arguments)), step["error"])
        return
    result = method(**arguments)
    if "save" in step:
        saved[step["save"]] = result.token if hasattr(result, "token") else result.session_id
    _assert_holds(fields_of(result), step["result"])


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
