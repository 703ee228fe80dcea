//! Second factors of the fake, as far as no server's test shows them: what mails bring, and what is counted for long.

use std::time::Duration;

use authflow_client::fake::{AuthFlowFake, MailKind, SecondFactorPolicy};
use authflow_client::{
    AuthFlow, Code, EnableTotp, ForgotPassword, Login, LoginStep, Reason, ResetPassword,
    SendEmailCode, SendLoginCode, Validate, VerifyEmailCode, VerifyRecoveryCode,
};

use crate::support::authenticator::shown;
use crate::support::world::{challenge_of, reason_of, session_in, Ada, World};
use crate::support::{EMAIL, PASSWORD};

#[tokio::test]
async fn it_shows_what_an_app_does() {
    let ada = Ada::in_fake().await;
    assert_eq!(
        ada.fake().totp(&ada.secret),
        shown(&ada.secret, ada.world.now().await)
    );
    assert!(ada.challenge().await.challenge.starts_with("fake."));
}

#[tokio::test]
async fn a_code_by_mail_answers_where_the_address_is_proven() {
    let ada = Ada::in_fake().await;
    let fake = ada.fake();
    ada.world.verify_address().await;
    let challenge = ada.challenge().await;
    assert_eq!(challenge.methods, ["totp", "email", "recovery"]);
    let challenge = challenge.challenge;
    fake.send_email_code(SendEmailCode::new(&challenge))
        .await
        .unwrap();
    let first = ada.mailed(MailKind::SecondFactorCode);
    // The latest is good alone, for whichever challenge it was asked.
    let other = ada.challenge().await.challenge;
    fake.send_email_code(SendEmailCode::new(&other))
        .await
        .unwrap();
    let latest = ada.mailed(MailKind::SecondFactorCode);
    assert!(!format!("{:?}", fake.mails()).contains(&latest));
    let verify = VerifyEmailCode::new(&challenge, &first);
    assert_eq!(
        reason_of(fake.verify_email_code(verify).await),
        "CODE_INVALID"
    );
    let spaced = format!("{} {}", &latest[..3], &latest[3..]);
    let verify = VerifyEmailCode::new(&other, &spaced);
    session_in(fake.verify_email_code(verify).await.unwrap());

    let challenge = ada.challenge().await.challenge;
    fake.send_email_code(SendEmailCode::new(&challenge))
        .await
        .unwrap();
    fake.advance(Duration::from_secs(600));
    let code = ada.mailed(MailKind::SecondFactorCode);
    let verify = VerifyEmailCode::new(&challenge, &code);
    let outcome = fake.verify_email_code(verify).await;
    assert_eq!(reason_of(outcome), "CHALLENGE_INVALID");
}

#[tokio::test]
async fn after_the_code_of_a_mail_comes_the_setup() {
    let ada = Ada::new(World::Fake(AuthFlowFake::new())).await;
    let fake = ada.fake();
    ada.world.verify_address().await;
    fake.set_second_factor(SecondFactorPolicy::Required);
    let first = ada.challenge().await.challenge;
    fake.send_email_code(SendEmailCode::new(&first))
        .await
        .unwrap();
    let code = ada.mailed(MailKind::SecondFactorCode);
    let verify = VerifyEmailCode::new(&first, &code);
    let second = challenge_of(fake.verify_email_code(verify).await.unwrap());
    assert_eq!(second.reason, Reason::SecondFactorRequired);
    assert_eq!(second.methods, ["setup"]);
    let enable = EnableTotp::by_challenge(&second.challenge);
    fake.enable_totp(enable).await.unwrap();
}

#[tokio::test]
async fn fifty_wrong_codes_lock_until_a_recovery_code_or_an_administrator() {
    let ada = Ada::in_fake().await;
    let fake = ada.fake();
    fail_fifty_times(&ada).await;
    let code = ada.fresh_code().await;
    let challenge = ada.challenge().await.challenge;
    let error = ada.verify_totp(&challenge, &code).await.unwrap_err();
    assert_eq!(error.reason(), Some(&Reason::AccountLocked));
    let told = (error.code(), error.retry_after());
    assert_eq!(told, (Code::ResourceExhausted, None));
    let verify = VerifyRecoveryCode::new(&challenge, &ada.recovery_codes[0]);
    fake.verify_recovery_code(verify).await.unwrap();
    let challenge = ada.challenge().await.challenge;
    session_in(ada.verify_totp(&challenge, &code).await.unwrap());

    fail_fifty_times(&ada).await;
    fake.unlock(EMAIL);
    let challenge = ada.challenge().await.challenge;
    let code = ada.fresh_code().await;
    session_in(ada.verify_totp(&challenge, &code).await.unwrap());
}

async fn fail_fifty_times(ada: &Ada) {
    for _ in 0..10 {
        let challenge = ada.challenge().await.challenge;
        let wrong = ada.wrong_code().await;
        for _ in 0..5 {
            let outcome = ada.verify_totp(&challenge, &wrong).await;
            assert_eq!(reason_of(outcome), "CODE_INVALID");
        }
    }
}

