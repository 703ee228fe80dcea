// Package authhttp guards net/http handlers by AuthFlow sessions.
package authhttp

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"go.authflow.dev/client"
	"go.authflow.dev/client/internal/bearer"
)

// Validator tells whose session a token is; [*client.Client] is one.
type Validator = bearer.Validator

// Option changes how [Middleware] is made.
type Option func(*settings)

// WithRemember lets a session that was valid in again without asking the server, for at most a second and never beyond
// its expiry; a logout is seen that much later. Off without this option. At most 10,000 sessions are remembered.
func WithRemember(span time.Duration) Option {
	return func(s *settings) { s.remember = span }
}

// WithOnError is handed the error behind every 503, for the log. It must be safe for concurrent use.
func WithOnError(onError func(r *http.Request, err error)) Option {
	return func(s *settings) { s.onError = onError }
}

type settings struct {
	remember time.Duration
	onError  func(*http.Request, error)
}

// Middleware lets requests through that carry a live session as "Authorization: Bearer <token>"; their handlers find
// the user by [client.UserFromContext]. Other requests never reach a handler: those without a live session are answered
// 401, and 503 those whose session cannot be checked. It fails where the span of [WithRemember] is over a second.
func Middleware(validator Validator, opts ...Option) (func(http.Handler) http.Handler, error) {
	s := settings{onError: func(*http.Request, error) {}}
	for _, opt := range opts {
		opt(&s)
	}
	guard, err := bearer.NewGuard(validator, s.remember)
	if err != nil {
		return nil, err
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			user, refusal := guard.Admit(r.Context(), r.Header.Values("Authorization"))
			if refusal == nil {
				next.ServeHTTP(w, r.WithContext(client.ContextWithUser(r.Context(), user)))
				return
			}
			if refusal.Cause != nil {
				s.onError(r, refusal.Cause)
			}
			refuse(w, refusal)
		})
	}, nil
}

// refuse answers in the shape of the server's own errors.
func refuse(w http.ResponseWriter, refusal *bearer.Refusal) {
	code := http.StatusUnauthorized
	if refusal.Cause != nil {
		code = http.StatusServiceUnavailable
	}
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Cache-Control", "no-store")
	if code == http.StatusUnauthorized {
		header.Set("WWW-Authenticate", "Bearer")
	}
	if refusal.RetryAfter > 0 {
		header.Set("Retry-After", strconv.FormatInt(int64((refusal.RetryAfter+time.Second-1)/time.Second), 10))
	}
	w.WriteHeader(code)
	// Where it cannot be written the visitor is gone.
	_ = json.NewEncoder(w).Encode(struct {
		StatusCode int           `json:"statusCode"`
		Error      client.Reason `json:"error"`
		Message    string        `json:"message"`
	}{code, refusal.Reason, refusal.Message})
}
