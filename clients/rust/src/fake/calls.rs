//! The calls of the fake: what is missing or malformed is told before anything else.

use super::challenges::is_challenge;
use super::parameters::{self, Faults};
use super::AuthFlowFake;
use crate::account_request::{
    ChangeEmail, DeleteAccount, EndMySessions, ForgotPassword, ListMySessions, Me, RenewSession,
    ResetPassword, SendVerificationEmail, UpdateProfile, VerifyEmail,
};
use crate::account_response::{Account, EndedSessions, MySession, PasswordReset, VerifiedEmail};
use crate::authflow::{AuthFlow, Call};
use crate::challenge::LoginStep;
use crate::error::Error;
use crate::request::{email_of, ChangePassword, FooBar, Login, Logout, SignUp, Validate};
use crate::response::{Nonce, PasswordChanged, Session, SignedUp, User};
use crate::second_factor_request::{
    ConfirmTotp, DisableTotp, EnableTotp, RegenerateRecoveryCodes, SendEmailCode, SendLoginCode,
    VerifyEmailCode, VerifyRecoveryCode, VerifyTotp,
};
use crate::second_factor_response::{
    ConfirmedTotp, EmailCodeSent, LoginCodeSent, RecoveryCodes, TotpSecret,
};

impl AuthFlow for AuthFlowFake {
    fn foo_bar<'a>(&'a self, request: FooBar<'a>) -> Call<'a, Nonce> {
        self.call(|store| {
            let mut faults = Faults::default();
            let email = faults.email("identity", request.identity);
            faults.check()?;
            Ok(store.nonce(&email))
        })
    }

    fn sign_up<'a>(&'a self, request: SignUp<'a>) -> Call<'a, SignedUp> {
        self.call(|store| {
            let mut faults = Faults::default();
            let email = faults.email("email", request.email);
            faults.password("password", request.password);
            let full_name = faults.full_name(request.full_name);
            faults.check()?;
            parameters::require_policy(request.password)?;
            parameters::require_disclaimer(request.disclaimed)?;
            store.sign_up(email, full_name, request.password)
        })
    }

    fn login<'a>(&'a self, request: Login<'a>) -> Call<'a, Session> {
        self.call(|store| {
            let mut faults = Faults::default();
            let email = faults.email("email", request.email);
            faults.password("password", request.password);
            faults.check()?;
            store.login(&email, request)
        })
    }

    fn validate<'a>(&'a self, request: Validate<'a>) -> Call<'a, User> {
        self.call(|store| {
            let email = email_of(request.session_token, request.email)?;
            let mut faults = Faults::default();
            faults.required("sessionToken", request.session_token);
            let email = faults.email("email", &email);
            faults.check()?;
            store.validate(request.session_token, &email)
        })
    }

    fn change_password<'a>(&'a self, request: ChangePassword<'a>) -> Call<'a, PasswordChanged> {
        self.call(|store| {
            let email = email_of(request.session_token, request.email)?;
            let mut faults = Faults::default();
            faults.required("sessionToken", request.session_token);
            let email = faults.email("email", &email);
            faults.password("newPassword", request.new_password);
            faults.optional_code("code", request.code);
            faults.check()?;
            parameters::require_policy(request.new_password)?;
            store.change_password(&email, request)
        })
    }

    fn logout<'a>(&'a self, request: Logout<'a>) -> Call<'a, ()> {
        self.call(|store| {
            let email = email_of(request.session_token, request.email)?;
            let mut faults = Faults::default();
            faults.required("sessionToken", request.session_token);
            let email = faults.email("email", &email);
            faults.check()?;
            store.logout(request.session_token, &email)
        })
    }

    fn me<'a>(&'a self, request: Me<'a>) -> Call<'a, Account> {
        self.call(|store| {
            let email = session(Faults::default(), request.session_token, request.email)?;
            store.me(request.session_token, &email)
        })
    }

    fn send_verification_email<'a>(&'a self, request: SendVerificationEmail<'a>) -> Call<'a, ()> {
        self.call(|store| {
            store.send_verification_email(&address(request.email)?);
            Ok(())
        })
    }

    fn verify_email<'a>(&'a self, request: VerifyEmail<'a>) -> Call<'a, VerifiedEmail> {
        self.call(|store| {
            let mut faults = Faults::default();
            faults.required("token", request.token);
            faults.check()?;
            store.verify_email(request.token)
        })
    }

    fn forgot_password<'a>(&'a self, request: ForgotPassword<'a>) -> Call<'a, ()> {
        self.call(|store| {
            store.forgot_password(&address(request.email)?);
            Ok(())
        })
    }

    fn reset_password<'a>(&'a self, request: ResetPassword<'a>) -> Call<'a, PasswordReset> {
        self.call(|store| {
            let mut faults = Faults::default();
            faults.required("token", request.token);
            faults.password("newPassword", request.new_password);
            if is_challenge(request.token) {
                faults.password("currentPassword", request.current_password);
            }
            faults.check()?;
            parameters::require_policy(request.new_password)?;
            if is_challenge(request.token) {
                parameters::require_another(request.new_password, request.current_password)?;
            }
            store.reset_password(request)
        })
    }

    fn renew_session<'a>(&'a self, request: RenewSession<'a>) -> Call<'a, Session> {
        self.call(|store| {
            let email = session(Faults::default(), request.session_token, request.email)?;
            store.renew_session(request.session_token, &email)
        })
    }

