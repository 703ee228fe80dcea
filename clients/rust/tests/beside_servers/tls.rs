use authflow_client::{AuthFlow, Client, Code, Error, FooBar, Logout, Validate};

use crate::support::{builder, certificate, env, organization_over, session_of, EMAIL};

#[tokio::test]
async fn a_server_of_the_trusted_authority_is_talked_to() {
    let build = |api_key: String| {
        builder(env("AUTHFLOW_TEST_TLS_GRPC"), api_key)
            .tls_root(certificate("ca.pem"))
            .build()
            .unwrap()
    };
    assert_round_trip(build).await;
    // By its scheme a URL asks for TLS too.
    let url = format!("https://{}", env("AUTHFLOW_TEST_TLS_GRPC"));
    let client = builder(url, "af_none")
        .tls_root(certificate("ca.pem"))
        .build()
        .unwrap();
    let error = client.foo_bar(FooBar::new(EMAIL)).await.unwrap_err();
    assert_eq!(error.code(), Code::Unauthenticated);
}

#[tokio::test]
async fn a_server_of_another_authority_is_not() {
    let address = env("AUTHFLOW_TEST_TLS_GRPC");
    let foreign = builder(address.clone(), "af_none").tls_root(certificate("foreign-ca.pem"));
    let error = assert_not_reached(foreign).await;
    assert!(error.message().contains("certificate"), "{error}");
    // The machine's own authorities do not know it either.
    assert_not_reached(builder(format!("https://{address}"), "af_none")).await;
    assert_not_reached(builder(address, "af_none")).await;
}

#[tokio::test]
async fn a_certificate_of_the_trusted_authority_is_shown() {
    let build = |api_key: String| {
        builder(env("AUTHFLOW_TEST_MTLS_GRPC"), api_key)
            .tls_root(certificate("ca.pem"))
            .tls_identity(certificate("client.pem"), certificate("client-key.pem"))
            .build()
            .unwrap()
    };
    assert_round_trip(build).await;
}

#[tokio::test]
async fn without_it_or_with_anothers_the_server_is_not_reached() {
    let with_root =
        || builder(env("AUTHFLOW_TEST_MTLS_GRPC"), "af_none").tls_root(certificate("ca.pem"));
    assert_not_reached(with_root()).await;
    let foreign =
        with_root().tls_identity(certificate("foreign.pem"), certificate("foreign-key.pem"));
    assert_not_reached(foreign).await;
}

async fn assert_round_trip(build: impl Fn(String) -> Client) {
    let organization = organization_over(build("af_none".into()).connection()).await;
    let client = build(organization.api_key);
    let session = session_of(&client).await;
    assert_eq!(
        client
            .validate(Validate::new(&session.token).email(EMAIL))
            .await
            .unwrap()
            .email,
        EMAIL
    );
    client.logout(Logout::new(&session.token)).await.unwrap();
}

async fn assert_not_reached(builder: authflow_client::Builder) -> Error {
    let error = builder
        .build()
        .unwrap()
        .foo_bar(FooBar::new(EMAIL))
        .await
        .unwrap_err();
    assert_eq!(
        (error.code(), error.reason()),
        (Code::Unavailable, None),
        "{error}"
    );
    error
}
