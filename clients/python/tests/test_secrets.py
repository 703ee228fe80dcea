"""Nothing that is printed or logged holds a key, a token or a password."""

from __future__ import annotations

import logging
import traceback

import pytest
import stand
from conftest import MakeClient
from echo import asgi_server
from test_asgi import echo, get
from test_reasons import signed_up

from authflow_client import AsyncClient, AuthFlowError, Client
from authflow_client.asgi import AuthFlowMiddleware


def test_nothing_secret_is_shown(
    make_client: MakeClient,
    organization: stand.Organization,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    client = make_client(stand.grpc_address(), organization.api_key)
    unreachable = make_client(stand.closed_port(), organization.api_key)
    shown = [repr(client), str(client)]
    session = signed_up(client)
    nonce = client.foo_bar(session.email)
    user = client.validate(session.token, session.email)
    shown += [repr(session), str(session), repr(nonce), repr(user)]
    for call in (
        lambda: client.login(session.email, f"{stand.PASSWORD}-wrong"),
        lambda: client.change_password(session.token, stand.PASSWORD, current_password="Wrong-one-1"),
        lambda: client.validate(f"{session.token}AAAA", session.email),
        lambda: unreachable.login(session.email, stand.PASSWORD),
    ):
        with pytest.raises(AuthFlowError) as failed:
            call()
        shown += [repr(failed.value), *traceback.format_exception(None, failed.value, failed.value.__traceback__)]
    errors: list[Exception] = []
    for address in (stand.grpc_address(), stand.closed_port()):
        guard = AuthFlowMiddleware(echo, AsyncClient(address, organization.api_key, timeout=2), on_error=errors.append)
        with asgi_server(guard) as served:
            get(served, f"Bearer {session.token}")
            get(served, f"Bearer {session.token[:-4]}AAAA")
    for error in errors:
        shown += [repr(error), *traceback.format_exception(None, error, error.__traceback__)]
    printed = capfd.readouterr()
    # uvicorn's own trace log holds the headers of requests: it is the application's, which the user turned on.
    logged = [record.getMessage() for record in caplog.records if not record.name.startswith("uvicorn")]
    everything = "\n".join([*shown, *logged, printed.out, printed.err])
    for secret in (organization.api_key, session.token, session.token.split(".")[2], nonce.token, stand.PASSWORD):
        assert secret not in everything


@pytest.mark.parametrize("kind", [Client, AsyncClient])
@pytest.mark.parametrize("key", ["", "af_secret\n", "af_secret key", "af_sécret"])
def test_a_key_that_cannot_be_sent_is_refused_without_being_shown(kind: type[Client], key: str) -> None:
    with pytest.raises(ValueError, match="API key") as refused:
        kind("127.0.0.1:1", key)
    assert "cret" not in str(refused.value)
