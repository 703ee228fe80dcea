package authflow_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"strings"
	"testing"
	"time"

	"go.authflow.dev/authflow"
)

func TestRoundTrip(t *testing.T) {
	ctx := context.Background()
	org := newOrganization(t, "AUTHFLOW_TEST_GRPC")
	email := uniqueName() + "@example.com"

	nonce, err := org.FooBar(ctx, email)
	fatalIf(t, err)
	if nonce.Token() == "" || !nonce.ExpiresAt.After(time.Now()) {
		t.Fatalf("a nonce until %s", nonce.ExpiresAt)
	}
	user, err := org.SignUp(ctx, authflow.NewUser{
		Email: " " + strings.ToUpper(email), Password: password, FullName: "Ada Lovelace", Disclaimed: true,
	})
	fatalIf(t, err)
	if user.UserID == "" || user != (authflow.User{UserID: user.UserID, Email: email, FullName: "Ada Lovelace", OrgID: org.id}) {
		t.Fatalf("signed up %+v", user)
	}
	session, err := org.Login(ctx, email, password)
	fatalIf(t, err)
	other, err := org.Login(ctx, email, password)
	fatalIf(t, err)
	secrets.add(session.Token())
	secrets.add(other.Token())
	if session.User != user || session.Token() == other.Token() {
		t.Fatalf("logged in %+v", session.User)
	}
	live, err := org.Validate(ctx, session.Token(), email)
	fatalIf(t, err)
	if live.User != user || live.SessionID == "" || !live.ExpiresAt.Equal(session.ExpiresAt) {
		t.Fatalf("validated %+v", live)
	}
	ended, err := org.ChangePassword(ctx, authflow.PasswordChange{
		SessionToken: session.Token(), Email: email, NewPassword: "Difference-1822", CurrentPassword: password,
	})
	fatalIf(t, err)
	if ended != 1 {
		t.Fatalf("%d sessions ended", ended)
	}
	_, err = org.Validate(ctx, other.Token(), email)
	refused(t, err, authflow.SessionRevoked)
	fatalIf(t, org.Logout(ctx, session.Token(), email))
	fatalIf(t, org.Logout(ctx, session.Token(), email))
	_, err = org.Validate(ctx, session.Token(), email)
	refused(t, err, authflow.SessionRevoked)
}

func TestPrintedClientHidesTheKey(t *testing.T) {
	apiKey := "af_" + strings.Repeat("K", 43)
	c := newClient(t, "127.0.0.1:1", apiKey)
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		printed := fmt.Sprintf(format, c) + fmt.Sprintf(format, struct{ Auth *authflow.Client }{c})
		if strings.Contains(printed, apiKey) || strings.Contains(printed, fmt.Sprintf("%x", apiKey)) {
			t.Errorf("%s prints %s", format, printed)
		}
	}
	_, err := c.Validate(context.Background(), "header.payload.signature", "ada@example.com")
	if err == nil || strings.Contains(fmt.Sprintf("%+v %#v", err, err), apiKey) {
		t.Errorf("got %v", err)
	}
	// TestMain reads the log.
	log.Printf("%+v %v", c, err)
	slog.Info("made", "client", c, "err", err)
}
