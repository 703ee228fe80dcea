//! What the organization's settings and a user's state make of a login of the fake.

use authflow_client::fake::{MailKind, SecondFactorPolicy};
use authflow_client::{
    AuthFlow, ConfirmTotp, EnableTotp, ForgotPassword, Login, LoginStep, Reason, ResetPassword,
    SendEmailCode, SendLoginCode, Validate, VerifyEmailCode, VerifyRecoveryCode, VerifyTotp,
};

use crate::fake_second_factor::{challenge_of, reason_of, session_in, Ada};
use crate::support::{EMAIL, PASSWORD};

const NEW: &str = "Difference-1822";

#[tokio::test]
async fn a_user_without_a_factor_is_led_to_its_setup() {
    let mut ada = Ada::new().await;
    let fake = ada.fake.clone();
    fake.set_second_factor(SecondFactorPolicy::Required);
    let challenge = ada.challenge().await;
    assert_eq!(challenge.methods, ["setup"]);
    let challenge = challenge.challenge;
    let outcome = fake
        .verify_totp(VerifyTotp::new(&challenge, "000000"))
        .await;
    assert_eq!(reason_of(outcome), "CHALLENGE_INVALID");
    let enable = EnableTotp::by_challenge(&challenge);
    ada.secret = fake.enable_totp(enable).await.unwrap().secret;
    let code = ada.shown();
    let confirm = ConfirmTotp::by_challenge(&challenge, &code);
    let confirmed = fake.confirm_totp(confirm).await.unwrap();
    assert_eq!(confirmed.recovery_codes.len(), 10);
    let token = confirmed.session.unwrap().token;
    fake.validate(Validate::new(&token)).await.unwrap();
    // The session of before is over, and the challenge is spent.
    let outcome = fake.validate(Validate::new(&ada.session.token)).await;
    assert_eq!(reason_of(outcome), "SESSION_REVOKED");
    let outcome = fake.confirm_totp(confirm).await;
    assert_eq!(reason_of(outcome), "CHALLENGE_INVALID");
}

#[tokio::test]
async fn where_the_address_is_proven_the_code_of_a_mail_comes_before_the_setup() {
    let ada = Ada::new().await;
    let fake = &ada.fake;
    ada.verify_address().await;
    fake.set_second_factor(SecondFactorPolicy::Required);
    let first = ada.challenge().await;
    assert_eq!(first.methods, ["email", "setup"]);
    let enable = EnableTotp::by_challenge(&first.challenge);
    assert_eq!(
        reason_of(fake.enable_totp(enable).await),
        "CHALLENGE_INVALID"
    );
    let send = SendEmailCode::new(&first.challenge);
    fake.send_email_code(send).await.unwrap();
    let code = ada.mailed(MailKind::EmailCode);
    let verify = VerifyEmailCode::new(&first.challenge, &code);
    let second = challenge_of(fake.verify_email_code(verify).await.unwrap());
    assert_eq!(second.reason, Reason::SecondFactorRequired);
    assert_eq!(second.methods, ["setup"]);
    let enable = EnableTotp::by_challenge(&second.challenge);
    fake.enable_totp(enable).await.unwrap();
}

#[tokio::test]
async fn who_has_a_factor_needs_it_where_the_organization_takes_none() {
    let mut ada = Ada::with_factor().await;
    ada.fake.set_second_factor(SecondFactorPolicy::Off);
    let challenge = ada.challenge().await.challenge;
    let code = ada.fresh_code();
    let verify = VerifyTotp::new(&challenge, &code);
    session_in(ada.fake.verify_totp(verify).await.unwrap());
}

#[tokio::test]
async fn what_is_missing_is_told_in_order() {
    let mut ada = Ada::with_factor().await;
    let fake = ada.fake.clone();
    fake.set_password(EMAIL, PASSWORD, true);
    fake.set_require_verified_email(true);
    fake.set_disabled(EMAIL, true);
    let wrong = fake.login_step(Login::new(EMAIL, NEW)).await;
    assert_eq!(reason_of(wrong), "CREDENTIALS_INVALID");
    assert_eq!(reason_of(ada.step().await), "USER_DISABLED");
    fake.set_disabled(EMAIL, false);
    let error = ada.step().await.unwrap_err();
    assert_eq!(error.reason(), Some(&Reason::EmailNotVerified));
    assert_eq!((error.http_status(), error.challenge()), (403, None));
    ada.verify_address().await;
    let challenge = ada.challenge().await;
    assert_eq!(challenge.reason, Reason::SecondFactorRequired);
    let code = ada.fresh_code();
    let verify = VerifyTotp::new(&challenge.challenge, &code);
    let challenge = challenge_of(fake.verify_totp(verify).await.unwrap());
    assert_eq!(challenge.reason, Reason::PasswordChangeRequired);
    assert_eq!(challenge.methods, ["change_password"]);

    let reset = ResetPassword::new(&challenge.challenge, NEW);
    let error = fake.reset_password(reset).await.unwrap_err();
    assert_eq!(error.violations()[0].field, "currentPassword");
    let outcome = fake.reset_password(reset.current_password(NEW)).await;
    assert_eq!(reason_of(outcome), "CREDENTIALS_INVALID");
    let reset = reset.current_password(PASSWORD);
    fake.reset_password(reset).await.unwrap();
    let outcome = fake.reset_password(reset).await;
    assert_eq!(reason_of(outcome), "CHALLENGE_INVALID");
    let step = fake.login_step(Login::new(EMAIL, NEW)).await.unwrap();
    let challenge = challenge_of(step).challenge;
    let code = ada.fresh_code();
    let verify = VerifyTotp::new(&challenge, &code);
    session_in(fake.verify_totp(verify).await.unwrap());
}

