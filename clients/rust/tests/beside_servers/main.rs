//! What can be shown beside servers that stay as they are.

#[path = "../support/mod.rs"]
mod support;

mod deadline;
mod readme;
mod reasons;
mod round_trip;
mod silence;
mod vectors;

#[cfg(feature = "tower")]
mod grpc_middleware;
#[cfg(feature = "tower")]
mod middleware;

#[cfg(feature = "tls")]
mod options;
#[cfg(feature = "tls")]
mod tls;
