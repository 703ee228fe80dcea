//! The sessions that were valid a moment ago.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use sha2::{Digest, Sha256};

use crate::response::User;

const MAX_REMEMBERED: usize = 10_000;

type Key = [u8; 32];

/// Users by the SHA-256 of their token, each until an instant.
pub(crate) struct Remembered {
    span: Duration,
    entries: Mutex<Entries>,
}

#[derive(Default)]
struct Entries {
    users: HashMap<Key, (Instant, User)>,
    /// The oldest first.
    order: VecDeque<(Instant, Key)>,
}

impl Remembered {
    pub(crate) fn new(span: Duration) -> Self {
        Self {
            span,
            entries: Mutex::default(),
        }
    }

    pub(crate) fn user(&self, token: &str) -> Option<User> {
        let entries = self.lock();
        let (until, user) = entries.users.get(&key(token))?;
        (Instant::now() < *until).then(|| user.clone())
    }

    /// Keeps the answer to a question that was asked at `asked_at`: a logout since then must not go unseen for longer
    /// than the span.
    pub(crate) fn keep(&self, token: &str, user: &User, asked_at: Instant) {
        let lives_for = user
            .expires_at
            .duration_since(SystemTime::now())
            .unwrap_or_default();
        let now = Instant::now();
        let until = asked_at + self.span;
        let until = now
            .checked_add(lives_for)
            .map_or(until, |expiry| until.min(expiry));
        if until <= now {
            return;
        }
        let key = key(token);
        let mut entries = self.lock();
        entries.make_room(now);
        entries.users.insert(key, (until, user.clone()));
        entries.order.push_back((until, key));
    }

    /// A panic elsewhere leaves nothing half-done in here.
    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries {
    fn make_room(&mut self, now: Instant) {
        while let Some((until, key)) = self.order.front().copied() {
            if until > now && self.order.len() < MAX_REMEMBERED {
                return;
            }
            self.order.pop_front();
            // A token that was kept again since then stays.
            if self
                .users
                .get(&key)
                .is_some_and(|(latest, _)| *latest == until)
            {
                self.users.remove(&key);
            }
        }
    }
}

fn key(token: &str) -> Key {
    Sha256::digest(token).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(lives_for: Duration) -> User {
        User {
            user_id: String::new(),
            email: String::new(),
            full_name: String::new(),
            org_id: String::new(),
            session_id: String::new(),
            expires_at: SystemTime::now() + lives_for,
            email_verified: false,
            roles: Vec::new(),
        }
    }

    #[test]
    fn a_session_is_kept_for_the_span_and_never_beyond_its_expiry() {
        let remembered = Remembered::new(Duration::from_secs(1));
        let long = Duration::from_secs(60);
        let now = Instant::now();
        remembered.keep("live", &user(long), now);
        remembered.keep("asked long ago", &user(long), now - long);
        remembered.keep("expired", &user(Duration::ZERO), now);
        remembered.keep("expiring", &user(Duration::from_millis(300)), now);
        assert!(remembered.user("live").is_some());
        assert!(remembered.user("asked long ago").is_none());
        assert!(remembered.user("expired").is_none());
        let (until, _) = remembered.lock().users[&key("expiring")];
        assert!(until <= Instant::now() + Duration::from_millis(300));
    }

    #[test]
    fn no_more_than_ten_thousand_are_kept_and_the_oldest_goes_first() {
        let remembered = Remembered::new(Duration::from_secs(1_000));
        let user = user(Duration::from_secs(10_000));
        for index in 0..=MAX_REMEMBERED {
            remembered.keep(&index.to_string(), &user, Instant::now());
        }
        assert_eq!(remembered.lock().users.len(), MAX_REMEMBERED);
        assert_eq!(remembered.lock().order.len(), MAX_REMEMBERED);
        assert!(remembered.user("0").is_none());
        assert!(remembered.user("1").is_some());
    }
}
