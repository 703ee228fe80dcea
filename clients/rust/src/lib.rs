//! The AuthFlow client: users are signed up, logged in and validated by a server that keeps them.
//!
//! [`Client`] sends the API key and a deadline with every call, fetches the nonces that [`Client::sign_up`] and
//! [`Client::login`] spend, repeats what is safe to repeat, and tells an [`Error`] by its [`reason`]. The generated
//! messages and stubs are in [`proto`]. With the feature `tower`, [`SessionLayer`] puts the session's [`User`] on the
//! requests of axum, hyper or tonic.
//!
//! The README shows all of it at work.

// A library that prints may print a token.
#![deny(clippy::dbg_macro, clippy::print_stderr, clippy::print_stdout)]
#![deny(missing_docs)]
#![forbid(unsafe_code)]
// The README's programs run as tests where a server is at hand: tests/beside_servers/readme.rs sets the flag.
#![cfg_attr(all(doctest, authflow_readme), doc = include_str!("../README.md"))]

mod api_key;
mod budget;
mod builder;
mod client;
mod error;
pub mod reason;
mod request;
mod response;
mod retry;
#[cfg(feature = "tower")]
mod tower;

pub use api_key::ApiKey;
pub use builder::Builder;
pub use client::Client;
pub use error::{Error, Violation};
pub use request::{ChangePassword, SignUp};
pub use response::{Nonce, PasswordChanged, Session, SignedUp, User};
pub use tonic::Code;

#[cfg(feature = "tower")]
pub use crate::tower::{
    session_body::SessionBody, session_layer::SessionLayer, session_service::SessionService,
};

/// The generated messages and stubs of `authflow.v1`.
///
/// [`Client::auth`] gives a stub that sends the key; other stubs are made over [`Client::channel`]. What they answer
/// with becomes an [`Error`] by `Error::from(status)`.
#[allow(missing_docs, clippy::all)]
pub mod proto {
    tonic::include_proto!("authflow.v1");
}
