//! The reasons that the real server gives without trickery; the rest come by the shared list.

use authflow_client::proto::organization_service_client::OrganizationServiceClient;
use authflow_client::proto::{
    CreateOrganizationRequest, GetOrganizationRequest, LoginRequest, RevokeApiKeyRequest,
};
use authflow_client::{reason, ChangePassword, Client, Code, Error, SignUp};

use crate::support::{
    ada, as_admin, client, control, new_client, organization, session_of, EMAIL, PASSWORD,
};

const UNKNOWN_ID: &str = "00000000-0000-4000-8000-000000000000";

#[tokio::test]
async fn arguments_at_fault_are_named() {
    let client = new_client().await;
    let user = SignUp {
        full_name: "",
        password: "",
        ..ada()
    };
    let error = client.sign_up(user).await.unwrap_err();
    assert_told(&error, Code::InvalidArgument, reason::INVALID_ARGUMENT);
    let fields: Vec<_> = error
        .violations()
        .iter()
        .map(|fault| &fault.field)
        .collect();
    assert_eq!(fields, ["password", "fullname"]);
    assert!(error
        .violations()
        .iter()
        .all(|fault| !fault.message.is_empty()));
}

#[tokio::test]
async fn a_sign_up_is_refused_for_its_password_its_disclaimer_and_its_e_mail() {
    let client = new_client().await;
    let weak = SignUp {
        password: "password",
        ..ada()
    };
    let error = client.sign_up(weak).await.unwrap_err();
    assert_told(&error, Code::InvalidArgument, reason::PASSWORD_POLICY);
    let unasked = SignUp {
        disclaimed: false,
        ..ada()
    };
    let error = client.sign_up(unasked).await.unwrap_err();
    assert_told(&error, Code::InvalidArgument, reason::DISCLAIMER_REQUIRED);
    client.sign_up(ada()).await.unwrap();
    let error = client.sign_up(ada()).await.unwrap_err();
    assert_told(&error, Code::AlreadyExists, reason::USER_EXISTS);
}

#[tokio::test]
async fn a_nonce_counts_once_and_for_its_e_mail_alone() {
    let client = new_client().await;
    client.sign_up(ada()).await.unwrap();
    let nonce = client.foo_bar("grace@example.com").await.unwrap();
    let error = login_with(&client, nonce.token).await.unwrap_err();
    assert_told(&error, Code::Unauthenticated, reason::NONCE_INVALID);
    let nonce = client.foo_bar(EMAIL).await.unwrap();
    login_with(&client, nonce.token.clone()).await.unwrap();
    let error = login_with(&client, nonce.token).await.unwrap_err();
    assert_told(&error, Code::Unauthenticated, reason::NONCE_USED);
}

#[tokio::test]
async fn an_unknown_key_is_refused() {
    let error = client(&format!("af_{}", "A".repeat(43)))
        .login(EMAIL, PASSWORD)
        .await
        .unwrap_err();
    assert_told(&error, Code::Unauthenticated, reason::API_KEY_INVALID);
}

#[tokio::test]
async fn a_login_is_refused_for_its_user_and_its_password() {
    let organization = organization().await;
    let client = client(&organization.api_key);
    let error = client.login(EMAIL, PASSWORD).await.unwrap_err();
    assert_told(&error, Code::NotFound, reason::USER_NOT_FOUND);
    client.sign_up(ada()).await.unwrap();
    let error = client.login(EMAIL, "Difference-1822").await.unwrap_err();
    assert_told(&error, Code::Unauthenticated, reason::CREDENTIALS_INVALID);
    control(
        "POST",
        &format!("/disable?org_id={}&email={EMAIL}", organization.org_id),
    )
    .await;
    let error = client.login(EMAIL, PASSWORD).await.unwrap_err();
    assert_told(&error, Code::PermissionDenied, reason::USER_DISABLED);
}

#[tokio::test]
async fn a_session_is_refused_when_it_is_forged_anothers_or_ended() {
    let client = new_client().await;
    let session = session_of(&client).await;
    for (token, email) in [("garbage", EMAIL), (&session.token, "grace@example.com")] {
        let error = client.validate(token, email).await.unwrap_err();
        assert_told(&error, Code::Unauthenticated, reason::SESSION_INVALID);
    }
    let wrong = ChangePassword {
        session_token: &session.token,
        email: EMAIL,
        new_password: "Difference-1822",
        current_password: Some("Difference-1823"),
    };
    let error = client.change_password(wrong).await.unwrap_err();
    assert_told(&error, Code::Unauthenticated, reason::CREDENTIALS_INVALID);
    client.logout(&session.token, EMAIL).await.unwrap();
    let error = client.validate(&session.token, EMAIL).await.unwrap_err();
    assert_told(&error, Code::Unauthenticated, reason::SESSION_REVOKED);
}

#[tokio::test]
async fn errors_of_other_stubs_are_decoded_alike() {
    let organization = organization().await;
    let mut organizations = OrganizationServiceClient::new(client("af_none").channel());
    let again = CreateOrganizationRequest {
        name: organization.name.clone(),
    };
    let error: Error = organizations
        .create_organization(again.clone())
        .await
        .unwrap_err()
        .into();
    assert_told(&error, Code::Unauthenticated, reason::ADMIN_TOKEN_INVALID);
    let error: Error = organizations
        .create_organization(as_admin(again))
        .await
        .unwrap_err()
        .into();
    assert_told(&error, Code::AlreadyExists, reason::ORGANIZATION_EXISTS);
    let unknown = GetOrganizationRequest {
        org_id: UNKNOWN_ID.into(),
    };
    let error: Error = organizations
        .get_organization(as_admin(unknown))
        .await
        .unwrap_err()
        .into();
    assert_told(&error, Code::NotFound, reason::ORGANIZATION_NOT_FOUND);
    let unknown = RevokeApiKeyRequest {
        org_id: organization.org_id,
        key_id: UNKNOWN_ID.into(),
        ..Default::default()
    };
    let error: Error = organizations
        .revoke_api_key(as_admin(unknown))
        .await
        .unwrap_err()
        .into();
    assert_told(&error, Code::NotFound, reason::API_KEY_NOT_FOUND);
}

async fn login_with(client: &Client, nonce: String) -> Result<(), Error> {
    let request = LoginRequest {
        foobar: nonce,
        email: EMAIL.into(),
        password: PASSWORD.into(),
        ..Default::default()
    };
    client.auth().login(request).await?;
    Ok(())
}

fn assert_told(error: &Error, code: Code, reason: &str) {
    assert_eq!((error.code(), error.reason()), (code, reason), "{error:?}");
    assert!(!error.message().is_empty());
    assert!(error.status().is_some());
}
