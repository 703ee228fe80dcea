package authflow_test

import (
	"context"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"go.authflow.dev/authflow"
	"go.authflow.dev/authflow/authflowfake"
	authflowv1 "go.authflow.dev/gen/authflow/v1"
)

// factorStand is a fake or a server with an organization of its own, and what administrators and time do there.
type factorStand interface {
	authflow.Authenticator
	// clock is what time it is there.
	clock(t *testing.T) time.Time
	advance(t *testing.T, by time.Duration)
	configure(t *testing.T, settings authflowfake.Settings)
	setPassword(t *testing.T, user authflow.User, password string)
	disable(t *testing.T, user authflow.User)
	unlock(t *testing.T, user authflow.User)
	resetSecondFactor(t *testing.T, user authflow.User)
	// mailed is the token of a mail to the user.
	mailed(t *testing.T, step fakeStep) (token string)
	// mailedCode is that of the latest mail of a kind to the user, of which there are so many.
	mailedCode(t *testing.T, user authflow.User, kind authflowfake.MailKind, count int) string
}

type fakeStand struct {
	stepsBesideFake
	elapsed time.Duration
}

func (s *fakeStand) clock(*testing.T) time.Time { return time.Now().Add(s.elapsed) }

func (s *fakeStand) advance(_ *testing.T, by time.Duration) {
	s.Advance(by)
	s.elapsed += by
}

func (s *fakeStand) configure(_ *testing.T, settings authflowfake.Settings) { s.SetSettings(settings) }

func (s *fakeStand) setPassword(t *testing.T, user authflow.User, password string) {
	fatalIf(t, s.SetPassword(user.Email, password, true))
}

func (s *fakeStand) disable(t *testing.T, user authflow.User) {
	fatalIf(t, s.SetDisabled(user.Email, true))
}

func (s *fakeStand) unlock(t *testing.T, user authflow.User) { fatalIf(t, s.Unlock(user.Email)) }

func (s *fakeStand) resetSecondFactor(t *testing.T, user authflow.User) {
	fatalIf(t, s.ResetSecondFactor(user.Email))
}

func (s *fakeStand) mailedCode(t *testing.T, user authflow.User, kind authflowfake.MailKind, count int) (code string) {
	for _, mail := range s.Mails() {
		if mail.Kind == kind && mail.To == user.Email {
			code = mail.Code
			count--
		}
	}
	if count != 0 {
		t.Fatalf("%d mails of %s too few", count, kind)
	}
	return code
}

type serverStand struct{ stepsBesideServer }

// clock reads the time of the server off a nonce, which is good for five minutes.
func (s *serverStand) clock(t *testing.T) time.Time {
	nonce, err := s.FooBar(context.Background(), "clock@example.com")
	fatalIf(t, err)
	return nonce.ExpiresAt.Add(-5 * time.Minute)
}

func (s *serverStand) advance(t *testing.T, by time.Duration) {
	control(t, "POST", fmt.Sprintf("/clock?seconds=%d", int(by.Seconds())))
}

func (s *serverStand) configure(t *testing.T, settings authflowfake.Settings) {
	_, err := authflowv1.NewOrganizationServiceClient(s.Conn()).UpdateOrganization(adminContext(t), &authflowv1.UpdateOrganizationRequest{
		OrgId:                s.id,
		UpdateMask:           []string{"second_factor", "require_verified_email", "login_by_email"},
		SecondFactor:         string(settings.SecondFactor),
		RequireVerifiedEmail: settings.RequireVerifiedEmail,
		LoginByEmail:         settings.LoginByEmail,
	})
	fatalIf(t, err)
}

func (s *serverStand) users() authflowv1.UserServiceClient {
	return authflowv1.NewUserServiceClient(s.Conn())
}

func (s *serverStand) setPassword(t *testing.T, user authflow.User, password string) {
	_, err := s.users().SetPassword(adminContext(t), &authflowv1.SetPasswordRequest{
		OrgId: s.id, UserId: user.UserID, NewPassword: password, MustChange: true,
	})
	fatalIf(t, err)
}

func (s *serverStand) disable(t *testing.T, user authflow.User) {
	_, err := s.users().DisableUser(adminContext(t), &authflowv1.DisableUserRequest{OrgId: s.id, UserId: user.UserID})
	fatalIf(t, err)
}

func (s *serverStand) unlock(t *testing.T, user authflow.User) {
	_, err := s.users().UnlockUser(adminContext(t), &authflowv1.UnlockUserRequest{OrgId: s.id, UserId: user.UserID})
	fatalIf(t, err)
}

func (s *serverStand) resetSecondFactor(t *testing.T, user authflow.User) {
	_, err := s.users().ResetSecondFactor(adminContext(t), &authflowv1.ResetSecondFactorRequest{OrgId: s.id, UserId: user.UserID})
	fatalIf(t, err)
}

// onBoth runs a test against the fake and against a server, with the same outcome.
func onBoth(t *testing.T, test func(t *testing.T, stand factorStand)) {
	t.Run("the fake", func(t *testing.T) {
		test(t, &fakeStand{stepsBesideFake: stepsBesideFake{authflowfake.New()}})
	})
	t.Run("a server", func(t *testing.T) {
		test(t, &serverStand{stepsBesideServer{newOrganization(t, "AUTHFLOW_TEST_GRPC")}})
	})
}

// enrolled is a user with a second factor, and what the user has of it.
type enrolled struct {
	factorStand
	user          authflow.User
	session       authflow.Session
	secret        string
	recoveryCodes []string
}

