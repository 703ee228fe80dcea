//! The second step of a login on the wire: what is sent once, and what a refusal brings.

use std::collections::HashMap;
use std::time::Duration;

use authflow_client::{
    AuthFlow, Client, Code, ConfirmTotp, DisableTotp, EnableTotp, Error, Login, LoginStep, Reason,
    RegenerateRecoveryCodes, ResetPassword, SendEmailCode, SendLoginCode, VerifyEmailCode,
    VerifyRecoveryCode, VerifyTotp,
};
use tonic::Status;
use tonic_types::{ErrorDetails, StatusExt};

use crate::support::refusing::Refusing;
use crate::support::{unreachable, EMAIL, PASSWORD};

const CHALLENGE: &str = "the-challenge-of-the-login";

fn refused(code: Code, reason: Reason, metadata: &[(&str, &str)]) -> Status {
    let metadata = metadata.iter().copied();
    let metadata = metadata.map(|(key, value)| (key.to_owned(), value.to_owned()));
    let metadata: HashMap<_, _> = metadata.collect();
    let details = ErrorDetails::with_error_info(reason.as_str(), "authflow", metadata);
    Status::with_error_details(code, "Not yet.", details)
}

/// Each call with the name that it has on the wire, and what came of it.
async fn all(client: &Client) -> Vec<(&'static str, Result<(), Error>)> {
    macro_rules! made {
        ($($service:literal: $name:ident($request:expr);)*) => {
            vec![$(($service, client.$name($request).await.map(|_| ()))),*]
        };
    }
    made! {
        "AccountService/SendLoginCode": send_login_code(SendLoginCode::new(EMAIL));
        "SecondFactorService/EnableTotp": enable_totp(EnableTotp::by_challenge(CHALLENGE));
        "SecondFactorService/ConfirmTotp": confirm_totp(ConfirmTotp::by_challenge(CHALLENGE, "123456"));
        "SecondFactorService/DisableTotp": disable_totp(DisableTotp::new("garbage", "123456").email(EMAIL));
        "SecondFactorService/RegenerateRecoveryCodes":
            regenerate_recovery_codes(RegenerateRecoveryCodes::new("garbage", "123456").email(EMAIL));
        "SecondFactorService/VerifyTotp": verify_totp(VerifyTotp::new(CHALLENGE, "123456"));
        "SecondFactorService/SendEmailCode": send_email_code(SendEmailCode::new(CHALLENGE));
        "SecondFactorService/VerifyEmailCode": verify_email_code(VerifyEmailCode::new(CHALLENGE, "123456"));
        "SecondFactorService/VerifyRecoveryCode": verify_recovery_code(VerifyRecoveryCode::new(CHALLENGE, "A"));
    }
}

#[tokio::test]
async fn none_is_repeated_where_nobody_knows_what_became_of_it() {
    let server = Refusing::with(Status::unavailable("a proxy's own")).await;
    let made = all(&server.client).await;
    let names: Vec<_> = made.iter().map(|(name, _)| *name).collect();
    assert_eq!(server.calls(), names);
    for (name, outcome) in made {
        let error = outcome.unwrap_err();
        let told = (error.code(), error.reason());
        assert_eq!(told, (Code::Unavailable, None), "{name}");
    }
}

#[tokio::test]
async fn each_is_repeated_where_nothing_was_done() {
    let status = refused(Code::ResourceExhausted, Reason::Overloaded, &[]);
    let mut details = status.get_error_details();
    details.set_retry_info(Some(Duration::from_millis(1)));
    let status = Status::with_error_details(status.code(), "Later.", details);
    let server = Refusing::with(status).await;
    let verify = VerifyTotp::new(CHALLENGE, "123456");
    let error = server.client.verify_totp(verify).await.unwrap_err();
    assert_eq!(error.reason(), Some(&Reason::Overloaded));
    assert_eq!(server.calls(), ["SecondFactorService/VerifyTotp"; 3]);
}

