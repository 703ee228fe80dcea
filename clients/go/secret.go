package authflow

import (
	"encoding/json"
	"fmt"
	"log/slog"
)

// secret is text that shows in no print of package fmt, even as a field of somebody's own unexported field, where no method of ours is
// called: package fmt prints a pointer to a string as an address, whatever the verb. A pointer to a struct is followed.
type secret struct{ text *string }

func newSecret(text string) secret { return secret{&text} }

func (s secret) reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// printInstead prints what may be seen of a value in its stead.
func printInstead(f fmt.State, verb rune, seen any) {
	fmt.Fprintf(f, fmt.FormatString(f, verb), seen)
}

// Format prints a nonce without its token, whatever the verb.
func (n Nonce) Format(f fmt.State, verb rune) { printInstead(f, verb, n.seen()) }

// LogValue is the nonce without its token.
func (n Nonce) LogValue() slog.Value { return slog.AnyValue(n.seen()) }

// Format prints a session without its token, whatever the verb.
func (s Session) Format(f fmt.State, verb rune) { printInstead(f, verb, s.seen()) }

// LogValue is the session without its token.
func (s Session) LogValue() slog.Value { return slog.AnyValue(s.seen()) }

// Format prints a new user without the password, whatever the verb.
func (u NewUser) Format(f fmt.State, verb rune) { printInstead(f, verb, u.seen()) }

// LogValue is the new user without the password.
func (u NewUser) LogValue() slog.Value { return slog.AnyValue(u.seen()) }

// MarshalJSON is the new user without the password.
func (u NewUser) MarshalJSON() ([]byte, error) { return json.Marshal(u.seen()) }

// Format prints whose password is to be changed, whatever the verb.
func (c PasswordChange) Format(f fmt.State, verb rune) { printInstead(f, verb, c.seen()) }

// LogValue tells whose password is to be changed.
func (c PasswordChange) LogValue() slog.Value { return slog.AnyValue(c.seen()) }

// MarshalJSON tells whose password is to be changed.
func (c PasswordChange) MarshalJSON() ([]byte, error) { return json.Marshal(c.seen()) }

// Format prints which e-mail is to be changed, whatever the verb.
func (c EmailChange) Format(f fmt.State, verb rune) { printInstead(f, verb, c.seen()) }

// LogValue tells which e-mail is to be changed.
func (c EmailChange) LogValue() slog.Value { return slog.AnyValue(c.seen()) }

// MarshalJSON tells which e-mail is to be changed.
func (c EmailChange) MarshalJSON() ([]byte, error) { return json.Marshal(c.seen()) }

// Format prints whose account is to be removed, whatever the verb.
func (d AccountDeletion) Format(f fmt.State, verb rune) { printInstead(f, verb, d.seen()) }

// LogValue tells whose account is to be removed.
func (d AccountDeletion) LogValue() slog.Value { return slog.AnyValue(d.seen()) }

// MarshalJSON tells whose account is to be removed.
func (d AccountDeletion) MarshalJSON() ([]byte, error) { return json.Marshal(d.seen()) }

// Format prints a challenge without its token, whatever the verb.
func (c Challenge) Format(f fmt.State, verb rune) { printInstead(f, verb, c.seen()) }

// LogValue is a challenge without its token.
func (c Challenge) LogValue() slog.Value { return slog.AnyValue(c.seen()) }

// Format prints whose second factor is to be set up, whatever the verb.
func (s TOTPSetup) Format(f fmt.State, verb rune) { printInstead(f, verb, s.seen()) }

// LogValue tells whose second factor is to be set up.
func (s TOTPSetup) LogValue() slog.Value { return slog.AnyValue(s.seen()) }

// MarshalJSON tells whose second factor is to be set up.
func (s TOTPSetup) MarshalJSON() ([]byte, error) { return json.Marshal(s.seen()) }

// Format prints whose second factor is to be confirmed, whatever the verb.
func (c TOTPConfirmation) Format(f fmt.State, verb rune) { printInstead(f, verb, c.seen()) }

// LogValue tells whose second factor is to be confirmed.
func (c TOTPConfirmation) LogValue() slog.Value { return slog.AnyValue(c.seen()) }

// MarshalJSON tells whose second factor is to be confirmed.
func (c TOTPConfirmation) MarshalJSON() ([]byte, error) { return json.Marshal(c.seen()) }

// Format prints who has the second factor, whatever the verb.
func (p SecondFactorProof) Format(f fmt.State, verb rune) { printInstead(f, verb, p.seen()) }

// LogValue tells who has the second factor.
func (p SecondFactorProof) LogValue() slog.Value { return slog.AnyValue(p.seen()) }

// MarshalJSON tells who has the second factor.
func (p SecondFactorProof) MarshalJSON() ([]byte, error) { return json.Marshal(p.seen()) }

// Format prints until when the secret can be confirmed, whatever the verb.
func (s TOTPSecret) Format(f fmt.State, verb rune) { printInstead(f, verb, s.seen()) }

// LogValue tells until when the secret can be confirmed.
func (s TOTPSecret) LogValue() slog.Value { return slog.AnyValue(s.seen()) }

// Format prints how many codes there are, whatever the verb.
func (r RecoveryCodes) Format(f fmt.State, verb rune) { printInstead(f, verb, r.seen()) }

// LogValue tells how many codes there are.
func (r RecoveryCodes) LogValue() slog.Value { return slog.AnyValue(r.seen()) }

// MarshalJSON tells how many codes there are.
func (r RecoveryCodes) MarshalJSON() ([]byte, error) { return json.Marshal(r.seen()) }
