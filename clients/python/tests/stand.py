"""The servers that the tests run beside, as docs/clients.md describes them."""

from __future__ import annotations

import json
import os
import socket
import time
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable

import grpc
from authflow_stubs.v1 import organization_service_pb2 as pb
from authflow_stubs.v1 import user_service_pb2 as users_pb
from authflow_stubs.v1.organization_service_pb2_grpc import OrganizationServiceStub
from authflow_stubs.v1.user_service_pb2_grpc import UserServiceStub

PASSWORD = "Analytical-1843"


class NoStand(Exception):
    """There are no servers to test against."""


def setting(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise NoStand(f"{name} is not set: start the servers by `npm run with-server -- python -m pytest`")
    return value


def grpc_address() -> str:
    return setting("AUTHFLOW_TEST_GRPC")


def certificate(name: str) -> Path:
    return Path(setting("AUTHFLOW_TEST_CERTIFICATES"), name)


def vectors() -> Any:
    return json.loads(Path(setting("AUTHFLOW_TEST_VECTORS"), "client-behaviour.json").read_text("utf8"))


def control(method: str, path: str) -> Any:
    """Makes something happen; see docs/clients.md."""
    request = urllib.request.Request(f"{setting('AUTHFLOW_TEST_CONTROL')}/{path}", method=method)
    with urllib.request.urlopen(request, timeout=30) as response:
        body = response.read()
    return json.loads(body) if body else None


@dataclass(frozen=True)
class Organization:
    org_id: str
    name: str
    api_key: str


class Organizations:
    """OrganizationService and UserService by the raw stubs, with the admin token."""

    def __init__(
        self,
        address: str,
        credentials: grpc.ChannelCredentials | None = None,
        admin_token: str | None = None,
    ) -> None:
        self.channel = grpc.secure_channel(address, credentials) if credentials else grpc.insecure_channel(address)
        self.stub = OrganizationServiceStub(self.channel)
        self.metadata = (("authorization", f"Bearer {admin_token or setting('AUTHFLOW_TEST_ADMIN_TOKEN')}"),)

    def create(self, name: str | None = None) -> Organization:
        request = pb.CreateOrganizationRequest(name=name or f"Org {uuid.uuid4()}")
        reply = self.stub.CreateOrganization(request, metadata=self.metadata, timeout=10)
        return Organization(reply.org_id, reply.name, reply.api_key)

    def give_roles(self, organization: Organization, email: str, roles: list[str]) -> None:
        """Gives a user these roles and no others."""
        org_id, stub = organization.org_id, UserServiceStub(self.channel)
        asked = users_pb.ListUsersRequest(org_id=org_id, search=email)
        user_id = stub.ListUsers(asked, metadata=self.metadata, timeout=10).users[0].user_id
        change = users_pb.UpdateUserRequest(org_id=org_id, user_id=user_id, update_mask=["roles"], roles=roles)
        stub.UpdateUser(change, metadata=self.metadata, timeout=10)

    def __enter__(self) -> Organizations:
        return self

    def __exit__(self, *_: object) -> None:
        self.channel.close()


def new_email() -> str:
    return f"ada-{uuid.uuid4()}@example.com"


def closed_port() -> str:
    """An address at which nobody answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{listener.getsockname()[1]}"


def attempts(seconds: float = 20.0, pause: float = 0.02) -> Iterator[None]:
    """Bounds a loop that polls."""
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        yield
        time.sleep(pause)


def until(holds: Callable[[], bool]) -> None:
    """Polls; AssertionError where it does not come to hold in time."""
    assert any(holds() for _ in attempts()), "it did not come to hold in time"
