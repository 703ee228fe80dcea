//! The layer around axum, through real sockets.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use authflow_client::{AuthFlow, Client, Code, Logout, Reason, SessionLayer, User};
use axum::routing::get;
use axum::{Extension, Router};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::support::{client, http, new_client, session_of, unreachable, Reply, EMAIL};

/// A layer whose hook hears of nothing: what is refused is the session's own fault.
fn without_errors(client: &Client) -> SessionLayer {
    SessionLayer::new(client.clone()).on_error(|error| panic!("{error}"))
}

/// Serves whose session a request shows; gives the address.
async fn serve(sessions: SessionLayer) -> String {
    let app = Router::new()
        .route(
            "/",
            get(|Extension(user): Extension<User>| async move { user.email }),
        )
        .layer(sessions);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

async fn ask(address: &str, authorization: &str) -> Reply {
    let line = match authorization {
        "" => String::new(),
        value => format!("authorization: {value}\r\n"),
    };
    let request = format!("GET / HTTP/1.1\r\nhost: test\r\n{line}connection: close\r\n\r\n");
    http(address, &request).await
}

fn assert_refused(reply: &Reply, status: u16, reason: Reason) {
    assert_eq!(reply.status, status, "{reply:?}");
    let body: Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!(body["statusCode"], status);
    assert_eq!(body["error"], reason.as_str());
    assert!(body["message"].is_string());
    assert!(reply.head.contains("content-type: application/json"));
    assert_eq!(
        reply.head.contains("www-authenticate: bearer"),
        status == 401
    );
}

#[tokio::test]
async fn a_live_session_becomes_a_user_and_an_ended_one_is_refused() {
    let client = new_client().await;
    let session = session_of(&client).await;
    let address = serve(without_errors(&client)).await;
    let bearer = format!("Bearer {}", session.token);
    let reply = ask(&address, &bearer).await;
    assert_eq!((reply.status, reply.body.as_str()), (200, EMAIL));
    client.logout(Logout::new(&session.token)).await.unwrap();
    assert_refused(&ask(&address, &bearer).await, 401, Reason::SessionRevoked);
}

#[tokio::test]
async fn without_a_usable_token_no_call_is_made() {
    // Whatever is asked of this client fails, and would be answered 503.
    let address = serve(SessionLayer::new(unreachable().await)).await;
    for authorization in [
        "",
        "Bearer garbage",
        "Bearer a.b.c",
        "Basic YTpi",
        "Bearer af_key",
    ] {
        let reply = ask(&address, authorization).await;
        assert_refused(&reply, 401, Reason::SessionInvalid);
    }
}

#[tokio::test]
async fn a_forged_token_is_refused() {
    let address = serve(without_errors(&new_client().await)).await;
    // {"email":"ada@example.com"}, and {"email":"nobody"}, which is no e-mail.
    for claims in [
        "eyJlbWFpbCI6ImFkYUBleGFtcGxlLmNvbSJ9",
        "eyJlbWFpbCI6Im5vYm9keSJ9",
    ] {
        let reply = ask(&address, &format!("Bearer e30.{claims}.c2ln")).await;
        assert_refused(&reply, 401, Reason::SessionInvalid);
    }
}

#[tokio::test]
async fn what_is_not_the_users_fault_is_503_and_told_to_the_hook() {
    let session = session_of(&new_client().await).await;
    let bearer = format!("Bearer {}", session.token);
    let wrong_key = client(&format!("af_{}", "A".repeat(43)));
    for (client, told) in [
        (unreachable().await, (Code::Unavailable, None)),
        (
            wrong_key,
            (Code::Unauthenticated, Some(Reason::ApiKeyInvalid)),
        ),
    ] {
        let errors = Arc::new(Mutex::new(Vec::new()));
        let sessions = SessionLayer::new(client).on_error({
            let errors = errors.clone();
            move |error| {
                let told = (error.code(), error.reason().cloned());
                errors.lock().unwrap().push(told);
            }
        });
        let address = serve(sessions).await;
        assert_refused(&ask(&address, &bearer).await, 503, Reason::Unavailable);
        let errors = errors.lock().unwrap();
        assert_eq!(*errors, [told]);
    }
}

#[tokio::test]
async fn a_session_is_remembered_for_as_long_as_was_said() {
    let client = new_client().await;
    let session = session_of(&client).await;
    let span = Duration::from_secs(1);
    assert!(SessionLayer::new(client.clone())
        .remember(span * 2)
        .is_err());
    let sessions = SessionLayer::new(client.clone()).remember(span).unwrap();
    let address = serve(sessions).await;
    let bearer = format!("Bearer {}", session.token);
    assert_eq!(ask(&address, &bearer).await.status, 200);
    client.logout(Logout::new(&session.token)).await.unwrap();
    assert_eq!(ask(&address, &bearer).await.status, 200);
    let begun = std::time::Instant::now();
    while ask(&address, &bearer).await.status == 200 {
        assert!(begun.elapsed() < span * 3);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_refused(&ask(&address, &bearer).await, 401, Reason::SessionRevoked);
}
