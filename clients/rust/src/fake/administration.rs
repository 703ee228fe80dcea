//! What a backend or an operator does by other services, of which a client knows nothing.

use super::second_factor::SecondFactor;
use super::store::{Store, StoredAccount};
use super::AuthFlowFake;

/// Whether users of the organization have second factors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecondFactorPolicy {
    /// Who wants one has one.
    #[default]
    Optional,
    /// Logins of users without one lead to its setup.
    Required,
    /// Nobody sets one up, and who has one still needs it.
    Off,
}

/// Those of the organization that logins heed.
#[derive(Default)]
pub(super) struct Settings {
    pub(super) require_verified_email: bool,
    pub(super) login_by_email: bool,
    pub(super) second_factor: SecondFactorPolicy,
}

impl AuthFlowFake {
    /// Gives a user these roles and no others, as a backend does by UserService. A role that is taken away ends the
    /// user's sessions.
    ///
    /// # Panics
    ///
    /// Where there is no such user.
    pub fn set_roles(&self, email: &str, roles: &[&str]) {
        self.change(email, |store, user_id| {
            let account = store.account(user_id);
            let before = std::mem::take(&mut account.roles);
            account.roles = roles.iter().map(|role| (*role).to_owned()).collect();
            if before.iter().any(|role| !roles.contains(&&**role)) {
                store.end(user_id, |_, _| true);
            }
        });
    }

    /// Sets a user's password and ends all of the user's sessions, as a backend does by UserService. With `must_change`
    /// the user must set another before the next login.
    ///
    /// # Panics
    ///
    /// Where there is no such user.
    pub fn set_password(&self, email: &str, password: &str, must_change: bool) {
        self.change(email, |store, user_id| {
            let account = store.account(user_id);
            account.set_password(password);
            account.must_change = must_change;
            store.end(user_id, |_, _| true);
        });
    }

    /// Disables a user, which ends all of the user's sessions, or enables the user again, as a backend does by
    /// UserService.
    ///
    /// # Panics
    ///
    /// Where there is no such user.
    pub fn set_disabled(&self, email: &str, disabled: bool) {
        self.change(email, |store, user_id| {
            let account = store.account(user_id);
            if disabled && !account.disabled {
                account.credential_version += 1;
                store.end(user_id, |_, _| true);
            }
            store.account(user_id).disabled = disabled;
        });
    }

    /// Lets codes of a user be compared again after too many wrong ones, as a backend does by UserService.
    ///
    /// # Panics
    ///
    /// Where there is no such user.
    pub fn unlock(&self, email: &str) {
        self.change(email, |store, user_id| {
            store.account(user_id).second_factor.unlock();
        });
    }

    /// Takes a user's second factor off, which ends all of the user's sessions, as a backend does by UserService.
    ///
    /// # Panics
    ///
    /// Where there is no such user.
    pub fn reset_second_factor(&self, email: &str) {
        self.change(email, |store, user_id| {
            store.account(user_id).take_factor_off();
            store.end(user_id, |_, _| true);
        });
    }

    /// Whether logins need a proven e-mail. They do not, unless it is set.
    pub fn set_require_verified_email(&self, require_verified_email: bool) {
        self.with(|state| state.store.settings.require_verified_email = require_verified_email);
    }

    /// Whether a code by mail logs in. It does not, unless it is set.
    pub fn set_login_by_email(&self, login_by_email: bool) {
        self.with(|state| state.store.settings.login_by_email = login_by_email);
    }

    /// Whether users have second factors.
    pub fn set_second_factor(&self, second_factor: SecondFactorPolicy) {
        self.with(|state| state.store.settings.second_factor = second_factor);
    }

    /// Changes a user, by id.
    fn change(&self, email: &str, change: impl FnOnce(&mut Store, &str)) {
        let is_changed = self.with(|state| {
            let user_id = state.store.ids.get(email).cloned();
            let is_there = user_id.is_some();
            if let Some(user_id) = user_id {
                change(&mut state.store, &user_id);
            }
            is_there
        });
        assert!(is_changed, "there is no user {email}");
    }
}

impl StoredAccount {
    /// With its counters and what is being set up; challenges are void.
    pub(super) fn take_factor_off(&mut self) {
        self.second_factor = SecondFactor::default();
        self.credential_version += 1;
    }

    /// A link of a reset was used. Whoever set a second factor up before the address was proven may have been somebody
    /// else; and who has a proven one must not pass it by the same mailbox.
    pub(super) fn prove_by_reset(&mut self) {
        if !self.email_verified {
            self.take_factor_off();
        }
        self.email_verified = true;
        self.second_factor.distrust_mailbox();
    }
}
