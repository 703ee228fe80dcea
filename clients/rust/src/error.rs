//! The client's one error.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use tonic::{Code, Status, TimeoutExpired};
use tonic_types::{BadRequest, StatusExt};

use crate::challenge::{Challenge, CHALLENGE};
use crate::connection::fault::Unreached;
use crate::reason::Reason;

const DOMAIN: &str = "authflow";

/// Why a call failed.
///
/// Act on [`reason`](Self::reason), and on [`code`](Self::code) where there is none or you do not know it: reasons will
/// grow. Neither the API key nor a token is ever in it; a [`challenge`](Self::challenge) is, and is not printed.
#[derive(Clone)]
pub struct Error(Box<Inner>);

/// Kept behind one pointer, so that results stay small.
#[derive(Clone)]
struct Inner {
    code: Code,
    reason: Option<Reason>,
    message: String,
    violations: Vec<Violation>,
    retry_after: Option<Duration>,
    challenge: Option<Challenge>,
    status: Option<Status>,
}

/// What is wrong with one field of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Violation {
    /// The field, by its name on the wire.
    pub field: String,
    /// A sentence for people.
    pub message: String,
}

impl Error {
    /// The server's reason, such as [`Reason::SessionRevoked`]. None where none came: the deadline passed here, the
    /// connection could not be made or broke, or a proxy answered.
    pub fn reason(&self) -> Option<&Reason> {
        self.0.reason.as_ref()
    }

    /// The status code. A connection that cannot be made, or that broke, is [`Code::Unavailable`].
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// The status that a backend would answer with over HTTP: 400, 401, 403, 404, 409, 429, 499, 503, 504 or 500. It is
    /// 503 where AuthFlow refused the backend's own API key or admin token: no user is at fault.
    pub fn http_status(&self) -> u16 {
        if self.refuses_the_backend() {
            return 503;
        }
        if self.reason() == Some(&Reason::SecondFactorNotEnabled) {
            return 409;
        }
        match self.0.code {
            Code::InvalidArgument | Code::FailedPrecondition => 400,
            Code::Unauthenticated => 401,
            Code::PermissionDenied => 403,
            Code::NotFound => 404,
            Code::AlreadyExists => 409,
            Code::ResourceExhausted => 429,
            Code::Cancelled => 499,
            Code::Unavailable => 503,
            Code::DeadlineExceeded => 504,
            _ => 500,
        }
    }

    /// A sentence for people; it may be reworded by any release. Without a reason it is one for you, with the server's
    /// address where no connection could be made.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The fields at fault, where the reason is [`Reason::InvalidArgument`].
    pub fn violations(&self) -> &[Violation] {
        &self.0.violations
    }

    /// The wait that the server gave, after which a repeat may succeed.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// What the login goes on with, where the reason is [`Reason::SecondFactorRequired`] or
    /// [`Reason::PasswordChangeRequired`]. [`login_step`](crate::AuthFlow::login_step) gives it as an answer.
    pub fn challenge(&self) -> Option<&Challenge> {
        self.0.challenge.as_ref()
    }

    /// The status as the gRPC library gave it, without the challenge, because it prints all that it holds; none where no
    /// request was made or the deadline passed here.
    pub fn status(&self) -> Option<&Status> {
        self.0.status.as_ref()
    }

    pub(crate) fn deadline_exceeded() -> Self {
        Self::own(Code::DeadlineExceeded, "the call's deadline passed")
    }

    /// Whether it is the backend's own API key or admin token that was refused, and no user's credentials.
    pub(crate) fn refuses_the_backend(&self) -> bool {
        matches!(
            self.reason(),
            Some(Reason::ApiKeyInvalid | Reason::AdminTokenInvalid)
        )
    }

    /// The same error, with a better sentence where the deadline passed here.
    pub(crate) fn when_late(mut self, sentence: impl FnOnce() -> String) -> Self {
        let status = self.0.status.as_ref();
        let told_by_another = status.is_some_and(|status| status.source().is_none());
        if self.0.code == Code::DeadlineExceeded && !told_by_another {
            self.0.message = sentence();
        }
        self
    }

    pub(crate) fn invalid_option(message: impl Into<String>) -> Self {
        Self::own(Code::InvalidArgument, message)
    }

    pub(crate) fn session_invalid(message: &str) -> Self {
        Self::refused(Code::Unauthenticated, Reason::SessionInvalid, message)
    }

    /// An error as the server tells it.
    pub(crate) fn refused(code: Code, reason: Reason, message: impl Into<String>) -> Self {
        let mut error = Self::own(code, message);
        error.0.reason = Some(reason);
        error
    }

    #[cfg(feature = "fake")]
    pub(crate) fn faults(violations: Vec<Violation>) -> Self {
        let mut error = Self::refused(
            Code::InvalidArgument,
            Reason::InvalidArgument,
            "The request has faults.",
        );
        error.0.violations = violations;
        error
    }

    /// A refusal that brings a step more.
    #[cfg(feature = "fake")]
    pub(crate) fn challenged(code: Code, challenge: Challenge, message: &str) -> Self {
        let mut error = Self::refused(code, challenge.reason.clone(), message);
        error.0.challenge = Some(challenge);
        error
    }

