//! The session that a device had before, which a login tells the server.

#[cfg(feature = "tower")]
use std::future::Future;

use crate::session_token::is_sendable;
#[cfg(feature = "tower")]
use crate::tower::token::SessionToken;

#[cfg(feature = "tower")]
tokio::task_local! {
    /// What the request came with whose handler runs.
    static CAME_WITH: SessionToken;
}

/// Runs a handler, whose logins tell the token that its request came with.
#[cfg(feature = "tower")]
pub(crate) async fn telling<F: Future>(token: Option<SessionToken>, handler: F) -> F::Output {
    match token {
        Some(token) => CAME_WITH.scope(token, handler).await,
        None => handler.await,
    }
}

/// The token that was given, else the one that the request came with. Empty where there is none, or none that a request
/// can carry: what a visitor sends must not fail a call.
pub(crate) fn told(given: Option<&str>) -> String {
    match given {
        Some(token) if is_sendable(token) => token.to_owned(),
        Some(_) => String::new(),
        None => came_with(),
    }
}

#[cfg(feature = "tower")]
fn came_with() -> String {
    let token = CAME_WITH.try_with(|token| token.as_str().to_owned());
    token.unwrap_or_default()
}

#[cfg(not(feature = "tower"))]
fn came_with() -> String {
    String::new()
}

#[cfg(test)]
mod tests {
    use super::told;

    #[test]
    fn what_a_request_can_carry_is_told() {
        let longest = "a".repeat(8_192);
        assert_eq!(told(None), "");
        assert_eq!(told(Some("")), "");
        assert_eq!(told(Some("a.b.c")), "a.b.c");
        assert_eq!(told(Some(&longest)), longest);
        assert_eq!(told(Some(&(longest + "a"))), "");
    }
}
