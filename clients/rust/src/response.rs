//! What calls answer. With the feature `serde` they serialize by the names of the wire, and never with a token.

use std::fmt;
use std::time::SystemTime;

use prost_types::Timestamp;

use crate::proto;

/// A nonce: spent by one sign-up or login of its e-mail.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Nonce {
    /// The nonce itself.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub token: String,
    /// When it can no longer be spent.
    #[cfg_attr(feature = "serde", serde(serialize_with = "rfc3339"))]
    pub expires_at: SystemTime,
}

/// A user who was signed up.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct SignedUp {
    /// The user's id: key your own records by it.
    pub user_id: String,
    /// The e-mail, normalized.
    pub email: String,
    /// The user's name, trimmed.
    #[cfg_attr(feature = "serde", serde(rename = "fullname"))]
    pub full_name: String,
    /// The organization of the API key.
    pub org_id: String,
}

/// A session that was opened.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Session {
    /// The session token, a JWT: whoever holds it is the user.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub token: String,
    /// When the session ends by itself.
    #[cfg_attr(feature = "serde", serde(serialize_with = "rfc3339"))]
    pub expires_at: SystemTime,
    /// The user's id.
    pub user_id: String,
    /// The user's e-mail, normalized.
    pub email: String,
    /// The user's name.
    #[cfg_attr(feature = "serde", serde(rename = "fullname"))]
    pub full_name: String,
    /// The organization the session belongs to.
    pub org_id: String,
}

/// The user of a live session, as stored and not as the token claims.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct User {
    /// The user's id.
    pub user_id: String,
    /// The user's e-mail, normalized.
    pub email: String,
    /// The user's name.
    #[cfg_attr(feature = "serde", serde(rename = "fullname"))]
    pub full_name: String,
    /// The organization the session belongs to.
    pub org_id: String,
    /// The session's id: the claim `sid` of its token.
    pub session_id: String,
    /// When the session token stops being accepted.
    #[cfg_attr(feature = "serde", serde(serialize_with = "rfc3339"))]
    pub expires_at: SystemTime,
    /// Whether the user has proven to read mail at the e-mail.
    pub email_verified: bool,
    /// The user's roles, in the order in which they were given.
    pub roles: Vec<String>,
}

impl User {
    /// Whether the user has at least one of these roles.
    pub fn has_role(&self, any_of: &[&str]) -> bool {
        self.roles.iter().any(|role| any_of.contains(&&**role))
    }
}

/// What a new password ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct PasswordChanged {
    /// How many other sessions of the user were ended.
    pub ended_sessions: u32,
}

impl From<proto::FooBarResponse> for Nonce {
    fn from(response: proto::FooBarResponse) -> Self {
        Self {
            token: response.token,
            expires_at: instant(response.expires_at),
        }
    }
}

impl From<proto::SignUpResponse> for SignedUp {
    fn from(response: proto::SignUpResponse) -> Self {
        Self {
            user_id: response.user_id,
            email: response.email,
            full_name: response.fullname,
            org_id: response.org_id,
        }
    }
}

macro_rules! session_from {
    ($($response:ident),*) => {$(
        impl From<proto::$response> for Session {
            fn from(response: proto::$response) -> Self {
                Self {
                    token: response.token,
                    expires_at: instant(response.expires_at),
                    user_id: response.user_id,
                    email: response.email,
                    full_name: response.fullname,
                    org_id: response.org_id,
                }
            }
        }
    )*};
}

session_from!(
    LoginResponse,
    RenewSessionResponse,
    ConfirmTotpResponse,
    VerifyTotpResponse,
    VerifyEmailCodeResponse,
    VerifyRecoveryCodeResponse
);

impl From<proto::ValidateResponse> for User {
    fn from(response: proto::ValidateResponse) -> Self {
        Self {
            user_id: response.user_id,
            email: response.email,
            full_name: response.fullname,
            org_id: response.org_id,
            session_id: response.session_id,
            expires_at: instant(response.expires_at),
            email_verified: response.email_verified,
            roles: response.roles,
        }
    }
}

impl From<proto::ChangePasswordResponse> for PasswordChanged {
    fn from(response: proto::ChangePasswordResponse) -> Self {
        Self {
            ended_sessions: response.ended_sessions,
        }
    }
}

/// An instant that is missing or out of range is long past: nothing is trusted for longer than was said.
pub(crate) fn instant(timestamp: Option<Timestamp>) -> SystemTime {
    timestamp
        .and_then(|timestamp| timestamp.try_into().ok())
        .unwrap_or(SystemTime::UNIX_EPOCH)
}

/// In whole seconds, as the wire has it.
#[cfg(feature = "serde")]
pub(crate) fn rfc3339<S: serde::Serializer>(
    instant: &SystemTime,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&Timestamp::from(*instant))
}

impl fmt::Debug for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Nonce")
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("expires_at", &self.expires_at)
            .field("user_id", &self.user_id)
            .field("email", &self.email)
            .field("full_name", &self.full_name)
            .field("org_id", &self.org_id)
            .finish_non_exhaustive()
    }
}

#[cfg(all(test, feature = "serde"))]
mod tests {
    use super::*;
    use serde_json::json;

    const EXPIRY: Timestamp = Timestamp {
        seconds: 1_893_553_445,
        nanos: 0,
    };

    #[test]
    fn results_serialize_by_the_names_of_the_wire_and_without_tokens() {
        let session = Session::from(proto::LoginResponse {
            token: "secret".to_owned(),
            expires_at: Some(EXPIRY),
            email: "ada@example.com".to_owned(),
            fullname: "Ada Lovelace".to_owned(),
            org_id: "org".to_owned(),
            user_id: "user".to_owned(),
        });
        assert_eq!(
            serde_json::to_value(&session).unwrap(),
            json!({
                "expires_at": "2030-01-02T03:04:05Z", "user_id": "user", "email": "ada@example.com",
                "fullname": "Ada Lovelace", "org_id": "org",
            })
        );
        let user = User::from(proto::ValidateResponse {
            email: "ada@example.com".to_owned(),
            fullname: "Ada Lovelace".to_owned(),
            org_id: "org".to_owned(),
            user_id: "user".to_owned(),
            session_id: "session".to_owned(),
            expires_at: Some(EXPIRY),
            email_verified: true,
            roles: vec!["editor".to_owned(), "billing".to_owned()],
        });
        assert!(user.has_role(&["admin", "billing"]));
        assert!(!user.has_role(&["admin", "bill"]) && !user.has_role(&[]));
        assert_eq!(
            serde_json::to_value(&user).unwrap(),
            json!({
                "user_id": "user", "email": "ada@example.com", "fullname": "Ada Lovelace", "org_id": "org",
                "session_id": "session", "expires_at": "2030-01-02T03:04:05Z", "email_verified": true,
                "roles": ["editor", "billing"],
            })
        );
        let nonce = Nonce::from(proto::FooBarResponse {
            token: "secret".to_owned(),
            expires_at: Some(EXPIRY),
        });
        assert_eq!(
            serde_json::to_value(&nonce).unwrap(),
            json!({ "expires_at": "2030-01-02T03:04:05Z" })
        );
    }
}
