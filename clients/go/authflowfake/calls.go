package authflowfake

import (
	"context"

	"go.authflow.dev/authflow"
)

// FooBar gives a nonce that no call asks for. Reasons: [authflow.InvalidArgument].
func (f *Fake) FooBar(ctx context.Context, email string) (authflow.Nonce, error) {
	release, err := f.begin(ctx)
	if err != nil {
		return authflow.Nonce{}, err
	}
	defer release()
	var wrong faults
	wrong.email("identity", email)
	if err := wrong.err(); err != nil {
		return authflow.Nonce{}, err
	}
	return authflow.NewNonce("fake."+newID(), f.endAfter(nonceTTL)), nil
}

// SignUp makes a user. Reasons: [authflow.InvalidArgument], [authflow.PasswordPolicy], [authflow.DisclaimerRequired],
// [authflow.UserExists].
func (f *Fake) SignUp(ctx context.Context, newUser authflow.NewUser) (authflow.User, error) {
	release, err := f.begin(ctx)
	if err != nil {
		return authflow.User{}, err
	}
	defer release()
	var wrong faults
	email := wrong.email("email", newUser.Email)
	wrong.password("password", newUser.Password)
	fullName := wrong.line("fullname", newUser.FullName)
	if err := wrong.err(); err != nil {
		return authflow.User{}, err
	}
	if err := requirePolicy(newUser.Password); err != nil {
		return authflow.User{}, err
	}
	if !newUser.Disclaimed {
		return authflow.User{}, refusal(authflow.DisclaimerRequired)
	}
	if f.users[email] != nil {
		return authflow.User{}, refusal(authflow.UserExists)
	}
	made := authflow.User{UserID: newID(), Email: email, FullName: fullName, OrgID: f.orgID}
	f.users[email] = &user{User: made, password: newUser.Password, createdAt: f.endAfter(0)}
	return made, nil
}

// Login checks a password and opens a session of seven days, whatever session the device had before. Reasons:
// [authflow.InvalidArgument], [authflow.UserNotFound], [authflow.CredentialsInvalid], [authflow.UserDisabled],
// [authflow.EmailNotVerified], [authflow.SecondFactorRequired], [authflow.PasswordChangeRequired].
func (f *Fake) Login(ctx context.Context, email, password string) (authflow.Session, error) {
	release, err := f.begin(ctx)
	if err != nil {
		return authflow.Session{}, err
	}
	defer release()
	var wrong faults
	email = wrong.email("email", email)
	wrong.password("password", password)
	if err := wrong.err(); err != nil {
		return authflow.Session{}, err
	}
	found := f.users[email]
	if found == nil {
		return authflow.Session{}, refusal(authflow.UserNotFound)
	}
	if found.password != password {
		return authflow.Session{}, refusal(authflow.CredentialsInvalid)
	}
	switch {
	case found.disabled:
		return authflow.Session{}, refusal(authflow.UserDisabled)
	case f.settings.RequireVerifiedEmail && !found.verified:
		return authflow.Session{}, refusal(authflow.EmailNotVerified)
	}
	return f.goOn(ctx, found, proven{password: true}, false)
}

// Validate tells whose live session a token is. Reasons: [authflow.InvalidArgument], [authflow.SessionInvalid],
// [authflow.SessionExpired], [authflow.SessionRevoked].
func (f *Fake) Validate(ctx context.Context, sessionToken, email string) (authflow.SessionUser, error) {
	release, err := f.begin(ctx)
	if err != nil {
		return authflow.SessionUser{}, err
	}
	defer release()
	var wrong faults
	email = wrong.session(sessionToken, email)
	if err := wrong.err(); err != nil {
		return authflow.SessionUser{}, err
	}
	live, err := f.live(sessionToken, email)
	if err != nil {
		return authflow.SessionUser{}, err
	}
	return live.sessionUser(), nil
}

// ChangePassword sets a new password and ends the user's other sessions. Reasons: [authflow.InvalidArgument],
// [authflow.PasswordPolicy], [authflow.SessionInvalid], [authflow.SessionExpired], [authflow.SessionRevoked],
// [authflow.CredentialsInvalid]; of a user with a second factor [authflow.ReauthenticationRequired],
// [authflow.CodeInvalid], [authflow.AccountLocked].
func (f *Fake) ChangePassword(ctx context.Context, change authflow.PasswordChange) (endedSessions uint32, err error) {
	release, err := f.begin(ctx)
	if err != nil {
		return 0, err
	}
	defer release()
	var wrong faults
	email := wrong.session(change.SessionToken, change.Email)
	wrong.password("newPassword", change.NewPassword)
	if change.CurrentPassword != "" {
		wrong.password("currentPassword", change.CurrentPassword)
	}
	code := wrong.code("code", change.Code)
	if err := wrong.err(); err != nil {
		return 0, err
	}
	if err := requirePolicy(change.NewPassword); err != nil {
		return 0, err
	}
	own, err := f.live(change.SessionToken, email)
	if err != nil {
		return 0, err
	}
	changed := own.session.user
	switch {
	case changed.factor != nil:
		if err := f.requireProof(own.session, change.CurrentPassword, code); err != nil {
			return 0, err
		}
	case change.CurrentPassword != "" && change.CurrentPassword != changed.password:
		return 0, refusal(authflow.CredentialsInvalid)
	}
	changed.setPassword(change.NewPassword)
	return f.end(changed, func(each *session) bool { return each != own.session }), nil
}

// Logout ends a session; ending one again is a success. Reasons: [authflow.InvalidArgument], [authflow.SessionInvalid].
func (f *Fake) Logout(ctx context.Context, sessionToken, email string) error {
	release, err := f.begin(ctx)
	if err != nil {
		return err
	}
	defer release()
	var wrong faults
	email = wrong.session(sessionToken, email)
	if err := wrong.err(); err != nil {
		return err
	}
	own, err := f.known(sessionToken, email)
	if err == nil {
		own.session.ended = true
	}
	return err
}
