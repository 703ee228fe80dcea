use std::time::{Duration, Instant};

use authflow_client::{AuthFlow, Code, Login, Validate};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::support::{builder, env, unreachable, EMAIL, PASSWORD};

#[tokio::test]
async fn a_call_ends_with_its_deadline() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let client = builder(&*address, "af_none")
        .deadline(Duration::from_millis(200))
        .build()
        .unwrap();
    for _ in 0..2 {
        let begun = Instant::now();
        let error = client.login(Login::new(EMAIL, PASSWORD)).await.unwrap_err();
        assert_eq!(
            (error.code(), error.reason()),
            (Code::DeadlineExceeded, None)
        );
        let sentence = format!("no reply from {address} in 200ms");
        assert_eq!(error.message(), sentence);
        assert!((200..2_000).contains(&begun.elapsed().as_millis()));
    }
}

#[tokio::test]
async fn the_real_server_is_given_too_little_time() {
    let client = builder(env("AUTHFLOW_TEST_GRPC"), "af_none")
        .deadline(Duration::from_nanos(1))
        .build()
        .unwrap();
    let error = client
        .validate(Validate::new("garbage").email(EMAIL))
        .await
        .unwrap_err();
    assert_eq!(error.code(), Code::DeadlineExceeded);
}

#[tokio::test]
async fn a_server_that_cannot_be_reached_is_unavailable() {
    let client = unreachable().await;
    let error = client.login(Login::new(EMAIL, PASSWORD)).await.unwrap_err();
    assert_eq!((error.code(), error.reason()), (Code::Unavailable, None));
    assert!(std::error::Error::source(&error).is_some());
}

#[tokio::test]
async fn a_call_whose_future_is_dropped_ends_and_harms_no_other() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let client = builder(address, "af_none").build().unwrap();
    let call = tokio::spawn({
        let client = client.clone();
        async move { client.validate(Validate::new("garbage").email(EMAIL)).await }
    });
    let (mut stream, _) = listener.accept().await.unwrap();
    call.abort();
    assert!(call.await.unwrap_err().is_cancelled());
    drop(client);
    // The last clone is gone, so the connection is closed.
    let mut sent = Vec::new();
    let closed = timeout(Duration::from_secs(5), stream.read_to_end(&mut sent)).await;
    assert!(closed.is_ok());
}
