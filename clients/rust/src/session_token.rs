//! What a session token says of itself, unverified: Validate proves it.

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::Engine;
use serde_json::Value;

/// The server takes none that is longer.
const LONGEST_TOKEN: usize = 8_192;

/// The e-mail that a JWT claims; none where the token is no JWT, too long, or names no e-mail.
pub(crate) fn claimed_email(token: &str) -> Option<String> {
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

/// Whether a request can carry a token, of whatever form.
pub(crate) fn is_sendable(token: &str) -> bool {
    token.len() <= LONGEST_TOKEN
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(claims: &str) -> String {
        format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn the_e_mail_is_read_from_the_claims() {
        let good = token(r#"{"email":"ada@example.com"}"#);
        assert_eq!(claimed_email(&good).unwrap(), "ada@example.com");
        assert_eq!(claimed_email(&format!("{good}.more")), None);
        for claims in ["{}", r#"{"email":""}"#, r#"{"email":1}"#, "[]", "garbage"] {
            assert_eq!(claimed_email(&token(claims)), None);
        }
        for token in [
            "",
            "a.?.c",
            &good.replace("e30", "?"),
            &(good.clone() + "?"),
        ] {
            assert_eq!(claimed_email(token), None);
        }
        assert_eq!(claimed_email(&(good + &"A".repeat(LONGEST_TOKEN))), None);
    }
}
