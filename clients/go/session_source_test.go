package authflow_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"go.authflow.dev/authflow"
	"go.authflow.dev/authflow/authflowfake"
	"go.authflow.dev/authflow/authhttp"
)

// admission is what a handler behind the middleware finds: nothing, or a user and the session's token.
type admission struct {
	handled     bool
	user, token string
}

// visit makes a request to the middleware itself, as no HTTP client would repair it.
func visit(t *testing.T, validator authflow.Validator, r *http.Request, opts ...authhttp.Option) (int, admission) {
	t.Helper()
	guard, err := authhttp.Middleware(validator, opts...)
	fatalIf(t, err)
	var found admission
	recorder := httptest.NewRecorder()
	guard(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		user, hasUser := authflow.UserFromContext(r.Context())
		token, hasToken := authflow.SessionTokenFromContext(r.Context())
		if hasUser != hasToken {
			t.Error("a user without a token, or the other way round")
		}
		found = admission{true, user.Email, token}
	})).ServeHTTP(recorder, r)
	return recorder.Code, found
}

func fakeSession(t *testing.T) (*authflowfake.Fake, authflow.Session) {
	t.Helper()
	fake := authflowfake.New()
	ctx := context.Background()
	_, err := fake.SignUp(ctx, authflow.NewUser{Email: "ada@example.com", Password: password, FullName: "Ada Lovelace", Disclaimed: true})
	fatalIf(t, err)
	session, err := fake.Login(ctx, "ada@example.com", password)
	fatalIf(t, err)
	secrets.add(session.Token())
	return fake, session
}

func request(target string, headers ...string) *http.Request {
	r := httptest.NewRequest("GET", target, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return r
}

func TestTheSessionIsFoundWhereItWasAskedFor(t *testing.T) {
	fake, session := fakeSession(t)
	bearer := []string{"Authorization", "Bearer " + session.Token()}
	cookie := []string{"Cookie", "theme=dark; session=" + session.Token()}
	query := authhttp.WithToken(func(r *http.Request) string { return r.URL.Query().Get("session") })
	in := admission{true, "ada@example.com", session.Token()}
	for name, c := range map[string]struct {
		request *http.Request
		opts    []authhttp.Option
		found   admission
	}{
		"a bearer":                  {request("/", bearer...), nil, in},
		"a cookie":                  {request("/", cookie...), []authhttp.Option{authhttp.WithCookie("session")}, in},
		"anywhere":                  {request("/?session=" + session.Token()), []authhttp.Option{query}, in},
		"a cookie that was no wish": {request("/", cookie...), nil, admission{}},
		"a bearer, not the cookie":  {request("/", bearer...), []authhttp.Option{authhttp.WithCookie("session")}, admission{}},
		"another cookie":            {request("/", cookie...), []authhttp.Option{authhttp.WithCookie("theme")}, admission{}},
		"nowhere":                   {request("/"), []authhttp.Option{query}, admission{}},
	} {
		t.Run(name, func(t *testing.T) {
			code, found := visit(t, fake, c.request, c.opts...)
			if found != c.found || code != map[bool]int{true: 200, false: 401}[c.found.handled] {
				t.Errorf("got %d, a user: %v", code, found.user)
			}
		})
	}
}

func TestTheTokenLogsOut(t *testing.T) {
	fake, session := fakeSession(t)
	guard, err := authhttp.Middleware(fake)
	fatalIf(t, err)
	logout := guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, _ := authflow.SessionTokenFromContext(r.Context())
		fatalIf(t, fake.Logout(r.Context(), token, ""))
	}))
	for _, want := range []int{200, 401} {
		recorder := httptest.NewRecorder()
		logout.ServeHTTP(recorder, request("/logout", "Authorization", "Bearer "+session.Token()))
		if recorder.Code != want {
			t.Errorf("got %d %s, want %d", recorder.Code, recorder.Body, want)
		}
	}
}

func TestAnOptionalSession(t *testing.T) {
	fake, session := fakeSession(t)
	optional := authhttp.WithOptional()
	bearer := []string{"Authorization", "Bearer " + session.Token()}
	expect := func(r *http.Request, code int, found admission) {
		t.Helper()
		if gotCode, got := visit(t, fake, r, optional); gotCode != code || got != found {
			t.Errorf("got %d, handled: %v, a user: %q", gotCode, got.handled, got.user)
		}
	}
	expect(request("/", bearer...), 200, admission{true, "ada@example.com", session.Token()})
	expect(request("/"), 200, admission{handled: true})
	expect(request("/", "Authorization", "Bearer garbage"), 200, admission{handled: true})
	fatalIf(t, fake.Logout(context.Background(), session.Token(), ""))
	expect(request("/", bearer...), 200, admission{handled: true})
	fake.SetUnreachable(true)
	expect(request("/", bearer...), 503, admission{})
}

func TestPublicPaths(t *testing.T) {
	fake, _ := fakeSession(t)
	asked := &countingValidator{Validator: fake}
	listed := authhttp.WithPublic("/login", "/assets/*")
	for target, public := range map[string]bool{
		"/login":                     true,
		"/login?next=/account":       true,
		"/assets/app.js":             true,
		"/assets/a%20b.js":           true,
		"/login/":                    false,
		"/account":                   false,
		"/assets":                    false,
		"/assets/../account":         false,
		"/assets/%2e%2e/account":     false,
		"/assets/..%2faccount":       false,
		"/assets%2Fapp.js":           false,
		"/assets//account":           false,
		"/assets/./app.js":           false,
		"/assets/%5c..%5caccount":    false,
		"/account?next=/assets/x.js": false,
	} {
		code, found := visit(t, asked, request(target), listed)
		if found.handled != public || (code == 200) != public {
			t.Errorf("%s: got %d", target, code)
		}
	}
	predicate := authhttp.WithPublicFunc(func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, ".js") })
	if code, _ := visit(t, asked, request("/app.js"), listed, predicate); code != 200 {
		t.Errorf("got %d", code)
	}
	if asked.count.Load() != 0 {
		t.Error("the server was asked")
	}
}

func TestMiddlewareRefusesOptionsThatCannotWork(t *testing.T) {
	for name, option := range map[string]authhttp.Option{
		"a path without a slash": authhttp.WithPublic("login"),
		"a cookie of no name":    authhttp.WithCookie(""),
		"no token function":      authhttp.WithToken(nil),
		"no predicate":           authhttp.WithPublicFunc(nil),
		"no hook":                authhttp.WithOnError(nil),
	} {
		if _, err := authhttp.Middleware(authflowfake.New(), option); err == nil {
			t.Errorf("%s is not refused", name)
		}
	}
}

func TestTheMiddlewareTellsTheVisitor(t *testing.T) {
	server := newRecordingServer(t)
	guard, err := authhttp.Middleware(newClient(t, server.address, "af_visitor"))
	fatalIf(t, err)
	var handled atomic.Bool
	inner := guard(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { handled.Store(true) }))
	r := request("/", "Authorization", "Bearer e30."+emailClaim("ada@example.com")+".c2ln")
	ctx := authflow.ContextWithVisitor(r.Context(), authflow.Visitor{ClientIP: "203.0.113.7"})
	inner.ServeHTTP(httptest.NewRecorder(), r.WithContext(ctx))
	if !handled.Load() || server.requests[0].(interface{ GetClientIp() string }).GetClientIp() != "203.0.113.7" {
		t.Errorf("came with %v", server.requests)
	}
}