#[tokio::test]
async fn a_token_that_names_no_e_mail_is_refused_without_a_call() {
    let client = unreachable().await;
    let outcomes = [
        client.enable_totp(EnableTotp::new("garbage")).await.err(),
        client
            .confirm_totp(ConfirmTotp::new("garbage", "1"))
            .await
            .err(),
        client
            .disable_totp(DisableTotp::new("garbage", "1"))
            .await
            .err(),
    ];
    for error in outcomes {
        assert_eq!(error.unwrap().reason(), Some(&Reason::SessionInvalid));
    }
}

#[tokio::test]
async fn a_step_more_is_an_answer_of_the_calls_of_a_login_and_an_error_of_others() {
    for (code, reason, methods) in [
        (
            Code::Unauthenticated,
            Reason::SecondFactorRequired,
            "totp,recovery",
        ),
        (
            Code::PermissionDenied,
            Reason::PasswordChangeRequired,
            "change_password",
        ),
    ] {
        let metadata = [
            ("challenge", CHALLENGE),
            ("methods", methods),
            ("expires_at", "2030-01-02T03:04:05Z"),
        ];
        let server = Refusing::with(refused(code, reason.clone(), &metadata)).await;
        let client = &server.client;
        let login = Login::new(EMAIL, PASSWORD);
        let steps = [
            client.login_step(login).await,
            client.verify_totp(VerifyTotp::new(CHALLENGE, "1")).await,
            client
                .verify_email_code(VerifyEmailCode::new(CHALLENGE, "1"))
                .await,
            client
                .verify_recovery_code(VerifyRecoveryCode::new(CHALLENGE, "1"))
                .await,
        ];
        for step in steps {
            let LoginStep::Challenge(challenge) = step.unwrap() else {
                panic!("a challenge");
            };
            assert_eq!(challenge.reason, reason);
            assert_eq!(challenge.challenge, CHALLENGE);
            assert_eq!(challenge.methods.join(","), methods);
        }
        assert_eq!(server.calls().len(), 4);
        let reset = ResetPassword::new(CHALLENGE, PASSWORD).current_password(PASSWORD);
        let errors = [
            client.login(login).await.err(),
            client.reset_password(reset).await.err(),
        ];
        for error in errors {
            let error = error.unwrap();
            assert_eq!(error.challenge().unwrap().challenge, CHALLENGE);
            assert!(!format!("{error} {error:?} {:?}", error.status()).contains(CHALLENGE));
        }
    }
}

#[tokio::test]
async fn no_log_line_holds_a_challenge_or_a_code() {
    const CODE: &str = "unlogged-code";
    let metadata = [
        ("challenge", CHALLENGE),
        ("methods", "totp"),
        ("expires_at", "2030-01-02T03:04:05Z"),
    ];
    let log = crate::silence::Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let status = refused(
        Code::Unauthenticated,
        Reason::SecondFactorRequired,
        &metadata,
    );
    let server = Refusing::with(status).await;
    let verify = VerifyTotp::new(CHALLENGE, CODE);
    let step = server.client.verify_totp(verify).await.unwrap();
    let login = server.client.login(Login::new(EMAIL, PASSWORD)).await;
    let requests = format!(
        "{verify:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        EnableTotp::by_challenge(CHALLENGE).current_password(PASSWORD),
        ConfirmTotp::by_challenge(CHALLENGE, CODE),
        DisableTotp::new(CHALLENGE, CODE),
        RegenerateRecoveryCodes::new(CHALLENGE, CODE),
        SendEmailCode::new(CHALLENGE),
        VerifyRecoveryCode::new(CHALLENGE, CODE),
    );
    let log = log.text() + &format!("{step:?} {login:?} {requests}");
    assert!(log.len() > 1_000, "{log}");
    // The header that brings the challenge, in base64.
    for secret in [CHALLENGE, CODE, PASSWORD, "grpc-status-details-bin"] {
        assert!(!log.contains(secret), "{log}");
    }
}