    fn list_my_sessions<'a>(&'a self, request: ListMySessions<'a>) -> Call<'a, Vec<MySession>> {
        self.call(|store| {
            let email = session(Faults::default(), request.session_token, request.email)?;
            store.list_my_sessions(request.session_token, &email)
        })
    }

    fn end_my_sessions<'a>(&'a self, request: EndMySessions<'a>) -> Call<'a, EndedSessions> {
        self.call(|store| {
            let email = session(Faults::default(), request.session_token, request.email)?;
            store.end_my_sessions(request.session_token, &email, request.session_id)
        })
    }

    fn update_profile<'a>(&'a self, request: UpdateProfile<'a>) -> Call<'a, Account> {
        self.call(|store| {
            let mut faults = Faults::default();
            let full_name = faults.full_name(request.full_name);
            let email = session(faults, request.session_token, request.email)?;
            store.update_profile(request.session_token, &email, full_name)
        })
    }

    fn change_email<'a>(&'a self, request: ChangeEmail<'a>) -> Call<'a, ()> {
        self.call(|store| {
            let mut faults = Faults::default();
            let new_email = faults.email("newEmail", request.new_email);
            faults.optional_code("code", request.code);
            let email = session(faults, request.session_token, request.email)?;
            store.change_email(
                request.session_token,
                &email,
                &new_email,
                (request.current_password, request.code),
            )
        })
    }

    fn delete_account<'a>(&'a self, request: DeleteAccount<'a>) -> Call<'a, EndedSessions> {
        self.call(|store| {
            let mut faults = Faults::default();
            faults.optional_code("code", request.code);
            let email = session(faults, request.session_token, request.email)?;
            let proof = (request.current_password, request.code);
            store.delete_account(request.session_token, &email, proof)
        })
    }

    fn send_login_code<'a>(&'a self, request: SendLoginCode<'a>) -> Call<'a, LoginCodeSent> {
        self.call(|store| store.send_login_code(&address(request.email)?))
    }

    fn enable_totp<'a>(&'a self, request: EnableTotp<'a>) -> Call<'a, TotpSecret> {
        self.call(|store| {
            let email = match request.challenge {
                "" => session(Faults::default(), request.session_token, request.email)?,
                _ => String::new(),
            };
            store.enable_totp(&email, request)
        })
    }

    fn confirm_totp<'a>(&'a self, request: ConfirmTotp<'a>) -> Call<'a, ConfirmedTotp> {
        self.call(|store| {
            let mut faults = Faults::default();
            faults.digits("code", request.code);
            let email = match request.challenge {
                "" => session(faults, request.session_token, request.email)?,
                _ => faults.check().map(|()| String::new())?,
            };
            store.confirm_totp(&email, request)
        })
    }

    fn disable_totp<'a>(&'a self, request: DisableTotp<'a>) -> Call<'a, ()> {
        self.call(|store| {
            let faults = with_code(request.code);
            let email = session(faults, request.session_token, request.email)?;
            store.disable_totp(&email, request)
        })
    }

    fn regenerate_recovery_codes<'a>(
        &'a self,
        request: RegenerateRecoveryCodes<'a>,
    ) -> Call<'a, RecoveryCodes> {
        self.call(|store| {
            let faults = with_code(request.code);
            let email = session(faults, request.session_token, request.email)?;
            store.regenerate_recovery_codes(&email, request)
        })
    }

    fn verify_totp<'a>(&'a self, request: VerifyTotp<'a>) -> Call<'a, LoginStep> {
        self.call(|store| {
            let mut faults = Faults::default();
            faults.required("challenge", request.challenge);
            faults.digits("code", request.code);
            faults.check()?;
            LoginStep::after(store.verify_totp(request))
        })
    }

    fn send_email_code<'a>(&'a self, request: SendEmailCode<'a>) -> Call<'a, EmailCodeSent> {
        self.call(|store| {
            let mut faults = Faults::default();
            faults.required("challenge", request.challenge);
            faults.check()?;
            store.send_email_code(request.challenge)
        })
    }

    fn verify_email_code<'a>(&'a self, request: VerifyEmailCode<'a>) -> Call<'a, LoginStep> {
        self.call(|store| {
            let mut faults = Faults::default();
            faults.required("challenge", request.challenge);
            faults.digits("code", request.code);
            faults.check()?;
            LoginStep::after(store.verify_email_code(request))
        })
    }

    fn verify_recovery_code<'a>(&'a self, request: VerifyRecoveryCode<'a>) -> Call<'a, LoginStep> {
        self.call(|store| {
            let mut faults = Faults::default();
            faults.required("challenge", request.challenge);
            faults.recovery_code("recovery_code", request.recovery_code);
            faults.check()?;
            LoginStep::after(store.verify_recovery_code(request))
        })
    }
}

/// What is wrong with a code that must be given, of either kind.
fn with_code(code: &str) -> Faults {
    let mut faults = Faults::default();
    faults.required("code", code);
    faults.optional_code("code", code);
    faults
}

/// The e-mail of a session, where the request has no fault.
fn session(mut faults: Faults, session_token: &str, email: &str) -> Result<String, Error> {
    let email = email_of(session_token, email)?;
    faults.required("sessionToken", session_token);
    let email = faults.email("email", &email);
    faults.check()?;
    Ok(email)
}

/// The address that a mail is asked for, normalized.
fn address(email: &str) -> Result<String, Error> {
    let mut faults = Faults::default();
    let email = faults.email("email", email);
    faults.check()?;
    Ok(email)
}
