//! The reasons that this release knows. The list will grow: [`Error::reason`](crate::Error::reason) is text, and keeps
//! one that is not here.

/// INVALID_ARGUMENT, 400: a field is missing, malformed or too long; the violations name every such field.
pub const INVALID_ARGUMENT: &str = "INVALID_ARGUMENT";
/// INVALID_ARGUMENT, 400: a new password breaks the policy; the message says which rule.
pub const PASSWORD_POLICY: &str = "PASSWORD_POLICY";
/// INVALID_ARGUMENT, 400: `disclaimed` is not true.
pub const DISCLAIMER_REQUIRED: &str = "DISCLAIMER_REQUIRED";
/// UNAUTHENTICATED, 401: the nonce is malformed, forged, or for another e-mail or organization.
pub const NONCE_INVALID: &str = "NONCE_INVALID";
/// UNAUTHENTICATED, 401: the nonce is too old. Ask FooBar for another.
pub const NONCE_EXPIRED: &str = "NONCE_EXPIRED";
/// UNAUTHENTICATED, 401: the nonce was spent before. Ask FooBar for another.
pub const NONCE_USED: &str = "NONCE_USED";
/// UNAUTHENTICATED, 401: the API key is malformed, unknown, revoked, of another organization than org_id, or of a
/// closed organization.
pub const API_KEY_INVALID: &str = "API_KEY_INVALID";
/// UNAUTHENTICATED, 401: the admin token is missing or wrong.
pub const ADMIN_TOKEN_INVALID: &str = "ADMIN_TOKEN_INVALID";
/// UNAUTHENTICATED, 401: a browser sent the request; the calls are for backends.
pub const ORIGIN_REFUSED: &str = "ORIGIN_REFUSED";
/// UNAUTHENTICATED, 401: wrong password.
pub const CREDENTIALS_INVALID: &str = "CREDENTIALS_INVALID";
/// UNAUTHENTICATED, 401: the session token is malformed, forged, of another type, e-mail or organization.
pub const SESSION_INVALID: &str = "SESSION_INVALID";
/// UNAUTHENTICATED, 401: the session is too old.
pub const SESSION_EXPIRED: &str = "SESSION_EXPIRED";
/// UNAUTHENTICATED, 401: the session was ended.
pub const SESSION_REVOKED: &str = "SESSION_REVOKED";
/// PERMISSION_DENIED, 403: the password is right, but the user is disabled.
pub const USER_DISABLED: &str = "USER_DISABLED";
/// NOT_FOUND, 404: the organization has no such user.
pub const USER_NOT_FOUND: &str = "USER_NOT_FOUND";
/// NOT_FOUND, 404: org_id is unknown or closed, and no key was given.
pub const ORGANIZATION_NOT_FOUND: &str = "ORGANIZATION_NOT_FOUND";
/// NOT_FOUND, 404: the organization has no key with this key_id.
pub const API_KEY_NOT_FOUND: &str = "API_KEY_NOT_FOUND";
/// ALREADY_EXISTS, 409: the e-mail is signed up in this organization.
pub const USER_EXISTS: &str = "USER_EXISTS";
/// ALREADY_EXISTS, 409: the organization's name is taken.
pub const ORGANIZATION_EXISTS: &str = "ORGANIZATION_EXISTS";
/// RESOURCE_EXHAUSTED, 429: too many tries. Carries a wait.
pub const RATE_LIMITED: &str = "RATE_LIMITED";
/// RESOURCE_EXHAUSTED, 429: more passwords wait to be hashed than can be hashed in time. Nothing was done; carries
/// a wait.
pub const OVERLOADED: &str = "OVERLOADED";
/// RESOURCE_EXHAUSTED, 429: too many failures for this account. Carries a wait, unless only an administrator or a
/// new password opens it again.
pub const ACCOUNT_LOCKED: &str = "ACCOUNT_LOCKED";
/// DEADLINE_EXCEEDED, 504: the call took longer than its deadline, at most 10 seconds.
pub const DEADLINE_EXCEEDED: &str = "DEADLINE_EXCEEDED";
/// UNAVAILABLE, 503: storage cannot be reached, or the server is stopping. Nothing was done; a repeat is safe.
pub const UNAVAILABLE: &str = "UNAVAILABLE";
/// INTERNAL, 500: a fault of the server. The message holds a request id to look for in its log.
pub const INTERNAL: &str = "INTERNAL";
/// HTTP 404: no such route.
pub const ROUTE_NOT_FOUND: &str = "ROUTE_NOT_FOUND";
/// HTTP 405: the route does not take this method; `Allow` lists those it does.
pub const METHOD_NOT_ALLOWED: &str = "METHOD_NOT_ALLOWED";
/// HTTP 413: the body is larger than 64 KiB.
pub const PAYLOAD_TOO_LARGE: &str = "PAYLOAD_TOO_LARGE";
/// HTTP 415: the body is neither JSON nor a form in UTF-8, or it is compressed.
pub const UNSUPPORTED_MEDIA_TYPE: &str = "UNSUPPORTED_MEDIA_TYPE";
/// Reserved: the password is right, but the login needs a second factor.
pub const SECOND_FACTOR_REQUIRED: &str = "SECOND_FACTOR_REQUIRED";
/// Reserved: the e-mail must be verified before a login.
pub const EMAIL_NOT_VERIFIED: &str = "EMAIL_NOT_VERIFIED";
/// Reserved: the password must be changed before a login.
pub const PASSWORD_CHANGE_REQUIRED: &str = "PASSWORD_CHANGE_REQUIRED";

#[cfg(test)]
mod tests {
    use crate::proto::ErrorReason;

    #[test]
    fn every_reason_of_the_contract_has_its_constant() {
        let constants = include_str!("reason.rs");
        for number in 1.. {
            let Ok(reason) = ErrorReason::try_from(number) else {
                assert!(number > 32);
                return;
            };
            let name = reason.as_str_name().trim_start_matches("ERROR_REASON_");
            assert!(constants.contains(&format!("pub const {name}: &str = \"{name}\";")));
        }
    }
}
