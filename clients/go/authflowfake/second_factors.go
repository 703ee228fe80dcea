package authflowfake

import (
	"context"
	"time"

	"go.authflow.dev/authflow"
)

const (
	pendingTTL = 10 * time.Minute
	keyBytes   = 20
)

// EnableTOTP makes a secret that waits to be confirmed. Reasons: [authflow.InvalidArgument], [authflow.SessionInvalid],
// [authflow.SessionExpired], [authflow.SessionRevoked], [authflow.ChallengeInvalid], [authflow.CredentialsInvalid],
// [authflow.ReauthenticationRequired], [authflow.SecondFactorAlreadyEnabled], [authflow.SecondFactorNotEnabled].
func (f *Fake) EnableTOTP(ctx context.Context, setup authflow.TOTPSetup) (authflow.TOTPSecret, error) {
	release, err := f.begin(ctx)
	if err != nil {
		return authflow.TOTPSecret{}, err
	}
	defer release()
	var wrong faults
	owner, err := f.owner(&wrong, setup.Challenge, setup.SessionToken, setup.Email)
	if err != nil {
		return authflow.TOTPSecret{}, err
	}
	switch {
	case owner.user.factor != nil:
		return authflow.TOTPSecret{}, refusal(authflow.SecondFactorAlreadyEnabled)
	case f.settings.SecondFactor == SecondFactorOff:
		return authflow.TOTPSecret{}, refusal(authflow.SecondFactorNotEnabled)
	}
	if owner.session != nil {
		if err := f.requireFreshProof(owner.session, setup.CurrentPassword); err != nil {
			return authflow.TOTPSecret{}, err
		}
	}
	owner.user.pending = &pendingSecret{key: random(keyBytes), expiresAt: f.endAfter(pendingTTL)}
	return owner.user.pending.shown(owner.user), nil
}

// ConfirmTOTP makes the new secret the user's second factor, and ends the user's other sessions. Reasons:
// [authflow.InvalidArgument], [authflow.SessionInvalid], [authflow.SessionExpired], [authflow.SessionRevoked],
// [authflow.ChallengeInvalid], [authflow.CodeInvalid], [authflow.AccountLocked], [authflow.SecondFactorAlreadyEnabled],
// [authflow.SecondFactorNotEnabled].
func (f *Fake) ConfirmTOTP(ctx context.Context, confirmation authflow.TOTPConfirmation) (authflow.ConfirmedTOTP, error) {
	release, err := f.begin(ctx)
	if err != nil {
		return authflow.ConfirmedTOTP{}, err
	}
	defer release()
	var wrong faults
	code := wrong.digits("code", confirmation.Code)
	owner, err := f.owner(&wrong, confirmation.Challenge, confirmation.SessionToken, confirmation.Email)
	if err != nil {
		return authflow.ConfirmedTOTP{}, err
	}
	if owner.challenge != nil {
		owner.challenge.tries++
	}
	pending := owner.user.pending
	switch {
	case owner.user.factor != nil:
		return authflow.ConfirmedTOTP{}, refusal(authflow.SecondFactorAlreadyEnabled)
	case pending == nil || !f.now().Before(pending.expiresAt):
		return authflow.ConfirmedTOTP{}, refusal(authflow.SecondFactorNotEnabled)
	}
	made := &secondFactor{key: pending.key}
	if err := owner.user.tryCode(func() (ok bool) {
		made.lastStep, ok = f.stepOfCode(made.key, code, 0)
		return ok
	}); err != nil {
		return authflow.ConfirmedTOTP{}, err
	}
	if f.settings.SecondFactor == SecondFactorOff {
		return authflow.ConfirmedTOTP{}, refusal(authflow.SecondFactorNotEnabled)
	}
	owner.user.setFactor(made)
	f.end(owner.user, func(each *session) bool { return each != owner.session })
	confirmed := authflow.ConfirmedTOTP{RecoveryCodes: made.renewRecoveryCodes()}
	if owner.challenge != nil && !owner.user.mustChange {
		opened := f.openSession(ctx, owner.user)
		confirmed.Session = &opened
	}
	return confirmed, nil
}

// DisableTOTP takes the second factor off, and ends the user's other sessions. Reasons: [authflow.InvalidArgument],
// [authflow.SessionInvalid], [authflow.SessionExpired], [authflow.SessionRevoked], [authflow.CredentialsInvalid],
// [authflow.ReauthenticationRequired], [authflow.CodeInvalid], [authflow.AccountLocked], [authflow.SecondFactorNotEnabled].
func (f *Fake) DisableTOTP(ctx context.Context, proof authflow.SecondFactorProof) error {
	release, err := f.begin(ctx)
	if err != nil {
		return err
	}
	defer release()
	own, err := f.provenFactor(proof)
	if err != nil {
		return err
	}
	f.takeOffFactor(own.user)
	f.end(own.user, func(each *session) bool { return each != own })
	return nil
}

// RegenerateRecoveryCodes gives new recovery codes in the place of those before. Reasons: as [Fake.DisableTOTP].
func (f *Fake) RegenerateRecoveryCodes(ctx context.Context, proof authflow.SecondFactorProof) (authflow.RecoveryCodes, error) {
	release, err := f.begin(ctx)
	if err != nil {
		return authflow.RecoveryCodes{}, err
	}
	defer release()
	own, err := f.provenFactor(proof)
	if err != nil {
		return authflow.RecoveryCodes{}, err
	}
	own.user.credentialVersion++
	return own.user.factor.renewRecoveryCodes(), nil
}

// factorOwner is who sets a second factor up, by a session or by a challenge.
type factorOwner struct {
	user      *user
	session   *session
	challenge *loginChallenge
}

func (f *Fake) owner(wrong *faults, challenge, token, email string) (factorOwner, error) {
	if challenge == "" {
		live, err := f.liveBy(wrong, token, email)
		if err != nil {
			return factorOwner{}, err
		}
		return factorOwner{user: live.session.user, session: live.session}, nil
	}
	wrong.required("challenge", challenge)
	if err := wrong.err(); err != nil {
		return factorOwner{}, err
	}
	found, err := f.open(challenge, authflow.MethodSetup)
	if err != nil {
		return factorOwner{}, err
	}
	return factorOwner{user: found.user, challenge: found}, nil
}

// provenFactor is the session of who has a second factor and has proven it.
func (f *Fake) provenFactor(proof authflow.SecondFactorProof) (*session, error) {
	var wrong faults
	code := wrong.code("code", proof.Code)
	if code == "" {
		wrong.add("code", "is required")
	}
	live, err := f.liveBy(&wrong, proof.SessionToken, proof.Email)
	if err != nil {
		return nil, err
	}
	if live.session.user.factor == nil {
		return nil, refusal(authflow.SecondFactorNotEnabled)
	}
	return live.session, f.requireProof(live.session, proof.CurrentPassword, code)
}

// requireProof is what a session gives for what its user alone may do: a fresh proof, and a code where there is a second
// factor.
func (f *Fake) requireProof(of *session, currentPassword, code string) error {
	if of.user.factor != nil && code == "" {
		return refusal(authflow.ReauthenticationRequired)
	}
	if err := f.requireFreshProof(of, currentPassword); err != nil || of.user.factor == nil {
		return err
	}
	return f.spendCode(of.user, code)
}
