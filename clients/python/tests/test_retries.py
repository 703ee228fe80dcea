"""Repeats can be seen; interceptors and OpenTelemetry see requests."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import grpc
import grpc.aio
import pytest
import stand
from conftest import MakeClient
from opentelemetry import trace
from opentelemetry.instrumentation.grpc import GrpcInstrumentorClient, aio_client_interceptors
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from test_outage import OVERLOAD_SECONDS, overloaded
from test_reasons import failure_of

from authflow_client import AsyncClient, Client, Reason, Retry


def test_a_repeat_is_told_before_its_wait(make_client: MakeClient) -> None:
    told: list[Retry] = []
    client = make_client(overloaded(), stand.vectors()["apiKey"], on_retry=told.append)
    client.login("ada@example.com", stand.PASSWORD)
    (retry,) = told
    assert (retry.call, retry.attempt) == ("login", 1)
    assert (retry.reason, retry.code) == (Reason.OVERLOADED, grpc.StatusCode.RESOURCE_EXHAUSTED)
    assert retry.wait == OVERLOAD_SECONDS


def test_every_repeat_is_told(make_client: MakeClient) -> None:
    told: list[Retry] = []
    client = make_client(stand.closed_port(), "af_key", on_retry=told.append)
    failure_of(lambda: client.sign_up("ada@example.com", stand.PASSWORD, "Ada", disclaimed=True))
    assert [(retry.call, retry.attempt, retry.reason) for retry in told] == [("sign_up", 1, ""), ("sign_up", 2, "")]
    assert all(0.05 <= retry.wait <= 0.2 for retry in told)


def test_a_hook_that_fails_changes_nothing(make_client: MakeClient, caplog: pytest.LogCaptureFixture) -> None:
    def fails(_: Retry) -> None:
        raise RuntimeError("the hook's own")

    client = make_client(overloaded(), stand.vectors()["apiKey"], on_retry=fails)
    with caplog.at_level(logging.ERROR, "authflow_client"):
        assert client.login("ada@example.com", stand.PASSWORD).email == "ada@example.com"
    assert "the hook's own" in caplog.text


class _Seeing(grpc.UnaryUnaryClientInterceptor):
    def __init__(self) -> None:
        self.seen: list[Any] = []

    def intercept_unary_unary(self, continuation: Any, client_call_details: Any, request: Any) -> Any:
        self.seen.append(client_call_details)
        return continuation(client_call_details, request)


def test_an_interceptor_sees_each_request_and_no_key(organization: stand.Organization) -> None:
    seeing = _Seeing()
    with Client(stand.grpc_address(), organization.api_key, interceptors=[seeing]) as client:
        failure_of(lambda: client.login(stand.new_email(), stand.PASSWORD))
    assert [details.method.rsplit("/")[-1] for details in seeing.seen] == ["FooBar", "Login"]
    assert organization.api_key not in str(seeing.seen)


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def provider(spans: InMemorySpanExporter) -> TracerProvider:
    made = TracerProvider()
    made.add_span_processor(SimpleSpanProcessor(spans))
    return made


def test_opentelemetry_sees_requests(
    organization: stand.Organization, spans: InMemorySpanExporter, provider: TracerProvider
) -> None:
    # It knows the global provider alone.
    trace.set_tracer_provider(provider)
    instrumentor = GrpcInstrumentorClient()
    instrumentor.instrument()
    try:
        with Client(stand.grpc_address(), organization.api_key) as client:
            client.foo_bar(stand.new_email())
    finally:
        instrumentor.uninstrument()
    assert [span.name for span in spans.get_finished_spans()] == ["/authflow.v1.AuthService/FooBar"]
    assert organization.api_key not in str([span.to_json() for span in spans.get_finished_spans()])


def test_opentelemetry_for_asyncio_sees_requests(
    organization: stand.Organization, spans: InMemorySpanExporter, provider: TracerProvider
) -> None:
    async def call() -> None:
        interceptors = aio_client_interceptors(tracer_provider=provider)
        async with AsyncClient(stand.grpc_address(), organization.api_key, interceptors=interceptors) as client:
            await client.foo_bar(stand.new_email())

    asyncio.run(call())
    assert [span.name for span in spans.get_finished_spans()] == ["/authflow.v1.AuthService/FooBar"]
