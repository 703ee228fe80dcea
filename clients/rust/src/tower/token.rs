//! The session token that a request shows.

use std::fmt;
use std::sync::Arc;

use http::header::{AUTHORIZATION, COOKIE};
use http::request::Parts;
use http::HeaderMap;

use crate::session_token::claimed_email;

/// The session token of a request that a [`SessionLayer`](crate::SessionLayer) let through with its user. It is never
/// printed.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionToken(String);

impl SessionToken {
    /// The token itself, for [`Logout`](crate::Logout) and [`ChangePassword`](crate::ChangePassword).
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for SessionToken {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionToken")
    }
}

pub(crate) type Find = Arc<dyn Fn(&Parts) -> Option<String> + Send + Sync>;

/// Where a request shows its session.
#[derive(Clone)]
pub(crate) enum Source {
    Bearer,
    Cookie(String),
    Function(Find),
}

impl Source {
    /// The token, where it is one that the server could be asked about.
    pub(crate) fn token(&self, request: &Parts) -> Option<SessionToken> {
        let token = match self {
            Self::Bearer => bearer(&request.headers),
            Self::Cookie(name) => cookie(&request.headers, name),
            Self::Function(find) => find(request),
        };
        let token = token.filter(|token| claimed_email(token).is_some());
        token.map(SessionToken)
    }
}

/// `Authorization: Bearer <JWT>`; none where that header is missing or given twice.
fn bearer(headers: &HeaderMap) -> Option<String> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (value, None) = (values.next()?, values.next()) else {
        return None;
    };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.to_owned())
}

/// The first cookie of this name.
fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(COOKIE).iter();
    lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value.trim_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderValue, Request};

    /// {"email":"ada@example.com"}
    const TOKEN: &str = "e30.eyJlbWFpbCI6ImFkYUBleGFtcGxlLmNvbSJ9.c2ln";

    fn shows(source: &Source, headers: &[(&'static str, &str)]) -> bool {
        let (mut parts, ()) = Request::new(()).into_parts();
        for (name, value) in headers {
            let value = HeaderValue::from_str(value).unwrap();
            parts.headers.append(*name, value);
        }
        match source.token(&parts) {
            Some(token) => {
                assert_eq!(token.as_str(), TOKEN);
                assert_eq!(format!("{token:?}"), "SessionToken");
                true
            }
            None => false,
        }
    }

    #[test]
    fn a_bearer_is_read_from_its_one_header() {
        let (good, basic) = (format!("bearer {TOKEN}"), format!("Basic {TOKEN}"));
        assert!(shows(&Source::Bearer, &[("authorization", &good)]));
        for headers in [
            vec![],
            vec![("authorization", TOKEN)],
            vec![("authorization", basic.as_str())],
            vec![("authorization", "Bearer garbage")],
            vec![("authorization", good.as_str()), ("authorization", "other")],
            vec![("cookie", good.as_str())],
        ] {
            assert!(!shows(&Source::Bearer, &headers), "{headers:?}");
        }
    }

    #[test]
    fn a_cookie_is_read_by_its_name_alone() {
        let source = Source::Cookie("session".to_owned());
        for good in [
            format!("session={TOKEN}"),
            format!("a=b; session=\"{TOKEN}\"; c=d"),
            format!("my_session=x;session={TOKEN}; session=other"),
        ] {
            assert!(shows(&source, &[("cookie", &good)]), "{good}");
        }
        let other = format!("Session={TOKEN}; sessions={TOKEN}");
        assert!(!shows(&source, &[("cookie", &other)]));
        let bearer = format!("Bearer {TOKEN}");
        assert!(!shows(&source, &[("authorization", &bearer)]));
    }
}
