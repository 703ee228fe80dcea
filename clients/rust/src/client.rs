//! The client and its six calls.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;
use tonic::Request;

use crate::api_key::ApiKey;
use crate::budget::Budget;
use crate::builder::Builder;
use crate::error::Error;
use crate::proto::auth_service_client::AuthServiceClient;
use crate::proto::{
    ChangePasswordRequest, FooBarRequest, LoginRequest, LogoutRequest, SignUpRequest,
    ValidateRequest,
};
use crate::request::{ChangePassword, SignUp};
use crate::response::{Nonce, PasswordChanged, Session, SignedUp, User};
use crate::retry::{repeat, AfterLostReply, Failure};

/// Calls AuthFlow on behalf of one organization, whose API key it holds.
///
/// A clone is cheap and shares the one connection and the budget of repeats; make one client and clone it into every
/// task. The connection closes when the last clone is dropped. Dropping a call's future cancels the call and its waits.
/// No call takes longer than the deadline. Beside the reasons that each names, all of them fail with UNAVAILABLE,
/// RATE_LIMITED, INTERNAL and DEADLINE_EXCEEDED, and without a reason where no reply came.
#[derive(Clone)]
pub struct Client(Arc<Shared>);

struct Shared {
    auth: AuthServiceClient<InterceptedService<Channel, ApiKey>>,
    channel: Channel,
    address: String,
    deadline: Duration,
    budget: Budget,
}

impl Client {
    /// Begins a client for the server at `address`: `host:port`, in clear text unless an option of TLS is given, or a
    /// URL of `http` or `https`. The latter trusts the machine's certificate authorities.
    pub fn builder(address: impl Into<String>, api_key: impl Into<String>) -> Builder {
        Builder::new(address.into(), api_key.into())
    }

    pub(crate) fn new(
        channel: Channel,
        api_key: ApiKey,
        address: String,
        deadline: Duration,
    ) -> Self {
        Self(Arc::new(Shared {
            auth: AuthServiceClient::with_interceptor(channel.clone(), api_key),
            channel,
            address,
            deadline,
            budget: Budget::full(),
        }))
    }

    /// Issues a nonce for an e-mail. [`sign_up`](Self::sign_up) and [`login`](Self::login) do so by themselves.
    ///
    /// # Errors
    ///
    /// INVALID_ARGUMENT, API_KEY_INVALID.
    pub async fn foo_bar(&self, identity: &str) -> Result<Nonce, Error> {
        self.repeat(|limit| self.nonce(identity, limit)).await
    }

    /// Signs up a user.
    ///
    /// After a lost reply it is not repeated, because the user may have been made: [`login`](Self::login) tells.
    ///
    /// # Errors
    ///
    /// INVALID_ARGUMENT, PASSWORD_POLICY, DISCLAIMER_REQUIRED, API_KEY_INVALID, OVERLOADED, USER_EXISTS.
    pub async fn sign_up(&self, user: SignUp<'_>) -> Result<SignedUp, Error> {
        self.repeat(|limit| async move {
            let request = SignUpRequest {
                foobar: self.nonce(user.email, limit).await?.token,
                email: user.email.to_owned(),
                password: user.password.to_owned(),
                fullname: user.full_name.to_owned(),
                disclaimed: user.disclaimed,
                ..Default::default()
            };
            let reply = self.auth().sign_up(within(limit, request)).await;
            answer(reply, AfterLostReply::Tell)
        })
        .await
    }

    /// Checks a password and opens a session.
    ///
    /// # Errors
    ///
    /// INVALID_ARGUMENT, API_KEY_INVALID, OVERLOADED, ACCOUNT_LOCKED, USER_NOT_FOUND, CREDENTIALS_INVALID,
    /// USER_DISABLED.
    pub async fn login(&self, email: &str, password: &str) -> Result<Session, Error> {
        self.repeat(|limit| async move {
            let request = LoginRequest {
                foobar: self.nonce(email, limit).await?.token,
                email: email.to_owned(),
                password: password.to_owned(),
                ..Default::default()
            };
            let reply = self.auth().login(within(limit, request)).await;
            answer(reply, AfterLostReply::Repeat)
        })
        .await
    }

    /// Tells whose live session a token is. The session must be of this e-mail and of the key's organization.
    ///
    /// # Errors
    ///
    /// INVALID_ARGUMENT, API_KEY_INVALID, SESSION_INVALID, SESSION_EXPIRED, SESSION_REVOKED.
    pub async fn validate(&self, session_token: &str, email: &str) -> Result<User, Error> {
        self.repeat(|limit| async move {
            let request = ValidateRequest {
                session_token: session_token.to_owned(),
                email: email.to_owned(),
                ..Default::default()
            };
            let reply = self.auth().validate(within(limit, request)).await;
            answer(reply, AfterLostReply::Repeat)
        })
        .await
    }

    /// Sets a new password and ends the user's other sessions.
    ///
    /// After a lost reply it is not repeated, because the password may be the new one: [`login`](Self::login) tells.
    ///
    /// # Errors
    ///
    /// INVALID_ARGUMENT, PASSWORD_POLICY, API_KEY_INVALID, SESSION_INVALID, SESSION_EXPIRED, SESSION_REVOKED,
    /// OVERLOADED, CREDENTIALS_INVALID.
    pub async fn change_password(
        &self,
        change: ChangePassword<'_>,
    ) -> Result<PasswordChanged, Error> {
        self.repeat(|limit| async move {
            let request = ChangePasswordRequest {
                session_token: change.session_token.to_owned(),
                email: change.email.to_owned(),
                new_password: change.new_password.to_owned(),
                current_password: change.current_password.unwrap_or_default().to_owned(),
                ..Default::default()
            };
            let reply = self.auth().change_password(within(limit, request)).await;
            answer(reply, AfterLostReply::Tell)
        })
        .await
    }

    /// Ends the session. Repeating it, or ending a session that has expired, is a success.
    ///
    /// # Errors
    ///
    /// INVALID_ARGUMENT, API_KEY_INVALID, SESSION_INVALID.
    pub async fn logout(&self, session_token: &str, email: &str) -> Result<(), Error> {
        self.repeat(|limit| async move {
            let request = LogoutRequest {
                session_token: session_token.to_owned(),
                email: email.to_owned(),
                ..Default::default()
            };
            match self.auth().logout(within(limit, request)).await {
                Ok(_) => Ok(()),
                Err(status) => Err(Failure::new(status, AfterLostReply::Repeat)),
            }
        })
        .await
    }

    /// The generated stub, over the same connection, with the key. It neither repeats nor sets a deadline.
    pub fn auth(&self) -> AuthServiceClient<InterceptedService<Channel, ApiKey>> {
        self.0.auth.clone()
    }

    /// The connection, for stubs that take no key, such as
    /// [`OrganizationServiceClient`](crate::proto::organization_service_client::OrganizationServiceClient).
    pub fn channel(&self) -> Channel {
        self.0.channel.clone()
    }

    async fn nonce(&self, email: &str, limit: Instant) -> Result<Nonce, Failure> {
        let request = FooBarRequest {
            identity: email.to_owned(),
            ..Default::default()
        };
        let reply = self.auth().foo_bar(within(limit, request)).await;
        answer(reply, AfterLostReply::Repeat)
    }

    async fn repeat<T, F>(&self, attempt: impl Fn(Instant) -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        repeat(&self.0.budget, self.0.deadline, attempt).await
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
