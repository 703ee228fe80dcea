package authflowfake_test

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"go.authflow.dev/authflow"
	"go.authflow.dev/authflow/authflowfake"
	"google.golang.org/grpc/codes"
)

const password = "Analytical-1843"

func TestUnreachable(t *testing.T) {
	ctx := context.Background()
	fake := authflowfake.New()
	session := loggedIn(t, fake)
	fake.SetUnreachable(true)
	for name, err := range allCalls(ctx, fake, session.Token()) {
		var failure *authflow.Error
		if !errors.As(err, &failure) || failure.Code != codes.Unavailable || failure.Reason != "" || failure.HTTPStatus() != 503 {
			t.Errorf("%s: got %v", name, err)
		}
	}
	fake.SetUnreachable(false)
	if _, err := fake.Validate(ctx, session.Token(), ""); err != nil {
		t.Errorf("reachable again: %v", err)
	}
}

func TestAContextThatHasEndedEndsACall(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	fake := authflowfake.New()
	session := loggedIn(t, fake)
	cancel()
	for name, err := range allCalls(ctx, fake, session.Token()) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestTokensAreNobodyElses(t *testing.T) {
	fake, other := authflowfake.New(), authflowfake.New()
	session := loggedIn(t, fake)
	if token := session.Token(); !strings.HasPrefix(token, "fake.") || strings.Count(token, ".") != 2 {
		t.Errorf("the token is %s", token)
	}
	loggedIn(t, other)
	var failure *authflow.Error
	if _, err := other.Validate(context.Background(), session.Token(), ""); !errors.As(err, &failure) || failure.Reason != authflow.SessionInvalid {
		t.Errorf("got %v", err)
	}
}

func TestConcurrentCalls(t *testing.T) {
	fake := authflowfake.New()
	session := loggedIn(t, fake)
	var running sync.WaitGroup
	for n := 0; n < 8; n++ {
		running.Add(1)
		go func() {
			defer running.Done()
			allCalls(context.Background(), fake, session.Token())
			fake.SetUnreachable(false)
		}()
	}
	running.Wait()
}

func TestWhoDoesWithoutTheFakeDoesNotCompileIt(t *testing.T) {
	listed, err := exec.Command("go", "list", "-deps", "..", "../authhttp", "../authgrpc").CombinedOutput()
	if err != nil || !strings.Contains(string(listed), "go.authflow.dev/authflow/authhttp\n") {
		t.Fatalf("%v: %s", err, listed)
	}
	if strings.Contains(string(listed), "authflowfake") {
		t.Error("the client holds the fake")
	}
}

func loggedIn(t *testing.T, fake *authflowfake.Fake) authflow.Session {
	t.Helper()
	_, err := fake.SignUp(context.Background(), authflow.NewUser{
		Email: "ada@example.com", Password: password, FullName: "Ada Lovelace", Disclaimed: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	session, err := fake.Login(context.Background(), "ada@example.com", password)
	if err != nil {
		t.Fatal(err)
	}
	return session
}

func allCalls(ctx context.Context, fake *authflowfake.Fake, token string) map[string]error {
	failures := map[string]error{}
	_, failures["FooBar"] = fake.FooBar(ctx, "ada@example.com")
	_, failures["SignUp"] = fake.SignUp(ctx, authflow.NewUser{
		Email: fmt.Sprintf("%p@example.com", &failures), Password: password, FullName: "Ada Lovelace", Disclaimed: true,
	})
	_, failures["Login"] = fake.Login(ctx, "ada@example.com", password)
	_, failures["Validate"] = fake.Validate(ctx, token, "")
	_, failures["ChangePassword"] = fake.ChangePassword(ctx, authflow.PasswordChange{SessionToken: token, NewPassword: password})
	failures["Logout"] = fake.Logout(ctx, token, "")
	return failures
}
