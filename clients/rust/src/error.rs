//! The client's one error.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use tonic::{Code, Status, TimeoutExpired};
use tonic_types::{BadRequest, StatusExt};

const DOMAIN: &str = "authflow";

/// Why a call failed.
///
/// Act on [`reason`](Self::reason), and on [`code`](Self::code) where the reason is empty or not known to you: reasons
/// will grow. Neither the API key nor a token is ever in it.
pub struct Error(Box<Inner>);

/// Kept behind one pointer, so that results stay small.
struct Inner {
    code: Code,
    reason: String,
    message: String,
    violations: Vec<Violation>,
    retry_after: Option<Duration>,
    status: Option<Status>,
}

/// What is wrong with one field of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// The field, by its name on the wire.
    pub field: String,
    /// A sentence for people.
    pub message: String,
}

impl Error {
    /// The server's reason, such as [`SESSION_REVOKED`](crate::reason::SESSION_REVOKED). Empty where none came: the
    /// deadline passed here, the connection broke, or a proxy answered.
    pub fn reason(&self) -> &str {
        &self.0.reason
    }

    /// The status code. A connection that cannot be made, or that broke, is [`Code::Unavailable`].
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// A sentence for people; it may be reworded by any release.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The fields at fault, where the reason is [`INVALID_ARGUMENT`](crate::reason::INVALID_ARGUMENT).
    pub fn violations(&self) -> &[Violation] {
        &self.0.violations
    }

    /// The wait that the server gave, after which a repeat may succeed.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The status as the gRPC library gave it; none where no request was made or the deadline passed here.
    pub fn status(&self) -> Option<&Status> {
        self.0.status.as_ref()
    }

    pub(crate) fn deadline_exceeded() -> Self {
        Self::own(Code::DeadlineExceeded, "the call's deadline passed")
    }

    pub(crate) fn invalid_option(message: impl Into<String>) -> Self {
        Self::own(Code::InvalidArgument, message)
    }

    fn own(code: Code, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            code,
            reason: String::new(),
            message: message.into(),
            violations: Vec::new(),
            retry_after: None,
            status: None,
        }))
    }
}

/// Decodes what any stub of [`proto`](crate::proto) answered with.
impl From<Status> for Error {
    fn from(status: Status) -> Self {
        let error = match status.source() {
            // The library's own codes for what befalls a connection vary with its features.
            Some(cause) if is_time_out(cause) => Self::deadline_exceeded(),
            Some(cause) => Self::own(Code::Unavailable, format!("no reply came: {}", root(cause))),
            None => Self::answered(&status),
        };
        Self(Box::new(Inner {
            status: Some(status),
            ..*error.0
        }))
    }
}

impl Error {
    /// Without an ErrorInfo of ours no detail counts: another's waits and violations promise nothing.
    fn answered(status: &Status) -> Self {
        let bare = Self::own(status.code(), status.message());
        let details = status.get_error_details();
        let Some(info) = details.error_info().filter(|info| info.domain == DOMAIN) else {
            return bare;
        };
        Self(Box::new(Inner {
            reason: info.reason.clone(),
            violations: details.bad_request().map(violations).unwrap_or_default(),
            retry_after: details.retry_info().and_then(|info| info.retry_delay),
            ..*bare.0
        }))
    }
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

fn root<'a>(cause: &'a (dyn StdError + 'static)) -> &'a (dyn StdError + 'static) {
    chain(cause).last().unwrap_or(cause)
}

fn chain<'a>(
    cause: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(cause), |error| (**error).source())
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.reason() {
            "" => write!(f, "{:?}: {}", self.code(), self.message()),
            reason => write!(f, "{reason}: {}", self.message()),
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
