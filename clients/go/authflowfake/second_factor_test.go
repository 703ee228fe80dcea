package authflowfake_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"go.authflow.dev/authflow"
	"go.authflow.dev/authflow/authflowfake"
)

// The secret and the codes of RFC 6238, appendix B, by the last six of their eight digits.
func TestCodesAreThoseOfTheRFC(t *testing.T) {
	const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
	for unix, want := range map[int64]string{
		59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037",
	} {
		fake := authflowfake.New()
		// A second into its step, so that no second of the test's leads out of it.
		fake.Advance(time.Until(time.Unix(unix/30*30+1, 0)))
		code, err := fake.TOTPCode(secret)
		if err != nil || code != want {
			t.Errorf("%d: got %s, %v, want %s", unix, code, err, want)
		}
	}
	if _, err := authflowfake.New().TOTPCode("no base32"); err == nil {
		t.Error("a secret that is none has a code")
	}
}

func TestCodesOfMails(t *testing.T) {
	ctx := context.Background()
	fake := authflowfake.New()
	secret := enrolled(t, fake)
	fatalIf(t, fake.SendVerificationEmail(ctx, ada))
	_, err := fake.VerifyEmail(ctx, fake.Mails()[0].Token)
	fatalIf(t, err)

	challenge := challengeOf(t, fake, authflow.MethodTOTP, authflow.MethodEmail, authflow.MethodRecovery)
	expiresAt, err := fake.SendEmailCode(ctx, challenge.Token())
	if err != nil || !expiresAt.Equal(challenge.ExpiresAt) {
		t.Errorf("good until %s, %v", expiresAt, err)
	}
	first := latestMail(fake)
	if first.Kind != authflowfake.MailSecondFactorCode || first.To != ada || len(first.Code) != 6 || first.Token != "" {
		t.Errorf("got %+v", first)
	}
	_, err = fake.SendEmailCode(ctx, challenge.Token())
	fatalIf(t, err)
	latest := latestMail(fake)
	if first.Code != latest.Code {
		_, err = fake.VerifyEmailCode(ctx, challenge.Token(), first.Code)
		expectReason(t, err, authflow.CodeInvalid)
	}
	step, err := fake.VerifyEmailCode(ctx, challenge.Token(), latest.Code)
	session, ok := step.(authflow.Session)
	if err != nil || !ok || session.RecoveryCodesLeft != nil {
		t.Fatalf("got %v, %v", step, err)
	}
	_, err = fake.VerifyEmailCode(ctx, challenge.Token(), latest.Code)
	expectReason(t, err, authflow.ChallengeInvalid)

	// A code is of the challenge that asked for it, until another one does.
	asked, other := challengeOf(t, fake), challengeOf(t, fake)
	_, err = fake.SendEmailCode(ctx, asked.Token())
	fatalIf(t, err)
	void := latestMail(fake).Code
	fake.Advance(time.Minute)
	expiresAt, err = fake.SendEmailCode(ctx, other.Token())
	if err != nil || !expiresAt.Equal(other.ExpiresAt) {
		t.Errorf("good until %s, beyond its challenge, %v", expiresAt, err)
	}
	_, err = fake.VerifyEmailCode(ctx, asked.Token(), void)
	expectReason(t, err, authflow.CodeInvalid)

	code, err := fake.TOTPCode(secret)
	fatalIf(t, err)
	_, err = fake.VerifyTOTP(ctx, other.Token(), code)
	fatalIf(t, err)
}

const ada = "ada@example.com"

// enrolled gives the user a second factor, and tells its secret. Its codes are good again from now on.
func enrolled(t *testing.T, fake *authflowfake.Fake) string {
	t.Helper()
	return enrolledBy(t, fake, loggedIn(t, fake))
}

func enrolledBy(t *testing.T, fake *authflowfake.Fake, session authflow.Session) string {
	t.Helper()
	secret, err := fake.EnableTOTP(context.Background(), authflow.TOTPSetup{SessionToken: session.Token()})
	fatalIf(t, err)
	code, err := fake.TOTPCode(secret.Secret())
	fatalIf(t, err)
	_, err = fake.ConfirmTOTP(context.Background(), authflow.TOTPConfirmation{SessionToken: session.Token(), Code: code})
	fatalIf(t, err)
	fake.Advance(30 * time.Second)
	return secret.Secret()
}

func challengeOf(t *testing.T, fake *authflowfake.Fake, methods ...authflow.ChallengeMethod) authflow.Challenge {
	t.Helper()
	step, err := fake.LoginStep(context.Background(), ada, password)
	challenge, ok := step.(authflow.Challenge)
	if err != nil || !ok || methods != nil && len(methods) != len(challenge.Methods) {
		t.Fatalf("got %v, %v", step, err)
	}
	for _, method := range methods {
		if !challenge.Takes(method) {
			t.Fatalf("got %v", challenge)
		}
	}
	return challenge
}

func latestMail(fake *authflowfake.Fake) authflowfake.Mail {
	mails := fake.Mails()
	return mails[len(mails)-1]
}

func expectReason(t *testing.T, err error, reason authflow.Reason) {
	t.Helper()
	var failure *authflow.Error
	if !errors.As(err, &failure) || failure.Reason != reason || failure.Message == "" {
		t.Errorf("got %v, want %s", err, reason)
	}
}
