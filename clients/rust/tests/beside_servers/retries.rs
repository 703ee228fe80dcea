//! What a client tells of its repeats.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use authflow_client::{AuthFlow, Code, Validate};

use crate::support::{builder, nowhere, EMAIL};

#[tokio::test]
async fn a_repeat_is_told_before_its_wait() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let client = builder(nowhere().await, "af_none")
        .on_retry({
            let told = told.clone();
            move |retry| {
                let error = (retry.error.code(), retry.error.reason().cloned());
                let retry = (retry.call, retry.attempt, error, retry.wait);
                told.lock().unwrap().push(retry);
            }
        })
        .build()
        .unwrap();
    let validate = Validate::new("garbage").email(EMAIL);
    client.validate(validate).await.unwrap_err();
    let told = told.lock().unwrap();
    let unreached = (Code::Unavailable, None);
    let all: Vec<_> = told
        .iter()
        .map(|(call, attempt, error, _)| (*call, *attempt, error.clone()))
        .collect();
    let expected = [
        ("Validate", 1, unreached.clone()),
        ("Validate", 2, unreached),
    ];
    assert_eq!(all, expected);
    assert!(told
        .iter()
        .all(|(.., wait)| *wait >= Duration::from_millis(50)));
}

#[tokio::test]
async fn a_hook_that_panics_changes_nothing() {
    let client = builder(nowhere().await, "af_none")
        .on_retry(|_| panic!("of the hook's own making"))
        .build()
        .unwrap();
    let validate = Validate::new("garbage").email(EMAIL);
    let error = client.validate(validate).await.unwrap_err();
    assert_eq!(error.code(), Code::Unavailable);
}
