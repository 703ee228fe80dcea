package authflow_test

import (
	"context"
	"testing"

	"go.authflow.dev/authflow"
	"go.authflow.dev/authflow/authflowfake"
	"google.golang.org/grpc/codes"
)

// A form may hold any bytes, and protobuf carries none but UTF-8.
func TestTextThatIsNoUTF8IsAViolation(t *testing.T) {
	ctx := context.Background()
	const latin1 = "caf\xe9"
	server := newRecordingServer(t)
	for name, auth := range map[string]authflow.Authenticator{
		"client": newClient(t, server.address, "af_any"), "fake": authflowfake.New(),
	} {
		for _, c := range []struct {
			call   string
			make   func() error
			fields []string
		}{
			{"FooBar", func() error { _, err := auth.FooBar(ctx, latin1); return err }, []string{"identity"}},
			{"SignUp", func() error {
				_, err := auth.SignUp(ctx, authflow.NewUser{Email: latin1, Password: latin1, FullName: latin1, Disclaimed: true})
				return err
			}, []string{"email", "password", "fullname"}},
			{"Login", func() error { _, err := auth.Login(ctx, "ada@example.com", latin1); return err }, []string{"password"}},
			{"Validate", func() error { _, err := auth.Validate(ctx, latin1, latin1); return err }, []string{"sessionToken", "email"}},
			{"ChangePassword", func() error {
				_, err := auth.ChangePassword(ctx, authflow.PasswordChange{
					SessionToken: latin1, Email: latin1, NewPassword: latin1, CurrentPassword: latin1,
				})
				return err
			}, []string{"sessionToken", "email", "newPassword", "currentPassword"}},
			{"EnableTOTP", func() error {
				_, err := auth.EnableTOTP(ctx, authflow.TOTPSetup{Challenge: latin1})
				return err
			}, []string{"challenge"}},
			{"DisableTOTP", func() error {
				return auth.DisableTOTP(ctx, authflow.SecondFactorProof{SessionToken: "token", Email: "ada@example.com", Code: latin1})
			}, []string{"code"}},
			{"VerifyTOTP", func() error { _, err := auth.VerifyTOTP(ctx, latin1, latin1); return err }, []string{"challenge", "code"}},
			{"VerifyRecoveryCode", func() error {
				_, err := auth.VerifyRecoveryCode(ctx, "challenge", latin1)
				return err
			}, []string{"recovery_code"}},
			{"SendLoginCode", func() error { _, err := auth.SendLoginCode(ctx, latin1); return err }, []string{"email"}},
			{"Logout", func() error { return auth.Logout(ctx, latin1, "ada@example.com") }, []string{"sessionToken"}},
		} {
			t.Run(name+" "+c.call, func(t *testing.T) {
				failure := refused(t, c.make(), authflow.InvalidArgument)
				if failure.Code != codes.InvalidArgument || failure.HTTPStatus() != 400 || len(failure.Violations) != len(c.fields) {
					t.Fatalf("got %s %v", failure.Code, failure.Violations)
				}
				for n, field := range c.fields {
					if failure.Violations[n] != (authflow.Violation{Field: field, Message: "must be UTF-8"}) {
						t.Errorf("got %v", failure.Violations[n])
					}
				}
			})
		}
	}
	server.mu.Lock()
	defer server.mu.Unlock()
	if len(server.requests) != 0 {
		t.Errorf("the server was asked %v", server.requests)
	}
}
