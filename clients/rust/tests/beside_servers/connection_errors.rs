//! Why there is no connection, in words.

use authflow_client::{AuthFlow, Builder, Code, Error, FooBar, Reason};
use tokio::io::{copy_bidirectional, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{builder, certificate, env, nowhere, tls_proxy, EMAIL};

const SELF_SIGNED: &[u8] = include_bytes!("../certificates/self-signed.pem");
/// As a certificate that is marked as no authority (`CA:FALSE`), for `localhost` and `::1`.
const NO_AUTHORITY: &[u8] = include_bytes!("../certificates/self-signed-no-authority.pem");
const EXPIRED: &[u8] = include_bytes!("../certificates/self-signed-expired.pem");

async fn error_of(builder: Builder) -> Error {
    let client = builder.build().unwrap();
    client.foo_bar(FooBar::new(EMAIL)).await.unwrap_err()
}

/// The error is one of no connection, and its sentence has the address and says what is told.
async fn assert_no_connection(builder: Builder, address: &str, told: &str) {
    let error = error_of(builder).await;
    let outcome = (error.code(), error.reason());
    assert_eq!(outcome, (Code::Unavailable, None), "{error}");
    assert!(error.message().contains(address), "{error}");
    assert!(error.message().contains(told), "{error}");
    assert!(std::error::Error::source(&error).is_some());
}

/// Takes connections and answers each with these bytes alone.
async fn answering(bytes: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut asked = [0; 24];
            let _ = stream.read(&mut asked).await;
            let _ = stream.write_all(bytes).await;
        }
    });
    address
}

#[tokio::test]
async fn nobody_listens() {
    let address = nowhere().await;
    assert_no_connection(builder(&*address, "af_none"), &address, "refused").await;
}

#[tokio::test]
async fn there_is_no_such_host() {
    let address = "authflow.invalid:50051";
    let builder = builder(address, "af_none").plaintext();
    assert_no_connection(builder, address, "no such host").await;
}

#[tokio::test]
async fn the_server_speaks_tls_and_the_client_clear_text() {
    let address = env("AUTHFLOW_TEST_TLS_GRPC");
    assert_no_connection(builder(&*address, "af_none"), &address, "https://").await;
    // As servers answer that send an alert before they close.
    let address = answering(&[0x15, 3, 1, 0, 2, 2, 70]).await;
    assert_no_connection(builder(&*address, "af_none"), &address, "speaks TLS").await;
}

#[tokio::test]
async fn the_server_speaks_clear_text_and_the_client_tls() {
    let address = env("AUTHFLOW_TEST_GRPC");
    let builder = builder(format!("https://{address}"), "af_none");
    assert_no_connection(builder.tls_root(SELF_SIGNED), &address, "http://").await;
}

#[tokio::test]
async fn the_server_speaks_http_1() {
    let address = answering(b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n").await;
    assert_no_connection(builder(&*address, "af_none"), &address, "HTTP/1").await;
}

#[tokio::test]
async fn the_connection_is_closed_without_an_answer() {
    let address = answering(b"").await;
    assert_no_connection(builder(&*address, "af_none"), &address, "closed").await;
}

#[tokio::test]
async fn the_certificate_is_not_trusted_has_expired_or_is_anothers() {
    let address = env("AUTHFLOW_TEST_TLS_GRPC");
    let of = |address: &str, root: &[u8]| builder(address, "af_none").tls_root(root);
    let foreign = certificate("foreign-ca.pem");
    assert_no_connection(of(&address, &foreign), &address, "not trusted").await;

    let address = format!("localhost:{}", tls_proxy::serve(SELF_SIGNED, &["h2"]).await);
    assert_no_connection(of(&address, &foreign), &address, "not trusted").await;
    let by_number = address.replace("localhost", "127.0.0.1");
    assert_no_connection(of(&by_number, SELF_SIGNED), &by_number, "127.0.0.1").await;

    let address = format!("localhost:{}", tls_proxy::serve(EXPIRED, &["h2"]).await);
    assert_no_connection(of(&address, EXPIRED), &address, "expired").await;
}

#[tokio::test]
async fn there_is_tls_but_no_grpc() {
    let address = format!("localhost:{}", tls_proxy::serve(SELF_SIGNED, &[]).await);
    let builder = builder(&*address, "af_none").tls_root(SELF_SIGNED);
    assert_no_connection(builder, &address, "no HTTP/2").await;
}

#[tokio::test]
async fn a_clients_certificate_is_demanded() {
    let address = env("AUTHFLOW_TEST_MTLS_GRPC");
    let builder = builder(&*address, "af_none").tls_root(certificate("ca.pem"));
    assert_no_connection(builder, &address, "tls_identity").await;
}

#[tokio::test]
async fn a_self_signed_certificate_is_trusted_when_it_is_given() {
    let address = format!("localhost:{}", tls_proxy::serve(SELF_SIGNED, &["h2"]).await);
    let error = error_of(builder(address, "af_none").tls_root(SELF_SIGNED)).await;
    assert_eq!(error.code(), Code::Unauthenticated, "{error}");
}

#[tokio::test]
async fn a_self_signed_certificate_that_is_not_trusted_is_told_as_one() {
    let foreign = certificate("foreign-ca.pem");
    for shown in [SELF_SIGNED, NO_AUTHORITY] {
        let address = format!("localhost:{}", tls_proxy::serve(shown, &["h2"]).await);
        let builder = builder(&*address, "af_none").tls_root(&foreign);
        let told = "it is self-signed: give it to tls_root";
        assert_no_connection(builder, &address, told).await;
    }
    let address = env("AUTHFLOW_TEST_TLS_GRPC");
    let builder = builder(&*address, "af_none").tls_root(&foreign);
    assert_no_connection(builder, &address, "the authority that signed it").await;
}

/// Listens on `::1` before another address; gives the port.
async fn on_ipv6(target: String) -> u16 {
    let listener = TcpListener::bind("[::1]:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let target = target.clone();
            tokio::spawn(async move {
                let mut server = TcpStream::connect(target).await?;
                copy_bidirectional(&mut stream, &mut server).await
            });
        }
    });
    port
}

#[tokio::test]
async fn an_ipv6_address_in_brackets_is_reached_with_and_without_a_scheme() {
    let clear = format!("[::1]:{}", on_ipv6(env("AUTHFLOW_TEST_GRPC")).await);
    let tls = tls_proxy::serve(NO_AUTHORITY, &["h2"]).await;
    let tls = format!("[::1]:{}", on_ipv6(format!("127.0.0.1:{tls}")).await);
    for builder in [
        builder(&*clear, "af_none"),
        builder(format!("http://{clear}"), "af_none"),
        builder(&*tls, "af_none").tls_root(NO_AUTHORITY),
        builder(format!("https://{tls}"), "af_none").tls_root(NO_AUTHORITY),
    ] {
        let error = error_of(builder).await;
        assert_eq!(error.reason(), Some(&Reason::ApiKeyInvalid), "{error}");
    }
    let listener = TcpListener::bind("[::1]:0").await.unwrap();
    let nowhere = listener.local_addr().unwrap().to_string();
    drop(listener);
    assert_no_connection(builder(&*nowhere, "af_none"), &nowhere, "refused").await;
}
