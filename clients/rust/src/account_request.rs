//! What the calls about accounts are given.

use std::fmt;

use crate::error::Error;
use crate::proto;
use crate::request::{debug_by_email, email_of, on_behalf_of_a_person};

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
#[derive(Clone, Copy)]
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
            email: "",
            client_ip: "",
            user_agent: "",
        }
    }

    /// The session must belong to this e-mail. Where it is not given none is sent.
    pub fn email(mut self, email: &'a str) -> Self {
        self.email = email;
        self
    }
}

impl TryFrom<Me<'_>> for proto::MeRequest {
    type Error = Error;

    fn try_from(request: Me<'_>) -> Result<Self, Error> {
        Ok(Self {
            session_token: request.session_token.to_owned(),
            email: request.email.to_owned(),
            client_ip: request.client_ip.to_owned(),
            user_agent: request.user_agent.to_owned(),
            ..Default::default()
        })
    }
}

/// An address to prove. Text that is empty is not given.
#[derive(Clone, Copy)]
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
            client_ip: "",
            user_agent: "",
        }
    }
}

impl TryFrom<SendVerificationEmail<'_>> for proto::SendVerificationEmailRequest {
    type Error = Error;

    fn try_from(request: SendVerificationEmail<'_>) -> Result<Self, Error> {
        Ok(Self {
            email: request.email.to_owned(),
            client_ip: request.client_ip.to_owned(),
            user_agent: request.user_agent.to_owned(),
            ..Default::default()
        })
    }
}

/// The token of a mail that proves an address, or moves a user there. Text that is empty is not given.
#[derive(Clone, Copy)]
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
            client_ip: "",
            user_agent: "",
        }
    }
}

impl TryFrom<VerifyEmail<'_>> for proto::VerifyEmailRequest {
    type Error = Error;

    fn try_from(request: VerifyEmail<'_>) -> Result<Self, Error> {
        Ok(Self {
            token: request.token.to_owned(),
            client_ip: request.client_ip.to_owned(),
            user_agent: request.user_agent.to_owned(),
        })
    }
}

/// Whose password was forgotten. Text that is empty is not given.
#[derive(Clone, Copy)]
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
            client_ip: "",
            user_agent: "",
        }
    }
}

impl TryFrom<ForgotPassword<'_>> for proto::ForgotPasswordRequest {
    type Error = Error;

    fn try_from(request: ForgotPassword<'_>) -> Result<Self, Error> {
        Ok(Self {
            email: request.email.to_owned(),
            client_ip: request.client_ip.to_owned(),
            user_agent: request.user_agent.to_owned(),
            ..Default::default()
        })
    }
}

/// A new password, by the token of a mail. Text that is empty is not given.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct ResetPassword<'a> {
    /// The token of the mail.
    pub token: &'a str,
    /// The new password, under the same policy as in [`SignUp`](crate::SignUp).
    pub new_password: &'a str,
    /// See [`client_ip`](Self::client_ip()).
    pub client_ip: &'a str,
    /// See [`user_agent`](Self::user_agent()).
    pub user_agent: &'a str,
}

impl<'a> ResetPassword<'a> {
    /// The token, as the mail holds it, and the new password.
    pub fn new(token: &'a str, new_password: &'a str) -> Self {
        Self {
            token,
            new_password,
            client_ip: "",
            user_agent: "",
        }
    }
}

impl TryFrom<ResetPassword<'_>> for proto::ResetPasswordRequest {
    type Error = Error;

    fn try_from(request: ResetPassword<'_>) -> Result<Self, Error> {
        Ok(Self {
            token: request.token.to_owned(),
            new_password: request.new_password.to_owned(),
            client_ip: request.client_ip.to_owned(),
            user_agent: request.user_agent.to_owned(),
        })
    }
}

/// A session to make last longer. Text that is empty is not given.
#[derive(Clone, Copy)]
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
            email: "",
            client_ip: "",
            user_agent: "",
        }
    }

    /// The session must belong to this e-mail.
    pub fn email(mut self, email: &'a str) -> Self {
        self.email = email;
        self
    }
}

impl TryFrom<RenewSession<'_>> for proto::RenewSessionRequest {
    type Error = Error;

    fn try_from(request: RenewSession<'_>) -> Result<Self, Error> {
        Ok(Self {
            session_token: request.session_token.to_owned(),
            email: email_of(request.session_token, request.email)?,
            client_ip: request.client_ip.to_owned(),
            user_agent: request.user_agent.to_owned(),
            ..Default::default()
        })
    }
}

/// A session whose user's sessions are listed. Text that is empty is not given.
#[derive(Clone, Copy)]
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
            email: "",
            client_ip: "",
            user_agent: "",
        }
    }

    /// The session must belong to this e-mail.
    pub fn email(mut self, email: &'a str) -> Self {
        self.email = email;
        self
    }
}