func signUp(t *testing.T, stand factorStand) authflow.User {
	t.Helper()
	user, err := stand.SignUp(context.Background(), authflow.NewUser{
		Email: uniqueName() + "@example.com", Password: password, FullName: "Ada Lovelace", Disclaimed: true,
	})
	fatalIf(t, err)
	return user
}

// proveAddress takes the mail that proves it.
func proveAddress(t *testing.T, stand factorStand, user authflow.User) {
	t.Helper()
	fatalIf(t, stand.SendVerificationEmail(context.Background(), user.Email))
	_, err := stand.VerifyEmail(context.Background(), stand.mailed(t, fakeStep{Mail: "verify", Email: user.Email, To: user.Email}))
	fatalIf(t, err)
}

func enroll(t *testing.T, stand factorStand) *enrolled {
	t.Helper()
	user := signUp(t, stand)
	session, err := stand.Login(context.Background(), user.Email, password)
	fatalIf(t, err)
	return enrollBy(t, stand, user, session)
}

func enrollBy(t *testing.T, stand factorStand, user authflow.User, session authflow.Session) *enrolled {
	t.Helper()
	ctx := context.Background()
	secret, err := stand.EnableTOTP(ctx, authflow.TOTPSetup{SessionToken: session.Token()})
	fatalIf(t, err)
	e := &enrolled{factorStand: stand, user: user, session: session, secret: secret.Secret()}
	confirmed, err := stand.ConfirmTOTP(ctx, authflow.TOTPConfirmation{SessionToken: session.Token(), Code: e.code(t)})
	fatalIf(t, err)
	e.recoveryCodes = confirmed.RecoveryCodes.List()
	secrets.add(session.Token(), e.secret)
	secrets.add(e.recoveryCodes...)
	if len(e.recoveryCodes) != 10 || confirmed.Session != nil {
		t.Fatalf("got %d recovery codes, a session: %v", len(e.recoveryCodes), confirmed.Session != nil)
	}
	return e
}

// code is what the app shows now, by another implementation than the fake's.
func (e *enrolled) code(t *testing.T) string {
	t.Helper()
	return codeAt(t, e.secret, e.clock(t))
}

// nextCode is one that was not used yet.
func (e *enrolled) nextCode(t *testing.T) string {
	t.Helper()
	e.advance(t, 30*time.Second)
	return e.code(t)
}

// wrongCode is none that is good now.
func (e *enrolled) wrongCode(t *testing.T) string {
	t.Helper()
	good := map[string]bool{}
	for step := -3; step <= 3; step++ {
		good[codeAt(t, e.secret, e.clock(t).Add(time.Duration(step)*30*time.Second))] = true
	}
	for code := 0; ; code++ {
		if wrong := fmt.Sprintf("%06d", code); !good[wrong] {
			return wrong
		}
	}
}

func codeAt(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	code, err := totp.GenerateCode(secret, at)
	fatalIf(t, err)
	return code
}

// loginChallenge logs in and expects a challenge that takes these methods.
func loginChallenge(t *testing.T, stand factorStand, user authflow.User, password string, want authflow.Challenge) authflow.Challenge {
	t.Helper()
	step, err := stand.LoginStep(context.Background(), user.Email, password)
	return expectChallenge(t, stand, step, err, want)
}

// expectChallenge expects one with the reason and methods of another.
func expectChallenge(t *testing.T, stand factorStand, step authflow.LoginStep, err error, want authflow.Challenge) authflow.Challenge {
	t.Helper()
	challenge, ok := step.(authflow.Challenge)
	if err != nil || !ok || challenge.Reason != want.Reason || !reflect.DeepEqual(challenge.Methods, want.Methods) {
		t.Fatalf("got %v, %v, want %v", step, err, want)
	}
	secrets.add(challenge.Token())
	left := challenge.ExpiresAt.Sub(stand.clock(t))
	if left > 10*time.Minute || left < 9*time.Minute || challenge.Token() == "" {
		t.Fatalf("it expires in %s", left)
	}
	return challenge
}

// expectSession expects one that is live, and tells how many recovery codes are left; -1 where it does not tell.
func expectSession(t *testing.T, stand factorStand, step authflow.LoginStep, err error) (session authflow.Session, codesLeft int) {
	t.Helper()
	session, ok := step.(authflow.Session)
	if err != nil || !ok {
		t.Fatalf("got %v, %v", step, err)
	}
	secrets.add(session.Token())
	if _, err := stand.Validate(context.Background(), session.Token(), session.Email); err != nil {
		t.Fatal(err)
	}
	if session.RecoveryCodesLeft == nil {
		return session, -1
	}
	return session, int(*session.RecoveryCodesLeft)
}

func needing(reason authflow.Reason, methods ...authflow.ChallengeMethod) authflow.Challenge {
	return authflow.Challenge{Reason: reason, Methods: methods}
}

var (
	withoutMail  = needing(authflow.SecondFactorRequired, authflow.MethodTOTP, authflow.MethodRecovery)
	withMail     = needing(authflow.SecondFactorRequired, authflow.MethodTOTP, authflow.MethodEmail, authflow.MethodRecovery)
	setup        = needing(authflow.SecondFactorRequired, authflow.MethodSetup)
	mailAndSetup = needing(authflow.SecondFactorRequired, authflow.MethodEmail, authflow.MethodSetup)
	newPassword  = needing(authflow.PasswordChangeRequired, authflow.MethodChangePassword)
)
