//! Where the server is, and whether it is talked to by TLS: docs/clients.md, "Addresses".

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// What the options beside the address ask for.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Wanted {
    Plaintext,
    Tls,
    ByAddress,
}

/// A server's address, which prints as `host:port`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Address {
    /// A name or an IP address, the latter without brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) tls: bool,
}

impl Address {
    /// Reads `host:port`, `http://host:port` or `https://host:port`.
    ///
    /// # Errors
    ///
    /// A sentence, where the text is none of these or contradicts the options.
    pub(crate) fn read(text: &str, wanted: Wanted) -> Result<Self, String> {
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) => (Some(scheme.to_ascii_lowercase()), rest),
            None => (None, text),
        };
        let by_scheme = match scheme.as_deref() {
            None => None,
            Some("http") => Some(false),
            Some("https") => Some(true),
            Some(_) => return Err("has another scheme than http and https".to_owned()),
        };
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        if authority.contains(['/', '?', '#', '@', '\\']) {
            return Err("has a path, a query or a user; it is host:port alone".to_owned());
        }
        let (host, port) = split(authority)?;
        let port = match (port, by_scheme) {
            (Some(port), _) => port,
            (None, Some(true)) => 443,
            (None, Some(false)) => 80,
            (None, None) => return Err("has no port".to_owned()),
        };
        let tls = match (by_scheme, wanted) {
            (Some(true), Wanted::Plaintext) => {
                return Err("asks for TLS by https://, but plaintext() is set".to_owned())
            }
            (Some(false), Wanted::Tls) => {
                return Err("is in clear text by http://, but an option of TLS is set".to_owned())
            }
            (_, Wanted::Plaintext) => false,
            (_, Wanted::Tls) => true,
            (Some(by_scheme), Wanted::ByAddress) => by_scheme,
            (None, Wanted::ByAddress) => !is_loopback(&host),
        };
        Ok(Self { host, port, tls })
    }
}

/// Host, and port where there is one.
fn split(authority: &str) -> Result<(String, Option<u16>), String> {
    if let Some(rest) = authority.strip_prefix('[') {
        let (host, rest) = rest.split_once(']').ok_or("has no closing bracket")?;
        host.parse::<Ipv6Addr>()
            .map_err(|_| "has something else than an IPv6 address in brackets")?;
        let port = match rest.strip_prefix(':') {
            Some(port) => Some(port_of(port)?),
            None if rest.is_empty() => None,
            None => return Err("has something after its bracket that is no port".to_owned()),
        };
        return Ok((host.to_owned(), port));
    }
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) if !port.contains(':') => (host, Some(port_of(port)?)),
        Some(_) => return Err("has an IPv6 address without brackets, or two ports".to_owned()),
        None => (authority, None),
    };
    if host.is_empty() {
        return Err("has no host".to_owned());
    }
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    if !host.bytes().all(known) {
        return Err("has characters that no host has".to_owned());
    }
    Ok((host.to_owned(), port))
}

fn port_of(text: &str) -> Result<u16, String> {
    match text.parse() {
        Ok(port) if port > 0 && text.bytes().all(|byte| byte.is_ascii_digit()) => Ok(port),
        _ => Err("has no port between 1 and 65535".to_owned()),
    }
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.contains(':') {
            true => write!(f, "[{}]:{}", self.host, self.port),
            false => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, wanted: Wanted) -> Result<(String, bool), String> {
        Address::read(text, wanted).map(|address| (address.to_string(), address.tls))
    }

    #[test]
    fn tls_is_by_scheme_by_option_or_by_host() {
        for (text, address, tls) in [
            ("localhost:50051", "localhost:50051", false),
            ("LocalHost:50051", "LocalHost:50051", false),
            ("127.0.0.1:50051", "127.0.0.1:50051", false),
            ("127.9.9.9:1", "127.9.9.9:1", false),
            ("[::1]:50051", "[::1]:50051", false),
            ("authflow.internal:50051", "authflow.internal:50051", true),
            ("10.0.0.7:50051", "10.0.0.7:50051", true),
            ("[fd00::7]:50051", "[fd00::7]:50051", true),
            ("http://authflow.internal", "authflow.internal:80", false),
            ("http://[fd00::7]", "[fd00::7]:80", false),
            ("https://localhost/", "localhost:443", true),
            ("HTTPS://localhost:50051", "localhost:50051", true),
        ] {
            let got = read(text, Wanted::ByAddress);
            assert_eq!(got, Ok((address.to_owned(), tls)), "{text}");
        }
        let named = "authflow.internal:50051";
        assert_eq!(
            read(named, Wanted::Plaintext),
            Ok((named.to_owned(), false))
        );
        let loopback = "localhost:50051";
        assert_eq!(read(loopback, Wanted::Tls), Ok((loopback.to_owned(), true)));
    }

    #[test]
    fn what_cannot_work_is_refused() {
        for text in [
            "",
            "localhost",
            ":50051",
            "localhost:",
            "localhost:0",
            "localhost:65536",
            "localhost:+1",
            "localhost:port",
            "::1:50051",
            "[::1]",
            "[::1",
            "[::1]50051",
            "[localhost]:50051",
            "ftp://localhost:50051",
            "http://",
            "http://localhost:50051/auth",
            "http://localhost:50051//",
            "http://localhost:50051?a=b",
            "http://localhost:50051#a",
            "http://ada@localhost:50051",
            " localhost:50051",
            "localhost:50051\n",
            "dns:///localhost:50051",
            "exämple.com:50051",
        ] {
            assert!(read(text, Wanted::ByAddress).is_err(), "{text}");
        }
        assert!(read("https://localhost", Wanted::Plaintext).is_err());
        assert!(read("http://localhost", Wanted::Tls).is_err());
    }
}
