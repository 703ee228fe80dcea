package authflow_test

import (
	"context"
	"strings"
	"testing"

	"go.authflow.dev/authflow"
	"go.authflow.dev/authflow/authgrpc"
	"google.golang.org/grpc/codes"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

func TestInterceptorsTakeTheFakeAndGiveTheToken(t *testing.T) {
	fake, session := fakeSession(t)
	service := newGuardedService(t, fake)
	fatalIf(t, service.call("Bearer "+session.Token()))
	if token := service.token.Load(); token != session.Token() {
		t.Error("the handler found another token")
	}
	fake.SetUnreachable(true)
	service.expectRefusal(t, "Bearer "+session.Token(), codes.Unavailable, authflow.Unavailable)
}

func TestInterceptorsLetThroughWhatIsPublicOrOptional(t *testing.T) {
	fake, session := fakeSession(t)
	for name, opts := range map[string][]authgrpc.Option{
		"full names":  {authgrpc.WithPublic("/grpc.health.v1.Health/Check", "/grpc.health.v1.Health/Watch")},
		"a service":   {authgrpc.WithPublic("/grpc.health.v1.Health/*")},
		"a predicate": {authgrpc.WithPublicFunc(func(fullMethod string) bool { return strings.HasPrefix(fullMethod, "/grpc.health.v1.") })},
		"optional":    {authgrpc.WithOptional()},
	} {
		service := newGuardedService(t, fake, opts...)
		for _, err := range []error{service.call(""), service.stream("Bearer garbage")} {
			if status.Code(err) != codes.Internal {
				t.Errorf("%s: got %v, not the handler that misses its user", name, err)
			}
		}
	}
	newGuardedService(t, fake, authgrpc.WithPublic("/grpc.health.v1.Health/Check")).expectStreamRefusal(t)

	optional := newGuardedService(t, fake, authgrpc.WithOptional())
	fatalIf(t, optional.call("Bearer "+session.Token()))
	fake.SetUnreachable(true)
	optional.expectRefusal(t, "Bearer "+session.Token(), codes.Unavailable, authflow.Unavailable)
}

func TestInterceptorsTakeTheTokenFromAFunction(t *testing.T) {
	fake, session := fakeSession(t)
	service := newGuardedService(t, fake, authgrpc.WithToken(func(ctx context.Context) string {
		return strings.Join(metadata.ValueFromIncomingContext(ctx, "x-session"), "")
	}))
	ctx := metadata.AppendToOutgoingContext(context.Background(), "x-session", session.Token())
	_, err := service.Check(ctx, &healthv1.HealthCheckRequest{})
	fatalIf(t, err)
	service.expectRefusal(t, "Bearer "+session.Token(), codes.Unauthenticated, authflow.SessionInvalid)
}

func TestGuardRefusesOptionsThatCannotWork(t *testing.T) {
	for name, option := range map[string]authgrpc.Option{
		"a method without a slash": authgrpc.WithPublic("grpc.health.v1.Health/Check"),
		"no token function":        authgrpc.WithToken(nil),
		"no predicate":             authgrpc.WithPublicFunc(nil),
		"no hook":                  authgrpc.WithOnError(nil),
	} {
		if _, err := authgrpc.NewGuard(refusingValidator{}, option); err == nil {
			t.Errorf("%s is not refused", name)
		}
	}
}