#[tokio::test]
async fn a_setup_opens_no_session_where_the_password_must_be_changed() {
    let mut ada = Ada::new().await;
    let fake = ada.fake.clone();
    fake.set_second_factor(SecondFactorPolicy::Required);
    fake.set_password(EMAIL, PASSWORD, true);
    let challenge = ada.challenge().await.challenge;
    let enable = EnableTotp::by_challenge(&challenge);
    ada.secret = fake.enable_totp(enable).await.unwrap().secret;
    let code = ada.shown();
    let confirm = ConfirmTotp::by_challenge(&challenge, &code);
    let confirmed = fake.confirm_totp(confirm).await.unwrap();
    assert_eq!(confirmed.session, None);
    let challenge = ada.challenge().await;
    assert_eq!(challenge.methods, ["totp", "recovery"]);
}

#[tokio::test]
async fn a_code_by_mail_logs_in_where_the_organization_lets_it() {
    let ada = Ada::new().await;
    let fake = &ada.fake;
    let send = SendLoginCode::new(EMAIL);
    let outcome = fake.send_login_code(send).await;
    assert_eq!(reason_of(outcome), "ACCESS_DENIED");
    fake.set_login_by_email(true);
    fake.set_require_verified_email(true);
    let first = fake.send_login_code(send).await.unwrap();
    let sent = fake.send_login_code(send).await.unwrap();
    assert!(!format!("{sent:?}").contains(&sent.challenge));
    let code = ada.mailed(MailKind::LoginCode);
    let verify = VerifyEmailCode::new(&first.challenge, &code);
    assert_eq!(
        reason_of(fake.verify_email_code(verify).await),
        "CHALLENGE_INVALID"
    );
    let again = SendEmailCode::new(&sent.challenge);
    assert_eq!(
        reason_of(fake.send_email_code(again).await),
        "CHALLENGE_INVALID"
    );
    let verify = VerifyEmailCode::new(&sent.challenge, &code);
    let session = session_in(fake.verify_email_code(verify).await.unwrap());
    let user = fake.validate(Validate::new(&session.token)).await.unwrap();
    assert!(user.email_verified);

    // Nobody learns who exists.
    let nobody = SendLoginCode::new("grace@example.com");
    let sent = fake.send_login_code(nobody).await.unwrap();
    let verify = VerifyEmailCode::new(&sent.challenge, &code);
    for reason in [["CODE_INVALID"; 5].as_slice(), &["CHALLENGE_INVALID"]].concat() {
        assert_eq!(reason_of(fake.verify_email_code(verify).await), reason);
    }
}

#[tokio::test]
async fn a_mailbox_is_no_second_factor_beside_itself() {
    let mut ada = Ada::with_factor().await;
    let fake = ada.fake.clone();
    ada.verify_address().await;
    fake.set_login_by_email(true);
    let sent = fake.send_login_code(SendLoginCode::new(EMAIL)).await;
    let sent = sent.unwrap().challenge;
    let code = ada.mailed(MailKind::LoginCode);
    let verify = VerifyEmailCode::new(&sent, &code);
    let challenge = challenge_of(fake.verify_email_code(verify).await.unwrap());
    assert_eq!(challenge.methods, ["totp", "recovery"]);

    // Nor is it where it set the password, until the factor is proven.
    let forgot = ForgotPassword::new(EMAIL);
    fake.forgot_password(forgot).await.unwrap();
    let token = fake.mails().pop().unwrap().token;
    let reset = ResetPassword::new(&token, PASSWORD);
    fake.reset_password(reset).await.unwrap();
    let challenge = ada.challenge().await;
    assert_eq!(challenge.methods, ["totp", "recovery"]);
    let code = ada.fresh_code();
    let verify = VerifyTotp::new(&challenge.challenge, &code);
    fake.verify_totp(verify).await.unwrap();
    assert!(ada.challenge().await.takes("email"));
}

#[tokio::test]
async fn the_reset_that_first_proves_an_address_takes_the_factor_off() {
    let ada = Ada::with_factor().await;
    let fake = &ada.fake;
    let forgot = ForgotPassword::new(EMAIL);
    fake.forgot_password(forgot).await.unwrap();
    let challenge = ada.challenge().await.challenge;
    let token = fake.mails().pop().unwrap().token;
    let reset = ResetPassword::new(&token, PASSWORD);
    fake.reset_password(reset).await.unwrap();
    let verify = VerifyRecoveryCode::new(&challenge, &ada.recovery_codes[0]);
    let outcome = fake.verify_recovery_code(verify).await;
    assert_eq!(reason_of(outcome), "CHALLENGE_INVALID");
    let step = ada.step().await.unwrap();
    assert!(matches!(step, LoginStep::Session { .. }));
}
