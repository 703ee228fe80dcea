//! The calls, apart from who makes them.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::account_request::{
    ChangeEmail, DeleteAccount, EndMySessions, ForgotPassword, ListMySessions, Me, RenewSession,
    ResetPassword, SendVerificationEmail, UpdateProfile, VerifyEmail,
};
use crate::account_response::{Account, EndedSessions, MySession, PasswordReset, VerifiedEmail};
use crate::challenge::LoginStep;
use crate::error::Error;
use crate::request::{ChangePassword, FooBar, Login, Logout, SignUp, Validate};
use crate::response::{Nonce, PasswordChanged, Session, SignedUp, User};
use crate::second_factor_request::{
    ConfirmTotp, DisableTotp, EnableTotp, RegenerateRecoveryCodes, SendEmailCode, SendLoginCode,
    VerifyEmailCode, VerifyRecoveryCode, VerifyTotp,
};
use crate::second_factor_response::{
    ConfirmedTotp, EmailCodeSent, LoginCodeSent, RecoveryCodes, TotpSecret,
};

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
    /// INVALID_ARGUMENT, OVERLOADED, ACCOUNT_LOCKED, USER_NOT_FOUND, CREDENTIALS_INVALID, USER_DISABLED,
    /// EMAIL_NOT_VERIFIED; SECOND_FACTOR_REQUIRED and PASSWORD_CHANGE_REQUIRED, with [`Error::challenge`].
    fn login<'a>(&'a self, request: Login<'a>) -> Call<'a, Session>;

    /// Does as [`login`](Self::login) does, but a login that needs a step more is an answer and no error.
    ///
    /// # Errors
    ///
    /// INVALID_ARGUMENT, OVERLOADED, ACCOUNT_LOCKED, USER_NOT_FOUND, CREDENTIALS_INVALID, USER_DISABLED,
    /// EMAIL_NOT_VERIFIED.
    fn login_step<'a>(&'a self, request: Login<'a>) -> Call<'a, LoginStep> {
        let login = self.login(request);
        Box::pin(async move { LoginStep::after(login.await) })
    }

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
    /// CREDENTIALS_INVALID; of a user with a second factor REAUTHENTICATION_REQUIRED, CODE_INVALID, ACCOUNT_LOCKED.
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

    /// Sets a new password by the token of a mail, or by the challenge of PASSWORD_CHANGE_REQUIRED and the present
    /// password, and ends all sessions of the user.
    ///
    /// After a lost reply it is not repeated, because the token may be spent: [`login`](Self::login) tells.
    ///
    /// # Errors
    ///
    /// INVALID_ARGUMENT, PASSWORD_POLICY, TOKEN_INVALID, TOKEN_EXPIRED, CHALLENGE_INVALID, CREDENTIALS_INVALID, OVERLOADED.
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
    /// CREDENTIALS_INVALID, REAUTHENTICATION_REQUIRED, CODE_INVALID, ACCOUNT_LOCKED, OVERLOADED.
    fn change_email<'a>(&'a self, request: ChangeEmail<'a>) -> Call<'a, ()>;

    /// Removes the session's user.
    ///
    /// After a lost reply it is not repeated, because the user may be gone: [`login`](Self::login) tells.
    ///
    /// # Errors
    ///
    /// INVALID_ARGUMENT, SESSION_INVALID, SESSION_EXPIRED, SESSION_REVOKED,
    /// CREDENTIALS_INVALID, REAUTHENTICATION_REQUIRED, CODE_INVALID, ACCOUNT_LOCKED, OVERLOADED.
    fn delete_account<'a>(&'a self, request: DeleteAccount<'a>) -> Call<'a, EndedSessions>;

    /// Mails a code that logs in, where the organization lets it, and gives the challenge that
    /// [`verify_email_code`](Self::verify_email_code) takes with it. It never tells whether there is such a user. The
    /// latest challenge is good alone, for 10 minutes.
    ///
    /// # Errors
    ///
    /// INVALID_ARGUMENT, ACCESS_DENIED.
    fn send_login_code<'a>(&'a self, request: SendLoginCode<'a>) -> Call<'a, LoginCodeSent>;

    /// Makes a secret for an authenticator app, good for 10 minutes. Nothing changes until
    /// [`confirm_totp`](Self::confirm_totp); another secret makes this one void.
    ///
    /// Neither it nor any call below is repeated after a lost reply: ask again by hand.
    ///
    /// # Errors
    ///
    /// INVALID_ARGUMENT, SESSION_INVALID, SESSION_EXPIRED, SESSION_REVOKED, CHALLENGE_INVALID, CREDENTIALS_INVALID,
    /// REAUTHENTICATION_REQUIRED, SECOND_FACTOR_ALREADY_ENABLED, SECOND_FACTOR_NOT_ENABLED, OVERLOADED.
    fn enable_totp<'a>(&'a self, request: EnableTotp<'a>) -> Call<'a, TotpSecret>;

    /// Takes the first code of a new secret: from now on logins need one. It ends the user's other sessions and gives the
    /// recovery codes, once. With a challenge it also opens the session.
    ///
    /// # Errors
    ///
    /// INVALID_ARGUMENT, SESSION_INVALID, SESSION_EXPIRED, SESSION_REVOKED, CHALLENGE_INVALID, CODE_INVALID,
    /// ACCOUNT_LOCKED, SECOND_FACTOR_ALREADY_ENABLED, SECOND_FACTOR_NOT_ENABLED.
    fn confirm_totp<'a>(&'a self, request: ConfirmTotp<'a>) -> Call<'a, ConfirmedTotp>;

    /// Takes the second factor off, with its recovery codes, and ends the user's other sessions.
    ///
    /// # Errors
    ///
    /// INVALID_ARGUMENT, SESSION_INVALID, SESSION_EXPIRED, SESSION_REVOKED, CREDENTIALS_INVALID,
    /// REAUTHENTICATION_REQUIRED, CODE_INVALID, ACCOUNT_LOCKED, SECOND_FACTOR_NOT_ENABLED, OVERLOADED.
    fn disable_totp<'a>(&'a self, request: DisableTotp<'a>) -> Call<'a, ()>;

    /// Gives new recovery codes; those before are void.
    ///
    /// # Errors
    ///
    /// Those of [`disable_totp`](Self::disable_totp).
    fn regenerate_recovery_codes<'a>(
        &'a self,
        request: RegenerateRecoveryCodes<'a>,
    ) -> Call<'a, RecoveryCodes>;

    /// Answers a challenge by a code of the authenticator app. Each code is good once.
    ///
    /// # Errors
    ///
    /// INVALID_ARGUMENT, CHALLENGE_INVALID, CODE_INVALID, ACCOUNT_LOCKED.
    fn verify_totp<'a>(&'a self, request: VerifyTotp<'a>) -> Call<'a, LoginStep>;

    /// Mails a code of six digits, good for 10 minutes, to the user's proven address. The latest code is good alone.
    ///
    /// # Errors
    ///
    /// INVALID_ARGUMENT, CHALLENGE_INVALID.
    fn send_email_code<'a>(&'a self, request: SendEmailCode<'a>) -> Call<'a, EmailCodeSent>;

    /// Answers a challenge by the code of a mail: of [`send_email_code`](Self::send_email_code), or of
    /// [`send_login_code`](Self::send_login_code), which also proves the address.
    ///
    /// # Errors
    ///
    /// INVALID_ARGUMENT, CHALLENGE_INVALID, CODE_INVALID, ACCOUNT_LOCKED.
    fn verify_email_code<'a>(&'a self, request: VerifyEmailCode<'a>) -> Call<'a, LoginStep>;

    /// Answers a challenge by a recovery code. Each is good once. The session tells how many are left.
    ///
    /// # Errors
    ///
    /// INVALID_ARGUMENT, CHALLENGE_INVALID, CODE_INVALID, ACCOUNT_LOCKED.
    fn verify_recovery_code<'a>(&'a self, request: VerifyRecoveryCode<'a>) -> Call<'a, LoginStep>;
}

