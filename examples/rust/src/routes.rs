//! The routes. Nothing here knows whether a server or the fake is behind `AuthFlow`.

use std::sync::Arc;

use authflow_client::{
    AuthFlow, Error, ForgotPassword, Logout, ResetPassword, SessionLayer, SessionToken, SignUp,
    User,
};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{json, Value};

use crate::login::{challenge_in, email_code, login, login_code};

pub type AuthFlowState = State<Arc<dyn AuthFlow>>;

pub fn app(authflow: Arc<dyn AuthFlow>) -> Router {
    let sessions = SessionLayer::new(authflow.clone())
        // It stands before the login too, which so tells the server of a device that had a session.
        .public([
            "/register",
            "/login",
            "/login/*",
            "/forgot-password",
            "/reset-password",
        ])
        .on_error(|error| eprintln!("{error}"));
    Router::new()
        .route("/me", get(me))
        .route("/logout", post(logout))
        .route("/register", post(register))
        .route("/login", post(login))
        .route("/login/mail", post(email_code))
        .route("/login/code", post(login_code))
        .route("/forgot-password", post(forgot_password))
        .route("/reset-password", post(reset_password))
        .route_layer(sessions)
        .layer(map_response(log))
        .with_state(authflow)
}

/// What is missing is empty, so that AuthFlow names all faults together.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Registration {
    email: String,
    password: String,
    fullname: String,
}

