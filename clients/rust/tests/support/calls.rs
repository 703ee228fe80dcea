//! The shared vectors' calls, over whatever makes them.

use authflow_client::{
    Account, AuthFlow, ChangeEmail, ChangePassword, Code, DeleteAccount, EndMySessions, Error,
    FooBar, ForgotPassword, ListMySessions, Login, Logout, Me, Reason, RenewSession, ResetPassword,
    SendVerificationEmail, SignUp, UpdateProfile, User, Validate, VerifyEmail,
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
            fields_of(&user)
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
        _ => return account_outcome_of(authflow, call, arguments).await,
    })
}

async fn account_outcome_of(
    authflow: &dyn AuthFlow,
    call: &str,
    arguments: &Value,
) -> Result<Value, Error> {
    let text = |name: &str| arguments[name].as_str().unwrap_or_default();
    let (token, email) = (text("sessionToken"), text("email"));
    Ok(match call {
        "me" => told_of(&authflow.me(Me::new(token).email(email)).await?),
        "sendVerificationEmail" => {
            let request = SendVerificationEmail::new(email);
            authflow.send_verification_email(request).await?;
            json!({})
        }
        "verifyEmail" => {
            let verified = authflow
                .verify_email(VerifyEmail::new(text("token")))
                .await?;
            json!({ "email": verified.email, "user_id": verified.user_id, "org_id": verified.org_id })
        }
        "forgotPassword" => {
            authflow.forgot_password(ForgotPassword::new(email)).await?;
            json!({})
        }
        "resetPassword" => {
            let request = ResetPassword::new(text("token"), text("newPassword"));
            let reset = authflow.reset_password(request).await?;
            json!({ "email": reset.email, "org_id": reset.org_id, "ended_sessions": reset.ended_sessions })
        }
        "renewSession" => {
            let renewed = authflow
                .renew_session(RenewSession::new(token).email(email))
                .await?;
            json!({
                "user_id": renewed.user_id, "email": renewed.email, "fullname": renewed.full_name,
                "org_id": renewed.org_id, "token": renewed.token, "expires_at": written(renewed.expires_at),
            })
        }
        "listMySessions" => {
            let request = ListMySessions::new(token).email(email);
            let sessions = authflow.list_my_sessions(request).await?;
            let sessions: Vec<Value> = sessions
                .iter()
                .map(|session| {
                    json!({
                        "session_id": session.session_id, "created_at": written(session.created_at),
                        "last_used_at": written(session.last_used_at), "expires_at": written(session.expires_at),
                        "client_ip": session.client_ip, "user_agent": session.user_agent,
                        "current": session.current,
                    })
                })
                .collect();
            json!({ "sessions": sessions })
        }
        "endMySessions" => {
            let request = EndMySessions::new(token)
                .email(email)
                .session_id(text("session_id"));
            json!({ "ended_sessions": authflow.end_my_sessions(request).await?.ended_sessions })
        }
        "updateProfile" => {
            let request = UpdateProfile::new(token, text("fullname")).email(email);
            told_of(&authflow.update_profile(request).await?)
        }
        "changeEmail" => {
            let request = ChangeEmail::new(token, text("newEmail"))
                .email(email)
                .current_password(text("currentPassword"));
            authflow.change_email(request).await?;
            json!({})
        }
        "deleteAccount" => {
            let request = DeleteAccount::new(token)
                .email(email)
                .current_password(text("currentPassword"));
            json!({ "ended_sessions": authflow.delete_account(request).await?.ended_sessions })
        }
        other => panic!("no such call: {other}"),
    })
}

fn fields_of(user: &User) -> Value {
    json!({
        "user_id": user.user_id, "email": user.email, "fullname": user.full_name, "org_id": user.org_id,
        "session_id": user.session_id, "expires_at": written(user.expires_at),
        "email_verified": user.email_verified, "roles": user.roles,
    })
}

fn told_of(account: &Account) -> Value {
    let mut fields = fields_of(&account.user);
    fields["second_factor"] = json!(account.second_factor);
    fields["recovery_codes_left"] = json!(account.recovery_codes_left);
    fields["public_metadata"] = json!(account.public_metadata);
    fields["created_at"] = json!(written(account.created_at));
    fields
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
    match (got, wanted) {
        (_, Value::Object(fields)) => fields.iter().all(|(name, value)| holds(&got[name], value)),
        (Value::Array(got), Value::Array(wanted)) => {
            got.len() == wanted.len()
                && got
                    .iter()
                    .zip(wanted)
                    .all(|(got, wanted)| holds(got, wanted))
        }
        _ => got == wanted,
    }
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
