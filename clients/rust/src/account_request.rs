//! What the calls about accounts are given.

use std::fmt;

use crate::error::Error;
use crate::proto;
use crate::request::{by_email, debug_by_email, messages, on_behalf_of_a_person};

on_behalf_of_a_person!(
    Me,
    SendVerificationEmail,
    VerifyEmail,
    ForgotPassword,
    ResetPassword,
    RenewSession,
    ListMySessions,
    EndMySessions,
    UpdateProfile,
    ChangeEmail,
    DeleteAccount
);

/// Whose session it is, with all that is told of the user. Text that is empty is not given.
#[derive(Clone, Copy, Default)]
#[non_exhaustive]
pub struct Me<'a> {
    /// The session token of a login.
    pub session_token: &'a str,
    /// See [`email`](Self::email()).
    pub email: &'a str,
    /// See [`client_ip`](Self::client_ip()).
    pub client_ip: &'a str,
    /// See [`user_agent`](Self::user_agent()).
    pub user_agent: &'a str,
}

impl<'a> Me<'a> {
    /// The user of the session of this token.
    pub fn new(session_token: &'a str) -> Self {
        Self {
            session_token,
            ..Self::default()
        }
    }

    /// The session must belong to this e-mail. Where it is not given none is sent.
    pub fn email(mut self, email: &'a str) -> Self {
        self.email = email;
        self
    }
}

/// An address to prove. Text that is empty is not given.
#[derive(Clone, Copy, Default)]
#[non_exhaustive]
pub struct SendVerificationEmail<'a> {
    /// The e-mail.
    pub email: &'a str,
    /// See [`client_ip`](Self::client_ip()).
    pub client_ip: &'a str,
    /// See [`user_agent`](Self::user_agent()).
    pub user_agent: &'a str,
}

impl<'a> SendVerificationEmail<'a> {
    /// The user of this e-mail, if there is one.
    pub fn new(email: &'a str) -> Self {
        Self {
            email,
            ..Self::default()
        }
    }
}

/// The token of a mail that proves an address, or moves a user there. Text that is empty is not given.
#[derive(Clone, Copy, Default)]
#[non_exhaustive]
pub struct VerifyEmail<'a> {
    /// The token of the mail.
    pub token: &'a str,
    /// See [`client_ip`](Self::client_ip()).
    pub client_ip: &'a str,
    /// See [`user_agent`](Self::user_agent()).
    pub user_agent: &'a str,
}

impl<'a> VerifyEmail<'a> {
    /// The token, as the mail holds it.
    pub fn new(token: &'a str) -> Self {
        Self {
            token,
            ..Self::default()
        }
    }
}

/// Whose password was forgotten. Text that is empty is not given.
#[derive(Clone, Copy, Default)]
#[non_exhaustive]
pub struct ForgotPassword<'a> {
    /// The e-mail.
    pub email: &'a str,
    /// See [`client_ip`](Self::client_ip()).
    pub client_ip: &'a str,
    /// See [`user_agent`](Self::user_agent()).
    pub user_agent: &'a str,
}

impl<'a> ForgotPassword<'a> {
    /// The user of this e-mail, if there is one.
    pub fn new(email: &'a str) -> Self {
        Self {
            email,
            ..Self::default()
        }
    }
}

/// A new password, by the token of a mail or the challenge of a login. Text that is empty is not given.
#[derive(Clone, Copy, Default)]
#[non_exhaustive]
pub struct ResetPassword<'a> {
    /// The token of the mail, or the challenge of PASSWORD_CHANGE_REQUIRED.
    pub token: &'a str,
    /// The new password, under the same policy as in [`SignUp`](crate::SignUp).
    pub new_password: &'a str,
    /// See [`current_password`](Self::current_password()).
    pub current_password: &'a str,
    /// See [`client_ip`](Self::client_ip()).
    pub client_ip: &'a str,
    /// See [`user_agent`](Self::user_agent()).
    pub user_agent: &'a str,
}

impl<'a> ResetPassword<'a> {
    /// The token, as the mail holds it, or the challenge; and the new password.
    pub fn new(token: &'a str, new_password: &'a str) -> Self {
        Self {
            token,
            new_password,
            ..Self::default()
        }
    }

