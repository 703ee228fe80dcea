package authflow_test

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.authflow.dev/authflow"
	"go.authflow.dev/authflow/authflowfake"
)

const another = "Difference-1822"

func TestASecondFactorFromSetupToEnd(t *testing.T) {
	onBoth(t, func(t *testing.T, stand factorStand) {
		ctx := context.Background()
		e := enroll(t, stand)
		for _, code := range e.recoveryCodes {
			if !regexp.MustCompile(`^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$`).MatchString(code) {
				t.Errorf("a recovery code is %s", code)
			}
		}
		account, err := stand.Me(ctx, e.session.Token(), "")
		if err != nil || !account.SecondFactor || account.RecoveryCodesLeft != 10 {
			t.Errorf("got %+v, %v", account, err)
		}
		_, err = stand.EnableTOTP(ctx, authflow.TOTPSetup{SessionToken: e.session.Token()})
		refused(t, err, authflow.SecondFactorAlreadyEnabled)

		_, err = stand.Login(ctx, e.user.Email, password)
		refused(t, err, authflow.SecondFactorRequired)
		_, err = stand.Login(ctx, e.user.Email, another)
		refused(t, err, authflow.CredentialsInvalid)
		challenge := loginChallenge(t, stand, e.user, password, withoutMail)
		// The code that confirmed it is spent.
		_, err = stand.VerifyTOTP(ctx, challenge.Token(), e.code(t))
		refused(t, err, authflow.CodeInvalid)
		code := e.nextCode(t)
		step, err := stand.VerifyTOTP(ctx, challenge.Token(), code)
		session, codesLeft := expectSession(t, stand, step, err)
		if session.Email != e.user.Email || codesLeft != -1 {
			t.Errorf("got %v", session)
		}
		_, err = stand.VerifyTOTP(ctx, challenge.Token(), e.nextCode(t))
		refused(t, err, authflow.ChallengeInvalid)
		_, err = stand.VerifyTOTP(ctx, loginChallenge(t, stand, e.user, password, withoutMail).Token(), code)
		refused(t, err, authflow.CodeInvalid)

		proof := authflow.SecondFactorProof{SessionToken: session.Token(), Code: e.nextCode(t)}
		codes, err := stand.RegenerateRecoveryCodes(ctx, proof)
		if err != nil || len(codes.List()) != 10 || strings.Contains(strings.Join(codes.List(), " "), e.recoveryCodes[0]) {
			t.Errorf("got %d codes, %v", len(codes.List()), err)
		}
		proof.Code = codes.List()[0]
		fatalIf(t, stand.DisableTOTP(ctx, proof))
		_, err = stand.Validate(ctx, e.session.Token(), "")
		refused(t, err, authflow.SessionRevoked)
		refused(t, stand.DisableTOTP(ctx, proof), authflow.SecondFactorNotEnabled)
		step, err = stand.LoginStep(ctx, e.user.Email, password)
		expectSession(t, stand, step, err)
	})
}

func TestConfirmingASecondFactor(t *testing.T) {
	onBoth(t, func(t *testing.T, stand factorStand) {
		ctx := context.Background()
		user := signUp(t, stand)
		session, err := stand.Login(ctx, user.Email, password)
		fatalIf(t, err)
		other, err := stand.Login(ctx, user.Email, password)
		fatalIf(t, err)
		confirm := func(code string) error {
			_, err := stand.ConfirmTOTP(ctx, authflow.TOTPConfirmation{SessionToken: session.Token(), Code: code})
			return err
		}
		refused(t, confirm("123456"), authflow.SecondFactorNotEnabled)
		first, err := stand.EnableTOTP(ctx, authflow.TOTPSetup{SessionToken: session.Token()})
		fatalIf(t, err)
		if left := first.ExpiresAt.Sub(stand.clock(t)); left > 10*time.Minute || left < 9*time.Minute {
			t.Errorf("it expires in %s", left)
		}
		if !strings.HasPrefix(first.OTPAuthURL(), "otpauth://totp/") || !strings.Contains(first.OTPAuthURL(), first.Secret()) ||
			!strings.HasPrefix(first.QRCode(), "data:image/svg+xml") {
			t.Errorf("got %s, %s", first.OTPAuthURL(), first.QRCode())
		}
		latest, err := stand.EnableTOTP(ctx, authflow.TOTPSetup{SessionToken: session.Token(), CurrentPassword: password})
		fatalIf(t, err)
		refused(t, confirm(codeAt(t, first.Secret(), stand.clock(t))), authflow.CodeInvalid)
		// The step before is good, too.
		fatalIf(t, confirm(codeAt(t, latest.Secret(), stand.clock(t).Add(-30*time.Second))))
		refused(t, confirm(codeAt(t, latest.Secret(), stand.clock(t))), authflow.SecondFactorAlreadyEnabled)
		_, err = stand.Validate(ctx, other.Token(), "")
		refused(t, err, authflow.SessionRevoked)

		third := signUp(t, stand)
		session, err = stand.Login(ctx, third.Email, password)
		fatalIf(t, err)
		late, err := stand.EnableTOTP(ctx, authflow.TOTPSetup{SessionToken: session.Token()})
		fatalIf(t, err)
		stand.advance(t, 10*time.Minute)
		refused(t, confirm(codeAt(t, late.Secret(), stand.clock(t))), authflow.SecondFactorNotEnabled)
		stand.advance(t, 6*time.Minute)
		_, err = stand.EnableTOTP(ctx, authflow.TOTPSetup{SessionToken: session.Token()})
		refused(t, err, authflow.ReauthenticationRequired)
		_, err = stand.EnableTOTP(ctx, authflow.TOTPSetup{SessionToken: session.Token(), CurrentPassword: another})
		refused(t, err, authflow.CredentialsInvalid)
		stand.configure(t, authflowfake.Settings{SecondFactor: authflowfake.SecondFactorOff})
		_, err = stand.EnableTOTP(ctx, authflow.TOTPSetup{SessionToken: session.Token(), CurrentPassword: password})
		refused(t, err, authflow.SecondFactorNotEnabled)
		loginChallenge(t, stand, user, password, withoutMail)
	})
}

