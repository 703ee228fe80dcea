//! The session that a request shows.

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::Engine;
use http::header::AUTHORIZATION;
use http::HeaderMap;
use serde_json::Value;

/// The server takes none that is longer.
const LONGEST_TOKEN: usize = 8_192;

/// A session token and the e-mail that it claims, unverified: Validate proves it.
pub(crate) struct Bearer {
    pub(crate) token: String,
    pub(crate) email: String,
}

impl Bearer {
    /// Reads `Authorization: Bearer <JWT>`; none where that header is missing, given twice, or has no usable token.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let (value, None) = (values.next()?, values.next()) else {
            return None;
        };
        let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        Some(Self {
            token: token.to_owned(),
            email: claimed_email(token)?,
        })
    }
}

fn claimed_email(token: &str) -> Option<String> {
    if token.len() > LONGEST_TOKEN {
        return None;
    }
    let mut parts = token.split('.').map(|part| URL_SAFE_NO_PAD.decode(part));
    let (Some(Ok(_)), Some(Ok(payload)), Some(Ok(_)), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    let claims: Value = serde_json::from_slice(&payload).ok()?;
    match claims.get("email")? {
        Value::String(email) if !email.is_empty() => Some(email.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn bearer(values: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        }
        Bearer::of(&headers).map(|bearer| bearer.email)
    }

    fn token(claims: &str) -> String {
        format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn the_e_mail_is_read_from_the_claims() {
        let good = token(r#"{"email":"ada@example.com"}"#);
        assert_eq!(
            bearer(&[&format!("bearer {good}")]).unwrap(),
            "ada@example.com"
        );
        assert_eq!(bearer(&[]), None);
        assert_eq!(bearer(&[&good]), None);
        assert_eq!(bearer(&[&format!("Basic {good}")]), None);
        assert_eq!(bearer(&[&format!("Bearer {good}"), "Bearer other"]), None);
        assert_eq!(bearer(&[&format!("Bearer {good}.more")]), None);
        for claims in ["{}", r#"{"email":""}"#, r#"{"email":1}"#, "[]", "garbage"] {
            assert_eq!(bearer(&[&format!("Bearer {}", token(claims))]), None);
        }
        for token in ["a.?.c", &good.replace("e30", "?"), &(good.clone() + "?")] {
            assert_eq!(bearer(&[&format!("Bearer {token}")]), None);
        }
        let long = good + &"A".repeat(LONGEST_TOKEN);
        assert_eq!(bearer(&[&format!("Bearer {long}")]), None);
    }
}
