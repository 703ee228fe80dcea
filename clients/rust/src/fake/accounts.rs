//! What users of the fake do with their own accounts.

use std::time::{Duration, SystemTime};

use tonic::Code;

use super::challenges::is_challenge;
use super::mail::{Mail, MailKind};
use super::random;
use super::store::{user_exists, Store, StoredToken, SESSION_LIFE};
use crate::account_request::ResetPassword;
use crate::account_response::{Account, EndedSessions, MySession, PasswordReset, VerifiedEmail};
use crate::error::Error;
use crate::reason::Reason;
use crate::response::Session;

// A server's.
const SESSION_MAX_AGE: Duration = Duration::from_secs(30 * 24 * 60 * 60);
const FRESH: Duration = Duration::from_secs(15 * 60);

/// What a mailed token stands for.
#[derive(Clone)]
pub(super) struct MailToken {
    kind: MailKind,
    user_id: String,
    /// The user's when it was made.
    email: String,
    /// The one that it proves.
    new_email: String,
    credential_version: u32,
    expires_at: SystemTime,
}

impl Store {
    pub(super) fn me(&self, token: &str, email: &str) -> Result<Account, Error> {
        self.live(token, email).map(|found| self.told(&found))
    }

    pub(super) fn send_verification_email(&mut self, email: &str) {
        if let Some(user_id) = self.ids.get(email).cloned() {
            if !self.accounts[&user_id].email_verified {
                self.mail(MailKind::Verify, &user_id, email);
            }
        }
    }

    pub(super) fn verify_email(&mut self, token: &str) -> Result<VerifiedEmail, Error> {
        let mailed = self.mailed(token, &[MailKind::Verify, MailKind::ChangeEmail])?;
        if mailed.kind == MailKind::ChangeEmail {
            if self.ids.contains_key(&mailed.new_email) {
                return Err(user_exists());
            }
            self.ids.remove(&mailed.email);
            self.ids
                .insert(mailed.new_email.clone(), mailed.user_id.clone());
            let account = self.account(&mailed.user_id);
            account.email.clone_from(&mailed.new_email);
            account.credential_version += 1;
            self.end(&mailed.user_id, |_, _| true);
        }
        self.account(&mailed.user_id).email_verified = true;
        Ok(VerifiedEmail {
            email: mailed.new_email,
            user_id: mailed.user_id,
            org_id: self.org_id.clone(),
        })
    }

    pub(super) fn forgot_password(&mut self, email: &str) {
        if let Some(user_id) = self.ids.get(email).cloned() {
            self.mail(MailKind::Reset, &user_id, email);
        }
    }

    pub(super) fn reset_password(
        &mut self,
        reset: ResetPassword<'_>,
    ) -> Result<PasswordReset, Error> {
        let user_id = match is_challenge(reset.token) {
            true => self.change_by_challenge(reset)?,
            false => {
                let mailed = self.mailed(reset.token, &[MailKind::Reset])?;
                self.account(&mailed.user_id).prove_by_reset();
                mailed.user_id
            }
        };
        let account = self.account(&user_id);
        account.set_password(reset.new_password);
        let email = account.email.clone();
        Ok(PasswordReset {
            email,
            org_id: self.org_id.clone(),
            ended_sessions: self.end(&user_id, |_, _| true),
        })
    }

    pub(super) fn renew_session(&mut self, token: &str, email: &str) -> Result<Session, Error> {
        let place = self.live(token, email)?.session;
        let now = self.now();
        let session = &mut self.sessions[place];
        let renewed = (now + SESSION_LIFE).min(session.created_at + SESSION_MAX_AGE);
        if renewed
            .duration_since(session.expires_at)
            .is_ok_and(|longer| longer >= SESSION_LIFE / 8)
        {
            session.expires_at = renewed;
        }
        Ok(self.opened(place))
    }

    pub(super) fn list_my_sessions(
        &self,
        token: &str,
        email: &str,
    ) -> Result<Vec<MySession>, Error> {
        let asking = self.live(token, email)?.session;
        let (user_id, now) = (&self.sessions[asking].user_id, self.now());
        let sessions = self.sessions.iter().enumerate().rev();
        Ok(sessions
            .filter(|(_, session)| session.user_id == *user_id && session.is_live(now))
            .map(|(place, session)| MySession {
                session_id: session.id.clone(),
                created_at: session.created_at,
                last_used_at: session.created_at,
                expires_at: session.expires_at,
                client_ip: session.client_ip.clone(),
                user_agent: session.user_agent.clone(),
                current: place == asking,
            })
            .collect())
    }

