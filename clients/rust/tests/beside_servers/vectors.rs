//! What every client does, against servers that follow a script.

use std::time::{Duration, Instant};

use authflow_client::Client;
use serde_json::Value;

use crate::support::calls::{holds, outcome_of, told, vectors};
use crate::support::{builder, control};

#[tokio::test]
async fn every_case_of_the_shared_list_holds() {
    let list = vectors("client-behaviour.json");
    let cases = list["cases"].as_array().unwrap();
    assert!(cases.len() >= 41);
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
    let mut builder = builder(server["grpc"].as_str().unwrap(), api_key);
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
    let outcome = outcome_of(&client, call["call"].as_str().unwrap(), &call["arguments"]).await;
    let took = begun.elapsed();
    if let Some(within) = call["withinMs"].as_u64() {
        if took > Duration::from_millis(within) {
            return Some(format!("took {took:?}"));
        }
    }
    let (got, same) = match &outcome {
        Ok(result) => (result.clone(), *result == call["result"]),
        // An error is compared in what the case says of it.
        Err(error) => {
            let got = told(error);
            let same = call["error"].is_object() && holds(&got, &call["error"]);
            (got, same)
        }
    };
    (!same).then(|| format!("got {got}, wanted {call}"))
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}
