use std::sync::{Arc, Mutex};
use std::time::Duration;

use authflow_client::{
    AuthFlow, Builder, ChangePassword, Client, Code, FooBar, Login, Logout, Reason, Validate,
};
use tonic::metadata::MetadataValue;
use tonic::service::InterceptorLayer;
use tonic::transport::Endpoint;
use tonic::{Request, Status};

use crate::support::{builder, certificate, client, env, new_client, session_of, EMAIL, PASSWORD};

#[tokio::test]
async fn options_that_cannot_be_used_or_contradict_each_other_are_refused_with_a_sentence() {
    let local = || builder("127.0.0.1:1", "af_none");
    let channel = || Endpoint::from_static("http://127.0.0.1:1").connect_lazy();
    let made: [(Builder, &str); 20] = [
        (builder("127.0.0.1:1", ""), "AUTHFLOW_API_KEY"),
        (builder("127.0.0.1:1", "af_\n"), "API key"),
        (builder("127.0.0.1:1", "  "), "AUTHFLOW_API_KEY"),
        (builder("127.0.0.1:1", "\"af_none\""), "AUTHFLOW_API_KEY"),
        (builder("127.0.0.1:1", "af_n\u{f6}ne"), "AUTHFLOW_API_KEY"),
        (builder("", "af_none"), "AUTHFLOW_ADDRESS"),
        (builder("no address", "af_none"), "AUTHFLOW_ADDRESS"),
        (builder("127.0.0.1", "af_none"), "port"),
        (builder("af_none", "127.0.0.1:1"), "AUTHFLOW_ADDRESS"),
        (builder("http://127.0.0.1:1/auth", "af_none"), "path"),
        (builder("ftp://127.0.0.1:1", "af_none"), "scheme"),
        (
            builder("http://127.0.0.1:1", "af_none").tls_root(certificate("ca.pem")),
            "http://",
        ),
        (
            builder("https://127.0.0.1:1", "af_none").plaintext(),
            "plaintext",
        ),
        (
            local().plaintext().tls_root(certificate("ca.pem")),
            "plaintext",
        ),
        (local().tls_root(""), "tls_root"),
        (local().tls_identity("garbage", "garbage"), "tls_identity"),
        (
            local().tls_identity(certificate("client.pem"), "garbage"),
            "private key",
        ),
        (
            local().tls_identity(certificate("client.pem"), certificate("foreign-key.pem")),
            "tls_identity",
        ),
        (local().channel(channel()), "channel()"),
        (local().deadline(Duration::ZERO), "deadline"),
    ];
    for (builder, told) in made {
        let error = builder.build().expect_err(told);
        assert_eq!(
            (error.code(), error.reason()),
            (Code::InvalidArgument, None)
        );
        assert!(error.message().contains(told), "{error}");
        assert!(!error.to_string().contains("af_"));
    }
}

#[tokio::test]
async fn an_address_may_be_a_url() {
    let url = format!("http://{}", env("AUTHFLOW_TEST_GRPC"));
    let client = builder(url, "af_none").build().unwrap();
    let error = client.login(Login::new(EMAIL, PASSWORD)).await.unwrap_err();
    assert_eq!(error.code(), Code::Unauthenticated);
}

#[tokio::test]
async fn a_channel_of_the_callers_own_is_used() {
    let session = session_of(&new_client().await).await;
    let url = format!("http://{}", env("AUTHFLOW_TEST_GRPC"));
    let channel = Endpoint::from_shared(url).unwrap().connect_lazy();
    let client = Client::builder()
        .api_key("af_none")
        .channel(channel)
        .build()
        .unwrap();
    let error = client
        .validate(Validate::new(&session.token).email(EMAIL))
        .await
        .unwrap_err();
    assert_eq!(error.reason(), Some(&Reason::ApiKeyInvalid));
}

#[tokio::test]
async fn nothing_printed_of_a_client_a_call_or_a_result_holds_a_secret() {
    let client = client("af_the-key");
    let session = session_of(&new_client().await).await;
    let nonce = new_client()
        .await
        .foo_bar(FooBar::new(EMAIL))
        .await
        .unwrap();
    let change = ChangePassword::new(&session.token, PASSWORD).current_password(PASSWORD);
    let printed = format!(
        "{:?} {:?} {:?} {client:?} {:?} {session:?} {nonce:?} {change:?} {:?} {:?} {:?} {:?}",
        builder("127.0.0.1:1", "af_the-key"),
        builder("af_the-key", "127.0.0.1:1"),
        client.auth(),
        client.connection(),
        crate::support::ada(),
        Login::new(EMAIL, PASSWORD),
        Validate::new(&session.token),
        Logout::new(&session.token),
    );
    for secret in ["af_the-key", &session.token, &nonce.token, PASSWORD] {
        assert!(!printed.contains(secret));
    }
}

/// Writes down what passes, once per request.
fn noting(
    notes: &Arc<Mutex<Vec<String>>>,
    name: &'static str,
) -> impl Fn(Request<()>) -> Result<Request<()>, Status> + Clone {
    let notes = notes.clone();
    move |mut request| {
        let seen = request.metadata().get("x-first").is_some();
        notes.lock().unwrap().push(format!("{name} {seen}"));
        let value = MetadataValue::from_static("here");
        request.metadata_mut().insert("x-first", value);
        Ok(request)
    }
}

#[tokio::test]
async fn interceptors_and_layers_go_around_every_request_the_first_outermost() {
    let notes = Arc::default();
    let client = builder(env("AUTHFLOW_TEST_GRPC"), "af_none")
        .layer(InterceptorLayer::new(noting(&notes, "first")))
        .layer(InterceptorLayer::new(noting(&notes, "second")))
        .build()
        .unwrap();
    let error = client.foo_bar(FooBar::new(EMAIL)).await.unwrap_err();
    assert_eq!(error.reason(), Some(&Reason::ApiKeyInvalid));
    assert_eq!(*notes.lock().unwrap(), ["first false", "second true"]);
}