async fn register(
    State(authflow): AuthFlowState,
    Json(body): Json<Registration>,
) -> Result<(StatusCode, Json<Value>), Error> {
    let user = SignUp::new(&body.email, &body.password)
        .full_name(&body.fullname)
        // The page with the form showed the terms.
        .disclaimed(true);
    let user = authflow.sign_up(user).await?;
    Ok((StatusCode::CREATED, Json(json!(user))))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Forgotten {
    email: String,
}

/// Everybody is answered alike: nobody learns who has an account. The mail's link leads to your page, or the server's own.
async fn forgot_password(
    State(authflow): AuthFlowState,
    Json(body): Json<Forgotten>,
) -> Result<StatusCode, Error> {
    authflow
        .forgot_password(ForgotPassword::new(&body.email))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct NewPassword {
    token: String,
    password: String,
    /// Of a login whose password must be changed: its challenge takes the place of the token.
    current_password: String,
}

async fn reset_password(
    State(authflow): AuthFlowState,
    headers: HeaderMap,
    Json(body): Json<NewPassword>,
) -> Result<StatusCode, Error> {
    let token = match &*body.token {
        "" => challenge_in(&headers),
        token => token,
    };
    let reset = ResetPassword::new(token, &body.password).current_password(&body.current_password);
    authflow.reset_password(reset).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn me(user: User) -> Json<User> {
    Json(user)
}

async fn logout(State(authflow): AuthFlowState, token: SessionToken) -> Result<StatusCode, Error> {
    authflow.logout(Logout::new(token.as_str())).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A stranger is told little of what is our fault; the log is told the cause, which holds neither key nor token.
async fn log(response: Response) -> Response {
    if let Some(error) = response.extensions().get::<Error>() {
        if error.http_status() >= 500 {
            eprintln!("{error}");
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use authflow_client::fake::AuthFlowFake;
    use authflow_client::{ConfirmTotp, EnableTotp};
    use axum::body::{to_bytes, Body};
    use axum::http::header::{COOKIE, SET_COOKIE};
    use axum::http::Request;
    use tower::ServiceExt;

    use super::*;

    async fn ask(app: &Router, request: Request<Body>) -> (u16, Value) {
        let response = app.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), 10_000).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }

    fn posted(path: &str, body: Value) -> Request<Body> {
        Request::post(path)
            .header("content-type", "application/json")
            .body(Body::from(body.to_string()))
            .unwrap()
    }

    fn with(token: &str, method: &str, path: &str) -> Request<Body> {
        Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {token}"))
            .body(Body::empty())
            .unwrap()
    }

    #[tokio::test]
    async fn a_user_registers_logs_in_and_out_and_resets_the_password() {
        let fake = AuthFlowFake::new();
        let app = app(Arc::new(fake.clone()));
        let mut ada =
            json!({ "email": "ada@example.com", "password": "Analytical-1843", "fullname": "Ada" });
        assert_eq!(ask(&app, posted("/register", ada.clone())).await.0, 201);
        let (status, error) = ask(&app, posted("/register", ada.clone())).await;
        assert_eq!((status, &error["error"]), (409, &json!("USER_EXISTS")));

        let (status, session) = ask(&app, posted("/login", ada.clone())).await;
        assert_eq!(status, 200);
        let token = session["token"].as_str().unwrap();
        let (status, user) = ask(&app, with(token, "GET", "/me")).await;
        assert_eq!((status, &user["fullname"]), (200, &json!("Ada")));
        assert_eq!(ask(&app, with(token, "POST", "/logout")).await.0, 204);
        let (status, error) = ask(&app, with(token, "GET", "/me")).await;
        assert_eq!((status, &error["error"]), (401, &json!("SESSION_REVOKED")));

        let forgotten = json!({ "email": "ada@example.com" });
        assert_eq!(
            ask(&app, posted("/forgot-password", forgotten)).await.0,
            204
        );
        let token = fake.mails()[0].token.clone();
        let reset = json!({ "token": token, "password": "Difference-1822" });
        assert_eq!(
            ask(&app, posted("/reset-password", reset.clone())).await.0,
            204
        );
        let (status, error) = ask(&app, posted("/reset-password", reset)).await;
        assert_eq!((status, &error["error"]), (401, &json!("TOKEN_INVALID")));
        ada["password"] = json!("Difference-1822");
        assert_eq!(ask(&app, posted("/login", ada.clone())).await.0, 200);

        fake.set_unreachable(true);
        assert_eq!(ask(&app, posted("/login", ada.take())).await.0, 503);
    }

    #[tokio::test]
    async fn a_login_goes_on_by_a_code_and_by_a_new_password() {
        let fake = AuthFlowFake::new();
        let app = app(Arc::new(fake.clone()));
        let ada =
            json!({ "email": "ada@example.com", "password": "Analytical-1843", "fullname": "Ada" });
        ask(&app, posted("/register", ada.clone())).await;
        let (_, session) = ask(&app, posted("/login", ada.clone())).await;
        let token = session["token"].as_str().unwrap();
        let secret = fake.enable_totp(EnableTotp::new(token)).await.unwrap();
        let code = fake.totp(&secret.secret);
        let confirm = ConfirmTotp::new(token, &code);
        fake.confirm_totp(confirm).await.unwrap();

        let (cookie, asked) = challenged(&app, posted("/login", ada.clone())).await;
        assert_eq!(asked["statusCode"], 401);
        assert_eq!(asked["error"], "SECOND_FACTOR_REQUIRED");
        assert_eq!(asked["methods"], json!(["totp", "recovery"]));
        let answer = |code: &str, cookie: &str| {
            let mut request = posted("/login/code", json!({ "method": "totp", "code": code }));
            request
                .headers_mut()
                .insert(COOKIE, cookie.parse().unwrap());
            request
        };
        let (status, error) = ask(&app, answer(&code, &cookie)).await;
        assert_eq!((status, &error["error"]), (401, &json!("CODE_INVALID")));
        fake.advance(Duration::from_secs(30));
        let code = fake.totp(&secret.secret);
        let (status, session) = ask(&app, answer(&code, &cookie)).await;
        assert_eq!(status, 200);
        let token = session["token"].as_str().unwrap();
        assert_eq!(ask(&app, with(token, "GET", "/me")).await.0, 200);

        fake.reset_second_factor("ada@example.com");
        fake.set_password("ada@example.com", "Analytical-1843", true);
        let (cookie, asked) = challenged(&app, posted("/login", ada)).await;
        assert_eq!(asked["statusCode"], 403);
        assert_eq!(asked["error"], "PASSWORD_CHANGE_REQUIRED");
        let new = json!({ "password": "Difference-1822", "current_password": "Analytical-1843" });
        let mut request = posted("/reset-password", new);
        request
            .headers_mut()
            .insert(COOKIE, cookie.parse().unwrap());
        assert_eq!(ask(&app, request).await.0, 204);
    }

    /// The cookie that keeps a challenge, as a browser sends it back, and what the page is told.
    async fn challenged(app: &Router, request: Request<Body>) -> (String, Value) {
        let response = app.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let cookie = response.headers()[SET_COOKIE].to_str().unwrap();
        assert!(cookie.contains("; HttpOnly; Secure"), "{cookie}");
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let body = to_bytes(response.into_body(), 10_000).await.unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["statusCode"], status);
        (cookie, body)
    }
}
