"""A client that was made before a fork works in parent and children."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Iterator
from typing import Callable

import pytest
import stand
from test_reasons import failure_of

from authflow_client import AsyncClient, Client
from authflow_client.guard import Guard

pytestmark = [pytest.mark.forks, pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a system with fork")]


@pytest.fixture
def shared(organization: stand.Organization) -> Iterator[Client]:
    with Client(stand.grpc_address(), organization.api_key) as client:
        yield client


def in_child(act: Callable[[], object]) -> None:
    """Runs it in a forked child and expects it to end well."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            # A child that hangs is ended by the system.
            signal.alarm(30)
            act()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_one_that_has_made_no_call(shared: Client) -> None:
    in_child(lambda: shared.foo_bar(stand.new_email()))
    shared.foo_bar(stand.new_email())


def test_one_that_has_a_connection(shared: Client) -> None:
    shared.foo_bar(stand.new_email())
    for _ in range(2):
        in_child(lambda: shared.foo_bar(stand.new_email()))
        shared.foo_bar(stand.new_email())


def test_children_s_children(shared: Client) -> None:
    def child() -> None:
        shared.foo_bar(stand.new_email())
        in_child(lambda: shared.foo_bar(stand.new_email()))

    shared.foo_bar(stand.new_email())
    in_child(child)


def test_closing_in_a_child_closes_nothing_of_the_parent(shared: Client) -> None:
    def child() -> None:
        shared.foo_bar(stand.new_email())
        shared.close()
        failure_of(lambda: shared.foo_bar(stand.new_email()))

    shared.foo_bar(stand.new_email())
    in_child(child)
    shared.foo_bar(stand.new_email())


def test_a_closed_one_is_closed_in_a_child(shared: Client) -> None:
    shared.close()
    in_child(lambda: failure_of(lambda: shared.foo_bar(stand.new_email())))


def test_locks_that_were_held_are_free_in_a_child(shared: Client) -> None:
    guard = Guard(1.0, optional=False)
    with guard._memory._lock, shared._lock, shared._repeats._lock:
        in_child(lambda: (guard._memory.recall("token"), shared.foo_bar(stand.new_email())))


def test_one_for_asyncio_that_has_made_no_call(organization: stand.Organization) -> None:
    client = AsyncClient(stand.grpc_address(), organization.api_key)
    for _ in range(2):
        in_child(lambda: asyncio.run(client.foo_bar(stand.new_email())))


def test_a_program_that_ends_with_one_says_nothing() -> None:
    # Its function and its client go together, at the very end.
    program = (
        "from authflow_client import Client\nclient = Client('localhost:1', 'af_key')\ndef main(): return client\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert (ran.stdout, ran.stderr) == ("", "")
