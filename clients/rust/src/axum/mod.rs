//! What axum's handlers take and give.

mod error_response;
mod extractors;
