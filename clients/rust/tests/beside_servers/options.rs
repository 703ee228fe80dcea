use std::time::Duration;

use authflow_client::{Client, Code, Error};
use tonic::transport::Endpoint;

use crate::support::{client, env, new_client, session_of, EMAIL, PASSWORD};

#[tokio::test]
async fn options_that_cannot_be_used_are_refused() {
    let made: [Result<Client, Error>; 7] = [
        Client::builder("127.0.0.1:1", "").build(),
        Client::builder("127.0.0.1:1", "af_\n").build(),
        Client::builder("no address", "af_none").build(),
        Client::builder("ftp://127.0.0.1:1", "af_none").build(),
        Client::builder("http://127.0.0.1:1", "af_none")
            .tls_root("")
            .build(),
        Client::builder("127.0.0.1:1", "af_none")
            .tls_identity("garbage", "garbage")
            .build(),
        Client::builder("127.0.0.1:1", "af_none")
            .deadline(Duration::ZERO)
            .build(),
    ];
    for client in made {
        let error = client.unwrap_err();
        assert_eq!((error.code(), error.reason()), (Code::InvalidArgument, ""));
        assert!(!error.to_string().contains("af_"));
    }
}

#[tokio::test]
async fn an_address_may_be_a_url() {
    let url = format!("http://{}", env("AUTHFLOW_TEST_GRPC"));
    let client = Client::builder(url, "af_none").build().unwrap();
    let error = client.login(EMAIL, PASSWORD).await.unwrap_err();
    assert_eq!(error.code(), Code::Unauthenticated);
}

#[tokio::test]
async fn a_channel_of_the_callers_own_is_used() {
    let session = session_of(&new_client().await).await;
    let url = format!("http://{}", env("AUTHFLOW_TEST_GRPC"));
    let channel = Endpoint::from_shared(url).unwrap().connect_lazy();
    let client = Client::builder("elsewhere", "af_none")
        .channel(channel)
        .build()
        .unwrap();
    let error = client.validate(&session.token, EMAIL).await.unwrap_err();
    assert_eq!(error.reason(), authflow_client::reason::API_KEY_INVALID);
}

#[tokio::test]
async fn nothing_printed_of_a_client_a_call_or_a_result_holds_a_secret() {
    let client = client("af_the-key");
    let session = session_of(&new_client().await).await;
    let nonce = new_client().await.foo_bar(EMAIL).await.unwrap();
    let change = authflow_client::ChangePassword {
        session_token: &session.token,
        email: EMAIL,
        new_password: PASSWORD,
        current_password: Some(PASSWORD),
    };
    let printed = format!(
        "{:?} {:?} {client:?} {:?} {session:?} {nonce:?} {change:?} {:?}",
        Client::builder("127.0.0.1:1", "af_the-key"),
        client.auth(),
        client.channel(),
        crate::support::ada(),
    );
    for secret in ["af_the-key", &session.token, &nonce.token, PASSWORD] {
        assert!(!printed.contains(secret));
    }
}
