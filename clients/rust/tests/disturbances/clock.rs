use authflow_client::proto::LoginRequest;
use authflow_client::{AuthFlow, Error, FooBar, Logout, Reason, Validate};

use crate::support::{control, new_client, session_of, EMAIL, PASSWORD};

#[tokio::test]
async fn nonces_and_sessions_grow_too_old() {
    let _alone = crate::ALONE.lock().await;
    let client = new_client().await;
    let session = session_of(&client).await;
    let nonce = client.foo_bar(FooBar::new(EMAIL)).await.unwrap();
    control("POST", "/clock?seconds=600").await;
    let request = LoginRequest {
        foobar: nonce.token,
        email: EMAIL.into(),
        password: PASSWORD.into(),
        ..Default::default()
    };
    let error = Error::from(client.auth().login(request).await.unwrap_err());
    assert_eq!(error.reason(), Some(&Reason::NonceExpired));

    control("POST", "/clock?seconds=604800").await;
    let error = client
        .validate(Validate::new(&session.token).email(EMAIL))
        .await
        .unwrap_err();
    assert_eq!(error.reason(), Some(&Reason::SessionExpired));
    // To log out of it is a success.
    client.logout(Logout::new(&session.token)).await.unwrap();
}
