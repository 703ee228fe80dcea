//! AuthFlow without a server, for the tests of a backend.
//!
//! ```
//! # async fn example() -> Result<(), authflow_client::Error> {
//! use authflow_client::fake::AuthFlowFake;
//! use authflow_client::{AuthFlow, Login, SignUp};
//!
//! let authflow = AuthFlowFake::new();
//! let ada = SignUp::new("ada@example.com", "Analytical-1843");
//! authflow.sign_up(ada.full_name("Ada Lovelace").disclaimed(true)).await?;
//! let session = authflow.login(Login::new("ada@example.com", "Analytical-1843")).await?;
//! assert!(session.token.starts_with("fake."));
//! # Ok(())
//! # }
//! ```

mod accounts;
mod mail;
mod parameters;
mod random;
mod store;

use std::fmt;
use std::future::ready;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

pub use self::mail::{Mail, MailKind};
use self::parameters::Faults;
use self::store::Store;
use crate::account_request::{
    ChangeEmail, DeleteAccount, EndMySessions, ForgotPassword, ListMySessions, Me, RenewSession,
    ResetPassword, SendVerificationEmail, UpdateProfile, VerifyEmail,
};
use crate::account_response::{Account, EndedSessions, MySession, PasswordReset, VerifiedEmail};
use crate::authflow::{AuthFlow, Call};
use crate::error::Error;
use crate::request::{email_of, ChangePassword, FooBar, Login, Logout, SignUp, Validate};
use crate::response::{Nonce, PasswordChanged, Session, SignedUp, User};

/// Makes the calls of [`AuthFlow`] over users and sessions in memory, with the reasons that a server gives.
///
/// Passwords are kept as they are, nothing is limited, locked or disabled, it makes no difference which session a device had
/// before, and e-mails are looked at less closely than a
/// server does: it is for tests alone. No mail is sent, and what would be is kept. Its tokens begin with `fake.`, and a server refuses them. Clones share users,
/// sessions and whether they can be reached.
#[derive(Clone, Default)]
pub struct AuthFlowFake(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    unreachable: bool,
    store: Store,
}

impl AuthFlowFake {
    /// One organization without users.
    pub fn new() -> Self {
        Self::default()
    }

    /// From now on every call fails as it does when there is no connection, or no longer does.
    pub fn set_unreachable(&self, unreachable: bool) {
        self.with(|state| state.unreachable = unreachable);
    }

    /// What would have been sent, the oldest first: one for each call that asked, however often.
    pub fn mails(&self) -> Vec<Mail> {
        self.with(|state| state.store.mails.clone())
    }

    /// Gives a user these roles and no others, as a backend does by UserService. A role that is taken away ends the
    /// user's sessions.
    ///
    /// # Panics
    ///
    /// Where there is no such user.
    pub fn set_roles(&self, email: &str, roles: &[&str]) {
        let is_set = self.with(|state| state.store.set_roles(email, roles));
        assert!(is_set, "there is no user {email}");
    }

    /// Puts the fake's clock forward: sessions and tokens of mails end, and logins are no longer fresh.
    pub fn advance(&self, by: Duration) {
        self.with(|state| state.store.elapsed += by);
    }

