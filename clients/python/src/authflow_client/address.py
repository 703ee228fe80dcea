"""Where the server is, and whether it is spoken to by TLS."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

_FORM = "host:port, http://host:port or https://host:port"
_SHAPE = re.compile(
    r"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://)?(?P<host>\[[^\]@/?#]*\]|[^:@/?#\[\]]*)(?::(?P<port>[^/?#@]*))?(?P<rest>/?)"
)
_NAME = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)(?:\.(?!-)[A-Za-z0-9_-]{1,63}(?<!-))*\.?", re.ASCII)
_ENDS_IN_A_NUMBER = re.compile(r"(?:^|\.)[0-9]+\.?$")
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Address:
    """A server's address."""

    #: `host:port`, with brackets around an IPv6 address.
    target: str
    #: "http", "https", or "" where none was given.
    scheme: str
    is_loopback: bool

    def uses_tls(self, *, tls: bool, plaintext: bool) -> bool:
        """Whether to speak TLS, given the caller's options; ValueError where two of the three contradict each other."""
        if tls and plaintext:
            raise ValueError("credentials are for TLS and plaintext=True is clear text: give one of them")
        if tls and self.scheme == "http":
            raise ValueError("credentials are for TLS and an http:// address is clear text: write https://")
        if plaintext and self.scheme == "https":
            raise ValueError("plaintext=True is clear text and an https:// address is TLS: write http://")
        if self.scheme:
            return self.scheme == "https"
        return tls or not (plaintext or self.is_loopback)

    def __str__(self) -> str:
        return self.target


def parse_address(text: str) -> Address:
    """Reads an address; ValueError with a sentence where it is none. The sentence does not repeat the text: a password
    may be in it, or the API key by mistake.
    """
    parts = _SHAPE.fullmatch(text)
    if parts is None:
        raise ValueError(f"the address must be {_FORM}, without user, path or query")
    scheme, host, port = (parts["scheme"] or "").lower(), parts["host"], parts["port"]
    if scheme not in ("", *_DEFAULT_PORTS):
        raise ValueError(f"the address must be {_FORM}: there is no other scheme")
    if parts["rest"] and not scheme:
        raise ValueError(f"the address must be {_FORM}, without a path")
    if port is None and not scheme:
        raise ValueError(f"the address has no port: it must be {_FORM}")
    number = _DEFAULT_PORTS[scheme] if port is None else _port(port)
    return Address(f"{_checked_host(host)}:{number}", scheme, _is_loopback(host))


def _port(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", text, re.ASCII) or not 1 <= int(text) <= 65535:
        raise ValueError("the address's port must be a number from 1 to 65535")
    return int(text)


def _checked_host(host: str) -> str:
    if host.startswith("["):
        try:
            ipaddress.IPv6Address(host[1:-1])
        except ValueError:
            raise ValueError("the address has brackets around what is no IPv6 address") from None
        return host
    is_number = _ENDS_IN_A_NUMBER.search(host) is not None
    if not (_is_ipv4(host) if is_number else _NAME.fullmatch(host) and len(host) <= 253):
        raise ValueError(f"the address's host is neither a name nor an IP address: it must be {_FORM}")
    return host


def _is_ipv4(host: str) -> bool:
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
