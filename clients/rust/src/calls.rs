//! The calls of a client.

use tokio::time::Instant;
use tonic::Request;

use crate::account_request::{
    ChangeEmail, DeleteAccount, EndMySessions, ForgotPassword, ListMySessions, Me, RenewSession,
    ResetPassword, SendVerificationEmail, UpdateProfile, VerifyEmail,
};
use crate::account_response::{
    Account, EndedSessions, Listed, MySession, Nothing, PasswordReset, VerifiedEmail,
};
use crate::authflow::{AuthFlow, Call};
use crate::challenge::LoginStep;
use crate::client::Client;
use crate::error::Error;
use crate::proto;
use crate::reason::Reason;
use crate::request::{ChangePassword, FooBar, Login, Logout, SignUp, Validate};
use crate::response::{Nonce, PasswordChanged, Session, SignedUp, User};
use crate::retry::{AfterLostReply, Failure};
use crate::second_factor_request::{
    ConfirmTotp, DisableTotp, EnableTotp, RegenerateRecoveryCodes, SendEmailCode, SendLoginCode,
    VerifyEmailCode, VerifyRecoveryCode, VerifyTotp,
};
use crate::second_factor_response::{
    ConfirmedTotp, EmailCodeSent, LoginCodeSent, RecoveryCodes, TotpSecret,
};

/// Stands for a nonce where FooBar would issue none.
const NO_NONCE: &str = "-";

impl Client {
    async fn nonce(&self, message: proto::FooBarRequest, limit: Instant) -> Result<Nonce, Failure> {
        let reply = self.auth().foo_bar(within(limit, message)).await;
        answer(reply, AfterLostReply::Repeat)
    }

    /// A nonce to spend; where FooBar finds fault with the e-mail, what makes the call itself tell all its faults.
    async fn nonce_to_spend(&self, request: FooBar<'_>, limit: Instant) -> Result<String, Failure> {
        match self.nonce(request.into(), limit).await {
            Ok(nonce) => Ok(nonce.token),
            Err(failure) if failure.reason() == Some(&Reason::InvalidArgument) => {
                Ok(NO_NONCE.to_owned())
            }
            Err(failure) => Err(failure),
        }
    }
}

/// Calls that spend no nonce: a request is read, sent by a stub and repeated, its reply read by way of `$read`, and what
/// came of it told by `$told`.
macro_rules! calls {
    (by $stub:ident, $told:path; $($name:ident($request:ident, $message:ident)
        by $read:ident -> $answer:ty, $call:literal, $after:ident;)*) => {$(
        fn $name<'a>(&'a self, request: $request<'a>) -> Call<'a, $answer> {
            Box::pin(async move {
                let message = &proto::$message::try_from(request)?;
                let outcome: Result<$read, Error> = self
                    .repeat($call, move |limit| async move {
                        let reply = self.$stub().$name(within(limit, message.clone())).await;
                        answer(reply, AfterLostReply::$after)
                    })
                    .await;
                $told(outcome)
            })
        }
    )*};
}

impl AuthFlow for Client {
    fn foo_bar<'a>(&'a self, request: FooBar<'a>) -> Call<'a, Nonce> {
        Box::pin(self.repeat("FooBar", move |limit| self.nonce(request.into(), limit)))
    }

    fn sign_up<'a>(&'a self, request: SignUp<'a>) -> Call<'a, SignedUp> {
        let nonce = FooBar::new(request.email)
            .client_ip(request.client_ip)
            .user_agent(request.user_agent);
        Box::pin(self.repeat("SignUp", move |limit| async move {
            let message = proto::SignUpRequest {
                foobar: self.nonce_to_spend(nonce, limit).await?,
                ..request.into()
            };
            let reply = self.auth().sign_up(within(limit, message)).await;
            answer(reply, AfterLostReply::Tell)
        }))
    }

    fn login<'a>(&'a self, request: Login<'a>) -> Call<'a, Session> {
        let nonce = FooBar::new(request.email)
            .client_ip(request.client_ip)
            .user_agent(request.user_agent);
        // Now, and not when the future is polled, which may be in another task.
        let message = proto::LoginRequest::from(request);
        Box::pin(async move {
            let message = &message;
            self.repeat("Login", move |limit| async move {
                let message = proto::LoginRequest {
                    foobar: self.nonce_to_spend(nonce, limit).await?,
                    ..message.clone()
                };
                let reply = self.auth().login(within(limit, message)).await;
                answer(reply, AfterLostReply::Repeat)
            })
            .await
        })
    }

