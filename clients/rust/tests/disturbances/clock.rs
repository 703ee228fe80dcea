use authflow_client::proto::LoginRequest;
use authflow_client::{reason, Error};

use crate::support::{control, new_client, session_of, EMAIL, PASSWORD};

#[tokio::test]
async fn nonces_and_sessions_grow_too_old() {
    let _alone = crate::ALONE.lock().await;
    let client = new_client().await;
    let session = session_of(&client).await;
    let nonce = client.foo_bar(EMAIL).await.unwrap();
    control("POST", "/clock?seconds=600").await;
    let request = LoginRequest {
        foobar: nonce.token,
        email: EMAIL.into(),
        password: PASSWORD.into(),
        ..Default::default()
    };
    let error = Error::from(client.auth().login(request).await.unwrap_err());
    assert_eq!(error.reason(), reason::NONCE_EXPIRED);

    control("POST", "/clock?seconds=604800").await;
    let error = client.validate(&session.token, EMAIL).await.unwrap_err();
    assert_eq!(error.reason(), reason::SESSION_EXPIRED);
    // To log out of it is a success.
    client.logout(&session.token, EMAIL).await.unwrap();
}
