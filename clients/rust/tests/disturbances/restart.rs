use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::sync::Arc;
use std::time::{Duration, Instant};

use authflow_client::{AuthFlow, Code, Login, Logout, Validate};

use crate::support::{control, new_client, session_of, EMAIL};

#[tokio::test]
async fn a_client_lives_through_a_restart_of_the_server() {
    let _alone = crate::ALONE.lock().await;
    let client = new_client().await;
    let session = session_of(&client).await;
    let done = Arc::new(AtomicBool::new(false));
    let valid = Arc::new(AtomicU32::new(0));
    let calls = tokio::spawn({
        let (client, token) = (client.clone(), session.token.clone());
        let (done, valid) = (done.clone(), valid.clone());
        async move {
            let mut errors = Vec::new();
            while !done.load(Relaxed) {
                match client.validate(Validate::new(&token).email(EMAIL)).await {
                    Ok(_) => _ = valid.fetch_add(1, Relaxed),
                    Err(error) => errors.push(error),
                }
            }
            errors
        }
    });
    more_than(&valid, 5).await;
    control("POST", "/restart?down_ms=300").await;
    let before = valid.load(Relaxed);
    more_than(&valid, before + 5).await;
    done.store(true, Relaxed);
    for error in calls.await.unwrap() {
        assert_eq!(error.code(), Code::Unavailable, "{error}");
    }
    // The same client still spends nonces and opens sessions.
    let session = client
        .login(Login::new(EMAIL, crate::support::PASSWORD))
        .await
        .unwrap();
    client.logout(Logout::new(&session.token)).await.unwrap();
}

async fn more_than(count: &AtomicU32, least: u32) {
    let begun = Instant::now();
    while count.load(Relaxed) <= least {
        assert!(begun.elapsed() < Duration::from_secs(20));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
