//! The shared vectors' calls, over whatever makes them.

use authflow_client::{
    AuthFlow, ChangePassword, Code, Error, FooBar, Login, Logout, Reason, SignUp, Validate,
};
use serde_json::{json, Value};

/// Makes the call that a vector names; gives its result by the names of the wire.
pub async fn outcome_of(
    authflow: &dyn AuthFlow,
    call: &str,
    arguments: &Value,
) -> Result<Value, Error> {
    let text = |name: &str| arguments[name].as_str().unwrap_or_default();
    let email = text("email");
    Ok(match call {
        "fooBar" => {
            let nonce = authflow.foo_bar(FooBar::new(text("identity"))).await?;
            json!({ "token": nonce.token, "expires_at": written(nonce.expires_at) })
        }
        "signUp" => {
            let user = SignUp::new(email, text("password"))
                .full_name(text("fullname"))
                .disclaimed(arguments["disclaimed"] == true);
            let user = authflow.sign_up(user).await?;
            json!({
                "user_id": user.user_id, "email": user.email, "fullname": user.full_name, "org_id": user.org_id,
            })
        }
        "login" => {
            let mut login = Login::new(email, text("password"));
            if let Some(session_token) = arguments["sessionToken"].as_str() {
                login = login.session_token(session_token);
            }
            let session = authflow.login(login).await?;
            json!({
                "user_id": session.user_id, "email": session.email, "fullname": session.full_name,
                "org_id": session.org_id, "token": session.token, "expires_at": written(session.expires_at),
            })
        }
        "validate" => {
            let validate = Validate::new(text("sessionToken")).email(email);
            let user = authflow.validate(validate).await?;
            json!({
                "user_id": user.user_id, "email": user.email, "fullname": user.full_name, "org_id": user.org_id,
                "session_id": user.session_id, "expires_at": written(user.expires_at),
            })
        }
        "changePassword" => {
            let change = ChangePassword::new(text("sessionToken"), text("newPassword"))
                .email(email)
                .current_password(text("currentPassword"));
            json!({ "ended_sessions": authflow.change_password(change).await?.ended_sessions })
        }
        "logout" => {
            let logout = Logout::new(text("sessionToken")).email(email);
            authflow.logout(logout).await?;
            json!({})
        }
        other => panic!("no such call: {other}"),
    })
}

/// An error as vectors write it.
pub fn told(error: &Error) -> Value {
    let violations: Vec<Value> = error
        .violations()
        .iter()
        .map(|violation| json!({ "field": violation.field, "message": violation.message }))
        .collect();
    json!({
        "code": wire_name(error.code()),
        "reason": error.reason().map_or("", Reason::as_str),
        "message": error.message(),
        "violations": violations,
        "retryAfterMs": error.retry_after().map(|wait| wait.as_millis() as u64),
    })
}

/// Whether `got` has all that `wanted` says.
pub fn holds(got: &Value, wanted: &Value) -> bool {
    let mut fields = wanted.as_object().expect("fields").iter();
    fields.all(|(name, value)| got[name] == *value)
}

fn wire_name(code: Code) -> &'static str {
    match code {
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::Unauthenticated => "UNAUTHENTICATED",
        other => panic!("{other:?} is in no case"),
    }
}

fn written(instant: std::time::SystemTime) -> String {
    prost_types::Timestamp::from(instant).to_string()
}

/// A list of the shared vectors.
pub fn vectors(name: &str) -> Value {
    let path = format!("{}/{name}", super::env("AUTHFLOW_TEST_VECTORS"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).expect("JSON")
}
