"""How a client is made: addresses, TLS, the environment, and what cannot work."""

from __future__ import annotations

from typing import Any

import pytest

from authflow_client import AsyncClient, Client, tls_credentials
from authflow_client.address import parse_address


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AUTHFLOW_ADDRESS", raising=False)
    monkeypatch.delenv("AUTHFLOW_API_KEY", raising=False)


@pytest.mark.parametrize(
    ("text", "target", "uses_tls"),
    [
        ("localhost:50051", "localhost:50051", False),
        ("LOCALHOST:50051", "LOCALHOST:50051", False),
        ("127.0.0.1:50051", "127.0.0.1:50051", False),
        ("127.8.9.10:1", "127.8.9.10:1", False),
        ("[::1]:50051", "[::1]:50051", False),
        ("auth.example.com:50051", "auth.example.com:50051", True),
        ("auth:50051", "auth:50051", True),
        ("10.0.0.7:50051", "10.0.0.7:50051", True),
        ("[2001:db8::1]:443", "[2001:db8::1]:443", True),
        ("localhost.example.com:1", "localhost.example.com:1", True),
        ("http://auth.example.com", "auth.example.com:80", False),
        ("http://auth.example.com:50051/", "auth.example.com:50051", False),
        ("https://localhost", "localhost:443", True),
        ("HTTPS://[::1]:50051", "[::1]:50051", True),
    ],
)
def test_an_address_says_whether_it_is_tls(text: str, target: str, uses_tls: bool) -> None:
    address = parse_address(text)
    assert address.target == target
    assert address.uses_tls(tls=False, plaintext=False) is uses_tls


@pytest.mark.parametrize(
    "text",
    [
        "localhost",
        "localhost:",
        "localhost:0",
        "localhost:65536",
        "localhost:http",
        "localhost:٤٤٣",
        ":50051",
        "::1:50051",
        "[::1]",
        "[::1:50051",
        "[localhost]:50051",
        "127.1:50051",
        "256.0.0.1:50051",
        "-a.example.com:1",
        "a..b:1",
        "localhost:50051/",
        "http://localhost:50051/auth",
        "http://localhost:50051?a=b",
        "http://localhost:50051#a",
        "http://",
        "http:localhost:50051",
        "ada:secret@localhost:50051",
        "https://ada:secret@localhost:50051",
        "dns:///localhost:50051",
        "unix:/run/secret",
        "grpc://localhost:50051",
        "localhost:50051 ",
        "local host:50051",
        "localhost:50051\n",
    ],
)
@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_what_is_no_address_is_refused_in_a_sentence(kind: Any, text: str) -> None:
    with pytest.raises(ValueError, match="the address") as refused:
        kind(text, "af_key")
    assert "secret" not in str(refused.value)


def test_options_make_it_clear_text_or_tls_anywhere() -> None:
    local, remote = parse_address("localhost:1"), parse_address("auth.example.com:1")
    assert local.uses_tls(tls=True, plaintext=False)
    assert not remote.uses_tls(tls=False, plaintext=True)
    assert parse_address("https://localhost").uses_tls(tls=True, plaintext=False)
    assert not parse_address("http://auth.example.com").uses_tls(tls=False, plaintext=True)


@pytest.mark.parametrize(
    ("address", "options"),
    [
        ("localhost:1", {"credentials": tls_credentials(), "plaintext": True}),
        ("http://localhost:1", {"credentials": tls_credentials()}),
        ("https://localhost:1", {"plaintext": True}),
    ],
)
@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_what_contradicts_itself_is_refused(kind: Any, address: str, options: Any) -> None:
    with pytest.raises(ValueError, match="clear text"):
        kind(address, "af_key", **options)


@pytest.mark.parametrize("kind", [Client, AsyncClient])
class TestTheEnvironment:
    def test_it_says_what_is_not_given(self, kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AUTHFLOW_ADDRESS", "localhost:50051")
        monkeypatch.setenv("AUTHFLOW_API_KEY", "af_key")
        assert "localhost:50051" in repr(kind())
        assert "localhost:1" in repr(kind("localhost:1"))

    def test_what_is_missing_or_empty_is_named(self, kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        with pytest.raises(ValueError, match="AUTHFLOW_ADDRESS"):
            kind()
        with pytest.raises(ValueError, match="AUTHFLOW_ADDRESS"):
            kind("", "af_key")
        with pytest.raises(ValueError, match="AUTHFLOW_API_KEY"):
            kind("localhost:1")
        monkeypatch.setenv("AUTHFLOW_API_KEY", "")
        with pytest.raises(ValueError, match="AUTHFLOW_API_KEY"):
            kind("localhost:1")
        monkeypatch.setenv("AUTHFLOW_API_KEY", "af_key")
        # What is given and empty is no mistake to be mended silently.
        with pytest.raises(ValueError, match="AUTHFLOW_API_KEY"):
            kind("localhost:1", "")
