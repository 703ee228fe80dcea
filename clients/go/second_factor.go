package authflow

import (
	"strings"
	"time"
)

// TOTPSetup is what [Client.EnableTOTP] begins: by a session, or by the challenge of a login that takes [MethodSetup].
// Printed by fmt, logged or serialized as JSON or XML it tells the e-mail alone; it can be read from JSON, by the wire's
// names.
type TOTPSetup struct {
	SessionToken string `json:"sessionToken" xml:"-"`
	// Email is the one that the session must belong to; empty, it is read from the token.
	Email string `json:"email"`
	// CurrentPassword must be right where it is given. It is needed where the session's login is older than 15 minutes.
	CurrentPassword string `json:"currentPassword" xml:"-"`
	// Challenge stands in the place of a session.
	Challenge string `json:"challenge" xml:"-"`
}

// TOTPConfirmation is what [Client.ConfirmTOTP] ends: by the session or the challenge that [Client.EnableTOTP] was called
// with. Printed by fmt, logged or serialized as JSON or XML it tells the e-mail alone; it can be read from JSON, by the
// wire's names.
type TOTPConfirmation struct {
	SessionToken string `json:"sessionToken" xml:"-"`
	// Email is the one that the session must belong to; empty, it is read from the token.
	Email string `json:"email"`
	// Challenge stands in the place of a session.
	Challenge string `json:"challenge" xml:"-"`
	// Code is one of the authenticator app: six digits.
	Code string `json:"code" xml:"-"`
}

// SecondFactorProof is what [Client.DisableTOTP] and [Client.RegenerateRecoveryCodes] ask of who has a second factor.
// Printed by fmt, logged or serialized as JSON or XML it tells the e-mail alone; it can be read from JSON, by the wire's
// names.
type SecondFactorProof struct {
	SessionToken string `json:"sessionToken" xml:"-"`
	// Email is the one that the session must belong to; empty, it is read from the token.
	Email string `json:"email"`
	// CurrentPassword must be right where it is given. It is needed where the session's login is older than 15 minutes.
	CurrentPassword string `json:"currentPassword" xml:"-"`
	// Code is one of the authenticator app, or a recovery code.
	Code string `json:"code" xml:"-"`
}

type seenEmail struct {
	Email string `json:"email"`
}

func (s TOTPSetup) seen() seenEmail { return seenEmail{s.Email} }

func (c TOTPConfirmation) seen() seenEmail { return seenEmail{c.Email} }

func (p SecondFactorProof) seen() seenEmail { return seenEmail{p.Email} }

// TOTPSecret is what an authenticator app makes its codes of, in three forms: show it to its user alone. Printed by fmt,
// logged or serialized it tells its end alone.
type TOTPSecret struct {
	// ExpiresAt is until when [Client.ConfirmTOTP] takes a code of it.
	ExpiresAt                  time.Time `json:"expires_at"`
	secret, otpauthURL, qrCode secret
}

// NewTOTPSecret makes a secret, for an [Authenticator] of your own.
func NewTOTPSecret(secret, otpauthURL, qrCode string, expiresAt time.Time) TOTPSecret {
	return TOTPSecret{
		ExpiresAt: expiresAt, secret: newSecret(secret), otpauthURL: newSecret(otpauthURL), qrCode: newSecret(qrCode),
	}
}

// Secret is in base32, to be typed in.
func (s TOTPSecret) Secret() string { return s.secret.reveal() }

// OTPAuthURL is a link for authenticator apps.
func (s TOTPSecret) OTPAuthURL() string { return s.otpauthURL.reveal() }

// QRCode is that link as a data URL of an SVG image.
func (s TOTPSecret) QRCode() string { return s.qrCode.reveal() }

type seenTOTPSecret struct {
	ExpiresAt time.Time `json:"expires_at"`
}

func (s TOTPSecret) seen() seenTOTPSecret { return seenTOTPSecret{s.ExpiresAt} }

// RecoveryCodes are those of a second factor, each good once; they are told this once. Printed by fmt, logged or serialized
// they are only counted.
type RecoveryCodes struct{ joined secret }

// NewRecoveryCodes makes a list, for an [Authenticator] of your own.
func NewRecoveryCodes(codes ...string) RecoveryCodes {
	return RecoveryCodes{newSecret(strings.Join(codes, "\n"))}
}

// List is a copy.
func (r RecoveryCodes) List() []string {
	if joined := r.joined.reveal(); joined != "" {
		return strings.Split(joined, "\n")
	}
	return []string{}
}

type seenRecoveryCodes struct {
	Count int `json:"count"`
}

func (r RecoveryCodes) seen() seenRecoveryCodes { return seenRecoveryCodes{len(r.List())} }

// ConfirmedTOTP is what [Client.ConfirmTOTP] did. It serializes without a secret.
type ConfirmedTOTP struct {
	RecoveryCodes RecoveryCodes `json:"recovery_codes"`
	// Session is the one that a challenge opened; nil with a session, and where the password must be changed first.
	Session *Session `json:"session,omitempty"`
}