    pub(super) fn end_my_sessions(
        &mut self,
        token: &str,
        email: &str,
        session_id: &str,
    ) -> Result<EndedSessions, Error> {
        let asking = self.live(token, email)?.session;
        let user_id = self.sessions[asking].user_id.clone();
        let ended_sessions = self.end(&user_id, |place, session| match session_id {
            "" => place != asking,
            id => session.id == id,
        });
        Ok(EndedSessions { ended_sessions })
    }

    pub(super) fn update_profile(
        &mut self,
        token: &str,
        email: &str,
        full_name: String,
    ) -> Result<Account, Error> {
        let found = self.live(token, email)?;
        let user_id = self.sessions[found.session].user_id.clone();
        self.account(&user_id).full_name = full_name;
        Ok(self.told(&found))
    }

    pub(super) fn change_email(
        &mut self,
        token: &str,
        email: &str,
        new_email: &str,
        proof: (&str, &str),
    ) -> Result<(), Error> {
        let user_id = self.freshly_proved(token, email, proof)?;
        self.mail(MailKind::ChangeEmail, &user_id, new_email);
        Ok(())
    }

    pub(super) fn delete_account(
        &mut self,
        token: &str,
        email: &str,
        proof: (&str, &str),
    ) -> Result<EndedSessions, Error> {
        let user_id = self.freshly_proved(token, email, proof)?;
        let ended_sessions = self.end(&user_id, |_, _| true);
        if let Some(account) = self.accounts.remove(&user_id) {
            self.ids.remove(&account.email);
        }
        Ok(EndedSessions { ended_sessions })
    }

    /// The id of the user of a session whose password was given, or who has just logged in. A user with a second factor
    /// gives a code too, which is compared last.
    pub(super) fn freshly_proved(
        &mut self,
        token: &str,
        email: &str,
        (current_password, code): (&str, &str),
    ) -> Result<String, Error> {
        let session = &self.sessions[self.live(token, email)?.session];
        let (user_id, created_at) = (session.user_id.clone(), session.created_at);
        let now = self.now();
        let account = self.account(&user_id);
        let needs_code = account.second_factor.is_on();
        if needs_code && code.is_empty() {
            return Err(reauthentication_required(
                "This needs a code of the second factor, too.",
            ));
        }
        if !current_password.is_empty() {
            account.check(current_password)?;
        } else if created_at + FRESH < now {
            return Err(reauthentication_required(
                "The present password is needed, or a new login.",
            ));
        }
        if needs_code {
            account.second_factor.require(code, now)?;
        }
        Ok(user_id)
    }

    fn told(&self, token: &StoredToken) -> Account {
        let user = self.user(token);
        let account = &self.accounts[&user.user_id];
        Account {
            created_at: account.created_at,
            second_factor: account.second_factor.is_on(),
            recovery_codes_left: account.second_factor.recovery_codes_left(),
            user,
            public_metadata: String::new(),
        }
    }

    fn mail(&mut self, kind: MailKind, user_id: &str, to: &str) {
        let account = &self.accounts[user_id];
        let mailed = MailToken {
            kind,
            user_id: user_id.to_owned(),
            email: account.email.clone(),
            new_email: to.to_owned(),
            credential_version: account.credential_version,
            expires_at: self.now() + kind.life(),
        };
        let token = format!("fake.mail.{}", random::text());
        self.mail_tokens.insert(token.clone(), mailed);
        self.mails.push(Mail {
            kind,
            to: to.to_owned(),
            token,
            code: String::new(),
        });
    }

    fn mailed(&self, token: &str, kinds: &[MailKind]) -> Result<MailToken, Error> {
        let found = self.mail_tokens.get(token);
        let mailed = found
            .filter(|mailed| kinds.contains(&mailed.kind))
            .ok_or_else(token_invalid)?;
        if mailed.expires_at <= self.now() {
            return Err(Error::refused(
                Code::Unauthenticated,
                Reason::TokenExpired,
                "The token is too old.",
            ));
        }
        let account = self.accounts.get(&mailed.user_id);
        let is_good = account.is_some_and(|account| {
            // That of a verification is bound to the address alone.
            let is_void = mailed.kind != MailKind::Verify
                && mailed.credential_version != account.credential_version;
            !is_void && account.email == mailed.email
        });
        match is_good {
            true => Ok(mailed.clone()),
            false => Err(token_invalid()),
        }
    }
}

fn reauthentication_required(message: &str) -> Error {
    let reason = Reason::ReauthenticationRequired;
    Error::refused(Code::PermissionDenied, reason, message)
}

fn token_invalid() -> Error {
    Error::refused(
        Code::Unauthenticated,
        Reason::TokenInvalid,
        "The token is not valid.",
    )
}
