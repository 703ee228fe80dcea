//! An authenticator app of somebody else's making.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use totp_rs::{Algorithm, Secret, TOTP};

pub const STEP: Duration = Duration::from_secs(30);

/// What it shows at an instant, once it was given this secret.
pub fn shown(secret: &str, at: SystemTime) -> String {
    let secret = Secret::Encoded(secret.to_owned()).to_bytes().unwrap();
    let app = TOTP::new(Algorithm::SHA1, 6, 1, STEP.as_secs(), secret).unwrap();
    app.generate(at.duration_since(UNIX_EPOCH).unwrap().as_secs())
}

/// Six digits that it does not show around now.
pub fn wrong(secret: &str, at: SystemTime) -> String {
    let near: Vec<String> = (0..5)
        .map(|step| shown(secret, at - 2 * STEP + step * STEP))
        .collect();
    let mut digits = (0..).map(|number| format!("{number:06}"));
    digits.find(|code| !near.contains(code)).unwrap()
}
