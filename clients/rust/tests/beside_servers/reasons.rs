//! The reasons that the real server gives without trickery; the rest come by the shared list.

use authflow_client::proto::organization_service_client::OrganizationServiceClient;
use authflow_client::proto::{
    CreateOrganizationRequest, GetOrganizationRequest, LoginRequest, RevokeApiKeyRequest,
};
use authflow_client::{
    AuthFlow, ChangePassword, Client, Code, Error, FooBar, Login, Logout, Reason, SignUp, Validate,
};

use crate::support::{
    ada, as_admin, client, control, new_client, organization, session_of, unreachable, EMAIL,
    PASSWORD,
};

const UNKNOWN_ID: &str = "00000000-0000-4000-8000-000000000000";

#[tokio::test]
async fn arguments_at_fault_are_named() {
    let client = new_client().await;
    let user = SignUp::new(EMAIL, "").disclaimed(true);
    let error = client.sign_up(user).await.unwrap_err();
    assert_told(&error, Code::InvalidArgument, Reason::InvalidArgument);
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
    let weak = SignUp::new(EMAIL, "password")
        .full_name("Ada")
        .disclaimed(true);
    let error = client.sign_up(weak).await.unwrap_err();
    assert_told(&error, Code::InvalidArgument, Reason::PasswordPolicy);
    let error = client.sign_up(ada().disclaimed(false)).await.unwrap_err();
    assert_told(&error, Code::InvalidArgument, Reason::DisclaimerRequired);
    client.sign_up(ada()).await.unwrap();
    let error = client.sign_up(ada()).await.unwrap_err();
    assert_told(&error, Code::AlreadyExists, Reason::UserExists);
}

#[tokio::test]
async fn a_nonce_counts_once_and_for_its_e_mail_alone() {
    let client = new_client().await;
    client.sign_up(ada()).await.unwrap();
    let nonce = client
        .foo_bar(FooBar::new("grace@example.com"))
        .await
        .unwrap();
    let error = login_with(&client, nonce.token).await.unwrap_err();
    assert_told(&error, Code::Unauthenticated, Reason::NonceInvalid);
    let nonce = client.foo_bar(FooBar::new(EMAIL)).await.unwrap();
    login_with(&client, nonce.token.clone()).await.unwrap();
    let error = login_with(&client, nonce.token).await.unwrap_err();
    assert_told(&error, Code::Unauthenticated, Reason::NonceUsed);
}

#[tokio::test]
async fn an_unknown_key_is_refused() {
    let error = client(&format!("af_{}", "A".repeat(43)))
        .login(Login::new(EMAIL, PASSWORD))
        .await
        .unwrap_err();
    assert_told(&error, Code::Unauthenticated, Reason::ApiKeyInvalid);
}

#[tokio::test]
async fn a_login_is_refused_for_its_user_and_its_password() {
    let organization = organization().await;
    let client = client(&organization.api_key);
    let error = client.login(Login::new(EMAIL, PASSWORD)).await.unwrap_err();
    assert_told(&error, Code::NotFound, Reason::UserNotFound);
    client.sign_up(ada()).await.unwrap();
    let error = client
        .login(Login::new(EMAIL, "Difference-1822"))
        .await
        .unwrap_err();
    assert_told(&error, Code::Unauthenticated, Reason::CredentialsInvalid);
    control(
        "POST",
        &format!("/disable?org_id={}&email={EMAIL}", organization.org_id),
    )
    .await;
    let error = client.login(Login::new(EMAIL, PASSWORD)).await.unwrap_err();
    assert_told(&error, Code::PermissionDenied, Reason::UserDisabled);
}

#[tokio::test]
async fn a_session_is_refused_when_it_is_forged_anothers_or_ended() {
    let client = new_client().await;
    let session = session_of(&client).await;
    for (token, email) in [("garbage", EMAIL), (&session.token, "grace@example.com")] {
        let validate = Validate::new(token).email(email);
        let error = client.validate(validate).await.unwrap_err();
        assert_told(&error, Code::Unauthenticated, Reason::SessionInvalid);
    }
    let wrong =
        ChangePassword::new(&session.token, "Difference-1822").current_password("Difference-1823");
    let error = client.change_password(wrong).await.unwrap_err();
    assert_told(&error, Code::Unauthenticated, Reason::CredentialsInvalid);
    client.logout(Logout::new(&session.token)).await.unwrap();
    let error = client
        .validate(Validate::new(&session.token).email(EMAIL))
        .await
        .unwrap_err();
    assert_told(&error, Code::Unauthenticated, Reason::SessionRevoked);
}

#[tokio::test]
async fn a_token_that_names_no_e_mail_is_refused_without_a_call() {
    // Whatever is asked of this client is told to be unavailable.
    let client = unreachable().await;
    let outcomes = [
        client.validate(Validate::new("garbage")).await.err(),
        client.logout(Logout::new("garbage")).await.err(),
        client
            .change_password(ChangePassword::new("garbage", PASSWORD))
            .await
            .err(),
    ];
    for error in outcomes {
        let told = error.unwrap();
        assert_eq!(told.code(), Code::Unauthenticated);
        assert_eq!(told.reason(), Some(&Reason::SessionInvalid));
    }
}

#[tokio::test]
async fn errors_of_other_stubs_are_decoded_alike() {
    let organization = organization().await;
    let mut organizations = OrganizationServiceClient::new(client("af_none").connection());
    let again = CreateOrganizationRequest {
        name: organization.name.clone(),
    };
    let error: Error = organizations
        .create_organization(again.clone())
        .await
        .unwrap_err()
        .into();
    assert_told(&error, Code::Unauthenticated, Reason::AdminTokenInvalid);
    let error: Error = organizations
        .create_organization(as_admin(again))
        .await
        .unwrap_err()
        .into();
    assert_told(&error, Code::AlreadyExists, Reason::OrganizationExists);
    let unknown = GetOrganizationRequest {
        org_id: UNKNOWN_ID.into(),
    };
    let error: Error = organizations
        .get_organization(as_admin(unknown))
        .await
        .unwrap_err()
        .into();
    assert_told(&error, Code::NotFound, Reason::OrganizationNotFound);
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
    assert_told(&error, Code::NotFound, Reason::ApiKeyNotFound);
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

fn assert_told(error: &Error, code: Code, reason: Reason) {
    let told = (code, Some(&reason));
    assert_eq!((error.code(), error.reason()), told, "{error:?}");
    assert!(!error.message().is_empty());
    assert!(error.status().is_some());
}
