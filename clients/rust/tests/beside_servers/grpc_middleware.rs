//! The layer around a tonic server, through a real socket.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use authflow_client::proto::auth_service_client::AuthServiceClient;
use authflow_client::proto::{FooBarRequest, FooBarResponse};
#[cfg(feature = "fake")]
use authflow_client::RequireRoleLayer;
use authflow_client::{AuthFlow, Client, Code, Error, Logout, Reason, SessionLayer, User};
use tokio::net::TcpListener;
use tonic::body::Body;
use tonic::codegen::{http, Service};
use tonic::server::{Grpc, NamedService, UnaryService};
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Endpoint, Server};
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;

use crate::support::{new_client, session_of, unreachable, EMAIL};

/// Answers FooBar with the e-mail of the session's user.
#[derive(Clone)]
struct WhoAmI;

impl NamedService for WhoAmI {
    const NAME: &'static str = "authflow.v1.AuthService";
}

impl UnaryService<FooBarRequest> for WhoAmI {
    type Response = FooBarResponse;
    type Future = std::future::Ready<Result<Response<FooBarResponse>, Status>>;

    fn call(&mut self, request: Request<FooBarRequest>) -> Self::Future {
        let user = request.extensions().get::<User>().expect("a user");
        let response = FooBarResponse {
            token: user.email.clone(),
            ..Default::default()
        };
        std::future::ready(Ok(Response::new(response)))
    }
}

impl Service<http::Request<Body>> for WhoAmI {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        Box::pin(async {
            let codec: ProstCodec<FooBarResponse, FooBarRequest> = ProstCodec::default();
            Ok(Grpc::new(codec).unary(WhoAmI, request).await)
        })
    }
}

async fn serve(client: Client) -> AuthServiceClient<tonic::transport::Channel> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = Server::builder()
        .layer(SessionLayer::new(client))
        .add_service(WhoAmI)
        .serve_with_incoming(TcpIncoming::from(listener));
    tokio::spawn(server);
    AuthServiceClient::new(Endpoint::from_shared(url).unwrap().connect_lazy())
}

/// Behind a layer of roles too.
#[cfg(feature = "fake")]
async fn serve_to_editors(
    authflow: impl AuthFlow + 'static,
) -> AuthServiceClient<tonic::transport::Channel> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = Server::builder()
        .layer(SessionLayer::new(authflow).optional())
        .layer(RequireRoleLayer::new(["admin", "editor"]).unwrap())
        .add_service(WhoAmI)
        .serve_with_incoming(TcpIncoming::from(listener));
    tokio::spawn(server);
    AuthServiceClient::new(Endpoint::from_shared(url).unwrap().connect_lazy())
}

#[cfg(feature = "fake")]
#[tokio::test]
async fn any_one_of_the_roles_is_enough_for_a_tonic_service() {
    let fake = authflow_client::fake::AuthFlowFake::new();
    let session = session_of(&fake).await;
    let mut stub = serve_to_editors(fake.clone()).await;
    for (token, code, told) in [
        (
            Some(&*session.token),
            Code::PermissionDenied,
            Reason::AccessDenied,
        ),
        (None, Code::Unauthenticated, Reason::SessionInvalid),
    ] {
        let error = who_am_i(&mut stub, token).await.unwrap_err();
        assert_eq!((error.code(), error.reason()), (code, Some(&told)));
    }
    fake.set_roles(EMAIL, &["editor"]);
    assert_eq!(
        who_am_i(&mut stub, Some(&session.token)).await.unwrap(),
        EMAIL
    );
}

async fn who_am_i(
    stub: &mut AuthServiceClient<tonic::transport::Channel>,
    token: Option<&str>,
) -> Result<String, Error> {
    let mut request = Request::new(FooBarRequest::default());
    if let Some(token) = token {
        let bearer = format!("Bearer {token}").parse().unwrap();
        request.metadata_mut().insert("authorization", bearer);
    }
    Ok(stub.foo_bar(request).await?.into_inner().token)
}

#[tokio::test]
async fn a_session_becomes_a_user_of_a_tonic_service() {
    let client = new_client().await;
    let session = session_of(&client).await;
    let mut stub = serve(client.clone()).await;
    assert_eq!(
        who_am_i(&mut stub, Some(&session.token)).await.unwrap(),
        EMAIL
    );
    client.logout(Logout::new(&session.token)).await.unwrap();
    for (token, told) in [
        (Some(session.token.as_str()), Reason::SessionRevoked),
        (Some("garbage"), Reason::SessionInvalid),
        (None, Reason::SessionInvalid),
    ] {
        let error = who_am_i(&mut stub, token).await.unwrap_err();
        assert_eq!(
            (error.code(), error.reason()),
            (Code::Unauthenticated, Some(&told))
        );
    }
}

#[tokio::test]
async fn a_session_that_cannot_be_checked_is_unavailable() {
    let session = session_of(&new_client().await).await;
    let mut stub = serve(unreachable().await).await;
    let error = who_am_i(&mut stub, Some(&session.token)).await.unwrap_err();
    assert_eq!(
        (error.code(), error.reason()),
        (Code::Unavailable, Some(&Reason::Unavailable))
    );
}
