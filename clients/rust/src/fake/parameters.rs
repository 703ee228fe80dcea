//! The server's rules for parameters, as far as a backend's tests meet them.

use tonic::Code;

use crate::error::{Error, Violation};
use crate::reason::Reason;

const LONGEST_EMAIL: usize = 254;
const LONGEST_PASSWORD: usize = 1_024;
const LONGEST_NAME: usize = 200;
/// Base32 without letters that look like another or like a digit.
pub(super) const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

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

    /// A code of an app or a mail.
    pub(super) fn digits(&mut self, field: &str, value: &str) {
        if self.required(field, value) && digits_of(value).is_none() {
            self.add(field, "must be six digits");
        }
    }

    pub(super) fn recovery_code(&mut self, field: &str, value: &str) {
        if self.required(field, value) && recovery_code_of(value).is_none() {
            self.add(field, "must be a recovery code of 16 letters and digits");
        }
    }

    /// A code of either kind, where one is given.
    pub(super) fn optional_code(&mut self, field: &str, value: &str) {
        let is_one = digits_of(value).is_some() || recovery_code_of(value).is_some();
        if !value.is_empty() && !is_one {
            self.add(
                field,
                "must be six digits, or a recovery code of 16 letters and digits",
            );
        }
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

/// Six digits, with spaces where somebody put them.
pub(super) fn digits_of(text: &str) -> Option<String> {
    let digits = text.replace(' ', "");
    let is_code = digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_digit());
    is_code.then_some(digits)
}

/// A recovery code without groups. Case and what Crockford reads as digits do not matter.
pub(super) fn recovery_code_of(text: &str) -> Option<String> {
    let letters = text
        .chars()
        .filter(|letter| !letter.is_whitespace() && *letter != '-');
    let code: String = letters
        .map(|letter| match letter.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            letter => letter,
        })
        .collect();
    let is_code = code.len() == 16 && code.bytes().all(|letter| CROCKFORD.contains(&letter));
    is_code.then_some(code)
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
/// PASSWORD_POLICY, where the password that must be changed stays.
pub(super) fn require_another(new_password: &str, current_password: &str) -> Result<(), Error> {
    match new_password == current_password {
        false => Ok(()),
        true => Err(Error::refused(
            Code::InvalidArgument,
            Reason::PasswordPolicy,
            "The new password must be another one than the present.",
        )),
    }
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
