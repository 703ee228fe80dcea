package authflow

// Reason tells why the server refused a call. The list grows: keep one that you do not know and act on the code.
type Reason string

// The reasons of this release.
const (
	// InvalidArgument: a parameter is missing, malformed or too long; the violations name every such field.
	InvalidArgument Reason = "INVALID_ARGUMENT"
	// PasswordPolicy: a new password breaks the policy; the message says which rule.
	PasswordPolicy Reason = "PASSWORD_POLICY"
	// DisclaimerRequired: the user has not accepted your terms.
	DisclaimerRequired Reason = "DISCLAIMER_REQUIRED"
	// NonceInvalid: the nonce is malformed, forged, or for another e-mail or organization.
	NonceInvalid Reason = "NONCE_INVALID"
	// NonceExpired: the nonce is too old.
	NonceExpired Reason = "NONCE_EXPIRED"
	// NonceUsed: the nonce was spent before.
	NonceUsed Reason = "NONCE_USED"
	// APIKeyInvalid: the key is malformed, unknown, revoked, or of a closed organization.
	APIKeyInvalid Reason = "API_KEY_INVALID"
	// AdminTokenInvalid: the admin token of OrganizationService is missing or wrong.
	AdminTokenInvalid Reason = "ADMIN_TOKEN_INVALID"
	// OriginRefused: a browser sent the request.
	OriginRefused Reason = "ORIGIN_REFUSED"
	// CredentialsInvalid: the password is wrong.
	CredentialsInvalid Reason = "CREDENTIALS_INVALID"
	// SessionInvalid: the session token is malformed, forged, or of another e-mail or organization.
	SessionInvalid Reason = "SESSION_INVALID"
	// SessionExpired: the session is too old.
	SessionExpired Reason = "SESSION_EXPIRED"
	// SessionRevoked: the session was ended.
	SessionRevoked Reason = "SESSION_REVOKED"
	// UserDisabled: the password is right, but the user is disabled.
	UserDisabled Reason = "USER_DISABLED"
	// UserNotFound: the organization has no such user.
	UserNotFound Reason = "USER_NOT_FOUND"
	// OrganizationNotFound: the organization is unknown or closed.
	OrganizationNotFound Reason = "ORGANIZATION_NOT_FOUND"
	// APIKeyNotFound: the organization has no key of this id.
	APIKeyNotFound Reason = "API_KEY_NOT_FOUND"
	// UserExists: the e-mail is signed up in this organization.
	UserExists Reason = "USER_EXISTS"
	// OrganizationExists: the organization's name is taken.
	OrganizationExists Reason = "ORGANIZATION_EXISTS"
	// RateLimited: too many tries; with a wait.
	RateLimited Reason = "RATE_LIMITED"
	// Overloaded: too many passwords wait to be hashed; with a wait.
	Overloaded Reason = "OVERLOADED"
	// AccountLocked: too many failures for this account; without a wait only an administrator or a new password opens it.
	AccountLocked Reason = "ACCOUNT_LOCKED"
	// DeadlineExceeded: the call took longer than its deadline, as the server noticed. Where the client noticed first there
	// is no reason, and the code tells.
	DeadlineExceeded Reason = "DEADLINE_EXCEEDED"
	// Unavailable: storage cannot be reached, or the server is stopping. Nothing was done.
	Unavailable Reason = "UNAVAILABLE"
	// Internal: a fault of the server; the message holds a request id to look for in its log.
	Internal Reason = "INTERNAL"
	// SecondFactorRequired: the password is right, and the login needs a second factor; with a challenge.
	SecondFactorRequired Reason = "SECOND_FACTOR_REQUIRED"
	// EmailNotVerified: the organization lets nobody log in whose e-mail is not verified.
	EmailNotVerified Reason = "EMAIL_NOT_VERIFIED"
	// PasswordChangeRequired: the password must be changed before a login; with a challenge.
	PasswordChangeRequired Reason = "PASSWORD_CHANGE_REQUIRED"
	// TokenInvalid: the token of a mail is malformed, forged, void or of another type.
	TokenInvalid Reason = "TOKEN_INVALID"
	// TokenExpired: the token of a mail is too old.
	TokenExpired Reason = "TOKEN_EXPIRED"
	// ReauthenticationRequired: the call needs the present password, or a session whose login was at most 15 minutes ago; and
	// a code of who has a second factor.
	ReauthenticationRequired Reason = "REAUTHENTICATION_REQUIRED"
	// AccessDenied: a management key that lacks the right; an organization that takes no logins by mail; from middleware, a
	// user without any of the roles.
	AccessDenied Reason = "ACCESS_DENIED"
	// ChallengeInvalid: the challenge of a login is spent, void, out of tries or too old, or does not take the method.
	ChallengeInvalid Reason = "CHALLENGE_INVALID"
	// CodeInvalid: the code is wrong, or was used before.
	CodeInvalid Reason = "CODE_INVALID"
	// SecondFactorAlreadyEnabled: the user has a second factor.
	SecondFactorAlreadyEnabled Reason = "SECOND_FACTOR_ALREADY_ENABLED"
	// SecondFactorNotEnabled: the user has no second factor, or none to confirm; or the organization takes none.
	SecondFactorNotEnabled Reason = "SECOND_FACTOR_NOT_ENABLED"
)