#[tokio::test]
async fn recovery_codes_have_twenty_tries_of_their_own() {
    let ada = Ada::in_fake().await;
    for _ in 0..4 {
        let challenge = ada.challenge().await.challenge;
        let verify = VerifyRecoveryCode::new(&challenge, "0000-0000-0000-0000");
        for _ in 0..5 {
            let outcome = ada.fake().verify_recovery_code(verify).await;
            assert_eq!(reason_of(outcome), "CODE_INVALID");
        }
    }
    let challenge = ada.challenge().await.challenge;
    let verify = VerifyRecoveryCode::new(&challenge, &ada.recovery_codes[1]);
    let outcome = ada.fake().verify_recovery_code(verify).await;
    assert_eq!(reason_of(outcome), "ACCOUNT_LOCKED");
    let code = ada.fresh_code().await;
    session_in(ada.verify_totp(&challenge, &code).await.unwrap());
}

#[tokio::test]
async fn what_is_missing_is_told_in_order() {
    let ada = Ada::in_fake().await;
    let fake = ada.fake();
    fake.set_password(EMAIL, PASSWORD, true);
    let challenge = ada.challenge().await.challenge;
    fake.set_require_verified_email(true);
    fake.set_disabled(EMAIL, true);
    let code = ada.fresh_code().await;
    let outcome = ada.verify_totp(&challenge, &code).await;
    assert_eq!(reason_of(outcome), "CHALLENGE_INVALID");
    let wrong = Login::new(EMAIL, "Difference-1822");
    assert_eq!(
        reason_of(fake.login_step(wrong).await),
        "CREDENTIALS_INVALID"
    );
    assert_eq!(reason_of(ada.step().await), "USER_DISABLED");
    fake.set_disabled(EMAIL, false);
    assert_eq!(reason_of(ada.step().await), "EMAIL_NOT_VERIFIED");
    ada.world.verify_address().await;
    let challenge = ada.challenge().await;
    assert_eq!(challenge.reason, Reason::SecondFactorRequired);
    let code = ada.fresh_code().await;
    let step = ada.verify_totp(&challenge.challenge, &code).await.unwrap();
    assert_eq!(challenge_of(step).reason, Reason::PasswordChangeRequired);
    fake.reset_second_factor(EMAIL);
    assert_eq!(ada.challenge().await.methods, ["change_password"]);
}

#[tokio::test]
async fn a_code_by_mail_logs_in_where_the_organization_lets_it() {
    let ada = Ada::new(World::Fake(AuthFlowFake::new())).await;
    let fake = ada.fake();
    fake.set_login_by_email(true);
    fake.set_require_verified_email(true);
    let send = SendLoginCode::new(EMAIL);
    let first = fake.send_login_code(send).await.unwrap();
    let sent = fake.send_login_code(send).await.unwrap();
    let code = ada.mailed(MailKind::LoginCode);
    let verify = VerifyEmailCode::new(&first.challenge, &code);
    let outcome = fake.verify_email_code(verify).await;
    assert_eq!(reason_of(outcome), "CHALLENGE_INVALID");
    let again = SendEmailCode::new(&sent.challenge);
    let outcome = fake.send_email_code(again).await;
    assert_eq!(reason_of(outcome), "CHALLENGE_INVALID");
    let verify = VerifyEmailCode::new(&sent.challenge, &code);
    let session = session_in(fake.verify_email_code(verify).await.unwrap());
    let user = fake.validate(Validate::new(&session.token)).await.unwrap();
    assert!(user.email_verified);
}

#[tokio::test]
async fn a_mailbox_is_no_second_factor_beside_itself() {
    let ada = Ada::in_fake().await;
    let fake = ada.fake();
    ada.world.verify_address().await;
    fake.set_login_by_email(true);
    let sent = fake.send_login_code(SendLoginCode::new(EMAIL)).await;
    let sent = sent.unwrap().challenge;
    let code = ada.mailed(MailKind::LoginCode);
    let verify = VerifyEmailCode::new(&sent, &code);
    let challenge = challenge_of(fake.verify_email_code(verify).await.unwrap());
    assert_eq!(challenge.methods, ["totp", "recovery"]);

    // Nor is it where it set the password, until the factor is proven.
    reset_by_mail(fake).await;
    let challenge = ada.challenge().await;
    assert_eq!(challenge.methods, ["totp", "recovery"]);
    let code = ada.fresh_code().await;
    ada.verify_totp(&challenge.challenge, &code).await.unwrap();
    assert!(ada.challenge().await.takes("email"));
}

#[tokio::test]
async fn the_reset_that_first_proves_an_address_takes_the_factor_off() {
    let ada = Ada::in_fake().await;
    let challenge = ada.challenge().await.challenge;
    reset_by_mail(ada.fake()).await;
    let verify = VerifyRecoveryCode::new(&challenge, &ada.recovery_codes[0]);
    let outcome = ada.fake().verify_recovery_code(verify).await;
    assert_eq!(reason_of(outcome), "CHALLENGE_INVALID");
    let step = ada.step().await.unwrap();
    assert!(matches!(step, LoginStep::Session { .. }));
}

async fn reset_by_mail(fake: &AuthFlowFake) {
    let forgot = ForgotPassword::new(EMAIL);
    fake.forgot_password(forgot).await.unwrap();
    let token = fake.mails().pop().unwrap().token;
    let reset = ResetPassword::new(&token, PASSWORD);
    fake.reset_password(reset).await.unwrap();
}
