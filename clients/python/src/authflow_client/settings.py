"""What both clients are made with."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Union

import grpc

from .address import Address, parse_address
from .retry import FIRST_BACKOFF_SECONDS, LONGEST_BACKOFF_SECONDS

#: What a call may take where nothing else is said, in seconds. The server cuts every request to the same.
DEFAULT_TIMEOUT_SECONDS = 10.0

API_KEY_HEADER = "x-api-key"
ADDRESS_VARIABLE = "AUTHFLOW_ADDRESS"
API_KEY_VARIABLE = "AUTHFLOW_API_KEY"

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

    address: Address
    api_key: str = field(repr=False)
    timeout: float
    #: None where the connection is in clear text.
    credentials: grpc.ChannelCredentials | None = field(repr=False)
    options: ChannelOptions = field(repr=False)

    @classmethod
    def read(
        cls,
        address: str | None,
        api_key: str | None,
        *,
        timeout: float,
        credentials: grpc.ChannelCredentials | None,
        plaintext: bool,
        options: ChannelOptions,
    ) -> Settings:
        """From the arguments of a client, and from the environment where an address or key is not given."""
        where = parse_address(_given(address, "address", ADDRESS_VARIABLE))
        key = _given(api_key, "API key", API_KEY_VARIABLE)
        # gRPC's own error would show the key.
        if not all("!" <= character <= "~" for character in key):
            raise ValueError("the API key has characters that no key has, such as a space or a line break")
        if not where.uses_tls(tls=credentials is not None, plaintext=plaintext):
            return cls(where, key, checked_timeout(timeout), None, options)
        return cls(where, key, checked_timeout(timeout), credentials or grpc.ssl_channel_credentials(), options)

    def channel_options(self) -> list[tuple[str, Any]]:
        """The client's own, then the caller's."""
        return [
            # A service configuration from DNS could set time-outs and retries that nobody here knows of.
            ("grpc.service_config_disable_resolution", 1),
            # gRPC waits up to two minutes before it dials a server again that was away, and fails every call till then.
            ("grpc.initial_reconnect_backoff_ms", int(FIRST_BACKOFF_SECONDS * 1000)),
            ("grpc.max_reconnect_backoff_ms", int(LONGEST_BACKOFF_SECONDS * 1000)),
            # Else gRPC hands a forked child the connection that its parent uses.
            ("grpc.use_local_subchannel_pool", 1),
            # A proxy cannot reach what listens on this machine alone.
            *((("grpc.enable_http_proxy", 0),) if self.address.is_loopback else ()),
            *self.options,
        ]


def checked_timeout(seconds: float) -> float:
    """The same; ValueError unless it is positive and finite."""
    if not (seconds > 0 and math.isfinite(seconds)):
        raise ValueError(f"the timeout must be a positive number of seconds, not {seconds}")
    return seconds


def _given(value: str | None, what: str, variable: str) -> str:
    if value is None:
        value = os.environ.get(variable)
        if value is None:
            raise ValueError(f"there is no {what}: give one, or set {variable}")
        what = f"{what} in {variable}"
    if not value:
        raise ValueError(f"the {what} is empty: give one, or set {variable}")
    return value


def _read(path: Path | None) -> bytes | None:
    if path is None:
        return None
    with open(path, "rb") as file:
        return file.read()
