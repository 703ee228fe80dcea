//! What a login that is not over yet goes on with.

use std::collections::HashMap;
use std::fmt;
use std::time::SystemTime;

use prost_types::Timestamp;

use crate::error::Error;
use crate::reason::Reason;
use crate::response::Session;

#[cfg(feature = "serde")]
use crate::response::rfc3339;

/// By what of ErrorInfo's metadata a challenge is told.
pub(crate) const CHALLENGE: &str = "challenge";
const METHODS: &str = "methods";
const EXPIRES_AT: &str = "expires_at";

/// The next step of a login whose password was right. Keep it in your backend: printed or serialized it has no token.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Challenge {
    /// [`Reason::SecondFactorRequired`] or [`Reason::PasswordChangeRequired`].
    pub reason: Reason,
    /// The challenge itself, a secret like a password: what answers it is told with it.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub challenge: String,
    /// What may answer it: `totp`, `email`, `recovery`, `setup` or `change_password`, and what later releases add.
    pub methods: Vec<String>,
    /// When it can no longer be answered.
    #[cfg_attr(feature = "serde", serde(serialize_with = "rfc3339"))]
    pub expires_at: SystemTime,
}

impl Challenge {
    /// Whether this method is among those that may answer it.
    pub fn takes(&self, method: &str) -> bool {
        self.methods.iter().any(|taken| taken == method)
    }

    /// None where a field is missing or malformed, and of other reasons.
    pub(crate) fn told(reason: &Reason, metadata: &HashMap<String, String>) -> Option<Self> {
        if !matches!(
            reason,
            Reason::SecondFactorRequired | Reason::PasswordChangeRequired
        ) {
            return None;
        }
        let challenge = metadata.get(CHALLENGE)?.clone();
        let methods: Vec<String> = metadata
            .get(METHODS)?
            .split(',')
            .map(str::trim)
            .filter(|method| !method.is_empty())
            .map(str::to_owned)
            .collect();
        let expires_at: Timestamp = metadata.get(EXPIRES_AT)?.parse().ok()?;
        let expires_at = expires_at.try_into().ok()?;
        (!challenge.is_empty() && !methods.is_empty()).then(|| Self {
            reason: reason.clone(),
            challenge,
            methods,
            expires_at,
        })
    }
}

impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Challenge")
            .field("reason", &self.reason)
            .field("methods", &self.methods)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// How far a login came: to a session, or to a step more.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(untagged))]
pub enum LoginStep {
    /// The login is over.
    #[non_exhaustive]
    Session {
        /// What [`login`](crate::AuthFlow::login) answers.
        #[cfg_attr(feature = "serde", serde(flatten))]
        session: Session,
        /// How many recovery codes the user has left, where one was spent.
        #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
        recovery_codes_left: Option<u32>,
    },
    /// The login goes on by one of the challenge's methods.
    Challenge(Challenge),
}

impl LoginStep {
    /// A refusal that brings a challenge is a step; any other stays one.
    pub(crate) fn after(outcome: Result<impl Into<Self>, Error>) -> Result<Self, Error> {
        match outcome {
            Ok(step) => Ok(step.into()),
            Err(error) => match error.challenge() {
                Some(challenge) => Ok(Self::Challenge(challenge.clone())),
                None => Err(error),
            },
        }
    }
}

