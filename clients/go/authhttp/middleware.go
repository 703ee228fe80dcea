// Package authhttp guards net/http handlers by AuthFlow sessions.
//
// A session token holds your API key unless the server was told otherwise (AUTHFLOW_API_KEY_CLAIM=id): whoever can read
// the token can read the key. Let tokens leave your backend after that was set, not before.
package authhttp

import (
	"net/http"

	"go.authflow.dev/authflow"
	"go.authflow.dev/authflow/internal/guard"
)

// Middleware lets requests through that carry a live session, by default as "Authorization: Bearer <token>"; their
// handlers find the user by [authflow.UserFromContext] and the token by [authflow.SessionTokenFromContext]. Other
// requests never reach a handler: those without a live session are answered 401, and 503 those whose session cannot be
// checked. It fails where an option cannot work.
//
// The token of a request, live or not, is also what a [authflow.Client.Login] of its handler tells the server of the
// device, public paths included: see [authflow.ContextWithPreviousSession].
func Middleware(validator authflow.Validator, opts ...Option) (func(http.Handler) http.Handler, error) {
	s, err := settingsOf(opts)
	if err != nil {
		return nil, err
	}
	g, err := guard.New(validator, s.Settings)
	if err != nil {
		return nil, err
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			token := s.token(r)
			if s.isPublic(r) {
				next.ServeHTTP(w, r.WithContext(guard.WithPreviousSession(r.Context(), token)))
				return
			}
			ctx, refusal := g.Admit(r.Context(), token)
			if refusal == nil {
				next.ServeHTTP(w, r.WithContext(ctx))
				return
			}
			if refusal.Cause != nil {
				s.onError(r, refusal.Cause)
			}
			write(w, errorOf(refusal))
		})
	}, nil
}
