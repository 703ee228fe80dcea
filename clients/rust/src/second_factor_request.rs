//! What the calls about second factors and logins by mail are given.

use std::fmt;

use crate::account_request::{debug_by_name, freshly_proved};
use crate::error::Error;
use crate::proto;
use crate::request::{by_email, debug_by_email, messages, on_behalf_of_a_person};

on_behalf_of_a_person!(
    EnableTotp,
    ConfirmTotp,
    DisableTotp,
    RegenerateRecoveryCodes,
    VerifyTotp,
    SendEmailCode,
    VerifyEmailCode,
    VerifyRecoveryCode,
    SendLoginCode
);

/// Who wants a secret for an authenticator app. Text that is empty is not given.
#[derive(Clone, Copy, Default)]
#[non_exhaustive]
pub struct EnableTotp<'a> {
    /// The session token of a login.
    pub session_token: &'a str,
    /// See [`email`](Self::email()).
    pub email: &'a str,
    /// See [`current_password`](Self::current_password()).
    pub current_password: &'a str,
    /// The challenge of a login, in the place of a session.
    pub challenge: &'a str,
    /// See [`client_ip`](Self::client_ip()).
    pub client_ip: &'a str,
    /// See [`user_agent`](Self::user_agent()).
    pub user_agent: &'a str,
}

impl<'a> EnableTotp<'a> {
    /// For the user of the session of this token, and of the e-mail that the token claims.
    pub fn new(session_token: &'a str) -> Self {
        Self {
            session_token,
            ..Self::default()
        }
    }

    /// For the user of a challenge that takes `setup`.
    pub fn by_challenge(challenge: &'a str) -> Self {
        Self {
            challenge,
            ..Self::default()
        }
    }
}

/// The first code of a new secret. Text that is empty is not given.
#[derive(Clone, Copy, Default)]
#[non_exhaustive]
pub struct ConfirmTotp<'a> {
    /// The session token of a login.
    pub session_token: &'a str,
    /// See [`email`](Self::email()).
    pub email: &'a str,
    /// A code of the authenticator app: six digits.
    pub code: &'a str,
    /// The challenge of a login, in the place of a session.
    pub challenge: &'a str,
    /// See [`client_ip`](Self::client_ip()).
    pub client_ip: &'a str,
    /// See [`user_agent`](Self::user_agent()).
    pub user_agent: &'a str,
}

impl<'a> ConfirmTotp<'a> {
    /// For the user of the session of this token, and of the e-mail that the token claims.
    pub fn new(session_token: &'a str, code: &'a str) -> Self {
        Self {
            session_token,
            code,
            ..Self::default()
        }
    }

    /// For the user of a challenge that takes `setup`.
    pub fn by_challenge(challenge: &'a str, code: &'a str) -> Self {
        Self {
            challenge,
            code,
            ..Self::default()
        }
    }
}

/// A second factor to take off. Text that is empty is not given.
#[derive(Clone, Copy, Default)]
#[non_exhaustive]
pub struct DisableTotp<'a> {
    /// The session token of a login.
    pub session_token: &'a str,
    /// See [`email`](Self::email()).
    pub email: &'a str,
    /// A code of the authenticator app, or a recovery code.
    pub code: &'a str,
    /// See [`current_password`](Self::current_password()).
    pub current_password: &'a str,
    /// See [`client_ip`](Self::client_ip()).
    pub client_ip: &'a str,
    /// See [`user_agent`](Self::user_agent()).
    pub user_agent: &'a str,
}

impl<'a> DisableTotp<'a> {
    /// That of the user of the session of this token, and of the e-mail that the token claims.
    pub fn new(session_token: &'a str, code: &'a str) -> Self {
        Self {
            session_token,
            code,
            ..Self::default()
        }
    }
}

/// Whose recovery codes are made anew. Text that is empty is not given.
#[derive(Clone, Copy, Default)]
#[non_exhaustive]
pub struct RegenerateRecoveryCodes<'a> {
    /// The session token of a login.
    pub session_token: &'a str,
    /// See [`email`](Self::email()).
    pub email: &'a str,
    /// A code of the authenticator app, or a recovery code.
    pub code: &'a str,
    /// See [`current_password`](Self::current_password()).
    pub current_password: &'a str,
    /// See [`client_ip`](Self::client_ip()).
    pub client_ip: &'a str,
    /// See [`user_agent`](Self::user_agent()).
    pub user_agent: &'a str,
}

impl<'a> RegenerateRecoveryCodes<'a> {
    /// Those of the user of the session of this token, and of the e-mail that the token claims.
    pub fn new(session_token: &'a str, code: &'a str) -> Self {
        Self {
            session_token,
            code,
            ..Self::default()
        }
    }
}

