// Package bearer is what the middleware for net/http and for gRPC have in common: from an Authorization header to the
// user of a session, or to the refusal.
package bearer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.authflow.dev/client"
)

// LongestMemory bounds for how long a session that has ended may still be let in.
const LongestMemory = time.Second

// Validator tells whose session a token is; *client.Client is one.
type Validator interface {
	Validate(ctx context.Context, sessionToken, email string) (client.SessionUser, error)
}

// Guard lets requests in by their session tokens. It is safe for concurrent use.
type Guard struct {
	validator Validator
	memory    *memory
}

// Refusal is why a request is not let in.
type Refusal struct {
	Reason  client.Reason
	Message string
	// RetryAfter is the wait that the server gave; 0 where it gave none.
	RetryAfter time.Duration
	// Cause is set where it is not the session's fault that it could not be checked.
	Cause error
}

// NewGuard makes a guard that remembers a valid session for a while; not at all where remember is 0.
func NewGuard(validator Validator, remember time.Duration) (*Guard, error) {
	if remember < 0 || remember > LongestMemory {
		return nil, fmt.Errorf("authflow: a session can be remembered for 0 to %s, not %s", LongestMemory, remember)
	}
	g := &Guard{validator: validator}
	if remember > 0 {
		g.memory = newMemory(remember)
	}
	return g, nil
}

// Admit tells whose session the values of an Authorization header hold, or why the request is refused.
func (g *Guard) Admit(ctx context.Context, authorization []string) (client.SessionUser, *Refusal) {
	token, email, ok := readToken(authorization)
	if !ok {
		return client.SessionUser{}, &Refusal{Reason: client.SessionInvalid, Message: "A session token is needed."}
	}
	asked := time.Now()
	if user, ok := g.memory.recall(token, asked); ok {
		return user, nil
	}
	user, err := g.validator.Validate(ctx, token, email)
	if err != nil {
		return client.SessionUser{}, refusalOf(err)
	}
	g.memory.keep(token, user, asked)
	return user, nil
}

func refusalOf(err error) *Refusal {
	var failure *client.Error
	if errors.As(err, &failure) {
		switch failure.Reason {
		case client.SessionInvalid, client.SessionExpired, client.SessionRevoked:
			return &Refusal{Reason: failure.Reason, Message: failure.Message}
		case client.InvalidArgument:
			// Token and e-mail are all that was sent, and both came from the visitor: a made-up e-mail claim is no outage.
			return &Refusal{Reason: client.SessionInvalid, Message: "The session token is not valid."}
		}
	}
	refusal := &Refusal{Reason: client.Unavailable, Message: "The session cannot be checked at the moment.", Cause: err}
	if failure != nil {
		refusal.RetryAfter = failure.RetryAfter
	}
	return refusal
}
