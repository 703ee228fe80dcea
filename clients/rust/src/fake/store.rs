//! The users and sessions of the fake's organization.

use std::collections::HashMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::Engine;
use serde_json::json;
use tonic::Code;

use super::accounts::MailToken;
use super::administration::Settings;
use super::challenges::{person_of, Passed, Person, StoredChallenge};
use super::mail::Mail;
use super::random;
use super::second_factor::SecondFactor;
use crate::error::Error;
use crate::reason::Reason;
use crate::request::{ChangePassword, Login};
use crate::response::{Nonce, PasswordChanged, Session, SignedUp, User};

const NONCE_LIFE: Duration = Duration::from_secs(5 * 60);
pub(super) const SESSION_LIFE: Duration = Duration::from_secs(7 * 24 * 60 * 60);

pub(super) struct Store {
    pub(super) org_id: String,
    pub(super) settings: Settings,
    /// How far the clock was put forward.
    pub(super) elapsed: Duration,
    /// By id.
    pub(super) accounts: HashMap<String, StoredAccount>,
    /// Ids by normalized e-mail.
    pub(super) ids: HashMap<String, String>,
    /// In the order of their logins.
    pub(super) sessions: Vec<StoredSession>,
    pub(super) tokens: HashMap<String, StoredToken>,
    pub(super) mails: Vec<Mail>,
    pub(super) mail_tokens: HashMap<String, MailToken>,
    /// In the order in which they were given; spent ones are gone.
    pub(super) challenges: Vec<StoredChallenge>,
}

pub(super) struct StoredAccount {
    pub(super) email: String,
    pub(super) full_name: String,
    pub(super) password: String,
    pub(super) email_verified: bool,
    pub(super) roles: Vec<String>,
    pub(super) created_at: SystemTime,
    pub(super) disabled: bool,
    /// Whether the password must be changed before a login.
    pub(super) must_change: bool,
    pub(super) second_factor: SecondFactor,
    /// Raised by what makes mailed tokens and challenges void.
    pub(super) credential_version: u32,
}

pub(super) struct StoredSession {
    pub(super) id: String,
    pub(super) user_id: String,
    pub(super) created_at: SystemTime,
    pub(super) expires_at: SystemTime,
    pub(super) client_ip: String,
    pub(super) user_agent: String,
    pub(super) ended: bool,
}

/// A session token, which ends by itself: a renewed session has several.
#[derive(Clone)]
pub(super) struct StoredToken {
    /// Its place in the list.
    pub(super) session: usize,
    email: String,
    pub(super) expires_at: SystemTime,
}

impl Default for Store {
    fn default() -> Self {
        Self {
            org_id: random::uuid(),
            settings: Settings::default(),
            elapsed: Duration::ZERO,
            accounts: HashMap::new(),
            ids: HashMap::new(),
            sessions: Vec::new(),
            tokens: HashMap::new(),
            mails: Vec::new(),
            mail_tokens: HashMap::new(),
            challenges: Vec::new(),
        }
    }
}

impl Store {
    pub(super) fn nonce(&self, email: &str) -> Nonce {
        Nonce {
            token: token(&json!({ "email": email })),
            expires_at: self.now() + NONCE_LIFE,
        }
    }

    pub(super) fn sign_up(
        &mut self,
        email: String,
        full_name: String,
        password: &str,
    ) -> Result<SignedUp, Error> {
        if self.ids.contains_key(&email) {
            return Err(user_exists());
        }
        let user_id = random::uuid();
        let account = StoredAccount {
            email: email.clone(),
            full_name: full_name.clone(),
            password: password.to_owned(),
            email_verified: false,
            roles: Vec::new(),
            created_at: self.now(),
            disabled: false,
            must_change: false,
            second_factor: SecondFactor::default(),
            credential_version: 0,
        };
        self.accounts.insert(user_id.clone(), account);
        self.ids.insert(email.clone(), user_id.clone());
        Ok(SignedUp {
            user_id,
            email,
            full_name,
            org_id: self.org_id.clone(),
        })
    }

    pub(super) fn login(&mut self, email: &str, login: Login<'_>) -> Result<Session, Error> {
        let user_id = self.ids.get(email).cloned().ok_or_else(|| {
            Error::refused(
                Code::NotFound,
                Reason::UserNotFound,
                "There is no such user in this organization.",
            )
        })?;
        self.accounts[&user_id].check(login.password)?;
        self.go_on(&user_id, Passed::Password, person_of!(login))
    }

    pub(super) fn open(&mut self, user_id: &str, person: Person<'_>) -> Session {
        let now = self.now();
        self.sessions.push(StoredSession {
            id: random::uuid(),
            user_id: user_id.to_owned(),
            created_at: now,
            expires_at: now + SESSION_LIFE,
            client_ip: person.client_ip.to_owned(),
            user_agent: person.user_agent.to_owned(),
            ended: false,
        });
        self.opened(self.sessions.len() - 1)
    }

