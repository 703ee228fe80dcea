//! Second factors of the fake, with the codes of an app of somebody else's making.

use std::time::{Duration, SystemTime};

use authflow_client::fake::{AuthFlowFake, MailKind, SecondFactorPolicy};
use authflow_client::{
    AuthFlow, Challenge, ChangeEmail, ChangePassword, Code, ConfirmTotp, DeleteAccount,
    DisableTotp, EnableTotp, Error, Login, LoginStep, Me, Reason, RegenerateRecoveryCodes,
    SendEmailCode, SendVerificationEmail, Session, VerifyEmail, VerifyEmailCode,
    VerifyRecoveryCode, VerifyTotp,
};

use crate::support::authenticator::{shown, wrong, STEP};
use crate::support::{session_of, EMAIL, PASSWORD};

/// Ada, with an app and a fake of her own.
pub struct Ada {
    pub fake: AuthFlowFake,
    pub session: Session,
    pub secret: String,
    pub recovery_codes: Vec<String>,
    advanced: Duration,
}

impl Ada {
    /// Without a second factor.
    pub async fn new() -> Self {
        let fake = AuthFlowFake::new();
        Self {
            session: session_of(&fake).await,
            fake,
            secret: String::new(),
            recovery_codes: Vec::new(),
            advanced: Duration::ZERO,
        }
    }

    pub async fn with_factor() -> Self {
        let mut ada = Self::new().await;
        let token = ada.session.token.clone();
        let secret = ada.fake.enable_totp(EnableTotp::new(&token)).await.unwrap();
        ada.secret = secret.secret;
        let code = ada.shown();
        let confirm = ConfirmTotp::new(&token, &code).email(EMAIL);
        let confirmed = ada.fake.confirm_totp(confirm).await.unwrap();
        assert_eq!(confirmed.session, None);
        ada.recovery_codes = confirmed.recovery_codes;
        ada
    }

    pub fn advance(&mut self, by: Duration) {
        self.fake.advance(by);
        self.advanced += by;
    }

    pub fn now(&self) -> SystemTime {
        SystemTime::now() + self.advanced
    }

    pub fn shown(&self) -> String {
        shown(&self.secret, self.now())
    }

    /// A code that was not shown before.
    pub fn fresh_code(&mut self) -> String {
        self.advance(STEP);
        self.shown()
    }

    pub fn wrong_code(&self) -> String {
        wrong(&self.secret, self.now())
    }

    pub async fn verify_address(&self) {
        let request = SendVerificationEmail::new(EMAIL);
        self.fake.send_verification_email(request).await.unwrap();
        let mail = self.fake.mails().pop().unwrap();
        let verify = VerifyEmail::new(&mail.token);
        self.fake.verify_email(verify).await.unwrap();
    }

    pub async fn step(&self) -> Result<LoginStep, Error> {
        self.fake.login_step(Login::new(EMAIL, PASSWORD)).await
    }

    pub async fn challenge(&self) -> Challenge {
        challenge_of(self.step().await.unwrap())
    }

    /// The code of the last mail of a kind.
    pub fn mailed(&self, kind: MailKind) -> String {
        let mails = self.fake.mails();
        let mail = mails.iter().rfind(|mail| mail.kind == kind);
        mail.expect("a mail").code.clone()
    }
}

pub fn challenge_of(step: LoginStep) -> Challenge {
    match step {
        LoginStep::Challenge(challenge) => challenge,
        LoginStep::Session { .. } => panic!("a session and no challenge"),
    }
}

pub fn session_in(step: LoginStep) -> Session {
    match step {
        LoginStep::Session { session, .. } => session,
        LoginStep::Challenge(challenge) => panic!("{challenge:?} and no session"),
    }
}

pub fn reason_of<T: std::fmt::Debug>(outcome: Result<T, Error>) -> String {
    outcome.unwrap_err().reason().unwrap().as_str().to_owned()
}