    /// The present password. It is needed with a challenge, and for nothing else.
    pub fn current_password(mut self, current_password: &'a str) -> Self {
        self.current_password = current_password;
        self
    }
}

/// A session to make last longer. Text that is empty is not given.
#[derive(Clone, Copy, Default)]
#[non_exhaustive]
pub struct RenewSession<'a> {
    /// The session token of a login.
    pub session_token: &'a str,
    /// See [`email`](Self::email()).
    pub email: &'a str,
    /// See [`client_ip`](Self::client_ip()).
    pub client_ip: &'a str,
    /// See [`user_agent`](Self::user_agent()).
    pub user_agent: &'a str,
}

impl<'a> RenewSession<'a> {
    /// The session of this token, and of the e-mail that the token claims.
    pub fn new(session_token: &'a str) -> Self {
        Self {
            session_token,
            ..Self::default()
        }
    }
}

/// A session whose user's sessions are listed. Text that is empty is not given.
#[derive(Clone, Copy, Default)]
#[non_exhaustive]
pub struct ListMySessions<'a> {
    /// The session token of a login.
    pub session_token: &'a str,
    /// See [`email`](Self::email()).
    pub email: &'a str,
    /// See [`client_ip`](Self::client_ip()).
    pub client_ip: &'a str,
    /// See [`user_agent`](Self::user_agent()).
    pub user_agent: &'a str,
}

impl<'a> ListMySessions<'a> {
    /// The session of this token, and of the e-mail that the token claims.
    pub fn new(session_token: &'a str) -> Self {
        Self {
            session_token,
            ..Self::default()
        }
    }
}

/// Sessions of a user to end. Text that is empty is not given.
#[derive(Clone, Copy, Default)]
#[non_exhaustive]
pub struct EndMySessions<'a> {
    /// The session token of a login.
    pub session_token: &'a str,
    /// See [`email`](Self::email()).
    pub email: &'a str,
    /// See [`session_id`](Self::session_id()).
    pub session_id: &'a str,
    /// See [`client_ip`](Self::client_ip()).
    pub client_ip: &'a str,
    /// See [`user_agent`](Self::user_agent()).
    pub user_agent: &'a str,
}

impl<'a> EndMySessions<'a> {
    /// All sessions of the user but that of this token, and of the e-mail that the token claims.
    pub fn new(session_token: &'a str) -> Self {
        Self {
            session_token,
            ..Self::default()
        }
    }

    /// Ends this session alone.
    pub fn session_id(mut self, session_id: &'a str) -> Self {
        self.session_id = session_id;
        self
    }
}

/// A new name for a user. Text that is empty is not given.
#[derive(Clone, Copy, Default)]
#[non_exhaustive]
pub struct UpdateProfile<'a> {
    /// The session token of a login.
    pub session_token: &'a str,
    /// See [`email`](Self::email()).
    pub email: &'a str,
    /// The user's name, 1 to 200 characters.
    pub full_name: &'a str,
    /// See [`client_ip`](Self::client_ip()).
    pub client_ip: &'a str,
    /// See [`user_agent`](Self::user_agent()).
    pub user_agent: &'a str,
}

impl<'a> UpdateProfile<'a> {
    /// For the user of the session of this token, and of the e-mail that the token claims.
    pub fn new(session_token: &'a str, full_name: &'a str) -> Self {
        Self {
            session_token,
            full_name,
            ..Self::default()
        }
    }
}

/// A new address for a user. Text that is empty is not given.
#[derive(Clone, Copy, Default)]
#[non_exhaustive]
pub struct ChangeEmail<'a> {
    /// The session token of a login.
    pub session_token: &'a str,
    /// See [`email`](Self::email()).
    pub email: &'a str,
    /// The new address.
    pub new_email: &'a str,
    /// See [`current_password`](Self::current_password()).
    pub current_password: &'a str,
    /// See [`code`](Self::code()).
    pub code: &'a str,
    /// See [`client_ip`](Self::client_ip()).
    pub client_ip: &'a str,
    /// See [`user_agent`](Self::user_agent()).
    pub user_agent: &'a str,
}

