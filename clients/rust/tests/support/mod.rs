//! The servers that the tests run beside, and what is asked of them.
#![allow(dead_code)]

pub mod authenticator;
pub mod calls;
pub mod refusing;
#[cfg(feature = "tls")]
pub mod tls_proxy;
#[cfg(feature = "fake")]
pub mod world;

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use authflow_client::proto::organization_service_client::OrganizationServiceClient;
use authflow_client::proto::user_service_client::UserServiceClient;
use authflow_client::proto::{
    CreateOrganizationRequest, CreateOrganizationResponse, ListUsersRequest, UpdateUserRequest,
};
use authflow_client::{AuthFlow, Builder, Client, Connection, Login, Session, SignUp};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tonic::Request;

pub const EMAIL: &str = "ada@example.com";
pub const PASSWORD: &str = "Analytical-1843";

/// A variable that the stand sets.
pub fn env(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!("{name} is not set: these tests need servers, run `npm run with-server -- cargo test --all-features`")
    })
}

/// A file of the stand's certificates.
pub fn certificate(name: &str) -> Vec<u8> {
    let path = format!("{}/{name}", env("AUTHFLOW_TEST_CERTIFICATES"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// An organization of its own, so that tests do not meet.
pub async fn organization() -> CreateOrganizationResponse {
    let client = client("af_none");
    organization_over(client.connection()).await
}

pub async fn organization_over(connection: Connection) -> CreateOrganizationResponse {
    let request = CreateOrganizationRequest { name: fresh_name() };
    OrganizationServiceClient::new(connection)
        .create_organization(as_admin(request))
        .await
        .expect("an organization")
        .into_inner()
}

/// Gives a user these roles and no others, as a backend does.
pub async fn give_roles(client: &Client, org_id: &str, email: &str, roles: &[&str]) {
    let change = UpdateUserRequest {
        org_id: org_id.to_owned(),
        user_id: user_id_of(client, org_id, email).await,
        update_mask: vec!["roles".to_owned()],
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        ..Default::default()
    };
    let mut users = UserServiceClient::new(client.connection());
    users.update_user(as_admin(change)).await.expect("a change");
}

pub async fn user_id_of(client: &Client, org_id: &str, email: &str) -> String {
    let mut users = UserServiceClient::new(client.connection());
    let asked = ListUsersRequest {
        org_id: org_id.to_owned(),
        search: email.to_owned(),
        ..Default::default()
    };
    let found = users.list_users(as_admin(asked)).await.expect("a list");
    found.into_inner().users[0].user_id.clone()
}

pub fn fresh_name() -> String {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let number = MADE.fetch_add(1, Ordering::Relaxed);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    format!("Rust {} {number}", now.as_nanos())
}

pub fn as_admin<T>(message: T) -> Request<T> {
    let mut request = Request::new(message);
    let bearer = format!("Bearer {}", env("AUTHFLOW_TEST_ADMIN_TOKEN"));
    request
        .metadata_mut()
        .insert("authorization", bearer.parse().unwrap());
    request
}

/// A client of the server in clear text.
pub fn client(api_key: &str) -> Client {
    builder(env("AUTHFLOW_TEST_GRPC"), api_key)
        .build()
        .expect("a client")
}

pub fn builder(address: impl Into<String>, api_key: impl Into<String>) -> Builder {
    Client::builder().address(address).api_key(api_key)
}

/// An address of this machine where nobody listens.
pub async fn nowhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap().to_string()
}

/// A client whose every call fails.
pub async fn unreachable() -> Client {
    builder(nowhere().await, "af_none").build().unwrap()
}

/// A client of a new organization.
pub async fn new_client() -> Client {
    client(&organization().await.api_key)
}

pub fn ada() -> SignUp<'static> {
    SignUp::new(EMAIL, PASSWORD)
        .full_name("Ada Lovelace")
        .disclaimed(true)
}

/// A new user's first session.
pub async fn session_of(client: &dyn AuthFlow) -> Session {
    client.sign_up(ada()).await.expect("a sign-up");
    client
        .login(Login::new(EMAIL, PASSWORD))
        .await
        .expect("a login")
}

/// Makes something happen; gives what was answered.
pub async fn control(method: &str, path: &str) -> String {
    let url = env("AUTHFLOW_TEST_CONTROL");
    let address = url.trim_start_matches("http://");
    let reply = http(address, &format!("{method} {path} HTTP/1.0\r\n\r\n")).await;
    assert!(reply.status < 300, "{method} {path}: {}", reply.body);
    reply.body
}

/// A reply over HTTP/1; the head's names are in lower case.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: String,
}

/// Sends a request as it is written and reads until the connection ends.
pub async fn http(address: &str, request: &str) -> Reply {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).await.unwrap();
    let (head, body) = reply.split_once("\r\n\r\n").expect("a head");
    Reply {
        status: head[9..12].parse().expect("a status"),
        head: head.to_lowercase(),
        body: body.to_owned(),
    }
}
