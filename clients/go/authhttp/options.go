package authhttp

import (
	"errors"
	"net/http"
	"time"

	"go.authflow.dev/authflow/internal/guard"
)

// Option changes how [Middleware] is made.
type Option func(*settings)

// WithCookie takes the session token from the cookie of this name, instead of the Authorization header.
func WithCookie(name string) Option {
	return func(s *settings) {
		s.cookieless = name == ""
		s.token = func(r *http.Request) string {
			cookie, err := r.Cookie(name)
			if err != nil {
				return ""
			}
			return cookie.Value
		}
	}
}

// WithToken takes the session token that a function finds in a request, instead of the Authorization header; it answers
// "" where there is none. It must be safe for concurrent use.
func WithToken(token func(r *http.Request) string) Option {
	return func(s *settings) { s.token = token }
}

// WithOptional lets requests through, without a user, that have no live session. One whose session cannot be checked is
// still answered 503.
func WithOptional() Option {
	return func(s *settings) { s.Optional = true }
}

// WithPublic lets paths through unasked, and without a user: "/assets/*" is all that begins with "/assets/", anything
// else is one path. A path that is not in its plain form ("/assets/../account", "/assets%2Fx") is none of them, since
// handlers may read it another way.
func WithPublic(paths ...string) Option {
	return func(s *settings) { s.public = append(s.public, paths...) }
}

// WithPublicFunc lets those requests through unasked, and without a user, for which a function answers true. It must be
// safe for concurrent use.
func WithPublicFunc(isPublic func(r *http.Request) bool) Option {
	return func(s *settings) { s.isPublicToo = isPublic }
}

// WithRemember lets a session that was valid in again without asking the server, for at most a second and never beyond
// its expiry; a logout is seen that much later. Off without this option. At most 10,000 sessions are remembered.
func WithRemember(span time.Duration) Option {
	return func(s *settings) { s.Remember = span }
}

// WithOnError is handed the error behind every 503, for the log. It must be safe for concurrent use. Without this option
// slog.Default logs the error at the level Warn, but for requests whose context was canceled.
func WithOnError(onError func(r *http.Request, err error)) Option {
	return func(s *settings) { s.onError = onError }
}

type settings struct {
	guard.Settings
	token       func(*http.Request) string
	cookieless  bool
	public      guard.Paths
	isPublicToo func(*http.Request) bool
	onError     func(*http.Request, error)
}

func settingsOf(opts []Option) (settings, error) {
	s := settings{
		token:       func(r *http.Request) string { return guard.Bearer(r.Header.Values("Authorization")) },
		isPublicToo: func(*http.Request) bool { return false },
		onError:     func(r *http.Request, err error) { guard.LogCause(r.Context(), err) },
	}
	for _, opt := range opts {
		opt(&s)
	}
	switch {
	case s.cookieless:
		return s, errors.New("authflow: the cookie's name is empty")
	case s.token == nil || s.isPublicToo == nil || s.onError == nil:
		return s, errors.New("authflow: an option of the middleware was given no function")
	}
	return s, s.public.Check()
}

func (s settings) isPublic(r *http.Request) bool {
	return isPlain(r.URL) && s.public.Hold(r.URL.Path) || s.isPublicToo(r)
}
