//! The server's rules for parameters, as far as a backend's tests meet them.

use tonic::Code;

use crate::error::{Error, Violation};
use crate::reason::Reason;

const LONGEST_EMAIL: usize = 254;
const LONGEST_PASSWORD: usize = 1_024;
const LONGEST_NAME: usize = 200;

/// All faults of a call, told together.
#[derive(Default)]
pub(super) struct Faults(Vec<Violation>);

impl Faults {
    /// An e-mail in the form that names its user.
    pub(super) fn email(&mut self, field: &str, value: &str) -> String {
        let email = value.trim().to_lowercase();
        if self.required(field, value) && !is_email(&email) {
            self.add(field, "must be an e-mail address of at most 254 bytes");
        }
        email
    }

    pub(super) fn password(&mut self, field: &str, value: &str) {
        if self.required(field, value) && value.len() > LONGEST_PASSWORD {
            self.add(field, "must have at most 1,024 bytes");
        }
    }

    pub(super) fn full_name(&mut self, value: &str) -> String {
        let name = value.trim();
        if self.required("fullname", name) {
            if name.chars().count() > LONGEST_NAME {
                self.add("fullname", "must have at most 200 characters");
            } else if name.chars().any(char::is_control) {
                self.add("fullname", "must not hold control characters");
            }
        }
        name.to_owned()
    }

    /// Whether the value is there at all.
    pub(super) fn required(&mut self, field: &str, value: &str) -> bool {
        if value.is_empty() {
            self.add(field, "is required");
        }
        !value.is_empty()
    }

    fn add(&mut self, field: &str, message: &str) {
        self.0.push(Violation {
            field: field.to_owned(),
            message: message.to_owned(),
        });
    }

    pub(super) fn check(self) -> Result<(), Error> {
        match self.0.is_empty() {
            true => Ok(()),
            false => Err(Error::faults(self.0)),
        }
    }
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let labels = || domain.split('.');
    let in_label = |letter: char| letter.is_alphanumeric() || letter == '-';
    text.len() <= LONGEST_EMAIL
        && !local.is_empty()
        && !local.contains(|letter: char| letter.is_whitespace() || letter.is_control())
        && labels().all(|label| !label.is_empty() && label.chars().all(in_label))
}

/// # Errors
///
/// PASSWORD_POLICY, naming the rule.
pub(super) fn require_policy(password: &str) -> Result<(), Error> {
    let letters = || password.chars();
    let broken = if !(8..=32).contains(&letters().count()) {
        "The password must have 8 to 32 characters."
    } else if letters().any(char::is_control) {
        "The password must not hold control characters."
    } else if !letters().any(char::is_uppercase) {
        "The password needs an upper-case letter."
    } else if !letters().any(char::is_lowercase) {
        "The password needs a lower-case letter."
    } else if !letters().any(char::is_numeric) {
        "The password needs a digit."
    } else if letters().all(char::is_alphanumeric) {
        "The password needs a special character."
    } else {
        return Ok(());
    };
    Err(Error::refused(
        Code::InvalidArgument,
        Reason::PasswordPolicy,
        broken,
    ))
}

/// # Errors
///
/// DISCLAIMER_REQUIRED.
pub(super) fn require_disclaimer(disclaimed: bool) -> Result<(), Error> {
    match disclaimed {
        true => Ok(()),
        false => Err(Error::refused(
            Code::InvalidArgument,
            Reason::DisclaimerRequired,
            "The disclaimer must be accepted: send disclaimed as \"true\".",
        )),
    }
}
