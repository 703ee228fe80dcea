//! Logins of the fake that need more than a password.

use std::time::{Duration, SystemTime};

use tonic::Code;

use super::administration::SecondFactorPolicy;
use super::random;
use super::second_factor::Method;
use super::store::{Store, StoredAccount};
use crate::account_request::ResetPassword;
use crate::challenge::{Challenge, LoginStep};
use crate::error::Error;
use crate::reason::Reason;
use crate::response::Session;
use crate::second_factor_request::{VerifyRecoveryCode, VerifyTotp};

// A server's.
const LIFE: Duration = Duration::from_secs(10 * 60);
const MOST_TRIES: u32 = 5;
const MOST_LIVE: usize = 10;
const PREFIX: &str = "fake.challenge.";

pub(super) struct StoredChallenge {
    pub(super) token: String,
    /// Whose login it is, with the credential version of then; none of a login by mail of nobody.
    pub(super) user: Option<(String, u32)>,
    /// Of a login by mail, which says nothing of whether there is such a user.
    pub(super) address: Option<String>,
    methods: Vec<&'static str>,
    pub(super) expires_at: SystemTime,
    pub(super) tries: u32,
    /// That of the latest mail, and until when it is good.
    pub(super) code: Option<(String, SystemTime)>,
}

/// How far a login came.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Passed {
    /// The password was right.
    Password,
    /// The code of a mail was right, which is no second factor.
    Mail,
    /// All was right.
    Factor,
}

/// Where a login comes from.
#[derive(Clone, Copy)]
pub(super) struct Person<'a> {
    pub(super) client_ip: &'a str,
    pub(super) user_agent: &'a str,
}

/// Where a request says that it comes from.
macro_rules! person_of {
    ($request:expr) => {
        $crate::fake::challenges::Person {
            client_ip: $request.client_ip,
            user_agent: $request.user_agent,
        }
    };
}
pub(super) use person_of;

/// Whether it has the form of a challenge, and not of the token of a mail.
pub(super) fn is_challenge(token: &str) -> bool {
    token.starts_with(PREFIX)
}

impl Store {
    /// A session, or what is missing for one.
    pub(super) fn go_on(
        &mut self,
        user_id: &str,
        passed: Passed,
        person: Person<'_>,
    ) -> Result<Session, Error> {
        let account = &self.accounts[user_id];
        if account.disabled {
            let reason = Reason::UserDisabled;
            return Err(Error::refused(
                Code::PermissionDenied,
                reason,
                "The user is disabled.",
            ));
        }
        if self.settings.require_verified_email && !account.email_verified {
            let reason = Reason::EmailNotVerified;
            let message = "The e-mail must be verified first.";
            return Err(Error::refused(Code::PermissionDenied, reason, message));
        }
        let methods = self.methods(account, passed);
        if !methods.is_empty() {
            let challenge = self.challenge(user_id, Reason::SecondFactorRequired, methods);
            let message = "The login needs a second factor.";
            return Err(Error::challenged(Code::Unauthenticated, challenge, message));
        }
        if account.must_change {
            let methods = vec!["change_password"];
            let challenge = self.challenge(user_id, Reason::PasswordChangeRequired, methods);
            let message = "The password must be changed first.";
            return Err(Error::challenged(
                Code::PermissionDenied,
                challenge,
                message,
            ));
        }
        Ok(self.open(user_id, person))
    }

