package authgrpc

import (
	"context"
	"errors"
	"time"

	"go.authflow.dev/authflow/internal/guard"
	"google.golang.org/grpc/metadata"
)

// Option changes how [NewGuard] makes a guard.
type Option func(*settings)

// WithToken takes the session token that a function finds in a call's context, instead of the metadata "authorization";
// it answers "" where there is none. It must be safe for concurrent use.
func WithToken(token func(ctx context.Context) string) Option {
	return func(s *settings) { s.token = token }
}

// WithOptional lets calls through, without a user, that have no live session. One whose session cannot be checked still
// ends with UNAVAILABLE.
func WithOptional() Option {
	return func(s *settings) { s.Optional = true }
}

// WithPublic lets methods through unasked, and without a user, by their full names ("/grpc.health.v1.Health/Check");
// "/grpc.health.v1.Health/*" is all of a service.
func WithPublic(fullMethods ...string) Option {
	return func(s *settings) { s.public = append(s.public, fullMethods...) }
}

// WithPublicFunc lets those methods through unasked, and without a user, for whose full name a function answers true. It
// must be safe for concurrent use.
func WithPublicFunc(isPublic func(fullMethod string) bool) Option {
	return func(s *settings) { s.isPublicToo = isPublic }
}

// WithRemember lets a session that was valid in again without asking the server, for at most a second and never beyond
// its expiry; a logout is seen that much later. Off without this option. At most 10,000 sessions are remembered.
func WithRemember(span time.Duration) Option {
	return func(s *settings) { s.Remember = span }
}

// WithOnError is handed the error behind every UNAVAILABLE, and the method that was called, for the log. It must be
// safe for concurrent use. Without this option slog.Default logs the error at the level Warn, but for calls whose context
// was canceled.
func WithOnError(onError func(ctx context.Context, fullMethod string, err error)) Option {
	return func(s *settings) { s.onError = onError }
}

type settings struct {
	guard.Settings
	token       func(context.Context) string
	public      guard.Paths
	isPublicToo func(string) bool
	onError     func(context.Context, string, error)
}

func settingsOf(opts []Option) (settings, error) {
	s := settings{
		token: func(ctx context.Context) string {
			return guard.Bearer(metadata.ValueFromIncomingContext(ctx, "authorization"))
		},
		isPublicToo: func(string) bool { return false },
		onError:     func(ctx context.Context, _ string, err error) { guard.LogCause(ctx, err) },
	}
	for _, opt := range opts {
		opt(&s)
	}
	if s.token == nil || s.isPublicToo == nil || s.onError == nil {
		return s, errors.New("authflow: an option of the guard was given no function")
	}
	return s, s.public.Check()
}

func (s settings) isPublic(fullMethod string) bool {
	return s.public.Hold(fullMethod) || s.isPublicToo(fullMethod)
}
