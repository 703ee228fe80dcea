"""The middleware in applications as people write them, over the fake: Starlette, FastAPI, Flask and Django."""

# No `from __future__ import annotations`: FastAPI reads the annotations of inner functions at run time.

import logging
from collections.abc import Callable, Iterator
from functools import partial
from typing import Annotated, Any, Optional

import django
import grpc
import pytest
from django.conf import settings as django_settings
from django.core.wsgi import get_wsgi_application
from django.http import JsonResponse
from django.urls import path
from fastapi import Depends, FastAPI, WebSocket
from fastapi.testclient import TestClient
from flask import Flask, request
from test_bearer import unsigned
from werkzeug.test import Client as WsgiClient

from authflow_client import AsyncClient, AuthFlowError, Client, Reason, Session, SessionUser, asgi, wsgi
from authflow_client.fake import AsyncAuthFlowFake, AuthFlowFake
from authflow_client.fastapi import Sessions, install_error_handlers
from authflow_client.interceptors import AsyncSessionInterceptor, SessionInterceptor

ADA = ("ada@example.com", "Analytical-1843", "Ada Lovelace")
WSGI_KINDS = ("flask", "django")


class Served:
    """An application with middleware, and a fake behind it."""

    def __init__(self, kind: str, **options: Any) -> None:
        self.fake: Any = AsyncAuthFlowFake() if kind == "fastapi" else AuthFlowFake()
        self._send = {"fastapi": _fastapi, "flask": _flask, "django": _django}[kind](self.fake, options)
        self._is_async = kind == "fastapi"

    def run(self, call: str, *args: Any, **kwargs: Any) -> Any:
        outcome = getattr(self.fake, call)(*args, **kwargs)
        if not self._is_async:
            return outcome
        # The fake never waits.
        try:
            outcome.send(None)
        except StopIteration as done:
            return done.value
        raise AssertionError

    def session(self) -> Session:
        self.run("sign_up", *ADA, disclaimed=True)
        session: Session = self.run("login", *ADA[:2])
        return session

    def get(self, where: str, **headers: str) -> tuple[int, Any, dict[str, str]]:
        return self._send(where, headers)


Send = Callable[[str, dict[str, str]], "tuple[int, Any, dict[str, str]]"]


def _fastapi(fake: Any, options: Any) -> Send:
    app = FastAPI()
    app.add_middleware(asgi.AuthFlowMiddleware, client=fake, **options)

    @app.get("/me")
    @app.get("/assets/me")
    async def me(
        user: Annotated[Optional[SessionUser], Depends(asgi.optional_user_of)],
    ) -> dict[str, Any]:
        return {"email": user and user.email}

    @app.get("/mine")
    async def mine(
        user: Annotated[SessionUser, Depends(asgi.user_of)], token: Annotated[str, Depends(asgi.session_token_of)]
    ) -> dict[str, Any]:
        return {**user.to_dict(), "token": token}

    client = TestClient(app)

    def send(where: str, headers: dict[str, str]) -> tuple[int, Any, dict[str, str]]:
        answer = client.get(where, headers=headers)
        return answer.status_code, answer.json(), {k.lower(): v for k, v in answer.headers.items()}

    return send


def _flask(fake: Any, options: Any) -> Send:
    app = Flask("test")

    @app.get("/me")
    @app.get("/assets/me")
    def me() -> dict[str, Any]:
        user = wsgi.optional_user_of(request.environ)
        return {"email": user and user.email}

    @app.get("/mine")
    def mine() -> dict[str, Any]:
        return {**wsgi.user_of(request.environ).to_dict(), "token": wsgi.session_token_of(request.environ)}

    return _by_werkzeug(wsgi.AuthFlowMiddleware(app.wsgi_app, fake, **options))


def _django(fake: Any, options: Any) -> Send:
    return _by_werkzeug(wsgi.AuthFlowMiddleware(get_wsgi_application(), fake, **options))


def _by_werkzeug(app: Any) -> Send:
    client = WsgiClient(app, use_cookies=False)

    def send(where: str, headers: dict[str, str]) -> tuple[int, Any, dict[str, str]]:
        answer = client.get(where, headers=headers)
        return answer.status_code, answer.get_json(), {k.lower(): v for k, v in answer.headers.items()}

    return send


