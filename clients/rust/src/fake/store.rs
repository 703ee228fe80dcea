//! The users and sessions of the fake's organization.

use std::collections::HashMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::Engine;
use serde_json::json;
use tonic::Code;

use super::random;
use crate::error::Error;
use crate::reason::Reason;
use crate::request::ChangePassword;
use crate::response::{Nonce, PasswordChanged, Session, SignedUp, User};

const NONCE_LIFE: Duration = Duration::from_secs(5 * 60);
const SESSION_LIFE: Duration = Duration::from_secs(7 * 24 * 60 * 60);

pub(super) struct Store {
    org_id: String,
    /// By normalized e-mail.
    accounts: HashMap<String, Account>,
    /// By token.
    sessions: HashMap<String, StoredSession>,
}

struct Account {
    user: SignedUp,
    password: String,
}

struct StoredSession {
    user: User,
    ended: bool,
}

impl Default for Store {
    fn default() -> Self {
        Self {
            org_id: random::uuid(),
            accounts: HashMap::new(),
            sessions: HashMap::new(),
        }
    }
}

impl Store {
    pub(super) fn nonce(&self, email: &str) -> Nonce {
        Nonce {
            token: token(&json!({ "email": email })),
            expires_at: SystemTime::now() + NONCE_LIFE,
        }
    }

    pub(super) fn sign_up(
        &mut self,
        email: String,
        full_name: String,
        password: &str,
    ) -> Result<SignedUp, Error> {
        if self.accounts.contains_key(&email) {
            return Err(Error::refused(
                Code::AlreadyExists,
                Reason::UserExists,
                "This e-mail is already signed up in the organization.",
            ));
        }
        let user = SignedUp {
            user_id: random::uuid(),
            email: email.clone(),
            full_name,
            org_id: self.org_id.clone(),
        };
        let account = Account {
            user: user.clone(),
            password: password.to_owned(),
        };
        self.accounts.insert(email, account);
        Ok(user)
    }

    pub(super) fn login(&mut self, email: &str, password: &str) -> Result<Session, Error> {
        let account = self.accounts.get(email).ok_or_else(|| {
            Error::refused(
                Code::NotFound,
                Reason::UserNotFound,
                "There is no such user in this organization.",
            )
        })?;
        account.check(password)?;
        let user = account.user.clone();
        let (session_id, expires_at) = (random::uuid(), whole_seconds_from_now(SESSION_LIFE));
        let token = token(&json!({
            "email": user.email, "sub": user.user_id, "org_id": user.org_id, "sid": session_id,
            "exp": seconds(expires_at),
        }));
        let stored = StoredSession {
            user: User {
                user_id: user.user_id.clone(),
                email: user.email.clone(),
                full_name: user.full_name.clone(),
                org_id: user.org_id.clone(),
                session_id,
                expires_at,
            },
            ended: false,
        };
        self.sessions.insert(token.clone(), stored);
        Ok(Session {
            token,
            expires_at,
            user_id: user.user_id,
            email: user.email,
            full_name: user.full_name,
            org_id: user.org_id,
        })
    }

    pub(super) fn validate(&mut self, token: &str, email: &str) -> Result<User, Error> {
        let session = self.session(token, email)?;
        match session.ended {
            false => Ok(session.user.clone()),
            true => Err(Error::refused(
                Code::Unauthenticated,
                Reason::SessionRevoked,
                "The session has ended.",
            )),
        }
    }

    pub(super) fn change_password(
        &mut self,
        email: &str,
        change: ChangePassword<'_>,
    ) -> Result<PasswordChanged, Error> {
        let user = self.validate(change.session_token, email)?;
        let account = self.accounts.get_mut(&user.email);
        let account = account.expect("a session has its account");
        if !change.current_password.is_empty() {
            account.check(change.current_password)?;
        }
        account.password = change.new_password.to_owned();
        let mut ended_sessions = 0;
        for (token, session) in &mut self.sessions {
            let is_other = session.user.email == user.email && token != change.session_token;
            if is_other && !session.ended {
                session.ended = true;
                ended_sessions += 1;
            }
        }
        Ok(PasswordChanged { ended_sessions })
    }

    pub(super) fn logout(&mut self, token: &str, email: &str) -> Result<(), Error> {
        self.session(token, email)?.ended = true;
        Ok(())
    }

    fn session(&mut self, token: &str, email: &str) -> Result<&mut StoredSession, Error> {
        let session = self.sessions.get_mut(token);
        session
            .filter(|session| session.user.email == email)
            .ok_or_else(|| Error::session_invalid("The session token is not valid."))
    }
}

impl Account {
    fn check(&self, password: &str) -> Result<(), Error> {
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

/// In the form of a JWT, so that its claims are read as a JWT's are.
fn token(claims: &serde_json::Value) -> String {
    let claims = URL_SAFE_NO_PAD.encode(claims.to_string());
    format!("fake.{claims}.{}", random::text())
}

fn whole_seconds_from_now(life: Duration) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds(SystemTime::now() + life))
}

fn seconds(instant: SystemTime) -> u64 {
    let since = instant.duration_since(UNIX_EPOCH);
    since.unwrap_or_default().as_secs()
}
