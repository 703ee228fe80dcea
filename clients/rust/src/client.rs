//! The client, apart from its calls.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tonic::service::interceptor::InterceptedService;

use crate::api_key::ApiKey;
use crate::builder::Builder;
use crate::connection::Connection;
use crate::error::Error;
use crate::proto::account_service_client::AccountServiceClient;
use crate::proto::auth_service_client::AuthServiceClient;
use crate::proto::second_factor_service_client::SecondFactorServiceClient;
use crate::retry::{Failure, Repeats};

/// The generated stub, over the client's connection and with its key.
pub type Auth = AuthServiceClient<InterceptedService<Connection, ApiKey>>;

/// The generated stub of AccountService, which is as [`Auth`].
pub type AccountStub = AccountServiceClient<InterceptedService<Connection, ApiKey>>;

/// The generated stub of SecondFactorService, which is as [`Auth`].
pub type SecondFactorStub = SecondFactorServiceClient<InterceptedService<Connection, ApiKey>>;

/// Calls AuthFlow on behalf of one organization, whose API key it holds. The calls are those of [`AuthFlow`](crate::AuthFlow).
///
/// A clone is cheap and shares the one connection and the budget of repeats; make one client and clone it into every
/// task. The connection closes when the last clone is dropped. Dropping a call's future cancels the call and its waits.
/// No call takes longer than the deadline.
#[derive(Clone)]
pub struct Client(Arc<Shared>);

struct Shared {
    auth: Auth,
    accounts: AccountStub,
    second_factors: SecondFactorStub,
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
                parts.api_key.clone(),
            ),
            second_factors: SecondFactorServiceClient::with_interceptor(
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

    /// The generated stub of SecondFactorService, which is as [`auth`](Self::auth).
    pub fn second_factors(&self) -> SecondFactorStub {
        self.0.second_factors.clone()
    }

    /// The connection, for stubs that take no key, such as
    /// [`OrganizationServiceClient`](crate::proto::organization_service_client::OrganizationServiceClient).
    pub fn connection(&self) -> Connection {
        self.0.connection.clone()
    }

    /// Makes attempts at a call within the client's deadline, repeating what is safe to repeat.
    pub(crate) async fn repeat<T, F>(
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

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("address", &self.0.address)
            .field("deadline", &self.0.deadline)
            .finish_non_exhaustive()
    }
}
