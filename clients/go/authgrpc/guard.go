// Package authgrpc guards gRPC services by AuthFlow sessions.
package authgrpc

import (
	"context"
	"time"

	"go.authflow.dev/client"
	"go.authflow.dev/client/internal/bearer"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// Validator tells whose session a token is; [*client.Client] is one.
type Validator = bearer.Validator

// Option changes how [NewGuard] makes a guard.
type Option func(*settings)

// WithRemember lets a session that was valid in again without asking the server, for at most a second and never beyond
// its expiry; a logout is seen that much later. Off without this option. At most 10,000 sessions are remembered.
func WithRemember(span time.Duration) Option {
	return func(s *settings) { s.remember = span }
}

// WithOnError is handed the error behind every UNAVAILABLE, and the method that was called, for the log. It must be
// safe for concurrent use.
func WithOnError(onError func(ctx context.Context, fullMethod string, err error)) Option {
	return func(s *settings) { s.onError = onError }
}

type settings struct {
	remember time.Duration
	onError  func(context.Context, string, error)
}

// Guard lets calls through that carry a live session as the metadata "authorization: Bearer <token>"; their handlers
// find the user by [client.UserFromContext]. Other calls never reach a handler: those without a live session end with
// UNAUTHENTICATED, and with UNAVAILABLE those whose session cannot be checked. It is safe for concurrent use.
type Guard struct {
	guard   *bearer.Guard
	onError func(context.Context, string, error)
}

// NewGuard makes a guard. It fails where the span of [WithRemember] is over a second.
func NewGuard(validator Validator, opts ...Option) (*Guard, error) {
	s := settings{onError: func(context.Context, string, error) {}}
	for _, opt := range opts {
		opt(&s)
	}
	guard, err := bearer.NewGuard(validator, s.remember)
	if err != nil {
		return nil, err
	}
	return &Guard{guard: guard, onError: s.onError}, nil
}

// UnaryServerInterceptor guards unary calls; a grpc.UnaryServerInterceptor.
func (g *Guard) UnaryServerInterceptor(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	ctx, err := g.admit(ctx, info.FullMethod)
	if err != nil {
		return nil, err
	}
	return handler(ctx, req)
}

// StreamServerInterceptor guards streams when they begin, and not again while they last; a
// grpc.StreamServerInterceptor.
func (g *Guard) StreamServerInterceptor(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	ctx, err := g.admit(stream.Context(), info.FullMethod)
	if err != nil {
		return err
	}
	return handler(srv, &admittedStream{ServerStream: stream, ctx: ctx})
}

func (g *Guard) admit(ctx context.Context, fullMethod string) (context.Context, error) {
	user, refusal := g.guard.Admit(ctx, metadata.ValueFromIncomingContext(ctx, "authorization"))
	if refusal == nil {
		return client.ContextWithUser(ctx, user), nil
	}
	if refusal.Cause != nil {
		g.onError(ctx, fullMethod, refusal.Cause)
	}
	return nil, errorOf(refusal)
}

type admittedStream struct {
	grpc.ServerStream
	ctx context.Context
}

// Context is the stream's, with the user on it.
func (s *admittedStream) Context() context.Context { return s.ctx }
