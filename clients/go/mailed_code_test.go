package authflow_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"go.authflow.dev/authflow"
	"go.authflow.dev/authflow/authflowfake"
)

// A user gets one mail of a kind a minute at most.
const untilAnotherMail = 61 * time.Second

func TestACodeByMailIsASecondFactor(t *testing.T) {
	onBoth(t, func(t *testing.T, stand factorStand) {
		ctx := context.Background()
		e := enroll(t, stand)
		proveAddress(t, stand, e.user)
		challenge := loginChallenge(t, stand, e.user, password, withMail)
		_, err := stand.VerifyEmailCode(ctx, challenge.Token(), "123456")
		refused(t, err, authflow.CodeInvalid)
		expiresAt, err := stand.SendEmailCode(ctx, challenge.Token())
		if err != nil || !expiresAt.Equal(challenge.ExpiresAt) {
			t.Errorf("good until %s, %v", expiresAt, err)
		}
		void := stand.mailedCode(t, e.user, authflowfake.MailSecondFactorCode, 1)
		// The latest is good alone, whatever challenge asked for it.
		stand.advance(t, untilAnotherMail)
		other := loginChallenge(t, stand, e.user, password, withMail)
		_, err = stand.SendEmailCode(ctx, other.Token())
		fatalIf(t, err)
		latest := stand.mailedCode(t, e.user, authflowfake.MailSecondFactorCode, 2)
		_, err = stand.VerifyEmailCode(ctx, challenge.Token(), void)
		refused(t, err, authflow.CodeInvalid)
		step, err := stand.VerifyEmailCode(ctx, other.Token(), latest)
		if _, left := expectSession(t, stand, step, err); left != -1 {
			t.Errorf("%d recovery codes are told", left)
		}
		_, err = stand.VerifyEmailCode(ctx, other.Token(), latest)
		refused(t, err, authflow.ChallengeInvalid)
	})
}

func TestTheSetupOfAProvenAddressBeginsWithACodeByMail(t *testing.T) {
	onBoth(t, func(t *testing.T, stand factorStand) {
		ctx := context.Background()
		user := signUp(t, stand)
		proveAddress(t, stand, user)
		stand.configure(t, authflowfake.Settings{SecondFactor: authflowfake.SecondFactorRequired})
		challenge := loginChallenge(t, stand, user, password, mailAndSetup)
		_, err := stand.SendEmailCode(ctx, challenge.Token())
		fatalIf(t, err)
		step, err := stand.VerifyEmailCode(ctx, challenge.Token(), stand.mailedCode(t, user, authflowfake.MailSecondFactorCode, 1))
		opened := expectChallenge(t, stand, step, err, setup)
		secret, err := stand.EnableTOTP(ctx, authflow.TOTPSetup{Challenge: opened.Token()})
		fatalIf(t, err)
		confirmed, err := stand.ConfirmTOTP(ctx, authflow.TOTPConfirmation{
			Challenge: opened.Token(), Code: codeAt(t, secret.Secret(), stand.clock(t)),
		})
		if err != nil || confirmed.Session == nil {
			t.Fatalf("got %v, %v", confirmed, err)
		}
		expectSession(t, stand, *confirmed.Session, nil)
	})
}

func TestALoginByMail(t *testing.T) {
	onBoth(t, func(t *testing.T, stand factorStand) {
		ctx := context.Background()
		user := signUp(t, stand)
		stand.configure(t, authflowfake.Settings{LoginByEmail: true, RequireVerifiedEmail: true})
		send := func(email string) authflow.Challenge {
			t.Helper()
			challenge, err := stand.SendLoginCode(ctx, email)
			if err != nil {
				t.Fatal(err)
			}
			return expectChallenge(t, stand, challenge, err, needing("", authflow.MethodEmail))
		}
		nobodys := send(uniqueName() + "@example.com")
		for try := 0; try < 5; try++ {
			_, err := stand.VerifyEmailCode(ctx, nobodys.Token(), "123456")
			refused(t, err, authflow.CodeInvalid)
		}
		_, err := stand.VerifyEmailCode(ctx, nobodys.Token(), "123456")
		refused(t, err, authflow.ChallengeInvalid)
		_, err = stand.SendEmailCode(ctx, nobodys.Token())
		refused(t, err, authflow.ChallengeInvalid)

		former := send(user.Email)
		void := stand.mailedCode(t, user, authflowfake.MailLoginCode, 1)
		stand.advance(t, untilAnotherMail)
		challenge := send(user.Email)
		code := stand.mailedCode(t, user, authflowfake.MailLoginCode, 2)
		_, err = stand.VerifyEmailCode(ctx, former.Token(), void)
		refused(t, err, authflow.CodeInvalid)
		step, err := stand.VerifyEmailCode(ctx, challenge.Token(), code)
		session, _ := expectSession(t, stand, step, err)
		account, err := stand.Me(ctx, session.Token(), "")
		if err != nil || !account.EmailVerified {
			t.Errorf("got %v, %v", account, err)
		}

		e := enrollBy(t, stand, user, session)
		stand.advance(t, untilAnotherMail)
		challenge = send(user.Email)
		step, err = stand.VerifyEmailCode(ctx, challenge.Token(), stand.mailedCode(t, user, authflowfake.MailLoginCode, 3))
		more := expectChallenge(t, stand, step, err, withoutMail)
		step, err = stand.VerifyTOTP(ctx, more.Token(), e.nextCode(t))
		expectSession(t, stand, step, err)
	})
}

// mailedCode reads it as an administrator does where there is no mail server. The stand's servers keep their data beside
// the certificates.
func (s *serverStand) mailedCode(t *testing.T, user authflow.User, kind authflowfake.MailKind, count int) string {
	authflow := func(arguments ...string) []byte {
		command := exec.Command("node", append([]string{"../../src/cli/authflow.js", "mail"}, append(arguments, "--json")...)...)
		folder := filepath.Dir(standVariable(t, "AUTHFLOW_TEST_CERTIFICATES"))
		command.Env = []string{"PATH=" + os.Getenv("PATH"), "AUTHFLOW_DATA_DIR=" + filepath.Join(folder, "plain")}
		printed, err := command.Output()
		var failed *exec.ExitError
		if errors.As(err, &failed) {
			t.Fatalf("authflow mail %v: %s", arguments, failed.Stderr)
		}
		fatalIf(t, err)
		return printed
	}
	var latest string
	eventually(t, "the mail is made", func() bool {
		var mails []struct {
			ID     string `json:"mail_id"`
			UserID string `json:"user_id"`
			Kind   string `json:"kind"`
		}
		decodeJSON(t, authflow("list", s.id), &mails)
		found := 0
		for _, mail := range mails {
			if mail.UserID == user.UserID && mail.Kind == string(kind) {
				latest = mail.ID
				found++
			}
		}
		return found == count
	})
	var mail struct {
		Text string `json:"text"`
	}
	decodeJSON(t, authflow("show", latest), &mail)
	return regexp.MustCompile(`(?m)^[0-9]{6}$`).FindString(mail.Text)
}
