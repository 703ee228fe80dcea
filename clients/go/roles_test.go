package authflow_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"go.authflow.dev/authflow"
	"go.authflow.dev/authflow/authgrpc"
	"go.authflow.dev/authflow/authhttp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
)

func TestRolesAreAListThatNobodyChanges(t *testing.T) {
	roles := authflow.NewRoles("editor", "billing")
	roles.List()[0] = "admin"
	if fmt.Sprint(roles) != "editor,billing" || roles != authflow.NewRoles(roles.List()...) {
		t.Errorf("got %s", roles)
	}
	if !roles.HasAny("admin", "billing") || roles.HasAny("admin", "bill") || roles.HasAny() || (authflow.Roles{}).HasAny("") {
		t.Error("the wrong roles are had")
	}
	for text, want := range map[string]authflow.Roles{`["editor","billing"]`: roles, `[]`: {}} {
		var read authflow.Roles
		decodeJSON(t, []byte(text), &read)
		written, err := json.Marshal(read)
		fatalIf(t, err)
		if read != want || string(written) != text {
			t.Errorf("%s: got %s", text, written)
		}
	}
}

func TestRequireRoleLetsAnyOneOfTheRolesIn(t *testing.T) {
	fake, session := fakeSession(t)
	site := managedSite(t, fake)
	bearer := "Bearer " + session.Token()
	expectRefusal(t, site, bearer, 403, authflow.AccessDenied)
	fatalIf(t, fake.SetRoles(session.Email, "edit", "editors"))
	expectRefusal(t, site, bearer, 403, authflow.AccessDenied)
	fatalIf(t, fake.SetRoles(session.Email, "edit", "editors", "editor"))
	status, _, body := get(t, site, bearer)
	var user authflow.SessionUser
	decodeJSON(t, body, &user)
	if status != 200 || user.Roles != authflow.NewRoles("edit", "editors", "editor") {
		t.Errorf("got %d %s", status, body)
	}
	expectRefusal(t, site, "", 401, authflow.SessionInvalid)
	expectRefusal(t, managedSite(t, fake, authhttp.WithOptional()), "", 401, authflow.SessionInvalid)
	expectRefusal(t, managedSite(t, fake, authhttp.WithPublic("/*")), bearer, 401, authflow.SessionInvalid)
	// A role that is taken away ends the sessions.
	fatalIf(t, fake.SetRoles(session.Email))
	expectRefusal(t, site, bearer, 401, authflow.SessionRevoked)
}

func TestARoleGuardLetsAnyOneOfTheRolesIn(t *testing.T) {
	fake, session := fakeSession(t)
	service := newManagedService(t, fake, "/grpc.health.v1.Health/Check", "/grpc.health.v1.Health/Watch")
	bearer := "Bearer " + session.Token()
	service.expectRefusal(t, bearer, codes.PermissionDenied, authflow.AccessDenied)
	service.expectRefusal(t, "", codes.Unauthenticated, authflow.SessionInvalid)
	fatalIf(t, fake.SetRoles(session.Email, "editor"))
	fatalIf(t, service.call(bearer))
	fatalIf(t, service.stream(bearer))
}

func TestARoleGuardLeavesOtherMethodsAlone(t *testing.T) {
	fake, session := fakeSession(t)
	service := newManagedService(t, fake, "/grpc.health.v1.Health/Watch", "/other.v1.Service/*")
	fatalIf(t, service.call("Bearer "+session.Token()))
	refused(t, authflow.DecodeError(service.stream("Bearer "+session.Token())), authflow.AccessDenied)
}

func TestWhatCannotBeARoleIsRefusedAtOnce(t *testing.T) {
	for _, roles := range [][]string{nil, {"editor", "Admin"}, {""}, {"1st"}} {
		if _, err := authhttp.RequireRole(roles...); err == nil {
			t.Errorf("%q makes a middleware", roles)
		}
		if _, err := authgrpc.NewRoleGuard([]string{"/a.v1.S/*"}, roles...); err == nil {
			t.Errorf("%q makes a guard", roles)
		}
	}
	for _, methods := range [][]string{nil, {"a.v1.S/List"}} {
		if _, err := authgrpc.NewRoleGuard(methods, "editor"); err == nil {
			t.Errorf("%q makes a guard", methods)
		}
	}
}

func managedSite(t *testing.T, validator authflow.Validator, opts ...authhttp.Option) string {
	t.Helper()
	guard, err := authhttp.Middleware(validator, opts...)
	fatalIf(t, err)
	editors, err := authhttp.RequireRole("admin", "editor")
	fatalIf(t, err)
	server := httptest.NewServer(guard(editors(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, _ := authflow.UserFromContext(r.Context())
		json.NewEncoder(w).Encode(user)
	}))))
	t.Cleanup(server.Close)
	return server.URL
}

func newManagedService(t *testing.T, validator authflow.Validator, fullMethods ...string) *guardedService {
	t.Helper()
	guard, err := authgrpc.NewGuard(validator)
	fatalIf(t, err)
	editors, err := authgrpc.NewRoleGuard(fullMethods, "admin", "editor")
	fatalIf(t, err)
	server := grpc.NewServer(
		grpc.ChainUnaryInterceptor(guard.UnaryServerInterceptor, editors.UnaryServerInterceptor),
		grpc.ChainStreamInterceptor(guard.StreamServerInterceptor, editors.StreamServerInterceptor),
	)
	return served(t, server)
}