#[tokio::test]
async fn a_login_goes_on_by_a_code_of_the_app_each_once() {
    let mut ada = Ada::with_factor().await;
    let fake = ada.fake.clone();
    let me = fake.me(Me::new(&ada.session.token)).await.unwrap();
    assert_eq!((me.second_factor, me.recovery_codes_left), (true, 10));

    let error = fake.login(Login::new(EMAIL, PASSWORD)).await.unwrap_err();
    assert_eq!(error.code(), Code::Unauthenticated);
    assert_eq!(error.reason(), Some(&Reason::SecondFactorRequired));
    assert_eq!(error.http_status(), 401);
    let challenge = error.challenge().unwrap().clone();
    assert_eq!(challenge.methods, ["totp", "recovery"]);
    assert!(challenge.challenge.starts_with("fake."));
    assert!(!format!("{error:?} {error} {challenge:?}").contains(&challenge.challenge));

    // The first code was spent by the setup.
    let spent = ada.shown();
    let outcome = fake
        .verify_totp(VerifyTotp::new(&challenge.challenge, &spent))
        .await;
    assert_eq!(reason_of(outcome), "CODE_INVALID");
    let code = ada.fresh_code();
    let verify = VerifyTotp::new(&challenge.challenge, &code).client_ip("203.0.113.7");
    let session = session_in(fake.verify_totp(verify).await.unwrap());
    assert_eq!(session.email, EMAIL);
    assert_eq!(
        reason_of(fake.verify_totp(verify).await),
        "CHALLENGE_INVALID"
    );
    let again = ada.challenge().await;
    let outcome = fake
        .verify_totp(VerifyTotp::new(&again.challenge, &code))
        .await;
    assert_eq!(reason_of(outcome), "CODE_INVALID");
    assert_eq!(fake.totp(&ada.secret), ada.shown());
}

#[tokio::test]
async fn a_code_is_good_a_step_early_and_a_step_late() {
    for (offset, is_good) in [(-2i32, false), (-1, true), (0, true), (1, true), (2, false)] {
        let mut ada = Ada::with_factor().await;
        ada.advance(10 * STEP);
        // Away from where a step begins, so that none begins meanwhile.
        let second = ada.now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        ada.advance(Duration::from_secs(40 - second.as_secs() % 30));
        let at = match offset {
            0.. => ada.now() + STEP * offset.unsigned_abs(),
            _ => ada.now() - STEP * offset.unsigned_abs(),
        };
        let challenge = ada.challenge().await.challenge;
        let code = shown(&ada.secret, at);
        let outcome = ada
            .fake
            .verify_totp(VerifyTotp::new(&challenge, &code))
            .await;
        assert_eq!(outcome.is_ok(), is_good, "{offset}");
    }
}

#[tokio::test]
async fn a_code_by_mail_answers_where_the_address_is_proven() {
    let mut ada = Ada::with_factor().await;
    let fake = ada.fake.clone();
    let challenge = ada.challenge().await.challenge;
    let outcome = fake.send_email_code(SendEmailCode::new(&challenge)).await;
    assert_eq!(reason_of(outcome), "CHALLENGE_INVALID");

    ada.verify_address().await;
    let challenge = ada.challenge().await;
    assert_eq!(challenge.methods, ["totp", "email", "recovery"]);
    let challenge = challenge.challenge;
    let send = SendEmailCode::new(&challenge);
    let sent = fake.send_email_code(send).await.unwrap();
    assert!(sent.expires_at <= ada.now() + Duration::from_secs(600));
    let first = ada.mailed(MailKind::EmailCode);
    // The latest is good alone, for whichever challenge it was asked.
    let other = ada.challenge().await.challenge;
    let send = SendEmailCode::new(&other);
    fake.send_email_code(send).await.unwrap();
    let latest = ada.mailed(MailKind::EmailCode);
    let verify = VerifyEmailCode::new(&challenge, &first);
    assert_eq!(
        reason_of(fake.verify_email_code(verify).await),
        "CODE_INVALID"
    );
    let verify = VerifyEmailCode::new(&other, &latest);
    session_in(fake.verify_email_code(verify).await.unwrap());
    assert!(!format!("{:?}", fake.mails()).contains(&latest));

    ada.advance(Duration::from_secs(590));
    let challenge = ada.challenge().await.challenge;
    let send = SendEmailCode::new(&challenge);
    fake.send_email_code(send).await.unwrap();
    ada.advance(Duration::from_secs(601));
    let code = ada.mailed(MailKind::EmailCode);
    let verify = VerifyEmailCode::new(&challenge, &code);
    assert_eq!(
        reason_of(fake.verify_email_code(verify).await),
        "CHALLENGE_INVALID"
    );
}