def _django_me(asked: Any) -> JsonResponse:
    user = wsgi.optional_user_of(asked.META)
    return JsonResponse({"email": user and user.email})


def _django_mine(asked: Any) -> JsonResponse:
    return JsonResponse({**wsgi.user_of(asked.META).to_dict(), "token": wsgi.session_token_of(asked.META)})


urlpatterns = [path("me", _django_me), path("assets/me", _django_me), path("mine", _django_mine)]


@pytest.fixture(scope="module", autouse=True)
def _configured_django() -> None:
    django_settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], LOGGING_CONFIG=None)
    django.setup()


@pytest.fixture(params=["fastapi", *WSGI_KINDS])
def serve(request: pytest.FixtureRequest) -> Callable[..., Served]:
    return lambda **options: Served(request.param, **options)


Serve = Callable[..., Served]


def bearer(session: Session) -> dict[str, str]:
    return {"Authorization": f"Bearer {session.token}"}


def test_user_and_token_are_at_hand(serve: Serve) -> None:
    served = serve()
    session = served.session()
    status, body, _ = served.get("/mine", **bearer(session))
    assert status == 200
    assert (body["user_id"], body["token"]) == (session.user_id, session.token)
    served.run("logout", body["token"])
    status, body, headers = served.get("/mine", **bearer(session))
    assert (status, headers["www-authenticate"]) == (401, "Bearer")
    assert body == {"statusCode": 401, "error": Reason.SESSION_REVOKED, "message": body["message"]}


def test_without_a_session(serve: Serve) -> None:
    served = serve()
    for headers in ({}, {"Authorization": "Bearer garbage"}, {"Authorization": "Basic YWRhOmFkYQ=="}):
        status, body, answered = served.get("/me", **headers)
        assert (status, body["error"]) == (401, Reason.SESSION_INVALID)
        assert (answered["cache-control"], answered["content-type"]) == ("no-store", "application/json")


def test_a_session_that_cannot_be_checked(serve: Serve) -> None:
    errors: list[Exception] = []
    served = serve(on_error=errors.append, optional=True)
    session = served.session()
    served.fake.unreachable = True
    status, body, headers = served.get("/me", **bearer(session))
    assert (status, body["error"]) == (503, Reason.UNAVAILABLE)
    assert "www-authenticate" not in headers
    assert len(errors) == 1


def test_without_a_hook_the_cause_is_logged(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    served = serve()
    session = served.session()
    served.fake.unreachable = True
    with caplog.at_level(logging.ERROR, "authflow_client"):
        served.get("/me", **bearer(session))
    assert "no connection to fake" in caplog.text
    assert session.token not in caplog.text


def test_a_hook_that_fails_changes_nothing(serve: Serve) -> None:
    def fails(_: Exception) -> None:
        raise RuntimeError

    served = serve(on_error=fails)
    session = served.session()
    served.fake.unreachable = True
    assert served.get("/me", **bearer(session))[0] == 503


def test_optional(serve: Serve) -> None:
    served = serve(optional=True)
    session = served.session()
    assert served.get("/me", **bearer(session))[:2] == (200, {"email": ADA[0]})
    served.run("logout", session.token)
    forged = unsigned({"email": ADA[0]})
    for headers in ({}, bearer(session), {"Authorization": f"Bearer {forged}"}):
        assert served.get("/me", **headers)[:2] == (200, {"email": None})


def test_a_cookie(serve: Serve) -> None:
    served = serve(cookie="sid")
    session = served.session()
    assert served.get("/me", Cookie=f"theme=dark; sid={session.token}")[:2] == (200, {"email": ADA[0]})
    assert served.get("/me", **bearer(session))[0] == 401
    assert served.get("/me", Cookie=f"other={session.token}")[0] == 401


def test_an_extractor(serve: Serve) -> None:
    def extract(request: Any) -> Optional[str]:
        if "headers" in request:
            value = dict(request["headers"]).get(b"x-session")
            return value and value.decode()
        token: str | None = request.get("HTTP_X_SESSION")
        return token

    served = serve(extract=extract)
    session = served.session()
    assert served.get("/me", **{"X-Session": session.token})[:2] == (200, {"email": ADA[0]})
    assert served.get("/me")[0] == 401


@pytest.mark.parametrize(
    "public", [["/me", "/assets/*"], lambda request: request.get("path", request.get("PATH_INFO", "")).endswith("/me")]
)
def test_public_paths(serve: Serve, public: Any) -> None:
    served = serve(public=public)
    assert served.get("/me")[:2] == (200, {"email": None})
    assert served.get("/assets/me")[0] == 200
    assert served.get("/mine")[0] == 401


@pytest.mark.parametrize(
    "where",
    [
        "/ME",
        "/me/",
        "/mee",
        "/assets",
        "/assets/../mine",
        "/assets/%2e%2e/mine",
        "//me",
        "/assets%2fme",
        "/assets/a%2Fb",
    ],
)
def test_other_paths_are_not_public(serve: Serve, where: str) -> None:
    assert serve(public=["/me", "/assets/*"]).get(where)[0] in (401, 404)
    assert serve(public=["/me", "/assets/*"]).get(where)[1].get("error") == Reason.SESSION_INVALID


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"public": ["login"]}, ValueError),
        ({"public": "/login"}, TypeError),
        ({"cookie": ""}, ValueError),
        ({"cookie": "sid", "extract": str}, ValueError),
        ({"remember": 1.5}, ValueError),
    ],
)
def test_what_cannot_work_is_refused(options: Any, error: type[Exception]) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None: ...

    with pytest.raises(error):
        asgi.AuthFlowMiddleware(app, AsyncAuthFlowFake(), **options)
    with pytest.raises(error):
        wsgi.AuthFlowMiddleware(Flask("test"), AuthFlowFake(), **options)


