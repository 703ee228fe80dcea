package authflowfake_test

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

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

func TestTheClockIsPutForward(t *testing.T) {
	ctx := context.Background()
	fake := authflowfake.New()
	token := loggedIn(t, fake).Token()
	expect := func(name string, err error, reason authflow.Reason, code codes.Code) {
		t.Helper()
		var failure *authflow.Error
		if !errors.As(err, &failure) || failure.Reason != reason || failure.Code != code || failure.Message == "" {
			t.Errorf("%s: got %v", name, err)
		}
	}
	fatalIf(t, fake.ForgotPassword(ctx, "ada@example.com"))
	fake.Advance(30 * time.Minute)
	_, err := fake.ResetPassword(ctx, fake.Mails()[0].Token, password, "")
	expect("an old token", err, authflow.TokenExpired, codes.Unauthenticated)
	err = fake.ChangeEmail(ctx, authflow.EmailChange{SessionToken: token, NewEmail: "ada@example.org"})
	expect("an old login", err, authflow.ReauthenticationRequired, codes.PermissionDenied)
	_, err = fake.DeleteAccount(ctx, authflow.AccountDeletion{SessionToken: token})
	expect("an old login", err, authflow.ReauthenticationRequired, codes.PermissionDenied)
	fatalIf(t, fake.ChangeEmail(ctx, authflow.EmailChange{
		SessionToken: token, NewEmail: "ada@example.org", CurrentPassword: password,
	}))

	early, err := fake.RenewSession(ctx, token, "")
	fatalIf(t, err)
	known, err := fake.Validate(ctx, token, "")
	if err != nil || !early.ExpiresAt.Equal(known.ExpiresAt) {
		t.Errorf("renewed at once until %s, %v", early.ExpiresAt, err)
	}
	fake.Advance(6 * 24 * time.Hour)
	renewed, err := fake.RenewSession(ctx, token, "")
	if err != nil || renewed.ExpiresAt.Sub(known.ExpiresAt) < 6*24*time.Hour {
		t.Errorf("renewed until %s, %v", renewed.ExpiresAt, err)
	}
	fake.Advance(24 * time.Hour)
	_, err = fake.Validate(ctx, token, "")
	expect("the first token", err, authflow.SessionExpired, codes.Unauthenticated)
	_, err = fake.Validate(ctx, renewed.Token(), "")
	fatalIf(t, err)
	if err := fake.SetRoles("grace@example.com", "editor"); err == nil {
		t.Error("nobody has roles")
	}
}

func fatalIf(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
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
	_, failures["Me"] = fake.Me(ctx, token, "")
	failures["SendVerificationEmail"] = fake.SendVerificationEmail(ctx, "ada@example.com")
	_, failures["VerifyEmail"] = fake.VerifyEmail(ctx, "token")
	failures["ForgotPassword"] = fake.ForgotPassword(ctx, "ada@example.com")
	_, failures["ResetPassword"] = fake.ResetPassword(ctx, "token", password, "")
	_, failures["RenewSession"] = fake.RenewSession(ctx, token, "")
	_, failures["ListMySessions"] = fake.ListMySessions(ctx, token, "")
	_, failures["EndMySessions"] = fake.EndMySessions(ctx, token, "", "")
	_, failures["UpdateProfile"] = fake.UpdateProfile(ctx, token, "", "Ada Lovelace")
	failures["ChangeEmail"] = fake.ChangeEmail(ctx, authflow.EmailChange{SessionToken: token, NewEmail: "ada@example.org"})
	_, failures["DeleteAccount"] = fake.DeleteAccount(ctx, authflow.AccountDeletion{SessionToken: token})
	_, failures["LoginStep"] = fake.LoginStep(ctx, "ada@example.com", password)
	_, failures["EnableTOTP"] = fake.EnableTOTP(ctx, authflow.TOTPSetup{SessionToken: token})
	_, failures["ConfirmTOTP"] = fake.ConfirmTOTP(ctx, authflow.TOTPConfirmation{SessionToken: token, Code: "123456"})
	failures["DisableTOTP"] = fake.DisableTOTP(ctx, authflow.SecondFactorProof{SessionToken: token, Code: "123456"})
	_, failures["RegenerateRecoveryCodes"] = fake.RegenerateRecoveryCodes(ctx, authflow.SecondFactorProof{SessionToken: token, Code: "123456"})
	_, failures["VerifyTOTP"] = fake.VerifyTOTP(ctx, "challenge", "123456")
	_, failures["SendEmailCode"] = fake.SendEmailCode(ctx, "challenge")
	_, failures["VerifyEmailCode"] = fake.VerifyEmailCode(ctx, "challenge", "123456")
	_, failures["VerifyRecoveryCode"] = fake.VerifyRecoveryCode(ctx, "challenge", "0123")
	_, failures["SendLoginCode"] = fake.SendLoginCode(ctx, "ada@example.com")
	fake.Mails()
	fake.Advance(0)
	fake.SetSettings(authflowfake.Settings{})
	failures["SetRoles"] = failures["Login"]
	fake.SetRoles("ada@example.com", "editor")
	return failures
}
