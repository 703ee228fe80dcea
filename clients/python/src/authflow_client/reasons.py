"""Why the server refuses a call."""

from __future__ import annotations

from typing import Final


class Reason:
    """The reasons of this release, as text: the list grows, and an error keeps one that is not in it."""

    #: A parameter is missing, malformed or too long; the violations name every such field.
    INVALID_ARGUMENT: Final = "INVALID_ARGUMENT"
    #: A new password breaks the policy; the message says which rule.
    PASSWORD_POLICY: Final = "PASSWORD_POLICY"
    #: The user has not accepted your terms.
    DISCLAIMER_REQUIRED: Final = "DISCLAIMER_REQUIRED"
    #: The nonce is malformed, forged, or for another e-mail or organization.
    NONCE_INVALID: Final = "NONCE_INVALID"
    #: The nonce is too old.
    NONCE_EXPIRED: Final = "NONCE_EXPIRED"
    #: The nonce was spent before.
    NONCE_USED: Final = "NONCE_USED"
    #: The key is malformed, unknown, revoked, or of a closed organization.
    API_KEY_INVALID: Final = "API_KEY_INVALID"
    #: The admin token of OrganizationService is missing or wrong.
    ADMIN_TOKEN_INVALID: Final = "ADMIN_TOKEN_INVALID"
    #: A browser sent the request.
    ORIGIN_REFUSED: Final = "ORIGIN_REFUSED"
    #: The password is wrong.
    CREDENTIALS_INVALID: Final = "CREDENTIALS_INVALID"
    #: The session token is malformed, forged, or of another e-mail or organization.
    SESSION_INVALID: Final = "SESSION_INVALID"
    #: The session is too old.
    SESSION_EXPIRED: Final = "SESSION_EXPIRED"
    #: The session was ended.
    SESSION_REVOKED: Final = "SESSION_REVOKED"
    #: The password is right, but the user is disabled.
    USER_DISABLED: Final = "USER_DISABLED"
    #: The organization has no such user.
    USER_NOT_FOUND: Final = "USER_NOT_FOUND"
    #: The organization is unknown or closed.
    ORGANIZATION_NOT_FOUND: Final = "ORGANIZATION_NOT_FOUND"
    #: The organization has no key of this id.
    API_KEY_NOT_FOUND: Final = "API_KEY_NOT_FOUND"
    #: The e-mail is already signed up in the organization.
    USER_EXISTS: Final = "USER_EXISTS"
    #: The organization's name is taken.
    ORGANIZATION_EXISTS: Final = "ORGANIZATION_EXISTS"
    #: Too many tries.
    RATE_LIMITED: Final = "RATE_LIMITED"
    #: The server has more passwords to hash than it can.
    OVERLOADED: Final = "OVERLOADED"
    #: Too many failures; without a wait only an administrator or a new password opens the account.
    ACCOUNT_LOCKED: Final = "ACCOUNT_LOCKED"
    #: The server did not answer in time.
    DEADLINE_EXCEEDED: Final = "DEADLINE_EXCEEDED"
    #: The server cannot serve at the moment; nothing was done.
    UNAVAILABLE: Final = "UNAVAILABLE"
    #: A fault of the server.
    INTERNAL: Final = "INTERNAL"
    #: Over HTTP alone: no such path.
    ROUTE_NOT_FOUND: Final = "ROUTE_NOT_FOUND"
    #: Over HTTP alone: the path has no such method.
    METHOD_NOT_ALLOWED: Final = "METHOD_NOT_ALLOWED"
    #: Over HTTP alone: the body is too large.
    PAYLOAD_TOO_LARGE: Final = "PAYLOAD_TOO_LARGE"
    #: Over HTTP alone: the body is of a type that the server does not read.
    UNSUPPORTED_MEDIA_TYPE: Final = "UNSUPPORTED_MEDIA_TYPE"
    #: The password is right, and the login needs a second factor; the error has a challenge.
    SECOND_FACTOR_REQUIRED: Final = "SECOND_FACTOR_REQUIRED"
    #: The organization lets nobody log in whose e-mail is not verified.
    EMAIL_NOT_VERIFIED: Final = "EMAIL_NOT_VERIFIED"
    #: The password has to be changed before a login; the error has a challenge.
    PASSWORD_CHANGE_REQUIRED: Final = "PASSWORD_CHANGE_REQUIRED"
    #: The token of a mail is malformed, forged, void or of another type.
    TOKEN_INVALID: Final = "TOKEN_INVALID"
    #: The token of a mail is too old.
    TOKEN_EXPIRED: Final = "TOKEN_EXPIRED"
    #: The call needs the present password, or a session whose login was at most 15 minutes ago; and a code where the
    #: user has a second factor.
    REAUTHENTICATION_REQUIRED: Final = "REAUTHENTICATION_REQUIRED"
    #: A management key lacks the right; from middleware: the user has none of the roles.
    ACCESS_DENIED: Final = "ACCESS_DENIED"
    #: The challenge of a login is malformed, spent, void, out of tries or too old, or does not take this method.
    CHALLENGE_INVALID: Final = "CHALLENGE_INVALID"
    #: The code is wrong, or was used before.
    CODE_INVALID: Final = "CODE_INVALID"
    #: The user has a second factor.
    SECOND_FACTOR_ALREADY_ENABLED: Final = "SECOND_FACTOR_ALREADY_ENABLED"
    #: The user has no second factor, or none to confirm; or the organization takes none.
    SECOND_FACTOR_NOT_ENABLED: Final = "SECOND_FACTOR_NOT_ENABLED"
