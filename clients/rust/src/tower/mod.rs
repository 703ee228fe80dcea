//! The layer that puts the session's user on a request.

mod public;
pub(crate) mod refusal;
mod remembered;
pub(crate) mod require_role;
pub(crate) mod session_body;
pub(crate) mod session_layer;
pub(crate) mod session_service;
pub(crate) mod token;