@pytest.mark.parametrize(
    ("blocking", "awaited"),
    [(Client("localhost:1", "af_key"), AsyncClient("localhost:1", "af_key")), (AuthFlowFake(), AsyncAuthFlowFake())],
    ids=["clients", "fakes"],
)
def test_a_client_of_the_other_kind_is_refused(blocking: Any, awaited: Any) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None: ...

    for needs_async in (partial(asgi.AuthFlowMiddleware, app), Sessions, AsyncSessionInterceptor):
        with pytest.raises(TypeError, match="is asynchronous, and needs an AsyncClient"):
            needs_async(blocking)
    for needs_threads in (partial(wsgi.AuthFlowMiddleware, Flask("test")), SessionInterceptor):
        with pytest.raises(TypeError, match="is synchronous, and needs a Client"):
            needs_threads(awaited)


class AsyncValidator:
    async def validate(self, session_token: str, email: str) -> SessionUser:
        raise NotImplementedError


def test_coroutines_are_refused_where_nobody_awaits() -> None:
    awaited: Any = AsyncValidator()
    with pytest.raises(TypeError, match="synchronous"):
        wsgi.AuthFlowMiddleware(Flask("test"), awaited)


def test_a_handler_behind_no_middleware_is_told_so() -> None:
    with pytest.raises(LookupError, match="AuthFlowMiddleware"):
        asgi.user_of({"type": "http"})
    with pytest.raises(LookupError, match="AuthFlowMiddleware"):
        wsgi.session_token_of({})


