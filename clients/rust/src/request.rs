//! What calls are given.

use std::fmt;

use crate::error::Error;
use crate::previous_session::told;
use crate::proto;
use crate::session_token::claimed_email;

macro_rules! on_behalf_of_a_person {
    ($($request:ident),*) => {$(
        impl<'a> $request<'a> {
            /// Tells the IP address of the person on whose behalf the call is made. The server ignores one that is
            /// malformed.
            pub fn client_ip(mut self, client_ip: &'a str) -> Self {
                self.client_ip = client_ip;
                self
            }

            /// Tells what that person's program says it is: the header User-Agent.
            pub fn user_agent(mut self, user_agent: &'a str) -> Self {
                self.user_agent = user_agent;
                self
            }
        }
    )*};
}
pub(crate) use on_behalf_of_a_person;

on_behalf_of_a_person!(FooBar, SignUp, Login, Validate, ChangePassword, Logout);

/// An e-mail to issue a nonce for. Text that is empty is not given, here and in the other requests.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct FooBar<'a> {
    /// The e-mail.
    pub identity: &'a str,
    /// See [`client_ip`](Self::client_ip()).
    pub client_ip: &'a str,
    /// See [`user_agent`](Self::user_agent()).
    pub user_agent: &'a str,
}

impl<'a> FooBar<'a> {
    /// For this e-mail.
    pub fn new(identity: &'a str) -> Self {
        Self {
            identity,
            ..Self::default()
        }
    }
}

/// A user to sign up.
#[derive(Clone, Copy, Default)]
#[non_exhaustive]
pub struct SignUp<'a> {
    /// The e-mail; it is normalized by the server.
    pub email: &'a str,
    /// 8 to 32 characters with an upper-case and a lower-case letter, a digit and a special character.
    pub password: &'a str,
    /// See [`full_name`](Self::full_name()).
    pub full_name: &'a str,
    /// See [`disclaimed`](Self::disclaimed()).
    pub disclaimed: bool,
    /// See [`client_ip`](Self::client_ip()).
    pub client_ip: &'a str,
    /// See [`user_agent`](Self::user_agent()).
    pub user_agent: &'a str,
}

impl<'a> SignUp<'a> {
    /// Whoever logs in with this e-mail and password. The server asks for the name and the disclaimer too.
    pub fn new(email: &'a str, password: &'a str) -> Self {
        Self {
            email,
            password,
            ..Self::default()
        }
    }

    /// The user's name, 1 to 200 characters.
    pub fn full_name(mut self, full_name: &'a str) -> Self {
        self.full_name = full_name;
        self
    }

    /// That the user has accepted your terms. The server refuses anything but true.
    pub fn disclaimed(mut self, disclaimed: bool) -> Self {
        self.disclaimed = disclaimed;
        self
    }
}

/// Whom to log in.
#[derive(Clone, Copy, Default)]
#[non_exhaustive]
pub struct Login<'a> {
    /// The e-mail, in any spelling that normalizes to the one signed up.
    pub email: &'a str,
    /// The password.
    pub password: &'a str,
    /// See [`session_token`](Self::session_token()).
    pub session_token: Option<&'a str>,
    /// See [`client_ip`](Self::client_ip()).
    pub client_ip: &'a str,
    /// See [`user_agent`](Self::user_agent()).
    pub user_agent: &'a str,
}

impl<'a> Login<'a> {
    /// With this e-mail and password.
    pub fn new(email: &'a str, password: &'a str) -> Self {
        Self {
            email,
            password,
            ..Self::default()
        }
    }

    /// Tells the last session token of the person's device, expired or ended too: the tries of a device that logged in
    /// before are counted apart from everybody else's. One that proves nothing is as none, and so is an empty one.
    pub fn session_token(mut self, session_token: &'a str) -> Self {
        self.session_token = Some(session_token);
        self
    }
}

/// A session to be asked about.
#[derive(Clone, Copy, Default)]
#[non_exhaustive]
pub struct Validate<'a> {
    /// The session token of a login.
    pub session_token: &'a str,
    /// See [`email`](Self::email()).
    pub email: &'a str,
    /// See [`client_ip`](Self::client_ip()).
    pub client_ip: &'a str,
    /// See [`user_agent`](Self::user_agent()).
    pub user_agent: &'a str,
}

impl<'a> Validate<'a> {
    /// The session of this token, and of the e-mail that the token claims.
    pub fn new(session_token: &'a str) -> Self {
        Self {
            session_token,
            ..Self::default()
        }
    }
}

/// A new password to set.
#[derive(Clone, Copy, Default)]
#[non_exhaustive]
pub struct ChangePassword<'a> {
    /// The token of the session that asks; it lives on.
    pub session_token: &'a str,
    /// See [`email`](Self::email()).
    pub email: &'a str,
    /// The new password, under the same policy as in [`SignUp`].
    pub new_password: &'a str,
    /// See [`current_password`](Self::current_password()).
    pub current_password: &'a str,
    /// See [`code`](Self::code()).
    pub code: &'a str,
    /// See [`client_ip`](Self::client_ip()).
    pub client_ip: &'a str,
    /// See [`user_agent`](Self::user_agent()).
    pub user_agent: &'a str,
}

