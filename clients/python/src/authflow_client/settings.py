"""What both clients are made with."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Union

import grpc

from .retry import FIRST_BACKOFF_SECONDS, LONGEST_BACKOFF_SECONDS

#: What a call may take where nothing else is said, in seconds. The server cuts every request to the same.
DEFAULT_TIMEOUT_SECONDS = 10.0

API_KEY_HEADER = "x-api-key"

Path = Union[str, "os.PathLike[str]"]
ChannelOptions = Sequence[tuple[str, Any]]


def tls_credentials(
    ca_file: Path | None = None, cert_file: Path | None = None, key_file: Path | None = None
) -> grpc.ChannelCredentials:
    """Credentials for TLS, from PEM files.

    Without `ca_file` the authorities that gRPC knows are trusted. `cert_file` and `key_file` show a client's
    certificate to a server that demands one; ValueError where one of them is missing.
    """
    if (cert_file is None) != (key_file is None):
        raise ValueError("a client's certificate needs cert_file and key_file")
    return grpc.ssl_channel_credentials(_read(ca_file), _read(key_file), _read(cert_file))


@dataclass(frozen=True)
class Settings:
    """Checked when made; ValueError where one cannot be used."""

    address: str
    api_key: str = field(repr=False)
    timeout: float
    credentials: grpc.ChannelCredentials | None = field(repr=False)
    options: ChannelOptions = field(repr=False)

    def __post_init__(self) -> None:
        if not self.address:
            raise ValueError("the address must be host:port")
        # gRPC's own error would show the key.
        if not self.api_key or not all("!" <= character <= "~" for character in self.api_key):
            raise ValueError("the API key is empty or has characters that no key has")
        checked_timeout(self.timeout)

    def channel_options(self) -> list[tuple[str, Any]]:
        """The client's own, then the caller's."""
        return [
            # A service configuration from DNS could set time-outs and retries that nobody here knows of.
            ("grpc.service_config_disable_resolution", 1),
            # gRPC waits up to two minutes before it dials a server again that was away, and fails every call till then.
            ("grpc.initial_reconnect_backoff_ms", int(FIRST_BACKOFF_SECONDS * 1000)),
            ("grpc.max_reconnect_backoff_ms", int(LONGEST_BACKOFF_SECONDS * 1000)),
            *self.options,
        ]


def checked_timeout(seconds: float) -> float:
    """The same; ValueError unless it is positive and finite."""
    if not (seconds > 0 and math.isfinite(seconds)):
        raise ValueError(f"the timeout must be a positive number of seconds, not {seconds}")
    return seconds


def _read(path: Path | None) -> bytes | None:
    if path is None:
        return None
    with open(path, "rb") as file:
        return file.read()
