//! Second factors of the fake and of a server, with one outcome. Codes are good once, so that the clock goes on for them.

use std::time::Duration;

use authflow_client::fake::SecondFactorPolicy;
use authflow_client::{
    ChangeEmail, ChangePassword, Code, ConfirmTotp, DeleteAccount, DisableTotp, EnableTotp, Error,
    Login, LoginStep, Me, Reason, RegenerateRecoveryCodes, ResetPassword, SendEmailCode,
    SendLoginCode, Validate, VerifyEmailCode, VerifyRecoveryCode, VerifyTotp,
};

use crate::support::authenticator::{shown, STEP};
use crate::support::world::{challenge_of, reason_of, session_in, Ada, Setting, World};
use crate::support::{session_of, EMAIL, PASSWORD};

const NEW: &str = "Difference-1822";
const WRONG_RECOVERY_CODE: &str = "AAAA-AAAA-AAAA-AAAA";

#[tokio::test]
async fn a_login_goes_on_by_a_code_of_the_app_each_once() {
    let _alone = crate::ALONE.lock().await;
    for world in World::both().await {
        let ada = Ada::with_factor(world).await;
        let authflow = ada.authflow();
        let me = authflow.me(Me::new(&ada.session.token)).await.unwrap();
        assert_eq!((me.second_factor, me.recovery_codes_left), (true, 10));

        let login = Login::new(EMAIL, PASSWORD);
        let error = authflow.login(login).await.unwrap_err();
        assert_eq!(error.code(), Code::Unauthenticated);
        assert_eq!(error.reason(), Some(&Reason::SecondFactorRequired));
        assert_eq!(error.http_status(), 401);
        let challenge = error.challenge().unwrap().clone();
        assert_eq!(challenge.methods, ["totp", "recovery"]);
        let left = challenge.expires_at.duration_since(ada.world.now().await);
        assert!(left.unwrap() > Duration::from_secs(590));
        let printed = format!("{error:?} {error} {challenge:?} {:?}", error.status());
        assert!(!printed.contains(&challenge.challenge), "{printed}");

        let code = ada.fresh_code().await;
        let answer = VerifyTotp::new(&challenge.challenge, &code);
        let session = session_in(authflow.verify_totp(answer).await.unwrap());
        let user = authflow.validate(Validate::new(&session.token)).await;
        assert_eq!(user.unwrap().email, EMAIL);
        let outcome = authflow.verify_totp(answer).await;
        assert_eq!(reason_of(outcome), "CHALLENGE_INVALID");
        let again = ada.challenge().await.challenge;
        let outcome = ada.verify_totp(&again, &code).await;
        assert_eq!(reason_of(outcome), "CODE_INVALID");
    }
}

