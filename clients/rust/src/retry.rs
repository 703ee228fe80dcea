//! When a call is repeated: docs/clients.md, behaviours 4 to 6.

use std::future::Future;
use std::hash::{BuildHasher, RandomState};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{sleep, timeout_at, Instant};
use tonic::{Code, Status};

use crate::budget::Budget;
use crate::error::Error;
use crate::reason::Reason;

const MAX_ATTEMPTS: u32 = 3;
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// A repeat that is about to be waited for, as [`Builder::on_retry`](crate::Builder::on_retry) is told.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Retry<'a> {
    /// The call by its name on the wire, such as `Login`.
    pub call: &'static str,
    /// The number of the attempt that failed; the first is 1.
    pub attempt: u32,
    /// What it failed with: reason, code and sentence.
    pub error: &'a Error,
    /// How long is waited before the next attempt.
    pub wait: Duration,
}

pub(crate) type RetryHook = Arc<dyn Fn(&Retry<'_>) + Send + Sync>;

/// Whether a request may be sent again when nobody knows what became of it.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum AfterLostReply {
    Repeat,
    Tell,
}

/// An attempt that failed.
pub(crate) struct Failure {
    error: Error,
    after_lost_reply: AfterLostReply,
}

impl Failure {
    pub(crate) fn new(status: Status, after_lost_reply: AfterLostReply) -> Self {
        Self {
            error: status.into(),
            after_lost_reply,
        }
    }

    pub(crate) fn reason(&self) -> Option<&Reason> {
        self.error.reason()
    }

    /// How long to wait before the n-th repeat; none when there must not be one.
    fn wait(&self, repeat: u32) -> Option<Duration> {
        let error = &self.error;
        let lost = error.code() == Code::Unavailable && error.reason().is_none();
        if error.code() == Code::DeadlineExceeded
            || error.reason() == Some(&Reason::AccountLocked)
            || (lost && self.after_lost_reply == AfterLostReply::Tell)
        {
            return None;
        }
        error
            .retry_after()
            .or_else(|| (error.code() == Code::Unavailable).then(|| back_off(repeat)))
    }
}

/// A client's repeats: what is left of them, and who is told.
pub(crate) struct Repeats {
    budget: Budget,
    hook: Option<RetryHook>,
}

impl Repeats {
    pub(crate) fn new(hook: Option<RetryHook>) -> Self {
        Self {
            budget: Budget::full(),
            hook,
        }
    }

    /// Makes attempts until one succeeds, none is safe, or time, attempts or budget end. `attempt` is given the instant
    /// that all of them share as their deadline.
    pub(crate) async fn make<T, F>(
        &self,
        call: &'static str,
        deadline: Duration,
        attempt: impl Fn(Instant) -> F,
    ) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let limit = Instant::now() + deadline;
        let attempts = async {
            let mut made = 1;
            loop {
                let failure = match attempt(limit).await {
                    Ok(result) => {
                        self.budget.earn();
                        return Ok(result);
                    }
                    Err(failure) => failure,
                };
                let left = limit.saturating_duration_since(Instant::now());
                match failure.wait(made) {
                    Some(wait) if made < MAX_ATTEMPTS && wait < left && self.budget.take() => {
                        self.tell(&Retry {
                            call,
                            attempt: made,
                            error: &failure.error,
                            wait,
                        });
                        sleep(wait).await;
                    }
                    _ => return Err(failure.error),
                }
                made += 1;
            }
        };
        timeout_at(limit, attempts)
            .await
            .unwrap_or_else(|_| Err(Error::deadline_exceeded()))
    }

    /// A hook that panics must not end the call.
    fn tell(&self, retry: &Retry<'_>) {
        if let Some(hook) = &self.hook {
            let _ = catch_unwind(AssertUnwindSafe(|| hook(retry)));
        }
    }
}

/// Between half and the whole of a wait that doubles.
fn back_off(repeat: u32) -> Duration {
    let whole = (FIRST_WAIT * 2u32.pow(repeat - 1)).min(LONGEST_WAIT);
    whole / 2 + (whole / 2).mul_f64(random())
}

/// From 0 to 1: std's hashers are seeded at random, and waits need no better randomness.
fn random() -> f64 {
    f64::from(RandomState::new().hash_one(()) as u32) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::{back_off, Duration};

    #[test]
    fn waits_grow_between_half_and_whole() {
        for (repeat, whole) in [(1, 100), (2, 200), (3, 400), (5, 1_000)] {
            for _ in 0..100 {
                let wait = back_off(repeat);
                assert!(wait >= Duration::from_millis(whole / 2));
                assert!(wait <= Duration::from_millis(whole));
            }
        }
    }
}
