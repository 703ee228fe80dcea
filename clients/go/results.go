package client

import "time"

// Nonce is spent by one sign-up or one login. [Client.SignUp] and [Client.Login] fetch their own.
type Nonce struct {
	Token     string
	ExpiresAt time.Time
}

// User is a user of the organization.
type User struct {
	// UserID is what to key your own records by.
	UserID string
	// Email is the normalized e-mail.
	Email    string
	FullName string
	OrgID    string
}

// Session is a session that [Client.Login] opened.
type Session struct {
	User
	// Token is the session token, a JWT. By default it holds the organization's API key, readable by whoever holds the
	// token.
	Token     string
	ExpiresAt time.Time
}

// SessionUser is the user of a live session, as stored and not as claimed.
type SessionUser struct {
	User
	SessionID string
	ExpiresAt time.Time
}
