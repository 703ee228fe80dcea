//! The layer's service.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::header::CONTENT_TYPE;
use http::{Request, Response};
use tower_service::Service;

use super::session_body::SessionBody;
use super::session_layer::SessionLayer;
use crate::previous_session::telling;

/// A service behind a [`SessionLayer`].
#[derive(Clone, Debug)]
pub struct SessionService<S> {
    inner: S,
    sessions: SessionLayer,
}

impl<S> SessionService<S> {
    pub(crate) fn new(inner: S, sessions: SessionLayer) -> Self {
        Self { inner, sessions }
    }
}

impl<S, B, R> Service<Request<B>> for SessionService<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    B: Send + 'static,
{
    type Response = Response<SessionBody<R>>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // The one that was found ready is used; its clone may not be.
        let next = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, next);
        let sessions = self.sessions.clone();
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            let token = sessions.token(&parts);
            match sessions.let_through(&parts, token.clone()).await {
                Ok(extensions) => {
                    parts.extensions.extend(extensions);
                    let handler = async { inner.call(Request::from_parts(parts, body)).await };
                    let response = telling(token, handler).await?;
                    Ok(response.map(SessionBody::passed))
                }
                Err(refusal) => {
                    let content_type = parts.headers.get(CONTENT_TYPE);
                    Ok(refusal
                        .into_response(content_type)
                        .map(SessionBody::refused))
                }
            }
        })
    }
}
