package authflow_test

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"go.authflow.dev/authflow"
	"google.golang.org/grpc/codes"
)

const unseen = "fake.SECRET-1843.secret"

var (
	ada         = authflow.User{UserID: "0190a1b2", Email: "ada@example.com", FullName: "Ada Lovelace", OrgID: "3f2504e0"}
	expiry      = time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	challenged  = authflow.NewChallenge(authflow.SecondFactorRequired, unseen, []authflow.ChallengeMethod{authflow.MethodTOTP}, expiry)
	opened      = authflow.NewSession(ada, unseen, expiry)
	withSecrets = map[string]any{
		"session":  authflow.NewSession(ada, unseen, expiry),
		"nonce":    authflow.NewNonce(unseen, expiry),
		"new user": authflow.NewUser{Email: ada.Email, Password: unseen, FullName: ada.FullName},
		"password change": authflow.PasswordChange{
			SessionToken: unseen, Email: ada.Email, NewPassword: unseen, CurrentPassword: unseen, Code: unseen,
		},
		"email change": authflow.EmailChange{
			SessionToken: unseen, Email: ada.Email, NewEmail: ada.Email, CurrentPassword: unseen, Code: unseen,
		},
		"account deletion": authflow.AccountDeletion{
			SessionToken: unseen, Email: ada.Email, CurrentPassword: unseen, Code: unseen,
		},
		"session after a recovery code": withCodesLeft(authflow.NewSession(ada, unseen, expiry), 9),
		"challenge":                     challenged,
		"error with a challenge":        authflow.Error{Reason: authflow.SecondFactorRequired, Code: codes.Unauthenticated, Challenge: &challenged},
		"pointer to such an error":      &authflow.Error{Reason: authflow.SecondFactorRequired, Code: codes.Unauthenticated, Challenge: &challenged},
		"login step":                    authflow.LoginStep(challenged),
		"setup":                         authflow.TOTPSetup{SessionToken: unseen, Email: ada.Email, CurrentPassword: unseen, Challenge: unseen},
		"confirmation":                  authflow.TOTPConfirmation{SessionToken: unseen, Email: ada.Email, Challenge: unseen, Code: unseen},
		"proof":                         authflow.SecondFactorProof{SessionToken: unseen, Email: ada.Email, CurrentPassword: unseen, Code: unseen},
		"secret of an app":              authflow.NewTOTPSecret(unseen, unseen, unseen, expiry),
		"recovery codes":                authflow.NewRecoveryCodes(unseen, unseen),
		"confirmed factor":              authflow.ConfirmedTOTP{RecoveryCodes: authflow.NewRecoveryCodes(unseen), Session: &opened},

		"context":             authflow.ContextWithSession(context.Background(), authflow.SessionUser{User: ada}, unseen),
		"context of a device": authflow.ContextWithPreviousSession(context.Background(), unseen),
	}
)

func withCodesLeft(session authflow.Session, left uint32) authflow.Session {
	session.RecoveryCodesLeft = &left
	return session
}

func expectUnseen(t *testing.T, how, printed string) {
	t.Helper()
	for _, form := range []string{"SECRET", fmt.Sprintf("%x", "SECRET"), fmt.Sprintf("%X", "SECRET"), fmt.Sprint([]byte("SECRET"))} {
		if strings.Contains(printed, strings.Trim(form, "[]")) {
			t.Errorf("%s shows the secret: %s", how, printed)
		}
	}
}

func TestPrintedSecretsAreUnseen(t *testing.T) {
	for name, value := range withSecrets {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T"} {
			expectUnseen(t, name+" by "+verb, fmt.Sprintf(verb, value))
			expectUnseen(t, name+" in a list by "+verb, fmt.Sprintf(verb, []any{value}))
		}
		var logged bytes.Buffer
		for _, handler := range []slog.Handler{slog.NewJSONHandler(&logged, nil), slog.NewTextHandler(&logged, nil)} {
			slog.New(handler).Info("seen", "value", value, "list", []any{value})
		}
		expectUnseen(t, name+" logged", logged.String())
		if !strings.HasPrefix(name, "context") {
			inJSON, err := json.Marshal(value)
			fatalIf(t, err)
			inXML, err := xml.Marshal(value)
			fatalIf(t, err)
			expectUnseen(t, name+" serialized", string(inJSON)+string(inXML))
		}
	}
	// Methods of a value in an unexported field are not called.
	type state struct {
		session   authflow.Session
		challenge authflow.Challenge
		failure   authflow.Error
		secret    authflow.TOTPSecret
		codes     authflow.RecoveryCodes
	}
	hidden := state{
		opened, challenged, authflow.Error{Challenge: &challenged}, authflow.NewTOTPSecret(unseen, unseen, unseen, expiry),
		authflow.NewRecoveryCodes(unseen),
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		expectUnseen(t, "a field by "+verb, fmt.Sprintf(verb, hidden))
	}
	pointed := authflow.NewSession(ada, unseen, expiry)
	expectUnseen(t, "a pointer", fmt.Sprintf("%+v %#v", &pointed, &pointed))
	if printed := fmt.Sprintf("%+v", pointed); !strings.Contains(printed, ada.UserID) || !strings.Contains(printed, "2030") {
		t.Errorf("a session prints as %s", printed)
	}
}

