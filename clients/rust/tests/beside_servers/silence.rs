//! What the libraries below log, at their most talkative.

use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use authflow_client::{AuthFlow, Logout, Validate};

use crate::support::{client, organization, session_of, EMAIL, PASSWORD};

/// Writes down every span and event of this thread.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<String>>);

impl Log {
    pub fn text(&self) -> String {
        self.0.lock().unwrap().clone()
    }
}

impl Visit for Log {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        writeln!(self.0.lock().unwrap(), "{field}={value:?}").unwrap();
    }
}

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        attributes.record(&mut self.clone());
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut self.clone());
    }
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        event.record(&mut self.clone());
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn no_log_line_holds_the_key_a_token_or_a_password() {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let api_key = organization().await.api_key;
    let client = client(&api_key);
    let session = session_of(&client).await;
    #[cfg(feature = "tower")]
    {
        use authflow_client::SessionLayer;
        use tower_layer::Layer;
        use tower_service::Service;

        let inner = axum::Router::new().fallback(|| async {});
        let mut service = SessionLayer::new(client.clone()).layer(inner);
        let request = axum::http::Request::builder()
            .header("authorization", format!("Bearer {}", session.token))
            .body(axum::body::Body::empty())
            .unwrap();
        assert_eq!(service.call(request).await.unwrap().status(), 200);
    }
    client.logout(Logout::new(&session.token)).await.unwrap();
    let error = client
        .validate(Validate::new(&session.token).email(EMAIL))
        .await
        .unwrap_err();
    let log = log.text() + &format!("{error:?} {error}");
    // The test would show nothing if nothing were logged.
    assert!(log.len() > 1_000, "{log}");
    for secret in [&api_key, &session.token, PASSWORD] {
        assert!(!log.contains(secret));
    }
}
