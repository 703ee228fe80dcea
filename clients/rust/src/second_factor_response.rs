//! What the calls about second factors answer, as the other results are. Secrets neither print nor serialize.

use std::fmt;
use std::time::SystemTime;

use crate::challenge::LoginStep;
use crate::proto;
use crate::response::{instant, Session};

#[cfg(feature = "serde")]
use crate::response::rfc3339;

/// A new secret for an authenticator app, in three forms. Show it to its user alone.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct TotpSecret {
    /// The secret in base32, to be typed in.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub secret: String,
    /// The same as a link for authenticator apps, with the organization's name and the user's e-mail.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub otpauth_url: String,
    /// That link as a QR code: a data URL of an SVG image.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub qr_code: String,
    /// Until when [`confirm_totp`](crate::AuthFlow::confirm_totp) takes a code of it.
    #[cfg_attr(feature = "serde", serde(serialize_with = "rfc3339"))]
    pub expires_at: SystemTime,
}

/// A second factor that is on.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ConfirmedTotp {
    /// Ten recovery codes, each good once, in groups of four letters and digits. They are shown this once.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub recovery_codes: Vec<String>,
    /// The session that a challenge opened. None where a session asked, and where the password must be changed first: then
    /// log in again.
    pub session: Option<Session>,
}

/// New recovery codes.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct RecoveryCodes {
    /// Ten, each good once, in groups of four letters and digits. They are shown this once.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub recovery_codes: Vec<String>,
}

/// A code that went out by mail.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct EmailCodeSent {
    /// When the code expires, or its challenge if that is earlier.
    #[cfg_attr(feature = "serde", serde(serialize_with = "rfc3339"))]
    pub expires_at: SystemTime,
}

/// A code that logs in, which went out by mail if there is such a user. Keep its challenge in your backend.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct LoginCodeSent {
    /// The challenge that the code answers, by [`verify_email_code`](crate::AuthFlow::verify_email_code).
    #[cfg_attr(feature = "serde", serde(skip))]
    pub challenge: String,
    /// When it can no longer be answered.
    #[cfg_attr(feature = "serde", serde(serialize_with = "rfc3339"))]
    pub expires_at: SystemTime,
}

impl From<proto::EnableTotpResponse> for TotpSecret {
    fn from(response: proto::EnableTotpResponse) -> Self {
        Self {
            secret: response.secret,
            otpauth_url: response.otpauth_url,
            qr_code: response.qr_code,
            expires_at: instant(response.expires_at),
        }
    }
}

impl From<proto::ConfirmTotpResponse> for ConfirmedTotp {
    fn from(mut response: proto::ConfirmTotpResponse) -> Self {
        Self {
            recovery_codes: std::mem::take(&mut response.recovery_codes),
            session: (!response.token.is_empty()).then(|| response.into()),
        }
    }
}

impl From<proto::RegenerateRecoveryCodesResponse> for RecoveryCodes {
    fn from(response: proto::RegenerateRecoveryCodesResponse) -> Self {
        Self {
            recovery_codes: response.recovery_codes,
        }
    }
}

impl From<proto::SendEmailCodeResponse> for EmailCodeSent {
    fn from(response: proto::SendEmailCodeResponse) -> Self {
        Self {
            expires_at: instant(response.expires_at),
        }
    }
}

impl From<proto::SendLoginCodeResponse> for LoginCodeSent {
    fn from(response: proto::SendLoginCodeResponse) -> Self {
        Self {
            challenge: response.challenge,
            expires_at: instant(response.expires_at),
        }
    }
}

impl From<proto::VerifyTotpResponse> for LoginStep {
    fn from(response: proto::VerifyTotpResponse) -> Self {
        Session::from(response).into()
    }
}

impl From<proto::VerifyEmailCodeResponse> for LoginStep {
    fn from(response: proto::VerifyEmailCodeResponse) -> Self {
        Session::from(response).into()
    }
}

impl From<proto::VerifyRecoveryCodeResponse> for LoginStep {
    fn from(response: proto::VerifyRecoveryCodeResponse) -> Self {
        Self::Session {
            recovery_codes_left: Some(response.recovery_codes_left),
            session: response.into(),
        }
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TotpSecret")
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ConfirmedTotp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConfirmedTotp")
            .field("session", &self.session)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for RecoveryCodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecoveryCodes").finish_non_exhaustive()
    }
}

impl fmt::Debug for LoginCodeSent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginCodeSent")
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "a-secret";

    #[test]
    fn a_session_that_was_not_opened_is_none() {
        let mut response = proto::ConfirmTotpResponse {
            recovery_codes: vec![SECRET.to_owned()],
            ..Default::default()
        };
        let confirmed = ConfirmedTotp::from(response.clone());
        assert_eq!(
            (confirmed.recovery_codes.len(), confirmed.session),
            (1, None)
        );
        response.token = SECRET.to_owned();
        let session = ConfirmedTotp::from(response).session;
        assert_eq!(session.unwrap().token, SECRET);
    }

    #[test]
    fn a_step_after_a_recovery_code_tells_how_many_are_left() {
        let response = proto::VerifyRecoveryCodeResponse {
            token: SECRET.to_owned(),
            recovery_codes_left: 7,
            ..Default::default()
        };
        let LoginStep::Session {
            session,
            recovery_codes_left,
        } = LoginStep::from(response)
        else {
            panic!("a session");
        };
        assert_eq!((&*session.token, recovery_codes_left), (SECRET, Some(7)));
    }

    #[test]
    fn nothing_printed_or_serialized_shows_a_secret() {
        let secret = TotpSecret::from(proto::EnableTotpResponse {
            secret: SECRET.to_owned(),
            otpauth_url: SECRET.to_owned(),
            qr_code: SECRET.to_owned(),
            expires_at: None,
        });
        let confirmed = ConfirmedTotp::from(proto::ConfirmTotpResponse {
            recovery_codes: vec![SECRET.to_owned()],
            token: SECRET.to_owned(),
            ..Default::default()
        });
        let codes = RecoveryCodes::from(proto::RegenerateRecoveryCodesResponse {
            recovery_codes: vec![SECRET.to_owned()],
        });
        let sent = LoginCodeSent::from(proto::SendLoginCodeResponse {
            challenge: SECRET.to_owned(),
            expires_at: None,
        });
        let printed = format!("{secret:?} {confirmed:?} {codes:?} {sent:?}");
        assert!(!printed.contains(SECRET), "{printed}");
        #[cfg(feature = "serde")]
        {
            let written = serde_json::json!([secret, confirmed, codes, sent]);
            assert!(!written.to_string().contains(SECRET), "{written}");
            assert_eq!(
                written[0],
                serde_json::json!({ "expires_at": "1970-01-01T00:00:00Z" })
            );
        }
    }
}
