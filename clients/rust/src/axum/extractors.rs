//! The session's user and token as arguments of a handler.

use axum_core::body::Body;
use axum_core::extract::{FromRequestParts, OptionalFromRequestParts};
use axum_core::response::{IntoResponse, Response};
use http::request::Parts;
use http::StatusCode;
use serde_json::json;

use crate::response::User;
use crate::tower::refusal::{json_error, Refusal};
use crate::tower::session_layer::Asked;
use crate::tower::token::SessionToken;

/// No layer let the request through. The route is at fault, and whoever wrote it must see that.
struct NoLayer;

impl IntoResponse for NoLayer {
    fn into_response(self) -> Response {
        let body = json!({
            "statusCode": 500,
            "error": "INTERNAL",
            "message": "No SessionLayer is around this route, so nobody's session was checked.",
        });
        json_error(StatusCode::INTERNAL_SERVER_ERROR, &body, None).map(Body::from)
    }
}

/// What the layer put on the request; none where it let the request through without.
fn found<T: Clone + Send + Sync + 'static>(parts: &Parts) -> Result<Option<T>, NoLayer> {
    parts.extensions.get::<Asked>().ok_or(NoLayer)?;
    Ok(parts.extensions.get().cloned())
}

macro_rules! extractor {
    ($($extracted:ident),*) => {$(
        /// Answers 401 without a session, and 500 where no [`SessionLayer`](crate::SessionLayer) is around the route.
        impl<S: Send + Sync> FromRequestParts<S> for $extracted {
            type Rejection = Response;

            async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
                found(parts)
                    .map_err(IntoResponse::into_response)?
                    .ok_or_else(|| Refusal::no_session().into_response(None).map(Body::from))
            }
        }

        /// None without a session, for layers that are [`optional`](crate::SessionLayer::optional).
        impl<S: Send + Sync> OptionalFromRequestParts<S> for $extracted {
            type Rejection = Response;

            async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Response> {
                found(parts).map_err(IntoResponse::into_response)
            }
        }
    )*};
}

extractor!(User, SessionToken);
