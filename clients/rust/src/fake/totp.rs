//! Codes of authenticator apps: RFC 6238 with SHA-1, six digits and 30 seconds.

use std::time::{SystemTime, UNIX_EPOCH};

const STEP_SECONDS: u64 = 30;
const BLOCK: usize = 64;
/// RFC 4648.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The number of the step that an instant is in.
pub(super) fn step_at(instant: SystemTime) -> u64 {
    let since = instant.duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_secs() / STEP_SECONDS
}

/// What an app shows in a step.
pub(super) fn code_of(secret: &[u8], step: u64) -> String {
    let hash = hmac_sha1(secret, &step.to_be_bytes());
    let offset = usize::from(hash[19] & 0xf);
    let mut number = [0; 4];
    number.copy_from_slice(&hash[offset..offset + 4]);
    let number = u32::from_be_bytes(number) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

/// Without padding, as apps take it.
pub(super) fn base32(bytes: &[u8]) -> String {
    grouped(bytes, BASE32)
}

/// The bytes of a text that [`base32`] made; none where it is no such text.
pub(super) fn from_base32(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut held, mut bits) = (0u32, 0);
    for letter in text.bytes() {
        let value = BASE32.iter().position(|known| *known == letter)?;
        held = (held << 5 | value as u32) & 0xfff;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
        }
    }
    Some(bytes)
}

/// Five bits to a letter of the alphabet.
pub(super) fn grouped(bytes: &[u8], alphabet: &[u8; 32]) -> String {
    let mut text = String::new();
    for group in bytes.chunks(5) {
        let mut padded = [0; 8];
        padded[3..3 + group.len()].copy_from_slice(group);
        let number = u64::from_be_bytes(padded);
        for place in 0..(group.len() * 8).div_ceil(5) {
            let value = number >> (35 - 5 * place) & 0x1f;
            text.push(char::from(alphabet[value as usize]));
        }
    }
    text
}

/// RFC 2104. The key has at most a block's length.
fn hmac_sha1(key: &[u8], message: &[u8]) -> [u8; 20] {
    let keyed = |with: u8| {
        let mut block = [with; BLOCK];
        for (byte, of_key) in block.iter_mut().zip(key) {
            *byte ^= of_key;
        }
        block.to_vec()
    };
    let inner = sha1(&[keyed(0x36), message.to_vec()].concat());
    sha1(&[keyed(0x5c), inner.to_vec()].concat())
}

/// FIPS 180-4. It is here for what apps show: no secret rests on it.
fn sha1(message: &[u8]) -> [u8; 20] {
    let mut padded = message.to_vec();
    padded.push(0x80);
    while padded.len() % BLOCK != BLOCK - 8 {
        padded.push(0);
    }
    padded.extend((message.len() as u64 * 8).to_be_bytes());
    let mut state: [u32; 5] = [
        0x6745_2301,
        0xefcd_ab89,
        0x98ba_dcfe,
        0x1032_5476,
        0xc3d2_e1f0,
    ];
    for block in padded.chunks(BLOCK) {
        let mut words = [0u32; 80];
        for (word, bytes) in words.iter_mut().zip(block.chunks(4)) {
            *word = bytes
                .iter()
                .fold(0, |word, byte| word << 8 | u32::from(*byte));
        }
        for round in 16..80 {
            let word = words[round - 3] ^ words[round - 8] ^ words[round - 14] ^ words[round - 16];
            words[round] = word.rotate_left(1);
        }
        let [mut a, mut b, mut c, mut d, mut e] = state;
        for (round, word) in words.into_iter().enumerate() {
            let (mixed, constant) = match round {
                0..=19 => (b & c | !b & d, 0x5a82_7999),
                20..=39 => (b ^ c ^ d, 0x6ed9_eba1),
                40..=59 => (b & c | b & d | c & d, 0x8f1b_bcdc),
                _ => (b ^ c ^ d, 0xca62_c1d6u32),
            };
            let next = [mixed, e, constant, word]
                .into_iter()
                .fold(a.rotate_left(5), u32::wrapping_add);
            (e, d, c, b, a) = (d, c, b.rotate_left(30), a, next);
        }
        for (word, added) in state.iter_mut().zip([a, b, c, d, e]) {
            *word = word.wrapping_add(added);
        }
    }
    let mut hash = [0; 20];
    for (bytes, word) in hash.chunks_mut(4).zip(state) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
    hash
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use totp_rs::{Algorithm, TOTP};

    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn hashes_are_those_of_the_standards() {
        assert_eq!(
            hex(&sha1(b"abc")),
            "a9993e364706816aba3e25717850c26c9cd0d89d"
        );
        assert_eq!(
            hex(&sha1(&[b'a'; 1_000])),
            "291e9a6c66994949b57ba5e650361e98fc36b1ba"
        );
        // RFC 2202, cases 1 and 2.
        assert_eq!(
            hex(&hmac_sha1(&[0x0b; 20], b"Hi There")),
            "b617318655057264e28bc0b6fb378c8ef146be00"
        );
        assert_eq!(
            hex(&hmac_sha1(b"Jefe", b"what do ya want for nothing?")),
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
        );
    }

    #[test]
    fn codes_are_those_of_the_rfc() {
        // RFC 6238, appendix B: the last six of eight digits.
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let step = step_at(UNIX_EPOCH + Duration::from_secs(seconds));
            assert_eq!(code_of(b"12345678901234567890", step), code);
        }
    }

    #[test]
    fn codes_are_those_of_another_implementation() {
        for seed in 0..100u8 {
            let secret: Vec<u8> = (0..20).map(|byte| seed.wrapping_mul(31) ^ byte).collect();
            let seconds = u64::from(seed) * 123_456_789;
            let other = TOTP::new(Algorithm::SHA1, 6, 1, 30, secret.clone()).unwrap();
            let step = step_at(UNIX_EPOCH + Duration::from_secs(seconds));
            assert_eq!(code_of(&secret, step), other.generate(seconds));
            let text = base32(&secret);
            assert_eq!(text, other.get_secret_base32());
            assert_eq!(from_base32(&text), Some(secret));
        }
        assert_eq!(from_base32("0"), None);
    }
}
