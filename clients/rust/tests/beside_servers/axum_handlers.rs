//! Extractors and errors in axum's handlers, and the layer's options, over the fake.

use std::sync::Arc;

use authflow_client::fake::AuthFlowFake;
use authflow_client::{
    AuthFlow, Error, Login, Logout, Reason, RequireRoleLayer, Session, SessionLayer, SessionToken,
    User,
};
use axum::body::{to_bytes, Body};
use axum::extract::State;
use axum::http::{Request, Response, StatusCode};
use axum::routing::{get, post};
use axum::Router;
use serde_json::{json, Value};
use tower::ServiceExt;

use crate::support::{session_of, EMAIL, PASSWORD};

/// What an application keeps: it does not know whether a server is behind it.
type Shared = Arc<dyn AuthFlow>;

async fn me(user: User) -> String {
    user.email
}

async fn maybe_me(user: Option<User>, token: Option<SessionToken>) -> String {
    assert_eq!(user.is_some(), token.is_some());
    user.map_or("nobody".to_owned(), |user| user.email)
}

async fn logout(State(authflow): State<Shared>, token: SessionToken) -> Result<StatusCode, Error> {
    authflow.logout(Logout::new(token.as_str())).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn login(State(authflow): State<Shared>, password: String) -> Result<String, Error> {
    let session = authflow.login(Login::new(EMAIL, &password)).await?;
    Ok(session.user_id)
}

struct App {
    fake: AuthFlowFake,
    session: Session,
    router: Router,
}

impl App {
    async fn new(layered: impl FnOnce(SessionLayer) -> SessionLayer) -> Self {
        let fake = AuthFlowFake::new();
        let session = session_of(&fake).await;
        let shared: Shared = Arc::new(fake.clone());
        let managed = Router::new()
            .route("/managed", get(me))
            .route_layer(RequireRoleLayer::new(["admin", "editor"]).unwrap());
        let router = Router::new()
            .route("/me", get(me))
            .route("/maybe", get(maybe_me))
            .route("/logout", post(logout))
            .route("/login", post(login))
            .merge(managed)
            .layer(layered(SessionLayer::new(shared.clone())))
            .route("/unguarded", get(me))
            .route("/unguarded/maybe", get(maybe_me))
            .with_state(shared);
        Self {
            fake,
            session,
            router,
        }
    }

    async fn ask(&self, request: Request<Body>) -> Response<Body> {
        self.router.clone().oneshot(request).await.unwrap()
    }

    async fn get(&self, path: &str, header: Option<(&str, String)>) -> (u16, String) {
        let mut request = Request::get(path);
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        read(self.ask(request.body(Body::empty()).unwrap()).await).await
    }

    fn bearer(&self) -> Option<(&'static str, String)> {
        Some(("authorization", format!("Bearer {}", self.session.token)))
    }

    fn in_cookie(&self) -> Option<(&'static str, String)> {
        Some(("cookie", format!("a=b; session={}", self.session.token)))
    }

    async fn end_session(&self) {
        let logout = Logout::new(&self.session.token);
        self.fake.logout(logout).await.unwrap();
    }
}

async fn read(response: Response<Body>) -> (u16, String) {
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body(), 10_000).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

fn error_in(body: &str) -> String {
    let body: Value = serde_json::from_str(body).unwrap();
    body["error"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn handlers_take_the_user_and_the_token() {
    let app = App::new(|layer| layer).await;
    assert_eq!(app.get("/me", app.bearer()).await, (200, EMAIL.to_owned()));
    let (name, bearer) = app.bearer().unwrap();
    let request = Request::post("/logout").header(name, bearer);
    let reply = app.ask(request.body(Body::empty()).unwrap()).await;
    assert_eq!(reply.status(), 204);
    let (status, body) = app.get("/me", app.bearer()).await;
    assert_eq!((status, &*error_in(&body)), (401, "SESSION_REVOKED"));
}

#[tokio::test]
async fn an_error_is_a_response() {
    let app = App::new(|layer| layer.public(["/login"])).await;
    let login =
        |password: &'static str| Request::post("/login").body(Body::from(password)).unwrap();
    assert_eq!(app.ask(login(PASSWORD)).await.status(), 200);
    let response = app.ask(login("wrong")).await;
    assert_eq!(response.headers()["www-authenticate"], "Bearer");
    let error = response.extensions().get::<Error>().unwrap();
    assert_eq!(error.reason(), Some(&Reason::CredentialsInvalid));
    let (status, body) = read(response).await;
    assert_eq!(status, 401);
    assert_eq!(
        serde_json::from_str::<Value>(&body).unwrap(),
        json!({ "statusCode": 401, "error": "CREDENTIALS_INVALID", "message": "The password is wrong." })
    );
    app.fake.set_unreachable(true);
    let (status, body) = read(app.ask(login(PASSWORD)).await).await;
    assert_eq!((status, &*error_in(&body)), (503, "UNAVAILABLE"));
}

#[tokio::test]
async fn an_optional_layer_lets_through_whoever_has_no_session() {
    let app = App::new(SessionLayer::optional).await;
    assert_eq!(
        app.get("/maybe", app.bearer()).await,
        (200, EMAIL.to_owned())
    );
    let nobody = (200, "nobody".to_owned());
    assert_eq!(app.get("/maybe", None).await, nobody);
    let (status, body) = app.get("/me", None).await;
    assert_eq!((status, &*error_in(&body)), (401, "SESSION_INVALID"));
    app.end_session().await;
    assert_eq!(app.get("/maybe", app.bearer()).await, nobody);
    app.fake.set_unreachable(true);
    assert_eq!(app.get("/maybe", app.bearer()).await.0, 503);
    assert_eq!(app.get("/maybe", None).await, nobody);
}

#[tokio::test]
async fn public_paths_are_let_through_unasked() {
    let app = App::new(|layer| {
        layer
            .public(["/may*"])
            .public_if(|request| request.headers.contains_key("x-public"))
    })
    .await;
    app.fake.set_unreachable(true);
    let nobody = (200, "nobody".to_owned());
    assert_eq!(app.get("/maybe", app.bearer()).await, nobody);
    assert_eq!(app.get("/me", app.bearer()).await.0, 503);
    let public = Some(("x-public", "yes".to_owned()));
    assert_eq!(app.get("/me", public).await.0, 401);
}

#[tokio::test]
async fn the_session_may_be_in_a_cookie_or_where_a_function_finds_it() {
    let ada = (200, EMAIL.to_owned());
    let app = App::new(|layer| layer.cookie("session")).await;
    assert_eq!(app.get("/me", app.in_cookie()).await, ada);
    assert_eq!(app.get("/me", app.bearer()).await.0, 401);

    let app = App::new(|layer| {
        layer.token_from(|request| {
            let query = request.uri.query()?;
            query.strip_prefix("session=").map(str::to_owned)
        })
    })
    .await;
    let path = format!("/me?session={}", app.session.token);
    assert_eq!(app.get(&path, None).await, ada);
    assert_eq!(app.get("/me?session=garbage", None).await.0, 401);
}

#[tokio::test]
async fn a_route_that_has_no_layer_says_so() {
    let app = App::new(|layer| layer).await;
    for path in ["/unguarded", "/unguarded/maybe"] {
        let (status, body) = app.get(path, app.bearer()).await;
        assert_eq!(status, 500);
        assert!(body.contains("SessionLayer"), "{body}");
    }
}

#[tokio::test]
async fn any_one_of_the_roles_is_enough() {
    let app = App::new(|layer| layer.optional()).await;
    for roles in [&[][..], &["edit", "editors"]] {
        app.fake.set_roles(EMAIL, roles);
        let (status, body) = app.get("/managed", app.bearer()).await;
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(status, 403);
        assert_eq!(
            body,
            json!({ "statusCode": 403, "error": "ACCESS_DENIED", "message": body["message"] })
        );
    }
    app.fake.set_roles(EMAIL, &["edit", "editors", "editor"]);
    assert_eq!(
        app.get("/managed", app.bearer()).await,
        (200, EMAIL.to_owned())
    );
    // Who has no session is let through by the layer of sessions, and not by this one.
    let (status, body) = app.get("/managed", None).await;
    assert_eq!(status, 401);
    assert!(body.contains("SESSION_INVALID"), "{body}");
    // A role that is taken away ends the sessions.
    app.fake.set_roles(EMAIL, &[]);
    assert_eq!(app.get("/managed", app.bearer()).await.0, 401);
}

#[tokio::test]
async fn a_refusal_for_want_of_a_role_has_the_headers_of_one() {
    let app = App::new(|layer| layer).await;
    let request = Request::get("/managed").header("authorization", app.bearer().unwrap().1);
    let response = app.ask(request.body(Body::empty()).unwrap()).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert!(!response.headers().contains_key("www-authenticate"));
}