func TestResultsSerializeAsOnTheWire(t *testing.T) {
	session := authflow.NewSession(ada, unseen, expiry)
	for want, value := range map[string]any{
		`{"user_id":"0190a1b2","email":"ada@example.com","fullname":"Ada Lovelace","org_id":"3f2504e0"}`: ada,
		`{"user_id":"0190a1b2","email":"ada@example.com","fullname":"Ada Lovelace","org_id":"3f2504e0",` +
			`"expires_at":"2030-01-02T03:04:05Z"}`: session,
		`{"user_id":"0190a1b2","email":"ada@example.com","fullname":"Ada Lovelace","org_id":"3f2504e0",` +
			`"session_id":"0190a1b3","expires_at":"2030-01-02T03:04:05Z","email_verified":true,"roles":["editor","billing"]}`: authflow.SessionUser{
			User: ada, SessionID: "0190a1b3", ExpiresAt: expiry, EmailVerified: true, Roles: authflow.NewRoles("editor", "billing"),
		},
		`{"user_id":"","email":"","fullname":"","org_id":"","session_id":"","expires_at":"2030-01-02T03:04:05Z",` +
			`"email_verified":false,"roles":[],"second_factor":false,"recovery_codes_left":0,"public_metadata":"",` +
			`"created_at":"2030-01-02T03:04:05Z"}`: authflow.Account{SessionUser: authflow.SessionUser{ExpiresAt: expiry}, CreatedAt: expiry},
		`{"expires_at":"2030-01-02T03:04:05Z"}`: authflow.NewNonce(unseen, expiry),
		`{"user_id":"0190a1b2","email":"ada@example.com","fullname":"Ada Lovelace","org_id":"3f2504e0",` +
			`"expires_at":"2030-01-02T03:04:05Z","recovery_codes_left":0}`: withCodesLeft(session, 0),
		`{"reason":"SECOND_FACTOR_REQUIRED","methods":["totp"],"expires_at":"2030-01-02T03:04:05Z"}`: challenged,
		`{"recovery_codes":{"count":2}}`: authflow.ConfirmedTOTP{RecoveryCodes: authflow.NewRecoveryCodes("a", "b")},
		// The token where it is asked for.
		`{"token":"` + unseen + `","user_id":"0190a1b2","email":"ada@example.com","fullname":"Ada Lovelace","org_id":"3f2504e0",` +
			`"expires_at":"2030-01-02T03:04:05Z"}`: struct {
			Token string `json:"token"`
			authflow.Session
		}{session.Token(), session},
	} {
		got, err := json.Marshal(value)
		fatalIf(t, err)
		if string(got) != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	var read authflow.NewUser
	decodeJSON(t, []byte(`{"email":"ada@example.com","password":"Analytical-1843","fullname":"Ada Lovelace","disclaimed":true}`), &read)
	if read != (authflow.NewUser{Email: ada.Email, Password: password, FullName: ada.FullName, Disclaimed: true}) {
		t.Error("a new user is not read from JSON")
	}
	if session.Token() != unseen || (authflow.Session{}).Token() != "" {
		t.Error("the token is not the session's")
	}
}

func TestASessionIsLoggedByItsWireNames(t *testing.T) {
	var logged bytes.Buffer
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("logged in", "session", authflow.NewSession(ada, unseen, expiry))
	if !strings.Contains(logged.String(), `"session":{"user_id":"0190a1b2"`) {
		t.Errorf("got %s", logged.String())
	}
}
