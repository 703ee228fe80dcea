package authflow_test

import (
	"context"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"go.authflow.dev/authflow"
	"go.authflow.dev/authflow/authgrpc"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

func TestInterceptorsLetALiveSessionIn(t *testing.T) {
	org := newOrganization(t, "AUTHFLOW_TEST_GRPC")
	session := org.loggedIn(t)
	service := newGuardedService(t, org)

	fatalIf(t, service.call("Bearer "+session.Token()))
	fatalIf(t, service.stream("Bearer "+session.Token()))
	user, _ := service.user.Load().(authflow.SessionUser)
	if user.User != session.User || user.SessionID == "" {
		t.Errorf("the handlers found %+v", user)
	}
	fatalIf(t, org.Logout(context.Background(), session.Token(), session.Email))
	service.expectRefusal(t, "Bearer "+session.Token(), codes.Unauthenticated, authflow.SessionRevoked)
}

func TestInterceptorsRefuseWithoutAUsableToken(t *testing.T) {
	org := newOrganization(t, "AUTHFLOW_TEST_GRPC")
	service := newGuardedService(t, org)
	service.expectRefusal(t, "", codes.Unauthenticated, authflow.SessionInvalid)
	service.expectRefusal(t, "Bearer garbage", codes.Unauthenticated, authflow.SessionInvalid)
	service.expectRefusal(t, "Bearer e30."+emailClaim("ada@example.com")+".c2ln", codes.Unauthenticated, authflow.SessionInvalid)
}

func TestInterceptorsFailClosed(t *testing.T) {
	var told atomic.Value
	service := newGuardedService(t, newClient(t, closedAddress(t), "af_unreachable"),
		authgrpc.WithOnError(func(_ context.Context, _ string, err error) { told.Store(err) }))
	service.expectRefusal(t, "Bearer e30."+emailClaim("ada@example.com")+".c2ln", codes.Unavailable, authflow.Unavailable)
	if _, ok := told.Load().(error); !ok {
		t.Error("the hook was told nothing")
	}
}

func TestInterceptorsTellTheWaitAndBoundTheMemory(t *testing.T) {
	limited := refusingValidator{&authflow.Error{Reason: authflow.RateLimited, RetryAfter: 1200 * time.Millisecond}}
	service := newGuardedService(t, limited)
	err := authflow.DecodeError(service.call("Bearer e30." + emailClaim("ada@example.com") + ".c2ln"))
	if failure := refused(t, err, authflow.Unavailable); failure.RetryAfter != 1200*time.Millisecond {
		t.Errorf("got %s", failure.RetryAfter)
	}
	if _, err := authgrpc.NewGuard(limited, authgrpc.WithRemember(time.Second+1)); err == nil {
		t.Error("more than a second is not refused")
	}
}

// guardedService is a service with a unary call and a stream, and a client of it.
type guardedService struct {
	healthv1.HealthClient
	user, token atomic.Value
}

func newGuardedService(t *testing.T, validator authflow.Validator, opts ...authgrpc.Option) *guardedService {
	t.Helper()
	guard, err := authgrpc.NewGuard(validator, opts...)
	fatalIf(t, err)
	return served(t, grpc.NewServer(
		grpc.UnaryInterceptor(guard.UnaryServerInterceptor),
		grpc.StreamInterceptor(guard.StreamServerInterceptor),
	))
}

// served starts a server with the guarded service, and makes a client of it.
func served(t *testing.T, server *grpc.Server) *guardedService {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	fatalIf(t, err)
	service := &guardedService{}
	healthv1.RegisterHealthServer(server, &guardedHealth{user: &service.user, token: &service.token})
	go server.Serve(listener)
	t.Cleanup(server.Stop)
	conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	fatalIf(t, err)
	t.Cleanup(func() { conn.Close() })
	service.HealthClient = healthv1.NewHealthClient(conn)
	return service
}

func (s *guardedService) call(authorization string) error {
	ctx, cancel := callContext(authorization)
	defer cancel()
	_, err := s.Check(ctx, &healthv1.HealthCheckRequest{})
	return err
}

func (s *guardedService) stream(authorization string) error {
	ctx, cancel := callContext(authorization)
	defer cancel()
	stream, err := s.Watch(ctx, &healthv1.HealthCheckRequest{})
	if err != nil {
		return err
	}
	_, err = stream.Recv()
	return err
}

func (s *guardedService) expectRefusal(t *testing.T, authorization string, code codes.Code, reason authflow.Reason) {
	t.Helper()
	for _, err := range []error{s.call(authorization), s.stream(authorization)} {
		refused(t, authflow.DecodeError(err), reason)
		if status.Code(err) != code {
			t.Errorf("got %v, want %s", err, code)
		}
	}
}

func (s *guardedService) expectStreamRefusal(t *testing.T) {
	t.Helper()
	refused(t, authflow.DecodeError(s.stream("")), authflow.SessionInvalid)
}

func callContext(authorization string) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	if authorization != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, "authorization", authorization)
	}
	return ctx, cancel
}

// guardedHealth notes the user that its handlers find, and refuses where there is none.
type guardedHealth struct {
	healthv1.UnimplementedHealthServer
	user, token *atomic.Value
}

func (h *guardedHealth) Check(ctx context.Context, _ *healthv1.HealthCheckRequest) (*healthv1.HealthCheckResponse, error) {
	return &healthv1.HealthCheckResponse{}, h.note(ctx)
}

func (h *guardedHealth) Watch(_ *healthv1.HealthCheckRequest, stream healthv1.Health_WatchServer) error {
	if err := h.note(stream.Context()); err != nil {
		return err
	}
	return stream.Send(&healthv1.HealthCheckResponse{})
}

func (h *guardedHealth) note(ctx context.Context) error {
	user, ok := authflow.UserFromContext(ctx)
	if !ok {
		return status.Error(codes.Internal, "let in without a user")
	}
	h.user.Store(user)
	token, _ := authflow.SessionTokenFromContext(ctx)
	h.token.Store(token)
	return nil
}
