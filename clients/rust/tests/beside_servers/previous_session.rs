//! What a login tells the server of the session that a device had before, behind the layer.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use authflow_client::fake::AuthFlowFake;
use authflow_client::proto::{FooBarRequest, FooBarResponse, LoginRequest, LoginResponse};
use authflow_client::{AuthFlow, Client, Login, Logout, SessionLayer};
use axum::body::Body as AxumBody;
use axum::extract::State;
use axum::routing::get;
use axum::Router;
use tokio::net::TcpListener;
use tonic::body::Body;
use tonic::codegen::{http, Service};
use tonic::server::{Grpc, NamedService, UnaryService};
use tonic::transport::server::TcpIncoming;
use tonic::transport::Server;
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;
use tower::ServiceExt;

use crate::support::{builder, session_of, EMAIL, PASSWORD};

const SECRET_OF_ANOTHER: &str = "another-partys-secret";

/// A server that notes the session token of every login.
#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<Vec<String>>>);

impl Recorder {
    /// A client of it.
    async fn client(&self) -> Client {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let server = Server::builder()
            .add_service(self.clone())
            .serve_with_incoming(TcpIncoming::from(listener));
        tokio::spawn(server);
        builder(address, "af_device").build().unwrap()
    }

    fn told(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl NamedService for Recorder {
    const NAME: &'static str = "authflow.v1.AuthService";
}

type Answer<T> = std::future::Ready<Result<Response<T>, Status>>;

impl UnaryService<FooBarRequest> for Recorder {
    type Response = FooBarResponse;
    type Future = Answer<FooBarResponse>;

    fn call(&mut self, _: Request<FooBarRequest>) -> Self::Future {
        let token = "nonce".to_owned();
        std::future::ready(Ok(Response::new(FooBarResponse {
            token,
            ..Default::default()
        })))
    }
}

impl UnaryService<LoginRequest> for Recorder {
    type Response = LoginResponse;
    type Future = Answer<LoginResponse>;

    fn call(&mut self, request: Request<LoginRequest>) -> Self::Future {
        let token = request.into_inner().session_token;
        self.0.lock().unwrap().push(token);
        std::future::ready(Ok(Response::new(LoginResponse::default())))
    }
}

impl Service<http::Request<Body>> for Recorder {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let recorder = self.clone();
        Box::pin(async {
            if request.uri().path().ends_with("/FooBar") {
                let codec: ProstCodec<FooBarResponse, FooBarRequest> = ProstCodec::default();
                return Ok(Grpc::new(codec).unary(recorder, request).await);
            }
            let codec: ProstCodec<LoginResponse, LoginRequest> = ProstCodec::default();
            Ok(Grpc::new(codec).unary(recorder, request).await)
        })
    }
}

/// What a handler may give of itself.
#[derive(Clone)]
struct Backend {
    authflow: Client,
    given: Option<String>,
}

async fn login(State(backend): State<Backend>) {
    let mut login = Login::new(EMAIL, PASSWORD);
    if let Some(given) = &backend.given {
        login = login.session_token(given);
    }
    backend.authflow.login(login).await.unwrap();
}

struct Sessions {
    fake: AuthFlowFake,
    live: String,
    ended: String,
    recorder: Recorder,
    authflow: Client,
}

impl Sessions {
    async fn new() -> Self {
        let fake = AuthFlowFake::new();
        let ended = session_of(&fake).await.token;
        let live = fake.login(Login::new(EMAIL, PASSWORD)).await.unwrap().token;
        fake.logout(Logout::new(&ended)).await.unwrap();
        let recorder = Recorder::default();
        let authflow = recorder.client().await;
        Self {
            fake,
            live,
            ended,
            recorder,
            authflow,
        }
    }

    /// Logs in behind a layer, in a request with this token.
    async fn visit(
        &self,
        layered: impl FnOnce(SessionLayer) -> SessionLayer,
        token: &str,
        given: Option<&str>,
    ) {
        let backend = Backend {
            authflow: self.authflow.clone(),
            given: given.map(str::to_owned),
        };
        let app = Router::new()
            .route("/login", get(login))
            .layer(layered(SessionLayer::new(self.fake.clone())))
            .with_state(backend);
        let request = http::Request::get("/login")
            .header("authorization", format!("Bearer {token}"))
            .header("cookie", format!("session={token}"));
        let response = app.oneshot(request.body(AxumBody::empty()).unwrap()).await;
        assert_eq!(response.unwrap().status(), 200);
    }
}

#[tokio::test]
async fn it_is_the_requests_own_live_or_not() {
    let sessions = Sessions::new().await;
    let (live, ended) = (sessions.live.as_str(), sessions.ended.as_str());
    sessions.visit(|layer| layer, live, None).await;
    sessions.visit(SessionLayer::optional, ended, None).await;
    let public = |layer: SessionLayer| layer.public(["/login"]);
    sessions.visit(public, ended, None).await;
    let cookie = |layer: SessionLayer| layer.cookie("session").public(["/login"]);
    sessions.visit(cookie, ended, None).await;
    assert_eq!(sessions.recorder.told(), [live, ended, ended, ended]);
}

#[tokio::test]
async fn it_is_no_secret_of_another_party() {
    let sessions = Sessions::new().await;
    let public = |layer: SessionLayer| layer.public(["/login"]);
    sessions.visit(public, SECRET_OF_ANOTHER, None).await;
    sessions
        .visit(SessionLayer::optional, SECRET_OF_ANOTHER, None)
        .await;
    assert_eq!(sessions.recorder.told(), ["", ""]);
}

#[tokio::test]
async fn it_is_what_the_handler_gives() {
    let sessions = Sessions::new().await;
    let (live, ended) = (sessions.live.as_str(), sessions.ended.as_str());
    sessions.visit(|layer| layer, live, Some(ended)).await;
    sessions.visit(|layer| layer, live, Some("")).await;
    assert_eq!(sessions.recorder.told(), [ended, ""]);
}

#[tokio::test]
async fn it_is_printed_nowhere() {
    let login = Login::new(EMAIL, PASSWORD).session_token(SECRET_OF_ANOTHER);
    assert!(!format!("{login:?}").contains(SECRET_OF_ANOTHER));
}
