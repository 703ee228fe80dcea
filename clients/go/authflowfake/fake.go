// Package authflowfake is AuthFlow for tests: the calls of a client with users and sessions in memory, and no server.
//
// It refuses what a server refuses, with the same reasons. It does not hash, bound, lock or persist, its sessions never
// expire, and it takes fewer e-mails: none with a domain beyond ASCII. Its tokens begin with "fake.", and every server
// refuses them. Keep it out of what you deploy.
package authflowfake

import (
	"context"
	"sync"
	"time"

	"go.authflow.dev/authflow"
	"google.golang.org/grpc/codes"
)

const (
	sessionTTL = 7 * 24 * time.Hour
	nonceTTL   = 5 * time.Minute
)

// Fake is an [authflow.Authenticator] for one organization of its own. It is safe for concurrent use.
type Fake struct {
	orgID string

	mu          sync.Mutex
	unreachable bool
	users       map[string]*user
	sessions    map[string]*session
}

type user struct {
	authflow.User
	password string
}

type session struct {
	authflow.SessionUser
	ended bool
}

var _ authflow.Authenticator = (*Fake)(nil)

// New makes a fake without users.
func New() *Fake {
	return &Fake{orgID: newID(), users: map[string]*user{}, sessions: map[string]*session{}}
}

// SetUnreachable makes every call from now on fail as it does where no server can be reached, or lets calls work again.
func (f *Fake) SetUnreachable(unreachable bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.unreachable = unreachable
}

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
	return authflow.NewNonce("fake."+newID(), endAfter(nonceTTL)), nil
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
	f.users[email] = &user{made, newUser.Password}
	return made, nil
}

// Login checks a password and opens a session of seven days, whatever session the device had before. Reasons:
// [authflow.InvalidArgument], [authflow.UserNotFound], [authflow.CredentialsInvalid].
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
	opened := &session{SessionUser: authflow.SessionUser{User: found.User, SessionID: newID(), ExpiresAt: endAfter(sessionTTL)}}
	token := newToken(opened.SessionUser)
	f.sessions[token] = opened
	return authflow.NewSession(found.User, token, opened.ExpiresAt), nil
}

// Validate tells whose live session a token is. Reasons: [authflow.InvalidArgument], [authflow.SessionInvalid],
// [authflow.SessionRevoked].
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
	return live.SessionUser, nil
}

// ChangePassword sets a new password and ends the user's other sessions. Reasons: [authflow.InvalidArgument],
// [authflow.PasswordPolicy], [authflow.SessionInvalid], [authflow.SessionRevoked], [authflow.CredentialsInvalid].
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
	changed := f.users[own.Email]
	if change.CurrentPassword != "" && change.CurrentPassword != changed.password {
		return 0, refusal(authflow.CredentialsInvalid)
	}
	changed.password = change.NewPassword
	for _, other := range f.sessions {
		if other != own && other.UserID == own.UserID && !other.ended {
			other.ended = true
			endedSessions++
		}
	}
	return endedSessions, nil
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
		own.ended = true
	}
	return err
}

// begin locks the fake for a call, unless the call fails before it reaches a server.
func (f *Fake) begin(ctx context.Context) (release func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, authflow.DecodeError(err)
	}
	f.mu.Lock()
	if f.unreachable {
		f.mu.Unlock()
		return nil, &authflow.Error{Code: codes.Unavailable, Message: "no connection to the fake: it was made unreachable"}
	}
	return f.mu.Unlock, nil
}

func (f *Fake) known(sessionToken, email string) (*session, error) {
	found := f.sessions[sessionToken]
	if found == nil || found.Email != email {
		return nil, refusal(authflow.SessionInvalid)
	}
	return found, nil
}

func (f *Fake) live(sessionToken, email string) (*session, error) {
	found, err := f.known(sessionToken, email)
	if err == nil && found.ended {
		return nil, refusal(authflow.SessionRevoked)
	}
	return found, err
}

// endAfter is in whole seconds, as the wire's instants are.
func endAfter(ttl time.Duration) time.Time {
	return time.Now().Add(ttl).UTC().Truncate(time.Second)
}
