//! The client's connection, with the layers that were put around it.

pub(crate) mod connector;
pub(crate) mod fault;
mod first_reply;
#[cfg(feature = "tls")]
mod self_signed;
#[cfg(feature = "tls")]
pub(crate) mod tls;

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body as HttpBody;
use tonic::body::Body;
use tower::util::BoxCloneSyncService;
use tower::ServiceExt;
use tower_service::Service;

type BoxError = Box<dyn StdError + Send + Sync>;

/// The connection of a [`Client`](crate::Client), with the builder's layers around it. Every generated stub runs over
/// it. It is made by the first request, and anew after it broke.
#[derive(Clone)]
pub struct Connection(BoxCloneSyncService<Request<Body>, Response<Body>, BoxError>);

impl Connection {
    pub(crate) fn over<S, B>(service: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<B>> + Clone + Send + Sync + 'static,
        S::Error: Into<BoxError>,
        S::Future: Send,
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let service = service
            .map_response(|response: Response<B>| response.map(Body::new))
            .map_err(Into::into);
        Self(BoxCloneSyncService::new(service))
    }
}

impl Service<Request<Body>> for Connection {
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        self.0.call(request)
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connection")
    }
}
