package authflow_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.authflow.dev/authflow"
	authflowv1 "go.authflow.dev/gen/authflow/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// What the real server refuses; the reasons that take a fault of the server are among the shared vectors.
func TestReasons(t *testing.T) {
	ctx := context.Background()
	org := newOrganization(t, "AUTHFLOW_TEST_GRPC")
	foreign := newOrganization(t, "AUTHFLOW_TEST_GRPC")
	newUser := authflow.NewUser{
		Email: uniqueName() + "@example.com", Password: password, FullName: "Ada Lovelace", Disclaimed: true,
	}
	cases := []struct {
		reason authflow.Reason
		code   codes.Code
		call   func(t *testing.T) error
	}{
		{authflow.PasswordPolicy, codes.InvalidArgument, func(t *testing.T) error {
			weak := newUser
			weak.Password = "analytical"
			_, err := org.SignUp(ctx, weak)
			return err
		}},
		{authflow.DisclaimerRequired, codes.InvalidArgument, func(t *testing.T) error {
			unaware := newUser
			unaware.Disclaimed = false
			_, err := org.SignUp(ctx, unaware)
			return err
		}},
		{authflow.APIKeyInvalid, codes.Unauthenticated, func(t *testing.T) error {
			stranger := newClient(t, standVariable(t, "AUTHFLOW_TEST_GRPC"), "af_"+strings.Repeat("K", 43))
			_, err := stranger.Login(ctx, newUser.Email, password)
			return err
		}},
		{authflow.CredentialsInvalid, codes.Unauthenticated, func(t *testing.T) error {
			_, err := org.Login(ctx, org.signedUp(t).Email, "Wrong-1843")
			return err
		}},
		{authflow.UserNotFound, codes.NotFound, func(t *testing.T) error {
			_, err := org.Login(ctx, uniqueName()+"@example.com", password)
			return err
		}},
		{authflow.UserExists, codes.AlreadyExists, func(t *testing.T) error {
			twice := newUser
			twice.Email = org.signedUp(t).Email
			_, err := org.SignUp(ctx, twice)
			return err
		}},
		{authflow.UserDisabled, codes.PermissionDenied, func(t *testing.T) error {
			user := org.signedUp(t)
			control(t, "POST", "/disable?"+url.Values{"org_id": {org.id}, "email": {user.Email}}.Encode())
			_, err := org.Login(ctx, user.Email, password)
			return err
		}},
		{authflow.SessionInvalid, codes.Unauthenticated, func(t *testing.T) error {
			session := org.loggedIn(t)
			_, err := foreign.Validate(ctx, session.Token(), session.Email)
			return err
		}},
		{authflow.SessionRevoked, codes.Unauthenticated, func(t *testing.T) error {
			session := org.loggedIn(t)
			fatalIf(t, org.Logout(ctx, session.Token(), session.Email))
			_, err := org.ChangePassword(ctx, authflow.PasswordChange{
				SessionToken: session.Token(), Email: session.Email, NewPassword: password,
			})
			return err
		}},
		{authflow.NonceInvalid, codes.Unauthenticated, func(t *testing.T) error {
			return rawLogin(org, "forged", org.signedUp(t).Email)
		}},
		{authflow.NonceUsed, codes.Unauthenticated, func(t *testing.T) error {
			user := org.signedUp(t)
			nonce, err := org.FooBar(ctx, user.Email)
			fatalIf(t, err)
			fatalIf(t, rawLogin(org, nonce.Token(), user.Email))
			return rawLogin(org, nonce.Token(), user.Email)
		}},
	}
	for _, c := range cases {
		c := c
		t.Run(string(c.reason), func(t *testing.T) {
			failure := refused(t, c.call(t), c.reason)
			if failure.Code != c.code {
				t.Errorf("got %s, want %s", failure.Code, c.code)
			}
		})
	}
}