    /// What a login answers, with another token of the session.
    pub(super) fn opened(&mut self, session: usize) -> Session {
        let stored = &self.sessions[session];
        let account = &self.accounts[&stored.user_id];
        let opened = Session {
            token: token(&json!({
                "email": account.email, "sub": stored.user_id, "org_id": self.org_id, "sid": stored.id,
                "exp": seconds(stored.expires_at),
            })),
            expires_at: stored.expires_at,
            user_id: stored.user_id.clone(),
            email: account.email.clone(),
            full_name: account.full_name.clone(),
            org_id: self.org_id.clone(),
        };
        let stored = StoredToken {
            session,
            email: opened.email.clone(),
            expires_at: opened.expires_at,
        };
        self.tokens.insert(opened.token.clone(), stored);
        opened
    }

    pub(super) fn validate(&self, token: &str, email: &str) -> Result<User, Error> {
        self.live(token, email).map(|found| self.user(&found))
    }

    pub(super) fn user(&self, token: &StoredToken) -> User {
        let session = &self.sessions[token.session];
        let account = &self.accounts[&session.user_id];
        User {
            user_id: session.user_id.clone(),
            email: account.email.clone(),
            full_name: account.full_name.clone(),
            org_id: self.org_id.clone(),
            session_id: session.id.clone(),
            expires_at: token.expires_at,
            email_verified: account.email_verified,
            roles: account.roles.clone(),
        }
    }

    pub(super) fn change_password(
        &mut self,
        email: &str,
        change: ChangePassword<'_>,
    ) -> Result<PasswordChanged, Error> {
        let own = self.live(change.session_token, email)?.session;
        let user_id = self.sessions[own].user_id.clone();
        if self.accounts[&user_id].second_factor.is_on() {
            let proof = (change.current_password, change.code);
            self.freshly_proved(change.session_token, email, proof)?;
        } else if !change.current_password.is_empty() {
            self.accounts[&user_id].check(change.current_password)?;
        }
        self.account(&user_id).set_password(change.new_password);
        let ended_sessions = self.end(&user_id, |session, _| session != own);
        Ok(PasswordChanged { ended_sessions })
    }

    pub(super) fn logout(&mut self, token: &str, email: &str) -> Result<(), Error> {
        let session = self.known(token, email)?.session;
        self.sessions[session].ended = true;
        Ok(())
    }

    /// Sessions keep the ids of accounts that are there; those of a removed one have ended.
    pub(super) fn account(&mut self, user_id: &str) -> &mut StoredAccount {
        let account = self.accounts.get_mut(user_id);
        account.expect("a live session has its account")
    }

    pub(super) fn live(&self, token: &str, email: &str) -> Result<StoredToken, Error> {
        let found = self.known(token, email)?;
        let (reason, message) = if found.expires_at <= self.now() {
            (Reason::SessionExpired, "The session has expired.")
        } else if self.sessions[found.session].ended {
            (Reason::SessionRevoked, "The session has ended.")
        } else {
            return Ok(found);
        };
        Err(Error::refused(Code::Unauthenticated, reason, message))
    }

    fn known(&self, token: &str, email: &str) -> Result<StoredToken, Error> {
        let found = self.tokens.get(token).filter(|found| {
            // A user who was removed keeps the address in sessions that have ended.
            let account = self.accounts.get(&self.sessions[found.session].user_id);
            account.map_or(&found.email, |account| &account.email) == email
        });
        found
            .cloned()
            .ok_or_else(|| Error::session_invalid("The session token is not valid."))
    }

    /// Ends those live sessions of a user that are meant, and counts them.
    pub(super) fn end(
        &mut self,
        user_id: &str,
        is_meant: impl Fn(usize, &StoredSession) -> bool,
    ) -> u32 {
        let now = self.now();
        let mut ended = 0;
        for (place, session) in self.sessions.iter_mut().enumerate() {
            if session.user_id == user_id && session.is_live(now) && is_meant(place, session) {
                session.ended = true;
                ended += 1;
            }
        }
        ended
    }

    /// In whole seconds, as the wire has it.
    pub(super) fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds(SystemTime::now() + self.elapsed))
    }
}

impl StoredSession {
    pub(super) fn is_live(&self, now: SystemTime) -> bool {
        !self.ended && now < self.expires_at
    }
}

impl StoredAccount {
    /// A new password, which need not be changed again.
    pub(super) fn set_password(&mut self, password: &str) {
        self.password = password.to_owned();
        self.must_change = false;
        self.credential_version += 1;
    }

    pub(super) fn check(&self, password: &str) -> Result<(), Error> {
        match self.password == password {
            true => Ok(()),
            false => Err(Error::refused(
                Code::Unauthenticated,
                Reason::CredentialsInvalid,
                "The password is wrong.",
            )),
        }
    }
}

pub(super) fn user_exists() -> Error {
    Error::refused(
        Code::AlreadyExists,
        Reason::UserExists,
        "This e-mail is already signed up in the organization.",
    )
}

/// In the form of a JWT, so that its claims are read as a JWT's are.
fn token(claims: &serde_json::Value) -> String {
    let claims = URL_SAFE_NO_PAD.encode(claims.to_string());
    format!("fake.{claims}.{}", random::text())
}

fn seconds(instant: SystemTime) -> u64 {
    let since = instant.duration_since(UNIX_EPOCH);
    since.unwrap_or_default().as_secs()
}
