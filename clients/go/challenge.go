package authflow

import (
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
)

// ChallengeMethod is a way to answer a challenge. The list grows: offer those that you know.
type ChallengeMethod string

// The methods of this release.
const (
	// MethodTOTP is a code of the user's authenticator app: [Client.VerifyTOTP].
	MethodTOTP ChallengeMethod = "totp"
	// MethodEmail is a code by mail: [Client.SendEmailCode], then [Client.VerifyEmailCode].
	MethodEmail ChallengeMethod = "email"
	// MethodRecovery is one of the user's recovery codes: [Client.VerifyRecoveryCode].
	MethodRecovery ChallengeMethod = "recovery"
	// MethodSetup is that a user without a second factor sets one up: [Client.EnableTOTP], then [Client.ConfirmTOTP]. Where
	// MethodEmail stands beside it, the code of a mail comes first and leads to another challenge.
	MethodSetup ChallengeMethod = "setup"
	// MethodChangePassword is a new password: [Client.ResetPassword] with the challenge as its token, and the present
	// password. It opens no session: the user logs in again.
	MethodChangePassword ChallengeMethod = "change_password"
)

// Challenge is what a login needs before it opens a session. It is good for 10 minutes and 5 tries. Printed by fmt, logged
// or serialized it has no token; it serializes with the wire's names.
type Challenge struct {
	// Reason is [SecondFactorRequired] or [PasswordChangeRequired]; empty where [Client.SendLoginCode] gave the challenge.
	Reason Reason `json:"reason"`
	// Methods are the ways to answer it, also those that this release does not know.
	Methods   []ChallengeMethod `json:"methods"`
	ExpiresAt time.Time         `json:"expires_at"`
	token     secret
}

// NewChallenge makes a challenge, for an [Authenticator] of your own.
func NewChallenge(reason Reason, token string, methods []ChallengeMethod, expiresAt time.Time) Challenge {
	return Challenge{Reason: reason, Methods: append([]ChallengeMethod{}, methods...), ExpiresAt: expiresAt, token: newSecret(token)}
}

// Token is the challenge itself, "challenge" of the wire. It stands for a password that was right: keep it in your backend,
// or in a cookie that no script reads.
func (c Challenge) Token() string { return c.token.reveal() }

// Takes tells whether a method answers the challenge.
func (c Challenge) Takes(method ChallengeMethod) bool {
	for _, each := range c.Methods {
		if each == method {
			return true
		}
	}
	return false
}

type seenChallenge struct {
	Reason    Reason            `json:"reason"`
	Methods   []ChallengeMethod `json:"methods"`
	ExpiresAt time.Time         `json:"expires_at"`
}

func (c Challenge) seen() seenChallenge { return seenChallenge{c.Reason, c.Methods, c.ExpiresAt} }

// challengeIn is the challenge of a refused login; nil where there is none, or none that can be read.
func challengeIn(info *errdetails.ErrorInfo) *Challenge {
	reason := Reason(info.GetReason())
	if reason != SecondFactorRequired && reason != PasswordChangeRequired {
		return nil
	}
	metadata := info.GetMetadata()
	expiresAt, err := time.Parse(time.RFC3339, metadata["expires_at"])
	methods := []ChallengeMethod{}
	for _, method := range strings.FieldsFunc(metadata["methods"], func(r rune) bool { return r == ',' }) {
		methods = append(methods, ChallengeMethod(method))
	}
	if err != nil || metadata["challenge"] == "" || len(methods) == 0 {
		return nil
	}
	challenge := NewChallenge(reason, metadata["challenge"], methods, expiresAt.UTC())
	return &challenge
}
