//! A login and its second step.

use authflow_client::{
    Error, Login, LoginStep, Reason, SendEmailCode, VerifyEmailCode, VerifyRecoveryCode, VerifyTotp,
};
use axum::extract::State;
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::Json;
use serde::Deserialize;
use serde_json::json;

use crate::routes::AuthFlowState;

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Credentials {
    email: String,
    password: String,
}

pub async fn login(
    State(authflow): AuthFlowState,
    Json(body): Json<Credentials>,
) -> Result<Response, Error> {
    let login = Login::new(&body.email, &body.password);
    Ok(answer(authflow.login_step(login).await?))
}

/// A session, or what the page has to ask for. The challenge stays where no script of a page reads it.
fn answer(step: LoginStep) -> Response {
    match step {
        // A session serializes without its token: to give it away is a decision of its own.
        LoginStep::Session { session, .. } => {
            let mut reply = json!(session);
            reply["token"] = json!(session.token);
            ([(SET_COOKIE, cookie("", 0))], Json(reply)).into_response()
        }
        LoginStep::Challenge(challenge) => {
            let status = match challenge.reason {
                Reason::PasswordChangeRequired => StatusCode::FORBIDDEN,
                _ => StatusCode::UNAUTHORIZED,
            };
            let reply = json!({
                "statusCode": status.as_u16(),
                "error": challenge.reason,
                "message": "The login needs a step more.",
                "methods": challenge.methods,
            });
            let kept = cookie(&challenge.challenge, 600);
            (status, [(SET_COOKIE, kept)], Json(reply)).into_response()
        }
    }
}

fn cookie(challenge: &str, seconds: u32) -> String {
    format!("challenge={challenge}; Max-Age={seconds}; Path=/; HttpOnly; Secure; SameSite=Strict")
}

/// Empty where there is none: AuthFlow says so.
pub fn challenge_in(headers: &HeaderMap) -> &str {
    let cookies = headers.get(COOKIE).and_then(|value| value.to_str().ok());
    let mut pairs = cookies.unwrap_or_default().split("; ");
    pairs
        .find_map(|pair| pair.strip_prefix("challenge="))
        .unwrap_or_default()
}

pub async fn email_code(
    State(authflow): AuthFlowState,
    headers: HeaderMap,
) -> Result<StatusCode, Error> {
    let challenge = challenge_in(&headers);
    authflow
        .send_email_code(SendEmailCode::new(challenge))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Answer {
    /// One of those that the login named.
    method: String,
    code: String,
}

pub async fn login_code(
    State(authflow): AuthFlowState,
    headers: HeaderMap,
    Json(body): Json<Answer>,
) -> Result<Response, Error> {
    let (challenge, code) = (challenge_in(&headers), &*body.code);
    let step = match &*body.method {
        "email" => {
            let verify = VerifyEmailCode::new(challenge, code);
            authflow.verify_email_code(verify).await?
        }
        "recovery" => {
            let verify = VerifyRecoveryCode::new(challenge, code);
            authflow.verify_recovery_code(verify).await?
        }
        _ => {
            let verify = VerifyTotp::new(challenge, code);
            authflow.verify_totp(verify).await?
        }
    };
    Ok(answer(step))
}
