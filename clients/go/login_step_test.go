package authflow_test

import (
	"context"
	"testing"
	"time"

	"go.authflow.dev/authflow"
	"go.authflow.dev/authflow/authflowfake"
)

func TestAChallengeHasFiveTriesAndTenMinutes(t *testing.T) {
	onBoth(t, func(t *testing.T, stand factorStand) {
		ctx := context.Background()
		e := enroll(t, stand)
		challenge := loginChallenge(t, stand, e.user, password, withoutMail)
		for try := 0; try < 3; try++ {
			_, err := stand.VerifyTOTP(ctx, challenge.Token(), e.wrongCode(t))
			refused(t, err, authflow.CodeInvalid)
		}
		for try := 0; try < 2; try++ {
			_, err := stand.VerifyRecoveryCode(ctx, challenge.Token(), "0000-0000-0000-0000")
			refused(t, err, authflow.CodeInvalid)
		}
		_, err := stand.VerifyTOTP(ctx, challenge.Token(), e.nextCode(t))
		refused(t, err, authflow.ChallengeInvalid)

		late := loginChallenge(t, stand, e.user, password, withoutMail)
		stand.advance(t, 10*time.Minute)
		_, err = stand.VerifyTOTP(ctx, late.Token(), e.code(t))
		refused(t, err, authflow.ChallengeInvalid)

		oldest := loginChallenge(t, stand, e.user, password, withoutMail)
		for more := 0; more < 10; more++ {
			loginChallenge(t, stand, e.user, password, withoutMail)
		}
		_, err = stand.VerifyTOTP(ctx, oldest.Token(), e.code(t))
		refused(t, err, authflow.ChallengeInvalid)

		open := loginChallenge(t, stand, e.user, password, withoutMail)
		_, err = stand.SendEmailCode(ctx, open.Token())
		refused(t, err, authflow.ChallengeInvalid)
		_, err = stand.EnableTOTP(ctx, authflow.TOTPSetup{Challenge: open.Token()})
		refused(t, err, authflow.ChallengeInvalid)
		_, err = stand.ResetPassword(ctx, open.Token(), another, password)
		refused(t, err, authflow.ChallengeInvalid)
		_, err = stand.VerifyTOTP(ctx, "fake", e.code(t))
		refused(t, err, authflow.ChallengeInvalid)
		_, err = stand.ChangePassword(ctx, authflow.PasswordChange{
			SessionToken: e.session.Token(), NewPassword: password, CurrentPassword: password, Code: e.nextCode(t),
		})
		fatalIf(t, err)
		_, err = stand.VerifyTOTP(ctx, open.Token(), e.nextCode(t))
		refused(t, err, authflow.ChallengeInvalid)
	})
}

func TestWrongCodesLock(t *testing.T) {
	onBoth(t, func(t *testing.T, stand factorStand) {
		ctx := context.Background()
		e := enroll(t, stand)
		wrong := func(times int) (challenge authflow.Challenge) {
			t.Helper()
			for try := 0; try < times; try++ {
				if try%5 == 0 {
					challenge = loginChallenge(t, stand, e.user, password, withoutMail)
				}
				_, err := stand.VerifyTOTP(ctx, challenge.Token(), e.wrongCode(t))
				refused(t, err, authflow.CodeInvalid)
			}
			return loginChallenge(t, stand, e.user, password, withoutMail)
		}
		step, err := stand.VerifyTOTP(ctx, wrong(49).Token(), e.nextCode(t))
		session, _ := expectSession(t, stand, step, err)
		challenge := wrong(50)
		_, err = stand.VerifyTOTP(ctx, challenge.Token(), e.nextCode(t))
		if failure := refused(t, err, authflow.AccountLocked); failure.RetryAfter != 0 || failure.HTTPStatus() != 429 {
			t.Errorf("it opens in %s", failure.RetryAfter)
		}
		proof := authflow.SecondFactorProof{SessionToken: session.Token(), CurrentPassword: password, Code: e.nextCode(t)}
		refused(t, stand.DisableTOTP(ctx, proof), authflow.AccountLocked)
		step, err = stand.VerifyRecoveryCode(ctx, challenge.Token(), e.recoveryCodes[0])
		expectSession(t, stand, step, err)
		step, err = stand.VerifyTOTP(ctx, loginChallenge(t, stand, e.user, password, withoutMail).Token(), e.nextCode(t))
		expectSession(t, stand, step, err)

		challenge = wrong(50)
		stand.unlock(t, e.user)
		step, err = stand.VerifyTOTP(ctx, challenge.Token(), e.nextCode(t))
		expectSession(t, stand, step, err)
	})
}