#[tokio::test]
async fn a_recovery_code_answers_once_in_any_spelling() {
    let ada = Ada::with_factor().await;
    let fake = &ada.fake;
    assert_eq!(ada.recovery_codes.len(), 10);
    let code = &ada.recovery_codes[3];
    let groups: Vec<_> = code.split('-').map(str::len).collect();
    assert_eq!(groups, [4, 4, 4, 4], "{code}");
    let crockford = |letter: char| "0123456789ABCDEFGHJKMNPQRSTVWXYZ-".contains(letter);
    assert!(code.chars().all(crockford), "{code}");

    let spelled = code.replace('-', " ").to_lowercase();
    let spelled = spelled.replace('0', "o").replace('1', "l");
    let challenge = ada.challenge().await.challenge;
    let verify = VerifyRecoveryCode::new(&challenge, &spelled);
    let step = fake.verify_recovery_code(verify).await.unwrap();
    let LoginStep::Session {
        recovery_codes_left,
        session,
        ..
    } = step
    else {
        panic!("a session");
    };
    assert_eq!(recovery_codes_left, Some(9));
    let me = fake.me(Me::new(&session.token)).await.unwrap();
    assert_eq!(me.recovery_codes_left, 9);
    let challenge = ada.challenge().await.challenge;
    let verify = VerifyRecoveryCode::new(&challenge, code);
    assert_eq!(
        reason_of(fake.verify_recovery_code(verify).await),
        "CODE_INVALID"
    );
}

#[tokio::test]
async fn a_challenge_has_five_tries_ten_minutes_and_the_credentials_of_then() {
    let mut ada = Ada::with_factor().await;
    let fake = ada.fake.clone();
    let challenge = ada.challenge().await.challenge;
    let wrong = ada.wrong_code();
    for reason in [["CODE_INVALID"; 5].as_slice(), &["CHALLENGE_INVALID"; 2]].concat() {
        let outcome = fake.verify_totp(VerifyTotp::new(&challenge, &wrong)).await;
        assert_eq!(reason_of(outcome), reason);
    }

    let challenge = ada.challenge().await.challenge;
    ada.advance(Duration::from_secs(600));
    let code = ada.fresh_code();
    let outcome = fake.verify_totp(VerifyTotp::new(&challenge, &code)).await;
    assert_eq!(reason_of(outcome), "CHALLENGE_INVALID");

    let challenge = ada.challenge().await.challenge;
    fake.set_password(EMAIL, PASSWORD, false);
    let outcome = fake.verify_totp(VerifyTotp::new(&challenge, &code)).await;
    assert_eq!(reason_of(outcome), "CHALLENGE_INVALID");

    // The eleventh takes the place of the first.
    let mut challenges = Vec::new();
    for _ in 0..11 {
        challenges.push(ada.challenge().await.challenge);
    }
    let outcome = fake
        .verify_totp(VerifyTotp::new(&challenges[0], &code))
        .await;
    assert_eq!(reason_of(outcome), "CHALLENGE_INVALID");
    let verify = VerifyTotp::new(&challenges[1], &code);
    session_in(fake.verify_totp(verify).await.unwrap());
}

