//! Whether a certificate was issued by itself.

/// The tag of a TBSCertificate's version, which may be absent.
const VERSION: u8 = 0xa0;

/// Whether issuer and subject of a certificate (DER) are the same: RFC 5280, 4.1.
pub(super) fn is_self_issued(certificate: &[u8]) -> bool {
    names_of(certificate).is_some_and(|(issuer, subject)| issuer == subject)
}

fn names_of(certificate: &[u8]) -> Option<(&[u8], &[u8])> {
    let (certificate, _) = element(certificate)?;
    let (mut fields, _) = element(certificate)?;
    if fields.first() == Some(&VERSION) {
        (_, fields) = element(fields)?;
    }
    let (_serial_number, fields) = element(fields)?;
    let (_signature, fields) = element(fields)?;
    let (issuer, fields) = element(fields)?;
    let (_validity, fields) = element(fields)?;
    let (subject, _) = element(fields)?;
    Some((issuer, subject))
}

/// The content of the first element, and what follows it.
fn element(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&length, rest) = der.get(1..)?.split_first()?;
    let (length, rest) = match length {
        0..=0x7f => (usize::from(length), rest),
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
            let length = bytes
                .iter()
                .fold(0, |sum, &byte| sum << 8 | usize::from(byte));
            (length, rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use super::is_self_issued;

    /// The beginning of a certificate: version, serial number, signature, and two names around a validity.
    fn certificate(issuer: u8, subject: u8) -> Vec<u8> {
        let version = [0xa0, 3, 2, 1, 2];
        let rest = [2, 1, 1, 0x30, 0, 0x30, 1, issuer, 0x30, 0, 0x30, 1, subject];
        [&[0x30, 0x81, 20, 0x30, 18][..], &version, &rest].concat()
    }

    #[test]
    fn issuer_and_subject_are_compared_and_what_is_no_certificate_has_none() {
        assert!(is_self_issued(&certificate(7, 7)));
        assert!(!is_self_issued(&certificate(7, 8)));
        let whole = certificate(7, 7);
        for end in 0..whole.len() {
            assert!(!is_self_issued(&whole[..end]), "{end}");
        }
        assert!(!is_self_issued(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0x30]));
        assert!(!is_self_issued(&[0x30, 0x80, 0x30, 0x80]));
    }
}
