//! The AuthFlow client: users are signed up, logged in and validated by a server that keeps them.
//!
//! [`Client`] makes the calls of [`AuthFlow`]: it sends the API key and a deadline with every one, fetches the nonces
//! that a sign-up and a login spend, repeats what is safe to repeat, and tells an [`Error`] by its [`Reason`]. The
//! generated messages and stubs are in [`proto`].
//!
//! | feature | what it adds |
//! |---|---|
//! | `tls` (on) | TLS by rustls |
//! | `tower` | `SessionLayer`, which puts the session's user on the requests of axum, hyper and tonic, and `RequireRoleLayer` |
//! | `axum` | the extractors `User` and `SessionToken`, and errors as responses |
//! | `serde` | `Serialize` for what calls answer, by the names of the wire and without tokens |
//! | `fake` | `fake::AuthFlowFake`, the calls without a server, for tests |
//!
//! The README shows all of it at work.

// A library that prints may print a token.
#![deny(clippy::dbg_macro, clippy::print_stderr, clippy::print_stdout)]
#![deny(missing_docs)]
#![forbid(unsafe_code)]
// The README's programs run as tests where a server is at hand: tests/beside_servers/readme.rs sets the flag.
#![cfg_attr(all(doctest, authflow_readme), doc = include_str!("../README.md"))]

mod account_request;
mod account_response;
mod address;
mod api_key;
mod authflow;
#[cfg(feature = "axum")]
mod axum;
mod budget;
mod builder;
mod calls;
mod challenge;
mod client;
mod connection;
mod error;
#[cfg(feature = "fake")]
pub mod fake;
mod previous_session;
mod reason;
mod request;
mod response;
mod retry;
mod second_factor_request;
mod second_factor_response;
mod session_token;
#[cfg(feature = "tower")]
mod tower;

pub use crate::account_request::{
    ChangeEmail, DeleteAccount, EndMySessions, ForgotPassword, ListMySessions, Me, RenewSession,
    ResetPassword, SendVerificationEmail, UpdateProfile, VerifyEmail,
};
pub use crate::account_response::{
    Account, EndedSessions, MySession, PasswordReset, VerifiedEmail,
};
pub use crate::api_key::ApiKey;
pub use crate::authflow::{AuthFlow, Call};
pub use crate::builder::Builder;
pub use crate::challenge::{Challenge, LoginStep};
pub use crate::client::{AccountStub, Auth, Client, SecondFactorStub};
pub use crate::connection::Connection;
pub use crate::error::{Error, Violation};
pub use crate::reason::Reason;
pub use crate::request::{ChangePassword, FooBar, Login, Logout, SignUp, Validate};
pub use crate::response::{Nonce, PasswordChanged, Session, SignedUp, User};
pub use crate::retry::Retry;
pub use crate::second_factor_request::{
    ConfirmTotp, DisableTotp, EnableTotp, RegenerateRecoveryCodes, SendEmailCode, SendLoginCode,
    VerifyEmailCode, VerifyRecoveryCode, VerifyTotp,
};
pub use crate::second_factor_response::{
    ConfirmedTotp, EmailCodeSent, LoginCodeSent, RecoveryCodes, TotpSecret,
};
pub use tonic::Code;

#[cfg(feature = "tower")]
pub use crate::tower::{
    require_role::{RequireRoleLayer, RequireRoleService},
    session_body::SessionBody,
    session_layer::SessionLayer,
    session_service::SessionService,
    token::SessionToken,
};

/// The generated messages and stubs of `authflow.v1`.
///
/// [`Client::auth`] gives a stub that sends the key; other stubs are made over [`Client::connection`]. What they answer
/// with becomes an [`Error`] by `Error::from(status)`.
#[allow(missing_docs, clippy::all)]
pub mod proto {
    tonic::include_proto!("authflow.v1");
}
