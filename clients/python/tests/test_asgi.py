"""The ASGI middleware, over a real socket."""

from __future__ import annotations

import asyncio
import http.client
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import stand
from echo import asgi_server
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route
from test_bearer import unsigned
from test_reasons import signed_up

from authflow_client import AsyncClient, AuthFlowError, Client, Reason, Session, SessionUser
from authflow_client.asgi import App, AuthFlowMiddleware, Message, Receive, Scope, Send, user_of


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: Any


class Counting:
    """Validates, and counts how often it was asked."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client
        self.asked = 0

    async def validate(self, session_token: str, email: str) -> SessionUser:
        self.asked += 1
        return await self._client.validate(session_token, email)


@pytest.fixture
def session(plain_client: Client) -> Session:
    return signed_up(plain_client)


@pytest.fixture
def asked(organization: stand.Organization) -> Counting:
    # It is made before the server's event loop runs, as applications do.
    return Counting(AsyncClient(stand.grpc_address(), organization.api_key))


@pytest.fixture
def errors() -> list[Exception]:
    return []


@pytest.fixture
def guarded(asked: Counting, errors: list[Exception]) -> Iterator[str]:
    with asgi_server(AuthFlowMiddleware(echo, asked, on_error=errors.append)) as address:
        yield address


def test_a_live_session_is_let_in_with_its_user(guarded: str, session: Session, asked: Counting) -> None:
    for _ in range(2):
        answer = get(guarded, f"Bearer {session.token}")
        assert answer.status == 200
        assert answer.body == {
            "user_id": session.user_id,
            "email": session.email,
            "fullname": "Ada Lovelace",
            "org_id": session.org_id,
            "session": True,
            "expires_at": session.expires_at.isoformat(),
            "email_verified": False,
            "roles": [],
        }
    assert asked.asked == 2
    assert get(guarded, f"bearer  {session.token}").status == 200


@pytest.mark.parametrize(
    "authorization",
    [
        [],
        [""],
        ["Basic YWRhOmFkYQ=="],
        ["Bearer"],
        ["Bearer garbage"],
        [f"Bearer af_{'A' * 43}"],
        [f"Bearer {unsigned({})}"],
        [f"Bearer {unsigned({'email': 7})}"],
        [f"Bearer {unsigned({'email': 'ada@example.com'})}", f"Bearer {unsigned({'email': 'ada@example.com'})}"],
    ],
)
def test_without_a_usable_token_nobody_is_asked(guarded: str, asked: Counting, authorization: list[str]) -> None:
    assert_401(get(guarded, *authorization), Reason.SESSION_INVALID)
    assert asked.asked == 0


def test_a_forged_token_is_refused(guarded: str, session: Session, errors: list[Exception]) -> None:
    assert_401(get(guarded, f"Bearer {unsigned({'email': session.email})}"), Reason.SESSION_INVALID)
    assert_401(get(guarded, f"Bearer {unsigned({'email': 'no e-mail'})}"), Reason.SESSION_INVALID)
    assert errors == []


def test_a_session_that_has_ended_is_refused(guarded: str, session: Session, plain_client: Client) -> None:
    assert get(guarded, f"Bearer {session.token}").status == 200
    plain_client.logout(session.token, session.email)
    assert_401(get(guarded, f"Bearer {session.token}"), Reason.SESSION_REVOKED)


def test_a_server_that_does_not_answer_is_a_503(session: Session, errors: list[Exception]) -> None:
    unreachable = AsyncClient(stand.closed_port(), "af_key", timeout=1)
    with asgi_server(AuthFlowMiddleware(echo, unreachable, on_error=errors.append)) as address:
        assert_503(get(address, f"Bearer {session.token}"))
    assert [type(error) for error in errors] == [AuthFlowError]


def test_a_refused_key_is_a_503(session: Session, errors: list[Exception]) -> None:
    other = AsyncClient(stand.grpc_address(), f"af_{'A' * 43}")
    with asgi_server(AuthFlowMiddleware(echo, other, on_error=errors.append)) as address:
        assert_503(get(address, f"Bearer {session.token}"))
    assert [getattr(error, "reason", None) for error in errors] == [Reason.API_KEY_INVALID]


def test_a_wait_that_was_given_is_told() -> None:
    class Overloaded:
        async def validate(self, session_token: str, email: str) -> SessionUser:
            import grpc

            raise AuthFlowError(Reason.OVERLOADED, grpc.StatusCode.RESOURCE_EXHAUSTED, "Later.", (), 1.2)

    with asgi_server(AuthFlowMiddleware(echo, Overloaded())) as address:
        answer = get(address, f"Bearer {unsigned({'email': 'ada@example.com'})}")
    assert_503(answer)
    assert answer.headers["retry-after"] == "2"


def test_a_remembered_session_is_not_asked_for_again(asked: Counting, session: Session, plain_client: Client) -> None:
    with asgi_server(AuthFlowMiddleware(echo, asked, remember=1.0)) as address:

        def is_remembered() -> bool:
            before = asked.asked
            assert get(address, f"Bearer {session.token}").status == 200
            return asked.asked == before

        stand.until(is_remembered)
        plain_client.logout(session.token, session.email)
        stand.until(lambda: get(address, f"Bearer {session.token}").status == 401)


@pytest.mark.parametrize("seconds", [1.001, -0.001, float("nan")])
def test_no_more_than_a_second_is_remembered(asked: Counting, seconds: float) -> None:
    with pytest.raises(ValueError, match="remembered"):
        AuthFlowMiddleware(echo, asked, remember=seconds)


def test_a_mounted_application_of_starlette_is_guarded_alone(asked: Counting, session: Session) -> None:
    async def me(request: Request) -> JSONResponse:
        return JSONResponse({"user_id": user_of(request).user_id})

    async def login(request: Request) -> JSONResponse:
        return JSONResponse({})

    private: Any = Starlette(routes=[Route("/me", me)])
    app: Any = Starlette(routes=[Route("/login", login), Mount("/api", AuthFlowMiddleware(private, asked))])
    with asgi_server(app) as address:
        assert get(address, path="/login").status == 200
        assert_401(get(address, path="/api/me"), Reason.SESSION_INVALID)
        answer = get(address, f"Bearer {session.token}", path="/api/me")
    assert answer.body == {"user_id": session.user_id}


@pytest.mark.parametrize("extensions", [{}, {"websocket.http.response": {}}])
def test_a_websocket_without_a_session_is_not_opened(asked: Counting, extensions: Any) -> None:
    sent = asyncio.run(_connect(AuthFlowMiddleware(echo, asked), extensions))
    if extensions:
        assert [message["type"] for message in sent] == [
            "websocket.http.response.start",
            "websocket.http.response.body",
        ]
        assert sent[0]["status"] == 401
    else:
        assert sent == [{"type": "websocket.close", "code": 1008}]


async def _connect(app: App, extensions: Any) -> list[Message]:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await app({"type": "websocket", "path": "/", "headers": [], "extensions": extensions}, receive, send)
    return sent


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Tells who called."""
    if scope["type"] == "lifespan":
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    user = user_of(scope)
    told = {
        **vars(user),
        "session_id": None,
        "session": bool(user.session_id),
        "expires_at": user.expires_at.isoformat(),
    }
    del told["session_id"]
    body = json.dumps(told).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def get(address: str, *authorization: str, path: str = "/") -> Answer:
    connection = http.client.HTTPConnection(address, timeout=30)
    connection.putrequest("GET", path)
    for value in authorization:
        connection.putheader("Authorization", value)
    connection.endheaders()
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, json.loads(body))


def assert_401(answer: Answer, reason: str) -> None:
    assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert_shape(answer, 401, reason)


def assert_503(answer: Answer) -> None:
    assert answer.status == 503
    assert "www-authenticate" not in answer.headers
    assert_shape(answer, 503, Reason.UNAVAILABLE)


def assert_shape(answer: Answer, status: int, reason: str) -> None:
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.body == {"statusCode": status, "error": reason, "message": answer.body["message"]}
    assert answer.body["message"]