#[tokio::test]
async fn fifty_wrong_codes_lock_until_a_recovery_code_or_an_administrator() {
    let mut ada = Ada::with_factor().await;
    let fake = ada.fake.clone();
    let fail_fifty_times = async |ada: &Ada| {
        for _ in 0..10 {
            let challenge = ada.challenge().await.challenge;
            let wrong = ada.wrong_code();
            for _ in 0..5 {
                let outcome = ada
                    .fake
                    .verify_totp(VerifyTotp::new(&challenge, &wrong))
                    .await;
                assert_eq!(reason_of(outcome), "CODE_INVALID");
            }
        }
    };
    fail_fifty_times(&ada).await;
    let code = ada.fresh_code();
    let challenge = ada.challenge().await.challenge;
    let error = fake
        .verify_totp(VerifyTotp::new(&challenge, &code))
        .await
        .unwrap_err();
    assert_eq!(error.reason(), Some(&Reason::AccountLocked));
    assert_eq!(
        (error.code(), error.retry_after()),
        (Code::ResourceExhausted, None)
    );
    let verify = VerifyRecoveryCode::new(&challenge, &ada.recovery_codes[0]);
    fake.verify_recovery_code(verify).await.unwrap();
    let challenge = ada.challenge().await.challenge;
    let verify = VerifyTotp::new(&challenge, &code);
    session_in(fake.verify_totp(verify).await.unwrap());

    fail_fifty_times(&ada).await;
    fake.unlock(EMAIL);
    let challenge = ada.challenge().await.challenge;
    let code = ada.fresh_code();
    let verify = VerifyTotp::new(&challenge, &code);
    session_in(fake.verify_totp(verify).await.unwrap());

    for _ in 0..4 {
        let challenge = ada.challenge().await.challenge;
        for _ in 0..5 {
            let verify = VerifyRecoveryCode::new(&challenge, "0000-0000-0000-0000");
            let outcome = fake.verify_recovery_code(verify).await;
            assert_eq!(reason_of(outcome), "CODE_INVALID");
        }
    }
    let challenge = ada.challenge().await.challenge;
    let verify = VerifyRecoveryCode::new(&challenge, &ada.recovery_codes[1]);
    let outcome = fake.verify_recovery_code(verify).await;
    assert_eq!(reason_of(outcome), "ACCOUNT_LOCKED");
}

#[tokio::test]
async fn changes_need_a_code_beside_the_fresh_proof() {
    let mut ada = Ada::with_factor().await;
    let fake = ada.fake.clone();
    let token = ada.session.token.clone();
    let new = "Difference-1822";

    let change = ChangePassword::new(&token, new);
    assert_eq!(
        reason_of(fake.change_password(change).await),
        "REAUTHENTICATION_REQUIRED"
    );
    let wrong = ada.wrong_code();
    let outcome = fake.change_password(change.code(&wrong)).await;
    assert_eq!(reason_of(outcome), "CODE_INVALID");
    let change_email = ChangeEmail::new(&token, "ada@example.org");
    assert_eq!(
        reason_of(fake.change_email(change_email).await),
        "REAUTHENTICATION_REQUIRED"
    );
    let code = ada.fresh_code();
    fake.change_email(change_email.code(&code)).await.unwrap();
    let outcome = fake.delete_account(DeleteAccount::new(&token)).await;
    assert_eq!(reason_of(outcome), "REAUTHENTICATION_REQUIRED");

    // The login is no longer fresh.
    ada.advance(Duration::from_secs(16 * 60));
    let code = ada.fresh_code();
    let outcome = fake.change_password(change.code(&code)).await;
    assert_eq!(reason_of(outcome), "REAUTHENTICATION_REQUIRED");
    let proven = change.code(&code).current_password(PASSWORD);
    fake.change_password(proven).await.unwrap();

    let disable = DisableTotp::new(&token, &code).current_password(PASSWORD);
    assert_eq!(
        reason_of(fake.disable_totp(disable).await),
        "CREDENTIALS_INVALID"
    );
    let disable = disable.current_password(new);
    assert_eq!(reason_of(fake.disable_totp(disable).await), "CODE_INVALID");
    let code = ada.fresh_code();
    let regenerate = RegenerateRecoveryCodes::new(&token, &code);
    assert_eq!(
        reason_of(fake.regenerate_recovery_codes(regenerate).await),
        "REAUTHENTICATION_REQUIRED"
    );
    let regenerate = regenerate.current_password(new);
    let codes = fake.regenerate_recovery_codes(regenerate).await.unwrap();
    assert!(!format!("{codes:?}").contains(&codes.recovery_codes[0]));

    let other = ada.fake.login_step(Login::new(EMAIL, new)).await.unwrap();
    let other = challenge_of(other).challenge;
    let old = VerifyRecoveryCode::new(&other, &ada.recovery_codes[0]);
    assert_eq!(
        reason_of(fake.verify_recovery_code(old).await),
        "CODE_INVALID"
    );
    let disable = DisableTotp::new(&token, &codes.recovery_codes[0]).current_password(new);
    fake.disable_totp(disable).await.unwrap();
    let outcome = fake.disable_totp(disable).await;
    assert_eq!(reason_of(outcome), "SECOND_FACTOR_NOT_ENABLED");
    fake.login(Login::new(EMAIL, new)).await.unwrap();
    let me = fake.me(Me::new(&token)).await.unwrap();
    assert_eq!((me.second_factor, me.recovery_codes_left), (false, 0));
}

