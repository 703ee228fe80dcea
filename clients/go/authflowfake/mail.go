package authflowfake

import (
	"time"

	"go.authflow.dev/authflow"
)

// MailKind is what a mail asks its reader to do.
type MailKind string

// The kinds of mails.
const (
	// MailVerify has a token for VerifyEmail, good for a day.
	MailVerify MailKind = "verify"
	// MailReset has a token for ResetPassword, good for half an hour.
	MailReset MailKind = "reset"
	// MailChangeEmail has a token for VerifyEmail, good for an hour.
	MailChangeEmail MailKind = "change_email"
	// MailSecondFactorCode has a code for VerifyEmailCode that SendEmailCode asked for, good for ten minutes.
	MailSecondFactorCode MailKind = "second_factor_code"
	// MailLoginCode has a code for VerifyEmailCode that SendLoginCode asked for, good for ten minutes.
	MailLoginCode MailKind = "login_code"
)

// A server's.
var mailTTL = map[MailKind]time.Duration{
	MailVerify:      24 * time.Hour,
	MailReset:       30 * time.Minute,
	MailChangeEmail: time.Hour,
}

// Mail is one that the fake would have sent.
type Mail struct {
	Kind MailKind
	// To is the address that it went to.
	To string
	// Token is what VerifyEmail or ResetPassword takes; empty where the mail has a code.
	Token string
	// Code is what VerifyEmailCode takes; empty where the mail has a token.
	Code string
}

type mailToken struct {
	kind MailKind
	user *user
	// email is the user's when it was made, newEmail the one that it proves.
	email, newEmail   string
	credentialVersion int
	expiresAt         time.Time
}

// Mails are what the fake would have sent, the oldest first. It makes one for each call that asks, however often.
func (f *Fake) Mails() []Mail {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]Mail(nil), f.mails...)
}

func (f *Fake) mail(kind MailKind, to *user, newEmail string) {
	token := "fake.mail." + newID()
	f.mailTokens[token] = mailToken{
		kind:              kind,
		user:              to,
		email:             to.Email,
		newEmail:          newEmail,
		credentialVersion: to.credentialVersion,
		expiresAt:         f.now().Add(mailTTL[kind]),
	}
	f.mails = append(f.mails, Mail{Kind: kind, To: newEmail, Token: token})
}

func (f *Fake) mailed(token string, kinds ...MailKind) (mailToken, error) {
	found, ok := f.mailTokens[token]
	if !ok || !holds(kinds, found.kind) {
		return mailToken{}, refusal(authflow.TokenInvalid)
	}
	if !f.now().Before(found.expiresAt) {
		return mailToken{}, refusal(authflow.TokenExpired)
	}
	// That of a verification is bound to the address alone.
	isVoid := found.kind != MailVerify && found.credentialVersion != found.user.credentialVersion
	if isVoid || found.user.disabled || f.users[found.email] != found.user {
		return mailToken{}, refusal(authflow.TokenInvalid)
	}
	return found, nil
}

func holds(kinds []MailKind, kind MailKind) bool {
	for _, each := range kinds {
		if each == kind {
			return true
		}
	}
	return false
}
