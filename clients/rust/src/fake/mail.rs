//! What the fake would have sent.

use std::fmt;
use std::time::Duration;

/// What a mail asks its reader to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MailKind {
    /// To prove the address: the token is for `verify_email`, and good for a day.
    Verify,
    /// To set a new password: the token is for `reset_password`, and good for half an hour.
    Reset,
    /// To move to the address: the token is for `verify_email`, and good for an hour.
    ChangeEmail,
    /// To answer the challenge of a login: the code is for `verify_email_code`, and good for ten minutes.
    SecondFactorCode,
    /// To log in without a password: the code is for `verify_email_code`, and good for ten minutes.
    LoginCode,
}

impl MailKind {
    /// How long a server's token or code is good.
    pub(super) fn life(self) -> Duration {
        Duration::from_secs(match self {
            Self::Verify => 24 * 60 * 60,
            Self::Reset => 30 * 60,
            Self::ChangeEmail => 60 * 60,
            Self::SecondFactorCode | Self::LoginCode => 10 * 60,
        })
    }
}

/// A mail that the fake would have sent. Printed it has neither token nor code.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mail {
    /// What it asks its reader to do.
    pub kind: MailKind,
    /// The address that it went to.
    pub to: String,
    /// What its link holds; empty where it brings a code.
    pub token: String,
    /// The six digits that it brings; empty where it has a link.
    pub code: String,
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail")
            .field("kind", &self.kind)
            .field("to", &self.to)
            .finish_non_exhaustive()
    }
}
