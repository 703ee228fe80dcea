//! A server that gives nonces and refuses all else.

use std::future::{ready, Ready};
use std::sync::{Arc, Mutex};

use authflow_client::proto::{FooBarRequest, FooBarResponse};
use authflow_client::Client;
use axum::body::Body;
use axum::http::Request as HttpRequest;
use axum::routing::post;
use axum::Router;
use tokio::net::TcpListener;
use tonic::server::{Grpc, UnaryService};
use tonic::service::Routes;
use tonic::transport::server::TcpIncoming;
use tonic::transport::Server;
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;

/// Notes which calls it refused.
pub struct Refusing {
    pub client: Client,
    calls: Arc<Mutex<Vec<String>>>,
}

impl Refusing {
    pub async fn with(status: Status) -> Self {
        let calls = Arc::new(Mutex::new(Vec::new()));
        let refuse = {
            let calls = calls.clone();
            async move |request: HttpRequest<Body>| {
                let path = request.uri().path().to_owned();
                calls.lock().unwrap().push(path);
                status.into_http::<Body>()
            }
        };
        let router = Router::new()
            .route("/authflow.v1.AuthService/FooBar", post(nonce))
            .fallback(refuse);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let server = Server::builder()
            .add_routes(Routes::from(router))
            .serve_with_incoming(TcpIncoming::from(listener));
        tokio::spawn(server);
        let client = super::builder(address, "af_refused").build().unwrap();
        Self { client, calls }
    }

    /// The calls since the last time, as `Service/Method`.
    pub fn calls(&self) -> Vec<String> {
        let calls = std::mem::take(&mut *self.calls.lock().unwrap());
        let names = calls.iter();
        names
            .map(|path| path.replace("/authflow.v1.", ""))
            .collect()
    }
}

async fn nonce(request: HttpRequest<Body>) -> axum::http::Response<tonic::body::Body> {
    let codec: ProstCodec<FooBarResponse, FooBarRequest> = ProstCodec::default();
    Grpc::new(codec).unary(Nonces, request).await
}

struct Nonces;

impl UnaryService<FooBarRequest> for Nonces {
    type Response = FooBarResponse;
    type Future = Ready<Result<Response<FooBarResponse>, Status>>;

    fn call(&mut self, _: Request<FooBarRequest>) -> Self::Future {
        let response = FooBarResponse {
            token: "nonce".to_owned(),
            ..Default::default()
        };
        ready(Ok(Response::new(response)))
    }
}
