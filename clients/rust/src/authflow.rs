//! The calls, apart from who makes them.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::account_request::{
    ChangeEmail, DeleteAccount, EndMySessions, ForgotPassword, ListMySessions, Me, RenewSession,
    ResetPassword, SendVerificationEmail, UpdateProfile, VerifyEmail,
};
use crate::account_response::{Account, EndedSessions, MySession, PasswordReset, VerifiedEmail};
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

    /// Tells all about the user of a live session.
    ///
    /// # Errors
    ///
    /// INVALID_ARGUMENT, SESSION_INVALID, SESSION_EXPIRED, SESSION_REVOKED.
    fn me<'a>(&'a self, request: Me<'a>) -> Call<'a, Account>;

    /// Mails a link that proves an address. It never tells whether somebody has it.
    ///
    /// # Errors
    ///
    /// INVALID_ARGUMENT.
    fn send_verification_email<'a>(&'a self, request: SendVerificationEmail<'a>) -> Call<'a, ()>;

    /// Takes the token of a mail: it proves the address, or moves the user to the one that
    /// [`change_email`](Self::change_email) was told, which ends all sessions.
    ///
    /// After a lost reply it is repeated: a change of address that was done by then is TOKEN_INVALID.
    ///
    /// # Errors
    ///
    /// INVALID_ARGUMENT, TOKEN_INVALID, TOKEN_EXPIRED, USER_EXISTS.
    fn verify_email<'a>(&'a self, request: VerifyEmail<'a>) -> Call<'a, VerifiedEmail>;

    /// Mails a link that sets a new password. It never tells whether there is such a user.
    ///
    /// # Errors
    ///
    /// INVALID_ARGUMENT.
    fn forgot_password<'a>(&'a self, request: ForgotPassword<'a>) -> Call<'a, ()>;

    /// Sets a new password by the token of a mail, and ends all sessions of the user.
    ///
    /// After a lost reply it is not repeated, because the token may be spent: [`login`](Self::login) tells.
    ///
    /// # Errors
    ///
    /// INVALID_ARGUMENT, PASSWORD_POLICY, TOKEN_INVALID, TOKEN_EXPIRED, OVERLOADED.
    fn reset_password<'a>(&'a self, request: ResetPassword<'a>) -> Call<'a, PasswordReset>;

    /// Makes a live session last as long as a new one, and gives a new token of it. Older ones stay good until their own
    /// end.
    ///
    /// # Errors
    ///
    /// INVALID_ARGUMENT, SESSION_INVALID, SESSION_EXPIRED, SESSION_REVOKED.
    fn renew_session<'a>(&'a self, request: RenewSession<'a>) -> Call<'a, Session>;

    /// Lists the live sessions of the session's user, newest first.
    ///
    /// # Errors
    ///
    /// INVALID_ARGUMENT, SESSION_INVALID, SESSION_EXPIRED, SESSION_REVOKED.
    fn list_my_sessions<'a>(&'a self, request: ListMySessions<'a>) -> Call<'a, Vec<MySession>>;

    /// Ends one session of the session's user, or all but the one that asks. Repeating it is a success.
    ///
    /// # Errors
    ///
    /// INVALID_ARGUMENT, SESSION_INVALID, SESSION_EXPIRED, SESSION_REVOKED.
    fn end_my_sessions<'a>(&'a self, request: EndMySessions<'a>) -> Call<'a, EndedSessions>;

    /// Changes the name of the session's user.
    ///
    /// # Errors
    ///
    /// INVALID_ARGUMENT, SESSION_INVALID, SESSION_EXPIRED, SESSION_REVOKED.
    fn update_profile<'a>(&'a self, request: UpdateProfile<'a>) -> Call<'a, Account>;

    /// Mails a link to a new address that moves the user there, and a warning to the present one.
    ///
    /// # Errors
    ///
    /// INVALID_ARGUMENT, SESSION_INVALID, SESSION_EXPIRED, SESSION_REVOKED,
    /// CREDENTIALS_INVALID, REAUTHENTICATION_REQUIRED, OVERLOADED.
    fn change_email<'a>(&'a self, request: ChangeEmail<'a>) -> Call<'a, ()>;

    /// Removes the session's user.
    ///
    /// After a lost reply it is not repeated, because the user may be gone: [`login`](Self::login) tells.
    ///
    /// # Errors
    ///
    /// INVALID_ARGUMENT, SESSION_INVALID, SESSION_EXPIRED, SESSION_REVOKED,
    /// CREDENTIALS_INVALID, REAUTHENTICATION_REQUIRED, OVERLOADED.
    fn delete_account<'a>(&'a self, request: DeleteAccount<'a>) -> Call<'a, EndedSessions>;
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

    fn me<'a>(&'a self, request: Me<'a>) -> Call<'a, Account> {
        (**self).me(request)
    }

    fn send_verification_email<'a>(&'a self, request: SendVerificationEmail<'a>) -> Call<'a, ()> {
        (**self).send_verification_email(request)
    }

    fn verify_email<'a>(&'a self, request: VerifyEmail<'a>) -> Call<'a, VerifiedEmail> {
        (**self).verify_email(request)
    }

    fn forgot_password<'a>(&'a self, request: ForgotPassword<'a>) -> Call<'a, ()> {
        (**self).forgot_password(request)
    }

    fn reset_password<'a>(&'a self, request: ResetPassword<'a>) -> Call<'a, PasswordReset> {
        (**self).reset_password(request)
    }

    fn renew_session<'a>(&'a self, request: RenewSession<'a>) -> Call<'a, Session> {
        (**self).renew_session(request)
    }

    fn list_my_sessions<'a>(&'a self, request: ListMySessions<'a>) -> Call<'a, Vec<MySession>> {
        (**self).list_my_sessions(request)
    }

    fn end_my_sessions<'a>(&'a self, request: EndMySessions<'a>) -> Call<'a, EndedSessions> {
        (**self).end_my_sessions(request)
    }

    fn update_profile<'a>(&'a self, request: UpdateProfile<'a>) -> Call<'a, Account> {
        (**self).update_profile(request)
    }

    fn change_email<'a>(&'a self, request: ChangeEmail<'a>) -> Call<'a, ()> {
        (**self).change_email(request)
    }

    fn delete_account<'a>(&'a self, request: DeleteAccount<'a>) -> Call<'a, EndedSessions> {
        (**self).delete_account(request)
    }
}