    #[cfg(feature = "fake")]
    pub(crate) fn unreached(message: &str) -> Self {
        Self::own(Code::Unavailable, message)
    }

    fn own(code: Code, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            code,
            reason: None,
            message: message.into(),
            violations: Vec::new(),
            retry_after: None,
            challenge: None,
            status: None,
        }))
    }
}

/// Decodes what any stub of [`proto`](crate::proto) answered with.
impl From<Status> for Error {
    fn from(status: Status) -> Self {
        let mut error = match status.source() {
            // The library's own codes for what befalls a connection vary with its features.
            Some(cause) if is_time_out(cause) => Self::deadline_exceeded(),
            Some(cause) => Self::own(Code::Unavailable, told(cause)),
            None => Self::answered(&status),
        };
        error.0.status = Some(without_challenge(status));
        error
    }
}

impl Error {
    /// Without an ErrorInfo of ours no detail counts: another's waits and violations promise nothing.
    fn answered(status: &Status) -> Self {
        let mut error = Self::own(status.code(), status.message());
        let details = status.get_error_details();
        let info = details.error_info();
        if let Some(info) = info.filter(|info| info.domain == DOMAIN && !info.reason.is_empty()) {
            let reason = Reason::from(info.reason.as_str());
            error.0.challenge = Challenge::told(&reason, &info.metadata);
            error.0.reason = Some(reason);
            error.0.violations = details.bad_request().map(violations).unwrap_or_default();
            error.0.retry_after = details.retry_info().and_then(|info| info.retry_delay);
        }
        error
    }
}

/// Whoever prints a status prints its details too.
fn without_challenge(status: Status) -> Status {
    if status.details().is_empty() {
        return status;
    }
    let mut details = status.get_error_details();
    let Some(info) = details.error_info() else {
        return status;
    };
    let mut info = info.clone();
    if info.metadata.remove(CHALLENGE).is_none() {
        return status;
    }
    details.set_error_info(info.reason, info.domain, info.metadata);
    let metadata = status.metadata().clone();
    Status::with_error_details_and_metadata(status.code(), status.message(), details, metadata)
}

fn violations(bad_request: &BadRequest) -> Vec<Violation> {
    let violations = bad_request.field_violations.iter();
    violations
        .map(|violation| Violation {
            field: violation.field.clone(),
            message: violation.description.clone(),
        })
        .collect()
}

fn is_time_out(cause: &(dyn StdError + 'static)) -> bool {
    chain(cause).any(|error| error.is::<TimeoutExpired>())
}

/// The connection's own sentence; over a channel of the caller's own, what the libraries say.
fn told(cause: &(dyn StdError + 'static)) -> String {
    match chain(cause).find_map(|error| error.downcast_ref::<Unreached>()) {
        Some(unreached) => unreached.to_string(),
        None => format!("no reply came: {}", root(cause)),
    }
}

pub(crate) fn root<'a>(cause: &'a (dyn StdError + 'static)) -> &'a (dyn StdError + 'static) {
    chain(cause).last().unwrap_or(cause)
}

/// An error, what caused it, what caused that, and so on.
pub(crate) fn chain<'a>(
    cause: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(cause), |error| (**error).source())
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.reason() {
            None => write!(f, "{:?}: {}", self.code(), self.message()),
            Some(reason) => write!(f, "{reason}: {}", self.message()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("code", &self.0.code)
            .field("reason", &self.0.reason)
            .field("message", &self.0.message)
            .field("violations", &self.0.violations)
            .field("retry_after", &self.0.retry_after)
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    /// What the connection broke of.
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.status.as_ref().and_then(StdError::source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_the_status_that_a_backend_answers_with() {
        for (code, status) in [
            (Code::InvalidArgument, 400),
            (Code::Unauthenticated, 401),
            (Code::PermissionDenied, 403),
            (Code::NotFound, 404),
            (Code::AlreadyExists, 409),
            (Code::FailedPrecondition, 400),
            (Code::ResourceExhausted, 429),
            (Code::Unavailable, 503),
            (Code::DeadlineExceeded, 504),
            (Code::Cancelled, 499),
            (Code::Internal, 500),
            (Code::Unknown, 500),
        ] {
            let error = Error::from(Status::new(code, ""));
            assert_eq!(error.http_status(), status, "{code:?}");
        }
        let reason = Reason::SecondFactorNotEnabled;
        let error = Error::refused(Code::FailedPrecondition, reason, "");
        assert_eq!(error.http_status(), 409);
    }

    #[test]
    fn a_refused_key_of_the_backends_is_no_users_fault() {
        for reason in [Reason::ApiKeyInvalid, Reason::AdminTokenInvalid] {
            let error = Error::refused(Code::Unauthenticated, reason.clone(), "");
            assert_eq!(error.http_status(), 503, "{reason}");
            assert_eq!(error.reason(), Some(&reason));
            assert_eq!(error.code(), Code::Unauthenticated);
        }
    }
}