#[tokio::test]
async fn a_second_factor_is_set_up_once_and_ends_other_sessions() {
    let _alone = crate::ALONE.lock().await;
    for world in World::both().await {
        let mut ada = Ada::new(world).await;
        let token = ada.session.token.clone();
        let other = session_in(ada.step().await.unwrap()).token;
        let authflow = ada.world.authflow();
        let confirm = ConfirmTotp::new(&token, "000000");
        let outcome = authflow.confirm_totp(confirm).await;
        assert_eq!(reason_of(outcome), "SECOND_FACTOR_NOT_ENABLED");
        let enable = EnableTotp::new(&token);
        let void = authflow.enable_totp(enable).await.unwrap().secret;
        let secret = authflow.enable_totp(enable).await.unwrap();
        assert!(secret.otpauth_url.starts_with("otpauth://totp/"));
        assert!(secret.otpauth_url.contains(&secret.secret));
        assert!(secret.qr_code.starts_with("data:image/svg+xml"));
        let code = shown(&void, ada.world.now().await);
        let outcome = authflow.confirm_totp(ConfirmTotp::new(&token, &code)).await;
        assert_eq!(reason_of(outcome), "CODE_INVALID");
        ada.world.later(Duration::from_secs(600)).await;
        let code = shown(&secret.secret, ada.world.now().await);
        let outcome = authflow.confirm_totp(ConfirmTotp::new(&token, &code)).await;
        assert_eq!(reason_of(outcome), "SECOND_FACTOR_NOT_ENABLED");

        ada.world.later(Duration::from_secs(301)).await;
        let outcome = authflow.enable_totp(enable).await;
        assert_eq!(reason_of(outcome), "REAUTHENTICATION_REQUIRED");
        let enable = enable.current_password(PASSWORD);
        ada.secret = authflow.enable_totp(enable).await.unwrap().secret;
        let code = ada.fresh_code().await;
        let confirm = ConfirmTotp::new(&token, &code);
        ada.authflow().confirm_totp(confirm).await.unwrap();
        for outcome in [
            ada.authflow().enable_totp(enable).await.map(|_| ()),
            ada.authflow().confirm_totp(confirm).await.map(|_| ()),
        ] {
            assert_eq!(reason_of(outcome), "SECOND_FACTOR_ALREADY_ENABLED");
        }
        let outcome = ada.authflow().validate(Validate::new(&other)).await;
        assert_eq!(reason_of(outcome), "SESSION_REVOKED");
        ada.authflow()
            .validate(Validate::new(&token))
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_recovery_code_answers_once_in_any_spelling_until_there_are_others() {
    let _alone = crate::ALONE.lock().await;
    for world in World::both().await {
        let ada = Ada::with_factor(world).await;
        assert_eq!(ada.recovery_codes.len(), 10);
        let code = &ada.recovery_codes[3];
        let groups: Vec<_> = code.split('-').map(str::len).collect();
        assert_eq!(groups, [4, 4, 4, 4], "{code}");
        let crockford = |letter: char| "0123456789ABCDEFGHJKMNPQRSTVWXYZ-".contains(letter);
        assert!(code.chars().all(crockford), "{code}");

        let spelled = code.replace('-', " ").to_lowercase();
        let spelled = spelled.replace('0', "o").replace('1', "l");
        let (session, left) = recovered(&ada, &spelled).await.unwrap();
        assert_eq!(left, Some(9));
        let me = ada.authflow().me(Me::new(&session)).await.unwrap();
        assert_eq!(me.recovery_codes_left, 9);
        assert_eq!(reason_of(recovered(&ada, code).await), "CODE_INVALID");

        let code = ada.fresh_code().await;
        let regenerate = RegenerateRecoveryCodes::new(&session, &code);
        let codes = ada.authflow().regenerate_recovery_codes(regenerate).await;
        let codes = codes.unwrap();
        let printed = format!("{codes:?}");
        let codes = codes.recovery_codes;
        assert!(!printed.contains(&codes[0]), "{printed}");
        let old = recovered(&ada, &ada.recovery_codes[1]).await;
        assert_eq!(reason_of(old), "CODE_INVALID");
        assert_eq!(recovered(&ada, &codes[0]).await.unwrap().1, Some(9));
    }
}

/// The session's token, and how many codes are left.
async fn recovered(ada: &Ada, code: &str) -> Result<(String, Option<u32>), Error> {
    let challenge = ada.challenge().await.challenge;
    let answer = VerifyRecoveryCode::new(&challenge, code);
    match ada.authflow().verify_recovery_code(answer).await? {
        LoginStep::Session {
            session,
            recovery_codes_left,
            ..
        } => Ok((session.token, recovery_codes_left)),
        LoginStep::Challenge(challenge) => panic!("{challenge:?}"),
    }
}

#[tokio::test]
async fn a_challenge_has_five_tries_ten_minutes_and_nine_younger_ones() {
    let _alone = crate::ALONE.lock().await;
    for world in World::both().await {
        let ada = Ada::with_factor(world).await;
        let challenge = ada.challenge().await.challenge;
        let wrong = ada.wrong_code().await;
        for reason in [["CODE_INVALID"; 5].as_slice(), &["CHALLENGE_INVALID"; 2]].concat() {
            let outcome = ada.verify_totp(&challenge, &wrong).await;
            assert_eq!(reason_of(outcome), reason);
        }

        let challenge = ada.challenge().await.challenge;
        ada.world.later(Duration::from_secs(600)).await;
        let code = ada.fresh_code().await;
        let outcome = ada.verify_totp(&challenge, &code).await;
        assert_eq!(reason_of(outcome), "CHALLENGE_INVALID");

        let mut challenges = Vec::new();
        for _ in 0..11 {
            challenges.push(ada.challenge().await.challenge);
        }
        let outcome = ada.verify_totp(&challenges[0], &code).await;
        assert_eq!(reason_of(outcome), "CHALLENGE_INVALID");
        session_in(ada.verify_totp(&challenges[1], &code).await.unwrap());

        // It goes with the credentials of then.
        ada.world.set_password(PASSWORD).await;
        let code = ada.fresh_code().await;
        let outcome = ada.verify_totp(&challenges[2], &code).await;
        assert_eq!(reason_of(outcome), "CHALLENGE_INVALID");
    }
}

#[tokio::test]
async fn faults_of_parameters_are_named_and_methods_that_are_not_taken_refused() {
    let _alone = crate::ALONE.lock().await;
    for world in World::both().await {
        let ada = Ada::with_factor(world).await;
        let authflow = ada.authflow();
        let token = &*ada.session.token;
        let challenge = &*ada.challenge().await.challenge;
        macro_rules! assert_fields {
            ($($call:ident($request:expr) finds $fields:expr;)*) => {$(
                let error = authflow.$call($request).await.unwrap_err();
                assert_eq!(error.reason(), Some(&Reason::InvalidArgument), "{error:?}");
                let violations = error.violations().iter();
                let fields: Vec<_> = violations.map(|violation| &*violation.field).collect();
                assert_eq!(fields, $fields, "{}", stringify!($call));
            )*};
        }
        assert_fields! {
            verify_totp(VerifyTotp::new("", "")) finds ["challenge", "code"];
            verify_totp(VerifyTotp::new(challenge, "12345")) finds ["code"];
            verify_email_code(VerifyEmailCode::new(challenge, "ABCDEF")) finds ["code"];
            verify_recovery_code(VerifyRecoveryCode::new(challenge, "123456")) finds ["recovery_code"];
            confirm_totp(ConfirmTotp::by_challenge(challenge, "1234567")) finds ["code"];
            send_email_code(SendEmailCode::new("")) finds ["challenge"];
            disable_totp(DisableTotp::new(token, "")) finds ["code"];
            regenerate_recovery_codes(RegenerateRecoveryCodes::new(token, "U")) finds ["code"];
            change_password(ChangePassword::new(token, NEW).code("12345")) finds ["code"];
            change_email(ChangeEmail::new(token, "ada@example.org").code("12345")) finds ["code"];
            delete_account(DeleteAccount::new(token).code("12345")) finds ["code"];
        }
        let enable = EnableTotp::by_challenge(challenge);
        let reset = ResetPassword::new(challenge, NEW).current_password(PASSWORD);
        let verify = VerifyEmailCode::new(challenge, "123456");
        for outcome in [
            authflow
                .send_email_code(SendEmailCode::new(challenge))
                .await
                .map(|_| ()),
            authflow.enable_totp(enable).await.map(|_| ()),
            authflow.verify_email_code(verify).await.map(|_| ()),
            authflow.reset_password(reset).await.map(|_| ()),
            ada.verify_totp("made-up", "123456").await.map(|_| ()),
        ] {
            assert_eq!(reason_of(outcome), "CHALLENGE_INVALID");
        }
    }
}

#[tokio::test]
async fn changes_need_a_code_beside_the_fresh_proof() {
    let _alone = crate::ALONE.lock().await;
    for world in World::both().await {
        let ada = Ada::with_factor(world).await;
        let authflow = ada.authflow();
        let token = &*ada.session.token;
        let change = ChangePassword::new(token, NEW);
        let change_email = ChangeEmail::new(token, "ada@example.org");
        for outcome in [
            // Nothing is compared where the code is missing.
            authflow
                .change_password(change.current_password(NEW))
                .await
                .map(|_| ()),
            authflow.change_email(change_email).await,
            authflow
                .delete_account(DeleteAccount::new(token))
                .await
                .map(|_| ()),
        ] {
            assert_eq!(reason_of(outcome), "REAUTHENTICATION_REQUIRED");
        }
        let wrong = authflow
            .change_password(change.code(WRONG_RECOVERY_CODE))
            .await;
        assert_eq!(reason_of(wrong), "CODE_INVALID");
        let code = ada.fresh_code().await;
        authflow
            .change_email(change_email.code(&code))
            .await
            .unwrap();

        // The login is no longer fresh.
        ada.world.later(Duration::from_secs(15 * 60)).await;
        let code = ada.fresh_code().await;
        let outcome = authflow.change_password(change.code(&code)).await;
        assert_eq!(reason_of(outcome), "REAUTHENTICATION_REQUIRED");
        let proven = change.code(&code).current_password(PASSWORD);
        authflow.change_password(proven).await.unwrap();

        let disable = DisableTotp::new(token, &code);
        let outcome = authflow.disable_totp(disable).await;
        assert_eq!(reason_of(outcome), "REAUTHENTICATION_REQUIRED");
        let outcome = authflow
            .disable_totp(disable.current_password(PASSWORD))
            .await;
        assert_eq!(reason_of(outcome), "CREDENTIALS_INVALID");
        let outcome = authflow.disable_totp(disable.current_password(NEW)).await;
        assert_eq!(reason_of(outcome), "CODE_INVALID");
        let disable = DisableTotp::new(token, &ada.recovery_codes[0]).current_password(NEW);
        authflow.disable_totp(disable).await.unwrap();
        let outcome = authflow.disable_totp(disable).await;
        assert_eq!(reason_of(outcome), "SECOND_FACTOR_NOT_ENABLED");
        authflow.login(Login::new(EMAIL, NEW)).await.unwrap();
        let me = authflow.me(Me::new(token)).await.unwrap();
        assert_eq!((me.second_factor, me.recovery_codes_left), (false, 0));
        let delete = DeleteAccount::new(token).current_password(NEW);
        assert_eq!(
            authflow
                .delete_account(delete)
                .await
                .unwrap()
                .ended_sessions,
            2
        );
    }
}

#[tokio::test]
async fn a_user_without_a_factor_is_led_to_its_setup() {
    let _alone = crate::ALONE.lock().await;
    for world in World::both().await {
        world
            .set(Setting::SecondFactor(SecondFactorPolicy::Off))
            .await;
        let mut ada = Ada::new(world).await;
        let enable = EnableTotp::new(&ada.session.token);
        let error = ada.authflow().enable_totp(enable).await.unwrap_err();
        assert_eq!(error.reason(), Some(&Reason::SecondFactorNotEnabled));
        assert_eq!(error.http_status(), 409);

        let required = Setting::SecondFactor(SecondFactorPolicy::Required);
        ada.world.set(required).await;
        let challenge = ada.challenge().await;
        assert_eq!(challenge.methods, ["setup"]);
        let challenge = challenge.challenge;
        let outcome = ada.verify_totp(&challenge, "000000").await;
        assert_eq!(reason_of(outcome), "CHALLENGE_INVALID");
        let enable = EnableTotp::by_challenge(&challenge);
        ada.secret = ada.authflow().enable_totp(enable).await.unwrap().secret;
        let code = ada.fresh_code().await;
        let confirm = ConfirmTotp::by_challenge(&challenge, &code);
        let confirmed = ada.authflow().confirm_totp(confirm).await.unwrap();
        assert_eq!(confirmed.recovery_codes.len(), 10);
        let token = confirmed.session.unwrap().token;
        ada.authflow()
            .validate(Validate::new(&token))
            .await
            .unwrap();
        // The session of before is over, and the challenge is spent.
        let before = Validate::new(&ada.session.token);
        let outcome = ada.authflow().validate(before).await;
        assert_eq!(reason_of(outcome), "SESSION_REVOKED");
        let outcome = ada.authflow().confirm_totp(confirm).await;
        assert_eq!(reason_of(outcome), "CHALLENGE_INVALID");

        // Who has one needs it where the organization takes none.
        let off = Setting::SecondFactor(SecondFactorPolicy::Off);
        ada.world.set(off).await;
        let challenge = ada.challenge().await.challenge;
        let code = ada.fresh_code().await;
        session_in(ada.verify_totp(&challenge, &code).await.unwrap());
    }
}

#[tokio::test]
async fn the_code_of_a_mail_comes_before_the_setup_where_the_address_is_proven() {
    let _alone = crate::ALONE.lock().await;
    for world in World::both().await {
        let ada = Ada::new(world).await;
        ada.world.verify_address().await;
        let required = Setting::SecondFactor(SecondFactorPolicy::Required);
        ada.world.set(required).await;
        let challenge = ada.challenge().await;
        assert_eq!(challenge.methods, ["email", "setup"]);
        let enable = EnableTotp::by_challenge(&challenge.challenge);
        let outcome = ada.authflow().enable_totp(enable).await;
        assert_eq!(reason_of(outcome), "CHALLENGE_INVALID");
        let send = SendEmailCode::new(&challenge.challenge);
        let sent = ada.authflow().send_email_code(send).await.unwrap();
        assert_eq!(sent.expires_at, challenge.expires_at);
    }
}

#[tokio::test]
async fn no_login_is_over_before_the_password_is_changed() {
    let _alone = crate::ALONE.lock().await;
    for world in World::both().await {
        let ada = Ada::with_factor(world).await;
        let authflow = ada.authflow();
        ada.world.set_password(PASSWORD).await;
        let challenge = ada.challenge().await.challenge;
        let code = ada.fresh_code().await;
        let step = ada.verify_totp(&challenge, &code).await.unwrap();
        let challenge = challenge_of(step);
        assert_eq!(challenge.reason, Reason::PasswordChangeRequired);
        assert_eq!(challenge.methods, ["change_password"]);

        let reset = ResetPassword::new(&challenge.challenge, NEW);
        let error = authflow.reset_password(reset).await.unwrap_err();
        assert_eq!(error.violations()[0].field, "currentPassword");
        let same = ResetPassword::new(&challenge.challenge, PASSWORD).current_password(PASSWORD);
        let outcome = authflow.reset_password(same).await;
        assert_eq!(reason_of(outcome), "PASSWORD_POLICY");
        let wrong = reset.current_password("Analytical-1844");
        let outcome = authflow.reset_password(wrong).await;
        assert_eq!(reason_of(outcome), "CREDENTIALS_INVALID");
        let reset = reset.current_password(PASSWORD);
        let changed = authflow.reset_password(reset).await.unwrap();
        assert_eq!((&*changed.email, changed.ended_sessions), (EMAIL, 0));
        let outcome = authflow.reset_password(reset).await;
        assert_eq!(reason_of(outcome), "CHALLENGE_INVALID");
        let step = authflow.login_step(Login::new(EMAIL, NEW)).await.unwrap();
        let code = ada.fresh_code().await;
        let step = ada.verify_totp(&challenge_of(step).challenge, &code).await;
        session_in(step.unwrap());
    }
}

#[tokio::test]
async fn a_setup_opens_no_session_where_the_password_must_be_changed() {
    let _alone = crate::ALONE.lock().await;
    for world in World::both().await {
        let mut ada = Ada::new(world).await;
        let required = Setting::SecondFactor(SecondFactorPolicy::Required);
        ada.world.set(required).await;
        ada.world.set_password(PASSWORD).await;
        let challenge = ada.challenge().await.challenge;
        let enable = EnableTotp::by_challenge(&challenge);
        ada.secret = ada.authflow().enable_totp(enable).await.unwrap().secret;
        let code = ada.fresh_code().await;
        let confirm = ConfirmTotp::by_challenge(&challenge, &code);
        let confirmed = ada.authflow().confirm_totp(confirm).await.unwrap();
        assert_eq!(confirmed.session, None);
        assert_eq!(ada.challenge().await.methods, ["totp", "recovery"]);
    }
}

#[tokio::test]
async fn who_has_not_proven_the_address_is_kept_out_where_the_organization_says_so() {
    let _alone = crate::ALONE.lock().await;
    for world in World::both().await {
        let ada = Ada::new(world).await;
        ada.world.set(Setting::RequireVerifiedEmail).await;
        let error = ada.step().await.unwrap_err();
        assert_eq!(error.reason(), Some(&Reason::EmailNotVerified));
        assert_eq!((error.http_status(), error.challenge()), (403, None));
        ada.world.verify_address().await;
        session_in(ada.step().await.unwrap());
    }
}

#[tokio::test]
async fn codes_go_out_by_mail_and_nobody_learns_who_exists() {
    let _alone = crate::ALONE.lock().await;
    for world in World::both().await {
        let authflow = world.authflow();
        session_of(authflow).await;
        let outcome = authflow.send_login_code(SendLoginCode::new(EMAIL)).await;
        let error = outcome.unwrap_err();
        assert_eq!(error.reason(), Some(&Reason::AccessDenied));
        assert_eq!(error.http_status(), 403);
        world.set(Setting::LoginByEmail).await;
        for email in [EMAIL, "grace@example.com"] {
            let sent = authflow.send_login_code(SendLoginCode::new(email)).await;
            let sent = sent.unwrap();
            assert!(!format!("{sent:?}").contains(&sent.challenge));
            let left = sent.expires_at.duration_since(world.now().await);
            assert!(left.unwrap() > Duration::from_secs(590));
            // One of a million codes is this one.
            let wrong = VerifyEmailCode::new(&sent.challenge, "000000");
            for reason in [["CODE_INVALID"; 5].as_slice(), &["CHALLENGE_INVALID"]].concat() {
                let outcome = authflow.verify_email_code(wrong).await;
                assert_eq!(reason_of(outcome), reason);
            }
        }
    }
}

#[tokio::test]
async fn a_code_is_good_a_step_early_and_a_step_late() {
    let _alone = crate::ALONE.lock().await;
    for (offset, is_good) in [(-2i32, false), (-1, true), (1, true), (2, false)] {
        for world in World::both().await {
            let ada = Ada::with_factor(world).await;
            // Away from where a step begins, so that none begins meanwhile.
            let now = ada.world.now().await;
            let second = now.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
            let to_the_tenth = Duration::from_secs(100 - second % 30);
            ada.world.later(to_the_tenth).await;
            let challenge = ada.challenge().await.challenge;
            let now = ada.world.now().await;
            let at = match offset {
                0.. => now + STEP * offset.unsigned_abs(),
                _ => now - STEP * offset.unsigned_abs(),
            };
            let outcome = ada.verify_totp(&challenge, &shown(&ada.secret, at)).await;
            assert_eq!(outcome.is_ok(), is_good, "{offset}");
        }
    }
}
