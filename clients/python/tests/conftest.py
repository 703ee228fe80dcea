from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import pytest
import stand
from both import Loop, make

from authflow_client import AsyncClient, Client


class MakeClient(Protocol):
    def __call__(self, address: str, api_key: str, **kwargs: Any) -> Client: ...


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "forks: needs a process that has not used grpc.aio yet, and so runs first")
    config.addinivalue_line("markers", "moves_the_clock: puts the servers' clock forward for good, and so runs last")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(
        key=lambda item: (
            item.get_closest_marker("moves_the_clock") is not None,
            item.get_closest_marker("forks") is None,
        )
    )


@pytest.fixture(scope="session")
def loop() -> Iterator[Loop]:
    running = Loop()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def organizations() -> Iterator[stand.Organizations]:
    with stand.Organizations(stand.grpc_address()) as opened:
        yield opened


@pytest.fixture
def organization(organizations: stand.Organizations) -> stand.Organization:
    return organizations.create()


@pytest.fixture(params=[Client, AsyncClient], ids=["Client", "AsyncClient"])
def make_client(request: pytest.FixtureRequest, loop: Loop) -> Iterator[MakeClient]:
    """Makes clients of both kinds and closes them."""
    kind: type[Client] | type[AsyncClient] = request.param
    made: list[Client] = []

    def make_one(address: str, api_key: str, **kwargs: Any) -> Client:
        made.append(make(kind, loop, address, api_key, **kwargs))
        return made[-1]

    yield make_one
    for client in made:
        client.close()


@pytest.fixture
def client(make_client: MakeClient, organization: stand.Organization) -> Client:
    return make_client(stand.grpc_address(), organization.api_key)


@pytest.fixture
def plain_client(organization: stand.Organization) -> Iterator[Client]:
    with Client(stand.grpc_address(), organization.api_key) as made:
        yield made
