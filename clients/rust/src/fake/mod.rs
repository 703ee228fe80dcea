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
mod administration;
mod calls;
mod challenges;
mod mail;
mod mail_codes;
mod parameters;
mod random;
mod second_factor;
mod second_factor_calls;
mod store;
mod totp;

use std::fmt;
use std::future::ready;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

pub use self::administration::SecondFactorPolicy;
pub use self::mail::{Mail, MailKind};
use self::store::Store;
use crate::authflow::Call;
use crate::error::Error;

/// Makes the calls of [`AuthFlow`](crate::AuthFlow) over users and sessions in memory, with the reasons that a server gives.
///
/// Passwords are kept as they are, nothing is limited, nothing but wrong codes locks, it makes no difference which session a
/// device had before, and e-mails are looked at less closely than a server does: it is for tests alone. No mail is sent,
/// and what would be is kept. Its tokens begin with `fake.`, and a server refuses them. Clones share users, sessions and
/// whether they can be reached.
///
/// Second factors are those of a server: [`totp`](Self::totp) shows what an authenticator app would, each code is good
/// once, and a challenge has its ten minutes and five tries.
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

    /// Puts the fake's clock forward: sessions, challenges, codes and tokens of mails end, and logins are no longer fresh.
    pub fn advance(&self, by: Duration) {
        self.with(|state| state.store.elapsed += by);
    }

    /// What an authenticator app that was given this secret shows now, by the fake's clock. It shows another after 30
    /// seconds.
    ///
    /// # Panics
    ///
    /// Where it is no secret of [`enable_totp`](crate::AuthFlow::enable_totp).
    pub fn totp(&self, secret: &str) -> String {
        let secret = totp::from_base32(secret).expect("a secret in base32");
        self.with(|state| totp::code_of(&secret, totp::step_at(state.store.now())))
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

impl fmt::Debug for AuthFlowFake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthFlowFake")
    }
}