func TestViolationsNameTheFields(t *testing.T) {
	org := newOrganization(t, "AUTHFLOW_TEST_GRPC")
	// The nonce's own e-mail is fine; the faults are those of the sign-up.
	_, err := org.SignUp(context.Background(), authflow.NewUser{
		Email: uniqueName() + "@example.com", FullName: strings.Repeat("a", 201), Disclaimed: true,
	})
	failure := refused(t, err, authflow.InvalidArgument)
	fields := map[string]bool{}
	for _, violation := range failure.Violations {
		fields[violation.Field] = violation.Message != ""
	}
	if len(fields) != 2 || !fields["password"] || !fields["fullname"] {
		t.Errorf("got %v", failure.Violations)
	}
}

// The stub over the same connection, with the errors of OrganizationService.
func TestReasonsOfTheRawStub(t *testing.T) {
	org := newOrganization(t, "AUTHFLOW_TEST_GRPC")
	organizations := authflowv1.NewOrganizationServiceClient(org.Conn())
	const nobody = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
	name := uniqueName()
	_, err := organizations.CreateOrganization(adminContext(t), &authflowv1.CreateOrganizationRequest{Name: name})
	fatalIf(t, err)

	_, err = organizations.CreateOrganization(adminContext(t), &authflowv1.CreateOrganizationRequest{Name: name})
	refused(t, authflow.DecodeError(err), authflow.OrganizationExists)
	_, err = organizations.GetOrganization(adminContext(t), &authflowv1.GetOrganizationRequest{OrgId: nobody})
	refused(t, authflow.DecodeError(err), authflow.OrganizationNotFound)
	_, err = organizations.GetOrganization(context.Background(), &authflowv1.GetOrganizationRequest{OrgId: org.id})
	refused(t, authflow.DecodeError(err), authflow.AdminTokenInvalid)
	_, err = organizations.RevokeApiKey(adminContext(t), &authflowv1.RevokeApiKeyRequest{OrgId: org.id, KeyId: nobody})
	refused(t, authflow.DecodeError(err), authflow.APIKeyNotFound)
	if authflow.DecodeError(nil) != nil {
		t.Error("no error became one")
	}
}

func TestErrorIsNoStatusOfTheCallers(t *testing.T) {
	org := newOrganization(t, "AUTHFLOW_TEST_GRPC")
	_, err := org.Login(context.Background(), uniqueName()+"@example.com", password)
	refused(t, err, authflow.UserNotFound)
	if code := status.Code(fmt.Errorf("log in: %w", err)); code != codes.Unknown {
		t.Errorf("a handler that returns the error answers %s", code)
	}
}

// It puts the clock of the servers forward, for good. What comes after it logs in anew.
func TestReasonsOfTime(t *testing.T) {
	ctx := context.Background()
	org := newOrganization(t, "AUTHFLOW_TEST_GRPC")
	session := org.loggedIn(t)
	nonce, err := org.FooBar(ctx, session.Email)
	fatalIf(t, err)

	control(t, "POST", fmt.Sprintf("/clock?seconds=%d", 6*60))
	refused(t, rawLogin(org, nonce.Token(), session.Email), authflow.NonceExpired)

	control(t, "POST", fmt.Sprintf("/clock?seconds=%d", int(time.Until(session.ExpiresAt).Seconds())+60))
	_, err = org.Validate(ctx, session.Token(), session.Email)
	refused(t, err, authflow.SessionExpired)
	fatalIf(t, org.Logout(ctx, session.Token(), session.Email))
}

func TestDeadlineExceeded(t *testing.T) {
	org := newOrganization(t, "AUTHFLOW_TEST_GRPC")
	hasty := newClient(t, standVariable(t, "AUTHFLOW_TEST_GRPC"), org.apiKey, authflow.WithDeadline(time.Nanosecond))
	_, err := hasty.Login(context.Background(), "ada@example.com", password)
	expectCode(t, err, codes.DeadlineExceeded)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v is no context.DeadlineExceeded", err)
	}
}

func rawLogin(org organization, nonce, email string) error {
	reply, err := org.Stub().Login(context.Background(), &authflowv1.LoginRequest{
		Foobar: nonce, Email: email, Password: password,
	})
	secrets.add(reply.GetToken())
	return authflow.DecodeError(err)
}

func expectCode(t *testing.T, err error, code codes.Code) {
	t.Helper()
	var failure *authflow.Error
	if !errors.As(err, &failure) || failure.Code != code || failure.Reason != "" {
		t.Fatalf("got %v, want %s", err, code)
	}
}