func TestRecoveryCodes(t *testing.T) {
	onBoth(t, func(t *testing.T, stand factorStand) {
		ctx := context.Background()
		e := enroll(t, stand)
		challenge := loginChallenge(t, stand, e.user, password, withoutMail)
		_, err := stand.VerifyRecoveryCode(ctx, challenge.Token(), "0000-0000-0000-0000")
		refused(t, err, authflow.CodeInvalid)
		spelled := strings.ToLower(strings.NewReplacer("-", " ", "0", "o", "1", "l").Replace(e.recoveryCodes[0]))
		step, err := stand.VerifyRecoveryCode(ctx, challenge.Token(), spelled)
		if _, left := expectSession(t, stand, step, err); left != 9 {
			t.Errorf("%d are left", left)
		}
		challenge = loginChallenge(t, stand, e.user, password, withoutMail)
		_, err = stand.VerifyRecoveryCode(ctx, challenge.Token(), e.recoveryCodes[0])
		refused(t, err, authflow.CodeInvalid)
	})
}

func TestWhatAUserAloneMayDoNeedsACode(t *testing.T) {
	onBoth(t, func(t *testing.T, stand factorStand) {
		ctx := context.Background()
		e := enroll(t, stand)
		token := e.session.Token()
		calls := map[string]func(currentPassword, code string) error{
			"ChangePassword": func(currentPassword, code string) error {
				_, err := stand.ChangePassword(ctx, authflow.PasswordChange{
					SessionToken: token, NewPassword: password, CurrentPassword: currentPassword, Code: code,
				})
				return err
			},
			"ChangeEmail": func(currentPassword, code string) error {
				return stand.ChangeEmail(ctx, authflow.EmailChange{
					SessionToken: token, NewEmail: uniqueName() + "@example.com", CurrentPassword: currentPassword, Code: code,
				})
			},
			"RegenerateRecoveryCodes": func(currentPassword, code string) error {
				_, err := stand.RegenerateRecoveryCodes(ctx, authflow.SecondFactorProof{
					SessionToken: token, CurrentPassword: currentPassword, Code: code,
				})
				return err
			},
		}
		for name, call := range calls {
			refused(t, call(another, e.nextCode(t)), authflow.CredentialsInvalid)
			refused(t, call(password, e.wrongCode(t)), authflow.CodeInvalid)
			if name != "RegenerateRecoveryCodes" {
				refused(t, call(password, ""), authflow.ReauthenticationRequired)
			}
			fatalIf(t, call(password, e.nextCode(t)))
		}
		stand.advance(t, 16*time.Minute)
		for _, call := range calls {
			refused(t, call("", e.nextCode(t)), authflow.ReauthenticationRequired)
			fatalIf(t, call(password, e.nextCode(t)))
		}
		deletion := authflow.AccountDeletion{SessionToken: token, CurrentPassword: password}
		_, err := stand.DeleteAccount(ctx, deletion)
		refused(t, err, authflow.ReauthenticationRequired)
		deletion.Code = e.nextCode(t)
		_, err = stand.DeleteAccount(ctx, deletion)
		fatalIf(t, err)
	})
}