class TestFastApiDependencies:
    @pytest.fixture(params=[None, "sid"], ids=["header", "cookie"])
    def cookie(self, request: pytest.FixtureRequest) -> Optional[str]:
        return request.param  # type: ignore[no-any-return]

    @pytest.fixture
    def fake(self) -> AsyncAuthFlowFake:
        return AsyncAuthFlowFake()

    @pytest.fixture
    def client(self, fake: AsyncAuthFlowFake, cookie: Optional[str]) -> Iterator[TestClient]:
        app = FastAPI()
        install_error_handlers(app)
        sessions = Sessions(fake, cookie=cookie)

        @app.post("/login")
        async def login(email: str, password: str) -> dict[str, str]:
            return {"token": (await fake.login(email, password)).token}

        @app.post("/session")
        async def session(email: str, password: str) -> Session:
            return await fake.login(email, password)

        @app.get("/me")
        async def me(user: Annotated[SessionUser, Depends(sessions.current_user)]) -> SessionUser:
            return user

        @app.get("/home")
        async def home(
            user: Annotated[Optional[SessionUser], Depends(sessions.optional_user)],
        ) -> dict[str, Any]:
            return {"email": user and user.email}

        @app.post("/logout", status_code=204)
        async def logout(token: Annotated[str, Depends(sessions.session_token)]) -> None:
            await fake.logout(token)

        @app.websocket("/socket")
        async def socket(socket: WebSocket, user: Annotated[SessionUser, Depends(sessions.current_user)]) -> None:
            await socket.accept()
            await socket.send_text(user.email)
            await socket.close()

        with TestClient(app) as client:
            assert client.portal is not None
            client.portal.call(lambda: fake.sign_up(*ADA, disclaimed=True))
            yield client

    @pytest.fixture
    def shown(self, client: TestClient, cookie: Optional[str]) -> dict[str, str]:
        token = client.post("/login", params={"email": ADA[0], "password": ADA[1]}).json()["token"]
        return {"Cookie": f"{cookie}={token}"} if cookie else {"Authorization": f"Bearer {token}"}

    def test_from_login_to_logout(self, client: TestClient, shown: dict[str, str]) -> None:
        assert client.get("/me", headers=shown).json()["email"] == ADA[0]
        assert client.get("/home", headers=shown).json() == {"email": ADA[0]}
        with client.websocket_connect("/socket", headers=shown) as socket:
            assert socket.receive_text() == ADA[0]
        assert client.post("/logout", headers=shown).status_code == 204
        answer = client.get("/me", headers=shown)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
        assert answer.json()["error"] == Reason.SESSION_REVOKED
        assert client.get("/home", headers=shown).json() == {"email": None}
        assert client.get("/home").json() == {"email": None}

    def test_a_session_that_is_returned_has_no_token(self, client: TestClient) -> None:
        answer = client.post("/session", params={"email": ADA[0], "password": ADA[1]}).json()
        assert set(answer) == {"user_id", "email", "fullname", "org_id", "expires_at"}
        assert answer["expires_at"].endswith("Z")

    def test_errors_have_the_server_s_shape(self, client: TestClient) -> None:
        answer = client.post("/login", params={"email": ADA[0], "password": "Wrong-password-1"})
        assert answer.status_code == 401
        assert answer.json() == {
            "statusCode": 401,
            "error": Reason.CREDENTIALS_INVALID,
            "message": answer.json()["message"],
        }

    def test_a_server_that_is_away(self, client: TestClient, fake: AsyncAuthFlowFake, shown: dict[str, str]) -> None:
        fake.unreachable = True
        for where in ("/me", "/home"):
            answer = client.get(where, headers=shown)
            assert (answer.status_code, answer.json()["error"]) == (503, Reason.UNAVAILABLE)

    def test_a_refused_key_is_unavailable_and_logged(self, caplog: pytest.LogCaptureFixture) -> None:
        app = FastAPI()
        install_error_handlers(app)

        @app.post("/login")
        async def login() -> None:
            raise AuthFlowError(Reason.API_KEY_INVALID, grpc.StatusCode.UNAUTHENTICATED, "The API key is not valid.")

        with caplog.at_level(logging.ERROR, "authflow_client"):
            answer = TestClient(app).post("/login")
        assert (answer.status_code, answer.json()["error"]) == (503, Reason.UNAVAILABLE)
        assert "key" not in answer.json()["message"]
        assert "API_KEY_INVALID: The API key is not valid." in caplog.text

    def test_the_openapi_page_shows_the_scheme(self, client: TestClient, cookie: Optional[str]) -> None:
        page = client.get("/openapi.json").json()
        (name,) = page["components"]["securitySchemes"]
        scheme = page["components"]["securitySchemes"][name]
        expected = {"type": "apiKey", "in": "cookie", "name": cookie} if cookie else {"type": "http"}
        assert {key: scheme[key] for key in expected} == expected
        assert cookie or scheme["scheme"] == "bearer"
        assert page["paths"]["/me"]["get"]["security"] == [{name: []}]
        assert page["paths"]["/logout"]["post"]["security"] == [{name: []}]
        assert "security" not in page["paths"]["/login"]["post"]

    def test_a_request_without_a_session_is_refused_by_fastapi_alone(self) -> None:
        app = FastAPI()
        sessions = Sessions(AsyncAuthFlowFake())

        @app.get("/me")
        async def me(user: Annotated[SessionUser, Depends(sessions.current_user)]) -> SessionUser:
            return user

        answer = TestClient(app).get("/me")
        assert (answer.status_code, answer.json()["detail"]["error"]) == (401, Reason.SESSION_INVALID)
