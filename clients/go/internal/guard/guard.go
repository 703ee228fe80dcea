// Package guard is what the middleware for net/http and for gRPC have in common: from a session token to the user of the
// session, or to the refusal.
package guard

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.authflow.dev/authflow"
	"go.authflow.dev/authflow/internal/sessiontoken"
	"google.golang.org/grpc/codes"
)

// LongestMemory bounds for how long a session that has ended may still be let in.
const LongestMemory = time.Second

// Guard lets requests in by their session tokens. It is safe for concurrent use.
type Guard struct {
	validator authflow.Validator
	memory    *memory
	optional  bool
}

// Settings are how a guard is made.
type Settings struct {
	// Remember is for how long a session that was valid is let in without asking; not at all where it is 0.
	Remember time.Duration
	// Optional lets those through, without a user, who have no live session.
	Optional bool
}

// Refusal is why a request is not let in.
type Refusal struct {
	Code    codes.Code
	Reason  authflow.Reason
	Message string
	// RetryAfter is the wait that the server gave; 0 where it gave none.
	RetryAfter time.Duration
	// Cause is set where it is not the session's fault that it could not be checked.
	Cause error
}

// New makes a guard.
func New(validator authflow.Validator, s Settings) (*Guard, error) {
	if s.Remember < 0 || s.Remember > LongestMemory {
		return nil, fmt.Errorf("authflow: a session can be remembered for 0 to %s, not %s", LongestMemory, s.Remember)
	}
	g := &Guard{validator: validator, optional: s.Optional}
	if s.Remember > 0 {
		g.memory = newMemory(s.Remember)
	}
	return g, nil
}

// Admit puts the session of a token on the context, or tells why the request is refused. Where the session is optional
// there is no user on it for whoever has none. Either way the token is on it for a Login.
func (g *Guard) Admit(ctx context.Context, token string) (context.Context, *Refusal) {
	ctx = WithPreviousSession(ctx, token)
	user, refusal := g.userOf(ctx, token)
	switch {
	case refusal == nil:
		return authflow.ContextWithSession(ctx, user, token), nil
	case g.optional && refusal.Cause == nil:
		return ctx, nil
	default:
		return nil, refusal
	}
}

// WithPreviousSession puts a token on the context for a Login, unasked. What cannot be a session token stays here: it may
// be a secret of another party.
func WithPreviousSession(ctx context.Context, token string) context.Context {
	if _, ok := sessiontoken.Email(token); !ok {
		return ctx
	}
	return authflow.ContextWithPreviousSession(ctx, token)
}

func (g *Guard) userOf(ctx context.Context, token string) (authflow.SessionUser, *Refusal) {
	email, ok := sessiontoken.Email(token)
	if !ok {
		return authflow.SessionUser{}, needed()
	}
	asked := time.Now()
	if user, ok := g.memory.recall(token, asked); ok {
		return user, nil
	}
	user, err := g.validator.Validate(ctx, token, email)
	if err != nil {
		return authflow.SessionUser{}, refusalOf(err)
	}
	g.memory.keep(token, user, asked)
	return user, nil
}

func refusalOf(err error) *Refusal {
	var failure *authflow.Error
	if errors.As(err, &failure) {
		switch failure.Reason {
		case authflow.SessionInvalid, authflow.SessionExpired, authflow.SessionRevoked:
			return &Refusal{Code: codes.Unauthenticated, Reason: failure.Reason, Message: failure.Message}
		case authflow.InvalidArgument:
			// Token and e-mail are all that was sent, and both came from the visitor: a made-up e-mail claim is no outage.
			return &Refusal{
				Code:    codes.Unauthenticated,
				Reason:  authflow.SessionInvalid,
				Message: "The session token is not valid.",
			}
		}
	}
	refusal := &Refusal{
		Code:    codes.Unavailable,
		Reason:  authflow.Unavailable,
		Message: "The session cannot be checked at the moment.",
		Cause:   err,
	}
	if failure != nil {
		refusal.RetryAfter = failure.RetryAfter
	}
	return refusal
}
