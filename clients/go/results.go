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

// Session is a session that [Client.Login] opened. Printed by fmt, logged or serialized it has no token.
type Session struct {
	User
	ExpiresAt time.Time `json:"expires_at"`
	token     secret
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

func (s Session) seen() seenSession { return seenSession{s.User, s.ExpiresAt} }

// SessionUser is the user of a live session, as stored and not as claimed. It serializes with the wire's names.
type SessionUser struct {
	User
	SessionID string    `json:"session_id"`
	ExpiresAt time.Time `json:"expires_at"`
}
