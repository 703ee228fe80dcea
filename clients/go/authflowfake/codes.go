package authflowfake

import (
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"go.authflow.dev/authflow"
)

const (
	recoveryCodeCount = 10
	recoveryCodeBytes = 10
	// mostWrongCodes in a row, over all calls that take one: then none is compared any more.
	mostWrongCodes = 50
	// mostWrongRecoveryCodes are those that are compared even then.
	mostWrongRecoveryCodes = 20
)

// secondFactor is one that is confirmed.
type secondFactor struct {
	key []byte
	// lastStep is that of the code that was taken last.
	lastStep int64
	// recoveryCodes are those that are left, in their plain form.
	recoveryCodes map[string]bool
}

// pendingSecret is one that is to be confirmed.
type pendingSecret struct {
	key       []byte
	expiresAt time.Time
}

var crockford = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// renewRecoveryCodes makes new codes in the place of those before.
func (s *secondFactor) renewRecoveryCodes() authflow.RecoveryCodes {
	s.recoveryCodes = map[string]bool{}
	codes := []string{}
	for len(codes) < recoveryCodeCount {
		plain := crockford.EncodeToString(random(recoveryCodeBytes))
		s.recoveryCodes[plain] = true
		codes = append(codes, strings.Join([]string{plain[:4], plain[4:8], plain[8:12], plain[12:]}, "-"))
	}
	return authflow.NewRecoveryCodes(codes...)
}

// spendTOTP takes a code of the authenticator app, once.
func (f *Fake) spendTOTP(of *user, code string) error {
	return of.tryCode(func() bool {
		step, ok := f.stepOfCode(of.factor.key, code, of.factor.lastStep)
		if ok {
			of.factor.lastStep = step
			of.withholdsEmail = false
		}
		return ok
	})
}

// spendRecoveryCode takes a recovery code, once. It opens what wrong codes locked.
func (f *Fake) spendRecoveryCode(of *user, code string) error {
	if of.wrongRecoveryCodes >= mostWrongRecoveryCodes {
		return refusal(authflow.AccountLocked)
	}
	of.wrongRecoveryCodes++
	if !of.factor.recoveryCodes[code] {
		return refusal(authflow.CodeInvalid)
	}
	delete(of.factor.recoveryCodes, code)
	of.wrongCodes, of.wrongRecoveryCodes, of.withholdsEmail = 0, 0, false
	return nil
}

// spendCode takes either, as calls of a session do.
func (f *Fake) spendCode(of *user, code string) error {
	if len(code) == totpDigits {
		return f.spendTOTP(of, code)
	}
	return f.spendRecoveryCode(of, code)
}

// tryCode counts a try before it compares; a right code alone begins the count anew.
func (u *user) tryCode(isRight func() bool) error {
	if u.wrongCodes >= mostWrongCodes {
		return refusal(authflow.AccountLocked)
	}
	u.wrongCodes++
	if !isRight() {
		return refusal(authflow.CodeInvalid)
	}
	u.wrongCodes = 0
	return nil
}

func (u *user) recoveryCodesLeft() uint32 {
	if u.factor == nil {
		return 0
	}
	return uint32(len(u.factor.recoveryCodes))
}

// setFactor takes a factor in the place of the one before, nil for none, and begins all counts anew.
func (u *user) setFactor(factor *secondFactor) {
	if u.factor != nil || factor != nil {
		u.credentialVersion++
	}
	u.factor, u.pending = factor, nil
	u.wrongCodes, u.wrongRecoveryCodes, u.withholdsEmail = 0, 0, false
}

// takeOffFactor leaves nothing of a factor, nor of one that is set up.
func (f *Fake) takeOffFactor(of *user) {
	for _, each := range f.challengesOf(of) {
		f.spend(each)
	}
	of.setFactor(nil)
}

// newEmailCode is of six digits.
func newEmailCode() string {
	return fmt.Sprintf("%06d", binary.BigEndian.Uint64(random(8))%1_000_000)
}
