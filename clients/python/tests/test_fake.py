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
from both import Loop, make
from test_reasons import failure_of
from test_vectors import arguments_of, fields_of, snake

from authflow_client import AsyncAuthFlow, AsyncClient, AuthFlow, AuthFlowError, Client, Reason
from authflow_client.fake import AsyncAuthFlowFake, AuthFlowFake

USER = ("ada@example.com", stand.PASSWORD, "Ada Lovelace")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" not in metafunc.fixturenames:
        return
    try:
        text = Path(stand.setting("AUTHFLOW_TEST_VECTORS"), "fake-behaviour.json").read_text("utf8")
        cases = [pytest.param(case, id=case["name"]) for case in json.loads(text)["cases"]]
    except stand.NoStand as why:
        cases = [pytest.param(why, id="needs servers")]
    metafunc.parametrize("case", cases)


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
        arguments = {name: _filled_in(value, saved) for name, value in arguments_of(step).items()}
        method = getattr(authflow, snake(step["call"]))
        if "error" in step:
            _assert_error(failure_of(lambda method=method, arguments=arguments: method(**arguments)), step["error"])  # type: ignore[misc]
            continue
        result = method(**arguments)
        if "save" in step:
            saved[step["save"]] = result.token
        told = fields_of(result)
        assert {name: told[name] for name in step["result"]} == step["result"]


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
