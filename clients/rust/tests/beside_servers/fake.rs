//! The fake does as a server does.

use std::collections::HashMap;
use std::time::Duration;

use authflow_client::fake::{AuthFlowFake, MailKind};
use authflow_client::{
    AuthFlow, ChangeEmail, Client, Code, DeleteAccount, ForgotPassword, Reason, RenewSession,
    ResetPassword, Validate,
};
use serde_json::{json, Value};

use crate::support::calls::{holds, outcome_of, told, vectors};
use crate::support::{
    client, control, give_roles, new_client, organization, session_of, EMAIL, PASSWORD,
};

#[tokio::test]
async fn every_case_of_the_shared_lists_holds_with_the_fake_and_with_a_server() {
    for (list, least) in [
        ("fake-behaviour.json", 11),
        ("fake-account-behaviour.json", 16),
    ] {
        let list = vectors(list);
        let cases = list["cases"].as_array().unwrap();
        assert!(cases.len() >= least);
        for case in cases {
            let fake = AuthFlowFake::new();
            play(case, &fake, Beside::Fake(&fake)).await;
            let organization = organization().await;
            let client = client(&organization.api_key);
            let beside = Beside::Server(&client, &organization.org_id);
            play(case, &client, beside).await;
        }
    }
}

/// Where what is not a client's is done: a backend gives roles, a user reads mail.
enum Beside<'a> {
    Fake(&'a AuthFlowFake),
    Server(&'a Client, &'a str),
}

impl Beside<'_> {
    fn name(&self) -> &'static str {
        match self {
            Self::Fake(_) => "the fake",
            Self::Server(..) => "a server",
        }
    }

    async fn give_roles(&self, email: &str, roles: &[&str]) {
        match self {
            Self::Fake(fake) => fake.set_roles(email, roles),
            Self::Server(client, org_id) => give_roles(client, org_id, email, roles).await,
        }
    }

    /// The token of the last mail of a kind to an address, so many seconds later.
    async fn mailed(&self, kind: &str, email: &str, to: &str, age_seconds: u64) -> String {
        match self {
            Self::Fake(fake) => {
                let token = mailed(fake, kind, to);
                fake.advance(Duration::from_secs(age_seconds));
                token
            }
            Self::Server(_, org_id) => {
                let path = format!(
                    "/mail-tokens?org_id={org_id}&kind={kind}&email={email}&to={to}&age_seconds={age_seconds}"
                );
                let answer: Value = serde_json::from_str(&control("POST", &path).await).unwrap();
                answer["token"].as_str().unwrap().to_owned()
            }
        }
    }
}

/// The token of the last mail of a kind to an address.
fn mailed(fake: &AuthFlowFake, kind: &str, to: &str) -> String {
    let kind = match kind {
        "verify" => MailKind::Verify,
        "reset" => MailKind::Reset,
        _ => MailKind::ChangeEmail,
    };
    let mails = fake.mails();
    let mail = mails
        .iter()
        .rfind(|mail| mail.kind == kind && mail.to == to);
    mail.expect("a mail").token.clone()
}

#[tokio::test]
async fn proofs_and_tokens_age_with_its_clock() {
    let fake = AuthFlowFake::new();
    let session = session_of(&fake).await;
    let token = &*session.token;
    fake.forgot_password(ForgotPassword::new(EMAIL))
        .await
        .unwrap();
    fake.advance(Duration::from_secs(30 * 60 + 1));
    let mail = &fake.mails()[0];
    assert!(!format!("{mail:?}").contains(&mail.token));
    let reset = ResetPassword::new(&mail.token, "Difference-1822");
    let change = ChangeEmail::new(token, "ada@example.org");
    let refusals = [
        (fake.reset_password(reset).await.err(), Reason::TokenExpired),
        (
            fake.change_email(change).await.err(),
            Reason::ReauthenticationRequired,
        ),
        (
            fake.delete_account(DeleteAccount::new(token)).await.err(),
            Reason::ReauthenticationRequired,
        ),
    ];
    for (error, reason) in refusals {
        assert_eq!(error.unwrap().reason(), Some(&reason));
    }
    fake.change_email(change.current_password(PASSWORD))
        .await
        .unwrap();
    let early = fake.renew_session(RenewSession::new(token)).await.unwrap();
    assert_eq!(early.expires_at, session.expires_at);
    let day = Duration::from_secs(24 * 60 * 60);
    fake.advance(6 * day);
    let renewed = fake.renew_session(RenewSession::new(token)).await.unwrap();
    assert!(renewed.expires_at >= session.expires_at + 6 * day);
    fake.advance(day);
    let error = fake.validate(Validate::new(token)).await.unwrap_err();
    assert_eq!(error.reason(), Some(&Reason::SessionExpired));
    let user = fake.validate(Validate::new(&renewed.token)).await.unwrap();
    assert_eq!(user.expires_at, renewed.expires_at);
}

async fn play(case: &Value, authflow: &dyn AuthFlow, beside: Beside<'_>) {
    let name = format!("{} by {}", case["name"], beside.name());
    let mut saved = HashMap::new();
    for step in case["steps"].as_array().unwrap() {
        let text = |name: &str| step[name].as_str().unwrap_or_default();
        if let Some(roles) = step["roles"].as_array() {
            let roles: Vec<&str> = roles.iter().filter_map(Value::as_str).collect();
            beside.give_roles(text("email"), &roles).await;
        } else if step["mail"].is_string() {
            let age_seconds = step["age_seconds"].as_u64().unwrap_or_default();
            let token = beside
                .mailed(text("mail"), text("email"), text("to"), age_seconds)
                .await;
            saved.insert(text("save").to_owned(), json!(token));
        } else {
            take(step, authflow, &mut saved, &name).await;
        }
    }
}

async fn take(
    step: &Value,
    authflow: &dyn AuthFlow,
    saved: &mut HashMap<String, Value>,
    case: &str,
) {
    let mut arguments = step["arguments"].clone();
    for value in arguments.as_object_mut().unwrap().values_mut() {
        if let Some(name) = value.as_str().and_then(|text| text.strip_prefix('$')) {
            *value = saved[name].clone();
        }
    }
    let call = step["call"].as_str().unwrap();
    let outcome = outcome_of(authflow, call, &arguments).await;
    let at = || format!("{case}: {step}");
    let result = match &outcome {
        Ok(result) => result.clone(),
        Err(error) => {
            assert_refused(&told(error), &step["error"], &at());
            return;
        }
    };
    assert!(step["error"].is_null(), "{}: got {result}", at());
    assert!(holds(&result, &step["result"]), "{}: got {result}", at());
    if let Some(name) = step["save"].as_str() {
        let kept = result.get("token").unwrap_or(&result["session_id"]);
        saved.insert(name.to_owned(), kept.clone());
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
