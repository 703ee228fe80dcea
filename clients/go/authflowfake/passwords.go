package authflowfake

import (
	"context"

	"go.authflow.dev/authflow"
)

// ForgotPassword keeps a mail where the user is there. Reasons: [authflow.InvalidArgument].
func (f *Fake) ForgotPassword(ctx context.Context, email string) error {
	release, err := f.begin(ctx)
	if err != nil {
		return err
	}
	defer release()
	var wrong faults
	email = wrong.email("email", email)
	if err := wrong.err(); err != nil {
		return err
	}
	if found := f.users[email]; found != nil {
		f.mail(MailReset, found, email)
	}
	return nil
}

// ResetPassword sets a new password by the token of a mail, or by a challenge and the present password, and ends all
// sessions of the user. Reasons: [authflow.InvalidArgument], [authflow.PasswordPolicy], [authflow.TokenInvalid],
// [authflow.TokenExpired], [authflow.ChallengeInvalid], [authflow.CredentialsInvalid].
func (f *Fake) ResetPassword(ctx context.Context, token, newPassword, currentPassword string) (authflow.PasswordReset, error) {
	release, err := f.begin(ctx)
	if err != nil {
		return authflow.PasswordReset{}, err
	}
	defer release()
	var wrong faults
	wrong.required("token", token)
	wrong.password("newPassword", newPassword)
	if currentPassword != "" {
		wrong.password("currentPassword", currentPassword)
	}
	if err := wrong.err(); err != nil {
		return authflow.PasswordReset{}, err
	}
	if err := requirePolicy(newPassword); err != nil {
		return authflow.PasswordReset{}, err
	}
	reset, err := f.resetBy(token, newPassword, currentPassword)
	if err != nil {
		return authflow.PasswordReset{}, err
	}
	reset.setPassword(newPassword)
	return authflow.PasswordReset{Email: reset.Email, OrgID: reset.OrgID, EndedSessions: f.end(reset, all)}, nil
}

// resetBy is the user of a mail's token, whose address it proves, or of a challenge.
func (f *Fake) resetBy(token, newPassword, currentPassword string) (*user, error) {
	if isChallenge(token) {
		return f.resetByChallenge(token, newPassword, currentPassword)
	}
	mailed, err := f.mailed(token, MailReset)
	if err != nil {
		return nil, err
	}
	reset := mailed.user
	if !reset.verified {
		// Somebody else may have set it up before the address was proven.
		f.takeOffFactor(reset)
	}
	reset.verified, reset.withholdsEmail = true, reset.factor != nil
	return reset, nil
}

// resetByChallenge proves no address.
func (f *Fake) resetByChallenge(token, newPassword, currentPassword string) (*user, error) {
	if currentPassword == "" {
		var wrong faults
		wrong.add("currentPassword", "is required with a challenge")
		return nil, wrong.err()
	}
	found, err := f.open(token, authflow.MethodChangePassword)
	if err != nil {
		return nil, err
	}
	if newPassword == currentPassword {
		err := refusal(authflow.PasswordPolicy)
		err.Message = "The new password must be another one than the present."
		return nil, err
	}
	found.tries++
	if found.user.password != currentPassword {
		return nil, refusal(authflow.CredentialsInvalid)
	}
	return found.user, nil
}
