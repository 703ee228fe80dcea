//! What is told of the person on whose behalf a call is made.

use std::time::Duration;

use authflow_client::proto::{LoginRequest, SignUpRequest};
use authflow_client::{
    AuthFlow, ChangeEmail, ChangePassword, ConfirmTotp, DeleteAccount, DisableTotp, EnableTotp,
    EndMySessions, FooBar, ForgotPassword, ListMySessions, Login, Logout, Me,
    RegenerateRecoveryCodes, RenewSession, ResetPassword, SendEmailCode, SendLoginCode,
    SendVerificationEmail, UpdateProfile, Validate, VerifyEmail, VerifyEmailCode,
    VerifyRecoveryCode, VerifyTotp,
};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::support::{ada, builder, EMAIL, PASSWORD};

const IP: &str = "203.0.113.7";
const PROGRAM: &str = "A browser/1";

/// Whether both are in the first request of the call, which nobody answers. Messages are not compressed.
async fn are_sent(call: impl AsyncFn(&dyn AuthFlow)) -> bool {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let client = builder(address, "af_none").build().unwrap();
    let read = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut sent = Vec::new();
        let has =
            |sent: &[u8], text: &str| sent.windows(text.len()).any(|at| at == text.as_bytes());
        while !(has(&sent, IP) && has(&sent, PROGRAM)) {
            if stream.read_buf(&mut sent).await.unwrap() == 0 {
                return false;
            }
        }
        true
    };
    tokio::select! {
        both = timeout(Duration::from_secs(20), read) => both.unwrap_or(false),
        () = call(&client) => false,
    }
}

#[tokio::test]
async fn address_and_program_go_along_with_every_call() {
    assert!(
        are_sent(async |authflow| {
            let request = FooBar::new(EMAIL).client_ip(IP).user_agent(PROGRAM);
            let _ = authflow.foo_bar(request).await;
        })
        .await
    );
    assert!(
        are_sent(async |authflow| {
            let request = Validate::new("garbage").email(EMAIL);
            let _ = authflow
                .validate(request.client_ip(IP).user_agent(PROGRAM))
                .await;
        })
        .await
    );
    assert!(
        are_sent(async |authflow| {
            let request = ChangePassword::new("garbage", PASSWORD).email(EMAIL);
            let _ = authflow
                .change_password(request.client_ip(IP).user_agent(PROGRAM))
                .await;
        })
        .await
    );
    assert!(
        are_sent(async |authflow| {
            let request = Logout::new("garbage").email(EMAIL);
            let _ = authflow
                .logout(request.client_ip(IP).user_agent(PROGRAM))
                .await;
        })
        .await
    );
}

#[tokio::test]
async fn they_go_along_with_the_nonce_and_with_what_spends_it() {
    let sign_up = ada().client_ip(IP).user_agent(PROGRAM);
    assert!(
        are_sent(async |authflow| {
            let _ = authflow.sign_up(sign_up).await;
        })
        .await
    );
    let login = Login::new(EMAIL, PASSWORD)
        .client_ip(IP)
        .user_agent(PROGRAM);
    assert!(
        are_sent(async |authflow| {
            let _ = authflow.login(login).await;
        })
        .await
    );
    let sign_up = SignUpRequest::from(sign_up);
    let login = LoginRequest::from(login);
    assert_eq!((&*sign_up.client_ip, &*sign_up.user_agent), (IP, PROGRAM));
    assert_eq!((&*login.client_ip, &*login.user_agent), (IP, PROGRAM));
}

/// Whether they are in the request of a call, which is made with them.
macro_rules! assert_sent {
    ($($call:ident($request:expr);)*) => {$(
        let is_sent = are_sent(async |authflow| {
            let _ = authflow.$call($request.client_ip(IP).user_agent(PROGRAM)).await;
        });
        assert!(is_sent.await, "{}", stringify!($call));
    )*};
}

#[tokio::test]
async fn they_go_along_with_every_call_about_accounts() {
    assert_sent! {
        me(Me::new("garbage"));
        send_verification_email(SendVerificationEmail::new(EMAIL));
        verify_email(VerifyEmail::new("garbage"));
        forgot_password(ForgotPassword::new(EMAIL));
        reset_password(ResetPassword::new("garbage", PASSWORD));
        renew_session(RenewSession::new("garbage").email(EMAIL));
        list_my_sessions(ListMySessions::new("garbage").email(EMAIL));
        end_my_sessions(EndMySessions::new("garbage").email(EMAIL));
        update_profile(UpdateProfile::new("garbage", "Ada").email(EMAIL));
        change_email(ChangeEmail::new("garbage", EMAIL).email(EMAIL));
        delete_account(DeleteAccount::new("garbage").email(EMAIL));
    }
}

#[tokio::test]
async fn they_go_along_with_every_call_about_second_factors() {
    assert_sent! {
        send_login_code(SendLoginCode::new(EMAIL));
        enable_totp(EnableTotp::new("garbage").email(EMAIL));
        confirm_totp(ConfirmTotp::by_challenge("garbage", "123456"));
        disable_totp(DisableTotp::new("garbage", "123456").email(EMAIL));
        regenerate_recovery_codes(RegenerateRecoveryCodes::new("garbage", "123456").email(EMAIL));
        verify_totp(VerifyTotp::new("garbage", "123456"));
        send_email_code(SendEmailCode::new("garbage"));
        verify_email_code(VerifyEmailCode::new("garbage", "123456"));
        verify_recovery_code(VerifyRecoveryCode::new("garbage", "garbage"));
    }
}
