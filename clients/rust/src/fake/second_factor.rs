//! A user's second factor in the fake, and how its codes are counted: before they are compared.

use std::time::SystemTime;

use tonic::Code;

use super::parameters::{digits_of, recovery_code_of, CROCKFORD};
use super::random;
use super::totp::{code_of, grouped, step_at};
use crate::error::Error;
use crate::reason::Reason;

// A server's.
const MOST_WRONG_CODES: u32 = 50;
const MOST_WRONG_RECOVERY_CODES: u32 = 20;
const RECOVERY_CODES: usize = 10;

#[derive(Default)]
pub(super) struct SecondFactor {
    totp: Option<Totp>,
    /// Until when it can be confirmed.
    pending: Option<(Totp, SystemTime)>,
    /// Without groups.
    recovery_codes: Vec<String>,
    /// Since the last right code of any kind.
    wrong_codes: u32,
    /// Since the last right recovery code, which are counted apart.
    wrong_recovery_codes: u32,
    /// Whether the mailbox has set a password, and so is no factor beside it.
    mailbox_is_distrusted: bool,
}

#[derive(Clone)]
struct Totp {
    secret: Vec<u8>,
    /// The step of the last code that was taken.
    last_step: u64,
}

impl Totp {
    /// Whether it is the code of this step or of one beside it, and none was taken since.
    fn spend(&mut self, code: &str, now: SystemTime) -> bool {
        let step = step_at(now);
        let code = digits_of(code).unwrap_or_default();
        let spent = (step - 1..=step + 1)
            .find(|step| *step > self.last_step && code_of(&self.secret, *step) == code);
        if let Some(step) = spent {
            self.last_step = step;
        }
        spent.is_some()
    }
}

/// By what a code is compared.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Method {
    Totp,
    Recovery,
    /// The secret that is not yet confirmed.
    Setup,
}

impl SecondFactor {
    pub(super) fn is_on(&self) -> bool {
        self.totp.is_some()
    }

    pub(super) fn recovery_codes_left(&self) -> u32 {
        self.recovery_codes.len() as u32
    }

    pub(super) fn trusts_mailbox(&self) -> bool {
        !self.mailbox_is_distrusted
    }

    pub(super) fn distrust_mailbox(&mut self) {
        self.mailbox_is_distrusted = self.is_on();
    }

    pub(super) fn unlock(&mut self) {
        (self.wrong_codes, self.wrong_recovery_codes) = (0, 0);
    }

    /// A code of the app, or a recovery code.
    pub(super) fn require(&mut self, code: &str, now: SystemTime) -> Result<(), Error> {
        let method = match digits_of(code) {
            Some(_) => Method::Totp,
            None => Method::Recovery,
        };
        self.spend(method, code, now)
    }

    pub(super) fn spend(
        &mut self,
        method: Method,
        code: &str,
        now: SystemTime,
    ) -> Result<(), Error> {
        self.count(method)?;
        let is_right = match method {
            Method::Totp => self.totp.as_mut().is_some_and(|totp| totp.spend(code, now)),
            Method::Setup => {
                let pending = self.pending.as_mut();
                pending.is_some_and(|(totp, _)| totp.spend(code, now))
            }
            Method::Recovery => {
                let code = recovery_code_of(code);
                let mut known = self.recovery_codes.iter();
                let place = known.position(|known| Some(known) == code.as_ref());
                place
                    .map(|place| self.recovery_codes.remove(place))
                    .is_some()
            }
        };
        if !is_right {
            return Err(code_invalid());
        }
        self.mailbox_is_distrusted = false;
        self.wrong_codes = 0;
        if method != Method::Totp {
            self.wrong_recovery_codes = 0;
        }
        Ok(())
    }

    /// The code of a mail, which was compared already.
    pub(super) fn spend_mailed(&mut self, is_right: bool) -> Result<(), Error> {
        self.count(Method::Totp)?;
        if !is_right {
            return Err(code_invalid());
        }
        self.wrong_codes = 0;
        Ok(())
    }

    /// Counts a code that is about to be compared as a wrong one.
    fn count(&mut self, method: Method) -> Result<(), Error> {
        let (wrong, most) = match method {
            Method::Recovery => (&mut self.wrong_recovery_codes, MOST_WRONG_RECOVERY_CODES),
            _ => (&mut self.wrong_codes, MOST_WRONG_CODES),
        };
        if *wrong >= most {
            let message =
                "Too many wrong codes. A recovery code or an administrator opens the account.";
            return Err(Error::refused(
                Code::ResourceExhausted,
                Reason::AccountLocked,
                message,
            ));
        }
        *wrong += 1;
        Ok(())
    }

    /// Keeps a secret that is to be confirmed, in the place of one that is.
    pub(super) fn set_up(&mut self, secret: Vec<u8>, until: SystemTime) {
        let last_step = 0;
        self.pending = Some((Totp { secret, last_step }, until));
    }

    /// Whether there is a secret that can be confirmed.
    pub(super) fn can_confirm(&self, now: SystemTime) -> bool {
        let pending = self.pending.as_ref();
        pending.is_some_and(|(_, until)| now < *until)
    }

    /// Turns on what was set up; gives the recovery codes.
    pub(super) fn confirm(&mut self) -> Vec<String> {
        self.totp = self.pending.take().map(|(totp, _)| totp);
        self.renew_recovery_codes()
    }

    pub(super) fn renew_recovery_codes(&mut self) -> Vec<String> {
        self.recovery_codes = (0..RECOVERY_CODES)
            .map(|_| grouped(&random::bytes()[..10], CROCKFORD))
            .collect();
        let codes = self.recovery_codes.iter();
        codes
            .map(|code| {
                let groups = [&code[..4], &code[4..8], &code[8..12], &code[12..]];
                groups.join("-")
            })
            .collect()
    }
}

pub(super) fn code_invalid() -> Error {
    let reason = Reason::CodeInvalid;
    Error::refused(
        Code::Unauthenticated,
        reason,
        "The code is wrong, or was used before.",
    )
}
