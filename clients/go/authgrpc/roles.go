package authgrpc

import (
	"context"
	"errors"

	"go.authflow.dev/authflow/internal/guard"
	"google.golang.org/grpc"
)

// RoleGuard stands behind a [Guard] and lets calls of some methods through whose user has any one of some roles. Others
// end with PERMISSION_DENIED ([authflow.AccessDenied]), and with UNAUTHENTICATED those without a session. It asks nobody:
// the roles are those that Validate told. It is safe for concurrent use.
type RoleGuard struct {
	check   guard.RoleCheck
	methods guard.Paths
}

// NewRoleGuard makes a guard of methods, by their full names ("/accounts.v1.Reports/List"); "/accounts.v1.Reports/*" is all of
// a service. It fails where there is no method or role, or one that cannot be.
func NewRoleGuard(fullMethods []string, roles ...string) (*RoleGuard, error) {
	check, err := guard.NewRoleCheck(roles)
	if err != nil {
		return nil, err
	}
	methods := guard.Paths(append([]string(nil), fullMethods...))
	if len(methods) == 0 {
		return nil, errors.New("authflow: a guard of roles needs a method")
	}
	if err := methods.Check(); err != nil {
		return nil, err
	}
	return &RoleGuard{check: check, methods: methods}, nil
}

// UnaryServerInterceptor guards unary calls; a grpc.UnaryServerInterceptor.
func (g *RoleGuard) UnaryServerInterceptor(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	if err := g.refuse(ctx, info.FullMethod); err != nil {
		return nil, err
	}
	return handler(ctx, req)
}

// StreamServerInterceptor guards streams when they begin, and not again while they last; a
// grpc.StreamServerInterceptor.
func (g *RoleGuard) StreamServerInterceptor(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	if err := g.refuse(stream.Context(), info.FullMethod); err != nil {
		return err
	}
	return handler(srv, stream)
}

func (g *RoleGuard) refuse(ctx context.Context, fullMethod string) error {
	if !g.methods.Hold(fullMethod) {
		return nil
	}
	if refusal := g.check.Refuse(ctx); refusal != nil {
		return errorOf(refusal)
	}
	return nil
}
