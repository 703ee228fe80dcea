package main

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.authflow.dev/authflow"
	"go.authflow.dev/authflow/authflowfake"
)

func TestRoutes(t *testing.T) {
	fake := authflowfake.New()
	routes, err := newRoutes(fake)
	if err != nil {
		t.Fatal(err)
	}
	token, challenge := "", ""
	send := func(route, body string) map[string]any {
		method, path, _ := strings.Cut(route, " ")
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Cookie", challengeCookie+"="+challenge)
		w := httptest.NewRecorder()
		routes.ServeHTTP(w, r)
		for _, cookie := range w.Result().Cookies() {
			challenge = cookie.Value
		}
		if challenge != "" && strings.Contains(w.Body.String(), challenge) {
			t.Errorf("%s shows the challenge", route)
		}
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
	const changed = `{"email":"ada@example.com","password":"Difference-1822"}`
	expect("POST /login", changed, 200, nil)

	secret, err := fake.EnableTOTP(t.Context(), authflow.TOTPSetup{SessionToken: loggedIn(t, fake, "Difference-1822")})
	if err != nil {
		t.Fatal(err)
	}
	code := codeOf(t, fake, secret)
	confirmed, err := fake.ConfirmTOTP(t.Context(), authflow.TOTPConfirmation{SessionToken: loggedIn(t, fake, "Difference-1822"), Code: code})
	if err != nil {
		t.Fatal(err)
	}
	expect("POST /login/code", `{"code":"123456"}`, 400, "INVALID_ARGUMENT")
	if step := expect("POST /login", changed, 401, "SECOND_FACTOR_REQUIRED"); fmt.Sprint(step["methods"]) != "[totp email recovery]" {
		t.Errorf("got %v", step)
	}
	expect("POST /login/code", fmt.Sprintf(`{"code":%q}`, code), 401, "CODE_INVALID")
	fake.Advance(30 * time.Second)
	expect("POST /login/code", fmt.Sprintf(`{"code":%q}`, codeOf(t, fake, secret)), 200, nil)
	if challenge != "" {
		t.Error("the challenge is kept")
	}
	expect("POST /login", changed, 401, "SECOND_FACTOR_REQUIRED")
	expect("POST /login/mail", "", 204, nil)
	mails := fake.Mails()
	expect("POST /login/code", fmt.Sprintf(`{"method":"email","code":%q}`, mails[len(mails)-1].Code), 200, nil)
	expect("POST /login/mail", "", 400, "INVALID_ARGUMENT")
	expect("POST /login", changed, 401, "SECOND_FACTOR_REQUIRED")
	recovery := fmt.Sprintf(`{"method":"recovery","code":%q}`, confirmed.RecoveryCodes.List()[0])
	if session := expect("POST /login/code", recovery, 200, nil); session["recovery_codes_left"] != 9.0 {
		t.Errorf("got %v", session["recovery_codes_left"])
	}

	if err := fake.ResetSecondFactor("ada@example.com"); err != nil {
		t.Fatal(err)
	}
	if err := fake.SetPassword("ada@example.com", "Difference-1823", true); err != nil {
		t.Fatal(err)
	}
	if step := expect("POST /login", `{"email":"ada@example.com","password":"Difference-1823"}`, 403, "PASSWORD_CHANGE_REQUIRED"); fmt.Sprint(step["methods"]) != "[change_password]" {
		t.Errorf("got %v", step)
	}
	expect("POST /reset-password", `{"password":"Difference-1822","currentPassword":"Difference-1823"}`, 204, nil)
	expect("POST /login", changed, 200, nil)
}

func loggedIn(t *testing.T, fake *authflowfake.Fake, password string) (token string) {
	t.Helper()
	session, err := fake.Login(t.Context(), "ada@example.com", password)
	if err != nil {
		t.Fatal(err)
	}
	return session.Token()
}

func codeOf(t *testing.T, fake *authflowfake.Fake, secret authflow.TOTPSecret) string {
	t.Helper()
	code, err := fake.TOTPCode(secret.Secret())
	if err != nil {
		t.Fatal(err)
	}
	return code
}
