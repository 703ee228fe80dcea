//! What disturbs the servers: these run after each other, and after the other tests.

#[path = "../support/mod.rs"]
mod support;

mod clock;
mod restart;
#[cfg(feature = "fake")]
mod second_factors;

/// Held by a test while it disturbs.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
