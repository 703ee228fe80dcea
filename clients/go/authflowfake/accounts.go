package authflowfake

import (
	"context"
	"time"

	"go.authflow.dev/authflow"
)

const (
	// A server's: the age that sessions reach by being renewed, and how long a login is a fresh proof.
	sessionMaxAge = 30 * 24 * time.Hour
	freshFor      = 15 * time.Minute
)

// Me tells all about the user of a live session. Reasons: [authflow.InvalidArgument], [authflow.SessionInvalid],
// [authflow.SessionExpired], [authflow.SessionRevoked].
func (f *Fake) Me(ctx context.Context, sessionToken, email string) (authflow.Account, error) {
	release, err := f.begin(ctx)
	if err != nil {
		return authflow.Account{}, err
	}
	defer release()
	var wrong faults
	live, err := f.liveBy(&wrong, sessionToken, email)
	if err != nil {
		return authflow.Account{}, err
	}
	return live.account(), nil
}

// SendVerificationEmail keeps a mail where the user is there and not verified. Reasons: [authflow.InvalidArgument].
func (f *Fake) SendVerificationEmail(ctx context.Context, email string) error {
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
	if found := f.users[email]; found != nil && !found.verified {
		f.mail(MailVerify, found, email)
	}
	return nil
}

// VerifyEmail takes the token of a mail. Reasons: [authflow.InvalidArgument], [authflow.TokenInvalid],
// [authflow.TokenExpired], [authflow.UserExists].
func (f *Fake) VerifyEmail(ctx context.Context, token string) (authflow.VerifiedEmail, error) {
	release, err := f.begin(ctx)
	if err != nil {
		return authflow.VerifiedEmail{}, err
	}
	defer release()
	var wrong faults
	wrong.required("token", token)
	if err := wrong.err(); err != nil {
		return authflow.VerifiedEmail{}, err
	}
	mailed, err := f.mailed(token, MailVerify, MailChangeEmail)
	if err != nil {
		return authflow.VerifiedEmail{}, err
	}
	verified := mailed.user
	if mailed.kind == MailChangeEmail {
		if f.users[mailed.newEmail] != nil {
			return authflow.VerifiedEmail{}, refusal(authflow.UserExists)
		}
		delete(f.users, verified.Email)
		f.users[mailed.newEmail] = verified
		verified.Email = mailed.newEmail
		verified.credentialVersion++
		f.end(verified, all)
	}
	verified.verified = true
	return authflow.VerifiedEmail{Email: verified.Email, UserID: verified.UserID, OrgID: verified.OrgID}, nil
}

// RenewSession gives another token of a live session, for seven days from now. Reasons: [authflow.InvalidArgument], [authflow.SessionInvalid],
// [authflow.SessionExpired], [authflow.SessionRevoked].
func (f *Fake) RenewSession(ctx context.Context, sessionToken, email string) (authflow.Session, error) {
	release, err := f.begin(ctx)
	if err != nil {
		return authflow.Session{}, err
	}
	defer release()
	var wrong faults
	live, err := f.liveBy(&wrong, sessionToken, email)
	if err != nil {
		return authflow.Session{}, err
	}
	renewed, latest := f.endAfter(sessionTTL), live.session.createdAt.Add(sessionMaxAge)
	if renewed.After(latest) {
		renewed = latest
	}
	if renewed.Sub(live.session.expiresAt) >= sessionTTL/8 {
		live.session.expiresAt = renewed
	}
	return f.tokenFor(live.session), nil
}

// ListMySessions lists the live sessions of the session's user, newest first. Reasons: [authflow.InvalidArgument], [authflow.SessionInvalid],
// [authflow.SessionExpired], [authflow.SessionRevoked].
func (f *Fake) ListMySessions(ctx context.Context, sessionToken, email string) ([]authflow.MySession, error) {
	release, err := f.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	var wrong faults
	live, err := f.liveBy(&wrong, sessionToken, email)
	if err != nil {
		return nil, err
	}
	own := []authflow.MySession{}
	for at := len(f.sessions) - 1; at >= 0; at-- {
		each := f.sessions[at]
		if each.user != live.session.user || !f.isLive(each) {
			continue
		}
		own = append(own, authflow.MySession{
			SessionID:  each.id,
			CreatedAt:  each.createdAt,
			LastUsedAt: each.createdAt,
			ExpiresAt:  each.expiresAt,
			ClientIP:   each.visitor.ClientIP,
			UserAgent:  each.visitor.UserAgent,
			Current:    each == live.session,
		})
	}
	return own, nil
}

