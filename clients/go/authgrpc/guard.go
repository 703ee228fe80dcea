// Package authgrpc guards gRPC services by AuthFlow sessions.
//
// A session token holds your API key unless the server was told otherwise (AUTHFLOW_API_KEY_CLAIM=id): whoever can read
// the token can read the key. Let tokens leave your backend after that was set, not before.
package authgrpc

import (
	"context"

	"go.authflow.dev/authflow"
	"go.authflow.dev/authflow/internal/guard"
	"google.golang.org/grpc"
)

// Guard lets calls through that carry a live session, by default as the metadata "authorization: Bearer <token>"; their
// handlers find the user by [authflow.UserFromContext] and the token by [authflow.SessionTokenFromContext]. Other calls
// never reach a handler: those without a live session end with UNAUTHENTICATED, and with UNAVAILABLE those whose session
// cannot be checked. It is safe for concurrent use.
//
// The token of a call, live or not, is also what a [authflow.Client.Login] of its handler tells the server of the device,
// public methods included: see [authflow.ContextWithPreviousSession].
type Guard struct {
	guard    *guard.Guard
	settings settings
}

// NewGuard makes a guard. It fails where an option cannot work.
func NewGuard(validator authflow.Validator, opts ...Option) (*Guard, error) {
	s, err := settingsOf(opts)
	if err != nil {
		return nil, err
	}
	g, err := guard.New(validator, s.Settings)
	if err != nil {
		return nil, err
	}
	return &Guard{guard: g, settings: s}, nil
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
	token := g.settings.token(ctx)
	if g.settings.isPublic(fullMethod) {
		return guard.WithPreviousSession(ctx, token), nil
	}
	admitted, refusal := g.guard.Admit(ctx, token)
	if refusal == nil {
		return admitted, nil
	}
	if refusal.Cause != nil {
		g.settings.onError(ctx, fullMethod, refusal.Cause)
	}
	return nil, errorOf(refusal)
}

type admittedStream struct {
	grpc.ServerStream
	ctx context.Context
}

// Context is the stream's, with the session on it.
func (s *admittedStream) Context() context.Context { return s.ctx }