    calls! {
        by auth, plainly;
        validate(Validate, ValidateRequest) by User -> User, "Validate", Repeat;
        change_password(ChangePassword, ChangePasswordRequest) by PasswordChanged -> PasswordChanged,
            "ChangePassword", Tell;
        logout(Logout, LogoutRequest) by Nothing -> (), "Logout", Repeat;
    }

    calls! {
        by accounts, plainly;
        me(Me, MeRequest) by Account -> Account, "Me", Repeat;
        send_verification_email(SendVerificationEmail, SendVerificationEmailRequest) by Nothing -> (),
            "SendVerificationEmail", Repeat;
        verify_email(VerifyEmail, VerifyEmailRequest) by VerifiedEmail -> VerifiedEmail, "VerifyEmail", Repeat;
        forgot_password(ForgotPassword, ForgotPasswordRequest) by Nothing -> (), "ForgotPassword", Repeat;
        reset_password(ResetPassword, ResetPasswordRequest) by PasswordReset -> PasswordReset, "ResetPassword", Tell;
        renew_session(RenewSession, RenewSessionRequest) by Session -> Session, "RenewSession", Repeat;
        list_my_sessions(ListMySessions, ListMySessionsRequest) by Listed -> Vec<MySession>, "ListMySessions", Repeat;
        end_my_sessions(EndMySessions, EndMySessionsRequest) by EndedSessions -> EndedSessions, "EndMySessions", Repeat;
        update_profile(UpdateProfile, UpdateProfileRequest) by Account -> Account, "UpdateProfile", Repeat;
        change_email(ChangeEmail, ChangeEmailRequest) by Nothing -> (), "ChangeEmail", Repeat;
        delete_account(DeleteAccount, DeleteAccountRequest) by EndedSessions -> EndedSessions, "DeleteAccount", Tell;
        send_login_code(SendLoginCode, SendLoginCodeRequest) by LoginCodeSent -> LoginCodeSent, "SendLoginCode", Tell;
    }

    calls! {
        by second_factors, plainly;
        enable_totp(EnableTotp, EnableTotpRequest) by TotpSecret -> TotpSecret, "EnableTotp", Tell;
        confirm_totp(ConfirmTotp, ConfirmTotpRequest) by ConfirmedTotp -> ConfirmedTotp, "ConfirmTotp", Tell;
        disable_totp(DisableTotp, DisableTotpRequest) by Nothing -> (), "DisableTotp", Tell;
        regenerate_recovery_codes(RegenerateRecoveryCodes, RegenerateRecoveryCodesRequest)
            by RecoveryCodes -> RecoveryCodes, "RegenerateRecoveryCodes", Tell;
        send_email_code(SendEmailCode, SendEmailCodeRequest) by EmailCodeSent -> EmailCodeSent, "SendEmailCode", Tell;
    }

    calls! {
        by second_factors, LoginStep::after;
        verify_totp(VerifyTotp, VerifyTotpRequest) by LoginStep -> LoginStep, "VerifyTotp", Tell;
        verify_email_code(VerifyEmailCode, VerifyEmailCodeRequest) by LoginStep -> LoginStep, "VerifyEmailCode", Tell;
        verify_recovery_code(VerifyRecoveryCode, VerifyRecoveryCodeRequest)
            by LoginStep -> LoginStep, "VerifyRecoveryCode", Tell;
    }
}

/// A request that carries what is left of the call's time.
fn within<T>(limit: Instant, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.set_timeout(limit.saturating_duration_since(Instant::now()));
    request
}

fn answer<M, T: From<M>>(
    reply: Result<tonic::Response<M>, tonic::Status>,
    after_lost_reply: AfterLostReply,
) -> Result<T, Failure> {
    match reply {
        Ok(response) => Ok(response.into_inner().into()),
        Err(status) => Err(Failure::new(status, after_lost_reply)),
    }
}

fn plainly<R: Into<T>, T>(outcome: Result<R, Error>) -> Result<T, Error> {
    outcome.map(Into::into)
}
