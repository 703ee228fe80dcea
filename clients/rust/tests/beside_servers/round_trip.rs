use std::time::{Duration, SystemTime};

use authflow_client::{AuthFlow, ChangePassword, Login, Logout, Reason, Validate};

use crate::support::{ada, client, organization, EMAIL, PASSWORD};

#[tokio::test]
async fn a_user_signs_up_logs_in_is_validated_changes_the_password_and_logs_out() {
    let organization = organization().await;
    let client = client(&organization.api_key);
    let user = client.sign_up(ada()).await.unwrap();
    assert_eq!(
        (user.email.as_str(), user.full_name.as_str()),
        (EMAIL, "Ada Lovelace")
    );
    assert_eq!(user.org_id, organization.org_id);

    let session = client.login(Login::new(EMAIL, PASSWORD)).await.unwrap();
    let other = client.login(Login::new(EMAIL, PASSWORD)).await.unwrap();
    assert_eq!(session.user_id, user.user_id);
    assert!(session.expires_at > SystemTime::now() + Duration::from_secs(60));

    let valid = client
        .validate(Validate::new(&session.token).email(EMAIL))
        .await
        .unwrap();
    assert_eq!(valid.user_id, user.user_id);
    assert_eq!(valid.org_id, organization.org_id);
    assert_eq!(valid.expires_at, session.expires_at);
    assert!(!valid.session_id.is_empty());

    let change = ChangePassword::new(&session.token, "Difference-1822")
        .email(EMAIL)
        .current_password(PASSWORD);
    let changed = client.change_password(change).await.unwrap();
    assert_eq!(changed.ended_sessions, 1);
    let error = client
        .validate(Validate::new(&other.token).email(EMAIL))
        .await
        .unwrap_err();
    assert_eq!(error.reason(), Some(&Reason::SessionRevoked));
    client
        .login(Login::new(EMAIL, "Difference-1822"))
        .await
        .unwrap();

    for _ in 0..2 {
        client.logout(Logout::new(&session.token)).await.unwrap();
    }
    let error = client
        .validate(Validate::new(&session.token).email(EMAIL))
        .await
        .unwrap_err();
    assert_eq!(error.reason(), Some(&Reason::SessionRevoked));
}

#[tokio::test]
async fn a_client_is_shared_by_many_tasks() {
    let organization = organization().await;
    let client = client(&organization.api_key);
    client.sign_up(ada()).await.unwrap();
    let session = client.login(Login::new(EMAIL, PASSWORD)).await.unwrap();
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let (client, token) = (client.clone(), session.token.clone());
            tokio::spawn(async move { client.validate(Validate::new(&token)).await })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap().unwrap().email, EMAIL);
    }
}
