package authflowfake

import (
	"context"
	"time"

	"go.authflow.dev/authflow"
)

const emailCodeTTL = 10 * time.Minute

// LoginStep checks a password as [Fake.Login] does; what needs more is no error. Reasons: [authflow.InvalidArgument],
// [authflow.UserNotFound], [authflow.CredentialsInvalid], [authflow.UserDisabled], [authflow.EmailNotVerified].
func (f *Fake) LoginStep(ctx context.Context, email, password string) (authflow.LoginStep, error) {
	return authflow.NewLoginStep(f.Login(ctx, email, password))
}

// SendLoginCode keeps a mail with a code where the user is there, and gives a challenge to everybody. Reasons:
// [authflow.InvalidArgument], [authflow.AccessDenied].
func (f *Fake) SendLoginCode(ctx context.Context, email string) (authflow.Challenge, error) {
	release, err := f.begin(ctx)
	if err != nil {
		return authflow.Challenge{}, err
	}
	defer release()
	var wrong faults
	email = wrong.email("email", email)
	if err := wrong.err(); err != nil {
		return authflow.Challenge{}, err
	}
	if !f.settings.LoginByEmail {
		return authflow.Challenge{}, refusal(authflow.AccessDenied)
	}
	made := f.newChallenge(asksForCode, f.users[email], proven{})
	if f.counts(made) {
		f.mailCode(MailLoginCode, made)
	}
	return made.shown(""), nil
}

// VerifyTOTP answers a challenge by a code of the authenticator app. Reasons: [authflow.InvalidArgument],
// [authflow.ChallengeInvalid], [authflow.CodeInvalid], [authflow.AccountLocked].
func (f *Fake) VerifyTOTP(ctx context.Context, challenge, code string) (authflow.LoginStep, error) {
	var wrong faults
	wrong.required("challenge", challenge)
	code = wrong.digits("code", code)
	return authflow.NewLoginStep(f.answer(ctx, &wrong, challenge, authflow.MethodTOTP, func(to *loginChallenge) error {
		return f.spendTOTP(to.user, code)
	}))
}

// VerifyRecoveryCode answers a challenge by a recovery code. Reasons: [authflow.InvalidArgument],
// [authflow.ChallengeInvalid], [authflow.CodeInvalid], [authflow.AccountLocked].
func (f *Fake) VerifyRecoveryCode(ctx context.Context, challenge, recoveryCode string) (authflow.LoginStep, error) {
	var wrong faults
	wrong.required("challenge", challenge)
	recoveryCode = wrong.recoveryCode("recovery_code", recoveryCode)
	var left uint32
	session, err := f.answer(ctx, &wrong, challenge, authflow.MethodRecovery, func(to *loginChallenge) error {
		err := f.spendRecoveryCode(to.user, recoveryCode)
		left = to.user.recoveryCodesLeft()
		return err
	})
	session.RecoveryCodesLeft = &left
	return authflow.NewLoginStep(session, err)
}

// SendEmailCode keeps a mail with a code. Reasons: [authflow.InvalidArgument], [authflow.ChallengeInvalid].
func (f *Fake) SendEmailCode(ctx context.Context, challenge string) (expiresAt time.Time, err error) {
	release, err := f.begin(ctx)
	if err != nil {
		return time.Time{}, err
	}
	defer release()
	var wrong faults
	wrong.required("challenge", challenge)
	if err := wrong.err(); err != nil {
		return time.Time{}, err
	}
	found, err := f.open(challenge, authflow.MethodEmail)
	if err != nil || found.kind == asksForCode {
		return time.Time{}, refusal(authflow.ChallengeInvalid)
	}
	f.mailCode(MailSecondFactorCode, found)
	return found.codeExpiresAt, nil
}

// VerifyEmailCode answers a challenge by the code of a mail. Reasons: [authflow.InvalidArgument],
// [authflow.ChallengeInvalid], [authflow.CodeInvalid], [authflow.AccountLocked].
func (f *Fake) VerifyEmailCode(ctx context.Context, challenge, code string) (authflow.LoginStep, error) {
	var wrong faults
	wrong.required("challenge", challenge)
	code = wrong.digits("code", code)
	return authflow.NewLoginStep(f.answer(ctx, &wrong, challenge, authflow.MethodEmail, func(to *loginChallenge) error {
		isRight := func() bool { return to.code == code && f.now().Before(to.codeExpiresAt) && f.counts(to) }
		if to.kind != asksForCode {
			return to.user.tryCode(isRight)
		}
		// Wrong ones are no wrong codes of the user's second factor.
		if !isRight() {
			return refusal(authflow.CodeInvalid)
		}
		to.user.verified = true
		return nil
	}))
}

// answer takes a try of a challenge, and goes on where the code is right.
func (f *Fake) answer(
	ctx context.Context, wrong *faults, token string, method authflow.ChallengeMethod, spendCode func(*loginChallenge) error,
) (authflow.Session, error) {
	release, err := f.begin(ctx)
	if err != nil {
		return authflow.Session{}, err
	}
	defer release()
	if err := wrong.err(); err != nil {
		return authflow.Session{}, err
	}
	found, err := f.open(token, method)
	if err != nil {
		return authflow.Session{}, err
	}
	found.tries++
	if err := spendCode(found); err != nil {
		return authflow.Session{}, err
	}
	f.spend(found)
	found.proven.email = found.proven.email || method == authflow.MethodEmail
	return f.goOn(ctx, found.user, found.proven, found.kind == asksForSecondFactor && found.user.factor != nil)
}

// goOn opens a session unless something is left to be done, in a server's order.
func (f *Fake) goOn(ctx context.Context, of *user, have proven, hasFactor bool) (authflow.Session, error) {
	switch {
	case !hasFactor && (of.factor != nil || f.settings.SecondFactor == SecondFactorRequired):
		return authflow.Session{}, f.challengeTo(asksForSecondFactor, of, have, authflow.SecondFactorRequired)
	case of.mustChange:
		return authflow.Session{}, f.challengeTo(asksForPassword, of, have, authflow.PasswordChangeRequired)
	default:
		return f.openSession(ctx, of), nil
	}
}

// challengeTo is the refusal of a login that needs more.
func (f *Fake) challengeTo(kind challengeKind, of *user, have proven, reason authflow.Reason) error {
	shown := f.newChallenge(kind, of, have).shown(reason)
	err := refusal(reason)
	err.Challenge = &shown
	return err
}

// mailCode keeps a mail with a new code for a challenge; those before are void.
func (f *Fake) mailCode(kind MailKind, to *loginChallenge) {
	for _, each := range f.challenges {
		if each.user == to.user {
			each.code = ""
		}
	}
	to.code, to.codeExpiresAt = newEmailCode(), f.endAfter(emailCodeTTL)
	if to.codeExpiresAt.After(to.expiresAt) {
		to.codeExpiresAt = to.expiresAt
	}
	f.mails = append(f.mails, Mail{Kind: kind, To: to.user.Email, Code: to.code})
}
