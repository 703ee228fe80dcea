//! What the calls about accounts answer, as the other results are.

use std::time::SystemTime;

use crate::proto;
use crate::response::{instant, User};

#[cfg(feature = "serde")]
use crate::response::rfc3339;

/// The user of a live session with all that is told of it, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Account {
    /// What Validate answers; its fields serialize beside the others.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub user: User,
    /// Whether a login of the user needs a second factor.
    pub second_factor: bool,
    /// How many recovery codes of the second factor are left.
    pub recovery_codes_left: u32,
    /// The text of a JSON object that your backend keeps with the user; empty where there is none.
    pub public_metadata: String,
    /// When the user signed up.
    #[cfg_attr(feature = "serde", serde(serialize_with = "rfc3339"))]
    pub created_at: SystemTime,
}

/// Whose address is proven.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct VerifiedEmail {
    /// The address.
    pub email: String,
    /// The user's id.
    pub user_id: String,
    /// The organization the user belongs to.
    pub org_id: String,
}

/// What a reset of the password did.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct PasswordReset {
    /// The user's e-mail.
    pub email: String,
    /// The organization the user belongs to.
    pub org_id: String,
    /// How many live sessions of the user were ended.
    pub ended_sessions: u32,
}

/// One live session, as its user sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct MySession {
    /// The session's id.
    pub session_id: String,
    /// When the login was.
    #[cfg_attr(feature = "serde", serde(serialize_with = "rfc3339"))]
    pub created_at: SystemTime,
    /// When it was used last, to within an hour.
    #[cfg_attr(feature = "serde", serde(serialize_with = "rfc3339"))]
    pub last_used_at: SystemTime,
    /// When it ends unless it is renewed.
    #[cfg_attr(feature = "serde", serde(serialize_with = "rfc3339"))]
    pub expires_at: SystemTime,
    /// From where it was used last, as your backend told; empty where it did not.
    pub client_ip: String,
    /// With what program, as your backend told; empty where it did not.
    pub user_agent: String,
    /// Whether it is the session that asks.
    pub current: bool,
}

/// What a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct EndedSessions {
    /// How many live sessions were ended.
    pub ended_sessions: u32,
}

macro_rules! account_from {
    ($($response:ident),*) => {$(
        impl From<proto::$response> for Account {
            fn from(response: proto::$response) -> Self {
                Self {
                    user: User {
                        user_id: response.user_id,
                        email: response.email,
                        full_name: response.fullname,
                        org_id: response.org_id,
                        session_id: response.session_id,
                        expires_at: instant(response.expires_at),
                        email_verified: response.email_verified,
                        roles: response.roles,
                    },
                    second_factor: response.second_factor,
                    recovery_codes_left: response.recovery_codes_left,
                    public_metadata: response.public_metadata,
                    created_at: instant(response.created_at),
                }
            }
        }
    )*};
}

account_from!(MeResponse, UpdateProfileResponse);

impl From<proto::VerifyEmailResponse> for VerifiedEmail {
    fn from(response: proto::VerifyEmailResponse) -> Self {
        Self {
            email: response.email,
            user_id: response.user_id,
            org_id: response.org_id,
        }
    }
}

impl From<proto::ResetPasswordResponse> for PasswordReset {
    fn from(response: proto::ResetPasswordResponse) -> Self {
        Self {
            email: response.email,
            org_id: response.org_id,
            ended_sessions: response.ended_sessions,
        }
    }
}

/// The newest first, as the server lists them.
pub(crate) struct Listed(pub(crate) Vec<MySession>);

impl From<proto::ListMySessionsResponse> for Listed {
    fn from(response: proto::ListMySessionsResponse) -> Self {
        Self(response.sessions.into_iter().map(MySession::from).collect())
    }
}

impl From<proto::MySession> for MySession {
    fn from(session: proto::MySession) -> Self {
        Self {
            session_id: session.session_id,
            created_at: instant(session.created_at),
            last_used_at: instant(session.last_used_at),
            expires_at: instant(session.expires_at),
            client_ip: session.client_ip,
            user_agent: session.user_agent,
            current: session.current,
        }
    }
}

impl From<proto::EndMySessionsResponse> for EndedSessions {
    fn from(response: proto::EndMySessionsResponse) -> Self {
        Self {
            ended_sessions: response.ended_sessions,
        }
    }
}

impl From<proto::DeleteAccountResponse> for EndedSessions {
    fn from(response: proto::DeleteAccountResponse) -> Self {
        Self {
            ended_sessions: response.ended_sessions,
        }
    }
}

/// Calls that answer nothing.
pub(crate) struct Nothing;

macro_rules! nothing_from {
    ($($response:ident),*) => {$(
        impl From<proto::$response> for Nothing {
            fn from(_: proto::$response) -> Self {
                Self
            }
        }
    )*};
}

nothing_from!(
    LogoutResponse,
    SendVerificationEmailResponse,
    ForgotPasswordResponse,
    ChangeEmailResponse,
    DisableTotpResponse
);

impl From<Nothing> for () {
    fn from(_: Nothing) -> Self {}
}

impl From<Listed> for Vec<MySession> {
    fn from(listed: Listed) -> Self {
        listed.0
    }
}