impl From<Session> for LoginStep {
    fn from(session: Session) -> Self {
        Self::Session {
            session,
            recovery_codes_left: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use tonic::{Code, Status};
    use tonic_types::{ErrorDetails, StatusExt};

    use super::*;

    const TOLD: [(&str, &str); 3] = [
        ("challenge", "c.h.a"),
        ("methods", "totp,email,passkey_of_tomorrow"),
        ("expires_at", "2030-01-02T03:04:05Z"),
    ];

    fn refusal(reason: &str, metadata: &[(&str, &str)]) -> Error {
        let metadata = metadata
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let metadata: HashMap<_, _> = metadata.collect();
        let details = ErrorDetails::with_error_info(reason, "authflow", metadata);
        Status::with_error_details(Code::Unauthenticated, "One step more.", details).into()
    }

    #[test]
    fn a_refusal_brings_the_next_step() {
        for reason in [Reason::SecondFactorRequired, Reason::PasswordChangeRequired] {
            let error = refusal(reason.as_str(), &TOLD);
            let challenge = error.challenge().unwrap();
            assert_eq!(challenge.reason, reason);
            assert_eq!(challenge.challenge, "c.h.a");
            assert_eq!(challenge.methods, ["totp", "email", "passkey_of_tomorrow"]);
            assert!(challenge.takes("email") && !challenge.takes("recovery"));
            let expiry = UNIX_EPOCH + Duration::from_secs(1_893_553_445);
            assert_eq!(challenge.expires_at, expiry);
            let step = LoginStep::after(Err::<Session, _>(error.clone())).unwrap();
            assert_eq!(step, LoginStep::Challenge(challenge.clone()));
        }
    }

    #[test]
    fn what_is_missing_or_malformed_is_no_challenge() {
        let mut refusals = vec![
            refusal("SECOND_FACTOR_REQUIRED", &[]),
            refusal("CODE_INVALID", &TOLD),
        ];
        for (place, value) in [
            (0, ""),
            (1, ""),
            (1, " , "),
            (2, ""),
            (2, "tomorrow"),
            (2, "2030-13-02T03:04:05Z"),
        ] {
            let mut told = TOLD;
            told[place].1 = value;
            refusals.push(refusal("SECOND_FACTOR_REQUIRED", &told));
        }
        for place in 0..TOLD.len() {
            let mut told = TOLD.to_vec();
            told.remove(place);
            refusals.push(refusal("PASSWORD_CHANGE_REQUIRED", &told));
        }
        for error in refusals {
            assert_eq!(error.challenge(), None, "{error:?}");
            assert!(error.reason().is_some());
            let step = LoginStep::after(Err::<Session, _>(error.clone()));
            assert_eq!(step.unwrap_err().reason(), error.reason());
        }
    }

    #[test]
    fn nothing_printed_shows_the_challenge() {
        let error = refusal("SECOND_FACTOR_REQUIRED", &TOLD);
        let challenge = error.challenge().unwrap().clone();
        let status = error.status().unwrap();
        let step = LoginStep::Challenge(challenge.clone());
        let printed = format!("{error} {error:?} {challenge:?} {step:?} {status} {status:?}");
        assert!(printed.contains("One step more."), "{printed}");
        assert!(!printed.contains("c.h.a"), "{printed}");
        // The rest of what the library was told is left.
        let details = status.get_error_details();
        let info = details.error_info().unwrap();
        assert_eq!(info.reason, "SECOND_FACTOR_REQUIRED");
        assert_eq!(info.metadata["methods"], TOLD[1].1);
    }

    #[cfg(feature = "serde")]
    #[test]
    fn steps_serialize_without_secrets() {
        use serde_json::json;

        let error = refusal("SECOND_FACTOR_REQUIRED", &TOLD[..]);
        let step = LoginStep::after(Err::<Session, _>(error)).unwrap();
        assert_eq!(
            serde_json::to_value(&step).unwrap(),
            json!({
                "reason": "SECOND_FACTOR_REQUIRED", "methods": ["totp", "email", "passkey_of_tomorrow"],
                "expires_at": "2030-01-02T03:04:05Z",
            })
        );
        let session = Session::from(crate::proto::LoginResponse {
            token: "secret".to_owned(),
            user_id: "user".to_owned(),
            ..Default::default()
        });
        let step = LoginStep::Session {
            session,
            recovery_codes_left: Some(9),
        };
        assert_eq!(
            serde_json::to_value(&step).unwrap(),
            json!({
                "expires_at": "1970-01-01T00:00:00Z", "user_id": "user", "email": "", "fullname": "", "org_id": "",
                "recovery_codes_left": 9,
            })
        );
    }
}
