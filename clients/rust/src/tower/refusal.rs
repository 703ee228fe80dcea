//! What a request without a session is answered.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use serde_json::{json, Value};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use crate::error::Error;
use crate::reason::Reason;

/// A refusal, before it is known how the caller wants to be told.
#[derive(Debug, PartialEq)]
pub(crate) struct Refusal {
    code: Code,
    reason: Reason,
    message: String,
    retry_after: Option<Duration>,
}

impl Refusal {
    /// There is no token that the server could be asked about.
    pub(crate) fn no_session() -> Self {
        Self {
            code: Code::Unauthenticated,
            reason: Reason::SessionInvalid,
            message: "A session is needed.".to_owned(),
            retry_after: None,
        }
    }

    /// The user has none of the roles that are needed.
    pub(crate) fn access_denied() -> Self {
        Self {
            code: Code::PermissionDenied,
            reason: Reason::AccessDenied,
            message: "You may not do this.".to_owned(),
            retry_after: None,
        }
    }

    /// Validate's error: the session's own fault, or nobody's who could sign in again.
    pub(crate) fn of(error: &Error) -> Self {
        match error.reason() {
            Some(
                reason @ (Reason::SessionInvalid | Reason::SessionExpired | Reason::SessionRevoked),
            ) => Self {
                code: Code::Unauthenticated,
                reason: reason.clone(),
                message: error.message().to_owned(),
                retry_after: None,
            },
            // The token gave the only two arguments there are.
            Some(Reason::InvalidArgument) => Self::no_session(),
            _ => Self {
                code: Code::Unavailable,
                reason: Reason::Unavailable,
                message: "The session cannot be checked now.".to_owned(),
                retry_after: error.retry_after(),
            },
        }
    }

    pub(crate) fn is_the_sessions_fault(&self) -> bool {
        self.code == Code::Unauthenticated
    }

    /// In gRPC's way to a request of gRPC, otherwise in the way of the server's own JSON.
    pub(crate) fn into_response(self, content_type: Option<&HeaderValue>) -> Response<Bytes> {
        match content_type.filter(|value| value.as_bytes().starts_with(b"application/grpc")) {
            Some(content_type) => self.into_grpc(content_type),
            None => self.into_json(),
        }
    }

    fn into_grpc(self, content_type: &HeaderValue) -> Response<Bytes> {
        let mut details = ErrorDetails::with_error_info(self.reason.as_str(), "authflow", []);
        if self.retry_after.is_some() {
            details.set_retry_info(self.retry_after);
        }
        let mut response = Status::with_error_details(self.code, self.message, details).into_http();
        response
            .headers_mut()
            .insert(CONTENT_TYPE, content_type.clone());
        response
    }

    fn into_json(self) -> Response<Bytes> {
        let status = match self.code {
            Code::Unauthenticated => StatusCode::UNAUTHORIZED,
            Code::PermissionDenied => StatusCode::FORBIDDEN,
            _ => StatusCode::SERVICE_UNAVAILABLE,
        };
        let body = json!({
            "statusCode": status.as_u16(),
            "error": self.reason.as_str(),
            "message": self.message,
        });
        json_error(status, &body, self.retry_after)
    }
}

/// An error in the shape and with the headers that the server's own have.
pub(crate) fn json_error(
    status: StatusCode,
    body: &Value,
    retry_after: Option<Duration>,
) -> Response<Bytes> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(wait) = retry_after {
        headers.insert(RETRY_AFTER, whole_seconds(wait).into());
    }
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// Rounded up: a repeat that comes earlier is refused again.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs()
        .saturating_add(u64::from(wait.subsec_nanos() > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn overloaded() -> Refusal {
        let reason = Reason::Overloaded;
        let mut details = ErrorDetails::with_error_info(reason.as_str(), "authflow", []);
        details.set_retry_info(Some(Duration::from_millis(1_200)));
        let status = Status::with_error_details(Code::ResourceExhausted, "Later.", details);
        Refusal::of(&status.into())
    }

    #[test]
    fn a_wait_that_was_given_is_passed_on() {
        let response = overloaded().into_response(None);
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()[RETRY_AFTER], "2");

        let grpc = HeaderValue::from_static("application/grpc+proto");
        let response = overloaded().into_response(Some(&grpc));
        assert_eq!(response.headers()[CONTENT_TYPE], grpc);
        let error = Error::from(Status::from_header_map(response.headers()).unwrap());
        assert_eq!(
            (error.code(), error.reason()),
            (Code::Unavailable, Some(&Reason::Unavailable))
        );
        assert_eq!(error.retry_after(), Some(Duration::from_millis(1_200)));
    }
}
