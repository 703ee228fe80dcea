package authflow_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.authflow.dev/authflow"
	"go.authflow.dev/authflow/authhttp"
)

func TestMiddlewareLetsALiveSessionIn(t *testing.T) {
	org := newOrganization(t, "AUTHFLOW_TEST_GRPC")
	session := org.loggedIn(t)
	site := guardedSite(t, org)

	for _, scheme := range []string{"Bearer ", "bearer "} {
		status, _, body := get(t, site, scheme+session.Token())
		var user authflow.SessionUser
		decodeJSON(t, body, &user)
		if status != 200 || user.User != session.User || user.SessionID == "" || !user.ExpiresAt.Equal(session.ExpiresAt) {
			t.Errorf("got %d %s", status, body)
		}
	}
	fatalIf(t, org.Logout(context.Background(), session.Token(), session.Email))
	expectRefusal(t, site, "Bearer "+session.Token(), 401, authflow.SessionRevoked)
}

func TestMiddlewareRefusesWithoutAUsableToken(t *testing.T) {
	org := newOrganization(t, "AUTHFLOW_TEST_GRPC")
	asked := &countingValidator{Validator: org}
	site := guardedSite(t, asked)
	claims := base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"nobody"}`))
	for name, header := range map[string]string{
		"no header":        "",
		"another scheme":   "Basic YWRhOmFkYQ==",
		"no token":         "Bearer",
		"garbage":          "Bearer garbage",
		"an API key":       "Bearer " + org.apiKey,
		"no JSON":          "Bearer e30.bm9uc2Vuc2U.c2ln",
		"no e-mail":        "Bearer e30." + claims + ".c2ln",
		"bytes, not UTF-8": "Bearer e30." + emailClaim("ada@example.com") + ".\xff\xfe",
		"far too long":     "Bearer e30." + emailClaim("ada@example.com") + "." + strings.Repeat("a", 80_000),
	} {
		t.Run(name, func(t *testing.T) { expectRefusal(t, site, header, 401, authflow.SessionInvalid) })
	}
	if count := asked.count.Load(); count != 0 {
		t.Errorf("the server was asked %d times", count)
	}
}

func TestMiddlewareRefusesWhatTheServerRefuses(t *testing.T) {
	org := newOrganization(t, "AUTHFLOW_TEST_GRPC")
	foreign := newOrganization(t, "AUTHFLOW_TEST_GRPC")
	session := org.loggedIn(t)
	site := guardedSite(t, org)
	expectRefusal(t, guardedSite(t, foreign), "Bearer "+session.Token(), 401, authflow.SessionInvalid)
	expectRefusal(t, site, "Bearer "+session.Token()+"AA", 401, authflow.SessionInvalid)
	expectRefusal(t, site, "Bearer e30."+emailClaim("ada@example.com")+".c2ln", 401, authflow.SessionInvalid)
	// A visitor must not be able to make a backend look broken.
	expectRefusal(t, site, "Bearer e30."+emailClaim("no e-mail")+".c2ln", 401, authflow.SessionInvalid)
	expectRefusal(t, site, "Bearer e30."+emailClaim(strings.Repeat("a", 300)+"@example.com")+".c2ln", 401, authflow.SessionInvalid)
}

func TestMiddlewareFailsClosed(t *testing.T) {
	org := newOrganization(t, "AUTHFLOW_TEST_GRPC")
	session := org.loggedIn(t)
	for name, broken := range map[string]*authflow.Client{
		"no server":     newClient(t, closedAddress(t), org.apiKey),
		"a refused key": newClient(t, standVariable(t, "AUTHFLOW_TEST_GRPC"), "af_"+strings.Repeat("K", 43)),
	} {
		broken := broken
		t.Run(name, func(t *testing.T) {
			var told atomic.Value
			site := guardedSite(t, broken, authhttp.WithOnError(func(_ *http.Request, err error) { told.Store(err) }))
			expectRefusal(t, site, "Bearer "+session.Token(), 503, authflow.Unavailable)
			err, ok := told.Load().(error)
			if !ok || strings.Contains(err.Error(), session.Token()) || strings.Contains(err.Error(), org.apiKey) {
				t.Errorf("the hook was told %v", err)
			}
		})
	}
}

func TestMiddlewareTellsTheWait(t *testing.T) {
	site := guardedSite(t, refusingValidator{&authflow.Error{Reason: authflow.RateLimited, RetryAfter: 1200 * time.Millisecond}})
	header := expectRefusal(t, site, "Bearer e30."+emailClaim("ada@example.com")+".c2ln", 503, authflow.Unavailable)
	if wait := header.Get("Retry-After"); wait != "2" {
		t.Errorf("got %q", wait)
	}
}

func TestMiddlewareRemembersForASecond(t *testing.T) {
	org := newOrganization(t, "AUTHFLOW_TEST_GRPC")
	session := org.loggedIn(t)
	asked := &countingValidator{Validator: org}
	site := guardedSite(t, asked, authhttp.WithRemember(time.Second))
	// A busy machine may take longer than a second from one request to the next, but not every time.
	eventually(t, "a second request needs no question", func() bool {
		before := asked.count.Load()
		for i := 0; i < 2; i++ {
			if status, _, body := get(t, site, "Bearer "+session.Token()); status != 200 {
				t.Fatalf("got %d %s", status, body)
			}
		}
		return asked.count.Load()-before <= 1
	})
	fatalIf(t, org.Logout(context.Background(), session.Token(), session.Email))
	ended := time.Now()
	eventually(t, "the logout is seen", func() bool {
		status, _, _ := get(t, site, "Bearer "+session.Token())
		if status == 200 && time.Since(ended) > 2*time.Second {
			t.Fatalf("still let in after %s", time.Since(ended))
		}
		return status == 401
	})
	if _, err := authhttp.Middleware(org, authhttp.WithRemember(time.Second+1)); err == nil {
		t.Error("more than a second is not refused")
	}
}

// guardedSite answers with the user that the middleware found.
func guardedSite(t *testing.T, validator authflow.Validator, opts ...authhttp.Option) string {
	t.Helper()
	guard, err := authhttp.Middleware(validator, opts...)
	fatalIf(t, err)
	server := httptest.NewServer(guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, ok := authflow.UserFromContext(r.Context())
		if !ok {
			http.Error(w, "let in without a user", http.StatusInternalServerError)
			return
		}
		json.NewEncoder(w).Encode(user)
	})))
	t.Cleanup(server.Close)
	return server.URL
}

func expectRefusal(t *testing.T, site, authorization string, status int, reason authflow.Reason) http.Header {
	t.Helper()
	got, header, body := get(t, site, authorization)
	var reply struct {
		StatusCode int
		Error      authflow.Reason
		Message    string
	}
	decodeJSON(t, body, &reply)
	if got != status || reply.StatusCode != status || reply.Error != reason || reply.Message == "" {
		t.Errorf("got %d %s, want %d %s", got, body, status, reason)
	}
	challenge := map[int]string{401: "Bearer"}[status]
	if header.Get("WWW-Authenticate") != challenge || header.Get("Content-Type") != "application/json" {
		t.Errorf("got the headers %v", header)
	}
	return header
}

func get(t *testing.T, site, authorization string) (int, http.Header, []byte) {
	t.Helper()
	request := httptest.NewRequest("GET", site, nil)
	request.RequestURI = ""
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	response, err := http.DefaultClient.Do(request)
	fatalIf(t, err)
	defer response.Body.Close()
	var body json.RawMessage
	fatalIf(t, json.NewDecoder(response.Body).Decode(&body))
	return response.StatusCode, response.Header, body
}

func emailClaim(email string) string {
	claims, _ := json.Marshal(map[string]string{"email": email})
	return base64.RawURLEncoding.EncodeToString(claims)
}

type countingValidator struct {
	authflow.Validator
	count atomic.Int64
}

func (v *countingValidator) Validate(ctx context.Context, token, email string) (authflow.SessionUser, error) {
	v.count.Add(1)
	return v.Validator.Validate(ctx, token, email)
}

type refusingValidator struct{ err error }

func (v refusingValidator) Validate(context.Context, string, string) (authflow.SessionUser, error) {
	return authflow.SessionUser{}, v.err
}
