package authflow_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.authflow.dev/authflow"
	"go.authflow.dev/authflow/authgrpc"
	"go.authflow.dev/authflow/authhttp"
	authflowv1 "go.authflow.dev/gen/authflow/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// toldSessions are the session tokens with which logins came.
func (s *recordingServer) toldSessions() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	told := []string{}
	for _, request := range s.requests {
		if login, ok := request.(*authflowv1.LoginRequest); ok {
			told = append(told, login.GetSessionToken())
		}
	}
	return told
}

func TestLoginTellsThePreviousSession(t *testing.T) {
	server := newRecordingServer(t)
	c := newClient(t, server.address, "af_device")
	fits, told := strings.Repeat("é", 4096), 0
	for given, sent := range map[string]string{
		"":                         "",
		"header.payload.signature": "header.payload.signature",
		fits:                       fits,
		// What a visitor sends must not fail a call.
		fits + "a":                     "",
		"header.payload.signature\xff": "",
	} {
		ctx := authflow.ContextWithPreviousSession(context.Background(), given)
		_, err := c.Login(ctx, "ada@example.com", password)
		fatalIf(t, err)
		_, err = c.LoginStep(ctx, "ada@example.com", password)
		fatalIf(t, err)
		for _, told := range server.toldSessions()[told:] {
			if told != sent {
				t.Errorf("got %d bytes, want %d", len(told), len(sent))
			}
		}
		told += 2
	}
}

// sessionCases are a fake, and tokens of a session that is live and of one that has ended.
func sessionCases(t *testing.T) (validator authflow.Validator, live, ended string) {
	t.Helper()
	fake, session := fakeSession(t)
	another, err := fake.Login(context.Background(), "ada@example.com", password)
	fatalIf(t, err)
	secrets.add(another.Token())
	fatalIf(t, fake.Logout(context.Background(), session.Token(), ""))
	return fake, another.Token(), session.Token()
}

func TestTheMiddlewareTellsThePreviousSession(t *testing.T) {
	validator, live, ended := sessionCases(t)
	server := newRecordingServer(t)
	c := newClient(t, server.address, "af_device")
	cookie := authhttp.WithCookie("session")
	for name, with := range map[string]struct {
		header, value string
		opts          []authhttp.Option
		explicit      func(context.Context) context.Context
		told          string
	}{
		"a live session":                 {"Authorization", "Bearer " + live, nil, nil, live},
		"an ended one, where optional":   {"Authorization", "Bearer " + ended, []authhttp.Option{authhttp.WithOptional()}, nil, ended},
		"an ended one, on a public path": {"Authorization", "Bearer " + ended, []authhttp.Option{authhttp.WithPublic("/login")}, nil, ended},
		"a cookie's":                     {"Cookie", "session=" + ended, []authhttp.Option{cookie, authhttp.WithPublic("/login")}, nil, ended},
		"none":                           {"Accept", "text/html", []authhttp.Option{authhttp.WithPublic("/login")}, nil, ""},
		"a secret of somebody else":      {"Authorization", "Bearer sk_live_1843", []authhttp.Option{authhttp.WithPublic("/login")}, nil, ""},
		"another one by the handler": {"Authorization", "Bearer " + live, nil, func(ctx context.Context) context.Context {
			return authflow.ContextWithPreviousSession(ctx, ended)
		}, ended},
		"none by the handler": {"Authorization", "Bearer " + live, nil, func(ctx context.Context) context.Context {
			return authflow.ContextWithPreviousSession(ctx, "")
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			guard, err := authhttp.Middleware(validator, with.opts...)
			fatalIf(t, err)
			before := len(server.toldSessions())
			guard(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				ctx := r.Context()
				if with.explicit != nil {
					ctx = with.explicit(ctx)
				}
				_, err := c.Login(ctx, "ada@example.com", password)
				fatalIf(t, err)
			})).ServeHTTP(httptest.NewRecorder(), request("/login", with.header, with.value))
			if told := server.toldSessions(); len(told) != before+1 || told[before] != with.told {
				t.Errorf("the server was told %d sessions, or another one", len(told)-before)
			}
		})
	}
}

func TestAnEndedSessionLetsNobodyIn(t *testing.T) {
	validator, _, ended := sessionCases(t)
	bearer := []string{"Authorization", "Bearer " + ended}
	for _, option := range []authhttp.Option{authhttp.WithOptional(), authhttp.WithPublic("/login")} {
		if _, found := visit(t, validator, request("/login", bearer...), option); found != (admission{handled: true}) {
			t.Errorf("got a user: %q", found.user)
		}
	}
}

func TestInterceptorsTellThePreviousSession(t *testing.T) {
	validator, live, ended := sessionCases(t)
	server := newRecordingServer(t)
	c := newClient(t, server.address, "af_device")
	const method = "/shop.v1.Shop/LogIn"
	for token, option := range map[string]authgrpc.Option{
		live: authgrpc.WithPublic("/shop.v1.Shop/Browse"), ended: authgrpc.WithPublic(method), "sk_live_1843": authgrpc.WithOptional(),
	} {
		guard, err := authgrpc.NewGuard(validator, option)
		fatalIf(t, err)
		ctx := metadata.NewIncomingContext(context.Background(), metadata.Pairs("authorization", "Bearer "+token))
		_, err = guard.UnaryServerInterceptor(ctx, nil, &grpc.UnaryServerInfo{FullMethod: method},
			func(ctx context.Context, _ any) (any, error) { return c.Login(ctx, "ada@example.com", password) })
		fatalIf(t, err)
		want := token
		if token == "sk_live_1843" {
			want = ""
		}
		if told := server.toldSessions(); told[len(told)-1] != want {
			t.Error("the server was told another session")
		}
	}
}
