//! The fake does as a server does.

use std::collections::HashMap;

use authflow_client::fake::AuthFlowFake;
use authflow_client::{AuthFlow, Code, Reason, Validate};
use serde_json::{json, Value};

use crate::support::calls::{holds, outcome_of, told, vectors};
use crate::support::{new_client, session_of};

#[tokio::test]
async fn every_case_of_the_shared_list_holds_with_the_fake_and_with_a_server() {
    let list = vectors("fake-behaviour.json");
    let cases = list["cases"].as_array().unwrap();
    assert!(cases.len() >= 11);
    for case in cases {
        play(case, &AuthFlowFake::new(), "the fake").await;
        play(case, &new_client().await, "a server").await;
    }
}

async fn play(case: &Value, authflow: &dyn AuthFlow, by: &str) {
    let mut saved: HashMap<String, Value> = HashMap::new();
    for step in case["steps"].as_array().unwrap() {
        let mut arguments = step["arguments"].clone();
        for value in arguments.as_object_mut().unwrap().values_mut() {
            if let Some(name) = value.as_str().and_then(|text| text.strip_prefix('$')) {
                *value = saved[name].clone();
            }
        }
        let call = step["call"].as_str().unwrap();
        let outcome = outcome_of(authflow, call, &arguments).await;
        let at = || format!("{} by {by}: {step}", case["name"]);
        let result = match &outcome {
            Ok(result) => result.clone(),
            Err(error) => {
                assert_refused(&told(error), &step["error"], &at());
                continue;
            }
        };
        assert!(step["error"].is_null(), "{}: got {result}", at());
        assert!(holds(&result, &step["result"]), "{}: got {result}", at());
        if let Some(name) = step["save"].as_str() {
            saved.insert(name.to_owned(), result["token"].clone());
        }
    }
}

fn assert_refused(got: &Value, wanted: &Value, at: &str) {
    let fields = |violations: &Value| {
        let mut fields: Vec<String> = violations
            .as_array()
            .into_iter()
            .flatten()
            .map(|violation| violation["field"].as_str().unwrap().to_owned())
            .collect();
        fields.sort();
        fields
    };
    assert_eq!(got["code"], wanted["code"], "{at}: got {got}");
    assert_eq!(got["reason"], wanted["reason"], "{at}: got {got}");
    if let Some(wanted) = wanted["fields"].as_array() {
        assert_eq!(json!(fields(&got["violations"])), json!(wanted), "{at}");
    }
}

#[tokio::test]
async fn its_tokens_are_its_own() {
    let fake = AuthFlowFake::new();
    let session = session_of(&fake).await;
    assert!(session.token.starts_with("fake."));
    assert!(!format!("{fake:?} {session:?}").contains(&session.token));
    let server = new_client().await;
    let error = server
        .validate(Validate::new(&session.token))
        .await
        .unwrap_err();
    assert_eq!(error.reason(), Some(&Reason::SessionInvalid));
}

#[tokio::test]
async fn it_can_be_unreachable_and_come_back() {
    let fake = AuthFlowFake::new();
    let session = session_of(&fake).await;
    fake.clone().set_unreachable(true);
    let validate = || fake.validate(Validate::new(&session.token));
    let error = validate().await.unwrap_err();
    assert_eq!((error.code(), error.reason()), (Code::Unavailable, None));
    assert_eq!(error.http_status(), 503);
    fake.set_unreachable(false);
    validate().await.unwrap();
}
