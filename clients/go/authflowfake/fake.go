// Package authflowfake is AuthFlow for tests: the calls of a client with users and sessions in memory, and no server.
//
// It refuses what a server refuses, with the same reasons. It does not hash, bound or persist, locks nobody but for wrong
// codes of a second factor, sends no mail but keeps what it would send, and it takes fewer e-mails: none with a domain
// beyond ASCII. Its tokens begin with "fake.", and every server refuses them. Keep it out of what you deploy.
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
	elapsed     time.Duration
	settings    Settings
	users       map[string]*user
	// sessions are in the order of their logins.
	sessions   []*session
	tokens     map[string]sessionToken
	mails      []Mail
	mailTokens map[string]mailToken
	// challenges are in the order in which they were made.
	challenges []*loginChallenge
}

type user struct {
	authflow.User
	password  string
	verified  bool
	roles     authflow.Roles
	createdAt time.Time
	// credentialVersion is raised by what makes mailed tokens and challenges void.
	credentialVersion int
	// disabled users do not log in, and those who mustChange their passwords do so first.
	disabled, mustChange bool
	// factor is nil where there is none that is confirmed, pending where there is none that is not.
	factor  *secondFactor
	pending *pendingSecret
	// Since the last right code.
	wrongCodes, wrongRecoveryCodes int
	// withholdsEmail: the password was set by a mail since the factor was last proven, so a mailbox would be both.
	withholdsEmail bool
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

// Advance puts the fake's clock forward: sessions, challenges, codes and tokens of mails end, and logins are no longer
// fresh.
func (f *Fake) Advance(by time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.elapsed += by
}

// SetUnreachable makes every call from now on fail as it does where no server can be reached, or lets calls work again.
func (f *Fake) SetUnreachable(unreachable bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.unreachable = unreachable
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

func (f *Fake) now() time.Time { return time.Now().Add(f.elapsed) }

// endAfter is in whole seconds, as the wire's instants are.
func (f *Fake) endAfter(ttl time.Duration) time.Time {
	return f.now().Add(ttl).UTC().Truncate(time.Second)
}