func TestAnOrganizationThatDemandsASecondFactor(t *testing.T) {
	onBoth(t, func(t *testing.T, stand factorStand) {
		ctx := context.Background()
		stand.configure(t, authflowfake.Settings{SecondFactor: authflowfake.SecondFactorRequired})
		user := signUp(t, stand)
		challenge := loginChallenge(t, stand, user, password, setup)
		secret, err := stand.EnableTOTP(ctx, authflow.TOTPSetup{Challenge: challenge.Token()})
		fatalIf(t, err)
		e := &enrolled{factorStand: stand, user: user, secret: secret.Secret()}
		_, err = stand.ConfirmTOTP(ctx, authflow.TOTPConfirmation{Challenge: challenge.Token(), Code: e.wrongCode(t)})
		refused(t, err, authflow.CodeInvalid)
		confirmed, err := stand.ConfirmTOTP(ctx, authflow.TOTPConfirmation{Challenge: challenge.Token(), Code: e.code(t)})
		if err != nil || confirmed.Session == nil || len(confirmed.RecoveryCodes.List()) != 10 {
			t.Fatalf("got %v, %v", confirmed, err)
		}
		expectSession(t, stand, *confirmed.Session, nil)
		loginChallenge(t, stand, user, password, withoutMail)
		stand.resetSecondFactor(t, user)
		_, err = stand.Validate(ctx, confirmed.Session.Token(), "")
		refused(t, err, authflow.SessionRevoked)
		loginChallenge(t, stand, user, password, setup)

		proven := signUp(t, stand)
		proveAddress(t, stand, proven)
		challenge = loginChallenge(t, stand, proven, password, mailAndSetup)
		_, err = stand.EnableTOTP(ctx, authflow.TOTPSetup{Challenge: challenge.Token()})
		refused(t, err, authflow.ChallengeInvalid)
	})
}

func TestAPasswordThatMustBeChanged(t *testing.T) {
	onBoth(t, func(t *testing.T, stand factorStand) {
		ctx := context.Background()
		user := signUp(t, stand)
		stand.setPassword(t, user, another)
		challenge := loginChallenge(t, stand, user, another, newPassword)
		_, err := stand.ResetPassword(ctx, challenge.Token(), password, "Diameter-1791")
		refused(t, err, authflow.CredentialsInvalid)
		_, err = stand.ResetPassword(ctx, challenge.Token(), another, another)
		refused(t, err, authflow.PasswordPolicy)
		_, err = stand.ResetPassword(ctx, challenge.Token(), password, "")
		refused(t, err, authflow.InvalidArgument)
		_, err = stand.ResetPassword(ctx, challenge.Token(), "weak", another)
		refused(t, err, authflow.PasswordPolicy)
		reset, err := stand.ResetPassword(ctx, challenge.Token(), password, another)
		if err != nil || reset.Email != user.Email {
			t.Errorf("got %v, %v", reset, err)
		}
		_, err = stand.ResetPassword(ctx, challenge.Token(), "Diameter-1791", password)
		refused(t, err, authflow.ChallengeInvalid)
		step, err := stand.LoginStep(ctx, user.Email, password)
		session, _ := expectSession(t, stand, step, err)
		account, err := stand.Me(ctx, session.Token(), "")
		if err != nil || account.EmailVerified {
			t.Errorf("it proves the address: %v", err)
		}

		e := enroll(t, stand)
		stand.setPassword(t, e.user, another)
		step, err = stand.VerifyTOTP(ctx, loginChallenge(t, stand, e.user, another, withoutMail).Token(), e.nextCode(t))
		expectChallenge(t, stand, step, err, newPassword)
		step, err = stand.VerifyRecoveryCode(ctx, loginChallenge(t, stand, e.user, another, withoutMail).Token(), e.recoveryCodes[0])
		expectChallenge(t, stand, step, err, newPassword)

		stand.configure(t, authflowfake.Settings{SecondFactor: authflowfake.SecondFactorRequired})
		stand.setPassword(t, user, another)
		challenge = loginChallenge(t, stand, user, another, setup)
		secret, err := stand.EnableTOTP(ctx, authflow.TOTPSetup{Challenge: challenge.Token()})
		fatalIf(t, err)
		confirmed, err := stand.ConfirmTOTP(ctx, authflow.TOTPConfirmation{
			Challenge: challenge.Token(), Code: codeAt(t, secret.Secret(), stand.clock(t)),
		})
		if err != nil || confirmed.Session != nil || len(confirmed.RecoveryCodes.List()) != 10 {
			t.Fatalf("got %v, %v", confirmed, err)
		}
	})
}

