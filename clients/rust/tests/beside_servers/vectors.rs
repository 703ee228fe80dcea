//! Every case of the shared list, against the server that follows its script.

use std::time::{Duration, Instant};

use authflow_client::{ChangePassword, Client, Code, Error, SignUp};
use serde_json::{json, Value};

use crate::support::{control, env};

#[tokio::test]
async fn every_case_of_the_shared_list_holds() {
    let path = format!("{}/client-behaviour.json", env("AUTHFLOW_TEST_VECTORS"));
    let list: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let cases = list["cases"].as_array().unwrap();
    assert!(cases.len() >= 36);
    let mut wrong = Vec::new();
    for (number, case) in cases.iter().enumerate() {
        let faults = faults_of(number, case, list["apiKey"].as_str().unwrap()).await;
        if !faults.is_empty() {
            wrong.push(format!("{number}, {}: {faults:#?}", case["name"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

async fn faults_of(number: usize, case: &Value, api_key: &str) -> Vec<String> {
    let server: Value = parsed(&control("POST", &format!("/cases/{number}")).await);
    let mut builder = Client::builder(server["grpc"].as_str().unwrap(), api_key);
    if let Some(deadline) = case["deadlineMs"].as_u64() {
        builder = builder.deadline(Duration::from_millis(deadline));
    }
    let client = builder.build().unwrap();
    let calls = case["calls"].as_array().unwrap().clone();
    let mut faults = Vec::new();
    if case["parallel"] == true {
        let tasks: Vec<_> = calls
            .into_iter()
            .map(|call| tokio::spawn(fault_of(client.clone(), call)))
            .collect();
        for task in tasks {
            faults.extend(task.await.unwrap());
        }
    } else {
        for call in calls {
            faults.extend(fault_of(client.clone(), call).await);
        }
    }
    let found: Value = parsed(&control("GET", &format!("/cases/{number}")).await);
    let found = found["faults"].as_array().unwrap();
    faults.extend(found.iter().map(ToString::to_string));
    faults
}

/// What is wrong with what a call ended with.
async fn fault_of(client: Client, call: Value) -> Option<String> {
    let begun = Instant::now();
    let outcome = outcome_of(&client, &call).await;
    let took = begun.elapsed();
    if let Some(within) = call["withinMs"].as_u64() {
        if took > Duration::from_millis(within) {
            return Some(format!("took {took:?}"));
        }
    }
    let (got, wanted) = match outcome {
        Ok(result) => (result, &call["result"]),
        Err(error) => (told(&error), &call["error"]),
    };
    // An error is compared in what the case says of it.
    let same = match wanted.as_object() {
        Some(fields) if call["result"].is_null() => {
            fields.iter().all(|(name, value)| got[name] == *value)
        }
        _ => got == *wanted,
    };
    (!same).then(|| format!("got {got}, wanted {call}"))
}

async fn outcome_of(client: &Client, call: &Value) -> Result<Value, Error> {
    let arguments = &call["arguments"];
    let text = |name: &str| arguments[name].as_str().unwrap_or_default();
    let email = text("email");
    Ok(match call["call"].as_str().unwrap() {
        "fooBar" => {
            let nonce = client.foo_bar(text("identity")).await?;
            json!({ "token": nonce.token, "expires_at": written(nonce.expires_at) })
        }
        "signUp" => {
            let user = SignUp {
                email,
                password: text("password"),
                full_name: text("fullname"),
                disclaimed: arguments["disclaimed"] == true,
            };
            let user = client.sign_up(user).await?;
            json!({
                "user_id": user.user_id, "email": user.email, "fullname": user.full_name, "org_id": user.org_id,
            })
        }
        "login" => {
            let session = client.login(email, text("password")).await?;
            json!({
                "user_id": session.user_id, "email": session.email, "fullname": session.full_name,
                "org_id": session.org_id, "token": session.token, "expires_at": written(session.expires_at),
            })
        }
        "validate" => {
            let user = client.validate(text("sessionToken"), email).await?;
            json!({
                "user_id": user.user_id, "email": user.email, "fullname": user.full_name, "org_id": user.org_id,
                "session_id": user.session_id, "expires_at": written(user.expires_at),
            })
        }
        "changePassword" => {
            let change = ChangePassword {
                session_token: text("sessionToken"),
                email,
                new_password: text("newPassword"),
                current_password: arguments["currentPassword"].as_str(),
            };
            json!({ "ended_sessions": client.change_password(change).await?.ended_sessions })
        }
        "logout" => {
            client.logout(text("sessionToken"), email).await?;
            json!({})
        }
        other => panic!("no such call: {other}"),
    })
}

fn told(error: &Error) -> Value {
    let violations: Vec<Value> = error
        .violations()
        .iter()
        .map(|violation| json!({ "field": violation.field, "message": violation.message }))
        .collect();
    json!({
        "code": wire_name(error.code()),
        "reason": error.reason(),
        "message": error.message(),
        "violations": violations,
        "retryAfterMs": error.retry_after().map(|wait| wait.as_millis() as u64),
    })
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

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}