#[tokio::test]
async fn a_second_factor_is_set_up_once_and_ends_other_sessions() {
    let mut ada = Ada::new().await;
    let fake = ada.fake.clone();
    let token = ada.session.token.clone();
    let other = fake.login(Login::new(EMAIL, PASSWORD)).await.unwrap();
    let confirm = ConfirmTotp::new(&token, "000000");
    assert_eq!(
        reason_of(fake.confirm_totp(confirm).await),
        "SECOND_FACTOR_NOT_ENABLED"
    );
    let void = fake.enable_totp(EnableTotp::new(&token)).await.unwrap();
    let secret = fake.enable_totp(EnableTotp::new(&token)).await.unwrap();
    assert!(secret.otpauth_url.contains(&secret.secret));
    assert!(secret.qr_code.starts_with("data:image/svg+xml"));
    let code = shown(&void.secret, ada.now());
    let outcome = fake.confirm_totp(ConfirmTotp::new(&token, &code)).await;
    assert_eq!(reason_of(outcome), "CODE_INVALID");
    ada.advance(Duration::from_secs(600));
    let code = shown(&secret.secret, ada.now());
    let confirm = ConfirmTotp::new(&token, &code);
    assert_eq!(
        reason_of(fake.confirm_totp(confirm).await),
        "SECOND_FACTOR_NOT_ENABLED"
    );
    ada.advance(Duration::from_secs(6 * 60));
    let enable = EnableTotp::new(&token);
    assert_eq!(
        reason_of(fake.enable_totp(enable).await),
        "REAUTHENTICATION_REQUIRED"
    );
    let enable = enable.current_password(PASSWORD);
    ada.secret = fake.enable_totp(enable).await.unwrap().secret;
    let code = ada.shown();
    let confirm = ConfirmTotp::new(&token, &code);
    fake.confirm_totp(confirm).await.unwrap();
    for outcome in [
        fake.enable_totp(enable).await.map(|_| ()),
        fake.confirm_totp(confirm).await.map(|_| ()),
    ] {
        assert_eq!(reason_of(outcome), "SECOND_FACTOR_ALREADY_ENABLED");
    }
    assert_eq!(
        reason_of(fake.me(Me::new(&other.token)).await),
        "SESSION_REVOKED"
    );
    fake.me(Me::new(&token)).await.unwrap();

    fake.reset_second_factor(EMAIL);
    fake.set_second_factor(SecondFactorPolicy::Off);
    let session = fake.login(Login::new(EMAIL, PASSWORD)).await.unwrap();
    let error = fake
        .enable_totp(EnableTotp::new(&session.token))
        .await
        .unwrap_err();
    assert_eq!(error.reason(), Some(&Reason::SecondFactorNotEnabled));
    assert_eq!(error.http_status(), 409);
}
