//! An error as the answer of a handler.

use axum_core::body::Body;
use axum_core::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::{json, Value};
use tonic::Code;

use crate::error::Error;
use crate::tower::refusal::json_error;

/// Answers with [`http_status`](Error::http_status) and the server's own shape: `statusCode`, `error` (the reason),
/// `message`, and `violations` where there are any.
///
/// Without a reason `error` is UNAVAILABLE, DEADLINE_EXCEEDED or INTERNAL, and the message is one for strangers. So it is
/// UNAVAILABLE where the backend's own API key or admin token was refused. The error itself is in the response's
/// extensions, for the log.
impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.http_status());
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = body_of(&self);
        let mut response = json_error(status, &body, self.retry_after()).map(Body::from);
        response.extensions_mut().insert(self);
        response
    }
}

fn body_of(error: &Error) -> Value {
    const UNAVAILABLE: (&str, &str) = ("UNAVAILABLE", "AuthFlow cannot be reached now.");
    let (reason, message) = match (error.reason(), error.code()) {
        _ if error.refuses_the_backend() => UNAVAILABLE,
        (Some(reason), _) => (reason.as_str(), error.message()),
        (None, Code::Unavailable) => UNAVAILABLE,
        (None, Code::DeadlineExceeded) => ("DEADLINE_EXCEEDED", "AuthFlow did not answer in time."),
        (None, _) => ("INTERNAL", "AuthFlow answered with an error."),
    };
    let mut body = json!({
        "statusCode": error.http_status(),
        "error": reason,
        "message": message,
    });
    if !error.violations().is_empty() {
        let violations = error.violations().iter();
        body["violations"] = violations
            .map(|violation| json!({ "field": violation.field, "message": violation.message }))
            .collect();
    }
    body
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use tonic::Status;
    use tonic_types::{ErrorDetails, StatusExt};

    #[test]
    fn a_reason_is_told_with_its_faults_and_its_wait() {
        let mut details = ErrorDetails::with_error_info("INVALID_ARGUMENT", "authflow", []);
        details.add_bad_request_violation("email", "is required");
        details.set_retry_info(Some(Duration::from_secs(3)));
        let status = Status::with_error_details(Code::InvalidArgument, "Faults.", details);
        let error = Error::from(status);
        assert_eq!(
            body_of(&error),
            json!({
                "statusCode": 400, "error": "INVALID_ARGUMENT", "message": "Faults.",
                "violations": [{ "field": "email", "message": "is required" }],
            })
        );
        let response = error.into_response();
        assert_eq!(response.status(), 400);
        assert_eq!(response.headers()["retry-after"], "3");
        assert!(response.extensions().get::<Error>().is_some());
    }

    #[test]
    fn the_reasons_of_second_factors_have_their_status_and_tell_no_challenge() {
        for (code, reason, http_status) in [
            (Code::Unauthenticated, "SECOND_FACTOR_REQUIRED", 401),
            (Code::Unauthenticated, "CHALLENGE_INVALID", 401),
            (Code::Unauthenticated, "CODE_INVALID", 401),
            (Code::PermissionDenied, "EMAIL_NOT_VERIFIED", 403),
            (Code::PermissionDenied, "PASSWORD_CHANGE_REQUIRED", 403),
            (Code::PermissionDenied, "REAUTHENTICATION_REQUIRED", 403),
            (Code::AlreadyExists, "SECOND_FACTOR_ALREADY_ENABLED", 409),
            (Code::FailedPrecondition, "SECOND_FACTOR_NOT_ENABLED", 409),
        ] {
            let metadata = [
                ("challenge", "c.h.a"),
                ("methods", "totp"),
                ("expires_at", "2030-01-02T03:04:05Z"),
            ];
            let metadata = metadata.map(|(key, value)| (key.to_owned(), value.to_owned()));
            let details = ErrorDetails::with_error_info(reason, "authflow", metadata);
            let error = Error::from(Status::with_error_details(code, "Why.", details));
            let told = json!({ "statusCode": http_status, "error": reason, "message": "Why." });
            assert_eq!(body_of(&error), told);
            assert_eq!(error.into_response().status(), http_status);
        }
    }

    #[test]
    fn what_is_only_for_the_backend_is_not_told() {
        for (code, told) in [
            (Code::Unavailable, "UNAVAILABLE"),
            (Code::DeadlineExceeded, "DEADLINE_EXCEEDED"),
            (Code::Unknown, "INTERNAL"),
        ] {
            let error = Error::from(Status::new(code, "10.0.0.7:50051"));
            let body = body_of(&error);
            assert_eq!(body["error"], told);
            assert!(!body.to_string().contains("10.0.0.7"));
        }
    }

    #[test]
    fn a_refused_key_of_the_backends_is_told_as_unavailable() {
        for reason in ["API_KEY_INVALID", "ADMIN_TOKEN_INVALID"] {
            let details = ErrorDetails::with_error_info(reason, "authflow", []);
            let status = Status::with_error_details(Code::Unauthenticated, "The key.", details);
            let response = Error::from(status).into_response();
            assert_eq!(response.status(), 503);
            assert!(!response.headers().contains_key("www-authenticate"));
            let error = response.extensions().get::<Error>().unwrap();
            assert_eq!(error.reason().unwrap().as_str(), reason);
            assert_eq!(
                body_of(error),
                json!({
                    "statusCode": 503, "error": "UNAVAILABLE",
                    "message": "AuthFlow cannot be reached now.",
                })
            );
        }
    }
}
