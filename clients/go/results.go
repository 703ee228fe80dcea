package authflow

import "time"

// Nonce is spent by one sign-up or one login. [Client.SignUp] and [Client.Login] fetch their own. Printed by fmt,
// logged or serialized it has no token.
type Nonce struct {
	ExpiresAt time.Time `json:"expires_at"`
	token     secret
}

// NewNonce makes a nonce, for an [Authenticator] of your own.
func NewNonce(token string, expiresAt time.Time) Nonce {
	return Nonce{ExpiresAt: expiresAt, token: newSecret(token)}
}

// Token is the nonce itself, "foobar" of the wire.
func (n Nonce) Token() string { return n.token.reveal() }

type seenNonce struct {
	ExpiresAt time.Time `json:"expires_at"`
}

func (n Nonce) seen() seenNonce { return seenNonce{n.ExpiresAt} }

// User is a user of the organization. It serializes with the wire's names.
type User struct {
	// UserID is what to key your own records by.
	UserID string `json:"user_id"`
	// Email is the normalized e-mail.
	Email    string `json:"email"`
	FullName string `json:"fullname"`
	OrgID    string `json:"org_id"`
}

// Session is a session that a login opened. Printed by fmt, logged or serialized it has no token.
type Session struct {
	User
	ExpiresAt time.Time `json:"expires_at"`
	// RecoveryCodesLeft is told by [Client.VerifyRecoveryCode] alone; else nil.
	RecoveryCodesLeft *uint32 `json:"recovery_codes_left,omitempty"`
	token             secret
}

// NewSession makes a session, for an [Authenticator] of your own.
func NewSession(user User, token string, expiresAt time.Time) Session {
	return Session{User: user, ExpiresAt: expiresAt, token: newSecret(token)}
}

// Token is the session token, a JWT. By default it holds the organization's API key, readable by whoever holds the token:
// set AUTHFLOW_API_KEY_CLAIM=id on the server before it leaves your backend.
func (s Session) Token() string { return s.token.reveal() }

type seenSession struct {
	User
	ExpiresAt time.Time `json:"expires_at"`
}

type seenRecovery struct {
	seenSession
	RecoveryCodesLeft uint32 `json:"recovery_codes_left"`
}

func (s Session) seen() any {
	seen := seenSession{s.User, s.ExpiresAt}
	if s.RecoveryCodesLeft == nil {
		return seen
	}
	return seenRecovery{seen, *s.RecoveryCodesLeft}
}

// SessionUser is the user of a live session, as stored and not as claimed. It serializes with the wire's names.
type SessionUser struct {
	User
	SessionID string `json:"session_id"`
	// ExpiresAt is when the session token stops being accepted.
	ExpiresAt time.Time `json:"expires_at"`
	// EmailVerified tells whether the user has proven to read mail at the e-mail.
	EmailVerified bool `json:"email_verified"`
	// Roles are in the order in which they were given.
	Roles Roles `json:"roles"`
}

// Account is the user of a live session with all that is told of it, as stored. It serializes with the wire's names.
type Account struct {
	SessionUser
	// SecondFactor tells whether a login of the user needs one.
	SecondFactor bool `json:"second_factor"`
	// RecoveryCodesLeft are those of the second factor.
	RecoveryCodesLeft uint32 `json:"recovery_codes_left"`
	// PublicMetadata is the text of a JSON object that your backend keeps with the user; empty where there is none.
	PublicMetadata string `json:"public_metadata"`
	// CreatedAt is when the user signed up.
	CreatedAt time.Time `json:"created_at"`
}

// VerifiedEmail is whose address is proven. It serializes with the wire's names.
type VerifiedEmail struct {
	Email  string `json:"email"`
	UserID string `json:"user_id"`
	OrgID  string `json:"org_id"`
}

// PasswordReset is what [Client.ResetPassword] did. It serializes with the wire's names.
type PasswordReset struct {
	Email string `json:"email"`
	OrgID string `json:"org_id"`
	// EndedSessions were live.
	EndedSessions uint32 `json:"ended_sessions"`
}

// MySession is one live session, as its user sees it. It serializes with the wire's names.
type MySession struct {
	SessionID string `json:"session_id"`
	// CreatedAt is when the login was.
	CreatedAt time.Time `json:"created_at"`
	// LastUsedAt is to within an hour.
	LastUsedAt time.Time `json:"last_used_at"`
	// ExpiresAt is when it ends unless it is renewed.
	ExpiresAt time.Time `json:"expires_at"`
	// ClientIP and UserAgent are those that your backend told when it was used last; empty where it did not.
	ClientIP  string `json:"client_ip"`
	UserAgent string `json:"user_agent"`
	// Current is the session that asks.
	Current bool `json:"current"`
}
