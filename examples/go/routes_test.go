package main

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"go.authflow.dev/authflow/authflowfake"
)

func TestRoutes(t *testing.T) {
	fake := authflowfake.New()
	routes, err := newRoutes(fake)
	if err != nil {
		t.Fatal(err)
	}
	token := ""
	send := func(route, body string) map[string]any {
		method, path, _ := strings.Cut(route, " ")
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		routes.ServeHTTP(w, r)
		reply := map[string]any{}
		_ = json.Unmarshal(w.Body.Bytes(), &reply)
		reply["status"] = w.Code
		return reply
	}
	expect := func(route, body string, status int, reason any) map[string]any {
		t.Helper()
		reply := send(route, body)
		if reply["status"] != status || reply["error"] != reason {
			t.Fatalf("%s: got %v", route, reply)
		}
		return reply
	}
	const ada = `{"email":"ada@example.com","password":"Analytical-1843","fullname":"Ada Lovelace"}`
	expect("POST /register", ada, 201, nil)
	expect("POST /register", ada, 409, "USER_EXISTS")
	expect("POST /register", `{"email":"bo@example.com","password":"weak","fullname":"Bo"}`, 400, "PASSWORD_POLICY")
	expect("POST /register", `{"email":`, 400, "INVALID_ARGUMENT")
	expect("POST /login", `{"email":"ada@example.com","password":"Analytical-1844"}`, 401, "CREDENTIALS_INVALID")
	expect("GET /me", "", 401, "SESSION_INVALID")
	token = expect("POST /login", ada, 200, nil)["token"].(string)
	if me := expect("GET /me", "", 200, nil); me["email"] != "ada@example.com" || me["fullname"] != "Ada Lovelace" {
		t.Errorf("got %v", me)
	}
	fake.SetUnreachable(true)
	expect("GET /me", "", 503, "UNAVAILABLE")
	expect("POST /login", ada, 503, "UNAVAILABLE")
	fake.SetUnreachable(false)
	expect("POST /logout", "", 204, nil)
	expect("GET /me", "", 401, "SESSION_REVOKED")

	expect("POST /forgot-password", `{"email":"nobody@example.com"}`, 204, nil)
	expect("POST /forgot-password", `{"email":"ada@example.com"}`, 204, nil)
	reset := fmt.Sprintf(`{"token":%q,"password":"Difference-1822"}`, fake.Mails()[0].Token)
	expect("POST /reset-password", reset, 204, nil)
	expect("POST /reset-password", reset, 401, "TOKEN_INVALID")
	expect("POST /login", ada, 401, "CREDENTIALS_INVALID")
	expect("POST /login", `{"email":"ada@example.com","password":"Difference-1822"}`, 200, nil)
}
