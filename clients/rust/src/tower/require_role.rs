//! The layer that only users with some role pass.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::header::CONTENT_TYPE;
use http::{Request, Response};
use tower_layer::Layer;
use tower_service::Service;

use super::refusal::Refusal;
use super::session_body::SessionBody;
use crate::error::Error;
use crate::response::User;

const LONGEST_ROLE: usize = 64;

/// Lets through requests whose [`User`] has any one of some roles, behind a [`SessionLayer`](crate::SessionLayer).
///
/// Others are answered 403 with ACCESS_DENIED, and 401 where there is no user; requests of gRPC PERMISSION_DENIED and
/// UNAUTHENTICATED. It asks nobody: the roles are those that Validate told.
#[derive(Clone, Debug)]
pub struct RequireRoleLayer(Arc<[String]>);

impl RequireRoleLayer {
    /// Any one of the roles is enough.
    ///
    /// # Errors
    ///
    /// [`Code::InvalidArgument`](crate::Code::InvalidArgument) where there is no role, or one that no user can have.
    pub fn new<R: Into<String>>(any_of: impl IntoIterator<Item = R>) -> Result<Self, Error> {
        let roles: Arc<[String]> = any_of.into_iter().map(Into::into).collect();
        if roles.is_empty() {
            return Err(Error::invalid_option("a role is needed"));
        }
        if let Some(wrong) = roles.iter().find(|role| !is_role(role)) {
            return Err(Error::invalid_option(format!(
                "{wrong:?} is no role: a-z, then up to 63 of a-z, 0-9, _, ., : and -"
            )));
        }
        Ok(Self(roles))
    }

    fn refusal(&self, user: Option<&User>) -> Option<Refusal> {
        match user {
            None => Some(Refusal::no_session()),
            Some(user) if user.roles.iter().any(|role| self.0.contains(role)) => None,
            Some(_) => Some(Refusal::access_denied()),
        }
    }
}

/// UserService's form.
fn is_role(text: &str) -> bool {
    text.len() <= LONGEST_ROLE
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_.:-".contains(&byte)
        })
}

impl<S> Layer<S> for RequireRoleLayer {
    type Service = RequireRoleService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        RequireRoleService {
            inner,
            required: self.clone(),
        }
    }
}

/// A service behind a [`RequireRoleLayer`].
#[derive(Clone, Debug)]
pub struct RequireRoleService<S> {
    inner: S,
    required: RequireRoleLayer,
}

impl<S, B, R> Service<Request<B>> for RequireRoleService<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
    R: Send + 'static,
{
    type Response = Response<SessionBody<R>>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        if let Some(refusal) = self.required.refusal(request.extensions().get()) {
            let response = refusal.into_response(request.headers().get(CONTENT_TYPE));
            return Box::pin(std::future::ready(Ok(response.map(SessionBody::refused))));
        }
        let handled = self.inner.call(request);
        Box::pin(async move { Ok(handled.await?.map(SessionBody::passed)) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_a_role_is_refused_at_once() {
        assert!(RequireRoleLayer::new(["editor", "a", "billing.eu:read-only_1"]).is_ok());
        let long = "a".repeat(65);
        for roles in [
            &[][..],
            &["editor", "Admin"],
            &[""],
            &["1st"],
            &["two words"],
            &[&long],
        ] {
            let error = RequireRoleLayer::new(roles.iter().copied()).unwrap_err();
            assert!(error.message().contains("role"), "{error}");
        }
    }
}
