//! What can be shown beside servers that stay as they are.

#[path = "../support/mod.rs"]
mod support;

mod deadline;
mod person;
mod readme;
mod reasons;
mod retries;
mod round_trip;
mod second_steps;
mod silence;
mod vectors;

#[cfg(feature = "fake")]
mod fake;
#[cfg(feature = "fake")]
mod fake_second_factor;

#[cfg(all(feature = "axum", feature = "fake"))]
mod axum_handlers;
#[cfg(feature = "tower")]
mod grpc_middleware;
#[cfg(feature = "tower")]
mod middleware;
#[cfg(all(feature = "axum", feature = "fake"))]
mod previous_session;

#[cfg(feature = "tls")]
mod connection_errors;
#[cfg(feature = "tls")]
mod options;
#[cfg(feature = "tls")]
mod tls;
