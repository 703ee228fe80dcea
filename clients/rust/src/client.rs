//! The client and its calls.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tonic::service::interceptor::InterceptedService;
use tonic::Request;

use crate::account_request::{
    ChangeEmail, DeleteAccount, EndMySessions, ForgotPassword, ListMySessions, Me, RenewSession,
    ResetPassword, SendVerificationEmail, UpdateProfile, VerifyEmail,
};
use crate::account_response::{
    Account, EndedSessions, Listed, MySession, Nothing, PasswordReset, VerifiedEmail,
};
use crate::api_key::ApiKey;
use crate::authflow::{AuthFlow, Call};
use crate::builder::Builder;
use crate::connection::Connection;
use crate::error::Error;
use crate::proto;
use crate::proto::account_service_client::AccountServiceClient;
use crate::proto::auth_service_client::AuthServiceClient;
use crate::reason::Reason;
use crate::request::{ChangePassword, FooBar, Login, Logout, SignUp, Validate};
use crate::response::{Nonce, PasswordChanged, Session, SignedUp, User};
use crate::retry::{AfterLostReply, Failure, Repeats};

/// The generated stub, over the client's connection and with its key.
pub type Auth = AuthServiceClient<InterceptedService<Connection, ApiKey>>;

/// The other generated stub, which is as [`Auth`].
pub type AccountStub = AccountServiceClient<InterceptedService<Connection, ApiKey>>;

/// Stands for a nonce where FooBar would issue none.
const NO_NONCE: &str = "-";

/// Calls AuthFlow on behalf of one organization, whose API key it holds. The calls are those of [`AuthFlow`].
///
/// A clone is cheap and shares the one connection and the budget of repeats; make one client and clone it into every
/// task. The connection closes when the last clone is dropped. Dropping a call's future cancels the call and its waits.
/// No call takes longer than the deadline.
#[derive(Clone)]
pub struct Client(Arc<Shared>);

struct Shared {
    auth: Auth,
    accounts: AccountStub,
    connection: Connection,
    address: String,
    deadline: Duration,
    repeats: Repeats,
}

/// What a [`Builder`] makes a client of.
pub(crate) struct Parts {
    pub(crate) connection: Connection,
    pub(crate) api_key: ApiKey,
    pub(crate) address: String,
    pub(crate) deadline: Duration,
    pub(crate) repeats: Repeats,
}

impl Client {
    /// Makes a client of the variables `AUTHFLOW_ADDRESS` and `AUTHFLOW_API_KEY`. It connects with its first call.
    ///
    /// # Errors
    ///
    /// Those of [`Builder::build`].
    ///
    /// # Panics
    ///
    /// Outside of a Tokio runtime.
    pub fn from_env() -> Result<Self, Error> {
        Self::builder().build()
    }

    /// Begins a client. What it is not given it reads from `AUTHFLOW_ADDRESS` and `AUTHFLOW_API_KEY`.
    pub fn builder() -> Builder {
        Builder::new()
    }

    pub(crate) fn new(parts: Parts) -> Self {
        Self(Arc::new(Shared {
            auth: AuthServiceClient::with_interceptor(
                parts.connection.clone(),
                parts.api_key.clone(),
            ),
            accounts: AccountServiceClient::with_interceptor(
                parts.connection.clone(),
                parts.api_key,
            ),
            connection: parts.connection,
            address: parts.address,
            deadline: parts.deadline,
            repeats: parts.repeats,
        }))
    }

    /// The generated stub, over the same connection, with the key. It neither repeats nor sets a deadline.
    pub fn auth(&self) -> Auth {
        self.0.auth.clone()
    }

    /// The generated stub of AccountService, which is as [`auth`](Self::auth).
    pub fn accounts(&self) -> AccountStub {
        self.0.accounts.clone()
    }

    /// The connection, for stubs that take no key, such as
    /// [`OrganizationServiceClient`](crate::proto::organization_service_client::OrganizationServiceClient).
    pub fn connection(&self) -> Connection {
        self.0.connection.clone()
    }

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

    async fn repeat<T, F>(
        &self,
        call: &'static str,
        attempt: impl Fn(Instant) -> F,
    ) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let Shared {
            address, deadline, ..
        } = &*self.0;
        let outcome = self.0.repeats.make(call, *deadline, attempt).await;
        outcome
            .map_err(|error| error.when_late(|| format!("no reply from {address} in {deadline:?}")))
    }
}

/// Calls of AccountService: a request is read, sent and repeated, and its reply read by way of `$read`.
macro_rules! account_calls {
    ($($name:ident($request:ident, $message:ident) by $read:ident -> $answer:ty, $call:literal, $after:ident;)*) => {$(
        fn $name<'a>(&'a self, request: $request<'a>) -> Call<'a, $answer> {
            Box::pin(async move {
                let message = &proto::$message::try_from(request)?;
                let read: $read = self
                    .repeat($call, move |limit| async move {
                        let reply = self.accounts().$name(within(limit, message.clone())).await;
                        answer(reply, AfterLostReply::$after)
                    })
                    .await?;
                Ok(read.into())
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

    fn validate<'a>(&'a self, request: Validate<'a>) -> Call<'a, User> {
        Box::pin(async move {
            let message = &proto::ValidateRequest::try_from(request)?;
            self.repeat("Validate", move |limit| async move {
                let reply = self.auth().validate(within(limit, message.clone())).await;
                answer(reply, AfterLostReply::Repeat)
            })
            .await
        })
    }

    fn change_password<'a>(&'a self, request: ChangePassword<'a>) -> Call<'a, PasswordChanged> {
        Box::pin(async move {
            let message = &proto::ChangePasswordRequest::try_from(request)?;
            self.repeat("ChangePassword", move |limit| async move {
                let request = within(limit, message.clone());
                let reply = self.auth().change_password(request).await;
                answer(reply, AfterLostReply::Tell)
            })
            .await
        })
    }

    fn logout<'a>(&'a self, request: Logout<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            let message = &proto::LogoutRequest::try_from(request)?;
            self.repeat("Logout", move |limit| async move {
                match self.auth().logout(within(limit, message.clone())).await {
                    Ok(_) => Ok(()),
                    Err(status) => Err(Failure::new(status, AfterLostReply::Repeat)),
                }
            })
            .await
        })
    }

    account_calls! {
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

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("address", &self.0.address)
            .field("deadline", &self.0.deadline)
            .finish_non_exhaustive()
    }
}
