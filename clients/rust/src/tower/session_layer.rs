//! The layer and its options.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::request::Parts;
use http::Extensions;
use tower_layer::Layer;

use super::public::Public;
use super::refusal::Refusal;
use super::remembered::Remembered;
use super::session_service::SessionService;
use super::token::{SessionToken, Source};
use crate::authflow::AuthFlow;
use crate::error::Error;
use crate::request::Validate;
use crate::response::User;

const LONGEST_REMEMBER: Duration = Duration::from_secs(1);

type ErrorHook = Arc<dyn Fn(&Error) + Send + Sync>;

/// Lets through requests that show a live session, with its [`User`] and its [`SessionToken`] in their extensions.
///
/// Requests without one are answered 401, and 503 where the session cannot be checked; requests of gRPC
/// UNAUTHENTICATED and UNAVAILABLE. It works around any service of `http` requests: axum, hyper, tonic. The session is
/// that of `Authorization: Bearer <JWT>` unless told. The token is never printed. Clones share what is remembered.
///
/// A login that a handler makes in the request's own task, of a public path too, tells the server the session token that
/// the request came with.
#[derive(Clone)]
pub struct SessionLayer {
    authflow: Arc<dyn AuthFlow>,
    source: Source,
    optional: bool,
    public: Public,
    on_error: Option<ErrorHook>,
    remembered: Option<Arc<Remembered>>,
}

/// On every request that the layer let through: extractors tell by it that there is a layer at all.
#[derive(Clone)]
pub(crate) struct Asked;

impl SessionLayer {
    /// Asks with this client, on every request: a [`Client`](crate::Client), an `Arc<dyn AuthFlow>`, or the fake.
    pub fn new(authflow: impl AuthFlow + 'static) -> Self {
        Self {
            authflow: Arc::new(authflow),
            source: Source::Bearer,
            optional: false,
            public: Public::default(),
            on_error: None,
            remembered: None,
        }
    }

    /// Takes the session from the cookie of this name, and no longer from the header.
    pub fn cookie(mut self, name: impl Into<String>) -> Self {
        self.source = Source::Cookie(name.into());
        self
    }

    /// Takes the session token that this function finds in a request, and no longer that of the header.
    pub fn token_from(
        mut self,
        find: impl Fn(&Parts) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.source = Source::Function(Arc::new(find));
        self
    }

    /// Lets through without a user whoever has no session, or one that is refused. One that cannot be checked is still
    /// answered 503.
    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// Lets requests for these paths through unasked, without a user. `/assets/*` is all that begins so, anything else
    /// is one path; for gRPC it is `/package.Service/Method`.
    pub fn public<P: Into<String>>(mut self, paths: impl IntoIterator<Item = P>) -> Self {
        for path in paths {
            self.public.add_path(path.into());
        }
        self
    }

    /// Lets requests that this function picks through unasked, without a user.
    pub fn public_if(mut self, predicate: impl Fn(&Parts) -> bool + Send + Sync + 'static) -> Self {
        self.public.add_predicate(Arc::new(predicate));
        self
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

    /// The token that a request shows, whether or not it is of a live session.
    pub(crate) fn token(&self, request: &Parts) -> Option<SessionToken> {
        self.source.token(request)
    }

    /// What a request with this token is let through with.
    pub(crate) async fn let_through(
        &self,
        request: &Parts,
        token: Option<SessionToken>,
    ) -> Result<Extensions, Refusal> {
        let mut extensions = Extensions::new();
        extensions.insert(Asked);
        if self.public.contains(request) {
            return Ok(extensions);
        }
        match self.session(token).await {
            Ok((user, token)) => {
                extensions.insert(user);
                extensions.insert(token);
            }
            Err(refusal) if self.optional && refusal.is_the_sessions_fault() => {}
            Err(refusal) => return Err(refusal),
        }
        Ok(extensions)
    }

    async fn session(&self, token: Option<SessionToken>) -> Result<(User, SessionToken), Refusal> {
        let token = token.ok_or_else(Refusal::no_session)?;
        let user = self.user(token.as_str()).await?;
        Ok((user, token))
    }

    async fn user(&self, token: &str) -> Result<User, Refusal> {
        if let Some(user) = self.remembered.as_ref().and_then(|all| all.user(token)) {
            return Ok(user);
        }
        let asked_at = Instant::now();
        match self.authflow.validate(Validate::new(token)).await {
            Ok(user) => {
                if let Some(remembered) = &self.remembered {
                    remembered.keep(token, &user, asked_at);
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
            .field("optional", &self.optional)
            .finish_non_exhaustive()
    }
}