impl<'a> ChangeEmail<'a> {
    /// For the user of the session of this token, and of the e-mail that the token claims.
    pub fn new(session_token: &'a str, new_email: &'a str) -> Self {
        Self {
            session_token,
            new_email,
            ..Self::default()
        }
    }
}

/// A user to remove. Text that is empty is not given.
#[derive(Clone, Copy, Default)]
#[non_exhaustive]
pub struct DeleteAccount<'a> {
    /// The session token of a login.
    pub session_token: &'a str,
    /// See [`email`](Self::email()).
    pub email: &'a str,
    /// See [`current_password`](Self::current_password()).
    pub current_password: &'a str,
    /// See [`code`](Self::code()).
    pub code: &'a str,
    /// See [`client_ip`](Self::client_ip()).
    pub client_ip: &'a str,
    /// See [`user_agent`](Self::user_agent()).
    pub user_agent: &'a str,
}

impl<'a> DeleteAccount<'a> {
    /// The user of the session of this token, and of the e-mail that the token claims.
    pub fn new(session_token: &'a str) -> Self {
        Self {
            session_token,
            ..Self::default()
        }
    }
}

by_email!(
    RenewSession,
    ListMySessions,
    EndMySessions,
    UpdateProfile,
    ChangeEmail,
    DeleteAccount
);

macro_rules! freshly_proved {
    ($($request:ident),*) => {$(
        impl<'a> $request<'a> {
            /// The present password, which must be right where it is given. It is needed where the session's login is older than 15
            /// minutes.
            pub fn current_password(mut self, current_password: &'a str) -> Self {
                self.current_password = current_password;
                self
            }
        }
    )*};
}
pub(crate) use freshly_proved;

macro_rules! by_code {
    ($($request:ident),*) => {$(
        impl<'a> $request<'a> {
            /// A code of the user's second factor, where there is one: of the authenticator app, or a recovery code.
            pub fn code(mut self, code: &'a str) -> Self {
                self.code = code;
                self
            }
        }
    )*};
}

freshly_proved!(ChangeEmail, DeleteAccount);
by_code!(ChangeEmail, DeleteAccount);

messages! {
    Me as MeRequest: |me| { session_token: me.session_token, email: me.email };
    SendVerificationEmail as SendVerificationEmailRequest: |send| { email: send.email };
    VerifyEmail as VerifyEmailRequest: |verify| { token: verify.token };
    ForgotPassword as ForgotPasswordRequest: |forgot| { email: forgot.email };
    ResetPassword as ResetPasswordRequest: |reset| {
        token: reset.token,
        new_password: reset.new_password,
        current_password: reset.current_password
    };
    RenewSession as RenewSessionRequest: |renew| {
        session_token: renew.session_token,
        email: renew.session_email()?
    };
    ListMySessions as ListMySessionsRequest: |list| {
        session_token: list.session_token,
        email: list.session_email()?
    };
    EndMySessions as EndMySessionsRequest: |end| {
        session_token: end.session_token,
        email: end.session_email()?,
        session_id: end.session_id
    };
    UpdateProfile as UpdateProfileRequest: |update| {
        session_token: update.session_token,
        email: update.session_email()?,
        fullname: update.full_name
    };
    ChangeEmail as ChangeEmailRequest: |change| {
        session_token: change.session_token,
        email: change.session_email()?,
        new_email: change.new_email,
        current_password: change.current_password,
        code: change.code
    };
    DeleteAccount as DeleteAccountRequest: |delete| {
        session_token: delete.session_token,
        email: delete.session_email()?,
        current_password: delete.current_password,
        code: delete.code
    };
}

debug_by_email!(
    Me,
    SendVerificationEmail,
    ForgotPassword,
    RenewSession,
    ListMySessions,
    EndMySessions,
    UpdateProfile,
    ChangeEmail,
    DeleteAccount
);

macro_rules! debug_by_name {
    ($($request:ident),*) => {$(
        impl fmt::Debug for $request<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($request)).finish_non_exhaustive()
            }
        }
    )*};
}
pub(crate) use debug_by_name;

debug_by_name!(VerifyEmail, ResetPassword);