// EndMySessions ends one session of the session's user, or all others. Reasons: [authflow.InvalidArgument], [authflow.SessionInvalid],
// [authflow.SessionExpired], [authflow.SessionRevoked].
func (f *Fake) EndMySessions(ctx context.Context, sessionToken, email, sessionID string) (endedSessions uint32, err error) {
	release, err := f.begin(ctx)
	if err != nil {
		return 0, err
	}
	defer release()
	var wrong faults
	live, err := f.liveBy(&wrong, sessionToken, email)
	if err != nil {
		return 0, err
	}
	return f.end(live.session.user, func(each *session) bool {
		return sessionID == "" && each != live.session || each.id == sessionID
	}), nil
}

// UpdateProfile changes the name of the session's user. Reasons: [authflow.InvalidArgument], [authflow.SessionInvalid],
// [authflow.SessionExpired], [authflow.SessionRevoked].
func (f *Fake) UpdateProfile(ctx context.Context, sessionToken, email, fullName string) (authflow.Account, error) {
	release, err := f.begin(ctx)
	if err != nil {
		return authflow.Account{}, err
	}
	defer release()
	var wrong faults
	fullName = wrong.line("fullname", fullName)
	live, err := f.liveBy(&wrong, sessionToken, email)
	if err != nil {
		return authflow.Account{}, err
	}
	live.session.user.FullName = fullName
	return live.account(), nil
}

// ChangeEmail keeps a mail to the new address. Reasons: [authflow.InvalidArgument], [authflow.SessionInvalid],
// [authflow.SessionExpired], [authflow.SessionRevoked], [authflow.CredentialsInvalid],
// [authflow.ReauthenticationRequired], [authflow.CodeInvalid], [authflow.AccountLocked].
func (f *Fake) ChangeEmail(ctx context.Context, change authflow.EmailChange) error {
	release, err := f.begin(ctx)
	if err != nil {
		return err
	}
	defer release()
	var wrong faults
	newEmail := wrong.email("newEmail", change.NewEmail)
	code := wrong.code("code", change.Code)
	live, err := f.liveBy(&wrong, change.SessionToken, change.Email)
	if err != nil {
		return err
	}
	if err := f.requireProof(live.session, change.CurrentPassword, code); err != nil {
		return err
	}
	f.mail(MailChangeEmail, live.session.user, newEmail)
	return nil
}

// DeleteAccount removes the session's user. Reasons: [authflow.InvalidArgument], [authflow.SessionInvalid],
// [authflow.SessionExpired], [authflow.SessionRevoked], [authflow.CredentialsInvalid],
// [authflow.ReauthenticationRequired], [authflow.CodeInvalid], [authflow.AccountLocked].
func (f *Fake) DeleteAccount(ctx context.Context, deletion authflow.AccountDeletion) (endedSessions uint32, err error) {
	release, err := f.begin(ctx)
	if err != nil {
		return 0, err
	}
	defer release()
	var wrong faults
	code := wrong.code("code", deletion.Code)
	live, err := f.liveBy(&wrong, deletion.SessionToken, deletion.Email)
	if err != nil {
		return 0, err
	}
	if err := f.requireProof(live.session, deletion.CurrentPassword, code); err != nil {
		return 0, err
	}
	delete(f.users, live.session.user.Email)
	return f.end(live.session.user, all), nil
}

func (f *Fake) requireFreshProof(of *session, currentPassword string) error {
	switch {
	case currentPassword != "" && currentPassword != of.user.password:
		return refusal(authflow.CredentialsInvalid)
	case currentPassword == "" && f.now().Sub(of.createdAt) > freshFor:
		return refusal(authflow.ReauthenticationRequired)
	default:
		return nil
	}
}

func (t sessionToken) account() authflow.Account {
	account := authflow.Account{SessionUser: t.sessionUser(), CreatedAt: t.session.user.createdAt}
	account.SecondFactor, account.RecoveryCodesLeft = t.session.user.factor != nil, t.session.user.recoveryCodesLeft()
	return account
}

func all(*session) bool { return true }
