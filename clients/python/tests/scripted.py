"""A server that answers each request as a test says, in its order."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NoReturn

import grpc
from authflow_stubs.v1.auth_service_pb2 import FooBarResponse
from google.protobuf.any_pb2 import Any as PackedAny
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status

TOKEN = "challenge-token"
METADATA = {"challenge": TOKEN, "methods": "totp,email,recovery", "expires_at": "2030-01-02T03:04:05Z"}


@dataclass(frozen=True)
class Refusal:
    """An error, of our server where it has a reason."""

    code: grpc.StatusCode
    reason: str = ""
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass
class Script:
    address: str
    answers: list[Message | Refusal]
    #: The methods that were called, but for FooBar.
    called: list[str] = field(default_factory=list)
    #: The keys that came with them.
    keys: list[str] = field(default_factory=list)


class _Handler(grpc.GenericRpcHandler):
    def __init__(self, script: Script) -> None:
        self._script = script

    def service(self, handler_call_details: Any) -> Any:
        method = handler_call_details.method.rsplit("/", 1)[-1]
        return grpc.unary_unary_rpc_method_handler(lambda _, context: self._answer(method, context))

    def _answer(self, method: str, context: grpc.ServicerContext) -> bytes:
        if method == "FooBar":
            return FooBarResponse(token="nonce").SerializeToString()
        self._script.called.append(method)
        self._script.keys += [str(value) for name, value in context.invocation_metadata() if name == "x-api-key"]
        answer = self._script.answers.pop(0)
        return answer.SerializeToString() if isinstance(answer, Message) else _refuse(answer, context)


def _refuse(refusal: Refusal, context: grpc.ServicerContext) -> NoReturn:
    if refusal.reason:
        packed = PackedAny()
        packed.Pack(ErrorInfo(reason=refusal.reason, domain="authflow", metadata=refusal.metadata))
        status = Status(code=refusal.code.value[0], message="refused", details=[packed])
        context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(refusal.code, "refused")
    raise AssertionError("aborting raises")


@contextmanager
def scripted(*answers: Message | Refusal) -> Iterator[Script]:
    """Serves on a free port."""
    script = Script("", list(answers))
    server = grpc.server(ThreadPoolExecutor(2), handlers=[_Handler(script)])
    script.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    try:
        yield script
    finally:
        server.stop(None).wait()


def second_factor_required(metadata: dict[str, str] | None = None) -> Refusal:
    return Refusal(
        grpc.StatusCode.UNAUTHENTICATED, "SECOND_FACTOR_REQUIRED", METADATA if metadata is None else metadata
    )