impl TryFrom<ListMySessions<'_>> for proto::ListMySessionsRequest {
    type Error = Error;

    fn try_from(request: ListMySessions<'_>) -> Result<Self, Error> {
        Ok(Self {
            session_token: request.session_token.to_owned(),
            email: email_of(request.session_token, request.email)?,
            client_ip: request.client_ip.to_owned(),
            user_agent: request.user_agent.to_owned(),
            ..Default::default()
        })
    }
}

/// Sessions of a user to end. Text that is empty is not given.
#[derive(Clone, Copy)]
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
            email: "",
            session_id: "",
            client_ip: "",
            user_agent: "",
        }
    }

    /// The session must belong to this e-mail.
    pub fn email(mut self, email: &'a str) -> Self {
        self.email = email;
        self
    }

    /// Ends this session alone.
    pub fn session_id(mut self, session_id: &'a str) -> Self {
        self.session_id = session_id;
        self
    }
}

impl TryFrom<EndMySessions<'_>> for proto::EndMySessionsRequest {
    type Error = Error;

    fn try_from(request: EndMySessions<'_>) -> Result<Self, Error> {
        Ok(Self {
            session_token: request.session_token.to_owned(),
            email: email_of(request.session_token, request.email)?,
            session_id: request.session_id.to_owned(),
            client_ip: request.client_ip.to_owned(),
            user_agent: request.user_agent.to_owned(),
            ..Default::default()
        })
    }
}

/// A new name for a user. Text that is empty is not given.
#[derive(Clone, Copy)]
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
            email: "",
            full_name,
            client_ip: "",
            user_agent: "",
        }
    }

    /// The session must belong to this e-mail.
    pub fn email(mut self, email: &'a str) -> Self {
        self.email = email;
        self
    }
}

impl TryFrom<UpdateProfile<'_>> for proto::UpdateProfileRequest {
    type Error = Error;

    fn try_from(request: UpdateProfile<'_>) -> Result<Self, Error> {
        Ok(Self {
            session_token: request.session_token.to_owned(),
            email: email_of(request.session_token, request.email)?,
            fullname: request.full_name.to_owned(),
            client_ip: request.client_ip.to_owned(),
            user_agent: request.user_agent.to_owned(),
            ..Default::default()
        })
    }
}

/// A new address for a user. Text that is empty is not given.
#[derive(Clone, Copy)]
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
            email: "",
            new_email,
            current_password: "",
            code: "",
            client_ip: "",
            user_agent: "",
        }
    }

    /// The session must belong to this e-mail.
    pub fn email(mut self, email: &'a str) -> Self {
        self.email = email;
        self
    }

    /// The present password, which must be right where it is given. It is needed where the session's login is older than 15
    /// minutes.
    pub fn current_password(mut self, current_password: &'a str) -> Self {
        self.current_password = current_password;
        self
    }

    /// A code of the user's second factor, where there is one.
    pub fn code(mut self, code: &'a str) -> Self {
        self.code = code;
        self
    }
}

impl TryFrom<ChangeEmail<'_>> for proto::ChangeEmailRequest {
    type Error = Error;

    fn try_from(request: ChangeEmail<'_>) -> Result<Self, Error> {
        Ok(Self {
            session_token: request.session_token.to_owned(),
            email: email_of(request.session_token, request.email)?,
            new_email: request.new_email.to_owned(),
            current_password: request.current_password.to_owned(),
            code: request.code.to_owned(),
            client_ip: request.client_ip.to_owned(),
            user_agent: request.user_agent.to_owned(),
            ..Default::default()
        })
    }
}

/// A user to remove. Text that is empty is not given.
#[derive(Clone, Copy)]
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
            email: "",
            current_password: "",
            code: "",
            client_ip: "",
            user_agent: "",
        }
    }

    /// The session must belong to this e-mail.
    pub fn email(mut self, email: &'a str) -> Self {
        self.email = email;
        self
    }

    /// The present password, which must be right where it is given. It is needed where the session's login is older than 15
    /// minutes.
    pub fn current_password(mut self, current_password: &'a str) -> Self {
        self.current_password = current_password;
        self
    }

    /// A code of the user's second factor, where there is one.
    pub fn code(mut self, code: &'a str) -> Self {
        self.code = code;
        self
    }
}

impl TryFrom<DeleteAccount<'_>> for proto::DeleteAccountRequest {
    type Error = Error;

    fn try_from(request: DeleteAccount<'_>) -> Result<Self, Error> {
        Ok(Self {
            session_token: request.session_token.to_owned(),
            email: email_of(request.session_token, request.email)?,
            current_password: request.current_password.to_owned(),
            code: request.code.to_owned(),
            client_ip: request.client_ip.to_owned(),
            user_agent: request.user_agent.to_owned(),
            ..Default::default()
        })
    }
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

debug_by_name!(VerifyEmail, ResetPassword);