    /// A call is over before its future is first polled.
    fn call<T: Send + 'static>(
        &self,
        make: impl FnOnce(&mut Store) -> Result<T, Error>,
    ) -> Call<'static, T> {
        let outcome = self.with(|state| match state.unreachable {
            true => Err(Error::unreached(
                "no connection to the fake: it is set to be unreachable",
            )),
            false => make(&mut state.store),
        });
        Box::pin(ready(outcome))
    }

    /// A panic elsewhere leaves nothing half-done in here.
    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl AuthFlow for AuthFlowFake {
    fn foo_bar<'a>(&'a self, request: FooBar<'a>) -> Call<'a, Nonce> {
        self.call(|store| {
            let mut faults = Faults::default();
            let email = faults.email("identity", request.identity);
            faults.check()?;
            Ok(store.nonce(&email))
        })
    }

    fn sign_up<'a>(&'a self, request: SignUp<'a>) -> Call<'a, SignedUp> {
        self.call(|store| {
            let mut faults = Faults::default();
            let email = faults.email("email", request.email);
            faults.password("password", request.password);
            let full_name = faults.full_name(request.full_name);
            faults.check()?;
            parameters::require_policy(request.password)?;
            parameters::require_disclaimer(request.disclaimed)?;
            store.sign_up(email, full_name, request.password)
        })
    }

    fn login<'a>(&'a self, request: Login<'a>) -> Call<'a, Session> {
        self.call(|store| {
            let mut faults = Faults::default();
            let email = faults.email("email", request.email);
            faults.password("password", request.password);
            faults.check()?;
            store.login(&email, request)
        })
    }

    fn validate<'a>(&'a self, request: Validate<'a>) -> Call<'a, User> {
        self.call(|store| {
            let email = email_of(request.session_token, request.email)?;
            let mut faults = Faults::default();
            faults.required("sessionToken", request.session_token);
            let email = faults.email("email", &email);
            faults.check()?;
            store.validate(request.session_token, &email)
        })
    }

    fn change_password<'a>(&'a self, request: ChangePassword<'a>) -> Call<'a, PasswordChanged> {
        self.call(|store| {
            let email = email_of(request.session_token, request.email)?;
            let mut faults = Faults::default();
            faults.required("sessionToken", request.session_token);
            let email = faults.email("email", &email);
            faults.password("newPassword", request.new_password);
            faults.check()?;
            parameters::require_policy(request.new_password)?;
            store.change_password(&email, request)
        })
    }

    fn logout<'a>(&'a self, request: Logout<'a>) -> Call<'a, ()> {
        self.call(|store| {
            let email = email_of(request.session_token, request.email)?;
            let mut faults = Faults::default();
            faults.required("sessionToken", request.session_token);
            let email = faults.email("email", &email);
            faults.check()?;
            store.logout(request.session_token, &email)
        })
    }

    fn me<'a>(&'a self, request: Me<'a>) -> Call<'a, Account> {
        self.call(|store| {
            let email = session(Faults::default(), request.session_token, request.email)?;
            store.me(request.session_token, &email)
        })
    }

    fn send_verification_email<'a>(&'a self, request: SendVerificationEmail<'a>) -> Call<'a, ()> {
        self.call(|store| {
            store.send_verification_email(&address(request.email)?);
            Ok(())
        })
    }

    fn verify_email<'a>(&'a self, request: VerifyEmail<'a>) -> Call<'a, VerifiedEmail> {
        self.call(|store| {
            let mut faults = Faults::default();
            faults.required("token", request.token);
            faults.check()?;
            store.verify_email(request.token)
        })
    }

    fn forgot_password<'a>(&'a self, request: ForgotPassword<'a>) -> Call<'a, ()> {
        self.call(|store| {
            store.forgot_password(&address(request.email)?);
            Ok(())
        })
    }

    fn reset_password<'a>(&'a self, request: ResetPassword<'a>) -> Call<'a, PasswordReset> {
        self.call(|store| {
            let mut faults = Faults::default();
            faults.required("token", request.token);
            faults.password("newPassword", request.new_password);
            faults.check()?;
            parameters::require_policy(request.new_password)?;
            store.reset_password(request.token, request.new_password)
        })
    }

    fn renew_session<'a>(&'a self, request: RenewSession<'a>) -> Call<'a, Session> {
        self.call(|store| {
            let email = session(Faults::default(), request.session_token, request.email)?;
            store.renew_session(request.session_token, &email)
        })
    }

    fn list_my_sessions<'a>(&'a self, request: ListMySessions<'a>) -> Call<'a, Vec<MySession>> {
        self.call(|store| {
            let email = session(Faults::default(), request.session_token, request.email)?;
            store.list_my_sessions(request.session_token, &email)
        })
    }

    fn end_my_sessions<'a>(&'a self, request: EndMySessions<'a>) -> Call<'a, EndedSessions> {
        self.call(|store| {
            let email = session(Faults::default(), request.session_token, request.email)?;
            store.end_my_sessions(request.session_token, &email, request.session_id)
        })
    }

    fn update_profile<'a>(&'a self, request: UpdateProfile<'a>) -> Call<'a, Account> {
        self.call(|store| {
            let mut faults = Faults::default();
            let full_name = faults.full_name(request.full_name);
            let email = session(faults, request.session_token, request.email)?;
            store.update_profile(request.session_token, &email, full_name)
        })
    }

    fn change_email<'a>(&'a self, request: ChangeEmail<'a>) -> Call<'a, ()> {
        self.call(|store| {
            let mut faults = Faults::default();
            let new_email = faults.email("newEmail", request.new_email);
            let email = session(faults, request.session_token, request.email)?;
            store.change_email(
                request.session_token,
                &email,
                &new_email,
                request.current_password,
            )
        })
    }

    fn delete_account<'a>(&'a self, request: DeleteAccount<'a>) -> Call<'a, EndedSessions> {
        self.call(|store| {
            let email = session(Faults::default(), request.session_token, request.email)?;
            store.delete_account(request.session_token, &email, request.current_password)
        })
    }
}

/// The e-mail of a session, where the request has no fault.
fn session(mut faults: Faults, session_token: &str, email: &str) -> Result<String, Error> {
    let email = email_of(session_token, email)?;
    faults.required("sessionToken", session_token);
    let email = faults.email("email", &email);
    faults.check()?;
    Ok(email)
}

/// The address that a mail is asked for, normalized.
fn address(email: &str) -> Result<String, Error> {
    let mut faults = Faults::default();
    let email = faults.email("email", email);
    faults.check()?;
    Ok(email)
}

impl fmt::Debug for AuthFlowFake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthFlowFake")
    }
}
