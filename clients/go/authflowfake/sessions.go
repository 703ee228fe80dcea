package authflowfake

import (
	"context"
	"time"

	"go.authflow.dev/authflow"
)

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

func (f *Fake) openSession(ctx context.Context, of *user) authflow.Session {
	opened := &session{
		id:        newID(),
		user:      of,
		visitor:   authflow.VisitorFromContext(ctx),
		createdAt: f.endAfter(0),
		expiresAt: f.endAfter(sessionTTL),
	}
	f.sessions = append(f.sessions, opened)
	return f.tokenFor(opened)
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
