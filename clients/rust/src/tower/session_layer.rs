//! The layer and its options.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tower_layer::Layer;

use super::bearer::Bearer;
use super::refusal::Refusal;
use super::remembered::Remembered;
use super::session_service::SessionService;
use crate::client::Client;
use crate::error::Error;
use crate::response::User;

const LONGEST_REMEMBER: Duration = Duration::from_secs(1);

type ErrorHook = Arc<dyn Fn(&Error) + Send + Sync>;

/// Lets through requests that show a live session as `Authorization: Bearer <JWT>`, with its [`User`] in their
/// extensions.
///
/// Requests without one are answered 401, and 503 where the session cannot be checked; requests of gRPC
/// UNAUTHENTICATED and UNAVAILABLE. It works around any service of `http` requests: axum, hyper, tonic. The token is
/// never printed. Clones share what is remembered.
#[derive(Clone)]
pub struct SessionLayer {
    client: Client,
    on_error: Option<ErrorHook>,
    remembered: Option<Arc<Remembered>>,
}

impl SessionLayer {
    /// Asks with this client, on every request.
    pub fn new(client: Client) -> Self {
        Self {
            client,
            on_error: None,
            remembered: None,
        }
    }

    /// Does not ask again about a session that was valid for this long, up to a second: a logout is then seen that
    /// much later. No session is remembered beyond its expiry, and no more than 10,000 are.
    ///
    /// # Errors
    ///
    /// [`Code::InvalidArgument`](crate::Code::InvalidArgument) for more than a second.
    pub fn remember(mut self, span: Duration) -> Result<Self, Error> {
        if span > LONGEST_REMEMBER {
            return Err(Error::invalid_option(
                "a session is remembered for a second at most",
            ));
        }
        self.remembered = (!span.is_zero()).then(|| Arc::new(Remembered::new(span)));
        Ok(self)
    }

    /// Is given every error behind a 503, for the log.
    pub fn on_error(mut self, hook: impl Fn(&Error) + Send + Sync + 'static) -> Self {
        self.on_error = Some(Arc::new(hook));
        self
    }

    /// Whose session it is.
    pub(crate) async fn user(&self, bearer: Option<Bearer>) -> Result<User, Refusal> {
        let Bearer { token, email } = bearer.ok_or_else(Refusal::no_session)?;
        if let Some(user) = self.remembered.as_ref().and_then(|all| all.user(&token)) {
            return Ok(user);
        }
        let asked_at = Instant::now();
        match self.client.validate(&token, &email).await {
            Ok(user) => {
                if let Some(remembered) = &self.remembered {
                    remembered.keep(&token, &user, asked_at);
                }
                Ok(user)
            }
            Err(error) => Err(self.refusal(&error)),
        }
    }

    fn refusal(&self, error: &Error) -> Refusal {
        let refusal = Refusal::of(error);
        if let (Some(hook), false) = (&self.on_error, refusal.is_the_sessions_fault()) {
            hook(error);
        }
        refusal
    }
}

impl<S> Layer<S> for SessionLayer {
    type Service = SessionService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        SessionService::new(inner, self.clone())
    }
}

impl fmt::Debug for SessionLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionLayer")
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}
