//! The calls, apart from who makes them.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::error::Error;
use crate::request::{ChangePassword, FooBar, Login, Logout, SignUp, Validate};
use crate::response::{Nonce, PasswordChanged, Session, SignedUp, User};

/// A call that is under way. Dropping it cancels it.
pub type Call<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// The calls of a [`Client`](crate::Client), which `AuthFlowFake` of the feature `fake` makes without a server.
///
/// A backend that keeps an `Arc<dyn AuthFlow>` is given the one or the other. Beside the reasons that each call names,
/// all of them fail with API_KEY_INVALID, UNAVAILABLE, RATE_LIMITED, INTERNAL and DEADLINE_EXCEEDED, and without a
/// reason where no reply came. Calls may be made at the same time.
pub trait AuthFlow: Send + Sync {
    /// Issues a nonce for an e-mail. [`sign_up`](Self::sign_up) and [`login`](Self::login) do so by themselves.
    ///
    /// # Errors
    ///
    /// INVALID_ARGUMENT.
    fn foo_bar<'a>(&'a self, request: FooBar<'a>) -> Call<'a, Nonce>;

    /// Signs up a user.
    ///
    /// After a lost reply it is not repeated, because the user may have been made: [`login`](Self::login) tells.
    ///
    /// # Errors
    ///
    /// INVALID_ARGUMENT, PASSWORD_POLICY, DISCLAIMER_REQUIRED, OVERLOADED, USER_EXISTS.
    fn sign_up<'a>(&'a self, request: SignUp<'a>) -> Call<'a, SignedUp>;

    /// Checks a password and opens a session. In a handler behind a `SessionLayer` it tells the server the session token
    /// that the request came with, unless [`Login::session_token`](Login::session_token()) gives another.
    ///
    /// # Errors
    ///
    /// INVALID_ARGUMENT, OVERLOADED, ACCOUNT_LOCKED, USER_NOT_FOUND, CREDENTIALS_INVALID, USER_DISABLED.
    fn login<'a>(&'a self, request: Login<'a>) -> Call<'a, Session>;

    /// Tells whose live session a token is. The session must be of the e-mail and of the key's organization.
    ///
    /// # Errors
    ///
    /// INVALID_ARGUMENT, SESSION_INVALID, SESSION_EXPIRED, SESSION_REVOKED.
    fn validate<'a>(&'a self, request: Validate<'a>) -> Call<'a, User>;

    /// Sets a new password and ends the user's other sessions.
    ///
    /// After a lost reply it is not repeated, because the password may be the new one: [`login`](Self::login) tells.
    ///
    /// # Errors
    ///
    /// INVALID_ARGUMENT, PASSWORD_POLICY, SESSION_INVALID, SESSION_EXPIRED, SESSION_REVOKED, OVERLOADED,
    /// CREDENTIALS_INVALID.
    fn change_password<'a>(&'a self, request: ChangePassword<'a>) -> Call<'a, PasswordChanged>;

    /// Ends the session. Repeating it, or ending a session that has expired, is a success.
    ///
    /// # Errors
    ///
    /// INVALID_ARGUMENT, SESSION_INVALID.
    fn logout<'a>(&'a self, request: Logout<'a>) -> Call<'a, ()>;
}

impl<T: AuthFlow + ?Sized> AuthFlow for Arc<T> {
    fn foo_bar<'a>(&'a self, request: FooBar<'a>) -> Call<'a, Nonce> {
        (**self).foo_bar(request)
    }

    fn sign_up<'a>(&'a self, request: SignUp<'a>) -> Call<'a, SignedUp> {
        (**self).sign_up(request)
    }

    fn login<'a>(&'a self, request: Login<'a>) -> Call<'a, Session> {
        (**self).login(request)
    }

    fn validate<'a>(&'a self, request: Validate<'a>) -> Call<'a, User> {
        (**self).validate(request)
    }

    fn change_password<'a>(&'a self, request: ChangePassword<'a>) -> Call<'a, PasswordChanged> {
        (**self).change_password(request)
    }

    fn logout<'a>(&'a self, request: Logout<'a>) -> Call<'a, ()> {
        (**self).logout(request)
    }
}