    /// Those that may go on with a login; none where it needs no second factor any more.
    fn methods(&self, account: &StoredAccount, passed: Passed) -> Vec<&'static str> {
        if passed == Passed::Factor {
            return Vec::new();
        }
        let mail = match passed == Passed::Password && account.email_verified {
            true => &["email"][..],
            false => &[],
        };
        let factor = &account.second_factor;
        match (factor.is_on(), self.settings.second_factor) {
            (true, _) if factor.trusts_mailbox() => [&["totp"], mail, &["recovery"]].concat(),
            (true, _) => vec!["totp", "recovery"],
            (false, SecondFactorPolicy::Required) => [mail, &["setup"]].concat(),
            (false, _) => Vec::new(),
        }
    }

    fn challenge(
        &mut self,
        user_id: &str,
        reason: Reason,
        methods: Vec<&'static str>,
    ) -> Challenge {
        let places = self.challenges.iter().enumerate();
        let live: Vec<usize> = places
            .filter(|(_, challenge)| challenge.is_of(user_id) && self.is_live(challenge))
            .map(|(place, _)| place)
            .collect();
        if live.len() >= MOST_LIVE {
            self.challenges.remove(live[0]);
        }
        let stored = self.keep(Some(user_id), None, methods);
        Challenge {
            reason,
            challenge: stored.token.clone(),
            methods: stored
                .methods
                .iter()
                .map(|method| (*method).to_owned())
                .collect(),
            expires_at: stored.expires_at,
        }
    }

    pub(super) fn keep(
        &mut self,
        user_id: Option<&str>,
        address: Option<&str>,
        methods: Vec<&'static str>,
    ) -> &mut StoredChallenge {
        let user = user_id.map(|user_id| {
            let version = self.accounts[user_id].credential_version;
            (user_id.to_owned(), version)
        });
        let challenge = StoredChallenge {
            token: format!("{PREFIX}{}", random::text()),
            user,
            address: address.map(str::to_owned),
            methods,
            expires_at: self.now() + LIFE,
            tries: 0,
            code: None,
        };
        self.challenges.push(challenge);
        let last = self.challenges.last_mut();
        last.expect("what was just kept")
    }

    /// The id of a user who may still log in by what the challenge is bound to.
    pub(super) fn bound_user(&self, challenge: &StoredChallenge) -> Option<String> {
        let (user_id, version) = challenge.user.as_ref()?;
        let account = self.accounts.get(user_id)?;
        (account.credential_version == *version && !account.disabled).then(|| user_id.clone())
    }

    fn is_live(&self, challenge: &StoredChallenge) -> bool {
        let is_bound = challenge.address.is_some() || self.bound_user(challenge).is_some();
        is_bound && challenge.tries < MOST_TRIES && self.now() < challenge.expires_at
    }

    /// The place of a live challenge that takes the method.
    pub(super) fn taken(&self, token: &str, method: &str) -> Result<usize, Error> {
        let place = self.challenges.iter().position(|challenge| {
            let takes = challenge.methods.contains(&method)
                // The code of a mail comes first.
                && (method != "setup" || !challenge.methods.contains(&"email"));
            challenge.token == token && takes && self.is_live(challenge)
        });
        place.ok_or_else(challenge_invalid)
    }

    /// The same of a login whose user is known, and the user's id.
    pub(super) fn challenged(&self, token: &str, method: &str) -> Result<(usize, String), Error> {
        let place = self.taken(token, method)?;
        match &self.challenges[place] {
            StoredChallenge {
                user: Some((user_id, _)),
                address: None,
                ..
            } => Ok((place, user_id.clone())),
            _ => Err(challenge_invalid()),
        }
    }

    /// The same, of which a try is counted.
    pub(super) fn tried(&mut self, token: &str, method: &str) -> Result<(usize, String), Error> {
        let challenged = self.challenged(token, method)?;
        self.challenges[challenged.0].tries += 1;
        Ok(challenged)
    }

    pub(super) fn verify_totp(&mut self, verify: VerifyTotp<'_>) -> Result<Session, Error> {
        let (place, user_id) = self.tried(verify.challenge, "totp")?;
        let now = self.now();
        let factor = &mut self.account(&user_id).second_factor;
        factor.spend(Method::Totp, verify.code, now)?;
        self.challenges.remove(place);
        self.go_on(&user_id, Passed::Factor, person_of!(verify))
    }

    pub(super) fn verify_recovery_code(
        &mut self,
        verify: VerifyRecoveryCode<'_>,
    ) -> Result<LoginStep, Error> {
        let (place, user_id) = self.tried(verify.challenge, "recovery")?;
        let now = self.now();
        let factor = &mut self.account(&user_id).second_factor;
        factor.spend(Method::Recovery, verify.recovery_code, now)?;
        let left = factor.recovery_codes_left();
        self.challenges.remove(place);
        let session = self.go_on(&user_id, Passed::Factor, person_of!(verify))?;
        Ok(LoginStep::Session {
            session,
            recovery_codes_left: Some(left),
        })
    }

    /// The id of a user who must change the password, and knows the present one.
    pub(super) fn change_by_challenge(
        &mut self,
        reset: ResetPassword<'_>,
    ) -> Result<String, Error> {
        let (place, user_id) = self.tried(reset.token, "change_password")?;
        self.accounts[&user_id].check(reset.current_password)?;
        self.challenges.remove(place);
        Ok(user_id)
    }
}

impl StoredChallenge {
    /// Of a login of this user, but not one by mail.
    pub(super) fn is_of(&self, user_id: &str) -> bool {
        let user = self.user.as_ref();
        self.address.is_none() && user.is_some_and(|(id, _)| id == user_id)
    }
}

fn challenge_invalid() -> Error {
    Error::refused(
        Code::Unauthenticated,
        Reason::ChallengeInvalid,
        "The challenge is spent, void or too old: log in again.",
    )
}
