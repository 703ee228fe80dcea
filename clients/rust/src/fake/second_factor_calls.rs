//! What users of the fake do with their second factors.

use std::time::Duration;

use tonic::Code;

use super::administration::SecondFactorPolicy;
use super::challenges::{person_of, Passed};
use super::random;
use super::second_factor::Method;
use super::store::Store;
use super::totp::base32;
use crate::error::Error;
use crate::reason::Reason;
use crate::second_factor_request::{ConfirmTotp, DisableTotp, EnableTotp, RegenerateRecoveryCodes};
use crate::second_factor_response::{ConfirmedTotp, RecoveryCodes, TotpSecret};

// A server's.
const SETUP_LIFE: Duration = Duration::from_secs(10 * 60);

impl Store {
    pub(super) fn enable_totp(
        &mut self,
        email: &str,
        enable: EnableTotp<'_>,
    ) -> Result<TotpSecret, Error> {
        let user_id = match enable.challenge {
            "" => self.user_of(enable.session_token, email)?,
            challenge => self.challenged(challenge, "setup")?.1,
        };
        if self.accounts[&user_id].second_factor.is_on() {
            return Err(already_enabled());
        }
        if self.settings.second_factor == SecondFactorPolicy::Off {
            return Err(not_enabled());
        }
        if enable.challenge.is_empty() {
            let proof = (enable.current_password, "");
            self.freshly_proved(enable.session_token, email, proof)?;
        }
        let secret = [random::bytes(), random::bytes()].concat()[..20].to_vec();
        let text = base32(&secret);
        let expires_at = self.now() + SETUP_LIFE;
        let account = self.account(&user_id);
        account.second_factor.set_up(secret, expires_at);
        let otpauth_url = format!(
            "otpauth://totp/Fake:{}?secret={text}&issuer=Fake&algorithm=SHA1&digits=6&period=30",
            account.email.replace('@', "%40"),
        );
        Ok(TotpSecret {
            secret: text,
            otpauth_url,
            // An image, but no code: tests read the text.
            qr_code: "data:image/svg+xml,%3Csvg%20xmlns='http://www.w3.org/2000/svg'/%3E"
                .to_owned(),
            expires_at,
        })
    }

    pub(super) fn confirm_totp(
        &mut self,
        email: &str,
        confirm: ConfirmTotp<'_>,
    ) -> Result<ConfirmedTotp, Error> {
        let (own, challenge, user_id) = match confirm.challenge {
            "" => {
                let own = self.live(confirm.session_token, email)?.session;
                (Some(own), None, self.sessions[own].user_id.clone())
            }
            challenge => {
                let (place, user_id) = self.tried(challenge, "setup")?;
                (None, Some(place), user_id)
            }
        };
        let now = self.now();
        let account = self.account(&user_id);
        if account.second_factor.is_on() {
            return Err(already_enabled());
        }
        if !account.second_factor.can_confirm(now) {
            return Err(not_enabled());
        }
        account
            .second_factor
            .spend(Method::Setup, confirm.code, now)?;
        let recovery_codes = account.second_factor.confirm();
        account.credential_version += 1;
        self.end(&user_id, |session, _| Some(session) != own);
        let session = challenge.and_then(|place| {
            self.challenges.remove(place);
            // None where the password must be changed first.
            let person = person_of!(confirm);
            self.go_on(&user_id, Passed::Factor, person).ok()
        });
        Ok(ConfirmedTotp {
            recovery_codes,
            session,
        })
    }

    pub(super) fn disable_totp(
        &mut self,
        email: &str,
        disable: DisableTotp<'_>,
    ) -> Result<(), Error> {
        let proof = (disable.current_password, disable.code);
        let user_id = self.proved_with_factor(disable.session_token, email, proof)?;
        self.account(&user_id).take_factor_off();
        let own = self.live(disable.session_token, email)?.session;
        self.end(&user_id, |session, _| session != own);
        Ok(())
    }

    pub(super) fn regenerate_recovery_codes(
        &mut self,
        email: &str,
        regenerate: RegenerateRecoveryCodes<'_>,
    ) -> Result<RecoveryCodes, Error> {
        let proof = (regenerate.current_password, regenerate.code);
        let user_id = self.proved_with_factor(regenerate.session_token, email, proof)?;
        let account = self.account(&user_id);
        account.credential_version += 1;
        let recovery_codes = account.second_factor.renew_recovery_codes();
        Ok(RecoveryCodes { recovery_codes })
    }

    /// The id of a user who has a second factor, and proved so.
    fn proved_with_factor(
        &mut self,
        token: &str,
        email: &str,
        proof: (&str, &str),
    ) -> Result<String, Error> {
        let user_id = self.user_of(token, email)?;
        if !self.accounts[&user_id].second_factor.is_on() {
            return Err(not_enabled());
        }
        self.freshly_proved(token, email, proof)
    }

    fn user_of(&self, token: &str, email: &str) -> Result<String, Error> {
        let session = self.live(token, email)?.session;
        Ok(self.sessions[session].user_id.clone())
    }
}

fn already_enabled() -> Error {
    let reason = Reason::SecondFactorAlreadyEnabled;
    Error::refused(Code::AlreadyExists, reason, "The user has a second factor.")
}

fn not_enabled() -> Error {
    let reason = Reason::SecondFactorNotEnabled;
    let message = "There is no second factor, or none to confirm.";
    Error::refused(Code::FailedPrecondition, reason, message)
}