macro_rules! forwarded {
    ($($name:ident($request:ident) -> $answer:ty;)*) => {
        impl<T: AuthFlow + ?Sized> AuthFlow for Arc<T> {
            $(fn $name<'a>(&'a self, request: $request<'a>) -> Call<'a, $answer> {
                (**self).$name(request)
            })*
        }
    };
}

forwarded! {
    foo_bar(FooBar) -> Nonce;
    sign_up(SignUp) -> SignedUp;
    login(Login) -> Session;
    login_step(Login) -> LoginStep;
    validate(Validate) -> User;
    change_password(ChangePassword) -> PasswordChanged;
    logout(Logout) -> ();
    me(Me) -> Account;
    send_verification_email(SendVerificationEmail) -> ();
    verify_email(VerifyEmail) -> VerifiedEmail;
    forgot_password(ForgotPassword) -> ();
    reset_password(ResetPassword) -> PasswordReset;
    renew_session(RenewSession) -> Session;
    list_my_sessions(ListMySessions) -> Vec<MySession>;
    end_my_sessions(EndMySessions) -> EndedSessions;
    update_profile(UpdateProfile) -> Account;
    change_email(ChangeEmail) -> ();
    delete_account(DeleteAccount) -> EndedSessions;
    send_login_code(SendLoginCode) -> LoginCodeSent;
    enable_totp(EnableTotp) -> TotpSecret;
    confirm_totp(ConfirmTotp) -> ConfirmedTotp;
    disable_totp(DisableTotp) -> ();
    regenerate_recovery_codes(RegenerateRecoveryCodes) -> RecoveryCodes;
    verify_totp(VerifyTotp) -> LoginStep;
    send_email_code(SendEmailCode) -> EmailCodeSent;
    verify_email_code(VerifyEmailCode) -> LoginStep;
    verify_recovery_code(VerifyRecoveryCode) -> LoginStep;
}