func TestWhoMayNotLogIn(t *testing.T) {
	onBoth(t, func(t *testing.T, stand factorStand) {
		ctx := context.Background()
		e := enroll(t, stand)
		stand.setPassword(t, e.user, another)
		stand.configure(t, authflowfake.Settings{RequireVerifiedEmail: true})
		_, err := stand.LoginStep(ctx, e.user.Email, password)
		refused(t, err, authflow.CredentialsInvalid)
		_, err = stand.LoginStep(ctx, e.user.Email, another)
		if failure := refused(t, err, authflow.EmailNotVerified); failure.Challenge != nil || failure.HTTPStatus() != 403 {
			t.Errorf("got %v", failure)
		}
		proveAddress(t, stand, e.user)
		open := loginChallenge(t, stand, e.user, another, withMail)
		stand.disable(t, e.user)
		_, err = stand.LoginStep(ctx, e.user.Email, another)
		refused(t, err, authflow.UserDisabled)
		_, err = stand.VerifyTOTP(ctx, open.Token(), e.nextCode(t))
		refused(t, err, authflow.ChallengeInvalid)
		_, err = stand.SendLoginCode(ctx, e.user.Email)
		refused(t, err, authflow.AccessDenied)
	})
}

func TestAMailboxIsNoSecondFactorBesideItself(t *testing.T) {
	onBoth(t, func(t *testing.T, stand factorStand) {
		ctx := context.Background()
		reset := func(user authflow.User) {
			t.Helper()
			fatalIf(t, stand.ForgotPassword(ctx, user.Email))
			token := stand.mailed(t, fakeStep{Mail: "reset", Email: user.Email, To: user.Email})
			_, err := stand.ResetPassword(ctx, token, password, "")
			fatalIf(t, err)
		}
		e := enroll(t, stand)
		reset(e.user)
		// The first proof of the address takes off what somebody else may have set up.
		step, err := stand.LoginStep(ctx, e.user.Email, password)
		expectSession(t, stand, step, err)

		user := signUp(t, stand)
		proveAddress(t, stand, user)
		session, err := stand.Login(ctx, user.Email, password)
		fatalIf(t, err)
		e = enrollBy(t, stand, user, session)
		loginChallenge(t, stand, e.user, password, withMail)
		reset(e.user)
		challenge := loginChallenge(t, stand, e.user, password, withoutMail)
		step, err = stand.VerifyTOTP(ctx, challenge.Token(), e.nextCode(t))
		expectSession(t, stand, step, err)
		loginChallenge(t, stand, e.user, password, withMail)
	})
}