impl<'a> ChangePassword<'a> {
    /// A new password for the user of this session, and of the e-mail that the token claims.
    pub fn new(session_token: &'a str, new_password: &'a str) -> Self {
        Self {
            session_token,
            new_password,
            ..Self::default()
        }
    }

    /// The present password. When it is given it must be right. A user with a second factor needs it where the session's
    /// login is older than 15 minutes.
    pub fn current_password(mut self, current_password: &'a str) -> Self {
        self.current_password = current_password;
        self
    }

    /// A code of the user's second factor, where there is one: of the authenticator app, or a recovery code.
    pub fn code(mut self, code: &'a str) -> Self {
        self.code = code;
        self
    }
}

/// A session to end.
#[derive(Clone, Copy, Default)]
#[non_exhaustive]
pub struct Logout<'a> {
    /// The session token of a login.
    pub session_token: &'a str,
    /// See [`email`](Self::email()).
    pub email: &'a str,
    /// See [`client_ip`](Self::client_ip()).
    pub client_ip: &'a str,
    /// See [`user_agent`](Self::user_agent()).
    pub user_agent: &'a str,
}

impl<'a> Logout<'a> {
    /// The session of this token, and of the e-mail that the token claims.
    pub fn new(session_token: &'a str) -> Self {
        Self {
            session_token,
            ..Self::default()
        }
    }
}

/// A session's e-mail: the one that was given, or else the one that the token claims.
macro_rules! by_email {
    ($($request:ident),*) => {$(
        impl<'a> $request<'a> {
            /// The session must belong to this e-mail.
            pub fn email(mut self, email: &'a str) -> Self {
                self.email = email;
                self
            }

            fn session_email(&self) -> Result<String, Error> {
                $crate::request::email_of(self.session_token, self.email)
            }
        }
    )*};
}
pub(crate) use by_email;

by_email!(Validate, ChangePassword, Logout);

/// The e-mail that was given, or else the one that the token claims.
///
/// # Errors
///
/// SESSION_INVALID, where neither names one.
pub(crate) fn email_of(session_token: &str, email: &str) -> Result<String, Error> {
    if !email.is_empty() {
        return Ok(email.to_owned());
    }
    claimed_email(session_token).ok_or_else(|| {
        Error::session_invalid("The session token names no e-mail, and none was given.")
    })
}

/// What is sent for a request: these fields, and who the person is.
macro_rules! messages {
    ($($request:ident as $message:ident: |$given:ident| { $($field:ident: $value:expr),* };)*) => {$(
        impl TryFrom<$request<'_>> for proto::$message {
            type Error = Error;

            // Some messages have no field more.
            #[allow(clippy::needless_update)]
            fn try_from($given: $request<'_>) -> Result<Self, Error> {
                Ok(Self {
                    $($field: $value.into(),)*
                    client_ip: $given.client_ip.to_owned(),
                    user_agent: $given.user_agent.to_owned(),
                    ..Default::default()
                })
            }
        }
    )*};
}
pub(crate) use messages;

messages! {
    Validate as ValidateRequest: |validate| {
        session_token: validate.session_token,
        email: validate.session_email()?
    };
    ChangePassword as ChangePasswordRequest: |change| {
        session_token: change.session_token,
        email: change.session_email()?,
        new_password: change.new_password,
        current_password: change.current_password,
        code: change.code
    };
    Logout as LogoutRequest: |logout| {
        session_token: logout.session_token,
        email: logout.session_email()?
    };
}

impl From<FooBar<'_>> for proto::FooBarRequest {
    fn from(request: FooBar<'_>) -> Self {
        Self {
            identity: request.identity.to_owned(),
            client_ip: request.client_ip.to_owned(),
            user_agent: request.user_agent.to_owned(),
            ..Default::default()
        }
    }
}

impl From<SignUp<'_>> for proto::SignUpRequest {
    fn from(request: SignUp<'_>) -> Self {
        Self {
            email: request.email.to_owned(),
            password: request.password.to_owned(),
            fullname: request.full_name.to_owned(),
            disclaimed: request.disclaimed,
            client_ip: request.client_ip.to_owned(),
            user_agent: request.user_agent.to_owned(),
            ..Default::default()
        }
    }
}

impl From<Login<'_>> for proto::LoginRequest {
    fn from(request: Login<'_>) -> Self {
        Self {
            email: request.email.to_owned(),
            password: request.password.to_owned(),
            session_token: told(request.session_token),
            client_ip: request.client_ip.to_owned(),
            user_agent: request.user_agent.to_owned(),
            ..Default::default()
        }
    }
}

impl fmt::Debug for SignUp<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignUp")
            .field("email", &self.email)
            .field("full_name", &self.full_name)
            .field("disclaimed", &self.disclaimed)
            .finish_non_exhaustive()
    }
}

macro_rules! debug_by_email {
    ($($request:ident),*) => {$(
        impl fmt::Debug for $request<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($request))
                    .field("email", &self.email)
                    .finish_non_exhaustive()
            }
        }
    )*};
}

pub(crate) use debug_by_email;

debug_by_email!(Login, Validate, ChangePassword, Logout);
