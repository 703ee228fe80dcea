//! A backend whose users are AuthFlow's: register, login with its second step, me, logout, and a forgotten password.

mod login;
mod routes;

use std::sync::Arc;

use authflow_client::Client;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // The address and the key are read from AUTHFLOW_ADDRESS and AUTHFLOW_API_KEY.
    let authflow = Client::from_env()?;
    let port: u16 = std::env::var("PORT")?.parse()?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on {}", listener.local_addr()?.port());
    axum::serve(listener, routes::app(Arc::new(authflow))).await?;
    Ok(())
}