macro_rules! answers {
    ($($(#[$doc:meta])* $request:ident by $(#[$code_doc:meta])* $code:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Default)]
        #[non_exhaustive]
        pub struct $request<'a> {
            /// The challenge of a login.
            pub challenge: &'a str,
            $(#[$code_doc])*
            pub $code: &'a str,
            /// See [`client_ip`](Self::client_ip()).
            pub client_ip: &'a str,
            /// See [`user_agent`](Self::user_agent()).
            pub user_agent: &'a str,
        }

        impl<'a> $request<'a> {
            /// This code, to this challenge.
            pub fn new(challenge: &'a str, $code: &'a str) -> Self {
                Self {
                    challenge,
                    $code,
                    ..Self::default()
                }
            }
        }
    )*};
}

answers! {
    /// An answer to a challenge that takes `totp`. Text that is empty is not given.
    VerifyTotp by
        /// A code of the authenticator app: six digits.
        code;
    /// An answer to a challenge that takes `email`, or to that of [`SendLoginCode`]. Text that is empty is not given.
    VerifyEmailCode by
        /// The code of the mail: six digits.
        code;
    /// An answer to a challenge that takes `recovery`. Text that is empty is not given.
    VerifyRecoveryCode by
        /// A recovery code, in any spelling: groups, case and likely misreadings do not matter.
        recovery_code;
}

/// A challenge that is to be answered by the code of a mail. Text that is empty is not given.
#[derive(Clone, Copy, Default)]
#[non_exhaustive]
pub struct SendEmailCode<'a> {
    /// The challenge of a login.
    pub challenge: &'a str,
    /// See [`client_ip`](Self::client_ip()).
    pub client_ip: &'a str,
    /// See [`user_agent`](Self::user_agent()).
    pub user_agent: &'a str,
}

impl<'a> SendEmailCode<'a> {
    /// To the user of a challenge that takes `email`.
    pub fn new(challenge: &'a str) -> Self {
        Self {
            challenge,
            ..Self::default()
        }
    }
}

/// Who wants to log in by the code of a mail. Text that is empty is not given.
#[derive(Clone, Copy, Default)]
#[non_exhaustive]
pub struct SendLoginCode<'a> {
    /// The e-mail.
    pub email: &'a str,
    /// See [`client_ip`](Self::client_ip()).
    pub client_ip: &'a str,
    /// See [`user_agent`](Self::user_agent()).
    pub user_agent: &'a str,
}

impl<'a> SendLoginCode<'a> {
    /// The user of this e-mail, if there is one.
    pub fn new(email: &'a str) -> Self {
        Self {
            email,
            ..Self::default()
        }
    }
}

by_email!(
    EnableTotp,
    ConfirmTotp,
    DisableTotp,
    RegenerateRecoveryCodes
);

freshly_proved!(EnableTotp, DisableTotp, RegenerateRecoveryCodes);

macro_rules! or_by_challenge {
    ($($request:ident),*) => {$(
        impl $request<'_> {
            /// A challenge names its user itself.
            fn email_of_session(&self) -> Result<String, Error> {
                match self.challenge {
                    "" => self.session_email(),
                    _ => Ok(self.email.to_owned()),
                }
            }
        }
    )*};
}

or_by_challenge!(EnableTotp, ConfirmTotp);

messages! {
    EnableTotp as EnableTotpRequest: |enable| {
        session_token: enable.session_token,
        email: enable.email_of_session()?,
        current_password: enable.current_password,
        challenge: enable.challenge
    };
    ConfirmTotp as ConfirmTotpRequest: |confirm| {
        session_token: confirm.session_token,
        email: confirm.email_of_session()?,
        code: confirm.code,
        challenge: confirm.challenge
    };
    DisableTotp as DisableTotpRequest: |disable| {
        session_token: disable.session_token,
        email: disable.session_email()?,
        code: disable.code,
        current_password: disable.current_password
    };
    RegenerateRecoveryCodes as RegenerateRecoveryCodesRequest: |regenerate| {
        session_token: regenerate.session_token,
        email: regenerate.session_email()?,
        code: regenerate.code,
        current_password: regenerate.current_password
    };
    VerifyTotp as VerifyTotpRequest: |verify| { challenge: verify.challenge, code: verify.code };
    SendEmailCode as SendEmailCodeRequest: |send| { challenge: send.challenge };
    VerifyEmailCode as VerifyEmailCodeRequest: |verify| { challenge: verify.challenge, code: verify.code };
    VerifyRecoveryCode as VerifyRecoveryCodeRequest: |verify| {
        challenge: verify.challenge,
        recovery_code: verify.recovery_code
    };
    SendLoginCode as SendLoginCodeRequest: |send| { email: send.email };
}

debug_by_email!(
    EnableTotp,
    ConfirmTotp,
    DisableTotp,
    RegenerateRecoveryCodes,
    SendLoginCode
);

debug_by_name!(
    VerifyTotp,
    SendEmailCode,
    VerifyEmailCode,
    VerifyRecoveryCode
);
