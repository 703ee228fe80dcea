//! Codes that the fake mails: of a login's second step, and of a login without a password.

use std::time::SystemTime;

use tonic::Code;

use super::challenges::{person_of, Passed};
use super::mail::{Mail, MailKind};
use super::parameters::digits_of;
use super::random;
use super::second_factor::code_invalid;
use super::store::Store;
use crate::error::Error;
use crate::reason::Reason;
use crate::response::Session;
use crate::second_factor_request::VerifyEmailCode;
use crate::second_factor_response::{EmailCodeSent, LoginCodeSent};

impl Store {
    /// The latest code of a user is good alone, whichever challenge it is for.
    pub(super) fn send_email_code(&mut self, challenge: &str) -> Result<EmailCodeSent, Error> {
        let (place, user_id) = self.challenged(challenge, "email")?;
        for other in &mut self.challenges {
            if other.is_of(&user_id) {
                other.code = None;
            }
        }
        let to = self.accounts[&user_id].email.clone();
        let (code, until) = self.mail_code(MailKind::SecondFactorCode, to);
        let expires_at = until.min(self.challenges[place].expires_at);
        self.challenges[place].code = Some((code, expires_at));
        Ok(EmailCodeSent { expires_at })
    }

    /// The latest challenge of an address is good alone.
    pub(super) fn send_login_code(&mut self, email: &str) -> Result<LoginCodeSent, Error> {
        if !self.settings.login_by_email {
            let message = "The organization takes no logins by mail.";
            let reason = Reason::AccessDenied;
            return Err(Error::refused(Code::PermissionDenied, reason, message));
        }
        self.challenges
            .retain(|challenge| challenge.address.as_deref() != Some(email));
        let user_id = self.ids.get(email).cloned();
        let code = user_id
            .as_ref()
            .map(|_| self.mail_code(MailKind::LoginCode, email.to_owned()));
        let stored = self.keep(user_id.as_deref(), Some(email), vec!["email"]);
        stored.code = code;
        Ok(LoginCodeSent {
            challenge: stored.token.clone(),
            expires_at: stored.expires_at,
        })
    }

    pub(super) fn verify_email_code(
        &mut self,
        verify: VerifyEmailCode<'_>,
    ) -> Result<Session, Error> {
        let place = self.taken(verify.challenge, "email")?;
        self.challenges[place].tries += 1;
        let challenge = &self.challenges[place];
        let is_by_mail = challenge.address.is_some();
        let (sent, given) = (challenge.code.as_ref(), digits_of(verify.code));
        let is_right =
            sent.is_some_and(|(code, until)| self.now() < *until && given.as_ref() == Some(code));
        // Of nobody no code is right.
        let user_id = self.bound_user(challenge).ok_or_else(code_invalid)?;
        let account = self.account(&user_id);
        let mut passed = Passed::Mail;
        if !is_by_mail {
            account.second_factor.spend_mailed(is_right)?;
            if account.second_factor.is_on() {
                passed = Passed::Factor;
            }
        } else if is_right {
            account.email_verified = true;
        } else {
            // Counted by the challenge alone.
            return Err(code_invalid());
        }
        self.challenges.remove(place);
        self.go_on(&user_id, passed, person_of!(verify))
    }

    /// The code that went out, and until when it is good.
    fn mail_code(&mut self, kind: MailKind, to: String) -> (String, SystemTime) {
        let code = random::digits();
        self.mails.push(Mail {
            kind,
            to,
            token: String::new(),
            code: code.clone(),
        });
        (code, self.now() + kind.life())
    }
}
