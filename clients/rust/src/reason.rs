//! The reasons that the server gives.

use std::fmt;

macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// Why the server refused a call. The list will grow, and a reason that this release does not know is kept in
        /// [`Unknown`](Self::Unknown).
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Reason {
            $($(#[$doc])* $variant,)*
            /// A reason of a later release, by its name on the wire. Match it by [`as_str`](Self::as_str), which goes
            /// on working when it gets a variant of its own.
            Unknown(String),
        }

        impl Reason {
            /// The name on the wire, such as `SESSION_REVOKED`.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $name,)*
                    Self::Unknown(name) => name,
                }
            }
        }

        impl From<&str> for Reason {
            fn from(name: &str) -> Self {
                match name {
                    $($name => Self::$variant,)*
                    _ => Self::Unknown(name.to_owned()),
                }
            }
        }
    };
}

reasons! {
    /// INVALID_ARGUMENT, 400: a field is missing, malformed or too long; the violations name every such field.
    InvalidArgument = "INVALID_ARGUMENT",
    /// INVALID_ARGUMENT, 400: a new password breaks the policy; the message says which rule.
    PasswordPolicy = "PASSWORD_POLICY",
    /// INVALID_ARGUMENT, 400: `disclaimed` is not true.
    DisclaimerRequired = "DISCLAIMER_REQUIRED",
    /// UNAUTHENTICATED, 401: the nonce is malformed, forged, or for another e-mail or organization.
    NonceInvalid = "NONCE_INVALID",
    /// UNAUTHENTICATED, 401: the nonce is too old. Ask FooBar for another.
    NonceExpired = "NONCE_EXPIRED",
    /// UNAUTHENTICATED, 401: the nonce was spent before. Ask FooBar for another.
    NonceUsed = "NONCE_USED",
    /// UNAUTHENTICATED, 401: the API key is malformed, unknown, revoked, of another organization than org_id, or of a
    /// closed organization.
    ApiKeyInvalid = "API_KEY_INVALID",
    /// UNAUTHENTICATED, 401: the admin token is missing or wrong.
    AdminTokenInvalid = "ADMIN_TOKEN_INVALID",
    /// UNAUTHENTICATED, 401: a browser sent the request; the calls are for backends.
    OriginRefused = "ORIGIN_REFUSED",
    /// UNAUTHENTICATED, 401: wrong password.
    CredentialsInvalid = "CREDENTIALS_INVALID",
    /// UNAUTHENTICATED, 401: the session token is malformed, forged, of another type, e-mail or organization.
    SessionInvalid = "SESSION_INVALID",
    /// UNAUTHENTICATED, 401: the session is too old.
    SessionExpired = "SESSION_EXPIRED",
    /// UNAUTHENTICATED, 401: the session was ended.
    SessionRevoked = "SESSION_REVOKED",
    /// PERMISSION_DENIED, 403: the password is right, but the user is disabled.
    UserDisabled = "USER_DISABLED",
    /// NOT_FOUND, 404: the organization has no such user.
    UserNotFound = "USER_NOT_FOUND",
    /// NOT_FOUND, 404: org_id is unknown or closed, and no key was given.
    OrganizationNotFound = "ORGANIZATION_NOT_FOUND",
    /// NOT_FOUND, 404: the organization has no key with this key_id.
    ApiKeyNotFound = "API_KEY_NOT_FOUND",
    /// ALREADY_EXISTS, 409: the e-mail is signed up in this organization.
    UserExists = "USER_EXISTS",
    /// ALREADY_EXISTS, 409: the organization's name is taken.
    OrganizationExists = "ORGANIZATION_EXISTS",
    /// RESOURCE_EXHAUSTED, 429: too many tries. Carries a wait.
    RateLimited = "RATE_LIMITED",
    /// RESOURCE_EXHAUSTED, 429: more passwords wait to be hashed than can be hashed in time. Nothing was done; carries
    /// a wait.
    Overloaded = "OVERLOADED",
    /// RESOURCE_EXHAUSTED, 429: too many failures for this account. Carries a wait, unless only an administrator or a
    /// new password opens it again.
    AccountLocked = "ACCOUNT_LOCKED",
    /// DEADLINE_EXCEEDED, 504: the call took longer than its deadline, at most 10 seconds.
    DeadlineExceeded = "DEADLINE_EXCEEDED",
    /// UNAVAILABLE, 503: storage cannot be reached, or the server is stopping. Nothing was done; a repeat is safe.
    Unavailable = "UNAVAILABLE",
    /// INTERNAL, 500: a fault of the server. The message holds a request id to look for in its log.
    Internal = "INTERNAL",
    /// HTTP 404: no such route.
    RouteNotFound = "ROUTE_NOT_FOUND",
    /// HTTP 405: the route does not take this method; `Allow` lists those it does.
    MethodNotAllowed = "METHOD_NOT_ALLOWED",
    /// HTTP 413: the body is larger than 64 KiB.
    PayloadTooLarge = "PAYLOAD_TOO_LARGE",
    /// HTTP 415: the body is neither JSON nor a form in UTF-8, or it is compressed.
    UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE",
    /// UNAUTHENTICATED, 401: the password is right, and the login needs a second factor. Brings a challenge.
    SecondFactorRequired = "SECOND_FACTOR_REQUIRED",
    /// PERMISSION_DENIED, 403: the organization lets nobody log in whose e-mail is not verified.
    EmailNotVerified = "EMAIL_NOT_VERIFIED",
    /// PERMISSION_DENIED, 403: the password must be changed before a login. Brings a challenge.
    PasswordChangeRequired = "PASSWORD_CHANGE_REQUIRED",
    /// UNAUTHENTICATED, 401: the token of a mail is malformed, forged, void or of another type.
    TokenInvalid = "TOKEN_INVALID",
    /// UNAUTHENTICATED, 401: the token of a mail is too old.
    TokenExpired = "TOKEN_EXPIRED",
    /// PERMISSION_DENIED, 403: the call needs a fresh proof: the present password, or a session whose login was at most 15
    /// minutes ago; and a code, where the user has a second factor.
    ReauthenticationRequired = "REAUTHENTICATION_REQUIRED",
    /// PERMISSION_DENIED, 403: a management key lacks the right; the organization takes no logins by mail; from middleware:
    /// the user has none of the roles.
    AccessDenied = "ACCESS_DENIED",
    /// UNAUTHENTICATED, 401: the challenge of a login is malformed, spent, void, out of tries or too old, or does not take
    /// this method. Let the user log in again.
    ChallengeInvalid = "CHALLENGE_INVALID",
    /// UNAUTHENTICATED, 401: the code is wrong, or was used before.
    CodeInvalid = "CODE_INVALID",
    /// ALREADY_EXISTS, 409: the user has a second factor.
    SecondFactorAlreadyEnabled = "SECOND_FACTOR_ALREADY_ENABLED",
    /// FAILED_PRECONDITION, 409: the user has no second factor, or none to confirm; the organization takes none.
    SecondFactorNotEnabled = "SECOND_FACTOR_NOT_ENABLED",
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// By the name on the wire.
#[cfg(feature = "serde")]
impl serde::Serialize for Reason {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::Reason;
    use crate::proto::ErrorReason;

    #[test]
    fn every_reason_of_the_contract_has_its_variant() {
        for number in 1.. {
            let Ok(reason) = ErrorReason::try_from(number) else {
                assert!(number > 40);
                return;
            };
            let name = reason.as_str_name().trim_start_matches("ERROR_REASON_");
            let reason = Reason::from(name);
            assert!(!matches!(reason, Reason::Unknown(_)), "{name}");
            assert_eq!(reason.as_str(), name);
        }
    }

    #[test]
    fn a_reason_of_a_later_release_is_kept() {
        let reason = Reason::from("REASON_OF_TOMORROW");
        assert_eq!(reason, Reason::Unknown("REASON_OF_TOMORROW".to_owned()));
        assert_eq!(reason.to_string(), "REASON_OF_TOMORROW");
    }
}
