// Package authflowfake is AuthFlow for tests: the calls of a client with users and sessions in memory, and no server.
//
// It refuses what a server refuses, with the same reasons. It does not hash, bound, lock or persist, sends no mail but
// keeps what it would send, and it takes fewer e-mails: none with a domain beyond ASCII. Its tokens begin with "fake.",
// and every server refuses them. Keep it out of what you deploy.
package authflowfake

import (
	"context"
	"fmt"
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
	elapsed     time.Duration
	users       map[string]*user
	// sessions are in the order of their logins.
	sessions   []*session
	tokens     map[string]sessionToken
	mails      []Mail
	mailTokens map[string]mailToken
}

type user struct {
	authflow.User
	password  string
	verified  bool
	roles     authflow.Roles
	createdAt time.Time
	// credentialVersion is raised by what makes mailed tokens void.
	credentialVersion int
}

type session struct {
	id        string
	user      *user
	visitor   authflow.Visitor
	createdAt time.Time
	expiresAt time.Time
	ended     bool
}

// sessionToken ends by itself: a renewed session has several.
type sessionToken struct {
	session   *session
	expiresAt time.Time
}

var _ authflow.Authenticator = (*Fake)(nil)

// New makes a fake without users.
func New() *Fake {
	return &Fake{
		orgID:      newID(),
		users:      map[string]*user{},
		tokens:     map[string]sessionToken{},
		mailTokens: map[string]mailToken{},
	}
}

// Advance puts the fake's clock forward: sessions and tokens of mails end, and logins are no longer fresh.
func (f *Fake) Advance(by time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.elapsed += by
}

// SetRoles gives a user these roles and no others, as a backend does by UserService; a role that is taken away ends the
// user's sessions. It fails where there is no such user.
func (f *Fake) SetRoles(email string, roles ...string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	found := f.users[email]
	if found == nil {
		return fmt.Errorf("authflowfake: there is no user %s", email)
	}
	given := authflow.NewRoles(roles...)
	for _, role := range found.roles.List() {
		if !given.HasAny(role) {
			f.end(found, all)
		}
	}
	found.roles = given
	return nil
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
	opened := &session{
		id:        newID(),
		user:      found,
		visitor:   authflow.VisitorFromContext(ctx),
		createdAt: f.endAfter(0),
		expiresAt: f.endAfter(sessionTTL),
	}
	f.sessions = append(f.sessions, opened)
	return f.tokenFor(opened), nil
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
	changed := own.session.user
	if change.CurrentPassword != "" && change.CurrentPassword != changed.password {
		return 0, refusal(authflow.CredentialsInvalid)
	}
	changed.password = change.NewPassword
	changed.credentialVersion++
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

func (f *Fake) known(token, email string) (sessionToken, error) {
	found, ok := f.tokens[token]
	if !ok || found.session.user.Email != email {
		return sessionToken{}, refusal(authflow.SessionInvalid)
	}
	return found, nil
}

func (f *Fake) live(token, email string) (sessionToken, error) {
	found, err := f.known(token, email)
	switch {
	case err != nil:
		return sessionToken{}, err
	case !f.now().Before(found.expiresAt):
		return sessionToken{}, refusal(authflow.SessionExpired)
	case found.session.ended:
		return sessionToken{}, refusal(authflow.SessionRevoked)
	default:
		return found, nil
	}
}

// liveBy is what calls begin with that change something by a session: all faults together, then the session.
func (f *Fake) liveBy(wrong *faults, token, email string) (sessionToken, error) {
	email = wrong.session(token, email)
	if err := wrong.err(); err != nil {
		return sessionToken{}, err
	}
	return f.live(token, email)
}

func (f *Fake) tokenFor(opened *session) authflow.Session {
	made := sessionToken{session: opened, expiresAt: opened.expiresAt}
	text := newToken(made.sessionUser())
	f.tokens[text] = made
	return authflow.NewSession(opened.user.User, text, made.expiresAt)
}

func (t sessionToken) sessionUser() authflow.SessionUser {
	return authflow.SessionUser{
		User:          t.session.user.User,
		SessionID:     t.session.id,
		ExpiresAt:     t.expiresAt,
		EmailVerified: t.session.user.verified,
		Roles:         t.session.user.roles,
	}
}

// end ends those live sessions of a user that are meant, and counts them.
func (f *Fake) end(of *user, isMeant func(*session) bool) (ended uint32) {
	for _, each := range f.sessions {
		if each.user == of && f.isLive(each) && isMeant(each) {
			each.ended = true
			ended++
		}
	}
	return ended
}

func (f *Fake) isLive(each *session) bool { return !each.ended && f.now().Before(each.expiresAt) }

func (f *Fake) now() time.Time { return time.Now().Add(f.elapsed) }

// endAfter is in whole seconds, as the wire's instants are.
func (f *Fake) endAfter(ttl time.Duration) time.Time {
	return f.now().Add(ttl).UTC().Truncate(time.Second)
}
