//! Ids, secrets and codes that differ. Tests need no better randomness.

use std::hash::{BuildHasher, RandomState};

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::Engine;

/// std's hashers are seeded at random.
pub(super) fn bytes() -> [u8; 16] {
    let half = || RandomState::new().hash_one(()).to_be_bytes();
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&half());
    bytes[8..].copy_from_slice(&half());
    bytes
}

/// A UUID, version 4.
pub(super) fn uuid() -> String {
    let mut number = u128::from_be_bytes(bytes());
    number = number & !(0xf << 76) | 4 << 76;
    number = number & !(0x3 << 62) | 2 << 62;
    let hex = format!("{number:032x}");
    let parts = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ];
    parts.join("-")
}

/// 22 characters of base64url.
pub(super) fn text() -> String {
    URL_SAFE_NO_PAD.encode(bytes())
}

/// Six digits.
pub(super) fn digits() -> String {
    format!("{:06}", u128::from_be_bytes(bytes()) % 1_000_000)
}

#[cfg(test)]
mod tests {
    #[test]
    fn ids_have_the_form_of_a_uuid_and_differ() {
        let uuid = super::uuid();
        let lengths: Vec<_> = uuid.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert_eq!(&uuid[14..15], "4");
        assert!("89ab".contains(&uuid[19..20]));
        assert_ne!(uuid, super::uuid());
    }
}
